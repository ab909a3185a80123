import { KafkaError } from '../base/kafka-error.ts';
import { codecName, decompress } from './compression.ts';
import { scanOrdinaryRecords } from './ordinary-records.ts';
import * as batch from './record-batch.ts';

/** A header of a record; `value` null when it has none. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/** How far the records of one compressed batch may unfold when the caller sets no limit. */
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 128 * 1024 * 1024;

// Where the reader below stopped: a second return value without an object.
let readEnd = 0;

function readVarint(buffer: Buffer, at: number, end: number): number {
  let zigzag = 0;
  let position = at;
  for (let shift = 0; shift < 35; shift += 7) {
    if (position >= end) throw invalidRecord('it ends within a varint');
    const byte = buffer[position++] ?? 0;
    zigzag |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      readEnd = position;
      return (zigzag >>> 1) ^ -(zigzag & 1);
    }
  }
  throw invalidRecord('a varint has more than 5 bytes');
}

function readVarlong(buffer: Buffer, at: number, end: number): number {
  let position = at;
  let byte = readByte(buffer, position++, end);
  const isNegative = (byte & 1) === 1;
  // Everything but the sign bit, as a double: exact for safe integers.
  let magnitude = (byte & 0x7f) >> 1;
  let factor = 64;
  for (let count = 1; byte >= 0x80 && count < 10; count++) {
    byte = readByte(buffer, position++, end);
    magnitude += (byte & 0x7f) * factor;
    factor *= 128;
  }
  if (byte < 0) throw invalidRecord('it ends within a varlong');
  if (byte >= 0x80) throw invalidRecord('a varlong has more than 10 bytes');
  if (magnitude > Number.MAX_SAFE_INTEGER) throw invalidRecord('a timestamp is out of the supported range');
  readEnd = position;
  return isNegative ? -magnitude - 1 : magnitude;
}

function readByte(buffer: Buffer, at: number, end: number): number {
  return at < end ? (buffer[at] ?? 0) : -1;
}

function invalidRecord(why: string): KafkaError {
  return new KafkaError('INVALID_RECORD', `Found an invalid record: ${why}.`);
}

/**
 * Walks over the records of a batch. One cursor serves any number of batches; its fields describe the record that the
 * last {@link RecordCursor.next} moved to. Nothing is allocated per record; bytes are positions in `buffer`.
 */
export class RecordCursor {
  /** What the positions refer to: the batch's own buffer, or its decompressed records. */
  buffer: Buffer = EMPTY;
  offset = 0;
  /** Position of the record in its batch as the record says (the offset minus the base offset). */
  offsetDelta = 0;
  /** In ms; the batch's maxTimestamp for every record when the log appended the time. */
  timestamp = 0;
  /** The record's own attributes, always 0 so far. */
  attributes = 0;
  keyStart = 0;
  /** Negative when the key is null. */
  keyLength = 0;
  valueStart = 0;
  /** Negative when the value is null. */
  valueLength = 0;
  headerCount = 0;
  headersStart = 0;
  /** Where the record starts and the position after it. */
  start = 0;
  end = 0;

  #recordsEnd = 0;
  #remaining = 0;
  #baseOffset = 0;
  #baseTimestamp = 0;
  #appendTime = batch.NO_TIMESTAMP;

