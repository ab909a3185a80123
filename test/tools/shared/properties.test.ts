/** Goal: .properties files mean what they mean to Java. */
import { expect, test } from 'vitest';
import { parseKeyValues, parseProperties } from '../../../src/tools/shared/properties.ts';

test.each([
  ['a=b', { a: 'b' }],
  ['a : b', { a: 'b' }],
  ['a b c', { a: 'b c' }],
  ['  # comment\n! another\n\na=1', { a: '1' }],
  ['a=1\\\n   2\nb=3', { a: '12', b: '3' }],
  ['a\\ b=c\\=d', { 'a b': 'c=d' }],
  ['a=\\u00e9\\tx\\\\', { a: 'é\tx\\' }],
  ['a', { a: '' }],
  ['a=1\r\na=2', { a: '2' }],
  ['a= x = y ', { a: 'x = y ' }],
])('%j', (text, expected) => {
  expect(Object.fromEntries(parseProperties(text))).toEqual(expected);
});

test('key=value options split at the first equals sign, and later ones win', () => {
  expect(Object.fromEntries(parseKeyValues(['a=b=c', 'd', 'e=', 'a=x']))).toEqual({ a: 'x', d: '', e: '' });
});
