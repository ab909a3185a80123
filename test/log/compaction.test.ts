import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { compact, dirtyRange } from '../../src/log/compaction.ts';
import { DEFAULT_LOG_CONFIG } from '../../src/log/log-config.ts';
import { LogManager } from '../../src/log/log-manager.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { BatchBuilder, type BatchOptions } from '../../src/records/batch-builder.ts';
import { buildEndTransactionMarker } from '../../src/records/control-record.ts';
import * as batch from '../../src/records/record-batch.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';
import { setUp, T0, temporaryFolder } from './helpers.ts';

const CONFIG = { cleanupPolicy: ['compact'] as const, deleteRetentionMs: 1000 };
const UNVERIFIED = { verifyTransactions: false };

type Row = readonly [key: string, value: string | null];

function rows(...records: Row[]): (options?: BatchOptions) => Buffer {
  return (options) => {
    const builder = new BatchBuilder();
    for (const [key, value] of records) {
      builder.append(T0, Buffer.from(key), value === null ? null : Buffer.from(value));
    }
    return builder.finish(options);
  };
}

/** Adds a batch in a segment of its own, so that everything but the last is behind the active segment. */
function add(log: PartitionLog, bytes: Buffer): void {
  log.appendAsLeader(bytes, 0);
  log.updateHighWatermark(log.logEndOffset);
  log.roll();
}

function marker(log: PartitionLog, isCommit: boolean, producerEpoch: number): void {
  const bytes = buildEndTransactionMarker(T0, { producerId: 1, producerEpoch, isCommit, coordinatorEpoch: 0 });
  log.appendAsLeader(bytes, 0, { origin: 'coordinator' });
  log.updateHighWatermark(log.logEndOffset);
  log.roll();
}

function clean(log: PartitionLog, checkpoint?: number): number | undefined {
  const cleanable = log.cleanable();
  const range = dirtyRange(cleanable, checkpoint, cleanable.environment.clock.nowMs());
  const steps = compact(cleanable, range, 1 << 20);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function bytesOf(log: PartitionLog): Buffer {
  const chunks: Buffer[] = [];
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    const result = log.read(offset, 1 << 20, log.logEndOffset, true);
    if (result.sizeBytes === 0) break;
    chunks.push(...result.chunks);
    offset = result.nextOffset;
  }
  return Buffer.concat(chunks);
}

function left(log: PartitionLog): string[] {
  const found: string[] = [];
  forEachRecord(bytesOf(log), (cursor, at) => {
    const isControl = batch.isControl(bytesOf(log), at);
    const value = cursor.value()?.toString() ?? 'null';
    found.push(isControl ? `${cursor.offset} marker` : `${cursor.offset} ${cursor.key()?.toString()}=${value}`);
  });
  return found;
}

// Without a memory tail: what is read is what the files hold.
const setUpOnDisk = () => setUp();

