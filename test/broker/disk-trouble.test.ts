/** Goal: who runs a broker hears of a full disk, and hears it once, not once a partition and second. */
import { expect, test } from 'vitest';
import { DiskTrouble } from '../../src/broker/disk-trouble.ts';
import { ManualClock } from '../groups/manual-clock.ts';

test('one refusal stands for those of the next half minute', () => {
  const clock = new ManualClock();
  const said: string[] = [];
  const logger = { info: () => {}, warn: () => {}, error: (message: string) => void said.push(message) };
  const trouble = new DiskTrouble(clock, logger);
  trouble.report('records for a-0 are refused', new Error('ENOSPC'));
  trouble.report('records for a-1 are refused', new Error('ENOSPC'));
  clock.advance(29_999);
  trouble.report('records for a-2 are refused', new Error('ENOSPC'));
  expect(said).toEqual(['records for a-0 are refused']);
  clock.advance(1);
  trouble.report('records for a-3 are refused', new Error('ENOSPC'));
  expect(said).toHaveLength(2);
});
