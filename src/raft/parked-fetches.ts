import type { Clock, Timer } from '../base/clock.ts';

interface ParkedFetch {
  readonly fetchOffset: number;
  readonly timer: Timer;
  readonly outcome: ParkedFetchOutcome;
}

/** Exactly one of the three is called, once. */
export interface ParkedFetchOutcome {
  /** There is something new. */
  complete(): void;
  /** Nothing came within the time. */
  expire(): void;
  /** This node does not lead any more. */
  fail(): void;
}

/** Fetches of a leader's followers which wait for news. */
export class ParkedFetches {
  readonly #clock: Clock;
  readonly #fetches = new Set<ParkedFetch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#fetches.size;
  }

  park(fetchOffset: number, maxWaitMs: number, outcome: ParkedFetchOutcome): void {
    const timer = this.#clock.schedule(maxWaitMs, () => {
      if (this.#fetches.delete(fetch)) outcome.expire();
    });
    const fetch: ParkedFetch = { fetchOffset, timer, outcome };
    this.#fetches.add(fetch);
  }

  /** The log now ends at `endOffset`. */
  completeBelow(endOffset: number): void {
    this.#end(
      (fetch) => fetch.fetchOffset < endOffset,
      (outcome) => outcome.complete(),
    );
  }

  completeAll(): void {
    this.#end(
      () => true,
      (outcome) => outcome.complete(),
    );
  }

  failAll(): void {
    this.#end(
      () => true,
      (outcome) => outcome.fail(),
    );
  }

  // Taken out first: an outcome may move the high watermark and so end others.
  #end(isMeant: (fetch: ParkedFetch) => boolean, run: (outcome: ParkedFetchOutcome) => void): void {
    const ended = [...this.#fetches].filter(isMeant);
    for (const fetch of ended) {
      fetch.timer.cancel();
      this.#fetches.delete(fetch);
    }
    for (const { outcome } of ended) run(outcome);
  }
}
