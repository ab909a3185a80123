import { BufferPool } from './buffer-pool.ts';

/**
 * Bounds the bytes that all connections together hold: requests that are being handled or wait for their turn, and
 * responses that the peers have not taken yet. Above the limit no connection reads on, so that the peers' own send
 * buffers fill and they slow down (`queued.max.request.bytes`).
 */
export class NetworkMemory {
  readonly limitBytes: number;
  /** What large requests are received in, and large answers read into. */
  readonly buffers = new BufferPool();
  #usedBytes = 0;
  #waiting = new Set<() => void>();

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get isExhausted(): boolean {
    return this.#usedBytes >= this.limitBytes;
  }

  /** Takes bytes that are there already; never refuses. */
  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** Gives bytes back, and lets those who wait go on once there is room. */
  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#waiting.size === 0 || this.isExhausted) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const resume of waiting) resume();
  }

  /** Calls `resume` once when there is room again. */
  whenAvailable(resume: () => void): void {
    this.#waiting.add(resume);
  }

  forget(resume: () => void): void {
    this.#waiting.delete(resume);
  }
}
