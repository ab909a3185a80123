import { readInt64, writeInt64 } from '../records/record-batch.ts';
import type { FilePool } from './file-pool.ts';
import { PooledFile } from './file-pool.ts';

const ENTRY_BYTES = 34;

/** A transaction that was aborted in this segment: its marker is here. */
export interface AbortedTransactionEntry {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the ABORT marker. */
  readonly lastOffset: number;
  readonly lastStableOffset: number;
}

/** `.txnindex`: the aborted transactions of a segment; the file appears with the first one. */
export class TransactionIndex {
  readonly file: PooledFile;
  #entries: AbortedTransactionEntry[] | undefined;

  /** @param exists whether the file is there */
  constructor(pool: FilePool, path: string, exists: boolean) {
    this.file = new PooledFile(pool, path);
    this.#entries = exists ? undefined : [];
  }

  get entries(): readonly AbortedTransactionEntry[] {
    this.#entries ??= this.#read();
    return this.#entries;
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  #read(): AbortedTransactionEntry[] {
    const handle = this.file.handle();
    const count = Math.floor(handle.sizeBytes() / ENTRY_BYTES);
    const bytes = Buffer.alloc(count * ENTRY_BYTES);
    handle.read(bytes, 0, bytes.length, 0);
    return Array.from({ length: count }, (_, i) => {
      const at = i * ENTRY_BYTES + 2;
      return {
        producerId: readInt64(bytes, at),
        firstOffset: readInt64(bytes, at + 8),
        lastOffset: readInt64(bytes, at + 16),
        lastStableOffset: readInt64(bytes, at + 24),
      };
    });
  }

  append(entry: AbortedTransactionEntry): void {
    const entries = this.#entries ?? this.#read();
    const bytes = Buffer.alloc(ENTRY_BYTES);
    writeInt64(bytes, entry.producerId, 2);
    writeInt64(bytes, entry.firstOffset, 10);
    writeInt64(bytes, entry.lastOffset, 18);
    writeInt64(bytes, entry.lastStableOffset, 26);
    this.file.handle().write([bytes], entries.length * ENTRY_BYTES);
    entries.push(entry);
    this.#entries = entries;
  }

  /** Drops the transactions whose marker is at or above `offset`. */
  truncateTo(offset: number): void {
    const kept = this.entries.filter((entry) => entry.lastOffset < offset);
    if (kept.length === this.entries.length) return;
    this.file.handle().truncate(kept.length * ENTRY_BYTES);
    this.#entries = kept;
  }

  reset(): void {
    this.truncateTo(Number.NEGATIVE_INFINITY);
  }
}
