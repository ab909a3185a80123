import type { LogConfig } from './log-config.ts';
import {
  CLEANED_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  SWAP_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './log-files.ts';
import { createSegment } from './log-loader.ts';
import type { LogSegment } from './log-segment.ts';
import type { LogEnvironment } from './partition-log-types.ts';

/** The segments of a log, ascending; the last is the active one. Knows files, not offsets' meaning. */
export class SegmentList {
  readonly #environment: LogEnvironment;
  #directory: string;
  #segments: LogSegment[];
  #active: LogSegment;
  #sealedBytes = 0;

  constructor(environment: LogEnvironment, directory: string, segments: readonly LogSegment[], active: LogSegment) {
    this.#environment = environment;
    this.#directory = directory;
    this.#segments = [...segments];
    this.#active = active;
    this.#recount();
  }

  #recount(): void {
    this.#sealedBytes = 0;
    for (const segment of this.#segments) if (segment !== this.#active) this.#sealedBytes += segment.sizeBytes;
  }

  get directory(): string {
    return this.#directory;
  }

  get all(): readonly LogSegment[] {
    return this.#segments;
  }

  get active(): LogSegment {
    return this.#active;
  }

  get first(): LogSegment {
    return this.#segments[0] ?? this.#active;
  }

  get sizeBytes(): number {
    return this.#sealedBytes + this.#active.sizeBytes;
  }

  /** Index of the segment that may hold `offset`; 0 when all start later. */
  floorIndex(offset: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#segments[middle]?.baseOffset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Starts a new active segment at `baseOffset`; the former one is written out and returned. An empty active segment at
   * that offset stays, and undefined is returned.
   */
  roll(baseOffset: number, config: LogConfig): LogSegment | undefined {
    const former = this.#active;
    if (former.baseOffset === baseOffset && former.sizeBytes === 0) return undefined;
    former.seal();
    former.release();
    const { fileSystem } = this.#environment;
    for (const suffix of [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]) {
      fileSystem.remove(`${this.#directory}/${offsetFileName(baseOffset, suffix)}`);
    }
    this.#push(createSegment(this.#environment, this.#directory, baseOffset, config));
    return former;
  }

  #push(segment: LogSegment): void {
    this.#segments.push(segment);
    this.#active = segment;
    this.#recount();
  }

  /** Takes the first `count` segments out, never the active one; their files go after `delayMs`. */
  removeFirst(count: number, delayMs: number): LogSegment[] {
    const removed = this.#segments.splice(0, Math.min(count, this.#segments.length - 1));
    this.#recount();
    this.#retire(removed, delayMs);
    return removed;
  }

  #retire(segments: readonly LogSegment[], delayMs: number): void {
    for (const segment of segments) this.removeLater(segment.retire(), delayMs);
  }

  /** Removes files after `delayMs`. */
  removeLater(paths: readonly string[], delayMs: number): void {
    const { clock, fileSystem, logger } = this.#environment;
    if (paths.length === 0) return;
    clock.schedule(
      delayMs,
      () => {
        try {
          for (const path of paths) fileSystem.remove(path);
        } catch (error) {
          logger.warn(`cannot remove ${paths.join(', ')}: ${String(error)}`);
        }
      },
      true,
    );
  }

  /** Puts a compacted segment, whose files end with `.cleaned`, in the place of the segments that it replaces. */
  replace(former: readonly LogSegment[], cleaned: LogSegment, delayMs: number): void {
    const [first] = former;
    const at = first === undefined ? -1 : this.#segments.indexOf(first);
    if (at < 0) throw new RangeError('the segments that were compacted are no longer there');
    // A crash in between is finished or undone at the next start, as log-loader.ts says.
    cleaned.changeSuffix(CLEANED_SUFFIX, SWAP_SUFFIX);
    this.#segments.splice(at, former.length, cleaned);
    this.#recount();
    this.#retire(former, delayMs);
    cleaned.changeSuffix(SWAP_SUFFIX, '');
  }

  /**
   * Cuts everything from the batch that holds `offset` on; `offset` must not be below the first segment. Returns where
   * the log ends now, and the segments that went.
   */
  truncateTo(offset: number, delayMs: number): { readonly endOffset: number; readonly removed: LogSegment[] } {
    const keep = this.floorIndex(offset) + 1;
    // A later segment which starts at the offset itself stays, empty.
    const removed = this.#segments.splice(keep);
    this.#active = this.#segments.at(-1) ?? this.#active;
    const endOffset = this.#active.truncateTo(offset, this.#environment.clock.nowMs());
    this.#recount();
    this.#retire(removed, delayMs);
    return { endOffset, removed };
  }

  /** Drops all segments for an empty one at `offset`. */
  replaceAll(offset: number, config: LogConfig, delayMs: number): void {
    const removed = this.#segments;
    this.#segments = [];
    this.#retire(removed, delayMs);
    this.#push(createSegment(this.#environment, this.#directory, offset, config));
  }

  /** Takes the files along to another directory, which has the new name already. */
  moveTo(directory: string): void {
    this.#directory = directory;
    for (const segment of this.#segments) segment.moveTo(directory);
  }
}
