import type { Logger } from '../base/logger.ts';
import type { Reply } from './types.ts';

/**
 * Holds answers back until the operation that gives them is over. An answer may make its connection hand in the next
 * request at once, which must not find a group half way through a change.
 */
export class ReplyQueue {
  readonly #logger: Logger;
  #depth = 0;
  #waiting: (() => void)[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A reply that waits for the end of the running operation; only its first call counts. */
  wrap<R>(reply: Reply<R>): Reply<R> {
    let isDone = false;
    return (response) => {
      if (isDone) return;
      isDone = true;
      this.#waiting.push(() => reply(response));
      if (this.#depth === 0) this.#flush();
    };
  }

  /** Runs an operation; operations inside it belong to it. */
  run<T>(operation: () => T): T {
    this.#depth++;
    try {
      return operation();
    } finally {
      this.#depth--;
      if (this.#depth === 0) this.#flush();
    }
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const replies = this.#waiting;
      this.#waiting = [];
      for (const reply of replies) {
        try {
          reply();
        } catch (error) {
          this.#logger.error('an answer of the group coordinator could not be given', error);
        }
      }
    }
  }
}
