import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import { filterBatch } from './batch-filter.ts';
import { CleanedTransactions } from './cleaned-transactions.ts';
import type { LogConfig } from './log-config.ts';
import { CLEANED_SUFFIX } from './log-files.ts';
import { LogSegment } from './log-segment.ts';
import { OffsetMap } from './offset-map.ts';
import type { LogEnvironment } from './partition-log-types.ts';
import type { LastRecord } from './producer-state.ts';
import type { AbortedTransactionEntry } from './transaction-index.ts';

/** A log as the cleaner sees it. */
export interface CleanableLog {
  readonly topicPartition: string;
  readonly environment: LogEnvironment;
  readonly directory: string;
  readonly config: LogConfig;
  /** Ascending; the last is the active one. */
  readonly segments: readonly LogSegment[];
  readonly logStartOffset: number;
  /** What is above may still change: the active segment, open transactions. */
  readonly firstUncleanableOffset: number;
  readonly lastRecords: ReadonlyMap<number, LastRecord>;
  /** Whether the segments are still the log's. */
  isValid(): boolean;
  replace(former: readonly LogSegment[], cleaned: LogSegment): void;
}

/** The part of a log that is to be compacted, and how much of it is dirty. */
export interface DirtyRange {
  readonly firstDirtyOffset: number;
  /** Exclusive. */
  readonly endOffset: number;
  /** Dirty bytes in proportion to all bytes before `endOffset`. */
  readonly dirtyRatio: number;
  /** The oldest dirty record has waited for max.compaction.lag.ms. */
  readonly isOverdue: boolean;
}

const WRITE_CHUNK_BYTES = 1024 * 1024;
const BYTES_PER_STEP = 256 * 1024;
const MAX_RELATIVE_OFFSET = 0x7fffffff;
const cursor = new RecordCursor();

/** What of a log is to be compacted, when everything before `checkpoint` was. */
export function dirtyRange(log: CleanableLog, checkpoint: number | undefined, nowMs: number): DirtyRange {
  const { segments, config, logStartOffset } = log;
  const lastEnd = log.firstUncleanableOffset;
  const isUsable = checkpoint !== undefined && checkpoint >= logStartOffset && checkpoint <= lastEnd;
  const firstDirtyOffset = isUsable ? checkpoint : logStartOffset;
  const tooYoung =
    config.minCompactionLagMs > 0
      ? segments.find((s) => s.baseOffset >= firstDirtyOffset && s.largestTimestamp > nowMs - config.minCompactionLagMs)
      : undefined;
  const endOffset = Math.max(firstDirtyOffset, Math.min(lastEnd, tooYoung?.baseOffset ?? lastEnd));
  let cleanBytes = 0;
  let dirtyBytes = 0;
  let isOverdue = false;
  for (const segment of segments) {
    if (segment.baseOffset >= endOffset) break;
    if (segment.baseOffset < firstDirtyOffset) cleanBytes += segment.sizeBytes;
    else {
      dirtyBytes += segment.sizeBytes;
      isOverdue ||= nowMs - segment.largestTimestamp > config.maxCompactionLagMs;
    }
  }
  const total = cleanBytes + dirtyBytes;
  return { firstDirtyOffset, endOffset, dirtyRatio: total === 0 ? 0 : dirtyBytes / total, isOverdue };
}

/** Why a compaction gives way: to let others run, or because it waits for the disk. */
export type CompactionPause = 'turn' | 'disk';

/**
 * Compacts a log in steps: it yields often, so that the caller can go back to the event loop. Returns the first offset
 * that is still dirty, or undefined when the log changed under it and nothing more was done.
 *
 * @param maxMapBytes what the keys of one pass may take in memory
 * @param waitsForDisk a compacted segment must be on the disk before the old ones go: true yields until it is, false
 *   holds up the event loop
 */
