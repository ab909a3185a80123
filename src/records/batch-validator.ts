import { KafkaError } from '../base/kafka-error.ts';
import { BatchBuilder } from './batch-builder.ts';
import { type CodecName, codecName } from './compression.ts';
import { ordinary } from './ordinary-records.ts';
import * as batch from './record-batch.ts';
import { DEFAULT_MAX_DECOMPRESSED_BYTES, RecordCursor } from './record-cursor.ts';
import { type RecordError, RecordValidationError } from './record-errors.ts';

/** The rules of the log that a batch is to be appended to (Kafka's LogValidator). */
export interface ValidationRules {
  /** `topic-partition`, for messages. */
  readonly topicPartition: string;
  /** A client's batches are checked for what only this broker may write; a coordinator's are not. */
  readonly isFromClient: boolean;
  /** Records need a key. */
  readonly isCompacted: boolean;
  readonly timestampType: batch.TimestampType;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  /** undefined keeps the producer's codec. */
  readonly targetCodec: CodecName | undefined;
  readonly targetLevel: number | undefined;
  readonly maxMessageBytes: number;
}

/** A batch as it goes into the log. */
export interface ValidatedBatch {
  /** The bytes that were given, patched, or new ones when they had to be rebuilt. */
  readonly bytes: Buffer;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
}

const MIN_RECORD_SIZE = 14;
const HEADER_UP_TO_MAGIC = 17;
// A batch can hold millions of records; nobody reads a report on all of them.
const MAX_RECORD_ERRORS = 10_000;

const cursor = new RecordCursor();

/**
 * Bytes of the first batch in `records`, 0 when no whole one is there. Throws CORRUPT_MESSAGE when its size or magic is
 * impossible.
 */
export function firstBatchSize(records: Buffer, at = 0): number {
  const remaining = records.length - at;
  if (remaining < batch.LOG_OVERHEAD) return 0;
  const length = batch.batchLength(records, at);
  if (length < MIN_RECORD_SIZE) {
    throw new KafkaError(
      'CORRUPT_MESSAGE',
      `Record size ${length} is less than the minimum record overhead (${MIN_RECORD_SIZE})`,
    );
  }
  if (remaining < HEADER_UP_TO_MAGIC) return 0;
  const magic = batch.magic(records, at);
  if (magic < 0 || magic > batch.CURRENT_MAGIC) {
    throw new KafkaError('CORRUPT_MESSAGE', `Invalid magic found in record: ${magic}`);
  }
  return remaining < length + batch.LOG_OVERHEAD ? 0 : length + batch.LOG_OVERHEAD;
}

/**
 * Checks that the records of one partition of a Produce request are exactly one batch of magic 2, as Kafka's
 * ProduceRequest does, and returns that batch (a partial one behind it is left out). Throws INVALID_RECORD,
 * CORRUPT_MESSAGE or UNSUPPORTED_COMPRESSION_TYPE (zstd before version 7).
 */
export function onlyBatchOfProduceRequest(records: Buffer, apiVersion: number): Buffer {
  const sizeBytes = firstBatchSize(records);
  const prefix = `Produce requests with version ${apiVersion} are`;
  if (sizeBytes === 0) {
    throw new KafkaError(
      'INVALID_RECORD',
      `Produce requests with version ${apiVersion} must have at least one record batch per partition`,
    );
  }
  if (batch.magic(records, 0) !== batch.CURRENT_MAGIC) {
    throw new KafkaError(
      'INVALID_RECORD',
      `${prefix} only allowed to contain record batches with magic version ${batch.CURRENT_MAGIC}`,
    );
  }
  if (sizeBytes < batch.BATCH_HEADER_SIZE) {
    throw new KafkaError('CORRUPT_MESSAGE', `Record size ${sizeBytes} is less than a record batch header`);
  }
  if (apiVersion < 7 && codecName(batch.codecId(records, 0)) === 'zstd') {
    throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE', `${prefix} not allowed to use ZStandard compression`);
  }
  if (firstBatchSize(records, sizeBytes) > 0) {
    throw new KafkaError('INVALID_RECORD', `${prefix} only allowed to contain exactly one record batch per partition`);
  }
  return sizeBytes === records.length ? records : records.subarray(0, sizeBytes);
}

/**
 * Validates one whole batch as Kafka's broker does on a produce, then patches it in place: base offset, leader epoch,
 * and, when they differ, timestamp type and maxTimestamp with a new CRC. It is rebuilt only when the log has another
 * codec or when a compressed batch has offset deltas other than 0 to n-1.
 *
 * @param bytes exactly one batch
 * @param baseOffset the offset of its first record
 * @param nowMs the broker's time
 */
