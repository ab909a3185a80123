import { KafkaError } from '../base/kafka-error.ts';
import * as batch from '../records/record-batch.ts';
import { type FilePool, PooledFile } from './file-pool.ts';
import { OffsetIndex, TimeIndex } from './index-file.ts';
import type { LogConfig } from './log-config.ts';
import {
  DELETED_SUFFIX,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './log-files.ts';
import { type ScanDepth, SegmentScanner } from './segment-scanner.ts';
import { TransactionIndex } from './transaction-index.ts';

const MAX_RELATIVE_OFFSET = 0x7fffffff;

/** Sizes of a segment's files that are there; undefined = the file is missing. */
export interface SegmentFiles {
  readonly logBytes: number;
  readonly offsetIndexBytes: number | undefined;
  readonly timeIndexBytes: number | undefined;
  readonly hasTransactionIndex: boolean;
}

/** What the roll of a segment depends on. */
export interface RollParameters {
  readonly sizeBytes: number;
  readonly maxTimestamp: number;
  readonly lastOffset: number;
  readonly nowMs: number;
}

/** One segment of a log: its `.log` file and indexes. */
export class LogSegment {
  readonly baseOffset: number;
  readonly offsetIndex: OffsetIndex;
  readonly timeIndex: TimeIndex;
  readonly transactionIndex: TransactionIndex;
  readonly file: PooledFile;
  sizeBytes: number;
  /** Random part of segment.ms, chosen once. */
  readonly rollJitterMs: number;
  readonly #pool: FilePool;
  #createdMs: number;
  #maxTimestamp: number | undefined;
  #offsetOfMaxTimestamp = 0;
  #firstTimestamp: number | undefined;
  #bytesSinceIndexEntry = 0;
  #isGivenUp = false;

  constructor(
    pool: FilePool,
    directory: string,
    baseOffset: number,
    files: SegmentFiles,
    nowMs: number,
    rollJitterMs: number,
    suffix = '',
  ) {
    const path = `${directory}/${offsetFileName(baseOffset, '')}`;
    this.baseOffset = baseOffset;
    this.#pool = pool;
    this.file = new PooledFile(pool, path + LOG_SUFFIX + suffix);
    this.sizeBytes = files.logBytes;
    this.offsetIndex = new OffsetIndex(
      pool,
      path + OFFSET_INDEX_SUFFIX + suffix,
      baseOffset,
      files.offsetIndexBytes ?? 0,
    );
    this.timeIndex = new TimeIndex(pool, path + TIME_INDEX_SUFFIX + suffix, baseOffset, files.timeIndexBytes ?? 0);
    this.transactionIndex = new TransactionIndex(
      pool,
      path + TRANSACTION_INDEX_SUFFIX + suffix,
      files.hasTransactionIndex,
    );
    this.#createdMs = nowMs;
    this.rollJitterMs = rollJitterMs;
    if (files.logBytes === 0) this.#maxTimestamp = batch.NO_TIMESTAMP;
  }

  get path(): string {
    return this.file.path;
  }

  get #allFiles(): PooledFile[] {
    return [this.file, this.offsetIndex.entries.file, this.timeIndex.entries.file, this.transactionIndex.file];
  }

  moveTo(directory: string): void {
    for (const file of this.#allFiles) {
      file.close();
      file.path = `${directory}/${file.path.slice(file.path.lastIndexOf('/') + 1)}`;
    }
  }

  /** Gives all files another suffix, as the steps of a compaction do; those that are there are renamed. */
  changeSuffix(from: string, to: string): void {
    const { fileSystem } = this.#pool;
    for (const file of this.#allFiles) {
      file.close();
      const path = file.path.slice(0, file.path.length - from.length) + to;
      if (fileSystem.exists(file.path)) fileSystem.rename(file.path, path);
      file.path = path;
    }
  }

  // ---- timestamps ----

  /** The largest timestamp of the records, -1 when there is none. */
  get maxTimestamp(): number {
    this.#maxTimestamp ??= this.#loadMaxTimestamp();
    return this.#maxTimestamp;
  }

  /** Last offset of the batch that has the largest timestamp. */
  get offsetOfMaxTimestamp(): number {
    this.#maxTimestamp ??= this.#loadMaxTimestamp();
    return this.#offsetOfMaxTimestamp;
  }

  #loadMaxTimestamp(): number {
    this.#offsetOfMaxTimestamp = this.timeIndex.lastOffset;
    return this.timeIndex.lastTimestamp;
  }

  /** What retention by time goes by: the largest timestamp, or when the segment was made if records have none. */
  get largestTimestamp(): number {
    const { maxTimestamp } = this;
    return maxTimestamp >= 0 ? maxTimestamp : this.#createdMs;
  }

  #timeWaitedForRoll(nowMs: number, messageTimestamp: number): number {
    if (this.#firstTimestamp === undefined && this.sizeBytes > 0) {
      const scanner = this.scan(0, 'headers');
      if (scanner.next()) this.#firstTimestamp = batch.maxTimestamp(scanner.buffer, scanner.at);
    }
    const first = this.#firstTimestamp ?? -1;
    return first >= 0 ? messageTimestamp - first : nowMs - this.#createdMs;
  }

  // ---- appending ----

  /** Whether what is to be appended needs a new segment. */
  shouldRoll(config: LogConfig, next: RollParameters): boolean {
    if (this.sizeBytes > config.segmentBytes - next.sizeBytes) return true;
    if (next.lastOffset - this.baseOffset > MAX_RELATIVE_OFFSET || next.lastOffset < this.baseOffset) return true;
    if (this.offsetIndex.entries.count >= Math.floor(config.segmentIndexBytes / OffsetIndex.entryBytes)) return true;
    // The last slot is kept for the entry that a roll adds.
    if (this.timeIndex.entries.count >= Math.floor(config.segmentIndexBytes / TimeIndex.entryBytes) - 1) return true;
    if (this.sizeBytes === 0) return false;
    // What is never rolled is never compacted.
    const isCompacted = config.cleanupPolicy.includes('compact');
    const segmentMs = isCompacted ? Math.min(config.segmentMs, config.maxCompactionLagMs) : config.segmentMs;
    return this.#timeWaitedForRoll(next.nowMs, next.maxTimestamp) > segmentMs - this.rollJitterMs;
  }

  /**
   * Makes the index files as long as they may become, before records are added to the active segment. After a kill the
   * zeros at their ends tell that they must be built anew.
   */
  preallocateIndexes(segmentIndexBytes: number): void {
    if (this.timeIndex.entries.isPreallocated) return;
    this.offsetIndex.entries.preallocate(segmentIndexBytes);
    this.timeIndex.entries.preallocate(segmentIndexBytes);
  }

  /** Writes batches at the end. When that fails what was written is cut again. */
  append(chunks: readonly Buffer[], sizeBytes: number): void {
    this.offsetIndex.entries.prepare();
    this.timeIndex.entries.prepare();
    const handle = this.file.handle();
    try {
      handle.write(chunks, this.sizeBytes);
    } catch (error) {
      handle.truncate(this.sizeBytes);
      throw error;
    }
    this.sizeBytes += sizeBytes;
  }

  /** Takes note of a batch in the indexes; `position` is where it starts. */
  index(
    lastOffset: number,
    maxTimestamp: number,
    position: number,
    sizeBytes: number,
    indexIntervalBytes: number,
  ): void {
    if (maxTimestamp > this.maxTimestamp) {
      this.#maxTimestamp = maxTimestamp;
      this.#offsetOfMaxTimestamp = lastOffset;
    }
    if (this.#firstTimestamp === undefined && position === 0) this.#firstTimestamp = maxTimestamp;
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(lastOffset, position);
      this.timeIndex.append(this.maxTimestamp, this.#offsetOfMaxTimestamp);
      this.#bytesSinceIndexEntry = 0;
    }
    this.#bytesSinceIndexEntry += sizeBytes;
  }

  // ---- reading ----

  scan(position: number, depth: ScanDepth): SegmentScanner {
    return new SegmentScanner(this.file, position, this.sizeBytes, depth);
  }

  /** Moves a scanner to the first batch whose last offset is at or above `offset`; undefined when there is none. */
  findBatch(offset: number, depth: ScanDepth = 'headers'): SegmentScanner | undefined {
    const scanner = this.scan(this.offsetIndex.lookup(offset), depth);
    while (scanner.next()) {
      if (batch.lastOffset(scanner.buffer, scanner.at) >= offset) return scanner;
    }
    return undefined;
  }

  /** The offset after the last batch. */
  readNextOffset(): number {
    const scanner = this.scan(this.offsetIndex.lookup(this.offsetIndex.lastOffset), 'headers');
    let next = this.baseOffset;
    while (scanner.next()) next = batch.lastOffset(scanner.buffer, scanner.at) + 1;
    return next;
  }

  // ---- changing ----

  /** Cuts everything from the batch that holds `offset` on; returns where the segment ends now. */
  truncateTo(offset: number, nowMs: number): number {
    const found = this.findBatch(offset);
    const position = found?.position;
    const endOffset = found === undefined ? offset : Math.min(offset, batch.baseOffset(found.buffer, found.at));
    this.offsetIndex.truncateTo(offset);
    this.timeIndex.truncateTo(offset);
    this.transactionIndex.truncateTo(offset);
    if (position !== undefined) this.#cut(position);
    if (this.sizeBytes === 0) {
      this.#createdMs = nowMs;
      this.#firstTimestamp = undefined;
    }
    this.#bytesSinceIndexEntry = 0;
    this.#reloadMaxTimestamp();
    return endOffset;
  }

  #cut(position: number): void {
    this.file.handle().truncate(position);
    this.sizeBytes = position;
  }

  // The time index has the largest timestamp up to its last entry; what follows is looked at.
  #reloadMaxTimestamp(): void {
    this.#maxTimestamp = this.#loadMaxTimestamp();
    const scanner = this.scan(this.offsetIndex.lookup(this.#offsetOfMaxTimestamp), 'headers');
    while (scanner.next()) this.#noteTimestamp(scanner);
  }

  #noteTimestamp(scanner: SegmentScanner): void {
    const timestamp = batch.maxTimestamp(scanner.buffer, scanner.at);
    if (timestamp <= (this.#maxTimestamp ?? -1)) return;
    this.#maxTimestamp = timestamp;
    this.#offsetOfMaxTimestamp = batch.lastOffset(scanner.buffer, scanner.at);
  }

  /**
   * Scans all batches, checks them, builds the indexes anew and cuts the file behind the last good batch. Calls `visit`
   * for each good batch. Returns the bytes that were cut, and whether a bad CRC was the reason.
   */
  recover(
    indexIntervalBytes: number,
    visit: (scanner: SegmentScanner) => void,
  ): { readonly cutBytes: number; readonly hasBadCrc: boolean } {
    this.offsetIndex.reset();
    this.timeIndex.reset();
    this.transactionIndex.reset();
    this.#maxTimestamp = batch.NO_TIMESTAMP;
    this.#offsetOfMaxTimestamp = this.baseOffset;
    this.#firstTimestamp = undefined;
    this.#bytesSinceIndexEntry = 0;
    const scanner = this.scan(0, 'whole');
    let validBytes = 0;
    let nextOffset = this.baseOffset;
    let hasBadCrc = false;
    while (scanner.next()) {
      try {
        hasBadCrc = !batch.hasValidCrc(scanner.buffer, scanner.at);
        if (hasBadCrc || !this.#recoverBatch(scanner, nextOffset, indexIntervalBytes)) break;
        visit(scanner);
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        hasBadCrc = true;
        break;
      }
      validBytes += scanner.sizeBytes;
      nextOffset = batch.lastOffset(scanner.buffer, scanner.at) + 1;
    }
    const cutBytes = this.sizeBytes - validBytes;
    if (cutBytes > 0) this.#cut(validBytes);
    return { cutBytes, hasBadCrc };
  }

  #recoverBatch({ buffer, at, position, sizeBytes }: SegmentScanner, nextOffset: number, interval: number): boolean {
    const first = batch.baseOffset(buffer, at);
    const last = batch.lastOffset(buffer, at);
    if (first < nextOffset || last < first || last - this.baseOffset > MAX_RELATIVE_OFFSET) return false;
    this.offsetIndex.entries.prepare();
    this.timeIndex.entries.prepare();
    this.index(last, batch.maxTimestamp(buffer, at), position, sizeBytes, interval);
    return true;
  }

  // ---- the end ----

  /** Writes the indexes whole, with a last entry for the largest timestamp; done on a roll and on a clean stop. */
  seal(): void {
    if (this.maxTimestamp >= 0) {
      this.timeIndex.entries.prepare();
      this.timeIndex.append(this.maxTimestamp, this.#offsetOfMaxTimestamp);
    }
    this.offsetIndex.entries.seal();
    this.timeIndex.entries.seal();
  }

  /**
   * Puts the records on the disk before it returns. The indexes of the active segment can wait: recovery builds them
   * anew for the segment that holds the recovery point.
   */
  sync(isSealed: boolean): void {
    this.file.handle().sync();
    if (!isSealed) return;
    this.offsetIndex.entries.file.handle().sync();
    this.timeIndex.entries.file.handle().sync();
    if (!this.transactionIndex.isEmpty) this.transactionIndex.file.handle().sync();
  }

  /** As sync, without holding up the event loop. A segment that is given up meanwhile needs no sync. */
  syncInBackground(isSealed: boolean, done: (error: Error | undefined) => void): void {
    const files = [this.file];
    if (isSealed) files.push(this.offsetIndex.entries.file, this.timeIndex.entries.file);
    if (isSealed && !this.transactionIndex.isEmpty) files.push(this.transactionIndex.file);
    const next = (error: Error | undefined): void => {
      const file = files.shift();
      if (error !== undefined || file === undefined || this.#isGivenUp) done(error);
      else file.syncInBackground(next);
    };
    next(undefined);
  }

  /** Closes the files and drops what is in memory; they open again by themselves. */
  release(): void {
    for (const file of this.#allFiles) file.close();
    this.offsetIndex.entries.release();
    this.timeIndex.entries.release();
  }

  /** Closes the files for good. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.release();
  }

  /** Renames the files so that a start removes them; returns their new paths. */
  retire(): string[] {
    const { fileSystem } = this.#pool;
    this.giveUp();
    return this.#allFiles.flatMap((file) => {
      if (!fileSystem.exists(file.path)) return [];
      fileSystem.rename(file.path, file.path + DELETED_SUFFIX);
      file.path += DELETED_SUFFIX;
      return [file.path];
    });
  }
}