export function* compact(
  log: CleanableLog,
  range: DirtyRange,
  maxMapBytes: number,
  waitsForDisk = false,
): Generator<CompactionPause, number | undefined, undefined> {
  const offsets = new OffsetMap(maxMapBytes);
  yield* buildMap(log, range, offsets);
  if (!log.isValid()) return undefined;
  const endOffset = offsets.latestOffset + 1;
  if (endOffset <= range.firstDirtyOffset) return range.firstDirtyOffset;
  const segments = log.segments.filter((segment) => segment.baseOffset < endOffset && segment !== log.segments.at(-1));
  for (const group of groupSegments(segments, log)) {
    const isDone = yield* cleanGroup(log, group, offsets, endOffset, waitsForDisk);
    if (!isDone) return undefined;
  }
  return endOffset;
}

function* buildMap(
  log: CleanableLog,
  range: DirtyRange,
  offsets: OffsetMap,
): Generator<CompactionPause, void, undefined> {
  const transactions = new CleanedTransactions();
  transactions.addAborted(abortedIn(log.segments, range.firstDirtyOffset, range.endOffset));
  let bytes = 0;
  for (const [i, segment] of log.segments.entries()) {
    const nextBase = log.segments[i + 1]?.baseOffset ?? Number.POSITIVE_INFINITY;
    if (nextBase <= range.firstDirtyOffset) continue;
    if (segment.baseOffset >= range.endOffset || offsets.isFull) return;
    const scanner = segment.findBatch(range.firstDirtyOffset, 'whole');
    if (scanner === undefined) continue;
    do {
      const { buffer, at } = scanner;
      const lastOffset = batch.lastOffset(buffer, at);
      if (lastOffset >= range.endOffset || offsets.isFull) return;
      if (!transactions.onBatch(buffer, at) && !batch.isControl(buffer, at)) putKeys(buffer, at, range, offsets);
      offsets.latestOffset = lastOffset;
      bytes += scanner.sizeBytes;
      if (bytes >= BYTES_PER_STEP) {
        bytes = 0;
        yield 'turn';
        if (!log.isValid()) return;
      }
    } while (scanner.next());
  }
}

function putKeys(buffer: Buffer, at: number, range: DirtyRange, offsets: OffsetMap): void {
  cursor.open(buffer, at);
  while (cursor.next()) {
    if (cursor.keyLength < 0 || cursor.offset < range.firstDirtyOffset) continue;
    offsets.put(cursor.buffer, cursor.keyStart, cursor.keyLength, cursor.offset);
  }
  cursor.release();
}

function abortedIn(segments: readonly LogSegment[], startOffset: number, endOffset: number): AbortedTransactionEntry[] {
  return segments
    .flatMap((segment) => segment.transactionIndex.entries)
    .filter((entry) => entry.lastOffset >= startOffset && entry.firstOffset < endOffset);
}

/** Neighbours that fit into one segment together are merged. */
function groupSegments(segments: readonly LogSegment[], log: CleanableLog): LogSegment[][] {
  const { segmentBytes, segmentIndexBytes } = log.config;
  const groups: LogSegment[][] = [];
  let bytes = 0;
  let indexBytes = 0;
  for (const segment of segments) {
    const group = groups.at(-1);
    const first = group?.[0];
    const nextIndexBytes = segment.offsetIndex.entries.count * 8 + segment.timeIndex.entries.count * 12;
    const endsAt = nextBaseOffset(segment, log) - 1;
    const fits =
      first !== undefined &&
      bytes + segment.sizeBytes <= segmentBytes &&
      indexBytes + nextIndexBytes <= segmentIndexBytes &&
      endsAt - first.baseOffset <= MAX_RELATIVE_OFFSET;
    if (group !== undefined && fits) {
      group.push(segment);
      bytes += segment.sizeBytes;
      indexBytes += nextIndexBytes;
    } else {
      groups.push([segment]);
      bytes = segment.sizeBytes;
      indexBytes = nextIndexBytes;
    }
  }
  return groups;
}

