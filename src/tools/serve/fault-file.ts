import type { Clock, Timer } from '../../base/clock.ts';
import { nodeFileSystem } from '../../base/file-system.ts';

const POLL_MS = 100;

/**
 * The file by which `ottla cluster` tells a node whom it is cut off from: `{"cutOffFrom":[2,3]}`. What has been done is
 * copied to `<file>.applied`, so that the launcher knows. Polled, because signals and sockets do not exist everywhere.
 */
export class FaultFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #apply: (nodeIds: readonly number[]) => void;
  #applied = '';
  #timer: Timer | undefined;

  private constructor(path: string, clock: Clock, apply: (nodeIds: readonly number[]) => void) {
    this.#path = path;
    this.#clock = clock;
    this.#apply = apply;
  }

  static watch(path: string, clock: Clock, apply: (nodeIds: readonly number[]) => void): FaultFile {
    const file = new FaultFile(path, clock, apply);
    file.#poll();
    return file;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #poll(): void {
    this.#timer = this.#clock.schedule(POLL_MS, () => this.#poll());
    if (!nodeFileSystem.exists(this.#path)) return;
    const text = nodeFileSystem.readFile(this.#path).toString();
    if (text === this.#applied) return;
    this.#applied = text;
    this.#apply(cutOffFrom(text));
    nodeFileSystem.writeFileAtomically(`${this.#path}.applied`, text);
  }
}

// The launcher renames the file into its place, so it is always whole; anything else in it means no cut.
function cutOffFrom(text: string): number[] {
  try {
    const value = JSON.parse(text) as { cutOffFrom?: unknown };
    return Array.isArray(value.cutOffFrom) ? value.cutOffFrom.filter((id) => typeof id === 'number') : [];
  } catch {
    return [];
  }
}
