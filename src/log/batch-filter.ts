import { BatchBuilder } from '../records/batch-builder.ts';
import { codecName } from '../records/compression.ts';
import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import type { CleanedTransactions } from './cleaned-transactions.ts';
import type { OffsetMap } from './offset-map.ts';
import type { LastRecord } from './producer-state.ts';

/** What compaction keeps by. */
export interface FilterRules {
  readonly offsets: OffsetMap;
  readonly transactions: CleanedTransactions;
  readonly lastRecords: ReadonlyMap<number, LastRecord>;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
  /** A batch that ends here is kept even when it is empty, so that followers can fetch across it. */
  readonly endOffset: number;
}

const cursor = new RecordCursor();

/**
 * What is left of a batch after compaction: the same bytes (a copy), a smaller batch, an empty one (61 bytes) that keeps
 * the producer's last sequence, or nothing. Offsets stay (Kafka's Cleaner and MemoryRecords.filterTo).
 */
export function filterBatch(bytes: Buffer, at: number, rules: FilterRules): Buffer | undefined {
  const canDiscard = rules.transactions.onBatch(bytes, at);
  const isControl = batch.isControl(bytes, at);
  const horizonMs = batch.deleteHorizonMs(bytes, at);
  // A marker stays for delete.retention.ms after the last record of its transaction is gone, as tombstones do.
  const discards = isControl ? canDiscard && horizonMs !== undefined && horizonMs <= rules.nowMs : canDiscard;
  const keepsEmpty = isLastOfProducer(bytes, at, rules) || batch.lastOffset(bytes, at) + 1 === rules.endOffset;
  if (discards) return keepsEmpty ? emptyBatch(bytes, at) : undefined;
  const kept = selectRecords(bytes, at, rules, isControl, horizonMs);
  if (kept.deltas.size === 0) return keepsEmpty ? emptyBatch(bytes, at) : undefined;
  const needsHorizon = horizonMs === undefined && (kept.hasTombstones || (canDiscard && isControl));
  if (kept.isWhole && !needsHorizon) return Buffer.from(bytes.subarray(at, at + batch.batchSizeBytes(bytes, at)));
  return rebuild(bytes, at, kept.deltas, needsHorizon ? rules.nowMs + rules.deleteRetentionMs : horizonMs);
}

function isLastOfProducer(bytes: Buffer, at: number, rules: FilterRules): boolean {
  if (!batch.hasProducerId(bytes, at)) return false;
  const last = rules.lastRecords.get(batch.producerId(bytes, at));
  if (last === undefined) return false;
  if (last.lastDataOffset !== undefined) return batch.lastOffset(bytes, at) === last.lastDataOffset;
  return batch.isControl(bytes, at) && batch.producerEpoch(bytes, at) === last.producerEpoch;
}

interface Selection {
  readonly deltas: ReadonlySet<number>;
  readonly isWhole: boolean;
  readonly hasTombstones: boolean;
}

function selectRecords(
  bytes: Buffer,
  at: number,
  rules: FilterRules,
  isControl: boolean,
  horizonMs: number | undefined,
): Selection {
  const keepsTombstones = horizonMs === undefined || rules.nowMs < horizonMs;
  const deltas = new Set<number>();
  let isWhole = true;
  let hasTombstones = false;
  cursor.open(bytes, at);
  while (cursor.next()) {
    if (isControl || isNewest(rules.offsets, keepsTombstones)) {
      deltas.add(cursor.offsetDelta);
      if (cursor.valueLength < 0) hasTombstones = true;
    } else isWhole = false;
  }
  cursor.release();
  return { deltas, isWhole, hasTombstones };
}

// Whether the record under the cursor is the newest of its key, and not a tombstone whose time is over.
function isNewest(offsets: OffsetMap, keepsTombstones: boolean): boolean {
  if (cursor.offset > offsets.latestOffset) return true;
  if (cursor.keyLength < 0) return false;
  const newest = offsets.get(cursor.buffer, cursor.keyStart, cursor.keyLength);
  return cursor.offset >= newest && (cursor.valueLength >= 0 || keepsTombstones);
}

function commonFields(bytes: Buffer, at: number) {
  return {
    baseOffset: batch.baseOffset(bytes, at),
    partitionLeaderEpoch: batch.partitionLeaderEpoch(bytes, at),
    lastOffsetDelta: batch.lastOffsetDelta(bytes, at),
    producerId: batch.producerId(bytes, at),
    producerEpoch: batch.producerEpoch(bytes, at),
    baseSequence: batch.baseSequence(bytes, at),
  };
}

function rebuild(bytes: Buffer, at: number, deltas: ReadonlySet<number>, horizonMs: number | undefined): Buffer {
  const builder = new BatchBuilder(batch.batchSizeBytes(bytes, at));
  if (horizonMs !== undefined) builder.startAt(horizonMs);
  cursor.open(bytes, at);
  while (cursor.next()) if (deltas.has(cursor.offsetDelta)) builder.appendRecord(cursor, cursor.offsetDelta);
  cursor.release();
  return builder.finish({
    ...commonFields(bytes, at),
    codec: codecName(batch.codecId(bytes, at)),
    timestampType: batch.timestampType(bytes, at),
    isTransactional: batch.isTransactional(bytes, at),
    isControl: batch.isControl(bytes, at),
    hasDeleteHorizon: horizonMs !== undefined,
  });
}

function emptyBatch(bytes: Buffer, at: number): Buffer {
  const empty = Buffer.alloc(batch.BATCH_HEADER_SIZE);
  const keptFlags = batch.LOG_APPEND_TIME_FLAG | batch.TRANSACTIONAL_FLAG | batch.CONTROL_FLAG;
  batch.writeBatchHeader(empty, 0, empty.length, {
    ...commonFields(bytes, at),
    attributes: batch.attributes(bytes, at) & keptFlags,
    baseTimestamp: batch.NO_TIMESTAMP,
    maxTimestamp: batch.maxTimestamp(bytes, at),
    recordCount: 0,
  });
  return empty;
}
