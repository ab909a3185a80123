import { describe, expect, test } from 'vitest';
import { Reader } from '../../src/protocol/reader.ts';
import { array, bytes, data, int32, request, string, struct } from '../../src/protocol/schema.ts';
import { parseVersions } from '../../src/protocol/versions.ts';
import { Writer } from '../../src/protocol/writer.ts';

const sample = request('Sample', 99, '0-3', '2+', () => ({
  name: string('0+'),
  since1: int32('1+', { default: -1 }),
  ignorable1: int32('1+', { ignorable: true }),
  only0: string('0', { default: 'old' }),
  items: array('1+', { key: string('1+'), deep: int32('3+', { default: 5 }) }, { nullable: '2+' }),
  extra: struct('2+', { a: int32('2+'), b: string('2+') }, { tag: 1 }),
  blob: bytes('2+', { tag: 0, nullable: '2+', default: null }),
}));

function encoded(version: number, value: Parameters<typeof sample.encode>[2]): Buffer {
  const writer = new Writer();
  sample.encode(writer, version, value);
  return writer.finishWhole();
}

const unsupported = expect.objectContaining({ errorName: 'UNSUPPORTED_VERSION' });

// Goal: one schema stands for all versions as Kafka's generator has it.
describe('a message in several versions', () => {
  test('a field that the version does not have reads as its default', () => {
    const decoded = sample.decode(new Reader(encoded(0, { name: 'x', only0: 'y' })), 0);
    expect(decoded).toMatchObject({ name: 'x', since1: -1, ignorable1: 0, only0: 'y', items: [], blob: null });
    expect(decoded.extra).toMatchObject({ a: 0, b: '' });
  });

  test('a value that the version cannot carry is an error, its default is not', () => {
    expect(() => encoded(0, { since1: 3 })).toThrow(unsupported);
    expect(() => encoded(1, { only0: 'new' })).toThrow(unsupported);
    expect(() => encoded(1, { extra: { a: 1 } })).toThrow(unsupported);
    expect(() => encoded(2, { items: [{ deep: 6 }] })).toThrow(unsupported);
    expect(() => encoded(0, { items: [{}] })).toThrow(unsupported);
    expect(encoded(0, { since1: -1, items: [], extra: { a: 0 } })).toEqual(encoded(0, {}));
    expect(encoded(2, { items: [{ deep: 5 }] })).toEqual(encoded(2, { items: [{}] }));
  });

  test('a value that may be left out is left out in silence', () => {
    expect(encoded(0, { ignorable1: 7 })).toEqual(encoded(0, {}));
  });

  test('null goes only where the version allows it', () => {
    const refused = expect.objectContaining({ errorName: 'INVALID_REQUEST' });
    expect(() => encoded(1, { items: null })).toThrow(refused);
    expect(sample.decode(new Reader(encoded(2, { items: null })), 2).items).toBeNull();
  });

  test('tagged fields are written in the order of their tags, and only when they say something', () => {
    const bare = encoded(3, {}).length;
    expect(encoded(3, { extra: { a: 0, b: '' }, blob: null }).length).toBe(bare);
    const full = encoded(3, { extra: { a: 1, b: 'z' }, blob: Buffer.from('q') });
    expect(full.subarray(bare - 1).toString('hex')).toBe('02' + '000202' + '71' + '01070000000102' + '7a' + '00');
    const decoded = sample.decode(new Reader(full), 3);
    expect(decoded.extra).toMatchObject({ a: 1, b: 'z' });
    expect(decoded.blob?.toString()).toBe('q');
  });

  test('tags that the schema does not know are kept and passed on', () => {
    const unknownTaggedFields = [{ tag: 77, data: Buffer.from('later') }];
    const frame = encoded(3, { items: [{ key: 'k', unknownTaggedFields }], unknownTaggedFields });
    const decoded = sample.decode(new Reader(frame), 3);
    expect(decoded.unknownTaggedFields?.[0]?.tag).toBe(77);
    expect(encoded(3, decoded)).toEqual(frame);
  });

  test('a tagged field that lies about its size does not shift what follows', () => {
    // Tag 1 claims 9 bytes but its struct takes 7; the two left over are skipped.
    const frame = Buffer.from('01ffffffff000000000101010900000001027a00eeee', 'hex');
    expect(sample.decode(new Reader(frame), 3).extra).toMatchObject({ a: 1, b: 'z' });
  });

  test('a number outside its type is a RangeError that names the value', () => {
    expect(() => encoded(1, { since1: 2 ** 31 })).toThrow(/2147483648 is outside the range of int32/);
  });
});

test('versions are written as in Kafka', () => {
  expect(parseVersions('3+')).toEqual({ min: 3, max: 32767 });
  expect(parseVersions('3-5')).toEqual({ min: 3, max: 5 });
  expect(parseVersions('4')).toEqual({ min: 4, max: 4 });
  expect(parseVersions('none')).toEqual({ min: 0, max: -1 });
  expect(() => parseVersions('1..2')).toThrow(RangeError);
});

test('a schema in two places may be nested to any depth', () => {
  const inner = { values: array('0+', array('0+', int32('0+'))) };
  const nested = data('Nested', -1, '0', '0+', () => ({
    a: array('0+', inner),
    b: struct('0+', inner, { nullable: '0+' }),
  }));
  const value = { a: [{ values: [[1, 2], []] }, { values: [] }], b: { values: [[3]] } };
  const writer = new Writer();
  nested.encode(writer, 0, value);
  expect(nested.decode(new Reader(writer.finishWhole()), 0)).toMatchObject(value);
});
