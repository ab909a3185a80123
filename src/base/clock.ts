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
  /**
   * Calls `run` once after `delayMs` (0 = on the next turn of the event loop). A background timer does not keep the
   * process alive: what it does may as well be done at the next start.
   */
  schedule(delayMs: number, run: () => void, isBackground?: boolean): Timer;
}

// setTimeout holds delays in 31 bits and fires at once beyond that; such timers are chained instead.
const MAX_DELAY_MS = 0x7fffffff;

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout;
  readonly #isBackground: boolean;

  constructor(delayMs: number, run: () => void, isBackground: boolean) {
    this.#isBackground = isBackground;
    this.#handle = this.#start(delayMs, run);
  }

  #start(delayMs: number, run: () => void): NodeJS.Timeout {
    const step =
      delayMs <= MAX_DELAY_MS
        ? run
        : () => {
            this.#handle = this.#start(delayMs - MAX_DELAY_MS, run);
          };
    const handle = setTimeout(step, Math.min(delayMs, MAX_DELAY_MS));
    return this.#isBackground ? handle.unref() : handle;
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: (delayMs, run, isBackground = false) => new SystemTimer(Math.max(0, delayMs), run, isBackground),
};
