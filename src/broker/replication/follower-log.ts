import { KafkaError } from '../../base/kafka-error.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import * as recordBatch from '../../records/record-batch.ts';

/** What a leader answered to a fetch at the end of a follower's log. */
export interface FetchedRecords {
  readonly records: Buffer | null;
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

/** What taking it over did. */
export interface FollowerAppend {
  readonly sizeBytes: number;
  /** Whether readers may now see more, or less. */
  readonly isHighWatermarkMoved: boolean;
}

/**
 * Takes over what the leader sent: its records as they are, then its high watermark and log start, as far as this log
 * reaches. Throws CORRUPT_MESSAGE, INVALID_RECORD, KAFKA_STORAGE_ERROR, or UNKNOWN_SERVER_ERROR when the records do not
 * follow on what is there.
 */
export function appendFetched(log: PartitionLog, leaderEpoch: number, fetched: FetchedRecords): FollowerAppend {
  const { records } = fetched;
  let sizeBytes = 0;
  if (records !== null && records.length > 0) {
    startWithWholeBatch(log, records);
    sizeBytes = log.appendAsFollower(records, leaderEpoch).sizeBytes;
  }
  const before = log.highWatermark;
  const after = log.updateHighWatermark(Math.min(fetched.highWatermark, log.logEndOffset));
  const logStartOffset = Math.min(fetched.logStartOffset, after);
  if (logStartOffset > log.logStartOffset) log.advanceLogStartOffset(logStartOffset);
  return { sizeBytes, isHighWatermarkMoved: after !== before };
}

// The leader's log may start in the middle of a batch (DeleteRecords); a new replica gets the batch whole, and can only
// append it if its empty log starts there too.
function startWithWholeBatch(log: PartitionLog, records: Buffer): void {
  if (log.logStartOffset !== log.logEndOffset || records.length < recordBatch.BATCH_HEADER_SIZE) return;
  const first = recordBatch.baseOffset(records, 0);
  if (first < log.logEndOffset && recordBatch.lastOffset(records, 0) >= log.logEndOffset) {
    log.truncateFullyAndStartAt(first);
  }
}

/** Where a leader says that the epoch of a follower's last record, or one before it, ends. */
export interface DivergingEpoch {
  readonly epoch: number;
  readonly endOffset: number;
}

/**
 * Cuts what the leader does not have (KIP-101, KIP-279): up to where both know the epoch to end. When this log does not
 * know the leader's epoch it is cut to the end of the one before, and the leader is asked again.
 */
export function truncateToLeader(log: PartitionLog, diverging: DivergingEpoch): void {
  log.truncateTo(truncationOffset(log, diverging));
}

function truncationOffset(log: PartitionLog, { epoch, endOffset }: DivergingEpoch): number {
  const { logEndOffset } = log;
  // The leader knows nothing of that epoch: only what is below the high watermark is sure to be the same.
  if (endOffset < 0) return Math.min(log.highWatermark, logEndOffset);
  if (epoch < 0) return Math.min(endOffset, logEndOffset);
  const own = log.endOffsetForEpoch(epoch);
  if (own === undefined) return Math.min(endOffset, logEndOffset);
  if (own.leaderEpoch !== epoch) return Math.min(own.endOffset, logEndOffset);
  return Math.min(own.endOffset, endOffset, logEndOffset);
}

/** A log that begins to follow: without leader epochs nothing but what is below the high watermark can be relied on. */
export function beginFollowing(log: PartitionLog): void {
  if (log.latestEpoch === undefined && log.logEndOffset > log.highWatermark) log.truncateTo(log.highWatermark);
}

/**
 * The leader does not have the offset at which this log ends: an unclean election took it, or the leader has deleted
 * past it. `latest` and `earliest` are where the leader's log ends and starts.
 */
export function resetToLeader(log: PartitionLog, latest: number, earliest: number): void {
  if (latest < 0 || earliest < 0) throw new KafkaError('UNKNOWN_SERVER_ERROR', 'the leader named no offset');
  if (latest < log.logEndOffset) log.truncateTo(latest);
  else if (earliest > log.logEndOffset) log.truncateFullyAndStartAt(earliest);
}
