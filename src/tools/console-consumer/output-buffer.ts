/**
 * Gathers small pieces into large chunks. Each chunk is handed to `sink` once and never touched again, so a stream may
 * hold on to it.
 */
export class OutputBuffer {
  readonly #sink: (chunk: Buffer) => void;
  readonly #capacity: number;
  #bytes: Buffer;
  #end = 0;

  /** @param capacity bytes a chunk gathers; a larger piece makes a larger chunk */
  constructor(sink: (chunk: Buffer) => void, capacity = 256 * 1024) {
    this.#sink = sink;
    this.#capacity = capacity;
    this.#bytes = EMPTY;
  }

  /** Bytes that wait for the next flush. */
  get pendingBytes(): number {
    return this.#end;
  }

  /** Adds `source` from `start` to `end`. */
  slice(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    source.copy(this.#bytes, this.#end, start, end);
    this.#end += end - start;
  }

  /** Adds `source` from `start` to `end` and one more byte, as a line and its end. */
  sliceAndByte(source: Buffer, start: number, end: number, byte: number): void {
    const length = end - start;
    this.#reserve(length + 1);
    const bytes = this.#bytes;
    const at = this.#end;
    source.copy(bytes, at, start, end);
    bytes[at + length] = byte;
    this.#end = at + length + 1;
  }

  write(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  text(text: string): void {
    this.write(Buffer.from(text));
  }

  /** Hands what was gathered to the sink. */
  flush(): void {
    if (this.#end === 0) return;
    const chunk = this.#bytes.subarray(0, this.#end);
    this.#bytes = EMPTY;
    this.#end = 0;
    this.#sink(chunk);
  }

  #reserve(count: number): void {
    if (this.#bytes.length - this.#end >= count) return;
    this.flush();
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(this.#capacity, count));
  }
}

const EMPTY = Buffer.alloc(0);
