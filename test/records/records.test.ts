import { describe, expect, test } from 'vitest';
import { BatchBuilder, type BatchOptions, type HeaderToWrite } from '../../src/records/batch-builder.ts';
import {
  buildControlBatch,
  buildEndTransactionMarker,
  controlRecordType,
  markerCoordinatorEpoch,
} from '../../src/records/control-record.ts';
import * as batch from '../../src/records/record-batch.ts';
import { forEachRecord, RecordCursor } from '../../src/records/record-cursor.ts';
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from '../../src/records/varint.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

// As a real 4.4.0 broker stored it: headers h1=v1 and h2=null, then a record with a null key.
const REAL_BATCH = hex(`
  00 00 00 00 00 00 00 00  00 00 00 56  00 00 00 00  02  17 4d 9a cc  00 00  00 00 00 01
  00 00 01 8b cf e5 68 00  00 00 01 8b cf e5 68 05  ff ff ff ff ff ff ff ff  ff ff  ff ff ff ff  00 00 00 02
  2e 00 00 00 04 6b 31 0a 68 65 6c 6c 6f 04 04 68 31 04 76 31 04 68 32 01
  18 00 0a 02 01 0c 73 65 63 6f 6e 64 00`);

interface Plain {
  offset: number;
  timestamp: number;
  key: string | null;
  value: string | null;
  headers: [string, string | null][];
}

function plain(bytes: Buffer): Plain[] {
  const records: Plain[] = [];
  forEachRecord(bytes, (cursor) => {
    records.push({
      offset: cursor.offset,
      timestamp: cursor.timestamp,
      key: cursor.key()?.toString() ?? null,
      value: cursor.value()?.toString() ?? null,
      headers: cursor.headers().map(({ key, value }) => [key, value?.toString() ?? null]),
    });
  });
  return records;
}

function build(add: (builder: BatchBuilder) => void, options: BatchOptions = {}): Buffer {
  const builder = new BatchBuilder();
  add(builder);
  return builder.finish(options);
}

describe('a batch that Kafka wrote', () => {
  test('is read field by field', () => {
    expect(batch.batchSizeBytes(REAL_BATCH, 0)).toBe(98);
    expect(batch.hasValidCrc(REAL_BATCH, 0)).toBe(true);
    expect(batch.lastOffset(REAL_BATCH, 0)).toBe(1);
    expect(batch.maxTimestamp(REAL_BATCH, 0)).toBe(1_700_000_000_005);
    expect(batch.hasProducerId(REAL_BATCH, 0)).toBe(false);
    expect(plain(REAL_BATCH)).toEqual([
      {
        offset: 0,
        timestamp: 1_700_000_000_000,
        key: 'k1',
        value: 'hello',
        headers: [
          ['h1', 'v1'],
          ['h2', null],
        ],
      },
      { offset: 1, timestamp: 1_700_000_000_005, key: null, value: 'second', headers: [] },
    ]);
  });

  test('is built byte for byte the same', () => {
    const headers: HeaderToWrite[] = [
      { key: 'h1', value: Buffer.from('v1') },
      { key: Buffer.from('h2'), value: null },
    ];
    const bytes = build(
      (builder) => {
        builder.append(1_700_000_000_000, Buffer.from('k1'), Buffer.from('hello'), headers);
        builder.append(1_700_000_000_005, null, Buffer.from('second'));
      },
      { partitionLeaderEpoch: 0 },
    );
    expect(bytes).toEqual(REAL_BATCH);
  });

  test('a changed byte breaks the CRC, offset and epoch do not', () => {
    const bytes = Buffer.from(REAL_BATCH);
    batch.setBaseOffset(bytes, 0, 2 ** 40);
    batch.setPartitionLeaderEpoch(bytes, 0, 77);
    expect(batch.hasValidCrc(bytes, 0)).toBe(true);
    expect(batch.lastOffset(bytes, 0)).toBe(2 ** 40 + 1);
    bytes[80] = 0;
    expect(batch.hasValidCrc(bytes, 0)).toBe(false);
  });

  test('an int64 beyond the safe integers is refused, never rounded', () => {
    const bytes = Buffer.from(REAL_BATCH);
    bytes.writeBigInt64BE(2n ** 53n, 0);
    expect(() => batch.baseOffset(bytes, 0)).toThrowError(expect.objectContaining({ errorName: 'CORRUPT_MESSAGE' }));
    bytes.writeBigInt64BE(-(2n ** 53n) + 1n, 0);
    expect(batch.baseOffset(bytes, 0)).toBe(-(2 ** 53) + 1);
  });
});

