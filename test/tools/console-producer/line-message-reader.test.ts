/** Goal: keys, headers and nulls are read from lines as Kafka's LineMessageReader reads them, with its error texts. */
import { describe, expect, test } from 'vitest';
import { LineFormatError, LineMessageReader } from '../../../src/tools/console-producer/line-message-reader.ts';

function reader(properties: Record<string, string>): LineMessageReader {
  return new LineMessageReader(new Map(Object.entries({ topic: 't', ...properties })));
}

function read(properties: Record<string, string>, line: string) {
  const { key, value, headers } = reader(properties).read(line);
  return {
    key: key?.toString() ?? null,
    value: value?.toString() ?? null,
    headers: headers.map((header) => [header.key, header.value === null ? null : Buffer.from(header.value).toString()]),
  };
}

const KEYS = { 'parse.key': 'true' };
const HEADERS = { 'parse.headers': 'true' };
const BOTH = { ...KEYS, ...HEADERS };

describe('records', () => {
  test.each([
    ['a plain value', {}, 'a\tb', null, 'a\tb', []],
    ['key and value', KEYS, 'k\tv', 'k', 'v', []],
    ['the value keeps later separators', KEYS, 'k\tv\tw', 'k', 'v\tw', []],
    ['an empty value is no null', KEYS, 'k\t', 'k', '', []],
    ['an empty key is no null', KEYS, '\tv', '', 'v', []],
    ['a separator of several characters', { ...KEYS, 'key.separator': '::' }, 'k::v', 'k', 'v', []],
    [
      'headers',
      HEADERS,
      'h1:v1,h2:v2\tv',
      null,
      'v',
      [
        ['h1', 'v1'],
        ['h2', 'v2'],
      ],
    ],
    ['a header value keeps later separators', HEADERS, 'h:a:b\tv', null, 'v', [['h', 'a:b']]],
    ['headers and key', BOTH, 'h:1\tk\tv', 'k', 'v', [['h', '1']]],
    ['empty headers at the end are dropped', HEADERS, 'a:1,,\tv', null, 'v', [['a', '1']]],
    [
      'the headers separator is a pattern',
      { ...HEADERS, 'headers.separator': '[;|]' },
      'a:1;b:2|c:3\tv',
      null,
      'v',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    ['a null key', { ...KEYS, 'null.marker': 'N' }, 'N\tv', null, 'v', []],
    ['a null value', { ...KEYS, 'null.marker': 'N' }, 'k\tN', 'k', null, []],
    ['an empty marker makes empty values null', { 'null.marker': '' }, '', null, null, []],
    ['null headers and a null header value', { ...BOTH, 'null.marker': 'N' }, 'h:N\tN\tN', null, null, [['h', null]]],
    ['no headers at all', { ...HEADERS, 'null.marker': 'N' }, 'N\tv', null, 'v', []],
    ['ignored: no key', { ...KEYS, 'ignore.error': 'true' }, 'v', null, 'v', []],
    ['ignored: a header without separator', { ...HEADERS, 'ignore.error': 'true' }, 'h\tv', null, 'v', [['h', null]]],
    ['ignored: an empty headers part', { ...HEADERS, 'ignore.error': 'true' }, '\tv', null, 'v', [['', null]]],
    ['true in any case, with blanks', { 'parse.key': ' TRUE ' }, 'k\tv', 'k', 'v', []],
    ['anything else is false', { 'parse.key': 'yes' }, 'k\tv', null, 'k\tv', []],
  ] as const)('%s', (_, properties, line, key, value, headers) => {
    expect(read(properties, line)).toEqual({ key, value, headers });
  });
});

describe('errors', () => {
  test('name the line by its number, those that were skipped included', () => {
    const lines = reader(KEYS);
    lines.read('a\tb');
    lines.skipLine();
    expect(() => lines.read('no key')).toThrow(
      new LineFormatError("No key separator found on line number 3: 'no key'"),
    );
  });

  test.each([
    [HEADERS, 'v', "No headers delimiter found on line number 1: 'v'"],
    [HEADERS, 'h\tv', "No header key separator found in pair 'h' on line number 1"],
    [
      { ...HEADERS, 'null.marker': 'N' },
      'N:1\tv',
      "Header keys should not be equal to the null marker 'N' as they can't be null",
    ],
  ])('%o %s', (properties, line, message) => {
    expect(() => reader(properties).read(line)).toThrow(new LineFormatError(message));
  });

  test.each([
    [{ 'headers.separator': ':' }, 'headers.separator and headers.key.separator may not be equal'],
    [{ 'headers.delimiter': ',' }, 'headers.delimiter and headers.separator may not be equal'],
    [{ 'headers.delimiter': ':' }, 'headers.delimiter and headers.key.separator may not be equal'],
    [{ 'null.marker': '\t' }, 'null.marker and key.separator may not be equal'],
    [{ 'null.marker': ',' }, 'null.marker and headers.separator may not be equal'],
    [{ 'null.marker': ':' }, 'null.marker and headers.key.separator may not be equal'],
  ])('properties that contradict one another: %o', (properties, message) => {
    expect(() => reader(properties)).toThrow(new LineFormatError(message));
  });
});
