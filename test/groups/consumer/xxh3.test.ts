/** Goal: the hash is XXH3 with 64 bits, in each of its ranges of length. Expected values are of the reference implementation. */
import { expect, test } from 'vitest';
import { xxh3 } from '../../../src/groups/consumer/xxh3.ts';

test.each([
  [0, '2d06800538d394c2'],
  [16, '86abf6baccea0858'],
  [128, '10d17f72c0ccba41'],
  [240, 'b6cfaf343fab81e6'],
  [5000, 'e4007929540f095c'],
] as const)('%i bytes', (length, expected) => {
  const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 131 + 7) & 255));
  expect(xxh3(bytes).toString(16).padStart(16, '0')).toBe(expected);
});
