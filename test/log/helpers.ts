import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Clock, Timer } from '../../src/base/clock.ts';
import { type FileSystem, nodeFileSystem } from '../../src/base/file-system.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { FilePool } from '../../src/log/file-pool.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig } from '../../src/log/log-config.ts';
import { PartitionLog } from '../../src/log/partition-log.ts';
import type { LogEnvironment, OpenLogOptions } from '../../src/log/partition-log-types.ts';
import { BatchBuilder, type BatchOptions } from '../../src/records/batch-builder.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #nowMs: number;
  #timers: { at: number; run: () => void }[] = [];

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, run: () => void): Timer {
    const timer = { at: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.at);
      due.run();
    }
    this.#nowMs = end;
  }
}

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ottla-log-'));
  folders.push(folder);
  return folder;
}

export interface Setup {
  readonly clock: ManualClock;
  readonly environment: LogEnvironment;
  readonly directory: string;
  /** Opens the log of `topic-0`, as after an unclean stop unless told otherwise. */
  open(config?: Partial<LogConfig>, options?: Partial<OpenLogOptions>): PartitionLog;
}

export function setUp(options: { fileSystem?: FileSystem; maxOpenFiles?: number; folder?: string } = {}): Setup {
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  const clock = new ManualClock();
  const environment: LogEnvironment = {
    fileSystem,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    filePool: new FilePool(fileSystem, options.maxOpenFiles ?? 100),
  };
  const directory = join(options.folder ?? temporaryFolder(), 'topic-0');
  return {
    clock,
    environment,
    directory,
    open: (config = {}, more = {}) =>
      PartitionLog.open({
        directory,
        topic: 'topic',
        partition: 0,
        config: { ...DEFAULT_LOG_CONFIG, ...config },
        hadCleanShutdown: false,
        environment,
        ...more,
      }),
  };
}

export const T0 = 1_700_000_000_000;

/** A batch of records with these values, one ms apart. */
export function batchOf(values: readonly string[], options: BatchOptions & { timestamp?: number } = {}): Buffer {
  const builder = new BatchBuilder();
  values.forEach((value, i) => {
    builder.append((options.timestamp ?? T0) + i, Buffer.from(`k${i}`), Buffer.from(value));
  });
  return builder.finish(options);
}

/** `count` values of `bytes` bytes. */
export function values(count: number, bytes = 10, prefix = 'v'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`.padEnd(bytes, '.'));
}

/** Everything in [fromOffset, end) as `offset:value`. */
export function contentsOf(log: PartitionLog, fromOffset = log.logStartOffset, maxBytes = 1 << 20): string[] {
  const contents: string[] = [];
  for (let offset = fromOffset; offset < log.logEndOffset; ) {
    const result = log.read(offset, maxBytes, log.logEndOffset, true);
    if (result.sizeBytes === 0) break;
    forEachRecord(Buffer.concat(result.chunks), (cursor) => {
      if (cursor.offset >= fromOffset) contents.push(`${cursor.offset}:${cursor.value()?.toString() ?? 'null'}`);
    });
    offset = result.nextOffset;
  }
  return contents;
}
