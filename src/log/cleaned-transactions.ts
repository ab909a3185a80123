import { CONTROL_RECORD_TYPES, controlRecordType } from '../records/control-record.ts';
import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import type { AbortedTransactionEntry } from './transaction-index.ts';

const cursor = new RecordCursor();

/**
 * Follows the transactions while a cleaner reads: which batches belong to aborted ones, and which markers have nothing
 * left to mark (Kafka's CleanedTransactionMetadata).
 */
export class CleanedTransactions {
  /** Ascending by first offset. */
  #aborted: AbortedTransactionEntry[] = [];
  readonly #ongoingCommitted = new Set<number>();
  readonly #ongoingAborted = new Map<number, { readonly entry: AbortedTransactionEntry; hasBatches: boolean }>();
  readonly #onAbortedKept: (entry: AbortedTransactionEntry) => void;

  /** @param onAbortedKept an aborted transaction of which batches were there: its index entry is to be kept */
  constructor(onAbortedKept: (entry: AbortedTransactionEntry) => void = () => {}) {
    this.#onAbortedKept = onAbortedKept;
  }

  addAborted(entries: readonly AbortedTransactionEntry[]): void {
    this.#aborted = [...this.#aborted, ...entries].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Takes note of a batch; true when it may be discarded. */
  onBatch(bytes: Buffer, at: number): boolean {
    this.#takeUpTo(batch.lastOffset(bytes, at));
    if (batch.isControl(bytes, at)) return this.#onControlBatch(bytes, at);
    if (!batch.isTransactional(bytes, at)) return false;
    const producerId = batch.producerId(bytes, at);
    const aborted = this.#ongoingAborted.get(producerId);
    if (aborted === undefined) {
      this.#ongoingCommitted.add(producerId);
      return false;
    }
    aborted.hasBatches = true;
    return true;
  }

  #takeUpTo(offset: number): void {
    for (let next = this.#aborted[0]; next !== undefined && next.firstOffset <= offset; next = this.#aborted[0]) {
      this.#aborted.shift();
      if (!this.#ongoingAborted.has(next.producerId)) {
        this.#ongoingAborted.set(next.producerId, { entry: next, hasBatches: false });
      }
    }
  }

  #onControlBatch(bytes: Buffer, at: number): boolean {
    cursor.open(bytes, at);
    if (!cursor.next()) return true;
    const producerId = batch.producerId(bytes, at);
    switch (controlRecordType(cursor)) {
      case CONTROL_RECORD_TYPES.abort: {
        const aborted = this.#ongoingAborted.get(producerId);
        this.#ongoingAborted.delete(producerId);
        if (aborted?.hasBatches !== true) return true;
        this.#onAbortedKept(aborted.entry);
        return false;
      }
      case CONTROL_RECORD_TYPES.commit:
        return !this.#ongoingCommitted.delete(producerId);
      default:
        return false;
    }
  }
}
