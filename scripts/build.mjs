// Builds dist/ (bundled JavaScript and type declarations) and the launchers in bin/. `--watch` is left out on purpose:
// a build takes well under a second.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const withTypes = process.argv.includes('--types');

// Pure JavaScript that every tool needs is bundled, because one file opens faster than thirty; what is native, or only
// loaded in some actions, stays a package of its own.
const BUNDLED = ['commander'];
const external = Object.keys(manifest.dependencies).filter((name) => !BUNDLED.includes(name));

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { index: 'src/index.ts', main: 'src/tools/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external,
  
  // Bundled CommonJS calls require for node: modules.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
});

mkdirSync(join(root, 'bin'), { recursive: true });
for (const [command, file] of Object.entries(manifest.bin)) {
  const path = join(root, file);
  const text = `#!/usr/bin/env node
import { runTool } from '../dist/main.js';

process.exitCode = await runTool('${command.replace(/\.sh$/, '')}', process.argv.slice(2));
`;
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  chmodSync(path, 0o755);
}

if (withTypes) {
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' });
}
