import type { ToolIo } from '../shared/tool.ts';

/** Ctrl-C, as something that work can be cut short by. Whoever makes one must {@link release} it. */
export class Interruption {
  readonly #happened: Promise<undefined>;
  readonly release: () => void;
  /** Whether it has come. */
  isThere = false;

  constructor(io: ToolIo) {
    let happen = (): void => {};
    this.#happened = new Promise((resolve) => {
      happen = () => resolve(undefined);
    });
    this.release = io.onInterrupt(() => {
      this.isThere = true;
      happen();
    });
  }

  /** What `work` resolves to, or undefined as soon as Ctrl-C comes; the work goes on unseen then. */
  cut<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.#happened]);
  }
}
