import { BATCH_HEADER_SIZE, batchSizeBytes } from '../records/record-batch.ts';

// What an entry costs beside its bytes.
const ENTRY_OVERHEAD_BYTES = 128;
// A buffer that is a small part of what it is cut from would hold all of that in memory.
const MAX_WASTE = 4;

/** The memory that the tails of all logs share; the log that was written longest ago gives way first. */
export class TailBudget {
  readonly #maxBytes: number;
  readonly maxBytesPerLog: number;
  readonly #tails = new Set<MemoryTail>();
  #usedBytes = 0;

  constructor(maxBytes = 64 * 1024 * 1024, maxBytesPerLog = 4 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
    this.maxBytesPerLog = maxBytesPerLog;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Counts what a tail took (or gave back, negative). */
  account(tail: MemoryTail, bytes: number): void {
    this.#usedBytes += bytes;
    if (bytes <= 0) return;
    this.#tails.delete(tail);
    this.#tails.add(tail);
    while (this.#usedBytes > this.#maxBytes) {
      const [oldest] = this.#tails;
      if (oldest === undefined || !oldest.dropOldest()) {
        if (oldest === undefined) return;
        this.#tails.delete(oldest);
      }
    }
  }

  forget(tail: MemoryTail): void {
    this.#tails.delete(tail);
  }
}

/**
 * The newest batches of a log, the very buffers that were appended: live consumers and followers are served without a
 * read. A run without gaps that ends at the log's end, bounded in bytes.
 */
export class MemoryTail {
  readonly #budget: TailBudget;
  #chunks: Buffer[] = [];
  #baseOffsets: number[] = [];
  #head = 0;
  #bytes = 0;

  constructor(budget: TailBudget) {
    this.#budget = budget;
  }

  /** Base offset of the oldest chunk, Infinity when empty. */
  get startOffset(): number {
    return this.#baseOffsets[this.#head] ?? Number.POSITIVE_INFINITY;
  }

  /** Adds a chunk of whole batches that starts at `baseOffset`. */
  append(chunk: Buffer, baseOffset: number): void {
    const cost = chunk.length + ENTRY_OVERHEAD_BYTES;
    if (cost > this.#budget.maxBytesPerLog) {
      this.clear();
      return;
    }
    const isWasteful = chunk.length * MAX_WASTE < chunk.buffer.byteLength;
    this.#chunks.push(isWasteful ? Buffer.from(chunk) : chunk);
    this.#baseOffsets.push(baseOffset);
    this.#bytes += cost;
    while (this.#bytes > this.#budget.maxBytesPerLog) this.dropOldest();
    this.#budget.account(this, cost);
  }

  /** Drops the oldest chunk; false when there was none. */
  dropOldest(): boolean {
    const chunk = this.#chunks[this.#head];
    if (chunk === undefined) return false;
    this.#chunks[this.#head] = EMPTY;
    this.#head++;
    this.#release(chunk.length + ENTRY_OVERHEAD_BYTES);
    if (this.#head === this.#chunks.length) this.#compact();
    else if (this.#head > 64 && this.#head * 2 > this.#chunks.length) this.#compact();
    return true;
  }

  #compact(): void {
    this.#chunks = this.#chunks.slice(this.#head);
    this.#baseOffsets = this.#baseOffsets.slice(this.#head);
    this.#head = 0;
  }

  #release(bytes: number): void {
    this.#bytes -= bytes;
    this.#budget.account(this, -bytes);
  }

  clear(): void {
    this.#chunks = [];
    this.#baseOffsets = [];
    this.#head = 0;
    this.#release(this.#bytes);
    this.#budget.forget(this);
  }

  /** Index of the chunk that holds `offset`, which must be at or after startOffset. */
  find(offset: number): number {
    let low = this.#head;
    let high = this.#baseOffsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#baseOffsets[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  chunk(index: number): Buffer | undefined {
    return this.#chunks[index];
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Whether a whole batch header lies at `at`, and the batch whole too. */
export function holdsWholeBatch(buffer: Buffer, at: number, end: number): boolean {
  return end - at >= BATCH_HEADER_SIZE && end - at >= batchSizeBytes(buffer, at);
}
