import { KafkaError } from '../base/kafka-error.ts';
import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import { partitionName, type TopicPartition } from './types.ts';

/** Called for a record; false = enough for now. */
export type RecordVisitor = (cursor: RecordCursor, topic: string, partition: number) => unknown;

/** Where a partition is to be read from. */
export type StartOffset = number | 'earliest' | 'latest';

/** An assigned partition: what was handed out, what was fetched, and what keeps it from being fetched. */
export class FetchPartition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly name: string;
  /** Offset of the next record to hand out; undefined until it is known. */
  position: number | undefined;
  /** Offset of the next fetch: after all that lies in `chunks`. */
  fetchOffset = 0;
  /** Where to look for a position that is not known. */
  resetTo: 'earliest' | 'latest' | 'policy' | undefined;
  isPaused = false;
  isFetching = false;
  /** Fetched and not handed out whole yet. */
  chunkCount = 0;
  /** Grows when what is under way for this partition is no longer wanted. */
  generation = 0;
  /** Monotonic time before which it is not fetched again. */
  retryAtMs = 0;
  /** A replica that the leader named to read from, and until when (KIP-392). */
  preferredReplica = -1;
  preferredUntilMs = 0;
  highWatermark = -1;
  lastStableOffset = -1;
  logStartOffset = -1;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
    this.name = partitionName(topic, partition);
  }

  /** Forgets what was fetched and goes on from `start`. */
  seek(start: StartOffset | 'policy'): void {
    this.generation++;
    this.chunkCount = 0;
    this.retryAtMs = 0;
    this.preferredReplica = -1;
    if (typeof start === 'number') {
      this.position = start;
      this.fetchOffset = start;
      this.resetTo = undefined;
    } else {
      this.position = undefined;
      this.resetTo = start;
    }
  }
}

interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

const ABORT_MARKER = 0;

/** Record batches of one partition from one answer, handed out record by record. */
export class FetchChunk {
  readonly partition: FetchPartition;
  /** Nothing is left to hand out. */
  isDone = false;
  /** The last `deliver` ended because `visit` wished so. */
  wasStopped = false;
  readonly #records: Buffer;
  readonly #generation: number;
  readonly #checkCrcs: boolean;
  /** Sorted by offset; undefined when aborted records are wanted too. */
  readonly #aborted: AbortedTransaction[] | undefined;
  readonly #abortedProducers = new Set<number>();
  readonly #cursor = new RecordCursor();
  #at = 0;
  #isInBatch = false;
  #nextBatchOffset = 0;

  constructor(
    partition: FetchPartition,
    records: Buffer,
    checkCrcs: boolean,
    aborted: readonly AbortedTransaction[] | undefined,
  ) {
    this.partition = partition;
    this.#records = records;
    this.#generation = partition.generation;
    this.#checkCrcs = checkCrcs;
    this.#aborted = aborted?.toSorted((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Whether the partition went elsewhere since. */
  get isStale(): boolean {
    return this.#generation !== this.partition.generation;
  }

  /**
   * Hands out records from the partition's position on, at most `limit`, until `visit` returns false; returns how many.
   * The chunk is used up when `isDone`. Throws CORRUPT_MESSAGE or INVALID_RECORD.
   */
  deliver(visit: RecordVisitor, limit: number): number {
    const { partition } = this;
    const cursor = this.#cursor;
    const { topic, partition: number } = partition;
    let count = 0;
    this.wasStopped = false;
    while (count < limit) {
      if (!this.#isInBatch && !this.#openBatch()) return count;
      let position = partition.position ?? 0;
      while (cursor.next()) {
        if (cursor.offset < position) continue;
        position = cursor.offset + 1;
        partition.position = position;
        count++;
        if (visit(cursor, topic, number) === false) {
          this.wasStopped = true;
          return count;
        }
        if (count >= limit || this.isStale) return count;
      }
      this.#leaveBatch();
    }
    return count;
  }

  /** Goes into the next batch whose records are wanted; false when there is none. */
  #openBatch(): boolean {
    const records = this.#records;
    while (this.#at + batch.BATCH_HEADER_SIZE <= records.length) {
      const at = this.#at;
      const size = batch.batchSizeBytes(records, at);
      if (at + size > records.length) break;
      this.#checkBatch(at, size);
      this.#at = at + size;
      const lastOffset = batch.lastOffset(records, at);
      this.#nextBatchOffset = lastOffset + 1;
      if (lastOffset < (this.partition.position ?? 0)) continue;
      if (this.#isWanted(at, lastOffset)) {
        this.#cursor.open(records, at);
        this.#isInBatch = true;
        return true;
      }
      this.partition.position = this.#nextBatchOffset;
    }
    this.isDone = true;
    return false;
  }

  #leaveBatch(): void {
    this.#isInBatch = false;
    const { partition } = this;
    // Compaction may have removed the last records of a batch.
    if (!this.isStale && (partition.position ?? 0) < this.#nextBatchOffset) partition.position = this.#nextBatchOffset;
  }

  #checkBatch(at: number, size: number): void {
    const records = this.#records;
    const magic = batch.magic(records, at);
    if (magic !== batch.CURRENT_MAGIC) {
      throw new KafkaError(
        'UNSUPPORTED_FOR_MESSAGE_FORMAT',
        `${this.partition.name} has records in message format ${magic}; only format 2 (Kafka 0.11 and newer) can be read`,
      );
    }
    if (!this.#checkCrcs || (size >= batch.BATCH_HEADER_SIZE && batch.hasValidCrc(records, at))) return;
    const stored = batch.storedCrc(records, at);
    const offset = batch.baseOffset(records, at);
    throw new KafkaError(
      'CORRUPT_MESSAGE',
      `Record batch for partition ${this.partition.name} at offset ${offset} is invalid, cause: Record is corrupt (stored crc = ${stored}, computed crc = ${batch.computeCrc(records, at)})`,
    );
  }

  #isWanted(at: number, lastOffset: number): boolean {
    const records = this.#records;
    const isControl = batch.isControl(records, at);
    if (this.#aborted !== undefined && batch.hasProducerId(records, at)) {
      const producerId = batch.producerId(records, at);
      while ((this.#aborted[0]?.firstOffset ?? Number.POSITIVE_INFINITY) <= lastOffset) {
        this.#abortedProducers.add(this.#aborted.shift()?.producerId ?? -1);
      }
      if (isControl) {
        if (this.#isAbortMarker(at)) this.#abortedProducers.delete(producerId);
      } else if (batch.isTransactional(records, at) && this.#abortedProducers.has(producerId)) return false;
    }
    return !isControl;
  }

  #isAbortMarker(at: number): boolean {
    this.#cursor.open(this.#records, at);
    if (!this.#cursor.next()) return false;
    const key = this.#cursor.key();
    return key !== null && key.length >= 4 && key.readInt16BE(2) === ABORT_MARKER;
  }
}

/** The offset after the last whole batch of `records`; undefined when there is none. */
export function nextOffsetAfter(records: Buffer): number | undefined {
  let next: number | undefined;
  for (let at = 0; at + batch.BATCH_HEADER_SIZE <= records.length; ) {
    const size = batch.batchSizeBytes(records, at);
    if (size < batch.BATCH_HEADER_SIZE || at + size > records.length) break;
    next = batch.lastOffset(records, at) + 1;
    at += size;
  }
  return next;
}
