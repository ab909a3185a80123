import { describe, expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { Writer } from '../../src/protocol/writer.ts';

function written(write: (writer: Writer) => void): string {
  const writer = new Writer(1);
  write(writer);
  return writer.finishWhole().toString('hex');
}

const readerOf = (hex: string): Reader => new Reader(Buffer.from(hex, 'hex'));

// Goal: each primitive has exactly the bytes that Kafka's protocol guide gives it.
describe('primitive types', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16384, '808001'],
    [4294967295, 'ffffffff0f'],
  ])('an unsigned varint of %d', (value, hex) => {
    expect(written((writer) => writer.uvarint(value))).toBe(hex);
    expect(readerOf(hex).uvarint()).toBe(value);
  });

  test.each([
    [0, '0000000000000000'],
    [-1, 'ffffffffffffffff'],
    [4294967296, '0000000100000000'],
    [-4294967297, 'fffffffeffffffff'],
    [Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
    [Number.MIN_SAFE_INTEGER, 'ffe0000000000001'],
    [Number.POSITIVE_INFINITY, '7fffffffffffffff'],
    [Number.NEGATIVE_INFINITY, '8000000000000000'],
  ])('an int64 of %d', (value, hex) => {
    expect(written((writer) => writer.int64(value))).toBe(hex);
    expect(readerOf(hex).int64()).toBe(value);
  });

  test('an int64 that a number cannot hold exactly is refused, never rounded', () => {
    expect(() => readerOf('0020000000000000').int64()).toThrow(/received 9007199254740992/);
    expect(() => written((writer) => writer.int64(2 ** 53))).toThrow(RangeError);
    expect(() => written((writer) => writer.int64(1.5))).toThrow(RangeError);
  });

  test.each([
    ['int8', 128],
    ['int8', -129],
    ['int16', 32768],
    ['uint16', -1],
    ['uint16', 65536],
    ['int32', 2147483648],
    ['uint32', -1],
    ['int32', 0.5],
    ['int16', Number.NaN],
  ] as const)('%s refuses %d', (kind, value) => {
    expect(() => written((writer) => writer[kind](value))).toThrow(/is outside the range of/);
  });

  test('strings have a length in bytes, not in characters', () => {
    expect(written((writer) => writer.string('é'))).toBe('0002c3a9');
    expect(written((writer) => writer.compactString('é'))).toBe('03c3a9');
    expect(written((writer) => writer.nullableString(null))).toBe('ffff');
    expect(written((writer) => writer.compactNullableString(null))).toBe('00');
  });

  test.each(['', 'plain', 'a'.repeat(40), 'é', '日本語テキスト', '👍', 'mixed é', `${'x'.repeat(300)}ü`, '\ud800'])(
    'a string comes back: %j',
    (text) => {
      const expected = Buffer.from(text).toString();
      for (const kind of ['string', 'nullableString', 'compactString', 'compactNullableString'] as const) {
        const hex = written((writer) => writer[kind](text));
        expect(readerOf(hex)[kind](), kind).toBe(expected);
      }
    },
  );

  test('a string of more than 32767 bytes fits compact strings only', () => {
    const text = 'x'.repeat(32768);
    expect(() => written((writer) => writer.string(text))).toThrow(/longer than 32767/);
    expect(readerOf(written((writer) => writer.compactString(text))).compactString()).toBe(text);
  });

  test('uuids are sixteen bytes', () => {
    expect(written((writer) => writer.uuid('AAAAAAAAAAAAAAAAAAAAAQ'))).toBe('00000000000000000000000000000001');
    expect(readerOf('00000000000000000000000000000001').uuid()).toBe('AAAAAAAAAAAAAAAAAAAAAQ');
    expect(() => written((writer) => writer.uuid('no uuid'))).toThrow(RangeError);
  });

  test.each([
    ['string', 'ffff'],
    ['compactString', '00'],
    ['bytes', 'ffffffff'],
    ['compactBytes', '00'],
  ] as const)('%s does not take null', (kind, hex) => {
    expect(() => readerOf(hex)[kind]()).toThrow(KafkaError);
  });

  test('an unsigned varint of more than 32 bits is refused', () => {
    expect(() => readerOf('ffffffffff01').uvarint()).toThrow(KafkaError);
    expect(() => readerOf('ffffffff1f').uvarint()).toThrow(KafkaError);
  });
});

// Goal: the writer keeps the order of what it copies and what it refers to, however its buffer grows.
describe('chunks of records', () => {
  test('large records are referred to, not copied', () => {
    const records = Buffer.alloc(5000, 7);
    const writer = new Writer(8);
    writer.int32(1);
    writer.records(records);
    writer.int32(2);
    const chunks = writer.finish();
    expect(chunks.some((chunk) => chunk === records)).toBe(true);
    expect(Buffer.concat(chunks).toString('hex')).toBe(`00000001${'00001388'}${'07'.repeat(5000)}00000002`);
  });

  test('several chunks count as one value', () => {
    const chunks = [Buffer.alloc(3000, 1), Buffer.alloc(2, 2), Buffer.alloc(4000, 3)];
    const hex = written((writer) => writer.compactRecords(chunks));
    expect(readerOf(hex).compactBytes().equals(Buffer.concat(chunks))).toBe(true);
  });

  test('the size of a sized part is right whatever its width', () => {
    for (const size of [0, 1, 127, 128, 16383, 16384, 70000]) {
      const hex = written((writer) => {
        writer.int8(9);
        const start = writer.beginSized();
        writer.raw(Buffer.alloc(size, 5));
        writer.endSized(start);
        writer.int8(8);
      });
      const reader = readerOf(hex);
      expect(reader.int8()).toBe(9);
      expect(reader.uvarint()).toBe(size);
      expect(reader.view(size).equals(Buffer.alloc(size, 5))).toBe(true);
      expect(reader.int8()).toBe(8);
      expect(reader.remaining).toBe(0);
    }
  });

  test('a number can be patched into the first bytes, also behind large records', () => {
    const writer = new Writer(4);
    writer.int32(0);
    writer.records(Buffer.alloc(9000, 1));
    writer.patchInt32(0, writer.sizeBytes - 4);
    expect(Buffer.concat(writer.finish()).readInt32BE(0)).toBe(9004);
  });
});
