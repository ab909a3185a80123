import type { Clock } from '../../base/clock.ts';

const MIN_SLEEP_MS = 2;

/** Holds a loop to a rate, with sleeps of no less than two milliseconds as Kafka's ThroughputThrottler. */
export class Throttle {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #startMs: number;

  /** @param perSecond negative = no limit, 0 = nothing may pass */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#startMs = clock.monotonicMs();
  }

  /** How many ms to wait after `count` pieces before the next one; 0 = none. */
  delayMs(count: number): number {
    if (this.#perSecond < 0) return 0;
    if (this.#perSecond === 0) return Number.POSITIVE_INFINITY;
    const aheadMs = (count / this.#perSecond) * 1000 - (this.#clock.monotonicMs() - this.#startMs);
    return aheadMs < MIN_SLEEP_MS ? 0 : aheadMs;
  }
}

/** Resolves after `delayMs`. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(delayMs, resolve));
}
