import { KafkaError } from '../base/kafka-error.ts';
import type { LogCore } from './log-core.ts';
import { rebuildProducers } from './log-loader.ts';
import { countExpiredSegments } from './retention.ts';

/** The part of a log that moves its bounds: high watermark, log start, truncation, retention. */
export class LogTrimmer {
  readonly #core: LogCore;

  constructor(core: LogCore) {
    this.#core = core;
  }

  /** Moves the high watermark, within log start and log end; returns where it is now. */
  updateHighWatermark(offset: number): number {
    this.#core.highWatermark = Math.min(Math.max(offset, this.#core.logStartOffset), this.#core.logEndOffset);
    if (this.#core.producers.onHighWatermark(this.#core.highWatermark)) {
      this.#core.firstUnstableOffset = this.#core.producers.firstUnstableOffset;
    }
    return this.#core.highWatermark;
  }

  /** DeleteRecords, or a follower after its leader. Throws OFFSET_OUT_OF_RANGE above the high watermark. */
  advanceLogStartOffset(offset: number): boolean {
    if (offset > this.#core.highWatermark) {
      throw new KafkaError(
        'OFFSET_OUT_OF_RANGE',
        `Cannot increment the log start offset to ${offset} of partition ${this.#core.topicPartition} since it is larger than the high watermark ${this.#core.highWatermark}`,
      );
    }
    if (offset <= this.#core.logStartOffset) return false;
    this.#core.logStartOffset = offset;
    this.#core.flusher.logStartMoved(offset);
    this.#core.guarded('writing the leader epochs', () => this.#core.epochs.truncateFromStart(offset));
    this.#core.producers.onLogStartOffset(offset);
    this.#core.isChanged = true;
    const first = this.#core.producers.firstUnstableOffset;
    this.#core.firstUnstableOffset = first === undefined ? undefined : Math.max(first, offset);
    return true;
  }

  /** Cuts everything from `offset` on; false when nothing was there. */
  truncateTo(offset: number): boolean {
    if (offset < 0)
      throw new RangeError(`cannot truncate ${this.#core.topicPartition} to the negative offset ${offset}`);
    if (offset >= this.#core.logEndOffset) {
      this.#core.guarded('writing the leader epochs', () => this.#core.epochs.truncateFromEnd(this.#core.logEndOffset));
      return false;
    }
    if (this.#core.segments.first.baseOffset > offset) {
      this.truncateFullyAndStartAt(offset);
      return true;
    }
    const hadNone = this.#core.producers.isEmpty;
    this.#core.guarded('truncating', () => {
      const { endOffset, removed } = this.#core.segments.truncateTo(offset, this.#core.config.fileDeleteDelayMs);
      this.#core.retireSnapshots(removed);
      this.#core.logEndOffset = endOffset;
      this.#core.epochs.truncateFromEnd(endOffset);
      this.#core.logStartOffset = Math.min(endOffset, this.#core.logStartOffset);
      this.#afterTruncation();
      this.#rebuildProducers(hadNone);
    });
    if (this.#core.highWatermark > this.#core.logEndOffset) this.updateHighWatermark(this.#core.logEndOffset);
    return true;
  }

  /** Drops everything; the log starts anew at `offset`. */
  truncateFullyAndStartAt(offset: number, logStartOffset = offset): void {
    this.#core.guarded('truncating', () => {
      this.#core.segments.replaceAll(offset, this.#core.config, this.#core.config.fileDeleteDelayMs);
      this.#core.epochs.clear();
      this.#core.producers.truncateFullyAndStartAt(offset);
      this.#core.logStartOffset = logStartOffset;
      this.#core.logEndOffset = offset;
      this.#afterTruncation();
      this.#rebuildProducers(true);
    });
    this.updateHighWatermark(offset);
  }

  #afterTruncation(): void {
    this.#core.generation++;
    this.#core.flusher.truncated(this.#core.logEndOffset);
    this.#core.reader.reset();
    this.#core.isChanged = true;
  }

  #rebuildProducers(hadNone: boolean): void {
    rebuildProducers(this.#core.segments.all, this.#core.producers, this.#core.replication, {
      logStartOffset: this.#core.logStartOffset,
      logEndOffset: this.#core.logEndOffset,
      nowMs: this.#core.environment.clock.nowMs(),
      hadNone,
    });
    this.#core.firstUnstableOffset = this.#core.producers.firstUnstableOffset;
  }

  /** Deletes what retention says; returns the number of segments. */
  applyRetention(): number {
    const count = countExpiredSegments(this.#core.segments.all, this.#core.config, {
      logStartOffset: this.#core.logStartOffset,
      logEndOffset: this.#core.logEndOffset,
      highWatermark: this.#core.highWatermark,
      sizeBytes: this.#core.segments.sizeBytes,
      nowMs: this.#core.environment.clock.nowMs(),
    });
    if (count === 0) return 0;
    this.#core.guarded('deleting segments', () => {
      if (count === this.#core.segments.all.length) this.#core.rollAt(this.#core.logEndOffset);
      const nextStart = this.#core.segments.all[count]?.baseOffset ?? this.#core.segments.active.baseOffset;
      this.advanceLogStartOffset(Math.max(this.#core.logStartOffset, nextStart));
      this.#core.retireSnapshots(this.#core.segments.removeFirst(count, this.#core.config.fileDeleteDelayMs));
    });
    this.#core.generation++;
    this.#core.reader.reset();
    return count;
  }
}
