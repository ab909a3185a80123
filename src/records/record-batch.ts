import { crc32c } from '@node-rs/crc32';
import { KafkaError } from '../base/kafka-error.ts';

export { crc32c };

/**
 * Accessors over the header of a record batch (magic 2) that starts at byte `at` of a buffer. No objects: a batch is a
 * place in a buffer. Layout: KIP-98; baseOffset, batchLength, partitionLeaderEpoch and magic are outside the CRC, so a
 * broker assigns them without touching it.
 *
 * All int64 are numbers; a value outside the safe integers is refused with `CORRUPT_MESSAGE`, never rounded.
 */

/** Bytes of a batch before its records. */
export const BATCH_HEADER_SIZE = 61;
/** Bytes of a batch that batchLength does not count (baseOffset and batchLength itself). */
export const LOG_OVERHEAD = 12;
/** The format version that ottla reads and writes. */
export const CURRENT_MAGIC = 2;

export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;
export const NO_TIMESTAMP = -1;
export const NO_PARTITION_LEADER_EPOCH = -1;

/** Position of fields relative to the start of the batch. */
export const BATCH_LENGTH_AT = 8;
export const PARTITION_LEADER_EPOCH_AT = 12;
export const MAGIC_AT = 16;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const BASE_SEQUENCE_AT = 53;
const RECORD_COUNT_AT = 57;

/** Bits of the batch attributes. */
export const CODEC_MASK = 0x07;
export const LOG_APPEND_TIME_FLAG = 0x08;
export const TRANSACTIONAL_FLAG = 0x10;
export const CONTROL_FLAG = 0x20;
export const DELETE_HORIZON_FLAG = 0x40;

export type TimestampType = 'CreateTime' | 'LogAppendTime';

const TWO_POW_32 = 0x1_0000_0000;

/** Reads an int64 as a number. Throws CORRUPT_MESSAGE when it is no safe integer. */
export function readInt64(buffer: Buffer, at: number): number {
  const value = buffer.readInt32BE(at) * TWO_POW_32 + buffer.readUInt32BE(at + 4);
  if (!Number.isSafeInteger(value)) {
    throw new KafkaError('CORRUPT_MESSAGE', `the int64 ${buffer.readBigInt64BE(at)} is out of the supported range`);
  }
  return value;
}

/** Writes a safe integer as an int64. */
export function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / TWO_POW_32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * TWO_POW_32, at + 4);
}

/** The sequence that comes `increment` (>= 0) records after `sequence`; sequences start again at 0 after int32's maximum. */
export function incrementSequence(sequence: number, increment: number): number {
  return sequence > 0x7fffffff - increment ? increment - (0x7fffffff - sequence) - 1 : sequence + increment;
}

export const baseOffset = (buffer: Buffer, at: number): number => readInt64(buffer, at);
/** Bytes after the batchLength field, as stored; not checked. */
export const batchLength = (buffer: Buffer, at: number): number => buffer.readInt32BE(at + BATCH_LENGTH_AT);
/** Bytes of the whole batch; not checked. */
export const batchSizeBytes = (buffer: Buffer, at: number): number => LOG_OVERHEAD + batchLength(buffer, at);
export const partitionLeaderEpoch = (buffer: Buffer, at: number): number =>
  buffer.readInt32BE(at + PARTITION_LEADER_EPOCH_AT);
export const magic = (buffer: Buffer, at: number): number => buffer.readInt8(at + MAGIC_AT);
/** The stored CRC-32C, unsigned. */
export const storedCrc = (buffer: Buffer, at: number): number => buffer.readUInt32BE(at + CRC_AT);
export const attributes = (buffer: Buffer, at: number): number => buffer.readInt16BE(at + ATTRIBUTES_AT);
/** The codec's id, 0 to 7; `compression.ts` knows the names. */
export const codecId = (buffer: Buffer, at: number): number => attributes(buffer, at) & CODEC_MASK;
export const isCompressed = (buffer: Buffer, at: number): boolean => codecId(buffer, at) !== 0;
export const timestampType = (buffer: Buffer, at: number): TimestampType =>
  (attributes(buffer, at) & LOG_APPEND_TIME_FLAG) === 0 ? 'CreateTime' : 'LogAppendTime';
export const isTransactional = (buffer: Buffer, at: number): boolean =>
  (attributes(buffer, at) & TRANSACTIONAL_FLAG) !== 0;
