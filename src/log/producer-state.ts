import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../base/logger.ts';
import { DELETED_SUFFIX, offsetFileName, SNAPSHOT_SUFFIX } from './log-files.ts';
import type { ActiveProducer, VerificationGuard } from './partition-log-types.ts';
import {
  type CompletedTransaction,
  ProducerAppend,
  type ProducerAppendContext,
  type UnwrittenBatch,
  type VerificationState,
} from './producer-append.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import { ProducerStateEntry } from './producer-state-entry.ts';

interface OpenTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of its marker, once that is written. */
  lastOffset: number | undefined;
}

const MAX_UNWRITTEN = 1000;

/** The last that a log has of a producer. */
export interface LastRecord {
  readonly lastDataOffset: number | undefined;
  readonly producerEpoch: number;
}

/** The producers of one log: sequences, epochs, open transactions, snapshots on disk (Kafka's ProducerStateManager). */
export class ProducerStates {
  readonly #fileSystem: FileSystem;
  readonly #logger: Logger;
  readonly #expirationMs: number;
  #directory: string;
  #producers = new Map<number, ProducerStateEntry>();
  // By first offset, ascending.
  #ongoing = new Map<number, OpenTransaction>();
  // Ended, but the marker is not below the high watermark yet.
  #unreplicated = new Map<number, OpenTransaction>();
  #verifications: Map<number, VerificationState> | undefined;
  readonly #unwritten = new Map<number, UnwrittenBatch>();
  /** Offsets of the snapshot files, ascending. */
  #snapshots: number[];
  /** The offset that the state reflects (exclusive). */
  mapEndOffset = 0;
  #lastSnapshotOffset = 0;

  constructor(
    fileSystem: FileSystem,
    logger: Logger,
    directory: string,
    snapshotOffsets: readonly number[],
    expirationMs: number,
  ) {
    this.#fileSystem = fileSystem;
    this.#logger = logger;
    this.#directory = directory;
    this.#snapshots = [...snapshotOffsets].sort((a, b) => a - b);
    this.#expirationMs = expirationMs;
  }

  moveTo(directory: string): void {
    this.#directory = directory;
  }

  get isEmpty(): boolean {
    return this.#producers.size === 0 && this.#unreplicated.size === 0;
  }

  get snapshotOffsets(): readonly number[] {
    return this.#snapshots;
  }

  get(producerId: number): ProducerStateEntry | undefined {
    return this.#producers.get(producerId);
  }

  // ---- appending ----

