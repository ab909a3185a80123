import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import { uuidAt } from './uuid-cache.ts';

const TWO_32 = 0x1_0000_0000;

/**
 * Reads Kafka's primitive types from a frame, one after another. Never reads past `end`, never allocates more than the
 * bytes that are there allow: a frame that says otherwise is an INVALID_REQUEST.
 */
export class Reader {
  readonly buffer: Buffer;
  position: number;
  end: number;

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Moves past `count` bytes and returns where they start. */
  skip(count: number): number {
    const at = this.position;
    if (count > this.end - at) throw underflow(count, this.end - at);
    this.position = at + count;
    return at;
  }

  boolean(): boolean {
    return this.buffer[this.skip(1)] !== 0;
  }

  int8(): number {
    return (byteAt(this.buffer, this.skip(1)) << 24) >> 24;
  }

  int16(): number {
    return (this.uint16() << 16) >> 16;
  }

  uint16(): number {
    const at = this.skip(2);
    return (byteAt(this.buffer, at) << 8) | byteAt(this.buffer, at + 1);
  }

  int32(): number {
    const at = this.skip(4);
    const buffer = this.buffer;
    return (
      (byteAt(buffer, at) << 24) |
      (byteAt(buffer, at + 1) << 16) |
      (byteAt(buffer, at + 2) << 8) |
      byteAt(buffer, at + 3)
    );
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  /** A safe integer; Infinity and -Infinity stand for the largest and the smallest int64. */
  int64(): number {
    const high = this.int32();
    const low = this.uint32();
    const value = high * TWO_32 + low;
    if (Number.isSafeInteger(value)) return value;
    if (high === 0x7fffffff && low === 0xffffffff) return Number.POSITIVE_INFINITY;
    if (high === -0x80000000 && low === 0) return Number.NEGATIVE_INFINITY;
    const exact = (BigInt(high) << 32n) | BigInt(low);
    throw new KafkaError('INVALID_REQUEST', `an int64 must be within ±(2^53-1) or an extreme, received ${exact}`);
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.skip(8));
  }

  uuid(): Uuid {
    return uuidAt(this.buffer, this.skip(16));
  }

  /** An unsigned varint of up to 32 bits. */
  uvarint(): number {
    const buffer = this.buffer;
    let at = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= this.end) throw underflow(1, 0);
      const byte = byteAt(buffer, at++);
      value += shift === 28 ? (byte & 0x7f) * 0x1000_0000 : (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = at;
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new KafkaError('INVALID_REQUEST', 'an unsigned varint is longer than 32 bits');
  }

  string(): string {
    const length = this.int16();
    if (length < 0) throw nullNotAllowed('string');
    return this.utf8(length);
  }

  nullableString(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.utf8(length);
  }

  compactString(): string {
    const length = this.uvarint() - 1;
    if (length < 0) throw nullNotAllowed('string');
    return this.utf8(length);
  }

  compactNullableString(): string | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.utf8(length);
  }

  bytes(): Buffer {
    const length = this.int32();
    if (length < 0) throw nullNotAllowed('bytes');
    return this.view(length);
  }

  nullableBytes(): Buffer | null {
    const length = this.int32();
    return length < 0 ? null : this.view(length);
  }

  compactBytes(): Buffer {
    const length = this.uvarint() - 1;
    if (length < 0) throw nullNotAllowed('bytes');
    return this.view(length);
  }

  compactNullableBytes(): Buffer | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.view(length);
  }

  /**
   * The length of an array whose elements take at least `minElementBytes` each, -1 for null. A length that cannot fit
   * in what is left is refused before anything is allocated for it.
   */
  arrayLength(minElementBytes: number): number {
    return this.#checkedLength(this.int32(), minElementBytes);
  }

  compactArrayLength(minElementBytes: number): number {
    return this.#checkedLength(this.uvarint() - 1, minElementBytes);
  }

  #checkedLength(length: number, minElementBytes: number): number {
    if (length < 0) return -1;
    if (length * minElementBytes > this.end - this.position) {
      const left = this.end - this.position;
      throw new KafkaError('INVALID_REQUEST', `an array of ${length} elements cannot fit in the ${left} bytes left`);
    }
    return length;
  }

  /** A view of the next `length` bytes. */
  view(length: number): Buffer {
    const at = this.skip(length);
    return this.buffer.subarray(at, at + length);
  }

  utf8(length: number): string {
    if (length === 0) return '';
    const at = this.skip(length);
    return this.buffer.toString('utf8', at, at + length);
  }
}

function byteAt(buffer: Buffer, at: number): number {
  return buffer[at] as number;
}

function underflow(wanted: number, left: number): KafkaError {
  return new KafkaError('INVALID_REQUEST', `the message ends early: ${wanted} bytes were expected, ${left} are left`);
}

function nullNotAllowed(what: string): KafkaError {
  return new KafkaError('INVALID_REQUEST', `a ${what} that must not be null is null`);
}

/** What compiled decoders throw when an array that must not be null is null. */
export function nullArray(): KafkaError {
  return nullNotAllowed('array');
}
