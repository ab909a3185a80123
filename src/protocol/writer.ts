import type { Uuid } from '../base/uuid.ts';
import { bytesOfUuid } from './uuid-cache.ts';

const TWO_32 = 0x1_0000_0000;
/** From this size on a chunk of records is referred to, below it is copied: a chunk of its own costs about as much. */
const MIN_CHUNK_BYTES = 2048;
/** Up to this length a loop beats two calls out of JavaScript; one byte holds the length in either form. */
const MAX_SHORT_STRING = 48;

/**
 * Writes Kafka's primitive types, one after another, into a buffer that grows. Record batches are not copied: they stand
 * between the written parts as chunks of their own, for one gathered write.
 */
export class Writer {
  #buffer: Buffer;
  #position = 0;
  /** Where in #buffer the part that is not in #chunks begins. */
  #chunkStart = 0;
  #chunks: Uint8Array[] = [];
  /** Bytes in #chunks. */
  #chunkBytes = 0;

  constructor(initialBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  /** Bytes written so far, those of referred chunks included. */
  get sizeBytes(): number {
    return this.#chunkBytes + this.#position - this.#chunkStart;
  }

  /** All that was written, in order. The writer must not be used afterwards. */
  finish(): Uint8Array[] {
    this.#closeChunk();
    return this.#chunks;
  }

  /** All that was written, in one buffer. The writer must not be used afterwards. */
  finishWhole(): Buffer {
    const chunks = this.finish();
    const only = chunks.length === 1 ? chunks[0] : undefined;
    return only === undefined ? Buffer.concat(chunks) : Buffer.from(only.buffer, only.byteOffset, only.length);
  }

  #closeChunk(): void {
    if (this.#position === this.#chunkStart) return;
    this.#chunks.push(this.#buffer.subarray(this.#chunkStart, this.#position));
    this.#chunkBytes += this.#position - this.#chunkStart;
    this.#chunkStart = this.#position;
  }

  #reserve(count: number): number {
    const at = this.#position;
    const end = at + count;
    if (end > this.#buffer.length) return this.#grow(count);
    this.#position = end;
    return at;
  }

  // Only the part that is not yet in #chunks moves; what is there keeps the old buffer alive.
  #grow(count: number): number {
    const used = this.#position - this.#chunkStart;
    const larger = Buffer.allocUnsafe(Math.max(256, 2 * this.#buffer.length, used + count));
    this.#buffer.copy(larger, 0, this.#chunkStart, this.#position);
    this.#buffer = larger;
    this.#chunkStart = 0;
    this.#position = used + count;
    return used;
  }

  boolean(value: boolean): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value ? 1 : 0;
  }

  int8(value: number): void {
    checkInteger(value, -0x80, 0x7f, 'int8');
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  int16(value: number): void {
    checkInteger(value, -0x8000, 0x7fff, 'int16');
    this.#put16(value);
  }

  uint16(value: number): void {
    checkInteger(value, 0, 0xffff, 'uint16');
    this.#put16(value);
  }

  #put16(value: number): void {
    const at = this.#reserve(2);
    const buffer = this.#buffer;
    buffer[at] = value >> 8;
    buffer[at + 1] = value;
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw outOfRange(value, 'int32');
    this.#put32(value);
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw outOfRange(value, 'uint32');
    this.#put32(value | 0);
  }

  #put32(value: number): void {
    const at = this.#reserve(4);
    const buffer = this.#buffer;
    buffer[at] = value >> 24;
    buffer[at + 1] = value >> 16;
    buffer[at + 2] = value >> 8;
    buffer[at + 3] = value;
  }

  /** A safe integer, or Infinity and -Infinity for the largest and the smallest int64. */
  int64(value: number): void {
    if (Number.isSafeInteger(value)) {
      const high = Math.floor(value / TWO_32);
      this.#put32(high);
      this.#put32((value - high * TWO_32) | 0);
    } else if (value === Number.POSITIVE_INFINITY) {
      this.#put32(0x7fffffff);
      this.#put32(-1);
    } else if (value === Number.NEGATIVE_INFINITY) {
      this.#put32(-0x80000000);
      this.#put32(0);
    } else {
      throw outOfRange(value, 'int64');
    }
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleBE(value, at);
  }

