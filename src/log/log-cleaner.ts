import type { Timer } from '../base/clock.ts';
import type { CheckpointRow } from './checkpoint-files.ts';
import { type CompactionPause, compact, type DirtyRange, dirtyRange } from './compaction.ts';
import type { PartitionLog } from './partition-log.ts';
import type { LogEnvironment } from './partition-log-types.ts';

/** How the cleaner works; names as the broker's options without `log.cleaner.`. */
export interface LogCleanerOptions {
  readonly environment: LogEnvironment;
  /** The logs that there are now. */
  readonly logs: () => Iterable<PartitionLog>;
  /** `backoff.ms`, default 15 s: how long to wait when there is nothing to do. */
  readonly backoffMs?: number;
  /** `dedupe.buffer.size`, default 128 MiB: what the keys of one pass may take in memory. */
  readonly dedupeBufferBytes?: number;
  /** Called when a log's checkpoint has moved. */
  readonly onCheckpoint: (log: PartitionLog) => void;
}

const DEFAULT_BACKOFF_MS = 15_000;
const DEFAULT_DEDUPE_BUFFER_BYTES = 128 * 1024 * 1024;
// How long the event loop is held at once.
const SLICE_MS = 5;
// How often a wait for the disk is looked at.
const DISK_POLL_MS = 10;

interface Candidate {
  readonly log: PartitionLog;
  readonly range: DirtyRange;
}

/**
 * Compacts logs with `cleanup.policy=compact` in the background, the dirtiest first, in slices of a few ms between
 * which the broker goes on (Kafka's LogCleaner). A log that fails is left out until the next start.
 */
export class LogCleaner {
  readonly #options: LogCleanerOptions;
  /** First offset not yet compacted, by `topic-partition`. */
  readonly #checkpoints = new Map<string, number>();
  readonly #uncleanable = new Set<string>();
  #timer: Timer | undefined;
  #isStopped = true;
  #underWay: Generator<CompactionPause, void, undefined> | undefined;

  constructor(options: LogCleanerOptions, checkpoints: Iterable<readonly [string, number]>) {
    this.#options = options;
    for (const [topicPartition, offset] of checkpoints) this.#checkpoints.set(topicPartition, offset);
  }

  /** The row of a log in cleaner-offset-checkpoint; undefined when it was never compacted. */
  checkpointOf(log: PartitionLog): CheckpointRow | undefined {
    const offset = this.#checkpoints.get(log.topicPartition);
    return offset === undefined ? undefined : { topic: log.topic, partition: log.partition, offset };
  }

  forget(topicPartition: string): void {
    this.#checkpoints.delete(topicPartition);
    this.#uncleanable.delete(topicPartition);
  }

  start(): void {
    this.#isStopped = false;
    this.#schedule(this.#options.backoffMs ?? DEFAULT_BACKOFF_MS, () => this.#next());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    // What is half done is taken back.
    this.#underWay?.return();
    this.#underWay = undefined;
  }

  #schedule(delayMs: number, run: () => void): void {
    const guarded = (): void => {
      if (!this.#isStopped) run();
    };
    this.#timer = this.#options.environment.clock.schedule(delayMs, guarded, true);
  }

  /** Compacts one log to its end, without giving way; for a caller that wants it now. False when nothing was due. */
  cleanNow(log: PartitionLog): boolean {
    const range = dirtyRange(log.cleanable(), this.#checkpoints.get(log.topicPartition), this.#nowMs);
    if (range.endOffset <= range.firstDirtyOffset) return false;
    const steps = this.#compact({ log, range }, false);
    while (steps.next().done !== true);
    return true;
  }

  get #nowMs(): number {
    return this.#options.environment.clock.nowMs();
  }

  #next(): void {
    const candidate = this.#dirtiest();
    if (candidate === undefined) this.#schedule(this.#options.backoffMs ?? DEFAULT_BACKOFF_MS, () => this.#next());
    else this.#run(candidate, this.#compact(candidate, true));
  }

  #dirtiest(): Candidate | undefined {
    let best: Candidate | undefined;
    for (const log of this.#options.logs()) {
      if (!log.config.cleanupPolicy.includes('compact') || this.#uncleanable.has(log.topicPartition)) continue;
      // The active segment is never compacted.
      if (!log.hasSealedSegments) continue;
      const range = dirtyRange(log.cleanable(), this.#checkpoints.get(log.topicPartition), this.#nowMs);
      if (range.endOffset <= range.firstDirtyOffset) continue;
      if (range.dirtyRatio <= log.config.minCleanableDirtyRatio && !range.isOverdue) continue;
      if (best === undefined || range.dirtyRatio > best.range.dirtyRatio) best = { log, range };
    }
    return best;
  }

  *#compact({ log, range }: Candidate, waitsForDisk: boolean): Generator<CompactionPause, void, undefined> {
    const maxMapBytes = this.#options.dedupeBufferBytes ?? DEFAULT_DEDUPE_BUFFER_BYTES;
    const cleanedUpTo = yield* compact(log.cleanable(), range, maxMapBytes, waitsForDisk);
    if (cleanedUpTo === undefined) return;
    this.#checkpoints.set(log.topicPartition, cleanedUpTo);
    this.#options.onCheckpoint(log);
  }

  #run(candidate: Candidate, steps: Generator<CompactionPause, void, undefined>): void {
    const { clock, logger } = this.#options.environment;
    const { topicPartition } = candidate.log;
    this.#underWay = steps;
    const end = clock.monotonicMs() + SLICE_MS;
    try {
      for (;;) {
        const step = steps.next();
        if (step.done === true) break;
        if (step.value === 'turn' && clock.monotonicMs() < end) continue;
        this.#schedule(step.value === 'disk' ? DISK_POLL_MS : 0, () => this.#run(candidate, steps));
        return;
      }
    } catch (error) {
      logger.error(`${topicPartition} cannot be compacted and is left out from now on`, error);
      this.#uncleanable.add(topicPartition);
    }
    this.#underWay = undefined;
    this.#schedule(0, () => this.#next());
  }
}