function nextBaseOffset(segment: LogSegment, log: CleanableLog): number {
  return log.segments[log.segments.indexOf(segment) + 1]?.baseOffset ?? segment.readNextOffset();
}

function* cleanGroup(
  log: CleanableLog,
  group: readonly LogSegment[],
  offsets: OffsetMap,
  endOffset: number,
  waitsForDisk: boolean,
): Generator<CompactionPause, boolean, undefined> {
  const cleaned = createCleanedSegment(log, group);
  let isReplaced = false;
  try {
    const transactions = new CleanedTransactions((entry) => cleaned.transactionIndex.append(entry));
    const rules = {
      offsets,
      transactions,
      lastRecords: log.lastRecords,
      nowMs: log.environment.clock.nowMs(),
      deleteRetentionMs: log.config.deleteRetentionMs,
      endOffset,
    };
    const writer = new CleanedWriter(cleaned, log.config.indexIntervalBytes);
    let bytes = 0;
    for (const segment of group) {
      transactions.addAborted(abortedIn(log.segments, segment.baseOffset, nextBaseOffset(segment, log)));
      for (const scanner = segment.scan(0, 'whole'); scanner.next(); ) {
        const kept = filterBatch(scanner.buffer, scanner.at, rules);
        if (kept !== undefined) writer.add(kept);
        bytes += scanner.sizeBytes;
        if (bytes < BYTES_PER_STEP) continue;
        bytes = 0;
        yield 'turn';
        if (!log.isValid()) return false;
      }
    }
    writer.flush();
    cleaned.seal();
    if (waitsForDisk) yield* syncInBackground(cleaned);
    else cleaned.sync(true);
    if (!log.isValid()) return false;
    log.replace(group, cleaned);
    isReplaced = true;
    return true;
  } finally {
    if (!isReplaced) for (const path of cleaned.retire()) log.environment.fileSystem.remove(path);
  }
}

function* syncInBackground(segment: LogSegment): Generator<CompactionPause, void, undefined> {
  let outcome: { readonly error: Error | undefined } | undefined;
  segment.syncInBackground(true, (error) => {
    outcome = { error };
  });
  while (outcome === undefined) yield 'disk';
  if (outcome.error !== undefined) throw outcome.error;
}

function createCleanedSegment(log: CleanableLog, group: readonly LogSegment[]): LogSegment {
  const { filePool, clock } = log.environment;
  const baseOffset = group[0]?.baseOffset ?? 0;
  const files = { logBytes: 0, offsetIndexBytes: undefined, timeIndexBytes: undefined, hasTransactionIndex: false };
  const cleaned = new LogSegment(filePool, log.directory, baseOffset, files, clock.nowMs(), 0, CLEANED_SUFFIX);
  // Leftovers of an attempt that a crash ended.
  cleaned.file.handle().truncate(0);
  return cleaned;
}

class CleanedWriter {
  readonly #segment: LogSegment;
  readonly #indexIntervalBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(segment: LogSegment, indexIntervalBytes: number) {
    this.#segment = segment;
    this.#indexIntervalBytes = indexIntervalBytes;
  }

  add(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= WRITE_CHUNK_BYTES) this.flush();
  }

  flush(): void {
    if (this.#bytes === 0) return;
    const segment = this.#segment;
    let position = segment.sizeBytes;
    segment.append(this.#chunks, this.#bytes);
    for (const chunk of this.#chunks) {
      segment.offsetIndex.entries.prepare();
      segment.timeIndex.entries.prepare();
      const maxTimestamp = batch.maxTimestamp(chunk, 0);
      segment.index(batch.lastOffset(chunk, 0), maxTimestamp, position, chunk.length, this.#indexIntervalBytes);
      position += chunk.length;
    }
    this.#chunks = [];
    this.#bytes = 0;
  }
}
