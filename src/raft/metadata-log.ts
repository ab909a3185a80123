import { join } from 'node:path';
import { KafkaError } from '../base/kafka-error.ts';
import { METADATA_TOPIC_ID } from '../base/uuid.ts';
import { DEFAULT_LOG_CONFIG } from '../log/log-config.ts';
import { PartitionLog } from '../log/partition-log.ts';
import type { LogEnvironment, ReadResult } from '../log/partition-log-types.ts';
import * as batch from '../records/record-batch.ts';
import type { RaftConfig } from './raft-config.ts';
import { METADATA_TOPIC, type OffsetAndEpoch, type SnapshotContent } from './raft-types.ts';
import {
  compareOffsetAndEpoch,
  MAX_BATCH_SIZE_BYTES,
  parseSnapshot,
  parseSnapshotFileName,
  snapshotFileName,
} from './snapshot-format.ts';

/** What a leader finds out about the place from which a follower wants to fetch. */
export type FetchPosition =
  | { readonly kind: 'valid' }
  /** The follower's log went another way: the largest common epoch that the leader knows, and where it ends. */
  | { readonly kind: 'diverging'; readonly end: OffsetAndEpoch }
  /** The log no longer reaches back that far. */
  | { readonly kind: 'snapshot'; readonly id: OffsetAndEpoch };

const LEADER_EPOCH_CHECKPOINT = 'leader-epoch-checkpoint';
const SNAPSHOT_FILE_MODE = 0o400;
const UNLIMITED = -1;

/** `__cluster_metadata-0` on disk: the partition log and the snapshots beside it. Knows no roles. */
export class MetadataLog {
  readonly #log: PartitionLog;
  readonly #environment: LogEnvironment;
  readonly #config: RaftConfig;
  readonly #directory: string;
  /** In the order of Kafka's OffsetAndEpoch. */
  #snapshots: OffsetAndEpoch[] = [];

