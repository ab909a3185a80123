import { KafkaError } from '../base/kafka-error.ts';
import * as batch from '../records/record-batch.ts';
import { LeaderEpochCache } from './leader-epoch-cache.ts';
import type { LogConfig } from './log-config.ts';
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  LEADER_EPOCH_CHECKPOINT,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  offsetOfFileName,
  SNAPSHOT_SUFFIX,
  SWAP_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './log-files.ts';
import { LogSegment } from './log-segment.ts';
import type { LogEnvironment, OpenLogOptions } from './partition-log-types.ts';
import type { ProducerAppendContext } from './producer-append.ts';
import { ProducerStates } from './producer-state.ts';
import type { SegmentScanner } from './segment-scanner.ts';

const DEFAULT_PRODUCER_ID_EXPIRATION_MS = 24 * 3_600_000;
const INDEX_SUFFIXES = [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX];

/** What a partition's directory holds once it was put in order. */
export interface LoadedLog {
  /** Ascending, at least one; the last is the active one. */
  readonly segments: LogSegment[];
  readonly epochs: LeaderEpochCache;
  readonly producers: ProducerStates;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly recoveryPoint: number;
}

/** Random part of `segment.ms`, so that logs made together do not roll together. */
export function randomJitterMs(environment: LogEnvironment, config: LogConfig): number {
  const bound = Math.min(config.segmentJitterMs, config.segmentMs);
  return bound <= 0 ? 0 : Math.floor(environment.random.float() * bound);
}

/** Takes the producers of one batch over, as a follower does: without checks. */
export function replayBatch(
  producers: ProducerStates,
  context: ProducerAppendContext,
  bytes: Buffer,
  at: number,
): void {
  if (!batch.hasProducerId(bytes, at)) return;
  const append = producers.prepare(batch.producerId(bytes, at), context);
  const completed = append.append(bytes, at);
  producers.apply(append);
  if (completed !== undefined) producers.complete(completed);
}

/** Puts a partition's directory in order and reads it, as Kafka's LogLoader. */
export class LogLoader {
  readonly #options: OpenLogOptions;
  readonly #environment: LogEnvironment;
  readonly #context: ProducerAppendContext;
  #segments: LogSegment[] = [];
  #epochs: LeaderEpochCache;
  #needsScan = false;
  readonly #broken = new Set<LogSegment>();

