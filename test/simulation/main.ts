/** `npm run simulate -- --seeds 10000 [--from N] [--trace] [--nodes N]`: runs scenarios, prints those that fail. */
import { runScenario, SimulationFailure } from './scenario.ts';

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

const single = process.env.OTTLA_SIM_SEED;
const from = Number(option('from') ?? single ?? 1);
const count = Number(option('seeds') ?? (single === undefined ? 100 : 1));
const nodeCount = option('nodes');
const isTraced = process.argv.includes('--trace') || process.env.OTTLA_SIM_TRACE === '1';
const trace = isTraced ? (line: string) => process.stdout.write(`${line}\n`) : undefined;

// Errors are ordinary here, and their stacks cost more than all else.
if (!isTraced) Error.stackTraceLimit = 0;
let current = from;
const PROGRESS_SEEDS = 100;
let failed = 0;
// What escapes through a microtask ends a broker as surely as what a caller sees.
const escaped = (error: unknown): void => {
  process.stdout.write(`seed ${current}: an exception escaped: ${error instanceof Error ? error.stack : error}\n`);
  failed++;
};
process.on('uncaughtException', escaped);
process.on('unhandledRejection', escaped);

const startedAt = performance.now();
const sums = {
  events: 0,
  faults: 0,
  losses: 0,
  committedRecords: 0,
  ackedRecords: 0,
  leaderEpochs: 0,
  quorumEpochs: 0,
  committedOffsets: 0,
  simulatedMs: 0,
};
for (; current < from + count; current++) {
  const done = current - from;
  if (done > 0 && done % PROGRESS_SEEDS === 0) process.stderr.write(`${done} seeds, ${failed} failed\n`);
  try {
    const result = await runScenario({
      seed: current,
      trace,
      ...(nodeCount === undefined ? {} : { nodeCount: Number(nodeCount) }),
    });
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += result[key];
  } catch (error) {
    failed++;
    process.stdout.write(`${error instanceof SimulationFailure ? error.message : String(error)}\n`);
  }
}
const seconds = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage();
process.stdout.write(
  `${count} seeds from ${from}: ${failed} failed, ${(count / seconds).toFixed(2)} seeds/s, ${((user + system) / 1e6 / count).toFixed(2)} s of processor a seed\n`,
);
process.stdout.write(`${JSON.stringify(sums)}\n`);
process.exitCode = failed > 0 ? 1 : 0;
process.exit();
