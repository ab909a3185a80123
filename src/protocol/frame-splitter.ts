import { KafkaError } from '../base/kafka-error.ts';

/**
 * Cuts a byte stream into frames, each an int32 size and that many bytes. A frame that lies within one received chunk
 * is handed on as a view of it; only a frame that spans chunks is put together, in a buffer of its exact size.
 */
export class FrameSplitter {
  readonly #maxFrameBytes: number;
  readonly #onFrame: (frame: Buffer) => void;
  readonly #allocate: (sizeBytes: number) => Buffer;
  readonly #sizeBytes = Buffer.alloc(4);
  /** How many bytes of a split size field have arrived. */
  #sizeFilled = 0;
  #partial: Buffer | undefined;
  #partialFilled = 0;

  /**
   * @param maxFrameBytes larger sizes are refused before anything is allocated (`socket.request.max.bytes`)
   * @param onFrame gets each frame without its size field; the buffer may be kept, if `allocate` lets it be
   * @param allocate gives the buffer, of exactly that size, for a frame that spans chunks
   */
  constructor(
    maxFrameBytes: number,
    onFrame: (frame: Buffer) => void,
    allocate: (sizeBytes: number) => Buffer = Buffer.allocUnsafeSlow,
  ) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#onFrame = onFrame;
    this.#allocate = allocate;
  }

  /** Takes the next bytes of the stream. Throws KafkaError INVALID_REQUEST on a size below 0 or above the limit. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#partial !== undefined) at = this.#fillPartial(this.#partial, chunk, at);
      else if (this.#sizeFilled > 0 || chunk.length - at < 4) at = this.#fillSize(chunk, at);
      else at = this.#takeWhole(chunk, at);
    }
  }

  #takeWhole(chunk: Buffer, at: number): number {
    const size = this.#checked(chunk.readInt32BE(at));
    const start = at + 4;
    if (chunk.length - start < size) {
      this.#begin(size);
      return start;
    }
    this.#onFrame(chunk.subarray(start, start + size));
    return start + size;
  }

  #fillSize(chunk: Buffer, at: number): number {
    const count = Math.min(4 - this.#sizeFilled, chunk.length - at);
    chunk.copy(this.#sizeBytes, this.#sizeFilled, at, at + count);
    this.#sizeFilled += count;
    if (this.#sizeFilled === 4) {
      this.#sizeFilled = 0;
      this.#begin(this.#checked(this.#sizeBytes.readInt32BE(0)));
    }
    return at + count;
  }

  #begin(size: number): void {
    if (size === 0) {
      this.#onFrame(Buffer.alloc(0));
      return;
    }
    this.#partial = this.#allocate(size);
    this.#partialFilled = 0;
  }

  #fillPartial(partial: Buffer, chunk: Buffer, at: number): number {
    const count = Math.min(partial.length - this.#partialFilled, chunk.length - at);
    chunk.copy(partial, this.#partialFilled, at, at + count);
    this.#partialFilled += count;
    if (this.#partialFilled === partial.length) {
      this.#partial = undefined;
      this.#onFrame(partial);
    }
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
