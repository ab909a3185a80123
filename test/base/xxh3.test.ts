/** Goal: the hash is XXH3's, in each of its ranges of length. Expected values are of the reference implementation. */
import { expect, test } from 'vitest';
import { xxh3 } from '../../src/base/xxh3.ts';

test.each([
  [0, '2d06800538d394c2'],
  [1, '4c5cca45d0f4811f'],
  [3, '6e3e2670e61106ac'],
  [4, '5c4c63133443d03f'],
  [8, 'f9fd4dd0b04d78f5'],
  [9, '7c20df9712c26edf'],
  [16, '86abf6baccea0858'],
  [17, 'b58bf5dc5022d071'],
  [32, 'e3712ed84c04a66e'],
  [33, 'a4dee99b093e1f73'],
  [64, '1291d2d4042330dd'],
  [65, '97c6bf83217e5ec9'],
  [96, '81296929fc063365'],
  [97, 'f145a45b658ab9dd'],
  [128, '10d17f72c0ccba41'],
  [129, '1648bdc3db49d1a2'],
  [240, 'b6cfaf343fab81e6'],
  [241, '956cae592c67279e'],
  [1024, '70bd377d9574f4bb'],
  [1025, '66c4487c41e127a7'],
  [1088, 'f43dc77e28a9acbc'],
  [1089, '313bc7ee32bbfa2e'],
  [2048, '8b46caa67dab3a30'],
  [5000, 'e4007929540f095c'],
] as const)('%i bytes', (length, expected) => {
  const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 131 + 7) & 255));
  expect(xxh3(bytes).toString(16).padStart(16, '0')).toBe(expected);
});
