import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import type { CleanableLog } from './compaction.ts';
import { LogAppender } from './log-appender.ts';
import type { LogConfig } from './log-config.ts';
import { guarded, LogCore } from './log-core.ts';
import { LEADER_EPOCH_CHECKPOINT, retiredDirectoryName } from './log-files.ts';
import { LogLoader } from './log-loader.ts';
import { collectAborted, emptyRead } from './log-reader.ts';
import { LogTrimmer } from './log-trimmer.ts';
import { lookUpOffset } from './offset-lookup.ts';
import type {
  AbortedTransaction,
  ActiveProducer,
  AppendOptions,
  AppendResult,
  EpochAndOffset,
  OpenLogOptions,
  ReadResult,
  TimestampAndOffset,
  VerificationGuard,
} from './partition-log-types.ts';
import { createPartitionMetadata, readPartitionMetadata, writePartitionMetadata } from './partition-metadata.ts';

/**
 * One partition's log on disk, in Apache Kafka's files. All calls are synchronous; errors are KafkaError with Kafka's
 * names, an I/O error of the disk is KAFKA_STORAGE_ERROR.
 */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly topicPartition: string;
  readonly #core: LogCore;
  readonly #appender: LogAppender;
  readonly #trimmer: LogTrimmer;
  #topicId: Uuid | undefined;

  /** Opens or creates a log and, after an unclean stop, recovers it. */
  static open(options: OpenLogOptions): PartitionLog {
    const { fileSystem } = options.environment;
    const { directory } = options;
    return guarded(`opening the log in ${directory}`, () => {
      const isNew = !fileSystem.exists(directory);
      if (isNew) fileSystem.makeDirectory(directory);
      const loaded = new LogLoader(options).load(isNew);
      const onDisk = isNew ? undefined : readPartitionMetadata(fileSystem, directory);
      if (onDisk === undefined && options.topicId !== undefined) {
        const write = isNew ? createPartitionMetadata : writePartitionMetadata;
        write(fileSystem, directory, options.topicId);
      }
      return new PartitionLog(new LogCore(options, loaded, isNew), onDisk ?? options.topicId);
    });
  }

  private constructor(core: LogCore, topicId: Uuid | undefined) {
    this.topic = core.topic;
    this.partition = core.partition;
    this.topicPartition = core.topicPartition;
    this.#core = core;
    this.#appender = new LogAppender(core);
    this.#trimmer = new LogTrimmer(core);
    this.#topicId = topicId;
  }

  get topicId(): Uuid | undefined {
    return this.#topicId;
  }

  /** Path of the log's directory; changes when the log is deleted. */
  get directory(): string {
    return this.#core.directory;
  }

  get config(): LogConfig {
    return this.#core.config;
  }

  get logStartOffset(): number {
    return this.#core.logStartOffset;
  }

  get logEndOffset(): number {
    return this.#core.logEndOffset;
  }

  get highWatermark(): number {
    return this.#core.highWatermark;
  }

  /** The end of what a read_committed consumer may see. */
  get lastStableOffset(): number {
    return this.#core.lastStableOffset;
  }

  /** Everything before it was synced. */
  get recoveryPoint(): number {
    return this.#core.flusher.recoveryPoint;
  }

  get sizeBytes(): number {
    return this.#core.segments.sizeBytes;
  }

  /** Whether there are segments beside the active one. */
  get hasSealedSegments(): boolean {
    return this.#core.segments.all.length > 1;
  }

  /** Base offsets of the segments, ascending. */
  get segmentBaseOffsets(): number[] {
    return this.#core.segments.all.map((segment) => segment.baseOffset);
  }

  /** The newest leader epoch that has an entry, undefined when there is none. */
  get latestEpoch(): number | undefined {
    return this.#core.epochs.latestEpoch;
  }

  /** Ms since the oldest unsynced append; 0 when all is synced. */
  get unflushedMs(): number {
    return this.#core.flusher.unflushedMs;
  }

  updateConfig(config: LogConfig): void {
    this.#core.setConfig(config);
  }

  /** Sets the topic id of a log that has none. Throws INCONSISTENT_TOPIC_ID when it has another one. */
  assignTopicId(topicId: Uuid): void {
    if (this.#topicId === topicId) return;
    if (this.#topicId !== undefined) {
      throw new KafkaError(
        'INCONSISTENT_TOPIC_ID',
        `${this.#core.topicPartition} has topic id ${this.#topicId}, not ${topicId}`,
      );
    }
    this.#core.guarded('writing partition.metadata', () => {
      writePartitionMetadata(this.#core.environment.fileSystem, this.#core.directory, topicId);
    });
    this.#topicId = topicId;
  }

  // ---- appending ----

  /**
   * Validates one batch as a leader, gives it offsets and epoch in place (`batch` is changed and from then on belongs
   * to the log) and writes it.
   */
  appendAsLeader(bytes: Buffer, leaderEpoch: number, options?: AppendOptions): AppendResult {
    return this.#appender.appendBatchesAsLeader([bytes], leaderEpoch, options);
  }

  /** As appendAsLeader for several small batches of this broker's own making, in one gathered write. */
  appendBatchesAsLeader(batches: readonly Buffer[], leaderEpoch: number, options?: AppendOptions): AppendResult {
    return this.#appender.appendBatchesAsLeader(batches, leaderEpoch, options);
  }

  /** Writes batches that a leader sent, with the offsets and epochs they carry. A partial batch at the end is left out. */
  appendAsFollower(records: Buffer, leaderEpoch: number): AppendResult {
    return this.#appender.appendAsFollower(records, leaderEpoch);
  }

  // ---- reading ----

  /**
   * Reads whole batches from the one that holds `fetchOffset`, up to `maxBytes` and below `maxOffset` (high watermark,
   * last stable offset or log end). With `minOneMessage` the first batch comes whole even if it is larger.
   * Throws OFFSET_OUT_OF_RANGE when `fetchOffset` is not within the log. `allocate` gives the buffer to read into.
   */
  read(
    fetchOffset: number,
    maxBytes: number,
    maxOffset: number,
    minOneMessage: boolean,
    allocate?: (sizeBytes: number) => Buffer,
  ): ReadResult {
    if (fetchOffset < this.#core.logStartOffset || fetchOffset > this.#core.logEndOffset)
      throw this.#outOfRange(fetchOffset);
    const endOffset = Math.min(maxOffset, this.#core.logEndOffset);
    if (fetchOffset >= endOffset) return emptyRead(fetchOffset);
    // Kafka's reads end with a segment, and its followers refuse more than a segment's bytes at once.
    const limits = {
      fetchOffset,
      maxBytes: Math.min(maxBytes, this.#core.config.segmentBytes),
      endOffset,
      minOneMessage,
      allocate,
    };
    return this.#core.guarded('reading', () =>
      this.#core.reader.read(this.#core.segments.all, this.#core.segments.floorIndex(fetchOffset), limits),
    );
  }

  #outOfRange(offset: number): KafkaError {
    return new KafkaError(
      'OFFSET_OUT_OF_RANGE',
      `Received request for offset ${offset} for partition ${this.#core.topicPartition}, but we only have log segments from offset ${this.#core.logStartOffset} to ${this.#core.logEndOffset}.`,
    );
  }

  /** The aborted transactions that a read of [fetchOffset, upperBoundOffset) must know. */
  abortedTransactions(fetchOffset: number, upperBoundOffset: number): AbortedTransaction[] {
    const first = this.#core.segments.floorIndex(fetchOffset);
    return this.#core.guarded('reading the transaction index', () =>
      collectAborted(this.#core.segments.all, first, fetchOffset, upperBoundOffset),
    );
  }

  /** ListOffsets: by time in ms or one of the special timestamps. undefined = nothing found. */
  offsetForTimestamp(timestamp: number): TimestampAndOffset | undefined {
    const source = {
      segments: this.#core.segments.all,
      epochs: this.#core.epochs,
      logStartOffset: this.#core.logStartOffset,
      logEndOffset: this.#core.logEndOffset,
    };
    return this.#core.guarded('looking up an offset', () => lookUpOffset(source, timestamp));
  }

  // ---- epochs ----

  /** OffsetForLeaderEpoch: the largest epoch at or below `leaderEpoch` and where it ends; undefined when unknown. */
  endOffsetForEpoch(leaderEpoch: number): EpochAndOffset | undefined {
    return this.#core.epochs.endOffsetFor(leaderEpoch, this.#core.logEndOffset);
  }

  /** A leader of a new epoch starts at `startOffset`, the log's end. Goes to the disk with the first records. */
  assignEpochStart(leaderEpoch: number, startOffset: number): void {
    this.#core.epochs.assignInMemory(leaderEpoch, startOffset);
  }

  /** The leader epoch of the record at `offset`, undefined when unknown. */
  epochForOffset(offset: number): number | undefined {
    return this.#core.epochs.epochForOffset(offset);
  }

  // ---- offsets ----

  /** Moves the high watermark, within log start and log end; returns where it is now. */
  updateHighWatermark(offset: number): number {
    return this.#trimmer.updateHighWatermark(offset);
  }

  /** DeleteRecords, or a follower after its leader. Throws OFFSET_OUT_OF_RANGE above the high watermark. */
  advanceLogStartOffset(offset: number): boolean {
    return this.#trimmer.advanceLogStartOffset(offset);
  }

  /** Cuts everything from `offset` on; false when nothing was there. */
  truncateTo(offset: number): boolean {
    return this.#trimmer.truncateTo(offset);
  }

  /** Drops everything; the log starts anew at `offset`. */
  truncateFullyAndStartAt(offset: number, logStartOffset?: number): void {
    this.#trimmer.truncateFullyAndStartAt(offset, logStartOffset);
  }

  /** Deletes what retention says; returns the number of segments. */
  applyRetention(): number {
    return this.#trimmer.applyRetention();
  }

  // ---- segments ----

  /** Starts a new segment at the log end; nothing happens when the active one is empty. */
  roll(): void {
    this.#core.guarded('rolling', () => this.#core.rollAt(this.#core.logEndOffset));
  }

  /** Syncs everything up to the log end before it returns. */
  flush(): void {
    this.#core.guarded('flushing', () => this.#core.flusher.flush(this.#core.logEndOffset));
  }

  /** Syncs up to `endOffset` (default: the log end) without holding up the event loop. */
  flushInBackground(done?: (error: Error | undefined) => void, endOffset = this.#core.logEndOffset): void {
    this.#core.flusher.flushInBackground(endOffset, () => this.#core.logEndOffset, done);
  }

  /** What the cleaner works on; no longer valid once the log was truncated, deleted or closed. */
  cleanable(): CleanableLog {
    const generation = this.#core.generation;
    return {
      topicPartition: this.#core.topicPartition,
      environment: this.#core.environment,
      directory: this.#core.directory,
      config: this.#core.config,
      segments: [...this.#core.segments.all],
      logStartOffset: this.#core.logStartOffset,
      firstUncleanableOffset: Math.min(this.lastStableOffset, this.#core.segments.active.baseOffset),
      lastRecords: this.#core.producers.lastRecords(),
      isValid: () => !this.#core.isClosed && generation === this.#core.generation,
      replace: (former, cleaned) => {
        this.#core.guarded('replacing compacted segments', () => {
          const delayMs = this.#core.config.fileDeleteDelayMs;
          this.#core.segments.replace(former, cleaned, delayMs);
          this.#core.retireSnapshots(former.slice(1));
        });
        this.#core.flusher.filesChanged();
        this.#core.reader.reset();
      },
    };
  }

  // ---- producers ----

  /**
   * Asks for a guard before the transaction coordinator is asked about a producer (KIP-890); undefined when its
   * transaction is known here already. Throws INVALID_PRODUCER_EPOCH when the producer was fenced.
   */
  startTransactionVerification(
    producerId: number,
    sequence: number,
    producerEpoch: number,
    supportsEpochBump: boolean,
  ): VerificationGuard | undefined {
    const known = this.#core.producers.get(producerId);
    if (known !== undefined && producerEpoch < known.producerEpoch) {
      throw new KafkaError(
        'INVALID_PRODUCER_EPOCH',
        `Epoch of producer ${producerId} is ${producerEpoch}, which is smaller than the last seen epoch ${known.producerEpoch}`,
      );
    }
    if (this.hasOngoingTransaction(producerId, producerEpoch)) return undefined;
    const nowMs = this.#core.environment.clock.nowMs();
    return this.#core.producers.startVerification(producerId, sequence, producerEpoch, supportsEpochBump, nowMs);
  }

  hasOngoingTransaction(producerId: number, producerEpoch: number): boolean {
    const entry = this.#core.producers.get(producerId);
    return entry?.transactionFirstOffset !== undefined && entry.producerEpoch === producerEpoch;
  }

  activeProducers(): ActiveProducer[] {
    return this.#core.producers.activeProducers();
  }

  removeExpiredProducers(): void {
    this.#core.producers.removeExpired(this.#core.environment.clock.nowMs());
  }

  // ---- the end ----

  /** Syncs, writes indexes and the producer snapshot, closes the files. Without `isClean` only closes. */
  close(isClean = true): void {
    if (this.#core.isClosed) return;
    this.#core.guarded('closing', () => {
      if (isClean) this.#writeOut();
      for (const segment of this.#core.segments.all) segment.giveUp();
    });
    this.#core.isClosed = true;
    this.#core.flusher.close();
  }

  #writeOut(): void {
    // An untouched log is on the disk as it was found.
    if (!this.#core.isChanged) return;
    this.#core.segments.active.seal();
    if (this.#core.logEndOffset > this.recoveryPoint) this.#core.flusher.flush(this.#core.logEndOffset, true);
    this.#core.producers.mapEndOffset = this.#core.logEndOffset;
    this.#core.producers.takeSnapshot();
  }

  /** Renames the directory to `…-delete`, closes the log, and removes it after `file.delete.delay.ms`. */
  deleteDirectory(): void {
    const { clock, fileSystem, logger } = this.#core.environment;
    this.retireDirectory('delete');
    const directory = this.#core.directory;
    clock.schedule(
      this.#core.config.fileDeleteDelayMs,
      () => {
        try {
          fileSystem.removeTree(directory);
        } catch (error) {
          logger.warn(`cannot remove ${directory}: ${String(error)}`);
        }
      },
      true,
    );
  }

  /** Renames the directory so that a start does not take it for a log, and closes the log. */
  retireDirectory(kind: 'delete' | 'stray'): void {
    const { random, fileSystem } = this.#core.environment;
    const name = retiredDirectoryName(this.topic, this.partition, random.bytes(16).toString('hex'), kind);
    const directory = `${this.#core.directory.slice(0, this.#core.directory.lastIndexOf('/'))}/${name}`;
    this.#core.guarded(`renaming the directory to ${name}`, () => {
      this.close(kind !== 'delete');
      fileSystem.rename(this.#core.directory, directory);
      this.#core.directory = directory;
      this.#core.segments.moveTo(directory);
      this.#core.epochs.moveTo(`${directory}/${LEADER_EPOCH_CHECKPOINT}`);
      this.#core.producers.moveTo(directory);
    });
  }
}
