/**
 * `npm run simulate -- --seeds 10000 [--from N] [--workers N] [--nodes N] [--seconds N] [--stop-after N] [--trace] [--json]`: runs
 * scenarios in several processes, prints those that fail and how to see them again, and what all came to. Ends with 1
 * when one failed. --seconds: begins no further seed after that time; --stop-after: nor after so many have failed.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describeCoverage } from './coverage.ts';
import { type PoolResult, runPool, type SeedReport, serveSeeds } from './pool.ts';
import { runScenario } from './scenario.ts';

const DEFAULT_SEEDS = 100;
const PROGRESS_MS = 10_000;
const MAX_SHOWN = 10;

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

function numberOption(name: string, otherwise: number): number {
  const text = option(name);
  const value = Number(text ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name} must be a whole number from 1 on, received ${JSON.stringify(text)}`);
  }
  return value;
}

const nodeCount = option('nodes') === undefined ? {} : { nodeCount: numberOption('nodes', 3) };
const isTraced = process.argv.includes('--trace') || process.env.OTTLA_SIM_TRACE === '1';

// Errors are ordinary here, and their stacks cost more than all else.
if (!isTraced) Error.stackTraceLimit = 0;

// What escapes through a microtask ends a broker as surely as what a caller sees.
let escaped: string[] = [];
const noteEscaped = (error: unknown): void => {
  escaped.push(`an exception escaped: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
};
process.on('uncaughtException', noteEscaped);
process.on('unhandledRejection', noteEscaped);

async function runSeed(seed: number): Promise<SeedReport> {
  const trace = isTraced ? (line: string) => process.stdout.write(`${line}\n`) : undefined;
  const { user, system } = process.cpuUsage();
  escaped = [];
  const failures: string[] = [];
  const coverage = await runScenario({ seed, trace, ...nodeCount }).catch((error: unknown) => {
    failures.push(error instanceof Error ? error.message : String(error));
    return undefined;
  });
  failures.push(...escaped.map((what) => `seed ${seed}: ${what}`));
  const used = process.cpuUsage({ user, system });
  return { seed, coverage, failures, cpuMs: (used.user + used.system) / 1000 };
}

function* numbers(from: number, count: number, isOver: () => boolean = () => false): Generator<number> {
  for (let i = 0; i < count && !isOver(); i++) yield from + i;
}

async function runAll(from: number, count: number): Promise<PoolResult> {
  const workers = Math.min(count, numberOption('workers', Math.min(availableParallelism(), count)));
  const args = Object.entries(nodeCount).flatMap(([, nodes]) => ['--nodes', String(nodes)]);
  let shownAtMs = performance.now();
  const untilMs = shownAtMs + 1000 * numberOption('seconds', Number.MAX_SAFE_INTEGER);
  let failedCount = 0;
  const stopAfter = numberOption('stop-after', Number.MAX_SAFE_INTEGER);
  return await runPool({
    file: fileURLToPath(import.meta.url),
    args,
    workers,
    seeds: numbers(from, count, () => failedCount >= stopAfter || performance.now() >= untilMs),
    onReport: ({ failures }, done) => {
      if (failures.length > 0 && ++failedCount <= MAX_SHOWN) process.stdout.write(`${failures.join('\n')}\n`);
      if (performance.now() < shownAtMs + PROGRESS_MS) return;
      shownAtMs = performance.now();
      process.stderr.write(`${done} of ${count} seeds, ${failedCount} failed\n`);
    },
  });
}

async function main(): Promise<void> {
  const single = process.env.OTTLA_SIM_SEED;
  const from = numberOption('from', Number(single ?? 1));
  const count = numberOption('seeds', single === undefined ? DEFAULT_SEEDS : 1);
  const startedAt = performance.now();
  if (isTraced) {
    for (const seed of numbers(from, count)) {
      const { failures } = await runSeed(seed);
      process.stdout.write(failures.length > 0 ? `${failures.join('\n')}\n` : `seed ${seed}: nothing is wrong\n`);
      if (failures.length > 0) process.exitCode = 1;
    }
    return;
  }
  const { seeds, failed, coverage, cpuMs } = await runAll(from, count);
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(
    process.argv.includes('--json')
      ? `${JSON.stringify({ seeds, coverage })}\n`
      : `${describeCoverage(coverage, seeds)}\n`,
  );
  const failedSeeds = failed.map(({ seed }) => seed).sort((a, b) => a - b);
  for (const seed of failedSeeds) {
    process.stdout.write(`FAILED: npm run simulate -- --from ${seed} --seeds 1 --trace\n`);
  }
  process.stdout.write(
    `${seeds} seeds from ${from}: ${failed.length} failed, ${seconds.toFixed(0)} s, ${(seeds / seconds).toFixed(1)} seeds/s, ${(cpuMs / seeds).toFixed(0)} ms of processor a seed\n`,
  );
  process.exitCode = failed.length > 0 ? 1 : 0;
}

if (process.argv.includes('--worker')) serveSeeds(runSeed);
else await main();