  uuid(value: Uuid): void {
    const source = bytesOfUuid(value);
    const at = this.#reserve(16);
    source.copy(this.#buffer, at);
  }

  uvarint(value: number): void {
    if (value >>> 0 !== value) throw outOfRange(value, 'unsigned varint');
    let rest = value;
    while (rest > 0x7f) {
      const at = this.#reserve(1);
      this.#buffer[at] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    const at = this.#reserve(1);
    this.#buffer[at] = rest;
  }

  string(value: string): void {
    const short = value.length;
    if (short <= MAX_SHORT_STRING) {
      const at = this.#reserve(2 + short);
      if (this.#ascii(value, at + 2)) {
        this.#buffer[at] = 0;
        this.#buffer[at + 1] = short;
        return;
      }
      this.#position -= 2 + short;
    }
    const length = Buffer.byteLength(value);
    if (length > 0x7fff) throw new RangeError(`a string of ${length} bytes is longer than 32767 bytes`);
    this.#put16(length);
    this.#utf8(value, length);
  }

  nullableString(value: string | null): void {
    if (value === null) this.#put16(-1);
    else this.string(value);
  }

  compactString(value: string): void {
    const short = value.length;
    if (short <= MAX_SHORT_STRING) {
      const at = this.#reserve(1 + short);
      if (this.#ascii(value, at + 1)) {
        this.#buffer[at] = short + 1;
        return;
      }
      this.#position -= 1 + short;
    }
    const length = Buffer.byteLength(value);
    this.uvarint(length + 1);
    this.#utf8(value, length);
  }

  /** Writes a string whose characters all are ASCII at `at`; false when one is not. */
  #ascii(value: string, at: number): boolean {
    const buffer = this.#buffer;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[at + i] = code;
    }
    return true;
  }

  compactNullableString(value: string | null): void {
    if (value === null) this.uvarint(0);
    else this.compactString(value);
  }

  #utf8(value: string, length: number): void {
    const at = this.#reserve(length);
    this.#buffer.write(value, at, length, 'utf8');
  }

  bytes(value: Uint8Array): void {
    this.int32(value.length);
    this.raw(value);
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.#put32(-1);
    else this.bytes(value);
  }

  compactBytes(value: Uint8Array): void {
    this.uvarint(value.length + 1);
    this.raw(value);
  }

  compactNullableBytes(value: Uint8Array | null): void {
    if (value === null) this.uvarint(0);
    else this.compactBytes(value);
  }

  records(value: Uint8Array | readonly Uint8Array[]): void {
    this.int32(chunksSizeBytes(value));
    this.#refer(value);
  }

  nullableRecords(value: Uint8Array | readonly Uint8Array[] | null): void {
    if (value === null) this.#put32(-1);
    else this.records(value);
  }

  compactRecords(value: Uint8Array | readonly Uint8Array[]): void {
    this.uvarint(chunksSizeBytes(value) + 1);
    this.#refer(value);
  }

  compactNullableRecords(value: Uint8Array | readonly Uint8Array[] | null): void {
    if (value === null) this.uvarint(0);
    else this.compactRecords(value);
  }

  arrayLength(length: number): void {
    this.#put32(length);
  }

  compactArrayLength(length: number): void {
    this.uvarint(length + 1);
  }

  /** The size and the data of a tagged field that the schema does not know. */
  compactTag(data: Uint8Array): void {
    this.uvarint(data.length);
    this.raw(data);
  }

  /** Copies bytes as they are. */
  raw(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
  }

  #refer(value: Uint8Array | readonly Uint8Array[]): void {
    if (value instanceof Uint8Array) {
      this.#referChunk(value);
      return;
    }
    for (const chunk of value) this.#referChunk(chunk);
  }

  #referChunk(chunk: Uint8Array): void {
    if (chunk.length < MIN_CHUNK_BYTES) {
      this.raw(chunk);
      return;
    }
    this.#closeChunk();
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
  }

  /** Opens a part that is preceded by its size as an unsigned varint; pass the result to {@link endSized}. */
  beginSized(): number {
    this.#reserve(1);
    return this.sizeBytes;
  }

  /** Closes a part that {@link beginSized} opened. It must not hold records. */
  endSized(start: number): void {
    const size = this.sizeBytes - start;
    const extra = uvarintBytes(size) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      const from = this.#position - extra - size;
      this.#buffer.copyWithin(from + extra, from, from + size);
    }
    const end = this.#position;
    this.#position = end - size - extra - 1;
    this.uvarint(size);
    this.#position = end;
  }

  /** Writes an int32 over four bytes that were written at `at` bytes from the start, before any chunk of records. */
  patchInt32(at: number, value: number): void {
    const first = this.#chunks[0];
    const target = first === undefined ? this.#buffer : Buffer.from(first.buffer, first.byteOffset, first.length);
    target.writeInt32BE(value, at);
  }
}

function uvarintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) count++;
  return count;
}

function chunksSizeBytes(value: Uint8Array | readonly Uint8Array[]): number {
  if (value instanceof Uint8Array) return value.length;
  let size = 0;
  for (const chunk of value) size += chunk.length;
  return size;
}

function checkInteger(value: number, min: number, max: number, kind: string): void {
  if (!Number.isInteger(value) || value < min || value > max) throw outOfRange(value, kind);
}

function outOfRange(value: unknown, kind: string): RangeError {
  return new RangeError(`${String(value)} is outside the range of ${kind}`);
}
