/**
 * Whole clusters on simulated time, network and disks, under faults, from one seed each: nothing that was acknowledged is
 * lost, doubled or reordered, and everybody agrees. More of it: `npm run simulate -- --seeds 10000`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runScenario, type ScenarioResult } from './scenario.ts';

const BUDGET_MS = 25_000;
const LONE_BUDGET_MS = 10_000;
const LIMIT_MS = 90_000;
const MIN_SEEDS = 5;

const { stackTraceLimit } = Error;

beforeAll(() => {
  // Errors are ordinary here, and their stacks cost more than all else.
  Error.stackTraceLimit = 0;
});

afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

/** Runs seeds from `from` on while there is time, at least a few; the sum of what they came to. */
async function runSeeds(from: number, nodeCount: number, budgetMs: number): Promise<ScenarioResult> {
  const untilMs = performance.now() + budgetMs;
  const results: ScenarioResult[] = [];
  for (let seed = from; results.length < MIN_SEEDS || performance.now() < untilMs; seed++) {
    results.push(await runScenario({ seed, nodeCount }));
  }
  return results.reduce((sum, result) => ({
    events: sum.events + result.events,
    faults: sum.faults + result.faults,
    losses: sum.losses + result.losses,
    committedRecords: sum.committedRecords + result.committedRecords,
    ackedRecords: sum.ackedRecords + result.ackedRecords,
    leaderEpochs: sum.leaderEpochs + result.leaderEpochs,
    quorumEpochs: sum.quorumEpochs + result.quorumEpochs,
    committedOffsets: sum.committedOffsets + result.committedOffsets,
    simulatedMs: sum.simulatedMs + result.simulatedMs,
  }));
}

describe('under faults of network, disks, clocks and processes', () => {
  test('three brokers keep what they acknowledged', { timeout: LIMIT_MS }, async () => {
    const result = await runSeeds(1, 3, BUDGET_MS);
    expect(result.ackedRecords).toBeGreaterThan(100);
    expect(result.faults).toBeGreaterThan(50);
    expect(result.leaderEpochs).toBeGreaterThan(10);
    expect(result.quorumEpochs).toBeGreaterThan(MIN_SEEDS);
    expect(result.committedOffsets).toBeGreaterThan(5);
  });

  test('a lone broker that syncs every write keeps what it acknowledged', { timeout: LIMIT_MS }, async () => {
    const result = await runSeeds(1_000_001, 1, LONE_BUDGET_MS);
    expect(result.ackedRecords).toBeGreaterThan(100);
    expect(result.faults).toBeGreaterThan(50);
  });

  test('a run from one seed is always the same', { timeout: LIMIT_MS }, async () => {
    const runs: string[][] = [];
    for (let i = 0; i < 2; i++) {
      const lines: string[] = [];
      await runScenario({ seed: 7, nodeCount: 3, durationMs: 3000, trace: (line) => lines.push(line) });
      runs.push(lines);
    }
    expect(runs[0]?.length).toBeGreaterThan(20);
    expect(runs[1]).toEqual(runs[0]);
  });
});
