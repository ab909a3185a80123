import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

/** Starts the timers of a shard; a failure inside one is logged and ends there. */
export class TimerStarter {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #run: (operation: () => void) => void;

  /** @param run runs what a timer does, so that answers go out when it is over */
  constructor(clock: Clock, logger: Logger, run: (operation: () => void) => void) {
    this.#clock = clock;
    this.#logger = logger;
    this.#run = run;
  }

  start(delayMs: number, operation: () => void): Timer {
    return this.#clock.schedule(delayMs, () => {
      try {
        this.#run(operation);
      } catch (error) {
        this.#logger.error('a timer of the group coordinator failed', error);
      }
    });
  }
}

/** Holds at most one timer: setting another replaces it. */
export class TimerSlot {
  #timer: Timer | null = null;

  get isSet(): boolean {
    return this.#timer !== null;
  }

  set(starter: TimerStarter, delayMs: number, operation: () => void): void {
    this.#timer?.cancel();
    this.#timer = starter.start(delayMs, () => {
      this.#timer = null;
      operation();
    });
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
