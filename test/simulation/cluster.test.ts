/**
 * Whole clusters on simulated time, network and disks, under faults, from one seed each: nothing that was acknowledged is
 * lost, doubled or reordered, and everybody agrees. More of it: `npm run simulate -- --seeds 10000`.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Coverage } from './coverage.ts';
import { runScenario } from './scenario.ts';

const LIMIT_MS = 240_000;
const SEEDS = 200;
/** On a crowded machine there are fewer. */
const BUDGET_SECONDS = 60;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the command in a process of its own: bundled, scenarios take a fraction of the time that they take in here. */
function simulate(...options: string[]): Promise<{ code: number | null; output: string }> {
  const command = ['scripts/run-ts.mjs', 'test/simulation/main.ts', '--workers', '1', '--json', ...options];
  const child = spawn(process.execPath, command, { cwd: ROOT });
  let output = '';
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

function resultOf(output: string): { seeds: number; coverage: Coverage } {
  return JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? '');
}

describe('under faults of network, disks, clocks and processes', () => {
  test('clusters keep what they acknowledged, and everybody agrees', { timeout: LIMIT_MS }, async () => {
    const { code, output } = await simulate('--seeds', String(SEEDS), '--seconds', String(BUDGET_SECONDS));
    expect(code, output).toBe(0);
    const { seeds, coverage } = resultOf(output);
    expect(seeds).toBeGreaterThan(0);
    expect(coverage.ackedRecords).toBeGreaterThan(30 * seeds);
    expect(coverage.faults).toBeGreaterThan(8 * seeds);
    expect(coverage.leaderEpochs).toBeGreaterThan(3 * seeds);
    // Each kind of thing that can happen did, where there was the time for all.
    if (seeds === SEEDS) for (const [name, sum] of Object.entries(coverage)) expect(sum, name).toBeGreaterThan(0);
  });

  test('a run from one seed is always the same', { timeout: LIMIT_MS }, async () => {
    const runs: string[][] = [];
    for (let i = 0; i < 2; i++) {
      const lines: string[] = [];
      await runScenario({ seed: 7, trace: (line) => lines.push(line) });
      runs.push(lines);
    }
    expect(runs[0]?.length).toBeGreaterThan(20);
    expect(runs[1]).toEqual(runs[0]);
  });
});