describe('compaction', () => {
  test.each(['none', 'lz4'] as const)('keeps the newest record of each key at its offset (%s)', (codec) => {
    const { open } = setUpOnDisk();
    const log = open(CONFIG);
    add(log, rows(['a', '1'], ['b', '1'], ['c', '1'])({ codec }));
    add(log, rows(['a', '2'], ['b', '2'])({ codec }));
    add(log, rows(['b', '3'], ['d', '1'])({ codec }));
    expect(clean(log)).toBe(7);
    expect(left(log)).toEqual(['2 c=1', '3 a=2', '5 b=3', '6 d=1']);
    expect(log.segmentBaseOffsets).toEqual([0, 7]);
    expect(log.logEndOffset).toBe(7);
    const bytes = bytesOf(log);
    expect([batch.baseOffset(bytes, 0), batch.lastOffset(bytes, 0), batch.codecId(bytes, 0)]).toEqual([
      0,
      2,
      codec === 'none' ? 0 : 3,
    ]);
    log.close();
    const again = open(CONFIG);
    expect(left(again)).toEqual(['2 c=1', '3 a=2', '5 b=3', '6 d=1']);
    expect(again.logEndOffset).toBe(7);
  });

  test('the active segment and what is above the last stable offset stay', () => {
    const log = setUpOnDisk().open(CONFIG, UNVERIFIED);
    add(log, rows(['a', '1'])());
    add(log, rows(['a', '2'])());
    add(log, rows(['x', '1'])({ producerId: 1, producerEpoch: 0, baseSequence: 0, isTransactional: true }));
    add(log, rows(['a', '3'])());
    log.appendAsLeader(rows(['a', '4'])(), 0);
    expect(clean(log)).toBe(2);
    expect(left(log)).toEqual(['1 a=2', '2 x=1', '3 a=3', '4 a=4']);
  });

  test('a tombstone gets its time with the first pass and goes when that is over', () => {
    const { open, clock } = setUpOnDisk();
    const log = open(CONFIG);
    add(log, rows(['a', '1'], ['b', '1'])());
    add(log, rows(['a', null])());
    add(log, rows(['z', '1'])());
    expect(clean(log)).toBe(4);
    expect(left(log)).toEqual(['1 b=1', '2 a=null', '3 z=1']);
    const bytes = bytesOf(log);
    const tombstone = batch.batchSizeBytes(bytes, 0);
    expect(batch.deleteHorizonMs(bytes, tombstone)).toBe(clock.nowMs() + 1000);
    forEachRecord(bytes, (cursor) => expect(cursor.timestamp).toBe(T0));
    clock.advance(999);
    clean(log);
    expect(left(log)).toContain('2 a=null');
    clock.advance(1);
    clean(log);
    expect(left(log)).toEqual(['1 b=1', '3 z=1']);
  });

  test('records of aborted transactions go, markers follow when nothing of theirs is left', () => {
    const { open, clock, directory } = setUpOnDisk();
    const log = open(CONFIG, UNVERIFIED);
    const transactional = (producerEpoch: number): BatchOptions => {
      return { producerId: 1, producerEpoch, baseSequence: 0, isTransactional: true };
    };
    add(log, rows(['a', 'aborted'])(transactional(0)));
    marker(log, false, 0);
    add(log, rows(['a', 'committed'])(transactional(1)));
    marker(log, true, 1);
    add(log, rows(['b', 'later'])());
    expect(clean(log)).toBe(5);
    expect(left(log)).toEqual(['1 marker', '2 a=committed', '3 marker', '4 b=later']);
    expect(log.abortedTransactions(0, 5)).toEqual([{ producerId: 1, firstOffset: 0 }]);
    // The records are gone: the abort marker now waits for its time, as a tombstone does.
    clean(log);
    clock.advance(1000);
    clean(log);
    expect(left(log)).toEqual(['2 a=committed', '3 marker', '4 b=later']);
    expect(log.abortedTransactions(0, 5)).toEqual([]);
    expect(readdirSync(directory).filter((name) => name.endsWith('.cleaned') || name.endsWith('.swap'))).toEqual([]);
  });

  test('an empty batch keeps the last sequence of a producer', () => {
    const { open } = setUpOnDisk();
    const log = open(CONFIG);
    add(log, rows(['a', '1'])({ producerId: 7, producerEpoch: 0, baseSequence: 0 }));
    add(log, rows(['a', '2'], ['a', '3'])({ producerId: 7, producerEpoch: 0, baseSequence: 1 }));
    add(log, rows(['a', '4'])());
    clean(log);
    expect(left(log)).toEqual(['3 a=4']);
    const bytes = bytesOf(log);
    expect(batch.batchSizeBytes(bytes, 0)).toBe(61);
    expect([batch.baseOffset(bytes, 0), batch.lastOffset(bytes, 0), batch.recordCount(bytes, 0)]).toEqual([1, 2, 0]);
    expect([batch.baseSequence(bytes, 0), batch.baseTimestamp(bytes, 0), batch.maxTimestamp(bytes, 0)]).toEqual([
      1,
      -1,
      T0,
    ]);
    log.close(false);
    // Recovery finds the sequence in that batch.
    const again = open(CONFIG);
    expect(again.activeProducers()).toMatchObject([{ producerId: 7, lastSequence: 2 }]);
  });

  test('what no longer fits one segment is not merged', () => {
    const log = setUpOnDisk().open({ ...CONFIG, segmentBytes: 250 });
    for (let i = 0; i < 6; i++) add(log, rows([`k${i}`, 'v'.repeat(30)])());
    clean(log);
    expect(left(log)).toHaveLength(6);
    const bases = log.segmentBaseOffsets;
    expect(bases.length).toBeGreaterThan(2);
    expect(bases.length).toBeLessThan(7);
  });

  test('nothing is replaced when the log was truncated meanwhile', () => {
    const { open, directory } = setUpOnDisk();
    const log = open(CONFIG);
    for (let i = 0; i < 40; i++) add(log, rows(['a', 'v'.repeat(50_000)])());
    const cleanable = log.cleanable();
    const steps = compact(cleanable, dirtyRange(cleanable, undefined, T0), 1 << 20);
    expect(steps.next().done).toBe(false);
    log.truncateTo(3);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    expect(step.value).toBeUndefined();
    expect(log.logEndOffset).toBe(3);
    expect(readdirSync(directory).filter((name) => name.includes('cleaned'))).toEqual([]);
  });

  test('a small map makes several passes of it', () => {
    const log = setUpOnDisk().open(CONFIG);
    for (let i = 0; i < 30; i++) add(log, rows([`k${i % 10}`, `v${i}`])());
    let checkpoint: number | undefined;
    let passes = 0;
    for (; checkpoint !== 30; passes++) {
      const cleanable = log.cleanable();
      const steps = compact(cleanable, dirtyRange(cleanable, checkpoint, T0), 400);
      let step = steps.next();
      while (step.done !== true) step = steps.next();
      checkpoint = step.value;
    }
    expect(passes).toBeGreaterThan(1);
    expect(left(log)).toEqual(Array.from({ length: 10 }, (_, i) => `${20 + i} k${i}=v${20 + i}`));
  });
});