  constructor(directory: string, config: RaftConfig, environment: LogEnvironment) {
    this.#directory = directory;
    this.#config = config;
    this.#environment = environment;
    environment.fileSystem.makeDirectory(directory);
    // The whole log is scanned below; the epochs in its records are the truth, a file from before a crash need not be.
    environment.fileSystem.remove(join(directory, LEADER_EPOCH_CHECKPOINT));
    this.#log = PartitionLog.open({
      directory,
      topic: METADATA_TOPIC,
      partition: 0,
      topicId: METADATA_TOPIC_ID,
      config: {
        ...DEFAULT_LOG_CONFIG,
        segmentBytes: config.segmentBytes,
        segmentMs: config.segmentMs,
        retentionMs: UNLIMITED,
        retentionBytes: UNLIMITED,
        maxMessageBytes: MAX_BATCH_SIZE_BYTES,
      },
      // As Kafka: the metadata log is always recovered as a whole.
      hadCleanShutdown: false,
      environment,
    });
    this.#cutAtHole();
    this.#recoverSnapshots();
    this.truncateToLatestSnapshot();
    this.#log.flush();
  }

  // A machine that stops may have lost the end of a segment that was not synced, and kept some of the next one. What
  // follows the hole was never acknowledged, and cannot be read.
  #cutAtHole(): void {
    let expected = this.startOffset;
    while (expected < this.endOffset) {
      const next = this.#contiguousEnd(expected);
      if (next === expected) {
        this.#environment.logger.warn(`The metadata log has a hole at ${expected}: what follows it is cut off`);
        this.truncateTo(expected);
        return;
      }
      expected = next;
    }
  }

  /** Offset after the batches that follow one another from `offset` on, as far as one read goes. */
  #contiguousEnd(offset: number): number {
    let expected = offset;
    for (const chunk of this.read(offset, MAX_BATCH_SIZE_BYTES, this.endOffset).chunks) {
      for (let at = 0; at < chunk.length; at += batch.batchSizeBytes(chunk, at)) {
        const isFirst = expected === this.startOffset && batch.baseOffset(chunk, at) <= expected;
        if (batch.baseOffset(chunk, at) !== expected && !isFirst) return expected;
        expected = batch.lastOffset(chunk, at) + 1;
      }
    }
    return expected;
  }

  #recoverSnapshots(): void {
    const { fileSystem, logger } = this.#environment;
    for (const name of fileSystem.list(this.#directory)) {
      const parsed = parseSnapshotFileName(name);
      if (parsed === undefined) continue;
      if (parsed.isWhole && parsed.id.offset >= this.#log.logStartOffset) this.#snapshots.push(parsed.id);
      else {
        logger.info(`Deleting unneeded snapshot file ${name}`);
        fileSystem.remove(join(this.#directory, name));
      }
    }
    this.#snapshots.sort(compareOffsetAndEpoch);
    if (this.#log.logStartOffset > 0 && this.#snapshots.length === 0) {
      throw new KafkaError(
        'KAFKA_STORAGE_ERROR',
        `${this.#directory} starts at offset ${this.#log.logStartOffset}, but there is no snapshot of what came before`,
      );
    }
  }

  get startOffset(): number {
    return this.#log.logStartOffset;
  }

  get endOffset(): number {
    return this.#log.logEndOffset;
  }

  get latestSnapshotId(): OffsetAndEpoch | undefined {
    return this.#snapshots.at(-1);
  }

  get earliestSnapshotId(): OffsetAndEpoch | undefined {
    return this.#snapshots[0];
  }

  get snapshotIds(): readonly OffsetAndEpoch[] {
    return this.#snapshots;
  }

  /** Epoch of the last record; of the snapshot when the log is empty behind it; 0 when there is nothing. */
  get lastEpoch(): number {
    return this.#log.latestEpoch ?? this.latestSnapshotId?.epoch ?? 0;
  }

  get end(): OffsetAndEpoch {
    return { offset: this.endOffset, epoch: this.lastEpoch };
  }

  append(bytes: Buffer, epoch: number): void {
    this.#log.appendAsLeader(bytes, epoch, { origin: 'raftLeader' });
  }

  /** Writes what a leader sent. Throws CORRUPT_MESSAGE and the like when it does not fit. */
  appendAsFollower(records: Buffer, epoch: number): void {
    this.#log.appendAsFollower(records, epoch);
  }

  startEpoch(epoch: number): void {
    this.#log.assignEpochStart(epoch, this.endOffset);
  }

  syncInBackground(done: (error: Error | undefined) => void): void {
    this.#log.flushInBackground(done);
  }

  read(fromOffset: number, maxBytes: number, maxOffset: number): ReadResult {
    return this.#log.read(fromOffset, maxBytes, maxOffset, true);
  }

  /** What was committed for certain, whatever this node is now; the log start while nothing is known. */
  get highWatermark(): number {
    return this.#log.highWatermark;
  }

  updateHighWatermark(offset: number): void {
    this.#log.updateHighWatermark(offset);
  }

  /** The largest epoch at or below `epoch` and where it ends. */
  endOffsetForEpoch(epoch: number): OffsetAndEpoch {
    const found = this.#log.endOffsetForEpoch(epoch);
    if (found === undefined) return this.end;
    const earliest = this.earliestSnapshotId;
    // The log's smallest epoch may have begun before the log did: the snapshot knows better.
    if (earliest !== undefined && found.endOffset === earliest.offset && found.leaderEpoch === epoch) return earliest;
    return { offset: found.endOffset, epoch: found.leaderEpoch };
  }

  /** Whether a follower whose log ends at `offset` with `epoch` can go on from there. */
  validate(offset: number, epoch: number): FetchPosition {
    if (this.startOffset === 0 && offset === 0) return { kind: 'valid' };
    const earliest = this.earliestSnapshotId;
    const latest = this.latestSnapshotId;
    if (
      earliest !== undefined &&
      latest !== undefined &&
      (offset < this.startOffset || (offset === this.startOffset && epoch !== earliest.epoch) || epoch < earliest.epoch)
    ) {
      return { kind: 'snapshot', id: latest };
    }
    const end = this.endOffsetForEpoch(epoch);
    return end.epoch !== epoch || end.offset < offset ? { kind: 'diverging', end } : { kind: 'valid' };
  }

  /** Where this log must be cut off when the leader has other records from `leaderEnd` on. */
  truncationOffset(leaderEnd: OffsetAndEpoch): number {
    if (leaderEnd.epoch === 0) return leaderEnd.offset;
    const local = this.endOffsetForEpoch(leaderEnd.epoch);
    return local.epoch === leaderEnd.epoch ? Math.min(local.offset, leaderEnd.offset) : local.offset;
  }

  /** Cuts off everything from `offset` on, synced; returns where the log now ends. */
  truncateTo(offset: number): number {
    if (this.#log.truncateTo(offset)) this.#syncActiveSegment();
    return this.endOffset;
  }

  // Before other records follow: a crash must not leave a mixture of what was cut off and what came after.
  #syncActiveSegment(): void {
    const { fileSystem } = this.#environment;
    const active = fileSystem.list(this.#directory).findLast((name) => name.endsWith('.log'));
    if (active === undefined) return;
    const file = fileSystem.open(join(this.#directory, active), 'write');
    try {
      file.sync();
    } finally {
      file.close();
    }
  }

  /** Starts the log anew behind the latest snapshot if that is ahead of it; whether it did. */
  truncateToLatestSnapshot(): boolean {
    const latest = this.latestSnapshotId;
    if (latest === undefined || compareOffsetAndEpoch(latest, this.end) <= 0) return false;
    this.#log.truncateFullyAndStartAt(latest.offset);
    this.#forgetSnapshotsBefore(latest);
    return true;
  }

  hasSnapshot(id: OffsetAndEpoch): boolean {
    return this.#snapshots.some((one) => compareOffsetAndEpoch(one, id) === 0);
  }

  snapshotSizeBytes(id: OffsetAndEpoch): number {
    return this.#environment.fileSystem.fileSizeBytes(this.#snapshotPath(id));
  }

  /** Up to `maxBytes` of a snapshot's file from `position`. */
  readSnapshotPart(id: OffsetAndEpoch, position: number, maxBytes: number): Buffer {
    const file = this.#environment.fileSystem.open(this.#snapshotPath(id), 'read');
    try {
      const length = Math.max(0, Math.min(maxBytes, file.sizeBytes() - position));
      const part = Buffer.allocUnsafe(length);
      return part.subarray(0, file.read(part, 0, length, position));
    } finally {
      file.close();
    }
  }

  /** The bytes and content of the latest snapshot. Throws CORRUPT_MESSAGE when the file is damaged. */
  loadLatestSnapshot(): { bytes: Buffer; content: SnapshotContent } | undefined {
    const id = this.latestSnapshotId;
    if (id === undefined) return undefined;
    const bytes = this.#environment.fileSystem.readFile(this.#snapshotPath(id));
    return { bytes, content: parseSnapshot(id, bytes) };
  }

  /** Stores a whole snapshot: unseen until it is synced. */
  storeSnapshot(id: OffsetAndEpoch, bytes: Buffer): void {
    this.#environment.fileSystem.writeFileAtomically(this.#snapshotPath(id), bytes, SNAPSHOT_FILE_MODE);
    if (this.hasSnapshot(id)) return;
    this.#snapshots.push(id);
    this.#snapshots.sort(compareOffsetAndEpoch);
  }

  /** Whether a batch starts at `offset`, or the log ends there. */
  isBatchBoundary(offset: number): boolean {
    if (offset === this.endOffset || offset === this.startOffset) return true;
    return this.read(offset, 1, this.endOffset).baseOffset === offset;
  }

  /**
   * Drops the oldest snapshots, and the log before the next one, while they are too old (metadata.max.retention.ms) or
   * too large together (metadata.max.retention.bytes). The latest snapshot always stays.
   */
  clean(): boolean {
    const { retentionMaxBytes, retentionMs } = this.#config;
    const sizes = this.#snapshots.map((id) => this.snapshotSizeBytes(id));
    let totalBytes = sizes.reduce((sum, size) => sum + size, 0);
    let hasCleaned = false;
    for (;;) {
      const [oldest, next] = this.#snapshots;
      if (oldest === undefined || next === undefined) return hasCleaned;
      const isTooLarge = retentionMaxBytes >= 0 && this.#log.sizeBytes + totalBytes > retentionMaxBytes;
      if (!isTooLarge && !(retentionMs >= 0 && this.#ageMs(oldest) > retentionMs)) return hasCleaned;
      if (next.offset <= this.startOffset || next.offset > this.#log.highWatermark) return hasCleaned;
      if (!this.#log.advanceLogStartOffset(next.offset)) return hasCleaned;
      this.#log.applyRetention();
      totalBytes -= sizes.shift() ?? 0;
      this.#forgetSnapshotsBefore(next);
      hasCleaned = true;
    }
  }

  #ageMs(id: OffsetAndEpoch): number {
    const bytes = this.#environment.fileSystem.readFile(this.#snapshotPath(id));
    return this.#environment.clock.nowMs() - parseSnapshot(id, bytes).lastContainedLogTimestamp;
  }

  #forgetSnapshotsBefore(id: OffsetAndEpoch): void {
    const forgotten = this.#snapshots.filter((one) => compareOffsetAndEpoch(one, id) < 0);
    this.#snapshots = this.#snapshots.filter((one) => compareOffsetAndEpoch(one, id) >= 0);
    for (const one of forgotten) {
      this.#environment.logger.info(`Deleting snapshot ${snapshotFileName(one)}`);
      this.#environment.fileSystem.remove(this.#snapshotPath(one));
    }
  }

  #snapshotPath(id: OffsetAndEpoch): string {
    return join(this.#directory, snapshotFileName(id));
  }

  /** Without `isClean` nothing is written any more. */
  close(isClean: boolean): void {
    this.#log.close(isClean);
  }
}
