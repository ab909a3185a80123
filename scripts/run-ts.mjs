// Runs one TypeScript file of the repository, with arguments: `node scripts/run-ts.mjs bench/main.ts --quick`.
// Node 20 cannot do that itself; the file is bundled to a temporary place in node_modules, so that packages resolve.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [file, ...rest] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node scripts/run-ts.mjs FILE.ts [ARGUMENTS]\n');
  process.exit(2);
}
const folder = join(root, 'node_modules', '.cache', 'ottla');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `${file.replaceAll(/[^a-z0-9]/gi, '-')}-${process.pid}.mjs`);
await build({
  absWorkingDir: root,
  entryPoints: [file],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.argv = [process.argv[0] ?? 'node', file, ...rest];
process.on('exit', () => rmSync(outfile, { force: true }));
await import(pathToFileURL(outfile).href);
