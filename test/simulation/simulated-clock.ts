import type { Clock, Timer } from '../../src/base/clock.ts';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

const MIN_SWEEP = 64;

/**
 * Time that stands still until it is told to move. Events run one after another, those of the same millisecond in the
 * order in which they were scheduled, so that a run from one seed is always the same.
 */
export class SimulatedClock implements Clock {
  /** A binary heap by time, then order. */
  readonly #heap: Event[] = [];
  #nowMs: number;
  #order = 0;
  #cancelledCount = 0;
  readonly #startMs: number;

  /** @param startMs wall time at the start, ms since 1970 */
  constructor(startMs = 1_700_000_000_000) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  schedule(delayMs: number, run: () => void): Timer {
    const event: Event = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run, isCancelled: false };
    this.#push(event);
    return {
      cancel: () => {
        if (event.isCancelled) return;
        event.isCancelled = true;
        this.#cancelledCount++;
        if (this.#cancelledCount > MIN_SWEEP && this.#cancelledCount > this.#heap.length / 2) this.#sweep();
      },
    };
  }

  /** Runs the next event; false when there is none up to `untilMs` (monotonic). */
  step(untilMs = Number.POSITIVE_INFINITY): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs - this.#startMs > untilMs) return false;
      this.#pop();
      if (next.isCancelled) {
        this.#cancelledCount--;
        continue;
      }
      // It may be cancelled while it runs, and must not be counted then.
      next.isCancelled = true;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      return true;
    }
  }

  /** Runs everything that happens within `durationMs` and lets that time pass. */
  runFor(durationMs: number): void {
    const untilMs = this.monotonicMs() + durationMs;
    while (this.step(untilMs));
    this.#nowMs = Math.max(this.#nowMs, untilMs + this.#startMs);
  }

  /** Runs until `isDone`, at most `limitMs`; whether it came true. */
  runUntil(isDone: () => boolean, limitMs: number): boolean {
    const untilMs = this.monotonicMs() + limitMs;
    while (!isDone()) {
      if (!this.step(untilMs)) return isDone();
    }
    return true;
  }

  // Most timers are timeouts that never come: without this they would be most of the heap.
  #sweep(): void {
    const live = this.#heap.filter(({ isCancelled }) => !isCancelled);
    this.#heap.length = 0;
    this.#cancelledCount = 0;
    for (const event of live) this.#push(event);
  }

  #isBefore(a: Event | undefined, b: Event | undefined): boolean {
    if (a === undefined || b === undefined) return b === undefined && a !== undefined;
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  #swap(i: number, j: number): void {
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (a === undefined || b === undefined) return;
    this.#heap[i] = b;
    this.#heap[j] = a;
  }

  #push(event: Event): void {
    this.#heap.push(event);
    for (let i = this.#heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(this.#heap[i], this.#heap[parent])) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.length - 1;
    this.#swap(0, last);
    this.#heap.pop();
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (this.#isBefore(this.#heap[child], this.#heap[least])) least = child;
      }
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }
}

/** The clock of one process: what it has scheduled does not run any more once it is dead. */
export class ProcessClock implements Clock {
  readonly #clock: Clock;
  readonly #onError: ((error: unknown) => void) | undefined;
  #isDead = false;
  /** How far this machine's wall clock is off, in ms; may change at any time. */
  skewMs = 0;
  /** Whether anything has happened to the process since somebody set this to false. */
  hasRun = false;

  /** @param onError gets what escapes from events, instead of whoever moves the clock */
  constructor(clock: Clock, onError?: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.skewMs;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  schedule(delayMs: number, run: () => void): Timer {
    return this.#clock.schedule(delayMs, () => this.run(run));
  }

  /** Runs something that happens to the process, unless it is dead. */
  run(event: () => void): void {
    if (this.#isDead) return;
    this.hasRun = true;
    if (this.#onError === undefined) {
      event();
      return;
    }
    try {
      event();
    } catch (error) {
      if (!this.#isDead) this.#onError(error);
    }
  }

  die(): void {
    this.#isDead = true;
  }
}
