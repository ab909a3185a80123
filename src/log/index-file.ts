import { readInt64, writeInt64 } from '../records/record-batch.ts';
import type { FilePool } from './file-pool.ts';
import { PooledFile } from './file-pool.ts';

const FLUSH_BYTES = 4096;
const BLOCK_BYTES = 4096;

/**
 * A file of sorted entries of one size. What is not yet written is kept in memory and goes out in blocks; what is
 * written is searched in the file. So an idle index costs next to nothing. While its segment is the active one the file
 * is longer than its entries, sparse, as Apache Kafka's is; it is cut on a roll and on a clean stop.
 */
class EntryFile {
  readonly file: PooledFile;
  readonly entryBytes: number;
  #count: number;
  #writtenCount: number;
  #isPreallocated = false;
  #pending: Buffer = EMPTY;
  #block: Buffer = EMPTY;
  #blockStart = 0;
  #blockEnd = 0;

  constructor(pool: FilePool, path: string, entryBytes: number, sizeBytes: number) {
    this.file = new PooledFile(pool, path);
    this.entryBytes = entryBytes;
    this.#count = Math.floor(sizeBytes / entryBytes);
    this.#writtenCount = this.#count;
  }

  get count(): number {
    return this.#count;
  }

  /** Room for one more entry; the caller fills it at the returned position of {@link pending}. */
  reserve(): number {
    const at = (this.#count - this.#writtenCount) * this.entryBytes;
    if (at + this.entryBytes > this.#pending.length) {
      if (at + this.entryBytes > FLUSH_BYTES) {
        this.flush();
        return this.reserve();
      }
      const larger = Buffer.allocUnsafeSlow(Math.min(FLUSH_BYTES, Math.max(this.entryBytes * 8, at * 2)));
      this.#pending.copy(larger, 0, 0, at);
      this.#pending = larger;
    }
    this.#count++;
    return at;
  }

  /** Makes sure that the next {@link reserve} writes nothing, so that it cannot fail. */
  prepare(): void {
    if ((this.#count - this.#writtenCount + 1) * this.entryBytes > FLUSH_BYTES) this.flush();
  }

  get pending(): Buffer {
    return this.#pending;
  }

  /** Finds the last entry for which `isAtOrBelow` holds (a prefix of them does); -1 when there is none. */
  search(isAtOrBelow: (buffer: Buffer, at: number) => boolean): number {
    let low = 0;
    let high = this.#count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = this.locate(middle, low, high);
      if (isAtOrBelow(this.located, at)) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  /** What {@link locate} found. */
  located: Buffer = EMPTY;

  /** Position of an entry in {@link located}; [low, high] is what will be asked for next. */
  locate(index: number, low = index, high = index): number {
    if (index >= this.#writtenCount) {
      this.located = this.#pending;
      return (index - this.#writtenCount) * this.entryBytes;
    }
    if (index < this.#blockStart || index >= this.#blockEnd) this.#readBlock(index, low, high);
    this.located = this.#block;
    return (index - this.#blockStart) * this.entryBytes;
  }

  #readBlock(index: number, low: number, high: number): void {
    const perBlock = Math.floor(BLOCK_BYTES / this.entryBytes);
    const isNarrow = high - low < perBlock;
    const start = isNarrow ? low : index;
    const end = Math.min(isNarrow ? high + 1 : index + 1, this.#writtenCount);
    const bytes = (end - start) * this.entryBytes;
    if (this.#block.length < bytes) this.#block = Buffer.allocUnsafeSlow(bytes);
    this.file.handle().read(this.#block, 0, bytes, start * this.entryBytes);
    this.#blockStart = start;
    this.#blockEnd = end;
  }

  /** Writes what is pending; creates the file. */
  flush(): void {
    const bytes = (this.#count - this.#writtenCount) * this.entryBytes;
    const handle = this.file.handle();
    if (bytes > 0) handle.write([this.#pending.subarray(0, bytes)], this.#writtenCount * this.entryBytes);
    this.#writtenCount = this.#count;
  }

  get isPreallocated(): boolean {
    return this.#isPreallocated;
  }

  /** Makes the file as long as it may become, rounded down to whole entries; takes no room on the disk. */
  preallocate(maxBytes: number): void {
    const entries = Math.max(Math.floor(maxBytes / this.entryBytes), this.#writtenCount);
    this.file.handle().truncate(entries * this.entryBytes);
    this.#isPreallocated = true;
  }

  /** Writes what is pending and ends the file behind its last entry. */
  seal(): void {
    this.flush();
    if (this.#isPreallocated) this.#cut(this.#writtenCount);
  }

  #cut(count: number): void {
    this.file.handle().truncate(count * this.entryBytes);
    this.#isPreallocated = false;
  }

  /** Keeps the first `count` entries; the file ends behind them. */
  truncate(count: number): void {
    this.#blockEnd = this.#blockStart;
    this.#writtenCount = Math.min(this.#writtenCount, count);
    if (this.#count > count || this.#isPreallocated) this.#cut(this.#writtenCount);
    this.#count = Math.min(this.#count, count);
  }

  /** Drops what is kept in memory; the file stays as it is. */
  release(): void {
    this.#pending = EMPTY;
    this.#block = EMPTY;
    this.located = EMPTY;
    this.#blockStart = 0;
    this.#blockEnd = 0;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** `.index`: last offset of a batch (relative to the base offset) and the position where that batch starts. */
export class OffsetIndex {
  static readonly entryBytes = 8;
  readonly entries: EntryFile;
  readonly #baseOffset: number;
  #lastOffset: number | undefined;

  constructor(pool: FilePool, path: string, baseOffset: number, sizeBytes: number) {
    this.entries = new EntryFile(pool, path, OffsetIndex.entryBytes, sizeBytes);
    this.#baseOffset = baseOffset;
  }

  append(offset: number, position: number): void {
    const at = this.entries.reserve();
    this.entries.pending.writeInt32BE(offset - this.#baseOffset, at);
    this.entries.pending.writeInt32BE(position, at + 4);
    this.#lastOffset = offset;
  }

  /** The last offset that has an entry; the base offset when there is none. */
  get lastOffset(): number {
    if (this.#lastOffset === undefined) {
      const { count } = this.entries;
      const at = count === 0 ? 0 : this.entries.locate(count - 1);
      this.#lastOffset = this.#baseOffset + (count === 0 ? 0 : this.entries.located.readInt32BE(at));
    }
    return this.#lastOffset;
  }

  /** Where to start looking for `offset`. */
  lookup(offset: number): number {
    const relative = offset - this.#baseOffset;
    const index = this.entries.search((buffer, at) => buffer.readInt32BE(at) <= relative);
    if (index < 0) return 0;
    const at = this.entries.locate(index);
    return this.entries.located.readInt32BE(at + 4);
  }

  /** Drops the entries at or above `offset`. */
  truncateTo(offset: number): void {
    const relative = offset - this.#baseOffset;
    this.entries.truncate(this.entries.search((buffer, at) => buffer.readInt32BE(at) < relative) + 1);
    this.#lastOffset = undefined;
  }

  reset(): void {
    this.entries.truncate(0);
    this.#lastOffset = undefined;
  }
}

/** `.timeindex`: the largest timestamp so far and the last offset of the batch that has it. */
export class TimeIndex {
  static readonly entryBytes = 12;
  readonly entries: EntryFile;
  readonly #baseOffset: number;
  #lastTimestamp: number | undefined;

  constructor(pool: FilePool, path: string, baseOffset: number, sizeBytes: number) {
    this.entries = new EntryFile(pool, path, TimeIndex.entryBytes, sizeBytes);
    this.#baseOffset = baseOffset;
  }

  /** The timestamp of the last entry, -1 when there is none. */
  get lastTimestamp(): number {
    if (this.#lastTimestamp === undefined) {
      const { count } = this.entries;
      const at = count === 0 ? 0 : this.entries.locate(count - 1);
      this.#lastTimestamp = count === 0 ? -1 : readInt64(this.entries.located, at);
    }
    return this.#lastTimestamp;
  }

  /** The offset of the last entry, the base offset when there is none. */
  get lastOffset(): number {
    const { count } = this.entries;
    if (count === 0) return this.#baseOffset;
    const at = this.entries.locate(count - 1);
    return this.#baseOffset + this.entries.located.readInt32BE(at + 8);
  }

  /** Adds an entry when `timestamp` is above the last one. */
  append(timestamp: number, offset: number): void {
    if (timestamp <= this.lastTimestamp) return;
    const at = this.entries.reserve();
    writeInt64(this.entries.pending, timestamp, at);
    this.entries.pending.writeInt32BE(offset - this.#baseOffset, at + 8);
    this.#lastTimestamp = timestamp;
  }

  /** The offset of the last entry at or below `timestamp`; the base offset when there is none. */
  lookup(timestamp: number): number {
    const index = this.entries.search((buffer, at) => readInt64(buffer, at) <= timestamp);
    if (index < 0) return this.#baseOffset;
    const at = this.entries.locate(index);
    return this.#baseOffset + this.entries.located.readInt32BE(at + 8);
  }

  /** Drops the entries at or above `offset`. */
  truncateTo(offset: number): void {
    const relative = offset - this.#baseOffset;
    this.entries.truncate(this.entries.search((buffer, at) => buffer.readInt32BE(at + 8) < relative) + 1);
    this.#lastTimestamp = undefined;
  }

  reset(): void {
    this.entries.truncate(0);
    this.#lastTimestamp = undefined;
  }
}