  /**
   * Goes before the first record of the batch at `at`, which must lie whole in `buffer`. A compressed batch is
   * decompressed as a whole. Throws CORRUPT_MESSAGE or INVALID_RECORD when the bytes are none, MESSAGE_TOO_LARGE when
   * the records unfold to more than `maxDecompressedBytes`.
   */
  open(buffer: Buffer, at: number, maxDecompressedBytes = DEFAULT_MAX_DECOMPRESSED_BYTES): void {
    const attributes = batch.attributes(buffer, at);
    const batchEnd = at + batch.batchSizeBytes(buffer, at);
    if (batchEnd > buffer.length || batchEnd < at + batch.BATCH_HEADER_SIZE) {
      throw new KafkaError('CORRUPT_MESSAGE', `a record batch of ${batchEnd - at} bytes does not fit its buffer`);
    }
    this.#remaining = batch.recordCount(buffer, at);
    if (this.#remaining < 0) throw invalidRecord(`the batch counts ${this.#remaining} records`);
    this.#baseOffset = batch.baseOffset(buffer, at);
    this.#baseTimestamp = batch.baseTimestamp(buffer, at);
    this.#appendTime = (attributes & batch.LOG_APPEND_TIME_FLAG) === 0 ? -1 : batch.maxTimestamp(buffer, at);
    const codec = attributes & batch.CODEC_MASK;
    if (codec === 0) {
      this.buffer = buffer;
      this.end = at + batch.BATCH_HEADER_SIZE;
      this.#recordsEnd = batchEnd;
    } else {
      const records = buffer.subarray(at + batch.BATCH_HEADER_SIZE, batchEnd);
      this.buffer = this.#remaining === 0 ? EMPTY : decompress(codecName(codec), records, maxDecompressedBytes);
      this.end = 0;
      this.#recordsEnd = this.buffer.length;
    }
  }

  /** Before the first record: whether a quick look at all of them is enough ({@link scanOrdinaryRecords}). */
  areAllOrdinary(needKeys: boolean): boolean {
    return scanOrdinaryRecords(this.buffer, this.end, this.#recordsEnd, this.#remaining, needKeys);
  }

  /** Moves to the next record; false after the last. Throws INVALID_RECORD on bytes that are no record. */
  next(): boolean {
    if (this.#remaining === 0) {
      if (this.end !== this.#recordsEnd) {
        throw invalidRecord('Incorrect declared batch size, records still remaining in file');
      }
      return false;
    }
    this.#remaining--;
    const buffer = this.buffer;
    this.start = this.end;
    const length = readVarint(buffer, this.end, this.#recordsEnd);
    const end = readEnd + length;
    // The smallest record has attributes, four one-byte varints and a header count.
    if (length < 6 || end > this.#recordsEnd) throw invalidRecord(`its length is ${length}`);
    this.attributes = buffer[readEnd] ?? 0;
    const timestampDelta = readVarlong(buffer, readEnd + 1, end);
    this.timestamp = this.#appendTime === -1 ? this.#baseTimestamp + timestampDelta : this.#appendTime;
    this.offsetDelta = readVarint(buffer, readEnd, end);
    this.offset = this.#baseOffset + this.offsetDelta;
    const keyLength = readVarint(buffer, readEnd, end);
    this.keyStart = readEnd;
    this.keyLength = keyLength;
    const keyEnd = readEnd + Math.max(keyLength, 0);
    const valueLength = readVarint(buffer, keyEnd, end);
    this.valueStart = readEnd;
    this.valueLength = valueLength;
    const valueEnd = readEnd + Math.max(valueLength, 0);
    this.headerCount = readVarint(buffer, valueEnd, end);
    this.headersStart = readEnd;
    if (this.headerCount === 0 ? readEnd !== end : this.headerCount < 0 || this.headerCount > end - readEnd) {
      throw invalidRecord(`it counts ${this.headerCount} headers in ${end - readEnd} bytes`);
    }
    this.end = end;
    return true;
  }

  /** Lets go of the buffer, so that a cursor which is kept does not keep that. */
  release(): void {
    this.buffer = EMPTY;
    this.end = 0;
    this.#recordsEnd = 0;
    this.#remaining = 0;
  }

  /** Who set the timestamps of the batch. */
  get timestampType(): batch.TimestampType {
    return this.#appendTime === batch.NO_TIMESTAMP ? 'CreateTime' : 'LogAppendTime';
  }

  get hasKey(): boolean {
    return this.keyLength >= 0;
  }

  /** The key's bytes, a view; null when the record has none. */
  key(): Buffer | null {
    return this.keyLength < 0 ? null : this.buffer.subarray(this.keyStart, this.keyStart + this.keyLength);
  }

  /** The value's bytes, a view; null when the record has none. */
  value(): Buffer | null {
    return this.valueLength < 0 ? null : this.buffer.subarray(this.valueStart, this.valueStart + this.valueLength);
  }

  /** The record's headers in order. Throws INVALID_RECORD when they do not end with the record. */
  headers(): RecordHeader[] {
    if (this.headerCount === 0) return [];
    const headers: RecordHeader[] = [];
    this.#walkHeaders(headers);
    return headers;
  }

  /** Checks the headers without making them. */
  checkHeaders(): void {
    if (this.headerCount > 0) this.#walkHeaders(undefined);
  }

  #walkHeaders(into: RecordHeader[] | undefined): void {
    const { buffer, end } = this;
    let at = this.headersStart;
    for (let i = 0; i < this.headerCount; i++) {
      const keyLength = readVarint(buffer, at, end);
      const keyStart = readEnd;
      if (keyLength < 0) throw invalidRecord(`a header key has length ${keyLength}`);
      const valueLength = readVarint(buffer, keyStart + keyLength, end);
      const valueStart = readEnd;
      at = valueStart + Math.max(valueLength, 0);
      if (at > end) throw invalidRecord('a header reaches beyond its record');
      if (into === undefined) continue;
      const value = valueLength < 0 ? null : buffer.subarray(valueStart, at);
      into.push({ key: buffer.toString('utf8', keyStart, keyStart + keyLength), value });
    }
    if (at !== end) throw invalidRecord(`${end - at} bytes are left behind its headers`);
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Calls `visit` for every record of all whole batches in `records`, in order; the cursor is the same every time. */
export function forEachRecord(
  records: Buffer,
  visit: (cursor: RecordCursor, batchAt: number) => void,
  maxDecompressedBytes = DEFAULT_MAX_DECOMPRESSED_BYTES,
): void {
  const cursor = new RecordCursor();
  for (let at = 0; at + batch.BATCH_HEADER_SIZE <= records.length; at += batch.batchSizeBytes(records, at)) {
    if (at + batch.batchSizeBytes(records, at) > records.length) return;
    cursor.open(records, at, maxDecompressedBytes);
    while (cursor.next()) visit(cursor, at);
  }
}