  constructor(options: OpenLogOptions) {
    this.#options = options;
    this.#environment = options.environment;
    this.#context = {
      topicPartition: `${options.topic}-${options.partition}`,
      origin: 'replication',
      transactionVersion: 0,
    };
    this.#epochs = LeaderEpochCache.empty(
      options.environment.fileSystem,
      `${options.directory}/${LEADER_EPOCH_CHECKPOINT}`,
    );
  }

  /** @param isNew the directory was made just now */
  load(isNew = false): LoadedLog {
    const { clock } = this.#environment;
    const names = isNew ? [] : this.#tidy();
    this.#loadEpochs(names);
    this.#loadSegments(names);
    const snapshots = names.filter((name) => name.endsWith(SNAPSHOT_SUFFIX)).flatMap((n) => offsetOfFileName(n) ?? []);
    const producers = this.#newProducers(snapshots);
    const checkpointedStart = this.#options.logStartOffset ?? 0;
    const logEndOffset = this.#recover(producers, checkpointedStart);
    const logStartOffset = Math.max(checkpointedStart, this.#segments[0]?.baseOffset ?? 0);
    this.#epochs.truncateFromEnd(logEndOffset);
    this.#epochs.truncateFromStart(logStartOffset);
    producers.removeStraySnapshots(this.#segments.map((segment) => segment.baseOffset));
    this.replayProducers(producers, logStartOffset, logEndOffset, clock.nowMs());
    const isClean = this.#options.hadCleanShutdown && !this.#needsScan;
    return {
      segments: this.#segments,
      epochs: this.#epochs,
      producers,
      logStartOffset,
      logEndOffset,
      recoveryPoint: isClean ? logEndOffset : Math.min(this.#options.recoveryPoint ?? 0, logEndOffset),
    };
  }

  #newProducers(snapshotOffsets: readonly number[]): ProducerStates {
    const { fileSystem, logger } = this.#environment;
    const expirationMs = this.#options.producerIdExpirationMs ?? DEFAULT_PRODUCER_ID_EXPIRATION_MS;
    return new ProducerStates(fileSystem, logger, this.#options.directory, snapshotOffsets, expirationMs);
  }

  #remove(name: string): void {
    this.#environment.fileSystem.remove(`${this.#options.directory}/${name}`);
  }

  // Removes leftovers and finishes swaps that were interrupted; returns the names that are there afterwards.
  #tidy(): string[] {
    const { fileSystem } = this.#environment;
    const { directory } = this.#options;
    const names = fileSystem.list(directory);
    const isLeftover = (name: string): boolean => /\.(deleted|cleaned|swap|tmp)$/.test(name);
    if (!names.some(isLeftover)) return names;
    for (const name of names) if (name.endsWith(DELETED_SUFFIX) || name.endsWith('.tmp')) this.#remove(name);
    const cleaned = names.filter((name) => name.endsWith(CLEANED_SUFFIX));
    const minCleaned = Math.min(...cleaned.map((name) => offsetOfFileName(name) ?? Number.POSITIVE_INFINITY));
    for (const name of cleaned) this.#remove(name);
    const swaps = names.filter((name) => name.endsWith(SWAP_SUFFIX));
    const isValid = (name: string): boolean => (offsetOfFileName(name) ?? -1) < minCleaned;
    for (const name of swaps) if (!isValid(name)) this.#remove(name);
    this.#finishSwaps(swaps.filter(isValid));
    return fileSystem.list(directory);
  }

  #finishSwaps(swaps: readonly string[]): void {
    const { fileSystem } = this.#environment;
    const { directory } = this.#options;
    for (const name of swaps.filter((swap) => swap.endsWith(LOG_SUFFIX + SWAP_SUFFIX))) {
      const start = offsetOfFileName(name);
      if (start === undefined) continue;
      const end = this.#endOfSwap(name, start);
      for (const other of fileSystem.list(directory)) {
        const offset = offsetOfFileName(other);
        if (offset !== undefined && !other.endsWith(SWAP_SUFFIX) && offset >= start && offset < end) {
          this.#remove(other);
        }
      }
    }
    for (const name of swaps) {
      fileSystem.rename(`${directory}/${name}`, `${directory}/${name.slice(0, -SWAP_SUFFIX.length)}`);
    }
  }

  #endOfSwap(name: string, start: number): number {
    const { fileSystem, filePool, clock } = this.#environment;
    const path = `${this.#options.directory}/${name}`;
    const files = {
      logBytes: fileSystem.fileSizeBytes(path),
      offsetIndexBytes: undefined,
      timeIndexBytes: undefined,
      hasTransactionIndex: false,
    };
    const segment = new LogSegment(filePool, this.#options.directory, start, files, clock.nowMs(), 0, SWAP_SUFFIX);
    const end = segment.readNextOffset();
    segment.release();
    return end;
  }

  #loadEpochs(names: readonly string[]): void {
    if (!names.includes(LEADER_EPOCH_CHECKPOINT)) return;
    const path = `${this.#options.directory}/${LEADER_EPOCH_CHECKPOINT}`;
    const epochs = LeaderEpochCache.read(this.#environment.fileSystem, path);
    if (epochs !== undefined) {
      this.#epochs = epochs;
      return;
    }
    this.#environment.logger.warn(`${path} is broken; the epochs are taken from the records`);
    this.#needsScan = true;
  }

  #loadSegments(names: readonly string[]): void {
    const { fileSystem, filePool, clock } = this.#environment;
    const { directory, config } = this.#options;
    const present = new Set(names);
    const sizeOf = (name: string): number | undefined =>
      present.has(name) ? fileSystem.fileSizeBytes(`${directory}/${name}`) : undefined;
    for (const name of names) {
      const baseOffset = offsetOfFileName(name);
      if (baseOffset === undefined) continue;
      if (INDEX_SUFFIXES.some((s) => name.endsWith(s)) && !present.has(offsetFileName(baseOffset, LOG_SUFFIX))) {
        this.#environment.logger.warn(`Found an orphaned index file ${directory}/${name}`);
        this.#remove(name);
      }
      if (!name.endsWith(LOG_SUFFIX)) continue;
      const files = {
        logBytes: sizeOf(name) ?? 0,
        offsetIndexBytes: sizeOf(offsetFileName(baseOffset, OFFSET_INDEX_SUFFIX)),
        timeIndexBytes: sizeOf(offsetFileName(baseOffset, TIME_INDEX_SUFFIX)),
        hasTransactionIndex: present.has(offsetFileName(baseOffset, TRANSACTION_INDEX_SUFFIX)),
      };
      const jitterMs = randomJitterMs(this.#environment, config);
      const segment = new LogSegment(filePool, directory, baseOffset, files, clock.nowMs(), jitterMs);
      if (this.#hasBrokenIndex(segment, files.offsetIndexBytes, files.timeIndexBytes)) this.#broken.add(segment);
      this.#segments.push(segment);
    }
  }

  #hasBrokenIndex(segment: LogSegment, offsetBytes: number | undefined, timeBytes: number | undefined): boolean {
    if (segment.sizeBytes === 0) return false;
    if (offsetBytes === undefined || timeBytes === undefined) return true;
    if (offsetBytes % 8 !== 0 || timeBytes % 12 !== 0) return true;
    if (offsetBytes > 0 && segment.offsetIndex.lastOffset <= segment.baseOffset) return true;
    if (timeBytes === 0) return false;
    try {
      const { lastTimestamp, lastOffset } = segment.timeIndex;
      // Zeros behind the entries: a preallocated file that was not cut.
      const isPadded = lastTimestamp === 0 && lastOffset === segment.baseOffset && timeBytes > 12;
      return isPadded || lastTimestamp < 0 || lastOffset < segment.baseOffset;
    } catch (error) {
      if (error instanceof KafkaError) return true;
      throw error;
    }
  }

  // Scans what may not be whole; returns the log end offset.
  #recover(producers: ProducerStates, checkpointedStart: number): number {
    const { logger } = this.#environment;
    const recoveryPoint = this.#options.recoveryPoint ?? 0;
    const holding = this.#segments.findLastIndex((segment) => segment.baseOffset <= recoveryPoint);
    for (let i = 0; i < this.#segments.length; i++) {
      const segment = this.#segments[i];
      if (segment === undefined) break;
      const isUnflushed = this.#needsScan || (!this.#options.hadCleanShutdown && i >= Math.max(0, holding));
      if (!isUnflushed && !this.#broken.has(segment)) continue;
      const isEmpty = segment.sizeBytes === 0 && segment.offsetIndex.entries.count === 0;
      const cutBytes = isEmpty ? 0 : this.#recoverSegment(segment, producers, checkpointedStart);
      if (cutBytes === 0 && !(isUnflushed && this.#hasLostItsEnd(segment, this.#segments[i + 1]))) continue;
      logger.warn(
        `Corruption found in segment ${segment.baseOffset}, truncating to offset ${segment.readNextOffset()}`,
      );
      for (const later of this.#segments.splice(i + 1)) this.#removeSegment(later);
    }
    return this.#endOffset(producers, checkpointedStart);
  }

  // After a power failure the file of the next segment may be there and what was written before it may not. (Kafka goes on
  // behind such a hole.) Compaction leaves holes of its own.
  #hasLostItsEnd(segment: LogSegment, next: LogSegment | undefined): boolean {
    if (next === undefined || this.#options.config.cleanupPolicy.includes('compact')) return false;
    return segment.readNextOffset() < next.baseOffset;
  }

  #endOffset(producers: ProducerStates, checkpointedStart: number): number {
    const last = this.#segments.at(-1);
    const end = last?.readNextOffset() ?? checkpointedStart;
    if (last !== undefined && end >= checkpointedStart) return end;
    if (last !== undefined) {
      this.#environment.logger.warn(
        `Deleting all segments because logEndOffset (${end}) is smaller than logStartOffset ${checkpointedStart}.`,
      );
      for (const segment of this.#segments) this.#removeSegment(segment);
      this.#epochs.clear();
      producers.truncateFullyAndStartAt(checkpointedStart);
    }
    this.#segments = [
      createSegment(this.#environment, this.#options.directory, checkpointedStart, this.#options.config),
    ];
    return checkpointedStart;
  }

  #removeSegment(segment: LogSegment): void {
    for (const path of segment.retire()) this.#environment.fileSystem.remove(path);
  }

  #recoverSegment(segment: LogSegment, producers: ProducerStates, logStartOffset: number): number {
    const { clock, logger } = this.#environment;
    logger.info(`Recovering unflushed segment ${segment.baseOffset} for ${this.#context.topicPartition}.`);
    this.replayProducers(producers, logStartOffset, segment.baseOffset, clock.nowMs());
    const { cutBytes, hasBadCrc } = segment.recover(this.#options.config.indexIntervalBytes, (scanner) => {
      this.#noteEpoch(scanner);
      this.#replayRecovered(segment, producers, scanner);
    });
    // Once a segment: the metadata log has an epoch of its own for every start of a single broker.
    this.#epochs.write();
    producers.takeSnapshot();
    segment.seal();
    if (hasBadCrc) {
      logger.warn(`Found invalid messages in log segment ${segment.path} at byte offset ${segment.sizeBytes}.`);
    }
    return cutBytes;
  }

  #noteEpoch(scanner: SegmentScanner): void {
    const epoch = batch.partitionLeaderEpoch(scanner.buffer, scanner.at);
    const latest = this.#epochs.latestEpoch;
    if (epoch >= 0 && (latest === undefined || epoch > latest)) {
      this.#epochs.assignInMemory(epoch, batch.baseOffset(scanner.buffer, scanner.at));
    }
  }

  #replayRecovered(segment: LogSegment, producers: ProducerStates, { buffer, at }: SegmentScanner): void {
    producers.mapEndOffset = batch.lastOffset(buffer, at) + 1;
    if (!batch.hasProducerId(buffer, at)) return;
    const append = producers.prepare(batch.producerId(buffer, at), this.#context);
    const completed = append.append(buffer, at);
    producers.apply(append);
    if (completed === undefined) return;
    const lastStableOffset = producers.lastStableOffsetAfter(completed);
    if (completed.isAborted) segment.transactionIndex.append({ ...completed, lastStableOffset });
    producers.complete(completed);
  }

  /** Brings the producers to what they are at `logEndOffset`: newest snapshot, then the batches behind it. */
  replayProducers(producers: ProducerStates, logStartOffset: number, logEndOffset: number, nowMs: number): void {
    rebuildProducers(this.#segments, producers, this.#context, { logStartOffset, logEndOffset, nowMs });
  }
}

