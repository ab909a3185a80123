import type { LogSegment } from './log-segment.ts';
import type { LogEnvironment } from './partition-log-types.ts';
import type { SegmentList } from './segment-list.ts';

/** Puts a log on the disk, and knows up to where it is there (the recovery point). */
export class LogFlusher {
  readonly #environment: LogEnvironment;
  readonly #segments: SegmentList;
  readonly #topicPartition: string;
  #recoveryPoint: number;
  #unflushedSinceMs: number | undefined;
  #hasNewFiles = false;
  #isClosed = false;
  // A sync that began before a truncation says nothing about what was written since.
  #generation = 0;

  constructor(environment: LogEnvironment, segments: SegmentList, topicPartition: string, recoveryPoint: number) {
    this.#environment = environment;
    this.#segments = segments;
    this.#topicPartition = topicPartition;
    this.#recoveryPoint = recoveryPoint;
  }

  get recoveryPoint(): number {
    return this.#recoveryPoint;
  }

  /** Ms since the oldest unsynced append; 0 when all is synced. */
  get unflushedMs(): number {
    const since = this.#unflushedSinceMs;
    return since === undefined ? 0 : Math.max(0, this.#environment.clock.nowMs() - since);
  }

  appended(nowMs: number): void {
    this.#unflushedSinceMs ??= nowMs;
  }

  /** Files were made or removed: the directory must be synced too. */
  filesChanged(): void {
    this.#hasNewFiles = true;
  }

  logStartMoved(offset: number): void {
    this.#recoveryPoint = Math.max(this.#recoveryPoint, offset);
  }

  truncated(logEndOffset: number): void {
    this.#generation++;
    this.#hasNewFiles = true;
    // Below the new end: the segment that was cut must be synced too, though what follows may go to a new one.
    this.#recoveryPoint = Math.max(0, Math.min(this.#recoveryPoint, logEndOffset - 1));
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Syncs everything up to the log end before it returns; `isFinal` also the indexes of the active segment. */
  flush(logEndOffset: number, isFinal = false): void {
    if (logEndOffset <= this.#recoveryPoint && !this.#hasNewFiles) return;
    for (const segment of this.#unflushed()) segment.sync(isFinal || segment !== this.#segments.active);
    this.#syncDirectory();
    this.#flushedUpTo(logEndOffset, logEndOffset);
  }

  /** Syncs what lies before `endOffset` without holding up the event loop. */
  flushInBackground(
    endOffset: number,
    logEndOffset: () => number,
    done: ((error: Error | undefined) => void) | undefined,
  ): void {
    const segments = this.#unflushed().filter((segment) => segment.baseOffset < endOffset);
    const generation = this.#generation;
    const next = (error: Error | undefined): void => {
      const segment = segments.shift();
      if (error === undefined && segment !== undefined && !this.#isClosed) {
        segment.syncInBackground(segment !== this.#segments.active, next);
        return;
      }
      done?.(
        this.#finish(error, () => {
          if (!this.#isClosed) this.#syncDirectory();
          if (generation === this.#generation) this.#flushedUpTo(endOffset, logEndOffset());
        }),
      );
    };
    next(undefined);
  }

  #finish(error: Error | undefined, run: () => void): Error | undefined {
    let failure = error;
    try {
      if (failure === undefined) run();
    } catch (thrown) {
      failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
    if (failure !== undefined) this.#environment.logger.error(`cannot flush ${this.#topicPartition}`, failure);
    return failure;
  }

  #syncDirectory(): void {
    if (!this.#hasNewFiles) return;
    this.#environment.fileSystem.syncDirectory(this.#segments.directory);
    this.#hasNewFiles = false;
  }

  #unflushed(): LogSegment[] {
    return this.#segments.all.slice(this.#segments.floorIndex(this.#recoveryPoint));
  }

  #flushedUpTo(endOffset: number, logEndOffset: number): void {
    this.#recoveryPoint = Math.max(this.#recoveryPoint, endOffset);
    if (this.#recoveryPoint >= logEndOffset) this.#unflushedSinceMs = undefined;
  }
}
