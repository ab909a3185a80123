// What an entry costs beside its key's bytes.
const ENTRY_OVERHEAD_BYTES = 80;

/** The newest offset of each key in the part of a log that is to be compacted; bounded in memory. */
export class OffsetMap {
  readonly #maxBytes: number;
  readonly #offsets = new Map<string, number>();
  #bytes = 0;
  /** The last offset that the map covers, -1 when it covers none. */
  latestOffset = -1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  put(buffer: Buffer, start: number, length: number, offset: number): void {
    const key = buffer.toString('latin1', start, start + length);
    if (!this.#offsets.has(key)) this.#bytes += length + ENTRY_OVERHEAD_BYTES;
    this.#offsets.set(key, offset);
  }

  /** The newest offset of a key, -1 when it is not in the map. */
  get(buffer: Buffer, start: number, length: number): number {
    return this.#offsets.get(buffer.toString('latin1', start, start + length)) ?? -1;
  }
}