/** Brings `producers` to what they are at the end offset: newest snapshot, then the batches behind it. */
export function rebuildProducers(
  segments: readonly LogSegment[],
  producers: ProducerStates,
  context: ProducerAppendContext,
  range: {
    readonly logStartOffset: number;
    readonly logEndOffset: number;
    readonly nowMs: number;
    /** There were no producers before a truncation: then there are none after it. */
    readonly hadNone?: boolean;
  },
): void {
  const { logStartOffset, logEndOffset, nowMs } = range;
  producers.truncateAndReload(logStartOffset, logEndOffset, nowMs);
  if (producers.mapEndOffset < logEndOffset && range.hadNone !== true) {
    for (const [i, segment] of segments.entries()) {
      const nextBase = segments[i + 1]?.baseOffset ?? Number.POSITIVE_INFINITY;
      if (nextBase <= producers.mapEndOffset || segment.baseOffset >= logEndOffset) continue;
      replaySegment(segment, producers, context, logEndOffset);
    }
  }
  producers.mapEndOffset = logEndOffset;
  producers.takeSnapshot();
}

function replaySegment(
  segment: LogSegment,
  producers: ProducerStates,
  context: ProducerAppendContext,
  endOffset: number,
): void {
  const from = Math.max(producers.mapEndOffset, segment.baseOffset);
  const scanner = segment.findBatch(from, 'whole');
  if (scanner === undefined) return;
  do {
    if (batch.baseOffset(scanner.buffer, scanner.at) >= endOffset) return;
    if (batch.baseOffset(scanner.buffer, scanner.at) >= from) {
      replayBatch(producers, context, scanner.buffer, scanner.at);
    }
  } while (scanner.next());
}

/** Makes a new, empty segment and its file. */
export function createSegment(
  environment: LogEnvironment,
  directory: string,
  baseOffset: number,
  config: LogConfig,
): LogSegment {
  const files = { logBytes: 0, offsetIndexBytes: undefined, timeIndexBytes: undefined, hasTransactionIndex: false };
  const jitterMs = randomJitterMs(environment, config);
  const segment = new LogSegment(
    environment.filePool,
    directory,
    baseOffset,
    files,
    environment.clock.nowMs(),
    jitterMs,
  );
  const handle = segment.file.handle();
  // A file of that name can be left from a truncation whose removal is still to come.
  if (handle.sizeBytes() > 0) handle.truncate(0);
  return segment;
}
