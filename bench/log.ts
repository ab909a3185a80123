import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../src/base/clock.ts';
import { nodeFileSystem } from '../src/base/file-system.ts';
import { silentLogger } from '../src/base/logger.ts';
import { systemRandom } from '../src/base/random.ts';
import { FilePool } from '../src/log/file-pool.ts';
import { DEFAULT_LOG_CONFIG } from '../src/log/log-config.ts';
import { PartitionLog } from '../src/log/partition-log.ts';
import type { LogEnvironment } from '../src/log/partition-log-types.ts';
import { BatchBuilder } from '../src/records/batch-builder.ts';
import { RecordCursor } from '../src/records/record-cursor.ts';

/**
 * What the log costs: CPU seconds (user and system of the whole process) and wall seconds per GB for append (validate,
 * patch, write) and read, for records of 100 B and 1 KiB in batches of 16 KiB; building and walking 1M records of 99 B;
 * creating and reopening idle partitions. Run: node scripts/run-ts.mjs bench/log.ts
 */

const GB = 1e9;
const BATCH_BYTES = 16 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'ottla-bench-'));
const lines: string[] = [];

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function environment(): LogEnvironment {
  return {
    fileSystem: nodeFileSystem,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    filePool: new FilePool(nodeFileSystem),
  };
}

/** Runs and reports CPU and wall seconds. */
function measure<T>(run: () => T): { result: T; cpuSeconds: number; wallSeconds: number } {
  const cpu = process.cpuUsage();
  const start = systemClock.monotonicMs();
  const result = run();
  const wallSeconds = (systemClock.monotonicMs() - start) / 1000;
  const used = process.cpuUsage(cpu);
  return { result, cpuSeconds: (used.user + used.system) / 1e6, wallSeconds };
}

function report(what: string, cpuSeconds: number, wallSeconds: number, unit: string): void {
  lines.push(`${what.padEnd(44)} ${cpuSeconds.toFixed(3)} s CPU  ${wallSeconds.toFixed(3)} s wall  ${unit}`);
}

function openLog(name: string, env: LogEnvironment): PartitionLog {
  const directory = join(folder, `${name}-0`);
  const config = { ...DEFAULT_LOG_CONFIG };
  return PartitionLog.open({ directory, topic: name, partition: 0, config, hadCleanShutdown: true, environment: env });
}

function template(recordBytes: number): Buffer {
  const builder = new BatchBuilder(BATCH_BYTES);
  const value = Buffer.alloc(recordBytes, 'v');
  while (builder.sizeBytes + recordBytes < BATCH_BYTES) builder.append(systemClock.nowMs(), null, value);
  return builder.finish();
}

function appendAndRead(recordBytes: number, totalBytes: number): void {
  const batch = template(recordBytes);
  const count = Math.ceil(totalBytes / batch.length);
  const log = openLog(`records-${recordBytes}`, environment());
  // Each batch comes from the network in a buffer of its own; that copy is not the log's.
  const arrive = (): Buffer => {
    const bytes = Buffer.allocUnsafeSlow(batch.length);
    batch.copy(bytes);
    return bytes;
  };
  const arrived = measure(() => {
    for (let i = 0; i < count; i++) arrive();
  });
  const appended = measure(() => {
    for (let i = 0; i < count; i++) log.appendAsLeader(arrive(), 0);
  });
  const scale = GB / (count * batch.length);
  report(
    `append, ${recordBytes} B records`,
    (appended.cpuSeconds - arrived.cpuSeconds) * scale,
    (appended.wallSeconds - arrived.wallSeconds) * scale,
    'per GB',
  );
  log.updateHighWatermark(log.logEndOffset);
  const read = measure(() => {
    let bytes = 0;
    for (let offset = 0; offset < log.logEndOffset; ) {
      const result = log.read(offset, 1024 * 1024, log.highWatermark, true);
      bytes += result.sizeBytes;
      offset = result.nextOffset;
    }
    return bytes;
  });
  report(`read from files, ${recordBytes} B records`, read.cpuSeconds * scale, read.wallSeconds * scale, 'per GB');
  log.close();
}

function buildAndWalk(): void {
  const source = Buffer.alloc(100_000, 'x');
  const builder = new BatchBuilder(BATCH_BYTES);
  for (let round = 0; round < 3; round++) {
    const batches: Buffer[] = [];
    const built = measure(() => {
      for (let i = 0; i < 1_000_000; i++) {
        const at = (i % 1000) * 100;
        if (builder.sizeBytes + BatchBuilder.upperBound(0, 99) > BATCH_BYTES) batches.push(builder.finish());
        builder.appendSlice(1_700_000_000_000 + (i >> 7), source, at, at + 99);
      }
      batches.push(builder.finish());
    });
    const cursor = new RecordCursor();
    const walked = measure(() => {
      let bytes = 0;
      for (const batch of batches) {
        cursor.open(batch, 0);
        while (cursor.next()) bytes += cursor.valueLength;
      }
      return bytes;
    });
    if (round < 2) continue;
    report('build 1M records of 99 B, with CRC', built.cpuSeconds, built.wallSeconds, '');
    report('walk 1M records of 99 B', walked.cpuSeconds, walked.wallSeconds, '');
  }
}

function idlePartitions(count: number): void {
  const env = environment();
  const before = usedBytes();
  const logs: PartitionLog[] = [];
  const open = (hadCleanShutdown: boolean) => {
    for (let partition = 0; partition < count; partition++) {
      const directory = join(folder, `idle-${partition}`);
      const options = { directory, topic: 'idle', partition, topicId: '_EkOrYngTSyEGigPJ1IRkg', hadCleanShutdown };
      logs.push(PartitionLog.open({ ...options, config: DEFAULT_LOG_CONFIG, environment: env }));
    }
  };
  const created = measure(() => open(true));
  report(`create ${count} partitions`, created.cpuSeconds, created.wallSeconds, '');
  const kilobytes = (usedBytes() - before) / count / 1024;
  lines.push(
    `${`memory of an idle partition`.padEnd(44)} ${kilobytes.toFixed(1)} KB, ${env.filePool.openFiles} files open`,
  );
  const closed = measure(() => {
    for (const log of logs.splice(0)) log.close();
  });
  report(`close ${count} partitions`, closed.cpuSeconds, closed.wallSeconds, '');
  const opened = measure(() => open(true));
  report(`open ${count} partitions after a clean stop`, opened.cpuSeconds, opened.wallSeconds, '');
  for (const log of logs.splice(0)) log.close();
}

try {
  // First: what others leave behind would be counted as memory that is given back.
  idlePartitions(5000);
  buildAndWalk();
  appendAndRead(100, GB / 2);
  appendAndRead(1024, GB / 2);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${lines.join('\n')}\n`);
