import { describe, expect, test } from 'vitest';
import { BatchBuilder, type BatchOptions } from '../../src/records/batch-builder.ts';
import {
  onlyBatchOfProduceRequest,
  type ValidationRules,
  validateAndAssign,
} from '../../src/records/batch-validator.ts';
import { buildEndTransactionMarker } from '../../src/records/control-record.ts';
import * as batch from '../../src/records/record-batch.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';

const NOW = 1_700_000_000_000;
const RULES: ValidationRules = {
  topicPartition: 't-0',
  isFromClient: true,
  isCompacted: false,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: Number.POSITIVE_INFINITY,
  timestampAfterMaxMs: 3_600_000,
  targetCodec: undefined,
  targetLevel: undefined,
  maxMessageBytes: 1_048_588,
};

function build(values: readonly (string | null)[], options: BatchOptions & { key?: string | null } = {}): Buffer {
  const builder = new BatchBuilder();
  const key = options.key === null ? null : Buffer.from(options.key ?? 'k');
  values.forEach((value, i) => {
    builder.append(NOW + i, key, value === null ? null : Buffer.from(value));
  });
  return builder.finish(options);
}

const validate = (bytes: Buffer, rules: Partial<ValidationRules> = {}) =>
  validateAndAssign(bytes, { ...RULES, ...rules }, 100, 7, NOW);

function recrc(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  change(bytes);
  batch.writeCrc(bytes, 0);
  return bytes;
}

function valuesOf(bytes: Buffer): (string | undefined)[] {
  const values: (string | undefined)[] = [];
  forEachRecord(bytes, (cursor) => values.push(cursor.value()?.toString()));
  return values;
}

const refused = (errorName: string, message?: RegExp) =>
  message === undefined
    ? expect.objectContaining({ errorName })
    : expect.objectContaining({ errorName, message: expect.stringMatching(message) });

describe('a batch without surprises', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'keeps all bytes but offset and epoch (%s)',
    (codec) => {
      const bytes = build(['a', 'b', 'c'], { codec });
      const before = Buffer.from(bytes);
      const result = validate(bytes);
      expect(result).toMatchObject({ lastOffset: 102, maxTimestamp: NOW + 2 });
      expect(result.bytes).toBe(bytes);
      expect(batch.baseOffset(bytes, 0)).toBe(100);
      expect(batch.partitionLeaderEpoch(bytes, 0)).toBe(7);
      expect(bytes.subarray(16)).toEqual(before.subarray(16));
    },
  );

  test('a wrong maxTimestamp is put right, with a new CRC', () => {
    const bytes = build(['a', 'b'], { maxTimestamp: 5 });
    expect(validate(bytes).maxTimestamp).toBe(NOW + 1);
    expect(batch.maxTimestamp(bytes, 0)).toBe(NOW + 1);
    expect(batch.hasValidCrc(bytes, 0)).toBe(true);
  });

  test('LogAppendTime sets the time and the bit, deltas stay', () => {
    const bytes = build(['a', 'b']);
    expect(validate(bytes, { timestampType: 'LogAppendTime' }).maxTimestamp).toBe(NOW);
    expect(batch.timestampType(bytes, 0)).toBe('LogAppendTime');
    expect(batch.baseTimestamp(bytes, 0)).toBe(NOW);
    expect(batch.hasValidCrc(bytes, 0)).toBe(true);
  });
});

describe('refusals', () => {
  test('damage, size and offsets', () => {
    const damaged = build(['abc']);
    damaged[65] = 1;
    expect(() => validate(damaged)).toThrowError(
      refused('CORRUPT_MESSAGE', /^Record is corrupt \(stored crc = \d+\) in/),
    );
    expect(() => validate(build(['x'.repeat(1000)]), { maxMessageBytes: 500 })).toThrowError(
      refused('MESSAGE_TOO_LARGE'),
    );
    expect(() => validate(build(['a'], { baseOffset: 3 }))).toThrowError(
      refused('INVALID_RECORD', /should be 0, but it is 3/),
    );
    expect(() => validate(build(['a']).subarray(0, 60))).toThrowError(refused('CORRUPT_MESSAGE'));
  });

  test('counts that do not agree', () => {
    const lastDelta = (value: number) => recrc(build(['a', 'b']), (bytes) => bytes.writeInt32BE(value, 23));
    const count = (value: number) => recrc(build(['a', 'b']), (bytes) => bytes.writeInt32BE(value, 57));
    expect(() => validate(lastDelta(-1))).toThrowError(refused('INVALID_RECORD', /invalid offset range/));
    expect(() => validate(lastDelta(5))).toThrowError(refused('INVALID_RECORD', /Inconsistent batch offset range/));
    expect(() => validate(count(0))).toThrowError(refused('INVALID_RECORD', /Invalid reported count/));
    const both = recrc(build(['a', 'b']), (bytes) => {
      bytes.writeInt32BE(2, 23);
      bytes.writeInt32BE(3, 57);
    });
    expect(() => validate(both)).toThrowError(refused('INVALID_RECORD'));
  });

  test('control batches and missing sequences of clients', () => {
    const marker = buildEndTransactionMarker(NOW, {
      producerId: 1,
      producerEpoch: 0,
      isCommit: true,
      coordinatorEpoch: 0,
    });
    expect(() => validate(Buffer.from(marker))).toThrowError(
      refused('INVALID_RECORD', /Clients are not allowed to write control records/),
    );
    expect(validate(Buffer.from(marker), { isFromClient: false, targetCodec: 'gzip' }).lastOffset).toBe(100);
    expect(() => validate(build(['a'], { producerId: 4 }))).toThrowError(
      refused('INVALID_RECORD', /Invalid sequence number -1/),
    );
  });

  test('records without key on a compacted topic, each named', () => {
    const bytes = build(['a', 'b', 'c', 'd'], { key: null });
    const errors = [0, 1, 2, 3].map((batchIndex) => ({
      batchIndex,
      message: 'Compacted topic cannot accept message without key in topic partition t-0',
    }));
    expect(() => validate(bytes, { isCompacted: true })).toThrowError(
      expect.objectContaining({ errorName: 'INVALID_RECORD', recordErrors: errors }),
    );
    expect(() => validate(build(['a'], { key: null, codec: 'lz4' }), { isCompacted: true })).toThrowError(
      'One or more records have been rejected due to 1 record errors in total, and only showing the first three errors at most: ' +
        "[RecordError(batchIndex=0, message='Compacted topic cannot accept message without key in topic partition t-0')]",
    );
  });

  test('timestamps out of range, each named', () => {
    const message = `Timestamp ${NOW} of message with offset 0 is out of range. The timestamp should be within [${NOW - 10}, ${NOW - 1}]`;
    expect(() => validate(build(['a']), { timestampBeforeMaxMs: 10, timestampAfterMaxMs: -1 })).toThrowError(
      expect.objectContaining({ errorName: 'INVALID_TIMESTAMP', recordErrors: [{ batchIndex: 0, message }] }),
    );
    expect(validate(build(['a']), { timestampBeforeMaxMs: 0, timestampAfterMaxMs: 0 }).lastOffset).toBe(100);
  });

  test('a producer must not say LogAppendTime', () => {
    const bytes = build(['a'], { timestampType: 'LogAppendTime' });
    expect(() => validate(bytes, { timestampType: 'LogAppendTime' })).toThrowError(refused('INVALID_TIMESTAMP'));
  });
});