describe('building', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('records come back from %s', (codec) => {
    const expected: Plain[] = [];
    const bytes = build(
      (builder) => {
        for (let i = 0; i < 5000; i++) {
          const key = i % 3 === 0 ? null : `key-${i}`;
          const value = i % 7 === 0 ? null : 'v'.repeat(i % 300);
          const timestamp = 1_700_000_000_000 + (i % 11) * 1_000_000 - i;
          const header: HeaderToWrite = { key: 'h', value: i % 2 === 0 ? null : Buffer.from('x'.repeat(i % 50)) };
          const headers = i % 5 === 0 ? [header] : [];
          builder.append(
            timestamp,
            key === null ? null : Buffer.from(key),
            value === null ? null : Buffer.from(value),
            headers,
          );
          const text = header.value === null ? null : (header.value.toString() as string);
          expected.push({ offset: i, timestamp, key, value, headers: headers.length > 0 ? [['h', text]] : [] });
        }
      },
      { codec },
    );
    expect(batch.hasValidCrc(bytes, 0)).toBe(true);
    expect(batch.recordCount(bytes, 0)).toBe(5000);
    expect(plain(bytes)).toEqual(expected);
  });

  test('slices of a chunk are the same as whole values', () => {
    const chunk = Buffer.from('first\nsecond line\nthird'.padEnd(400, '!'));
    const whole = build((builder) => {
      builder.append(1, null, chunk.subarray(0, 5));
      builder.append(2, null, chunk.subarray(6, 17));
      builder.append(3, null, chunk.subarray(18, 400));
      builder.append(4, Buffer.from('fir'), Buffer.from('st'));
      builder.append(5, null, null);
    });
    const slices = build((builder) => {
      builder.appendSlice(1, chunk, 0, 5);
      builder.appendSlice(2, chunk, 6, 17);
      builder.appendSlice(3, new Uint8Array(chunk), 18, 400);
      builder.appendKeyedSlice(4, chunk, 0, 3, 3, 2);
      builder.appendKeyedSlice(5, chunk, 0, -1, 0, -1);
    });
    expect(slices).toEqual(whole);
  });

  test('the bytes belong to the caller: the next batch does not touch them', () => {
    const builder = new BatchBuilder(200);
    builder.append(1, null, Buffer.from('one'));
    const first = builder.finish();
    const copy = Buffer.from(first);
    builder.append(1, null, Buffer.from('two'));
    builder.finish();
    expect(first).toEqual(copy);
    expect(() => builder.finish()).toThrow(RangeError);
  });

  test('producer fields, flags and sequences', () => {
    const bytes = build((builder) => builder.append(1, null, null), {
      producerId: 5,
      producerEpoch: 3,
      baseSequence: 0x7fffffff,
      isTransactional: true,
    });
    expect(batch.producerId(bytes, 0)).toBe(5);
    expect(batch.producerEpoch(bytes, 0)).toBe(3);
    expect(batch.isTransactional(bytes, 0)).toBe(true);
    expect(batch.isControl(bytes, 0)).toBe(false);
    expect(batch.lastSequence(bytes, 0)).toBe(0x7fffffff);
    expect(batch.incrementSequence(0x7fffffff, 1)).toBe(0);
  });
});

