import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { MetadataLoader } from '../metadata/metadata-loader.ts';
import type { RaftNode } from '../raft/raft-node.ts';
import type { CommittedBatch, LeaderAndEpoch, RaftListener, SnapshotContent } from '../raft/raft-types.ts';

/** When snapshots of the metadata are taken. */
export interface SnapshotTriggers {
  /** `metadata.log.max.record.bytes.between.snapshots`. */
  readonly maxNewRecordBytes: number;
  /** `metadata.log.max.snapshot.interval.ms`; 0 = not by time. */
  readonly maxIntervalMs: number;
}

export interface MetadataListenerOptions {
  readonly raft: RaftNode;
  readonly loader: MetadataLoader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly triggers: SnapshotTriggers;
  /** What the folder was formatted with, for the first active controller to write into the log. */
  readonly onBootstrap: (values: readonly Buffer[]) => void;
  readonly onLeaderChange: (leader: LeaderAndEpoch) => void;
  /** After a call of the raft node was dealt with. */
  readonly onAdvanced: () => void;
  /** The committed log cannot be understood: the node must stop. */
  readonly onFatal: (error: unknown) => void;
}

/** Replays the committed metadata log into the loader, and takes snapshots of it from time to time. */
export class MetadataListener implements RaftListener {
  readonly #options: MetadataListenerOptions;
  #newBytes = 0;
  #newestTimestampMs = 0;
  #oldestNewMs: number | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: MetadataListenerOptions) {
    this.#options = options;
  }

  handleCommit(batches: readonly CommittedBatch[]): void {
    const { loader, clock } = this.#options;
    this.#guard(() => loader.handleCommit(batches));
    for (const batch of batches) {
      this.#newestTimestampMs = batch.appendTimestamp;
      for (const value of batch.values) this.#newBytes += value.length;
    }
    this.#oldestNewMs ??= clock.monotonicMs();
    this.#maybeSnapshot();
    this.#options.onAdvanced();
  }

  handleLoadBootstrap(values: readonly Buffer[]): void {
    this.#options.onBootstrap(values);
  }

  handleLoadSnapshot(snapshot: SnapshotContent): void {
    const { loader } = this.#options;
    const { offset, epoch } = snapshot.snapshotId;
    this.#guard(() => loader.handleLoadSnapshot(snapshot.values, offset, epoch));
    this.#newestTimestampMs = snapshot.lastContainedLogTimestamp;
    this.#newBytes = 0;
    this.#oldestNewMs = undefined;
    this.#options.onAdvanced();
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    this.#options.onLeaderChange(leader);
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.onFatal(error);
      throw error;
    }
  }

  #maybeSnapshot(): void {
    const { clock, triggers } = this.#options;
    if (this.#newBytes >= triggers.maxNewRecordBytes) {
      this.#snapshot();
      return;
    }
    if (triggers.maxIntervalMs <= 0 || this.#timer !== undefined || this.#oldestNewMs === undefined) return;
    const dueMs = this.#oldestNewMs + triggers.maxIntervalMs - clock.monotonicMs();
    this.#timer = clock.schedule(Math.max(0, dueMs), () => {
      this.#timer = undefined;
      if (!this.#isClosed) this.#snapshot();
    });
  }

  #snapshot(): void {
    const { raft, loader, logger } = this.#options;
    if (loader.isInTransaction) return;
    const snapshotId = { offset: loader.lastAppliedOffset + 1, epoch: loader.lastAppliedEpoch };
    try {
      raft.createSnapshot(snapshotId, this.#newestTimestampMs, loader.snapshotValues());
      this.#newBytes = 0;
      this.#oldestNewMs = undefined;
    } catch (error) {
      logger.error(`a metadata snapshot at offset ${snapshotId.offset} cannot be written`, error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }
}
