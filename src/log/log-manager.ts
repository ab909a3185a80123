import type { Uuid } from '../base/uuid.ts';
import type { LogConfig } from './log-config.ts';
import type { PartitionLog } from './partition-log.ts';
import type { LogEnvironment } from './partition-log-types.ts';

export interface LogManagerOptions {
  /** Paths of the data dirs (`log.dirs`); must exist and be formatted. */
  readonly directories: readonly string[];
  /** Configuration of a topic's logs. */
  readonly configOf: (topic: string) => LogConfig;
  readonly environment: LogEnvironment;
  readonly producerIdExpirationMs?: number;
  readonly verifyTransactions?: boolean;
  /** `log.retention.check.interval.ms`, default 5 min. */
  readonly retentionCheckIntervalMs?: number;
  /** `log.flush.offset.checkpoint.interval.ms`, default 60 s. */
  readonly recoveryPointCheckpointIntervalMs?: number;
  /** `log.flush.start.offset.checkpoint.interval.ms`, default 60 s. */
  readonly logStartOffsetCheckpointIntervalMs?: number;
  /** `replica.high.watermark.checkpoint.interval.ms`, default 5 s. */
  readonly highWatermarkCheckpointIntervalMs?: number;
}

/**
 * All partition logs of a broker over its data dirs: opens them, creates, deletes, checkpoints, applies retention and
 * stops cleanly. `__cluster_metadata-0` is left to the raft layer.
 */
export declare class LogManager {
  /** Locks the data dirs and opens every partition directory. Throws KAFKA_STORAGE_ERROR when a dir is in use. */
  static open(options: LogManagerOptions): LogManager;
  /** Starts the periodic work. */
  start(): void;
  /** Broker epoch of the last clean stop, -1 when the dirs disagree or one stopped uncleanly. */
  readonly previousBrokerEpoch: number;
  /** Directory ids by path, from meta.properties. */
  readonly directoryIds: ReadonlyMap<string, Uuid>;
  get(topic: string, partition: number): PartitionLog | undefined;
  logs(): Iterable<PartitionLog>;
  /** The log; created in the dir `directory` (or the one with the fewest logs) when missing. */
  getOrCreate(topic: string, partition: number, topicId: Uuid, directory?: string): PartitionLog;
  /** Renames a log's directory for deletion and forgets it; false when there is none. */
  delete(topic: string, partition: number): boolean;
  /** Renames the dirs of logs for which `isStray` says so to `…-stray` and forgets them; returns their names. */
  removeStrays(isStray: (log: PartitionLog) => boolean): string[];
  /** Applies `configOf` anew to a topic's logs. */
  updateConfig(topic: string): void;
  checkpoint(): void;
  /** Clean stop: closes all logs, writes checkpoints and `.kafka_cleanshutdown`, releases the lock. */
  close(brokerEpoch: number): void;
}
