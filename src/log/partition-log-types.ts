import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Uuid } from '../base/uuid.ts';
import type { FilePool } from './file-pool.ts';
import type { LogConfig } from './log-config.ts';

/**
 * Who appends. `client`: a Produce request, everything is checked. `coordinator`: this broker's group or transaction
 * coordinator, control batches are allowed and sequences are not checked. `raftLeader`: the metadata log's leader; the
 * batches carry their offsets and epoch already.
 */
export type AppendOrigin = 'client' | 'coordinator' | 'raftLeader';

/** What an append did. */
export interface AppendResult {
  /** Offset of the first record; of the first append when it was a duplicate. */
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** The broker's time in ms when the topic uses LogAppendTime, else -1 (for a duplicate: its batch's timestamp). */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  /** The producer sent the batch before; nothing was written. */
  readonly isDuplicate: boolean;
  /** Bytes that were written. */
  readonly sizeBytes: number;
}

/** Proof that the transaction coordinator was asked about a producer's transaction (KIP-890). */
export interface VerificationGuard {
  readonly producerId: number;
}

export interface AppendOptions {
  /** Default `client`. */
  readonly origin?: AppendOrigin;
  /** Of the first transactional batch of a transaction, from {@link PartitionLog.startTransactionVerification}. */
  readonly verificationGuard?: VerificationGuard | undefined;
  /** `transaction.version` of the markers that a coordinator writes; 2 makes equal epochs stale. Default 0. */
  readonly transactionVersion?: number;
}

/** Batches as they lie in the log: whole ones, first the one that holds the asked offset. */
export interface ReadResult {
  /** Views to be sent as they are, one after another; never to be changed. */
  readonly chunks: readonly Buffer[];
  readonly sizeBytes: number;
  /** Base offset of the first batch (may lie before the asked offset), or the asked offset when there is none. */
  readonly baseOffset: number;
  /** Offset after the last batch; the asked offset when there is none. */
  readonly nextOffset: number;
}

/** An aborted transaction that touches a range, as FetchResponse lists it. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** An answer to ListOffsets. -1 stands for "none" in each field. */
export interface TimestampAndOffset {
  readonly timestamp: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

/** Special timestamps of ListOffsets. */
export const LATEST_TIMESTAMP = -1;
export const EARLIEST_TIMESTAMP = -2;
export const MAX_TIMESTAMP = -3;
export const EARLIEST_LOCAL_TIMESTAMP = -4;
export const LATEST_TIERED_TIMESTAMP = -5;
export const EARLIEST_PENDING_UPLOAD_TIMESTAMP = -6;

/** A producer as DescribeProducers shows it. */
export interface ActiveProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  /** -1 when no transaction is open. */
  readonly currentTransactionStartOffset: number;
}

/** Where an epoch ends. */
export interface EpochAndOffset {
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

/** What logs share. */
export interface LogEnvironment {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Bounds the open files of all logs. */
  readonly filePool: FilePool;
}

/** Everything that opening one log takes. */
export interface OpenLogOptions {
  /** Path of `<topic>-<partition>`; created when missing. */
  readonly directory: string;
  readonly topic: string;
  readonly partition: number;
  /** Written to partition.metadata when that has none; undefined = as the file says. */
  readonly topicId?: Uuid | undefined;
  readonly config: LogConfig;
  /** From recovery-point-offset-checkpoint; default 0. */
  readonly recoveryPoint?: number;
  /** From log-start-offset-checkpoint; default 0 (the first segment decides). */
  readonly logStartOffset?: number;
  /** Whether the data dir had a .kafka_cleanshutdown file: then nothing is scanned. */
  readonly hadCleanShutdown: boolean;
  /** `producer.id.expiration.ms`; default 24 h. */
  readonly producerIdExpirationMs?: number;
  /** `transaction.partition.verification.enable`; default true. */
  readonly verifyTransactions?: boolean;
  readonly environment: LogEnvironment;
}