describe('recompression', () => {
  test.each([
    ['none', 'zstd'],
    ['gzip', 'none'],
    ['lz4', 'snappy'],
  ] as const)('%s becomes the topic’s %s', (from, to) => {
    const bytes = build(['a', null, 'c'], { codec: from, producerId: 9, producerEpoch: 2, baseSequence: 5 });
    const result = validate(bytes, { targetCodec: to });
    expect(result.bytes).not.toBe(bytes);
    expect(result.lastOffset).toBe(102);
    expect(batch.codecId(result.bytes, 0)).toBe({ none: 0, snappy: 2, zstd: 4 }[to]);
    expect(batch.producerId(result.bytes, 0)).toBe(9);
    expect(batch.producerEpoch(result.bytes, 0)).toBe(2);
    expect(batch.baseSequence(result.bytes, 0)).toBe(5);
    expect(batch.baseOffset(result.bytes, 0)).toBe(100);
    expect(batch.hasValidCrc(result.bytes, 0)).toBe(true);
    expect(valuesOf(result.bytes)).toEqual(['a', undefined, 'c']);
  });

  test('a compressed batch with odd offset deltas is rebuilt with 0 to n-1', () => {
    const builder = new BatchBuilder();
    builder.appendAt(0, NOW, Buffer.from('k'), Buffer.from('a'), [{ key: 'h', value: null }]);
    builder.appendAt(5, NOW, Buffer.from('k'), Buffer.from('b'));
    const bytes = recrc(builder.finish({ codec: 'gzip' }), (odd) => odd.writeInt32BE(1, 23));
    const result = validate(bytes);
    const offsets: number[] = [];
    forEachRecord(result.bytes, (cursor) => {
      offsets.push(cursor.offset);
      cursor.headers();
    });
    expect(offsets).toEqual([100, 101]);
    expect(batch.codecId(result.bytes, 0)).toBe(1);
  });

  test('what grows beyond max.message.bytes is refused', () => {
    const bytes = build(['x'.repeat(10_000)], { codec: 'gzip' });
    expect(() => validate(bytes, { targetCodec: 'none', maxMessageBytes: 1000 })).toThrowError(
      refused('MESSAGE_TOO_LARGE'),
    );
  });
});

describe('the records of a Produce request', () => {
  test('are exactly one batch; a partial one behind it is left out', () => {
    const one = build(['a']);
    expect(onlyBatchOfProduceRequest(one, 9)).toBe(one);
    expect(onlyBatchOfProduceRequest(Buffer.concat([one, one.subarray(0, 30)]), 9)).toEqual(one);
    expect(() => onlyBatchOfProduceRequest(Buffer.concat([one, one]), 9)).toThrowError(
      'Produce requests with version 9 are only allowed to contain exactly one record batch per partition',
    );
    expect(() => onlyBatchOfProduceRequest(Buffer.alloc(0), 9)).toThrowError(/must have at least one record batch/);
    expect(() => onlyBatchOfProduceRequest(one.subarray(0, 40), 9)).toThrowError(/must have at least one record batch/);
  });

  test('are of magic 2, and zstd needs version 7', () => {
    const old = build(['a']);
    old[16] = 1;
    expect(() => onlyBatchOfProduceRequest(old, 9)).toThrowError(refused('INVALID_RECORD', /with magic version 2/));
    old[16] = 3;
    expect(() => onlyBatchOfProduceRequest(old, 9)).toThrowError(
      refused('CORRUPT_MESSAGE', /Invalid magic found in record: 3/),
    );
    const zstd = build(['a'], { codec: 'zstd' });
    expect(onlyBatchOfProduceRequest(zstd, 7)).toBe(zstd);
    expect(() => onlyBatchOfProduceRequest(zstd, 6)).toThrowError(refused('UNSUPPORTED_COMPRESSION_TYPE'));
  });
});
