import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import { type ValidationRules, validateAndAssign } from '../records/batch-validator.ts';
import * as batch from '../records/record-batch.ts';
import { type AppendPlan, ProducerPlanner, planSentBatches, wholeBatchesWithin } from './append-plan.ts';
import type { CleanableLog } from './compaction.ts';
import type { LeaderEpochCache } from './leader-epoch-cache.ts';
import type { LogConfig } from './log-config.ts';
import { LEADER_EPOCH_CHECKPOINT, retiredDirectoryName } from './log-files.ts';
import { LogFlusher } from './log-flusher.ts';
import { type LoadedLog, LogLoader, rebuildProducers } from './log-loader.ts';
import { collectAborted, emptyRead, readFromTail, SegmentReader } from './log-reader.ts';
import type { LogSegment } from './log-segment.ts';
import { MemoryTail } from './memory-tail.ts';
import { lookUpOffset } from './offset-lookup.ts';
import type {
  AbortedTransaction,
  ActiveProducer,
  AppendOptions,
  AppendResult,
  EpochAndOffset,
  LogEnvironment,
  OpenLogOptions,
  ReadResult,
  TimestampAndOffset,
  VerificationGuard,
} from './partition-log-types.ts';
import { createPartitionMetadata, readPartitionMetadata, writePartitionMetadata } from './partition-metadata.ts';
import type { ProducerAppendContext, ProducerOrigin } from './producer-append.ts';
import type { ProducerStates } from './producer-state.ts';
import { countExpiredSegments } from './retention.ts';
import { SegmentList } from './segment-list.ts';
import { validationRules } from './validation-rules.ts';