export function validateAndAssign(
  bytes: Buffer,
  rules: ValidationRules,
  baseOffset: number,
  leaderEpoch: number,
  nowMs: number,
): ValidatedBatch {
  checkWhole(bytes, rules);
  if (rules.isFromClient) checkClientBatch(bytes, rules.topicPartition);
  const isControl = batch.isControl(bytes, 0);
  const sourceCodec = codecName(batch.codecId(bytes, 0));
  // Markers are never compressed, whatever the topic says.
  const targetCodec = isControl && sourceCodec === 'none' ? 'none' : (rules.targetCodec ?? sourceCodec);
  const scan = scanRecords(bytes, rules, nowMs);
  const isRebuilt = targetCodec !== sourceCodec || (sourceCodec !== 'none' && !scan.hasExpectedDeltas);
  const isAppendTime = rules.timestampType === 'LogAppendTime';
  const maxTimestamp = isAppendTime ? nowMs : scan.maxTimestamp;
  const result = isRebuilt ? rebuild(bytes, targetCodec, rules) : bytes;
  const lastOffset = baseOffset + scan.recordCount - 1;
  batch.setLastOffset(result, 0, lastOffset);
  batch.setPartitionLeaderEpoch(result, 0, leaderEpoch);
  batch.setMaxTimestamp(result, 0, rules.timestampType, maxTimestamp);
  return { bytes: result, lastOffset, maxTimestamp };
}

function checkWhole(bytes: Buffer, rules: ValidationRules): void {
  const where = rules.topicPartition;
  if (bytes.length < batch.BATCH_HEADER_SIZE || batch.batchSizeBytes(bytes, 0) !== bytes.length) {
    throw new KafkaError('CORRUPT_MESSAGE', `Record is corrupt (${bytes.length} bytes) in topic partition ${where}.`);
  }
  if (batch.magic(bytes, 0) !== batch.CURRENT_MAGIC) {
    throw new KafkaError('CORRUPT_MESSAGE', `Invalid magic found in record: ${batch.magic(bytes, 0)}`);
  }
  if (rules.isFromClient && batch.baseOffset(bytes, 0) !== 0) {
    throw new KafkaError(
      'INVALID_RECORD',
      `The baseOffset of the record batch in the append to ${where} should be 0, but it is ${batch.baseOffset(bytes, 0)}`,
    );
  }
  if (bytes.length > rules.maxMessageBytes) {
    throw new KafkaError(
      'MESSAGE_TOO_LARGE',
      `The record batch size in the append to ${where} is ${bytes.length} bytes which exceeds the maximum configured value of ${rules.maxMessageBytes}).`,
    );
  }
  if (!batch.hasValidCrc(bytes, 0)) {
    throw new KafkaError(
      'CORRUPT_MESSAGE',
      `Record is corrupt (stored crc = ${batch.storedCrc(bytes, 0)}) in topic partition ${where}.`,
    );
  }
}

function checkClientBatch(bytes: Buffer, where: string): void {
  const lastDelta = batch.lastOffsetDelta(bytes, 0);
  const count = batch.recordCount(bytes, 0);
  const range = `[0, ${lastDelta}]`;
  if (lastDelta < 0) {
    throw new KafkaError('INVALID_RECORD', `Batch has an invalid offset range: ${range} in topic partition ${where}`);
  }
  if (count <= 0) {
    throw new KafkaError(
      'INVALID_RECORD',
      `Invalid reported count for record batch: ${count} in topic partition ${where}`,
    );
  }
  if (count !== lastDelta + 1) {
    throw new KafkaError(
      'INVALID_RECORD',
      `Inconsistent batch offset range ${range} and count of records ${count} in topic partition ${where}`,
    );
  }
  if (batch.isControl(bytes, 0)) {
    throw new KafkaError(
      'INVALID_RECORD',
      `Clients are not allowed to write control records in topic partition ${where}`,
    );
  }
  if (batch.hasProducerId(bytes, 0) && batch.baseSequence(bytes, 0) < 0) {
    throw new KafkaError(
      'INVALID_RECORD',
      `Invalid sequence number ${batch.baseSequence(bytes, 0)} in record batch with producerId ${batch.producerId(bytes, 0)} in topic partition ${where}`,
    );
  }
}

interface Scan {
  readonly maxTimestamp: number;
  readonly recordCount: number;
  readonly hasExpectedDeltas: boolean;
}

