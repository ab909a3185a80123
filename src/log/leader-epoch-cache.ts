import type { FileSystem } from '../base/file-system.ts';
import type { EpochAndOffset } from './partition-log-types.ts';
import { parseLines, replaceFile } from './text-file.ts';

interface EpochEntry {
  readonly epoch: number;
  readonly startOffset: number;
}

/** `leader-epoch-checkpoint`: which leader epoch wrote which offsets (KIP-101). */
export class LeaderEpochCache {
  readonly #fileSystem: FileSystem;
  #path: string;
  #entries: EpochEntry[];
  #isWritten = true;

  private constructor(fileSystem: FileSystem, path: string, entries: EpochEntry[]) {
    this.#fileSystem = fileSystem;
    this.#path = path;
    this.#entries = entries;
  }

  static empty(fileSystem: FileSystem, path: string): LeaderEpochCache {
    return new LeaderEpochCache(fileSystem, path, []);
  }

  /** Reads the file; undefined when its content is broken. */
  static read(fileSystem: FileSystem, path: string): LeaderEpochCache | undefined {
    const rows = parseLines(fileSystem.readFile(path).toString(), 2);
    if (rows === undefined) return undefined;
    const entries = rows.map((row) => ({ epoch: Number(row[0]), startOffset: Number(row[1]) }));
    if (entries.some((entry) => !Number.isSafeInteger(entry.epoch) || !Number.isSafeInteger(entry.startOffset))) {
      return undefined;
    }
    entries.sort((a, b) => a.epoch - b.epoch);
    return new LeaderEpochCache(fileSystem, path, entries);
  }

  moveTo(path: string): void {
    this.#path = path;
  }

  get latestEpoch(): number | undefined {
    return this.#entries.at(-1)?.epoch;
  }

  get earliest(): EpochEntry | undefined {
    return this.#entries[0];
  }

  /** Notes that `epoch` starts at `startOffset`; entries that contradict it go. */
  assign(epoch: number, startOffset: number): void {
    this.assignInMemory(epoch, startOffset);
    this.write();
  }

  /**
   * As assign, for an epoch that has no records yet: until it has some ({@link write}) the file can do without the
   * entry, because the next epoch would start at the same offset and take its place. A restart with thousands of logs
   * begins thousands of epochs.
   */
  assignInMemory(epoch: number, startOffset: number): void {
    const latest = this.#entries.at(-1);
    if (latest !== undefined && latest.epoch === epoch && startOffset >= latest.startOffset) return;
    this.#entries = this.#entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
    this.#entries.push({ epoch, startOffset });
    this.#isWritten = false;
  }

  /** Brings the file up to date. */
  write(): void {
    if (!this.#isWritten) this.#replace(this.#entries);
  }

  /** As Kafka's endOffsetFor: the end of the largest epoch at or below `epoch`. */
  endOffsetFor(epoch: number, logEndOffset: number): EpochAndOffset | undefined {
    if (epoch < 0) return undefined;
    if (this.latestEpoch === epoch) return { leaderEpoch: epoch, endOffset: logEndOffset };
    const higherAt = this.#entries.findIndex((entry) => entry.epoch > epoch);
    const higher = this.#entries[higherAt];
    if (higher === undefined) return undefined;
    return { leaderEpoch: this.#entries[higherAt - 1]?.epoch ?? epoch, endOffset: higher.startOffset };
  }

  epochForOffset(offset: number): number | undefined {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch;
  }

  truncateFromEnd(endOffset: number): void {
    const kept = this.#entries.filter((entry) => entry.startOffset < endOffset);
    if (kept.length < this.#entries.length) this.#replace(kept);
  }

  truncateFromStart(startOffset: number): void {
    const at = this.#entries.findLastIndex((entry) => entry.startOffset <= startOffset);
    const first = this.#entries[at];
    if (first === undefined || (at === 0 && first.startOffset === startOffset)) return;
    this.#replace([{ epoch: first.epoch, startOffset }, ...this.#entries.slice(at + 1)]);
  }

  clear(): void {
    if (this.#entries.length > 0) this.#replace([]);
  }

  #replace(entries: EpochEntry[]): void {
    this.#entries = entries;
    const lines = entries.map((entry) => `${entry.epoch} ${entry.startOffset}\n`).join('');
    replaceFile(this.#fileSystem, this.#path, `0\n${entries.length}\n${lines}`);
    this.#isWritten = true;
  }
}
