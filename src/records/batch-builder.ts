import { KafkaError } from '../base/kafka-error.ts';
import { type CodecName, codecId, compress } from './compression.ts';
import * as batch from './record-batch.ts';
import type { RecordCursor } from './record-cursor.ts';
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './varint.ts';

/** A header to be written; a null value is kept as null. */
export interface HeaderToWrite {
  readonly key: string | Uint8Array;
  readonly value: Uint8Array | null;
}

/** What {@link BatchBuilder.finish} puts around the records; every field has a default. */
export interface BatchOptions {
  readonly codec?: CodecName;
  /** Level of the codec; undefined = the codec's default. */
  readonly level?: number | undefined;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  /** Default 0, as producers send. */
  readonly baseOffset?: number;
  /** Default -1, as producers send. */
  readonly partitionLeaderEpoch?: number;
  readonly timestampType?: batch.TimestampType;
  /** Replaces the largest timestamp of the records. */
  readonly maxTimestamp?: number;
  /** Compaction keeps it when the last records are gone. */
  readonly lastOffsetDelta?: number;
  /** The base timestamp, see {@link BatchBuilder.startAt}, is the delete horizon (KIP-534). */
  readonly hasDeleteHorizon?: boolean;
}

const MAX_HEADERS_OVERHEAD = 10;
// length, attributes, timestampDelta, offsetDelta, keyLength, valueLength, headerCount at their largest.
const MAX_RECORD_OVERHEAD = 5 + 1 + 10 + 5 + 5 + 5 + 5;
// Below it a loop over 32-bit words beats the call into Buffer.copy.
const SMALL_COPY_BYTES = 112;

/**
 * Builds one record batch in a growing buffer. {@link finish} hands the buffer over and the builder starts anew.
 */
export class BatchBuilder {
  readonly #initialBytes: number;
  #buffer: Buffer;
  #view: DataView;
  #end = batch.BATCH_HEADER_SIZE;
  #recordCount = 0;
  #baseTimestamp = 0;
  #hasBaseTimestamp = false;
  #maxTimestamp = batch.NO_TIMESTAMP;
  #offsetDelta = -1;
  #source: Uint8Array | undefined;
  #sourceView: DataView | undefined;

