/** A timer that was scheduled with {@link Clock.schedule}. */
export interface Timer {
  /** Stops the timer. Harmless when it has already run or was cancelled before. */
  cancel(): void;
}

/**
 * The only source of time. Everything that needs the time or a delay gets a Clock by constructor, so that a whole
 * cluster can run on a simulated one.
 */
export interface Clock {
  /** Wall time in milliseconds since 1970, a whole number. */
  nowMs(): number;
  /** Time that never goes back, in milliseconds with fractions; for durations only. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs` (0 = on the next turn of the event loop). */
  schedule(delayMs: number, run: () => void): Timer;
}

// setTimeout holds delays in 31 bits and fires at once beyond that; such timers are chained instead.
const MAX_DELAY_MS = 0x7fffffff;

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout;

  constructor(delayMs: number, run: () => void) {
    this.#handle = this.#start(delayMs, run);
  }

  #start(delayMs: number, run: () => void): NodeJS.Timeout {
    if (delayMs <= MAX_DELAY_MS) return setTimeout(run, delayMs);
    return setTimeout(() => {
      this.#handle = this.#start(delayMs - MAX_DELAY_MS, run);
    }, MAX_DELAY_MS);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: (delayMs, run) => new SystemTimer(Math.max(0, delayMs), run),
};
