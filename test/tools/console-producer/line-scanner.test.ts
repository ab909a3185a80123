/** Goal: lines come out as Java's BufferedReader cuts them, wherever the chunks of the input end. */
import { describe, expect, test } from 'vitest';
import { LineScanner } from '../../../src/tools/console-producer/line-scanner.ts';

function scan(chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const scanner = new LineScanner((source, start, end) => lines.push(source.toString('utf8', start, end)));
  for (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  return lines;
}

const INPUTS: readonly (readonly [string, string, string[]])[] = [
  ['line feeds', 'a\nbc\n\nd\n', ['a', 'bc', '', 'd']],
  ['a last line without an end', 'a\nb', ['a', 'b']],
  ['carriage return and line feed', 'a\r\nb\r\n', ['a', 'b']],
  ['carriage returns alone', 'a\rb\r\rc', ['a', 'b', '', 'c']],
  ['all of them mixed', 'a\n\rb\r\n\r\nc\n\n', ['a', '', 'b', '', 'c', '']],
  ['nothing', '', []],
  ['only a line end', '\n', ['']],
  ['letters of several bytes', 'é\n漢字\n🎉x\n', ['é', '漢字', '🎉x']],
];

describe('lines', () => {
  test.each(INPUTS)('%s, in one chunk and cut at every place', (_, input, lines) => {
    const bytes = Buffer.from(input);
    expect(scan([bytes])).toEqual(lines);
    for (let at = 0; at <= bytes.length; at++) {
      expect(scan([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(lines);
    }
    expect(scan([...bytes].map((byte) => Buffer.from([byte])))).toEqual(lines);
  });

  test('bytes that are no UTF-8 become the replacement character, in their own line only', () => {
    const bytes = Buffer.concat([Buffer.from('ok é\n'), Buffer.from([0xff, 0xfe, 0x00, 0x01]), Buffer.from('\nok\n')]);
    expect(scan([bytes])).toEqual(['ok é', '\ufffd\ufffd\0\x01', 'ok']);
  });

  test('a chunk may be used again after it was pushed', () => {
    const lines: string[] = [];
    const scanner = new LineScanner((source, start, end) => lines.push(source.toString('utf8', start, end)));
    const chunk = Buffer.from('whole\nbegun');
    scanner.push(chunk);
    chunk.fill('x');
    scanner.push(Buffer.from(' and ended\n'));
    expect(lines).toEqual(['whole', 'begun and ended']);
  });
});
