import type { Uuid } from '../base/uuid.ts';
import type { LogConfig } from './log-config.ts';
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

/**
 * One partition's log on disk, in Apache Kafka's files. All calls are synchronous; errors are KafkaError with Kafka's
 * names, an I/O error of the disk is KAFKA_STORAGE_ERROR.
 */
export declare class PartitionLog {
  /** Opens or creates a log and, after an unclean stop, recovers it. */
  static open(options: OpenLogOptions): PartitionLog;

  readonly topic: string;
  readonly partition: number;
  readonly topicId: Uuid | undefined;
  /** Path of the log's directory; changes when the log is deleted. */
  readonly directory: string;
  readonly config: LogConfig;

  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
  /** The end of what a read_committed consumer may see. */
  readonly lastStableOffset: number;
  /** Everything before it was synced. */
  readonly recoveryPoint: number;
  readonly sizeBytes: number;
  /** The newest leader epoch that has an entry, undefined when there is none. */
  readonly latestEpoch: number | undefined;

  updateConfig(config: LogConfig): void;
  /** Sets the topic id of a log that has none. */
  assignTopicId(topicId: Uuid): void;

  /**
   * Validates one batch as a leader, gives it offsets and epoch in place (`batch` is changed and from then on belongs
   * to the log) and writes it.
   */
  appendAsLeader(batch: Buffer, leaderEpoch: number, options?: AppendOptions): AppendResult;
  /** As appendAsLeader for several small batches of this broker's own making, in one gathered write. */
  appendBatchesAsLeader(batches: readonly Buffer[], leaderEpoch: number, options?: AppendOptions): AppendResult;
  /** Writes batches that a leader sent, with the offsets and epochs they carry. A partial batch at the end is left out. */
  appendAsFollower(records: Buffer, leaderEpoch: number): AppendResult;

  /**
   * Reads whole batches from the one that holds `fetchOffset`, up to `maxBytes` and below `maxOffset` (high watermark,
   * last stable offset or log end). With `minOneMessage` the first batch comes whole even if it is larger.
   * Throws OFFSET_OUT_OF_RANGE when `fetchOffset` is not within the log.
   */
  read(fetchOffset: number, maxBytes: number, maxOffset: number, minOneMessage: boolean): ReadResult;
  /** The aborted transactions that a read of [fetchOffset, upperBoundOffset) must know. */
  abortedTransactions(fetchOffset: number, upperBoundOffset: number): AbortedTransaction[];
  /** ListOffsets: by time in ms or one of the special timestamps. undefined = nothing found. */
  offsetForTimestamp(timestamp: number): TimestampAndOffset | undefined;

  /** OffsetForLeaderEpoch: the largest epoch at or below `leaderEpoch` and where it ends; undefined when unknown. */
  endOffsetForEpoch(leaderEpoch: number): EpochAndOffset | undefined;
  /** A leader of a new epoch starts at `startOffset`. */
  assignEpochStart(leaderEpoch: number, startOffset: number): void;
  /** The leader epoch of the record at `offset`, undefined when unknown. */
  epochForOffset(offset: number): number | undefined;

  /** Moves the high watermark, within log start and log end; returns where it is now. */
  updateHighWatermark(offset: number): number;
  /** DeleteRecords, or a follower after its leader. Throws OFFSET_OUT_OF_RANGE above the high watermark. */
  advanceLogStartOffset(offset: number): boolean;
  /** Cuts everything from `offset` on; false when nothing was there. */
  truncateTo(offset: number): boolean;
  /** Drops everything; the log starts anew at `offset`. */
  truncateFullyAndStartAt(offset: number, logStartOffset?: number): void;

  /** Starts a new segment at the log end. */
  roll(): void;
  /** Syncs everything up to the log end before it returns. */
  flush(): void;
  /** Syncs without holding up the event loop. */
  flushInBackground(done?: (error: Error | undefined) => void): void;
  /** Deletes what retention says; returns the number of segments. */
  applyRetention(): number;
  /** Ms since the oldest unsynced append; 0 when all is synced. */
  readonly unflushedMs: number;

  startTransactionVerification(
    producerId: number,
    sequence: number,
    producerEpoch: number,
    supportsEpochBump: boolean,
  ): VerificationGuard | undefined;
  hasOngoingTransaction(producerId: number, producerEpoch: number): boolean;
  activeProducers(): ActiveProducer[];
  removeExpiredProducers(): void;

  /** Syncs, writes indexes and the producer snapshot, closes the files. Without `clean` only closes. */
  close(clean?: boolean): void;
  /** Renames the directory to `…-delete`, closes the log, and removes it after `file.delete.delay.ms`. */
  deleteDirectory(): void;
}
