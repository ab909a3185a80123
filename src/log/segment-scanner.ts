import type { FileHandle } from '../base/file-system.ts';
import * as batch from '../records/record-batch.ts';
import type { PooledFile } from './file-pool.ts';

/** What a scan needs of each batch: its header only, or all of its bytes. */
export type ScanDepth = 'headers' | 'whole';

const HEADERS_CHUNK_BYTES = 4096;
const WHOLE_CHUNK_BYTES = 1024 * 1024;

/**
 * Goes from batch to batch in a segment's file. After {@link next} the batch's header (or all of it) lies in `buffer`
 * at `at`; it is overwritten by the next call.
 */
export class SegmentScanner {
  buffer: Buffer = EMPTY;
  at = 0;
  /** Where the batch starts in the file, and its size. */
  position: number;
  sizeBytes = 0;

  readonly #file: PooledFile;
  readonly #end: number;
  readonly #depth: ScanDepth;
  #chunkPosition = 0;
  #chunkBytes = 0;

  /** @param end where the file's batches end */
  constructor(file: PooledFile, position: number, end: number, depth: ScanDepth) {
    this.#file = file;
    this.position = position;
    this.#end = end;
    this.#depth = depth;
  }

  /** Moves to the next batch; false at the end, or where no whole batch of magic 2 follows. */
  next(): boolean {
    this.position += this.sizeBytes;
    this.sizeBytes = 0;
    const left = this.#end - this.position;
    if (left < batch.BATCH_HEADER_SIZE) return false;
    if (!this.#has(batch.BATCH_HEADER_SIZE)) this.#fill(batch.BATCH_HEADER_SIZE);
    if (!this.#has(batch.BATCH_HEADER_SIZE)) return false;
    this.at = this.position - this.#chunkPosition;
    const size = batch.batchSizeBytes(this.buffer, this.at);
    if (size < batch.BATCH_HEADER_SIZE || size > left) return false;
    if (batch.magic(this.buffer, this.at) !== batch.CURRENT_MAGIC) return false;
    if (this.#depth === 'whole' && !this.#has(size)) {
      this.#fill(size);
      if (!this.#has(size)) return false;
      this.at = 0;
    }
    this.sizeBytes = size;
    return true;
  }

  #has(bytes: number): boolean {
    return this.position >= this.#chunkPosition && this.position + bytes <= this.#chunkPosition + this.#chunkBytes;
  }

  #fill(bytes: number): void {
    const chunk = this.#depth === 'headers' ? HEADERS_CHUNK_BYTES : WHOLE_CHUNK_BYTES;
    const wanted = Math.min(Math.max(bytes, chunk), this.#end - this.position);
    if (this.buffer.length < wanted) this.buffer = Buffer.allocUnsafeSlow(wanted);
    const handle: FileHandle = this.#file.handle();
    this.#chunkBytes = handle.read(this.buffer, 0, wanted, this.position);
    this.#chunkPosition = this.position;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