export const isControl = (buffer: Buffer, at: number): boolean => (attributes(buffer, at) & CONTROL_FLAG) !== 0;
export const lastOffsetDelta = (buffer: Buffer, at: number): number => buffer.readInt32BE(at + LAST_OFFSET_DELTA_AT);
export const lastOffset = (buffer: Buffer, at: number): number => readInt64(buffer, at) + lastOffsetDelta(buffer, at);
export const baseTimestamp = (buffer: Buffer, at: number): number => readInt64(buffer, at + BASE_TIMESTAMP_AT);
export const maxTimestamp = (buffer: Buffer, at: number): number => readInt64(buffer, at + MAX_TIMESTAMP_AT);
export const producerId = (buffer: Buffer, at: number): number => readInt64(buffer, at + PRODUCER_ID_AT);
export const hasProducerId = (buffer: Buffer, at: number): boolean => buffer.readInt32BE(at + PRODUCER_ID_AT) >= 0;
export const producerEpoch = (buffer: Buffer, at: number): number => buffer.readInt16BE(at + PRODUCER_EPOCH_AT);
export const baseSequence = (buffer: Buffer, at: number): number => buffer.readInt32BE(at + BASE_SEQUENCE_AT);
/** Sequence of the last record, -1 when the batch has none. */
export function lastSequence(buffer: Buffer, at: number): number {
  const first = baseSequence(buffer, at);
  return first === NO_SEQUENCE ? NO_SEQUENCE : incrementSequence(first, lastOffsetDelta(buffer, at));
}
export const recordCount = (buffer: Buffer, at: number): number => buffer.readInt32BE(at + RECORD_COUNT_AT);
/** The time in ms after which tombstones and markers of a compacted batch may go (KIP-534), undefined when not set. */
export const deleteHorizonMs = (buffer: Buffer, at: number): number | undefined =>
  (attributes(buffer, at) & DELETE_HORIZON_FLAG) === 0 ? undefined : baseTimestamp(buffer, at);

export const setBaseOffset = (buffer: Buffer, at: number, value: number): void => writeInt64(buffer, value, at);
/** Sets baseOffset so that the batch ends at `value`. */
export const setLastOffset = (buffer: Buffer, at: number, value: number): void =>
  writeInt64(buffer, value - lastOffsetDelta(buffer, at), at);
export function setPartitionLeaderEpoch(buffer: Buffer, at: number, value: number): void {
  buffer.writeInt32BE(value, at + PARTITION_LEADER_EPOCH_AT);
}
/** Sets producer id, epoch and first sequence. The CRC is stale afterwards: {@link writeCrc}. */
export function setProducer(buffer: Buffer, at: number, id: number, epoch: number, sequence: number): void {
  writeInt64(buffer, id, at + PRODUCER_ID_AT);
  buffer.writeInt16BE(epoch, at + PRODUCER_EPOCH_AT);
  buffer.writeInt32BE(sequence, at + BASE_SEQUENCE_AT);
}

/**
 * Sets the timestamp type and maxTimestamp (ms) and computes the CRC anew; does nothing when neither differs, so that a
 * batch which is right already stays as it was sent.
 */
export function setMaxTimestamp(buffer: Buffer, at: number, type: TimestampType, timestamp: number): void {
  const before = attributes(buffer, at);
  const after = type === 'LogAppendTime' ? before | LOG_APPEND_TIME_FLAG : before & ~LOG_APPEND_TIME_FLAG;
  if (before === after && maxTimestamp(buffer, at) === timestamp) return;
  buffer.writeInt16BE(after, at + ATTRIBUTES_AT);
  writeInt64(buffer, timestamp, at + MAX_TIMESTAMP_AT);
  writeCrc(buffer, at);
}

/** The CRC-32C of the batch's bytes, unsigned. The batch must lie whole in the buffer. */
export function computeCrc(buffer: Buffer, at: number): number {
  return crc32c(buffer.subarray(at + ATTRIBUTES_AT, at + batchSizeBytes(buffer, at)));
}

/** Whether the stored CRC is that of the bytes. The batch must lie whole in the buffer. */
export function hasValidCrc(buffer: Buffer, at: number): boolean {
  return computeCrc(buffer, at) === storedCrc(buffer, at);
}

/** Stores the CRC of the bytes as they are now. */
export function writeCrc(buffer: Buffer, at: number): void {
  buffer.writeUInt32BE(computeCrc(buffer, at), at + CRC_AT);
}

/** What {@link writeBatchHeader} puts into a header. */
export interface BatchHeader {
  readonly baseOffset: number;
  readonly partitionLeaderEpoch: number;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** Writes the 61 bytes before the records of a batch of `sizeBytes`, then the CRC of the whole. */
export function writeBatchHeader(buffer: Buffer, at: number, sizeBytes: number, header: BatchHeader): void {
  writeInt64(buffer, header.baseOffset, at);
  buffer.writeInt32BE(sizeBytes - LOG_OVERHEAD, at + BATCH_LENGTH_AT);
  buffer.writeInt32BE(header.partitionLeaderEpoch, at + PARTITION_LEADER_EPOCH_AT);
  buffer.writeInt8(CURRENT_MAGIC, at + MAGIC_AT);
  buffer.writeInt16BE(header.attributes, at + ATTRIBUTES_AT);
  buffer.writeInt32BE(header.lastOffsetDelta, at + LAST_OFFSET_DELTA_AT);
  writeInt64(buffer, header.baseTimestamp, at + BASE_TIMESTAMP_AT);
  writeInt64(buffer, header.maxTimestamp, at + MAX_TIMESTAMP_AT);
  setProducer(buffer, at, header.producerId, header.producerEpoch, header.baseSequence);
  buffer.writeInt32BE(header.recordCount, at + RECORD_COUNT_AT);
  writeCrc(buffer, at);
}