describe('the cleaner', () => {
  test('compacts the logs that are dirty enough and remembers up to where', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'meta.properties'), 'directory.id=nKK84nrPS5uyX13XK4QTZg\n');
    const { environment, clock } = setUpOnDisk();
    const configOf = () => ({ ...DEFAULT_LOG_CONFIG, ...CONFIG });
    const manager = LogManager.open({ directories: [folder], configOf, environment });
    manager.start();
    const log = manager.getOrCreate('t', 0, '_EkOrYngTSyEGigPJ1IRkg');
    for (let i = 0; i < 5; i++) add(log, rows(['a', `${i}`])());
    clock.advance(15_000);
    // The compacted segment takes the place of the old ones once the disk has it.
    await vi.waitFor(() => {
      clock.advance(10);
      expect(left(log)).toEqual(['4 a=4']);
    });
    expect(readFileSync(join(folder, 'cleaner-offset-checkpoint'), 'utf8')).toBe('0\n1\nt 0 5\n');
    manager.close(1);
    const next = LogManager.open({ directories: [folder], configOf, environment });
    expect(next.cleaner.checkpointOf(next.get('t', 0) ?? log)?.offset).toBe(5);
    next.close(2);
  });

  test('a stop in the middle takes back what is half done', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'meta.properties'), 'directory.id=nKK84nrPS5uyX13XK4QTZg\n');
    const { environment, clock } = setUpOnDisk();
    const configOf = () => ({ ...DEFAULT_LOG_CONFIG, ...CONFIG });
    const manager = LogManager.open({ directories: [folder], configOf, environment });
    manager.start();
    const log = manager.getOrCreate('t', 0, '_EkOrYngTSyEGigPJ1IRkg');
    for (let i = 0; i < 5; i++) add(log, rows(['a', `${i}`])());
    clock.advance(15_000);
    expect(readdirSync(log.directory)).toContain('00000000000000000000.log.cleaned');
    manager.close(1);
    expect(readdirSync(log.directory).filter((name) => name.includes('.cleaned'))).toEqual([]);
    const next = LogManager.open({ directories: [folder], configOf, environment });
    expect(left(next.get('t', 0) ?? log)).toHaveLength(5);
    next.close(2);
  });
});