  /** @param initialBytes what the buffer starts with, e.g. the producer's batch size; it grows as needed */
  constructor(initialBytes = 1024) {
    this.#initialBytes = Math.max(initialBytes, batch.BATCH_HEADER_SIZE + 64);
    this.#buffer = EMPTY;
    this.#view = EMPTY_VIEW;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  /** Bytes of the batch as it stands, uncompressed, its header included. */
  get sizeBytes(): number {
    return this.#end;
  }

  /** The largest timestamp so far in ms, -1 when there is none. */
  get maxTimestamp(): number {
    return this.#maxTimestamp;
  }

  /** The most bytes that a record without headers may add. */
  static upperBound(keyLength: number, valueLength: number): number {
    return MAX_RECORD_OVERHEAD + keyLength + valueLength;
  }

  /** Sets the base timestamp in ms; without it that of the first record is taken. */
  startAt(baseTimestamp: number): void {
    this.#baseTimestamp = baseTimestamp;
    this.#hasBaseTimestamp = true;
  }

  /** Adds a record; `timestamp` in ms. Key, value and header values may be null. */
  append(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly HeaderToWrite[] = [],
  ): void {
    this.appendAt(this.#offsetDelta + 1, timestamp, key, value, headers);
  }

  /** As append, with an offset delta that leaves a gap (compaction). Deltas must rise. */
  appendAt(
    offsetDelta: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly HeaderToWrite[] = [],
  ): void {
    const keyLength = key === null ? -1 : key.length;
    const valueLength = value === null ? -1 : value.length;
    if (headers.length === 0) {
      this.#begin(offsetDelta, timestamp, keyLength, valueLength, 1);
      if (key !== null) this.#copy(key, 0, keyLength);
      this.#end = writeVarint(this.#buffer, valueLength, this.#end);
      if (value !== null) this.#copy(value, 0, valueLength);
      this.#buffer[this.#end++] = 0;
      return;
    }
    const encoded = encodeHeaders(headers);
    this.#begin(offsetDelta, timestamp, keyLength, valueLength, encoded.length);
    if (key !== null) this.#copy(key, 0, keyLength);
    this.#end = writeVarint(this.#buffer, valueLength, this.#end);
    if (value !== null) this.#copy(value, 0, valueLength);
    this.#copy(encoded, 0, encoded.length);
  }

  /** Adds a record without key whose value is `source` from `start` to `end`; copied once, into the batch. */
  appendSlice(timestamp: number, source: Uint8Array, start: number, end: number): void {
    const valueLength = end - start;
    this.#begin(this.#offsetDelta + 1, timestamp, -1, valueLength, 1);
    this.#end = writeVarint(this.#buffer, valueLength, this.#end);
    this.#copy(source, start, end);
    this.#buffer[this.#end++] = 0;
  }

  /** As appendSlice with a key; a negative length of key or value stands for null. */
  appendKeyedSlice(
    timestamp: number,
    source: Uint8Array,
    keyStart: number,
    keyLength: number,
    valueStart: number,
    valueLength: number,
  ): void {
    this.#begin(this.#offsetDelta + 1, timestamp, keyLength, valueLength, 1);
    if (keyLength > 0) this.#copy(source, keyStart, keyStart + keyLength);
    this.#end = writeVarint(this.#buffer, valueLength, this.#end);
    if (valueLength > 0) this.#copy(source, valueStart, valueStart + valueLength);
    this.#buffer[this.#end++] = 0;
  }

  /** Adds the record under a cursor as it is, with the next offset delta or the one given. */
  appendRecord(cursor: RecordCursor, offsetDelta = this.#offsetDelta + 1): void {
    const { buffer, keyLength, valueLength, headersStart, end } = cursor;
    const countStart = headersStart - sizeOfVarint(cursor.headerCount);
    this.#begin(offsetDelta, cursor.timestamp, keyLength, valueLength, end - countStart);
    if (keyLength > 0) this.#copy(buffer, cursor.keyStart, cursor.keyStart + keyLength);
    this.#end = writeVarint(this.#buffer, valueLength, this.#end);
    if (valueLength > 0) this.#copy(buffer, cursor.valueStart, cursor.valueStart + valueLength);
    this.#copy(buffer, countStart, end);
  }

  // Writes a record up to and with its key length; `tailBytes` is what follows the value.
  #begin(offsetDelta: number, timestamp: number, keyLength: number, valueLength: number, tailBytes: number): void {
    const keyBytes = Math.max(keyLength, 0);
    const valueBytes = Math.max(valueLength, 0);
    this.#reserve(MAX_RECORD_OVERHEAD + keyBytes + valueBytes + tailBytes);
    if (!this.#hasBaseTimestamp) this.startAt(timestamp);
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const delta = timestamp - this.#baseTimestamp;
    const length =
      1 +
      sizeOfVarlong(delta) +
      sizeOfVarint(offsetDelta) +
      sizeOfVarint(keyLength) +
      keyBytes +
      sizeOfVarint(valueLength) +
      valueBytes +
      tailBytes;
    const buffer = this.#buffer;
    let at = writeVarint(buffer, length, this.#end);
    buffer[at++] = 0;
    at = writeVarlong(buffer, delta, at);
    at = writeVarint(buffer, offsetDelta, at);
    this.#end = writeVarint(buffer, keyLength, at);
    this.#offsetDelta = offsetDelta;
    this.#recordCount++;
  }

  #reserve(bytes: number): void {
    if (this.#buffer.length - this.#end >= bytes) return;
    const needed = this.#end + bytes;
    const capacity = Math.max(this.#initialBytes, needed, this.#buffer.length * 2);
    const larger = Buffer.allocUnsafeSlow(capacity);
    if (this.#recordCount > 0) this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer, larger.byteOffset, larger.length);
  }

  // Little-endian spares swapping the bytes back and forth on the machines there are.
  #copy(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > SMALL_COPY_BYTES) {
      if (source instanceof Buffer) source.copy(this.#buffer, this.#end, start, end);
      else this.#buffer.set(source.subarray(start, end), this.#end);
      this.#end += length;
      return;
    }
    const from = this.#viewOf(source);
    const to = this.#view;
    let read = start;
    let write = this.#end;
    for (; read + 16 <= end; read += 16, write += 16) {
      to.setInt32(write, from.getInt32(read, true), true);
      to.setInt32(write + 4, from.getInt32(read + 4, true), true);
      to.setInt32(write + 8, from.getInt32(read + 8, true), true);
      to.setInt32(write + 12, from.getInt32(read + 12, true), true);
    }
    for (; read + 4 <= end; read += 4, write += 4) to.setInt32(write, from.getInt32(read, true), true);
    for (; read < end; read++, write++) to.setUint8(write, from.getUint8(read));
    this.#end = write;
  }

  #viewOf(source: Uint8Array): DataView {
    if (source !== this.#source || this.#sourceView === undefined) {
      this.#source = source;
      this.#sourceView = new DataView(source.buffer, source.byteOffset, source.length);
    }
    return this.#sourceView;
  }

  /**
   * Closes the batch and returns its bytes, which from then on belong to the caller; the builder is empty again.
   * Throws RangeError when there is no record.
   */
  finish(options: BatchOptions = {}): Buffer {
    if (this.#recordCount === 0) throw new RangeError('a record batch needs at least one record');
    const bytes = this.#assemble(options);
    const attributes =
      codecId(options.codec ?? 'none') |
      (options.timestampType === 'LogAppendTime' ? batch.LOG_APPEND_TIME_FLAG : 0) |
      (options.isTransactional === true ? batch.TRANSACTIONAL_FLAG : 0) |
      (options.isControl === true ? batch.CONTROL_FLAG : 0) |
      (options.hasDeleteHorizon === true ? batch.DELETE_HORIZON_FLAG : 0);
    batch.writeBatchHeader(bytes, 0, bytes.length, {
      baseOffset: options.baseOffset ?? 0,
      partitionLeaderEpoch: options.partitionLeaderEpoch ?? batch.NO_PARTITION_LEADER_EPOCH,
      attributes,
      lastOffsetDelta: options.lastOffsetDelta ?? this.#offsetDelta,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: options.maxTimestamp ?? this.#maxTimestamp,
      producerId: options.producerId ?? batch.NO_PRODUCER_ID,
      producerEpoch: options.producerEpoch ?? batch.NO_PRODUCER_EPOCH,
      baseSequence: options.baseSequence ?? batch.NO_SEQUENCE,
      recordCount: this.#recordCount,
    });
    this.reset();
    return bytes;
  }

  #assemble(options: BatchOptions): Buffer {
    const codec = options.codec ?? 'none';
    if (codec === 'none') {
      const bytes = this.#buffer.subarray(0, this.#end);
      this.#buffer = EMPTY;
      this.#view = EMPTY_VIEW;
      return bytes;
    }
    const records = compress(codec, this.#buffer.subarray(batch.BATCH_HEADER_SIZE, this.#end), options.level);
    const bytes = Buffer.allocUnsafeSlow(batch.BATCH_HEADER_SIZE + records.length);
    records.copy(bytes, batch.BATCH_HEADER_SIZE);
    return bytes;
  }

  /** Forgets all records. */
  reset(): void {
    this.#end = batch.BATCH_HEADER_SIZE;
    this.#recordCount = 0;
    this.#offsetDelta = -1;
    this.#hasBaseTimestamp = false;
    this.#maxTimestamp = batch.NO_TIMESTAMP;
    this.#source = undefined;
    this.#sourceView = undefined;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
const EMPTY_VIEW = new DataView(new ArrayBuffer(0));

function encodeHeaders(headers: readonly HeaderToWrite[]): Buffer {
  const keys = headers.map((header) => (typeof header.key === 'string' ? Buffer.from(header.key) : header.key));
  let capacity = 5;
  headers.forEach((header, i) => {
    capacity += MAX_HEADERS_OVERHEAD + (keys[i]?.length ?? 0) + (header.value?.length ?? 0);
  });
  if (capacity > 0x7fffffff) throw new KafkaError('RECORD_LIST_TOO_LARGE', `headers of ${capacity} bytes`);
  const buffer = Buffer.allocUnsafe(capacity);
  let at = writeVarint(buffer, headers.length, 0);
  headers.forEach((header, i) => {
    const key = keys[i] ?? EMPTY;
    at = writeVarint(buffer, key.length, at);
    buffer.set(key, at);
    at = writeVarint(buffer, header.value === null ? -1 : header.value.length, at + key.length);
    if (header.value !== null) {
      buffer.set(header.value, at);
      at += header.value.length;
    }
  });
  return buffer.subarray(0, at);
}
