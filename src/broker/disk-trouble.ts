import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

const SILENCE_MS = 30_000;

/**
 * Tells a person of a disk that refuses. One refusal stands for those of the next half minute: a full disk refuses every
 * partition and every producer over and over.
 */
export class DiskTrouble {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #silentUntilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  report(what: string, error: unknown): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#silentUntilMs) return;
    this.#silentUntilMs = nowMs + SILENCE_MS;
    this.#logger.error(what, error);
  }
}
