/**
 * `npm run mutate -- [--only TEXT] [--seeds N] [--stop-after N] [--workers N]`: puts deliberate mistakes
 * into ottla, one at a time and in a bundle only, and says after how many seeds the simulation finds each. Ends with 1
 * when it does not find one.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { MUTATIONS, type Mutation } from './mutations.ts';

const FOLDER = 'node_modules/.cache/ottla';
const DEFAULT_SEEDS = 3000;

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

function mutated({ name, file, from, to }: Mutation): Plugin {
  const path = join(process.cwd(), file);
  const source = readFileSync(path, 'utf8');
  if (source.split(from).length !== 2) throw new Error(`"${name}": ${file} does not have this once: ${from}`);
  return {
    name: 'mutation',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, (loaded) =>
        loaded.path === path ? { contents: source.replace(from, () => to), loader: 'ts' } : undefined,
      );
    },
  };
}

async function run(mutation: Mutation): Promise<boolean> {
  mkdirSync(FOLDER, { recursive: true });
  const outfile = `${FOLDER}/mutant-${process.pid}.mjs`;
  await build({
    entryPoints: ['test/simulation/main.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
    plugins: [mutated(mutation)],
  });
  const seeds = option('seeds') ?? String(DEFAULT_SEEDS);
  const options = [
    '--seeds',
    seeds,
    '--stop-after',
    option('stop-after') ?? '3',
    '--workers',
    option('workers') ?? '2',
  ];
  const { stdout, stderr } = spawnSync(process.execPath, [outfile, '--from', option('from') ?? '1', ...options], {
    encoding: 'utf8',
  });
  rmSync(outfile);
  const lines = stdout.split('\n');
  const said = lines.find((line) => line.startsWith('seed ')) ?? '';
  const summary = lines.find((line) => / seeds from /.test(line)) ?? '';
  const failed = / seeds from \d+: (\d+) failed/.exec(summary)?.[1];
  // A mutant that does not run at all was not found by the simulation.
  if (failed === undefined) throw new Error(`"${mutation.name}" does not run: ${stderr}`);
  const isFound = failed !== '0';
  process.stdout.write(`${isFound ? 'found' : 'NOT FOUND'}: ${mutation.name}\n  ${summary}\n  ${said.slice(0, 200)}\n`);
  return isFound;
}

let missed = 0;
for (const mutation of MUTATIONS) {
  if (!mutation.name.includes(option('only') ?? '')) continue;
  if (!(await run(mutation))) missed++;
}
process.exitCode = missed > 0 ? 1 : 0;