/**
 * One partition's log on disk, in Apache Kafka's files. All calls are synchronous; errors are KafkaError with Kafka's
 * names, an I/O error of the disk is KAFKA_STORAGE_ERROR.
 */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly topicPartition: string;
  readonly #environment: LogEnvironment;
  readonly #verifiesTransactions: boolean;
  readonly #segments: SegmentList;
  readonly #flusher: LogFlusher;
  readonly #epochs: LeaderEpochCache;
  readonly #producers: ProducerStates;
  readonly #tail: MemoryTail;
  readonly #reader = new SegmentReader();
  readonly #replication: ProducerAppendContext;
  #directory: string;
  #topicId: Uuid | undefined;
  #config: LogConfig;
  #clientRules: ValidationRules;
  #coordinatorRules: ValidationRules;
  #logStartOffset: number;
  #logEndOffset: number;
  #highWatermark: number;
  #firstUnstableOffset: number | undefined;
  #isChanged: boolean;
  #isClosed = false;
  // Counts what takes segments away.
  #generation = 0;

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
      return new PartitionLog(options, loaded, onDisk ?? options.topicId, isNew);
    });
  }

  private constructor(options: OpenLogOptions, loaded: LoadedLog, topicId: Uuid | undefined, isNew: boolean) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.topicPartition = `${options.topic}-${options.partition}`;
    this.#environment = options.environment;
    this.#verifiesTransactions = options.verifyTransactions ?? true;
    this.#directory = options.directory;
    this.#topicId = topicId;
    this.#config = options.config;
    const { segments } = loaded;
    const active = segments.at(-1);
    if (active === undefined) throw new RangeError(`${options.directory} has no segment`);
    this.#segments = new SegmentList(options.environment, options.directory, segments, active);
    this.#flusher = new LogFlusher(options.environment, this.#segments, this.topicPartition, loaded.recoveryPoint);
    this.#epochs = loaded.epochs;
    this.#producers = loaded.producers;
    this.#tail = new MemoryTail(options.environment.tailBudget);
    this.#replication = { topicPartition: this.topicPartition, origin: 'replication', transactionVersion: 0 };
    this.#clientRules = validationRules(this.#config, this.topicPartition, true);
    this.#coordinatorRules = validationRules(this.#config, this.topicPartition, false);
    this.#logStartOffset = loaded.logStartOffset;
    this.#logEndOffset = loaded.logEndOffset;
    this.#highWatermark = loaded.logStartOffset;
    this.#firstUnstableOffset = loaded.producers.firstUnstableOffset;
    this.#isChanged = isNew || !options.hadCleanShutdown;
  }

  get topicId(): Uuid | undefined {
    return this.#topicId;
  }

  /** Path of the log's directory; changes when the log is deleted. */
  get directory(): string {
    return this.#directory;
  }

  get config(): LogConfig {
    return this.#config;
  }

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  get logEndOffset(): number {
    return this.#logEndOffset;
  }

  get highWatermark(): number {
    return this.#highWatermark;
  }

  /** The end of what a read_committed consumer may see. */
  get lastStableOffset(): number {
    const first = this.#firstUnstableOffset;
    return first !== undefined && first < this.#highWatermark ? first : this.#highWatermark;
  }

  /** Everything before it was synced. */
  get recoveryPoint(): number {
    return this.#flusher.recoveryPoint;
  }

  get sizeBytes(): number {
    return this.#segments.sizeBytes;
  }

  /** Whether there are segments beside the active one. */
  get hasSealedSegments(): boolean {
    return this.#segments.all.length > 1;
  }

  /** Base offsets of the segments, ascending. */
  get segmentBaseOffsets(): number[] {
    return this.#segments.all.map((segment) => segment.baseOffset);
  }

  /** The newest leader epoch that has an entry, undefined when there is none. */
  get latestEpoch(): number | undefined {
    return this.#epochs.latestEpoch;
  }

  /** Ms since the oldest unsynced append; 0 when all is synced. */
  get unflushedMs(): number {
    return this.#flusher.unflushedMs;
  }

  updateConfig(config: LogConfig): void {
    this.#config = config;
    this.#clientRules = validationRules(this.#config, this.topicPartition, true);
    this.#coordinatorRules = validationRules(this.#config, this.topicPartition, false);
  }

  /** Sets the topic id of a log that has none. Throws INCONSISTENT_TOPIC_ID when it has another one. */
  assignTopicId(topicId: Uuid): void {
    if (this.#topicId === topicId) return;
    if (this.#topicId !== undefined) {
      throw new KafkaError(
        'INCONSISTENT_TOPIC_ID',
        `${this.topicPartition} has topic id ${this.#topicId}, not ${topicId}`,
      );
    }
    this.#guarded('writing partition.metadata', () => {
      writePartitionMetadata(this.#environment.fileSystem, this.#directory, topicId);
    });
    this.#topicId = topicId;
  }

  // ---- appending ----

  /**
   * Validates one batch as a leader, gives it offsets and epoch in place (`batch` is changed and from then on belongs
   * to the log) and writes it.
   */
  appendAsLeader(bytes: Buffer, leaderEpoch: number, options: AppendOptions = {}): AppendResult {
    return this.appendBatchesAsLeader([bytes], leaderEpoch, options);
  }

  /** As appendAsLeader for several small batches of this broker's own making, in one gathered write. */
  appendBatchesAsLeader(batches: readonly Buffer[], leaderEpoch: number, options: AppendOptions = {}): AppendResult {
    const origin = options.origin ?? 'client';
    if (origin === 'raftLeader') return this.#appendSent(batches, leaderEpoch, origin);
    const rules = origin === 'client' ? this.#clientRules : this.#coordinatorRules;
    const nowMs = this.#environment.clock.nowMs();
    const planner = this.#planner(origin, options);
    const chunks: Buffer[] = [];
    const plan: AppendPlan = { chunks, sizeBytes: 0, lastOffset: this.#logEndOffset - 1, maxTimestamp: -1, nowMs };
    for (const bytes of batches) {
      const validated = validateAndAssign(bytes, rules, plan.lastOffset + 1, leaderEpoch, nowMs);
      const duplicate = planner.add(validated.bytes, 0);
      if (duplicate !== undefined) {
        return {
          baseOffset: duplicate.firstOffset,
          lastOffset: duplicate.lastOffset,
          logAppendTimeMs: duplicate.timestamp,
          logStartOffset: this.#logStartOffset,
          isDuplicate: true,
          sizeBytes: 0,
        };
      }
      chunks.push(validated.bytes);
      plan.sizeBytes += validated.bytes.length;
      plan.lastOffset = validated.lastOffset;
      plan.maxTimestamp = Math.max(plan.maxTimestamp, validated.maxTimestamp);
    }
    const result = this.#write(plan, planner);
    return rules.timestampType === 'LogAppendTime' ? { ...result, logAppendTimeMs: nowMs } : result;
  }

  /** Writes batches that a leader sent, with the offsets and epochs they carry. A partial batch at the end is left out. */
  appendAsFollower(records: Buffer, leaderEpoch: number): AppendResult {
    const firstBytes = wholeBatchesWithin(records, this.#config.segmentBytes);
    if (firstBytes >= records.length) return this.#appendSent([records], leaderEpoch, 'replication');
    // More than a segment holds: a leader may send from several of its own at once.
    const first = this.#appendSent([records.subarray(0, firstBytes)], leaderEpoch, 'replication');
    if (first.sizeBytes < firstBytes) return first;
    const rest = this.appendAsFollower(records.subarray(firstBytes), leaderEpoch);
    return { ...first, lastOffset: rest.lastOffset, sizeBytes: first.sizeBytes + rest.sizeBytes };
  }

  #planner(origin: ProducerOrigin, options: AppendOptions): ProducerPlanner {
    const context =
      origin === 'replication'
        ? this.#replication
        : { topicPartition: this.topicPartition, origin, transactionVersion: options.transactionVersion ?? 0 };
    return new ProducerPlanner(this.#producers, context, this.#verifiesTransactions, options.verificationGuard);
  }

  #appendSent(buffers: readonly Buffer[], leaderEpoch: number, origin: 'replication' | 'raftLeader'): AppendResult {
    const planner = this.#planner(origin, {});
    const chunks: Buffer[] = [];
    const nowMs = this.#environment.clock.nowMs();
    const plan: AppendPlan = { chunks, sizeBytes: 0, lastOffset: this.#logEndOffset - 1, maxTimestamp: -1, nowMs };
    for (const buffer of buffers) {
      const sizeBytes = planSentBatches(plan, buffer, { leaderEpoch, origin, topicPartition: this.topicPartition });
      if (sizeBytes === 0) continue;
      chunks.push(sizeBytes === buffer.length ? buffer : buffer.subarray(0, sizeBytes));
      for (let at = 0; at < sizeBytes; at += batch.batchSizeBytes(buffer, at)) planner.add(buffer, at);
    }
    return this.#write(plan, planner);
  }

  #write(plan: AppendPlan, planner: ProducerPlanner): AppendResult {
    const [first] = plan.chunks;
    const baseOffset = first === undefined ? this.#logEndOffset : batch.baseOffset(first, 0);
    if (first !== undefined) {
      this.#guarded('appending records', () => this.#append(plan, baseOffset));
      this.#applyProducers(plan, planner);
      if (this.#logEndOffset - this.recoveryPoint >= this.#config.flushMessages) this.flush();
    }
    return {
      baseOffset,
      lastOffset: plan.lastOffset,
      logAppendTimeMs: batch.NO_TIMESTAMP,
      logStartOffset: this.#logStartOffset,
      isDuplicate: false,
      sizeBytes: plan.sizeBytes,
    };
  }

  #append(plan: AppendPlan, baseOffset: number): void {
    if (plan.sizeBytes > this.#config.segmentBytes) {
      throw new KafkaError(
        'RECORD_LIST_TOO_LARGE',
        `Message batch size is ${plan.sizeBytes} bytes in append to partition ${this.topicPartition}, which exceeds the maximum configured segment size of ${this.#config.segmentBytes}.`,
      );
    }
    if (this.#segments.active.shouldRoll(this.#config, plan)) this.#rollAt(baseOffset);
    this.#assignEpochs(plan);
    const segment = this.#segments.active;
    let position = segment.sizeBytes;
    segment.append(plan.chunks, plan.sizeBytes);
    this.#logEndOffset = plan.lastOffset + 1;
    this.#flusher.appended(plan.nowMs);
    this.#isChanged = true;
    const { indexIntervalBytes } = this.#config;
    for (const chunk of plan.chunks) {
      for (let at = 0; at < chunk.length; ) {
        const size = batch.batchSizeBytes(chunk, at);
        segment.index(batch.lastOffset(chunk, at), batch.maxTimestamp(chunk, at), position, size, indexIntervalBytes);
        at += size;
        position += size;
      }
      this.#tail.append(chunk, batch.baseOffset(chunk, 0));
    }
  }

  #assignEpochs(plan: AppendPlan): void {
    for (const chunk of plan.chunks) {
      for (let at = 0; at < chunk.length; at += batch.batchSizeBytes(chunk, at)) {
        const epoch = batch.partitionLeaderEpoch(chunk, at);
        if (epoch >= 0 && epoch !== this.#epochs.latestEpoch) this.#epochs.assign(epoch, batch.baseOffset(chunk, at));
      }
    }
  }

  #applyProducers(plan: AppendPlan, planner: ProducerPlanner): void {
    this.#producers.mapEndOffset = plan.lastOffset + 1;
    if (planner.isEmpty) return;
    planner.apply((completed, lastStableOffset) => {
      if (!completed.isAborted) return;
      this.#guarded('writing the transaction index', () => {
        this.#segments.active.transactionIndex.append({ ...completed, lastStableOffset });
      });
    });
    this.#firstUnstableOffset = this.#producers.firstUnstableOffset;
  }

  // ---- reading ----

  /**
   * Reads whole batches from the one that holds `fetchOffset`, up to `maxBytes` and below `maxOffset` (high watermark,
   * last stable offset or log end). With `minOneMessage` the first batch comes whole even if it is larger.
   * Throws OFFSET_OUT_OF_RANGE when `fetchOffset` is not within the log.
   */
  read(fetchOffset: number, maxBytes: number, maxOffset: number, minOneMessage: boolean): ReadResult {
    if (fetchOffset < this.#logStartOffset || fetchOffset > this.#logEndOffset) throw this.#outOfRange(fetchOffset);
    const endOffset = Math.min(maxOffset, this.#logEndOffset);
    if (fetchOffset >= endOffset) return emptyRead(fetchOffset);
    // Kafka's reads end with a segment, and its followers refuse more than a segment's bytes at once.
    const limits = { fetchOffset, maxBytes: Math.min(maxBytes, this.#config.segmentBytes), endOffset, minOneMessage };
    if (fetchOffset >= this.#tail.startOffset) return readFromTail(this.#tail, limits);
    return this.#guarded('reading', () =>
      this.#reader.read(this.#segments.all, this.#segments.floorIndex(fetchOffset), limits),
    );
  }

  #outOfRange(offset: number): KafkaError {
    return new KafkaError(
      'OFFSET_OUT_OF_RANGE',
      `Received request for offset ${offset} for partition ${this.topicPartition}, but we only have log segments from offset ${this.#logStartOffset} to ${this.#logEndOffset}.`,
    );
  }

  /** The aborted transactions that a read of [fetchOffset, upperBoundOffset) must know. */
  abortedTransactions(fetchOffset: number, upperBoundOffset: number): AbortedTransaction[] {
    const first = this.#segments.floorIndex(fetchOffset);
    return this.#guarded('reading the transaction index', () =>
      collectAborted(this.#segments.all, first, fetchOffset, upperBoundOffset),
    );
  }

  /** ListOffsets: by time in ms or one of the special timestamps. undefined = nothing found. */
  offsetForTimestamp(timestamp: number): TimestampAndOffset | undefined {
    const source = {
      segments: this.#segments.all,
      epochs: this.#epochs,
      logStartOffset: this.#logStartOffset,
      logEndOffset: this.#logEndOffset,
    };
    return this.#guarded('looking up an offset', () => lookUpOffset(source, timestamp));
  }

  // ---- epochs ----

  /** OffsetForLeaderEpoch: the largest epoch at or below `leaderEpoch` and where it ends; undefined when unknown. */
  endOffsetForEpoch(leaderEpoch: number): EpochAndOffset | undefined {
    return this.#epochs.endOffsetFor(leaderEpoch, this.#logEndOffset);
  }

  /** A leader of a new epoch starts at `startOffset`. */
  assignEpochStart(leaderEpoch: number, startOffset: number): void {
    this.#guarded('writing the leader epochs', () => this.#epochs.assign(leaderEpoch, startOffset));
  }

  /** The leader epoch of the record at `offset`, undefined when unknown. */
  epochForOffset(offset: number): number | undefined {
    return this.#epochs.epochForOffset(offset);
  }

  // ---- offsets ----

  /** Moves the high watermark, within log start and log end; returns where it is now. */
  updateHighWatermark(offset: number): number {
    this.#highWatermark = Math.min(Math.max(offset, this.#logStartOffset), this.#logEndOffset);
    if (this.#producers.onHighWatermark(this.#highWatermark)) {
      this.#firstUnstableOffset = this.#producers.firstUnstableOffset;
    }
    return this.#highWatermark;
  }

  /** DeleteRecords, or a follower after its leader. Throws OFFSET_OUT_OF_RANGE above the high watermark. */
  advanceLogStartOffset(offset: number): boolean {
    if (offset > this.#highWatermark) {
      throw new KafkaError(
        'OFFSET_OUT_OF_RANGE',
        `Cannot increment the log start offset to ${offset} of partition ${this.topicPartition} since it is larger than the high watermark ${this.#highWatermark}`,
      );
    }
    if (offset <= this.#logStartOffset) return false;
    this.#logStartOffset = offset;
    this.#flusher.logStartMoved(offset);
    this.#guarded('writing the leader epochs', () => this.#epochs.truncateFromStart(offset));
    this.#producers.onLogStartOffset(offset);
    this.#isChanged = true;
    const first = this.#producers.firstUnstableOffset;
    this.#firstUnstableOffset = first === undefined ? undefined : Math.max(first, offset);
    return true;
  }

  /** Cuts everything from `offset` on; false when nothing was there. */
  truncateTo(offset: number): boolean {
    if (offset < 0) throw new RangeError(`cannot truncate ${this.topicPartition} to the negative offset ${offset}`);
    if (offset >= this.#logEndOffset) {
      this.#guarded('writing the leader epochs', () => this.#epochs.truncateFromEnd(this.#logEndOffset));
      return false;
    }
    if (this.#segments.first.baseOffset > offset) {
      this.truncateFullyAndStartAt(offset);
      return true;
    }
    const hadNone = this.#producers.isEmpty;
    this.#guarded('truncating', () => {
      const { endOffset, removed } = this.#segments.truncateTo(offset, this.#config.fileDeleteDelayMs);
      this.#retireSnapshots(removed);
      this.#logEndOffset = endOffset;
      this.#epochs.truncateFromEnd(endOffset);
      this.#logStartOffset = Math.min(endOffset, this.#logStartOffset);
      this.#afterTruncation();
      this.#rebuildProducers(hadNone);
    });
    if (this.#highWatermark > this.#logEndOffset) this.updateHighWatermark(this.#logEndOffset);
    return true;
  }

  /** Drops everything; the log starts anew at `offset`. */
  truncateFullyAndStartAt(offset: number, logStartOffset = offset): void {
    this.#guarded('truncating', () => {
      this.#segments.replaceAll(offset, this.#config, this.#config.fileDeleteDelayMs);
      this.#epochs.clear();
      this.#producers.truncateFullyAndStartAt(offset);
      this.#logStartOffset = logStartOffset;
      this.#logEndOffset = offset;
      this.#afterTruncation();
      this.#rebuildProducers(true);
    });
    this.updateHighWatermark(offset);
  }

  #afterTruncation(): void {
    this.#generation++;
    this.#flusher.truncated(this.#logEndOffset);
    this.#tail.clear();
    this.#reader.reset();
    this.#isChanged = true;
  }

  #rebuildProducers(hadNone: boolean): void {
    rebuildProducers(this.#segments.all, this.#producers, this.#replication, {
      logStartOffset: this.#logStartOffset,
      logEndOffset: this.#logEndOffset,
      nowMs: this.#environment.clock.nowMs(),
      hadNone,
    });
    this.#firstUnstableOffset = this.#producers.firstUnstableOffset;
  }

  #retireSnapshots(segments: readonly LogSegment[]): void {
    const paths = segments.flatMap((segment) => this.#producers.retireSnapshot(segment.baseOffset) ?? []);
    this.#segments.removeLater(paths, this.#config.fileDeleteDelayMs);
  }

  // ---- segments ----

  /** Starts a new segment at the log end; nothing happens when the active one is empty. */
  roll(): void {
    this.#guarded('rolling', () => this.#rollAt(this.#logEndOffset));
  }

  #rollAt(offset: number): void {
    const baseOffset = Math.max(offset, this.#logEndOffset);
    const former = this.#segments.roll(baseOffset, this.#config);
    if (former === undefined) return;
    this.#producers.mapEndOffset = baseOffset;
    this.#producers.takeSnapshot();
    this.#flusher.filesChanged();
    this.#isChanged = true;
    this.flushInBackground(undefined, baseOffset);
  }

  /** Syncs everything up to the log end before it returns. */
  flush(): void {
    this.#guarded('flushing', () => this.#flusher.flush(this.#logEndOffset));
  }

  /** Syncs up to `endOffset` (default: the log end) without holding up the event loop. */
  flushInBackground(done?: (error: Error | undefined) => void, endOffset = this.#logEndOffset): void {
    this.#flusher.flushInBackground(endOffset, () => this.#logEndOffset, done);
  }

  /** Deletes what retention says; returns the number of segments. */
  applyRetention(): number {
    const count = countExpiredSegments(this.#segments.all, this.#config, {
      logStartOffset: this.#logStartOffset,
      logEndOffset: this.#logEndOffset,
      highWatermark: this.#highWatermark,
      sizeBytes: this.sizeBytes,
      nowMs: this.#environment.clock.nowMs(),
    });
    if (count === 0) return 0;
    this.#guarded('deleting segments', () => {
      if (count === this.#segments.all.length) this.#rollAt(this.#logEndOffset);
      const nextStart = this.#segments.all[count]?.baseOffset ?? this.#segments.active.baseOffset;
      this.advanceLogStartOffset(Math.max(this.#logStartOffset, nextStart));
      this.#retireSnapshots(this.#segments.removeFirst(count, this.#config.fileDeleteDelayMs));
    });
    this.#generation++;
    this.#reader.reset();
    return count;
  }

  /** What the cleaner works on; no longer valid once the log was truncated, deleted or closed. */
  cleanable(): CleanableLog {
    const generation = this.#generation;
    return {
      topicPartition: this.topicPartition,
      environment: this.#environment,
      directory: this.#directory,
      config: this.#config,
      segments: [...this.#segments.all],
      logStartOffset: this.#logStartOffset,
      firstUncleanableOffset: Math.min(this.lastStableOffset, this.#segments.active.baseOffset),
      lastRecords: this.#producers.lastRecords(),
      isValid: () => !this.#isClosed && generation === this.#generation,
      replace: (former, cleaned) => {
        this.#guarded('replacing compacted segments', () => {
          const delayMs = this.#config.fileDeleteDelayMs;
          this.#segments.replace(former, cleaned, delayMs);
          this.#retireSnapshots(former.slice(1));
        });
        this.#flusher.filesChanged();
        this.#reader.reset();
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
    const known = this.#producers.get(producerId);
    if (known !== undefined && producerEpoch < known.producerEpoch) {
      throw new KafkaError(
        'INVALID_PRODUCER_EPOCH',
        `Epoch of producer ${producerId} is ${producerEpoch}, which is smaller than the last seen epoch ${known.producerEpoch}`,
      );
    }
    if (this.hasOngoingTransaction(producerId, producerEpoch)) return undefined;
    const nowMs = this.#environment.clock.nowMs();
    return this.#producers.startVerification(producerId, sequence, producerEpoch, supportsEpochBump, nowMs);
  }

  hasOngoingTransaction(producerId: number, producerEpoch: number): boolean {
    const entry = this.#producers.get(producerId);
    return entry?.transactionFirstOffset !== undefined && entry.producerEpoch === producerEpoch;
  }

  activeProducers(): ActiveProducer[] {
    return this.#producers.activeProducers();
  }

  removeExpiredProducers(): void {
    this.#producers.removeExpired(this.#environment.clock.nowMs());
  }

  // ---- the end ----

  /** Syncs, writes indexes and the producer snapshot, closes the files. Without `isClean` only closes. */
  close(isClean = true): void {
    if (this.#isClosed) return;
    this.#guarded('closing', () => {
      if (isClean) this.#writeOut();
      for (const segment of this.#segments.all) segment.giveUp();
    });
    this.#isClosed = true;
    this.#flusher.close();
    this.#tail.clear();
  }

  #writeOut(): void {
    // An untouched log is on the disk as it was found.
    if (!this.#isChanged) return;
    this.#segments.active.seal();
    if (this.#logEndOffset > this.recoveryPoint) this.#flusher.flush(this.#logEndOffset, true);
    this.#producers.mapEndOffset = this.#logEndOffset;
    this.#producers.takeSnapshot();
  }

  /** Renames the directory to `…-delete`, closes the log, and removes it after `file.delete.delay.ms`. */
  deleteDirectory(): void {
    const { clock, fileSystem, logger } = this.#environment;
    this.retireDirectory('delete');
    const directory = this.#directory;
    clock.schedule(
      this.#config.fileDeleteDelayMs,
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
    const { random, fileSystem } = this.#environment;
    const name = retiredDirectoryName(this.topic, this.partition, random.bytes(16).toString('hex'), kind);
    const directory = `${this.#directory.slice(0, this.#directory.lastIndexOf('/'))}/${name}`;
    this.#guarded(`renaming the directory to ${name}`, () => {
      this.close(kind !== 'delete');
      fileSystem.rename(this.#directory, directory);
      this.#directory = directory;
      this.#segments.moveTo(directory);
      this.#epochs.moveTo(`${directory}/${LEADER_EPOCH_CHECKPOINT}`);
      this.#producers.moveTo(directory);
    });
  }

  #guarded<T>(what: string, run: () => T): T {
    if (this.#isClosed) throw new KafkaError('KAFKA_STORAGE_ERROR', `The log for ${this.topicPartition} is closed`);
    return guarded(`${what} for ${this.topicPartition} in ${this.#directory}`, run);
  }
}

/** Turns the disk's errors into KAFKA_STORAGE_ERROR. */
function guarded<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof KafkaError || error instanceof RangeError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new KafkaError('KAFKA_STORAGE_ERROR', `Error while ${what}: ${why}`, { cause: error });
  }
}