// One pass over the records where they are as producers make them, another, careful one where something is not.
function scanRecords(bytes: Buffer, rules: ValidationRules, nowMs: number): Scan {
  const earliest = nowMs - rules.timestampBeforeMaxMs;
  const latest = nowMs + rules.timestampAfterMaxMs;
  cursor.open(bytes, 0, DEFAULT_MAX_DECOMPRESSED_BYTES);
  const baseTimestamp = batch.baseTimestamp(bytes, 0);
  if (batch.timestampType(bytes, 0) === 'CreateTime' && cursor.areAllOrdinary(rules.isCompacted)) {
    const least = baseTimestamp + ordinary.minTimestampDelta;
    const maxTimestamp = baseTimestamp + ordinary.maxTimestampDelta;
    const isInRange = least >= Math.max(earliest, 0) && maxTimestamp <= latest;
    if (isInRange || rules.timestampType === 'LogAppendTime') {
      cursor.release();
      return { maxTimestamp, recordCount: batch.recordCount(bytes, 0), hasExpectedDeltas: true };
    }
  }
  return scanCarefully(bytes, rules, earliest, latest);
}

// The cursor is before the first record. Allocates only for those that are wrong.
function scanCarefully(bytes: Buffer, rules: ValidationRules, earliest: number, latest: number): Scan {
  const isCreateTime = rules.timestampType === 'CreateTime';
  const claimsAppendTime = batch.timestampType(bytes, 0) === 'LogAppendTime';
  const errors = new RecordErrors();
  let maxTimestamp = batch.NO_TIMESTAMP;
  let hasExpectedDeltas = true;
  let index = 0;
  while (cursor.next()) {
    cursor.checkHeaders();
    const { timestamp } = cursor;
    if (rules.isCompacted && cursor.keyLength < 0) {
      errors.add(index, `Compacted topic cannot accept message without key in topic partition ${rules.topicPartition}`);
    } else if (isCreateTime && timestamp !== batch.NO_TIMESTAMP) {
      if (timestamp < earliest || timestamp > latest) errors.addTimestamp(index, outOfRange(cursor, earliest, latest));
    } else if (claimsAppendTime) {
      errors.addTimestamp(index, wrongTimestampType(cursor));
    }
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    if (cursor.offsetDelta !== index) hasExpectedDeltas = false;
    index++;
  }
  cursor.release();
  errors.throwIfAny();
  return { maxTimestamp, recordCount: index, hasExpectedDeltas };
}

function outOfRange(record: RecordCursor, earliest: number, latest: number): string {
  const from = earliest === Number.NEGATIVE_INFINITY ? '-9223372036854775808' : String(earliest);
  const to = latest === Number.POSITIVE_INFINITY ? '9223372036854775807' : String(latest);
  return `Timestamp ${record.timestamp} of message with offset ${record.offset} is out of range. The timestamp should be within [${from}, ${to}]`;
}

function wrongTimestampType(record: RecordCursor): string {
  return `Invalid timestamp type in message with offset ${record.offset}. Producer should not set timestamp type to LogAppendTime.`;
}

class RecordErrors {
  #errors: RecordError[] = [];
  #hasTimestampError = false;

  add(batchIndex: number, message: string): void {
    if (this.#errors.length < MAX_RECORD_ERRORS) this.#errors.push({ batchIndex, message });
  }

  addTimestamp(batchIndex: number, message: string): void {
    this.#hasTimestampError = true;
    this.add(batchIndex, message);
  }

  throwIfAny(): void {
    const errors = this.#errors;
    if (errors.length === 0) return;
    if (this.#hasTimestampError) {
      const message = 'One or more records have been rejected due to invalid timestamp';
      throw new RecordValidationError('INVALID_TIMESTAMP', message, errors);
    }
    const shown = errors.slice(0, 3).map((e) => `RecordError(batchIndex=${e.batchIndex}, message='${e.message}')`);
    throw new RecordValidationError(
      'INVALID_RECORD',
      `One or more records have been rejected due to ${errors.length} record errors in total, and only showing the first three errors at most: [${shown.join(', ')}]`,
      errors,
    );
  }
}

function rebuild(bytes: Buffer, codec: CodecName, rules: ValidationRules): Buffer {
  const builder = new BatchBuilder(bytes.length);
  cursor.open(bytes, 0, DEFAULT_MAX_DECOMPRESSED_BYTES);
  while (cursor.next()) builder.appendRecord(cursor);
  cursor.release();
  const rebuilt = builder.finish({
    codec,
    level: rules.targetLevel,
    producerId: batch.producerId(bytes, 0),
    producerEpoch: batch.producerEpoch(bytes, 0),
    baseSequence: batch.baseSequence(bytes, 0),
    isTransactional: batch.isTransactional(bytes, 0),
  });
  if (rebuilt.length > rules.maxMessageBytes) {
    throw new KafkaError(
      'MESSAGE_TOO_LARGE',
      `Message batch size is ${rebuilt.length} bytes in append to partition ${rules.topicPartition} which exceeds the maximum configured size of ${rules.maxMessageBytes}.`,
    );
  }
  return rebuilt;
}