describe('control batches', () => {
  test('a commit marker is what Kafka’s coordinator writes', () => {
    const bytes = buildEndTransactionMarker(1_700_000_000_000, {
      producerId: 6,
      producerEpoch: 1,
      isCommit: true,
      coordinatorEpoch: 0,
    });
    expect(batch.attributes(bytes, 0)).toBe(0x30);
    expect(batch.baseSequence(bytes, 0)).toBe(-1);
    expect(bytes.subarray(61)).toEqual(hex('20 00 00 00 08 00 00 00 01 0c 00 00 00 00 00 00 00'));
  });

  test('the metadata log’s control records', () => {
    const bytes = buildControlBatch(1, [
      { type: 'snapshotHeader', value: Buffer.from('abc') },
      { type: 'kraftVoters', value: Buffer.from('de') },
    ]);
    expect(batch.attributes(bytes, 0)).toBe(0x20);
    const types: number[] = [];
    forEachRecord(bytes, (cursor) => types.push(controlRecordType(cursor)));
    expect(types).toEqual([3, 6]);
  });

  test('a marker whose value is too short is refused', () => {
    const bytes = build((builder) => builder.append(1, Buffer.alloc(4), Buffer.alloc(2)), { isControl: true });
    const cursor = new RecordCursor();
    cursor.open(bytes, 0);
    cursor.next();
    expect(() => markerCoordinatorEpoch(cursor)).toThrowError(expect.objectContaining({ errorName: 'INVALID_RECORD' }));
  });
});

describe('bytes of a peer', () => {
  test('no damage to a batch crashes the cursor with anything but a KafkaError', () => {
    const good = build((builder) => {
      for (let i = 0; i < 5; i++) {
        builder.append(1000 * i, Buffer.from(`k${i}`), Buffer.from('value'), [{ key: 'h', value: Buffer.from('x') }]);
      }
    });
    const cursor = new RecordCursor();
    for (let at = 57; at < good.length; at++) {
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = Buffer.from(good);
        damaged[at] = byte;
        try {
          cursor.open(damaged, 0);
          while (cursor.next()) cursor.headers();
        } catch (error) {
          expect(error).toMatchObject({ name: 'KafkaError' });
        }
      }
    }
  });

  test('records that are left over or missing are INVALID_RECORD', () => {
    for (const count of [1, 3]) {
      const bytes = build((builder) => {
        builder.append(1, null, Buffer.from('a'));
        builder.append(1, null, Buffer.from('b'));
      });
      bytes.writeInt32BE(count, 57);
      const cursor = new RecordCursor();
      cursor.open(bytes, 0);
      const walk = (): void => {
        while (cursor.next());
      };
      expect(walk).toThrowError(expect.objectContaining({ errorName: 'INVALID_RECORD' }));
    }
  });
});

describe('varints', () => {
  const bigZigzag = (value: number): number[] => {
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    const bytes: number[] = [];
    while (rest >= 0x80n) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return [...bytes, Number(rest)];
  };

  test('every size and sign is written as zigzag says', () => {
    const buffer = Buffer.alloc(16);
    for (let bits = 0; bits <= 53; bits++) {
      for (const offset of [-1, 0, 1]) {
        for (const sign of [1, -1]) {
          const value = sign * (2 ** bits + offset);
          if (!Number.isSafeInteger(value)) continue;
          const expected = bigZigzag(value);
          expect([...buffer.subarray(0, writeVarlong(buffer, value, 0))]).toEqual(expected);
          expect(sizeOfVarlong(value)).toBe(expected.length);
          if (Math.abs(value) > 0x7fffffff) continue;
          expect([...buffer.subarray(0, writeVarint(buffer, value, 0))]).toEqual(expected);
          expect(sizeOfVarint(value)).toBe(expected.length);
        }
      }
    }
  });

  test('timestamps far apart come back exactly', () => {
    const timestamps = [0, 2 ** 50, -(2 ** 45), 1_700_000_000_123, 2 ** 31, -(2 ** 31) - 1];
    const bytes = build((builder) => {
      for (const timestamp of timestamps) builder.append(timestamp, null, null);
    });
    expect(plain(bytes).map((record) => record.timestamp)).toEqual(timestamps);
  });
});
