import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { PeerLink } from './handler.ts';

/** A request that waits for something to happen. */
export interface WaitingRequest {
  /** Whether what it waits for has come, or can never come. Must change nothing. */
  isReady(): boolean;
  /** Answers; called once, either because it is ready or because its time is up. */
  complete(isExpired: boolean): void;
}

class Entry {
  readonly request: WaitingRequest;
  readonly keys: readonly object[];
  timer: Timer | undefined;
  stopWatchingLink: (() => void) | undefined;
  isDone = false;

  constructor(request: WaitingRequest, keys: readonly object[]) {
    this.request = request;
    this.keys = keys;
  }
}

/**
 * Where requests wait (Kafka calls it so too). A request is watched under keys, any objects: whoever changes what a
 * key stands for calls {@link touch}, and requests that are then ready are answered, as are those whose time is up.
 *
 * Checks run after the work at hand, never inside it: `touch` only takes a note, so that a request is answered with
 * everything that the current turn brought and no handler is entered from within another.
 */
export class Purgatory {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #watched = new Map<object, Set<Entry>>();
  #touched = new Set<object>();
  #isScheduled = false;
  #size = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** How many requests wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Keeps a request until it is ready, `timeoutMs` have passed, or its connection is gone (then it is dropped). One that
   * is ready already is answered now.
   */
  waitOrComplete(request: WaitingRequest, keys: readonly object[], timeoutMs: number, link?: PeerLink): void {
    if (request.isReady()) {
      request.complete(false);
      return;
    }
    const entry = new Entry(request, keys);
    for (const key of keys) {
      const entries = this.#watched.get(key);
      if (entries === undefined) this.#watched.set(key, new Set([entry]));
      else entries.add(entry);
    }
    this.#size++;
    entry.timer = this.#clock.schedule(timeoutMs, () => this.#finish(entry, true));
    entry.stopWatchingLink = link?.onClose(() => this.#remove(entry));
  }

  /** Says that what `key` stands for has changed. */
  touch(key: object): void {
    if (!this.#watched.has(key)) return;
    this.#touched.add(key);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#checkTouched());
  }

  #checkTouched(): void {
    this.#isScheduled = false;
    const touched = this.#touched;
    this.#touched = new Set();
    for (const key of touched) {
      const entries = this.#watched.get(key);
      if (entries === undefined) continue;
      for (const entry of [...entries]) {
        if (!entry.isDone && entry.request.isReady()) this.#finish(entry, false);
      }
    }
  }

  /** Answers all that waits, as if its time was up. */
  completeAll(): void {
    for (const entries of [...this.#watched.values()]) {
      for (const entry of [...entries]) this.#finish(entry, true);
    }
  }

  #finish(entry: Entry, isExpired: boolean): void {
    if (entry.isDone) return;
    this.#remove(entry);
    try {
      entry.request.complete(isExpired);
    } catch (error) {
      // Nobody is there to catch it: it came from a timer or a microtask, and one request must not end the broker.
      this.#logger.error('a waiting request could not be answered', error);
    }
  }

  #remove(entry: Entry): void {
    if (entry.isDone) return;
    entry.isDone = true;
    entry.timer?.cancel();
    entry.stopWatchingLink?.();
    this.#size--;
    for (const key of entry.keys) {
      const entries = this.#watched.get(key);
      if (entries === undefined) continue;
      entries.delete(entry);
      if (entries.size === 0) this.#watched.delete(key);
    }
  }
}
