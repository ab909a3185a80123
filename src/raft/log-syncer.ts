import type { MetadataLog } from './metadata-log.ts';

/**
 * Puts the log on the disk without holding up the event loop, and knows up to where it is there. Appends that come while
 * a sync is under way share the next one.
 */
export class LogSyncer {
  readonly #log: MetadataLog;
  readonly #onSynced: () => void;
  readonly #onError: (error: Error) => void;
  #syncedOffset: number;
  #isUnderWay = false;
  /** Rises with each truncation: a sync that began before says nothing about what was written since. */
  #generation = 0;
  #isClosed = false;

  /** Everything that is in the log must be on the disk already. */
  constructor(log: MetadataLog, onSynced: () => void, onError: (error: Error) => void) {
    this.#log = log;
    this.#onSynced = onSynced;
    this.#onError = onError;
    this.#syncedOffset = log.endOffset;
  }

  /** Everything below is on the disk. */
  get syncedOffset(): number {
    return this.#syncedOffset;
  }

  get isBehind(): boolean {
    return this.#syncedOffset < this.#log.endOffset;
  }

  /** Makes sure that everything will be synced; `onSynced` is called as it proceeds. */
  sync(): void {
    if (this.#isUnderWay || this.#isClosed || !this.isBehind) return;
    this.#isUnderWay = true;
    const generation = this.#generation;
    const endOffset = this.#log.endOffset;
    this.#log.syncInBackground((error) => {
      this.#isUnderWay = false;
      if (this.#isClosed) return;
      if (error !== undefined) {
        this.#onError(error);
        return;
      }
      if (generation === this.#generation) this.#syncedOffset = Math.max(this.#syncedOffset, endOffset);
      this.sync();
      this.#onSynced();
    });
  }

  /** The log was cut off at `offset`. */
  truncated(offset: number): void {
    this.#generation++;
    this.#syncedOffset = Math.min(this.#syncedOffset, offset);
  }

  /** The log starts anew at `offset`, behind a snapshot that is on the disk. */
  restarted(offset: number): void {
    this.#generation++;
    this.#syncedOffset = offset;
  }

  close(): void {
    this.#isClosed = true;
  }
}
