import type { Clock, Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { AppliedOffset, GroupState } from './group-state.ts';
import type { GroupWrite } from './shard-context.ts';
import type { AppendRecords } from './types.ts';

type Done = (error: KafkaError | undefined) => void;

interface PendingWrite {
  readonly done: Done;
  /** What waits for this write without being part of it. */
  readonly followers: Done[];
  readonly applied: AppliedOffset[];
  timer: Timer | null;
  /** Set when the log was quicker than the call that appended. */
  earlyOutcome: { readonly error: KafkaError | undefined } | null;
  isApplied: boolean;
  isAnswered: boolean;
}

export interface RecordWriterOptions {
  readonly partition: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commitTimeoutMs: number;
  readonly append: AppendRecords;
  readonly state: GroupState;
  /** Runs what changes state, so that answers go out when it is over. */
  readonly run: (operation: () => void) => void;
}

/** Writes decisions to the log of one partition, applies them, and says when they are committed. */
export class RecordWriter {
  readonly #options: RecordWriterOptions;
  /** In the order of their appends. */
  readonly #pending = new Set<PendingWrite>();
  #last: PendingWrite | null = null;
  #isClosed = false;

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  /**
   * Appends and applies a decision. `done` is called once: when it is committed, when the log refused it, when it was not
   * committed in time (REQUEST_TIMED_OUT; it may still be committed later), or when the partition moved away.
   */
  write(decision: GroupWrite, done: Done): void {
    const finish: Done = (error) => {
      decision.onWritten?.(error);
      done(error);
    };
    if (this.#isClosed) {
      finish(new KafkaError('NOT_COORDINATOR'));
      return;
    }
    const { partition, append, state } = this.#options;
    const write: PendingWrite = {
      done: finish,
      followers: [],
      applied: [],
      timer: null,
      earlyOutcome: null,
      isApplied: false,
      isAnswered: false,
    };
    let baseOffset: number;
    try {
      baseOffset = append(partition, decision.records, (error) => this.#onOutcome(write, error), decision.transaction);
    } catch (error) {
      finish(this.#appendError(error));
      return;
    }
    this.#pending.add(write);
    this.#last = write;
    if (decision.applyRecords ?? true) {
      const producerId = decision.transaction?.producerId ?? -1;
      decision.records.forEach((record, i) => {
        const applied = state.apply(record, baseOffset + i, producerId);
        if (applied !== null) write.applied.push(applied);
      });
    }
    write.isApplied = true;
    decision.onApplied?.();
    if (write.earlyOutcome !== null) this.#settle(write, write.earlyOutcome.error);
    else this.#startTimeout(write);
  }

  /** Calls `done` when all that is appended so far is committed; at once when it is. */
  afterPending(done: Done): void {
    const last = this.#last;
    if (last === null || !this.#pending.has(last)) done(undefined);
    else last.followers.push(done);
  }

  /** The partition moved away: nobody will hear of its commits. */
  close(): void {
    this.#isClosed = true;
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const write of pending) this.#answer(write, new KafkaError('NOT_COORDINATOR'));
  }

  #appendError(error: unknown): KafkaError {
    if (error instanceof KafkaError) return error;
    const { logger, partition } = this.#options;
    logger.error(`__consumer_offsets-${partition} could not be written`, error);
    return new KafkaError('UNKNOWN_SERVER_ERROR');
  }

  #onOutcome(write: PendingWrite, error: KafkaError | undefined): void {
    if (!write.isApplied) {
      write.earlyOutcome = { error };
      return;
    }
    this.#options.run(() => this.#settle(write, error));
  }

  #settle(write: PendingWrite, error: KafkaError | undefined): void {
    if (!this.#pending.delete(write)) return;
    if (error === undefined) for (const applied of write.applied) this.#options.state.showCommitted(applied);
    this.#answer(write, error);
  }

  #answer(write: PendingWrite, error: KafkaError | undefined): void {
    write.timer?.cancel();
    for (const follower of write.followers) follower(error);
    if (write.isAnswered) return;
    write.isAnswered = true;
    write.done(error);
  }

  #startTimeout(write: PendingWrite): void {
    const { clock, commitTimeoutMs, run } = this.#options;
    write.timer = clock.schedule(commitTimeoutMs, () => {
      write.isAnswered = true;
      run(() => write.done(new KafkaError('REQUEST_TIMED_OUT')));
    });
  }
}
