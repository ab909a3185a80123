import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { batchOf, contentsOf, setUp } from './helpers.ts';

const CODECS = ['none', 'none', 'gzip', 'lz4'] as const;

/**
 * Goal: whatever is done to a log in whatever order, it holds what a plain list would hold, in memory and in its files,
 * over clean and unclean stops.
 */
describe('random operations', () => {
  test.each([1, 2, 3, 4])('agree with a model (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const { open, clock, directory } = setUp({ maxOpenFiles: 6 });
    const config = { segmentBytes: 1500, indexIntervalBytes: 100, fileDeleteDelayMs: 100 };
    let log: PartitionLog = open(config);
    // Batches that the log should hold.
    let model: { base: number; values: string[] }[] = [];
    let epoch = 0;
    let recoveryPoint = 0;
    let logStartOffset = 0;
    const end = (): number => {
      const last = model.at(-1);
      return last === undefined ? log.logEndOffset : last.base + last.values.length;
    };
    const append = (): void => {
      const values = Array.from({ length: 1 + random.int(4) }, (_, i) =>
        `${log.logEndOffset + i}`.padEnd(random.int(120), '.'),
      );
      const base = log.appendAsLeader(batchOf(values, { codec: CODECS[random.int(4)] ?? 'none' }), epoch).baseOffset;
      model.push({ base, values });
    };
    const restart = (isClean: boolean): void => {
      recoveryPoint = log.recoveryPoint;
      logStartOffset = log.logStartOffset;
      log.close(isClean);
      log = open(config, { hadCleanShutdown: isClean, recoveryPoint, logStartOffset });
      log.updateHighWatermark(log.logEndOffset);
    };
    const truncate = (): void => {
      const target = log.logStartOffset + random.int(log.logEndOffset - log.logStartOffset + 1);
      log.truncateTo(target);
      model = model.filter(({ base, values }) => base + values.length <= target);
      epoch++;
    };
    const deleteRecords = (): void => {
      log.updateHighWatermark(log.logEndOffset);
      log.advanceLogStartOffset(log.logStartOffset + random.int(1 + (log.logEndOffset - log.logStartOffset) / 4));
      log.applyRetention();
    };
    for (let step = 0; step < 150; step++) {
      const dice = random.int(20);
      if (dice < 12) append();
      else if (dice < 14) truncate();
      else if (dice < 16) deleteRecords();
      else if (dice === 16) log.roll();
      else if (dice === 17) log.flush();
      else restart(dice === 18);
      clock.advance(random.int(200));
      expect(log.logEndOffset, `end after step ${step} in ${directory}`).toBe(Math.max(end(), log.logStartOffset));
      const expected = model.flatMap(({ base, values }) => values.map((value, i) => `${base + i}:${value}`));
      const from = log.logStartOffset + random.int(log.logEndOffset - log.logStartOffset + 1);
      const atOrAfter = (offset: number) => expected.filter((line) => Number(line.split(':')[0]) >= offset);
      expect(contentsOf(log, from, 100 + random.int(2000)), `step ${step}`).toEqual(atOrAfter(from));
    }
    log.close();
  });
});
