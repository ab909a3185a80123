import { describe, expect, test } from 'vitest';
import { BatchBuilder } from '../../src/records/batch-builder.ts';
import { ordinary, scanOrdinaryRecords } from '../../src/records/ordinary-records.ts';
import * as batch from '../../src/records/record-batch.ts';
import { RecordCursor } from '../../src/records/record-cursor.ts';

const NOW = 1_700_000_000_000;
const AT = batch.BATCH_HEADER_SIZE;

interface RecordParts {
  readonly timestamp?: number;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: { key: string; value: Buffer | null }[];
}

function build(records: readonly RecordParts[]): Buffer {
  const builder = new BatchBuilder();
  for (const { timestamp = NOW, key = null, value = null, headers = [] } of records) {
    builder.append(timestamp, key, value, headers);
  }
  return builder.finish({});
}

const scan = (bytes: Buffer, needsKeys = false): boolean =>
  scanOrdinaryRecords(bytes, AT, bytes.length, batch.recordCount(bytes, 0), needsKeys);

/** What a walk with the cursor says of the same records; undefined when it finds them wrong or their offsets odd. */
function walk(bytes: Buffer, needsKeys = false): { least: number; greatest: number } | undefined {
  const cursor = new RecordCursor();
  let [least, greatest, index] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  try {
    cursor.open(bytes, 0);
    while (cursor.next()) {
      cursor.checkHeaders();
      if (cursor.offsetDelta !== index++ || (needsKeys && !cursor.hasKey)) return undefined;
      least = Math.min(least, cursor.timestamp - batch.baseTimestamp(bytes, 0));
      greatest = Math.max(greatest, cursor.timestamp - batch.baseTimestamp(bytes, 0));
    }
  } catch {
    return undefined;
  }
  return { least, greatest };
}

/** The same numbers in every run (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe('the quick look at records', () => {
  test('is enough for what producers send, and knows the timestamps', () => {
    const records = Array.from({ length: 20_000 }, (_, i) => ({
      timestamp: NOW + ((i * 7919) % 100_000) - 50_000,
      key: i % 3 === 0 ? null : Buffer.from(`key ${i}`),
      value: i % 5 === 0 ? null : Buffer.alloc(i % 300, 1),
      headers: i % 4 === 0 ? [{ key: 'trace', value: i % 8 === 0 ? null : Buffer.from('abc') }] : [],
    }));
    const bytes = build(records);
    expect(scan(bytes)).toBe(true);
    expect({ least: ordinary.minTimestampDelta, greatest: ordinary.maxTimestampDelta }).toEqual(walk(bytes));
  });

  test('takes the greatest delta of records that are all older than the base timestamp', () => {
    const bytes = build([{ timestamp: NOW }, { timestamp: NOW + 3 }]);
    // Zigzag of -7 and -4 in place of 0 and 3.
    bytes[AT + 2] = 13;
    bytes[AT + 9] = 7;
    expect(scan(bytes)).toBe(true);
    expect([ordinary.minTimestampDelta, ordinary.maxTimestampDelta]).toEqual([-7, -4]);
  });

  test.each<[string, Buffer]>([
    ['a value of a MiB', build([{ value: Buffer.alloc(1 << 20) }])],
    ['timestamps far apart', build([{}, { timestamp: NOW + 3_600_000 }])],
    ['many headers', build([{ headers: Array.from({ length: 64 }, () => ({ key: 'k', value: null })) }])],
  ])('leaves %s to the cursor', (_what, bytes) => {
    expect(scan(bytes)).toBe(false);
  });

  test('finds a record without a key where keys are needed', () => {
    expect(scan(build([{ key: Buffer.alloc(0) }, { key: Buffer.from('k') }]), true)).toBe(true);
    expect(scan(build([{ key: Buffer.from('k') }, {}]), true)).toBe(false);
  });

  test('never calls records ordinary that the cursor finds wrong, whatever bytes are broken', () => {
    const pick = numbers(20261130);
    let agreed = 0;
    for (let round = 0; round < 30_000; round++) {
      const records = Array.from({ length: 1 + pick(4) }, () => ({
        timestamp: NOW + pick(200) - 100,
        key: pick(2) === 0 ? null : Buffer.alloc(pick(3) === 0 ? 70 + pick(100) : pick(8)),
        value: pick(4) === 0 ? null : Buffer.alloc(pick(3) === 0 ? 70 + pick(100) : pick(8)),
        headers: Array.from({ length: pick(3) }, () => ({ key: 'h', value: pick(2) === 0 ? null : Buffer.alloc(2) })),
      }));
      const bytes = build(records);
      for (let changes = pick(4); changes > 0; changes--) bytes[AT + pick(bytes.length - AT)] = pick(256) >> pick(8);
      const needsKeys = pick(4) === 0;
      if (!scan(bytes, needsKeys)) continue;
      agreed++;
      const found = { least: ordinary.minTimestampDelta, greatest: ordinary.maxTimestampDelta };
      expect(found, bytes.toString('hex')).toEqual(walk(bytes, needsKeys));
    }
    expect(agreed).toBeGreaterThan(5000);
  });
});
