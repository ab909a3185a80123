import { describe, expect, it } from 'vitest';
import { Chaos, type ChaosOptions } from './chaos.ts';

/** Replay one run with `OTTLA_RAFT_SEED=<seed> npx vitest run test/raft/chaos.test.ts`; its log is printed. */
const REPLAY_SEED = process.env['OTTLA_RAFT_SEED'];
/** More runs for a long search: `OTTLA_RAFT_RUNS=5000`. */
const RUNS = Number(process.env['OTTLA_RAFT_RUNS'] ?? 100);

function seeds(first: number, count: number): number[] {
  return REPLAY_SEED === undefined ? Array.from({ length: count }, (_, i) => first + i) : [Number(REPLAY_SEED)];
}

async function run(options: Omit<ChaosOptions, 'seed' | 'durationMs'>, first: number, count: number) {
  const total = { committedCount: 0, epochs: 0, snapshotLoads: 0 };
  for (const seed of seeds(first, count)) {
    // The test runner must hear from its worker now and then.
    await new Promise((resolve) => setImmediate(resolve));
    const lines: string[] = [];
    let nowMs = () => 0;
    const chaos = new Chaos({
      ...options,
      seed,
      durationMs: 12_000,
      ...(REPLAY_SEED === undefined
        ? {}
        : { logger: (id: number, message: string) => lines.push(`${nowMs().toFixed(1)} node ${id}: ${message}`) }),
    });
    nowMs = () => chaos.quorum.clock.monotonicMs();
    try {
      const result = chaos.run();
      total.committedCount += result.committedCount;
      total.epochs += result.epochs;
      total.snapshotLoads += result.snapshotLoads;
    } catch (error) {
      if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
      throw new Error(`seed ${seed} (OTTLA_RAFT_SEED=${seed}): ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
  return total;
}

// Goal: no schedule of lost, doubled and reordered messages, crashes that lose unsynced writes, and restarts makes two
// leaders of one epoch, loses or changes what was committed, or moves a high watermark back.
describe('a quorum under faults keeps its promises', () => {
  it('with three voters', { timeout: 300_000 }, async () => {
    const total = await run({ voters: 3 }, 1, RUNS);
    expect(total.committedCount).toBeGreaterThan(0);
    expect(total.epochs).toBeGreaterThan(RUNS / 2);
    expect(total.snapshotLoads).toBeGreaterThan(0);
  });

  it('with five voters', { timeout: 300_000 }, async () => {
    expect((await run({ voters: 5 }, 10_001, RUNS / 2)).committedCount).toBeGreaterThan(0);
  });

  it('with static voters', { timeout: 300_000 }, async () => {
    expect((await run({ voters: 3, kraftVersion: 0 }, 20_001, RUNS / 4)).committedCount).toBeGreaterThan(0);
  });

  it('with voters that come and go', { timeout: 300_000 }, async () => {
    expect((await run({ voters: 3, hasMembershipChanges: true }, 30_001, RUNS / 2)).committedCount).toBeGreaterThan(0);
  });
});
