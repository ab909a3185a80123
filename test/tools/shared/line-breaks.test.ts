/** Goal: texts break where Java's line BreakIterator breaks them; each expectation is Java's own answer. */
import { expect, test } from 'vitest';
import { breakPieces } from '../../../src/tools/shared/line-breaks.ts';

test.each([
  'host1:|port1,|host2:|port2',
  '1.5.6',
  'a--|b',
  '--|allow-|x',
  '(a)|b',
  '30-|day',
  ' |-1 ',
  'a,|-1',
  'x=-|1',
  "'k1=v1'",
  'a |1,2 |b',
  'a/b',
  '[{"topic": |"foo", |"partition": |1}],',
  '1,000.5|x',
])('%s', (withBars) => {
  expect(breakPieces(withBars.replaceAll('|', '')).join('|')).toBe(withBars);
});
