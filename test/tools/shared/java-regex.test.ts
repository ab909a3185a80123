/** Goal: patterns of topics mean what they mean in Java, and a broken one is refused in Java's words. */
import { describe, expect, test } from 'vitest';
import { javaRegex } from '../../../src/tools/shared/java-regex.ts';

describe('a pattern', () => {
  test.each([
    ['orders.*', 'orders-1', true],
    ['orders', 'orders-1', false],
    ['(?i)ORDERS', 'orders', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['a++b', 'aaab', true],
  ])('%s matches whole names: %s %s', (pattern, name, isMatch) => {
    expect(javaRegex(pattern).test(name)).toBe(isMatch);
  });

  // As java.util.regex.Pattern.compile of Java 25 refuses them.
  test.each([
    ['(', 'Unclosed group near index 1\n('],
    ['*', "Dangling meta character '*' near index 0\n*\n^"],
    ['a)', "Unmatched closing ')' near index 0\na)\n^"],
    [')', "Unmatched closing ')'\n)"],
    ['[a', 'Unclosed character class near index 1\n[a\n ^'],
    ['[^', 'Unclosed character class near index 1\n[^\n ^'],
    ['a**', "Dangling meta character '*' near index 2\na**\n  ^"],
    ['a|*b', "Dangling meta character '*' near index 2\na|*b\n  ^"],
    ['a\\', 'Unescaped trailing backslash near index 2\na\\'],
    ['(a|b', 'Unclosed group near index 4\n(a|b'],
    ['x(y[z)', 'Unclosed character class near index 5\nx(y[z)\n     ^'],
  ])('%s is refused', (pattern, message) => {
    expect(() => javaRegex(pattern)).toThrow(expect.objectContaining({ message }));
  });
});
