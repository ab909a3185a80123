import { KafkaError } from '../base/kafka-error.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { ByteReader } from './tcp-server.ts';

const RECEIVE_BYTES = 64 * 1024;
/** A frame that lacks at least so much has it read into its own buffer at once. */
const DIRECT_BYTES = 16 * 1024;

/**
 * Where all connections receive: the bytes are taken out, or handled, before the next read. A buffer for each read would
 * be garbage at the rate of the traffic.
 */
export const receiveBuffer: Buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);

/**
 * Cuts what a connection receives into frames, each an int32 size and that many bytes. Small ones are handed on where
 * they lie in the {@link receiveBuffer}; a large one is read into a buffer of its own, without a copy of most of it.
 */
export class FrameReader implements ByteReader {
  readonly #maxFrameBytes: number;
  readonly #pool: BufferPool;
  readonly #onFrame: (frame: Buffer) => void;
  readonly #sizeBytes = Buffer.alloc(4);
  /** How many bytes of a split size field have arrived. */
  #sizeFilled = 0;
  #partial: Buffer | undefined;
  #partialFilled = 0;
  #isDirect = false;

  /**
   * @param maxFrameBytes larger sizes are refused before anything is allocated (`socket.request.max.bytes`)
   * @param onFrame gets each frame without its size field; {@link isBorrowed} says whether it may be kept
   */
  constructor(maxFrameBytes: number, pool: BufferPool, onFrame: (frame: Buffer) => void) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#pool = pool;
    this.#onFrame = onFrame;
  }

  /** Where the next bytes go. */
  target(): Buffer {
    const partial = this.#partial;
    this.#isDirect = partial !== undefined && partial.length - this.#partialFilled >= DIRECT_BYTES;
    return partial !== undefined && this.#isDirect ? partial.subarray(this.#partialFilled) : receiveBuffer;
  }

  /** So many bytes lie in the target. Throws KafkaError INVALID_REQUEST on a size below 0 or above the limit. */
  received(count: number): void {
    if (this.#isDirect) this.#filled(count);
    else this.#cut(count);
  }

  #filled(count: number): void {
    const partial = this.#partial;
    this.#partialFilled += count;
    if (partial === undefined || this.#partialFilled < partial.length) return;
    this.#partial = undefined;
    this.#onFrame(partial);
  }

  #cut(end: number): void {
    let at = 0;
    while (at < end) {
      if (this.#partial !== undefined) at = this.#fillPartial(this.#partial, at, end);
      else if (this.#sizeFilled > 0 || end - at < 4) at = this.#fillSize(at, end);
      else at = this.#takeWhole(at, end);
    }
  }

  #takeWhole(at: number, end: number): number {
    const size = this.#checked(receiveBuffer.readInt32BE(at));
    const start = at + 4;
    if (end - start < size) {
      this.#begin(size);
      return start;
    }
    this.#onFrame(receiveBuffer.subarray(start, start + size));
    return start + size;
  }

  #fillSize(at: number, end: number): number {
    const count = Math.min(4 - this.#sizeFilled, end - at);
    receiveBuffer.copy(this.#sizeBytes, this.#sizeFilled, at, at + count);
    this.#sizeFilled += count;
    if (this.#sizeFilled === 4) {
      this.#sizeFilled = 0;
      const size = this.#checked(this.#sizeBytes.readInt32BE(0));
      if (size === 0) this.#onFrame(Buffer.alloc(0));
      else this.#begin(size);
    }
    return at + count;
  }

  #begin(size: number): void {
    this.#partial = this.#pool.take(size);
    this.#partialFilled = 0;
  }

  #fillPartial(partial: Buffer, at: number, end: number): number {
    const count = Math.min(partial.length - this.#partialFilled, end - at);
    receiveBuffer.copy(partial, this.#partialFilled, at, at + count);
    this.#filled(count);
    return at + count;
  }

  #checked(size: number): number {
    if (size < 0 || size > this.#maxFrameBytes) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `a frame has at most ${this.#maxFrameBytes} bytes, received size ${size}`,
      );
    }
    return size;
  }
}

/** Whether a frame lies in the {@link receiveBuffer}: then it is gone when control returns to the event loop. */
export function isBorrowed(frame: Buffer): boolean {
  return frame.buffer === receiveBuffer.buffer;
}
