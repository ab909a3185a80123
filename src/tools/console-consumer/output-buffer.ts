const EMPTY: Buffer = Buffer.alloc(0);
const EMPTY_VIEW: DataView = new DataView(new ArrayBuffer(0));
// Up to it a loop over words beats Buffer.copy, which makes a view for each call in Node 20.
const SMALL_COPY_BYTES = 320;

/**
 * Gathers small pieces into large chunks. Each chunk is handed to `sink` once and never touched again, so a stream may
 * hold on to it.
 */
export class OutputBuffer {
  readonly #sink: (chunk: Buffer) => void;
  readonly #capacity: number;
  #bytes = EMPTY;
  #view: DataView = EMPTY_VIEW;
  #end = 0;
  #source = EMPTY;
  #sourceView: DataView = EMPTY_VIEW;

  /** @param capacity bytes a chunk gathers; a larger piece makes a larger chunk */
  constructor(sink: (chunk: Buffer) => void, capacity = 256 * 1024) {
    this.#sink = sink;
    this.#capacity = capacity;
  }

  /** Bytes that wait for the next flush. */
  get pendingBytes(): number {
    return this.#end;
  }

  /** Adds `source` from `start` to `end` and one more byte, as a line and its end. */
  sliceAndByte(source: Buffer, start: number, end: number, byte: number): void {
    this.#reserve(end - start + 1);
    this.#copy(source, start, end);
    this.#bytes[this.#end++] = byte;
  }

  #copy(source: Buffer, start: number, end: number): void {
    if (end - start > SMALL_COPY_BYTES) {
      source.copy(this.#bytes, this.#end, start, end);
      this.#end += end - start;
      return;
    }
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = new DataView(source.buffer, source.byteOffset, source.length);
    }
    const from = this.#sourceView;
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
    this.#use(EMPTY);
    this.#end = 0;
    this.#sink(chunk);
  }

  #reserve(count: number): void {
    if (this.#bytes.length - this.#end >= count) return;
    this.flush();
    this.#use(Buffer.allocUnsafeSlow(Math.max(this.#capacity, count)));
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
