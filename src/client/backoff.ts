import type { Random } from '../base/random.ts';

const MULTIPLIER = 2;
const JITTER = 0.2;

/** Kafka's exponential backoff (KIP-580): doubles with each failure up to a maximum, give or take a fifth. */
export class ExponentialBackoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #maxExponent: number;
  readonly #random: Random;

  constructor(initialMs: number, maxMs: number, random: Random) {
    this.#initialMs = Math.min(initialMs, maxMs);
    this.#maxMs = maxMs;
    this.#random = random;
    this.#maxExponent = maxMs > initialMs ? Math.log(maxMs / Math.max(initialMs, 1)) / Math.log(MULTIPLIER) : 0;
  }

  /** How long to wait in ms after `attempts` failures before this one. */
  delayMs(attempts: number): number {
    const exponent = Math.min(attempts, this.#maxExponent);
    const factor =
      this.#initialMs === 0 || this.#maxExponent === 0 ? 1 : 1 - JITTER + 2 * JITTER * this.#random.float();
    return Math.min(this.#maxMs, Math.floor(factor * this.#initialMs * MULTIPLIER ** exponent));
  }
}