  prepare(producerId: number, context: ProducerAppendContext): ProducerAppend {
    const current = this.#producers.get(producerId) ?? new ProducerStateEntry(producerId);
    return new ProducerAppend(context, current, this.#verifications?.get(producerId), this.#unwritten.get(producerId));
  }

  /**
   * The disk refused the append. A producer that is not known may start anywhere, so that the next batch that is under
   * way would be written before this one. (Kafka's broker stops instead.)
   */
  notWritten({ updated }: ProducerAppend): void {
    const { producerId, producerEpoch, batches } = updated;
    const [first] = batches;
    if (first === undefined || this.#producers.has(producerId) || this.#unwritten.has(producerId)) return;
    const [oldest] = this.#unwritten.keys();
    if (oldest !== undefined && this.#unwritten.size >= MAX_UNWRITTEN) this.#unwritten.delete(oldest);
    this.#unwritten.set(producerId, { producerEpoch, firstSequence: first.firstSequence });
  }

  apply(append: ProducerAppend): void {
    const { updated } = append;
    const current = this.#producers.get(updated.producerId);
    this.#unwritten.delete(updated.producerId);
    if (current === undefined) this.#producers.set(updated.producerId, updated);
    else current.apply(updated);
    for (const firstOffset of append.startedTransactions) {
      this.#ongoing.set(firstOffset, { producerId: updated.producerId, firstOffset, lastOffset: undefined });
    }
  }

  /** The last stable offset once `completed` is over. */
  lastStableOffsetAfter(completed: CompletedTransaction): number {
    for (const open of this.#ongoing.values()) {
      if (open.producerId !== completed.producerId) return open.firstOffset;
    }
    return completed.lastOffset + 1;
  }

  complete(completed: CompletedTransaction): void {
    const open = this.#ongoing.get(completed.firstOffset);
    if (open === undefined) return;
    this.#ongoing.delete(completed.firstOffset);
    open.lastOffset = completed.lastOffset;
    this.#unreplicated.set(open.firstOffset, open);
  }

  /** The offset from which on transactions are undecided or their markers not replicated. */
  get firstUnstableOffset(): number | undefined {
    let first: number | undefined;
    for (const firstOffset of this.#ongoing.keys()) {
      first = firstOffset;
      break;
    }
    for (const firstOffset of this.#unreplicated.keys()) {
      if (first === undefined || firstOffset < first) first = firstOffset;
    }
    return first;
  }

  /** Markers below `highWatermark` count as replicated; true when that changed something. */
  onHighWatermark(highWatermark: number): boolean {
    if (this.#unreplicated.size === 0) return false;
    const before = this.#unreplicated.size;
    for (const [firstOffset, open] of this.#unreplicated) {
      if (open.lastOffset !== undefined && open.lastOffset < highWatermark) this.#unreplicated.delete(firstOffset);
    }
    return this.#unreplicated.size !== before;
  }

  onLogStartOffset(logStartOffset: number): void {
    this.onHighWatermark(logStartOffset);
    this.mapEndOffset = Math.max(this.mapEndOffset, logStartOffset);
    this.#lastSnapshotOffset = this.#snapshots.at(-1) ?? logStartOffset;
  }

  // ---- verification (KIP-890) ----

  startVerification(
    producerId: number,
    sequence: number,
    producerEpoch: number,
    supportsEpochBump: boolean,
    nowMs: number,
  ): VerificationGuard {
    this.#verifications ??= new Map();
    let state = this.#verifications.get(producerId);
    if (state === undefined) {
      state = {
        guard: { producerId },
        timestamp: nowMs,
        lowestSequence: sequence,
        producerEpoch,
        supportsEpochBump,
      };
      this.#verifications.set(producerId, state);
    }
    if (producerEpoch > state.producerEpoch) {
      state.producerEpoch = producerEpoch;
      state.lowestSequence = sequence;
    } else if (producerEpoch === state.producerEpoch) {
      state.lowestSequence = Math.min(state.lowestSequence, sequence);
    }
    return state.guard;
  }

  verification(producerId: number): VerificationState | undefined {
    return this.#verifications?.get(producerId);
  }

  clearVerification(producerId: number): void {
    this.#verifications?.delete(producerId);
  }

  // ---- views and expiry ----

  activeProducers(): ActiveProducer[] {
    return [...this.#producers.values()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.lastSequence,
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTransactionStartOffset: entry.transactionFirstOffset ?? -1,
    }));
  }

  /** What compaction must keep of each producer: its last batch, or the marker of its epoch when it has none. */
  lastRecords(): ReadonlyMap<number, LastRecord> {
    const lastRecords = new Map<number, LastRecord>();
    for (const entry of this.#producers.values()) {
      const lastDataOffset = entry.batches.at(-1)?.lastOffset;
      lastRecords.set(entry.producerId, { lastDataOffset, producerEpoch: entry.producerEpoch });
    }
    return lastRecords;
  }

  #isExpired(entry: ProducerStateEntry, nowMs: number): boolean {
    return entry.transactionFirstOffset === undefined && nowMs - entry.lastTimestamp >= this.#expirationMs;
  }

  removeExpired(nowMs: number): void {
    for (const [producerId, entry] of this.#producers) {
      if (this.#isExpired(entry, nowMs)) this.#producers.delete(producerId);
    }
    for (const [producerId, state] of this.#verifications ?? []) {
      if (nowMs - state.timestamp >= this.#expirationMs) this.#verifications?.delete(producerId);
    }
  }

  // ---- snapshots ----

  #path(offset: number): string {
    return `${this.#directory}/${offsetFileName(offset, SNAPSHOT_SUFFIX)}`;
  }

  /** Writes a snapshot named by mapEndOffset, unless the newest one is as new. */
  takeSnapshot(): void {
    if (this.mapEndOffset <= this.#lastSnapshotOffset) return;
    const handle = this.#fileSystem.open(this.#path(this.mapEndOffset), 'write');
    try {
      handle.truncate(0);
      handle.write([encodeProducerSnapshot(this.#producers)], 0);
    } finally {
      handle.close();
    }
    this.#lastSnapshotOffset = this.mapEndOffset;
    if (!this.#snapshots.includes(this.mapEndOffset)) this.#snapshots.push(this.mapEndOffset);
    this.#snapshots.sort((a, b) => a - b);
  }

  #removeSnapshots(isUnwanted: (offset: number) => boolean): void {
    for (const offset of this.#snapshots) {
      if (isUnwanted(offset)) this.#fileSystem.remove(this.#path(offset));
    }
    this.#snapshots = this.#snapshots.filter((offset) => !isUnwanted(offset));
  }

  /** Keeps the snapshots of segments, and the newest other one if it is above all of them. */
  removeStraySnapshots(segmentBaseOffsets: readonly number[]): void {
    const bases = new Set(segmentBaseOffsets);
    const newestStray = this.#snapshots.findLast((offset) => !bases.has(offset));
    const lastBase = segmentBaseOffsets.at(-1) ?? -1;
    this.#removeSnapshots((offset) => !bases.has(offset) && (offset !== newestStray || offset < lastBase));
  }

  /** Renames the snapshot of a deleted segment; returns its new path. */
  retireSnapshot(offset: number): string | undefined {
    if (!this.#snapshots.includes(offset)) return undefined;
    this.#snapshots = this.#snapshots.filter((other) => other !== offset);
    const retired = this.#path(offset) + DELETED_SUFFIX;
    this.#fileSystem.rename(this.#path(offset), retired);
    return retired;
  }

  /** Forgets everything and loads the newest snapshot at or below `logEndOffset`; what is newer must be replayed. */
  truncateAndReload(logStartOffset: number, logEndOffset: number, nowMs: number): void {
    this.#removeSnapshots((offset) => offset > logEndOffset || offset <= logStartOffset);
    if (logEndOffset === this.mapEndOffset) {
      this.onLogStartOffset(logStartOffset);
      return;
    }
    this.#forget();
    this.#load(logStartOffset, nowMs);
  }

  #forget(): void {
    this.#producers = new Map();
    this.#ongoing = new Map();
    this.#unreplicated = new Map();
  }

  #load(logStartOffset: number, nowMs: number): void {
    for (;;) {
      const offset = this.#snapshots.at(-1);
      if (offset === undefined) break;
      const entries = decodeProducerSnapshot(this.#fileSystem.readFile(this.#path(offset)));
      if (entries === undefined) {
        this.#logger.warn(`The producer snapshot ${this.#path(offset)} is corrupt and is left out`);
        this.#removeSnapshots((other) => other === offset);
        continue;
      }
      this.#adopt(entries.filter((entry) => !this.#isExpired(entry, nowMs)));
      this.#lastSnapshotOffset = offset;
      this.mapEndOffset = offset;
      return;
    }
    this.#lastSnapshotOffset = logStartOffset;
    this.mapEndOffset = logStartOffset;
  }

  #adopt(entries: readonly ProducerStateEntry[]): void {
    for (const entry of entries) this.#producers.set(entry.producerId, entry);
    const open = entries.flatMap((entry) => {
      const firstOffset = entry.transactionFirstOffset;
      return firstOffset === undefined ? [] : [{ producerId: entry.producerId, firstOffset, lastOffset: undefined }];
    });
    open.sort((a, b) => a.firstOffset - b.firstOffset);
    for (const transaction of open) this.#ongoing.set(transaction.firstOffset, transaction);
  }

  truncateFullyAndStartAt(offset: number): void {
    this.#forget();
    this.#removeSnapshots(() => true);
    this.#lastSnapshotOffset = 0;
    this.mapEndOffset = offset;
  }
}
