/** Goal: the help of kafka-consumer-perf-test is the same text each time but for the number in the group's name. */
import { expect, test } from 'vitest';
import type { Random } from '../../../src/base/random.ts';
import { tool } from '../../../src/tools/consumer-perf-test/command.ts';
import { runTool, TestIo } from '../test-io.ts';

class ChanceIo extends TestIo {
  override readonly random: Random;

  constructor(float: number) {
    super();
    this.random = {
      float: () => float,
      int: (bound) => Math.floor(float * bound),
      bytes: (count) => Buffer.alloc(count),
    };
  }
}

test('a small random number leaves the lines of the help as wide as a large one does', async () => {
  const helps = [];
  for (const float of [0, 0.0001, 0.05, 0.5, 0.999_999]) {
    const { code, stderr } = await runTool(tool, ['--help'], new ChanceIo(float));
    expect(code).toBe(1);
    expect(stderr).toMatch(/perf-consumer-\d+/);
    helps.push(stderr.replace(/perf-consumer-\d+/, 'perf-consumer-<N>'));
  }
  expect(new Set(helps).size).toBe(1);
});
