import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as batch from '../../src/records/record-batch.ts';
import { batchOf, contentsOf, setUp, T0, values } from './helpers.ts';

describe('appending as a leader', () => {
  test('gives offsets and the epoch, and reads back the bytes that are in the file', () => {
    const { open, directory } = setUp();
    const log = open();
    const first = batchOf(['a', 'b'.repeat(900)]);
    const result = log.appendAsLeader(first, 3);
    expect(result).toMatchObject({ baseOffset: 0, lastOffset: 1, logAppendTimeMs: -1, isDuplicate: false });
    expect(log.appendAsLeader(batchOf(['c']), 3).baseOffset).toBe(2);
    expect(log.logEndOffset).toBe(3);
    const read = log.read(0, 10_000, 3, false);
    expect(batch.partitionLeaderEpoch(first, 0)).toBe(3);
    expect(Buffer.concat(read.chunks)).toEqual(readFileSync(join(directory, '00000000000000000000.log')));
    log.close();
    const again = open({}, { hadCleanShutdown: true, recoveryPoint: 3 });
    expect(contentsOf(again)).toEqual(['0:a', `1:${'b'.repeat(900)}`, '2:c']);
    expect(again.latestEpoch).toBe(3);
  });

  test('an epoch goes to the disk with its first records, and needs none before', () => {
    const { open, directory } = setUp();
    const log = open();
    const path = join(directory, 'leader-epoch-checkpoint');
    log.assignEpochStart(4, 0);
    expect(log.endOffsetForEpoch(4)).toEqual({ leaderEpoch: 4, endOffset: 0 });
    expect(existsSync(path)).toBe(false);
    log.assignEpochStart(5, 0);
    log.appendAsLeader(batchOf(['a']), 5);
    expect(readFileSync(path, 'utf8')).toBe('0\n1\n5 0\n');
    log.assignEpochStart(6, 1);
    log.close(false);
    const again = open();
    expect(again.latestEpoch).toBe(5);
    again.assignEpochStart(7, 1);
    expect(again.endOffsetForEpoch(6)).toEqual({ leaderEpoch: 5, endOffset: 1 });
    again.appendAsLeader(batchOf(['b']), 7);
    expect(readFileSync(path, 'utf8')).toBe('0\n2\n5 0\n7 1\n');
  });

  test('a clean stop leaves the files that Kafka leaves', () => {
    const { open, directory } = setUp();
    const log = open({}, { topicId: '_EkOrYngTSyEGigPJ1IRkg' });
    log.appendAsLeader(batchOf(['a']), 0);
    log.close();
    expect(readdirSync(directory)).toEqual([
      '00000000000000000000.index',
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      '00000000000000000001.snapshot',
      'leader-epoch-checkpoint',
      'partition.metadata',
    ]);
    expect(statSync(join(directory, '00000000000000000000.index')).size).toBe(0);
    expect(statSync(join(directory, '00000000000000000000.timeindex')).size).toBe(12);
    expect(readFileSync(join(directory, 'partition.metadata'), 'utf8')).toBe(
      'version: 0\ntopic_id: _EkOrYngTSyEGigPJ1IRkg',
    );
    expect(readFileSync(join(directory, 'leader-epoch-checkpoint'), 'utf8')).toBe('0\n1\n0 0\n');
  });

  test('a batch that does not fit the segment is refused with RECORD_LIST_TOO_LARGE', () => {
    const log = setUp().open({ segmentBytes: 200 });
    expect(() => log.appendAsLeader(batchOf(values(10, 100)), 0)).toThrowError(
      expect.objectContaining({ errorName: 'RECORD_LIST_TOO_LARGE' }),
    );
    expect(log.logEndOffset).toBe(0);
  });

  test('LogAppendTime is the time of the broker', () => {
    const { open, clock } = setUp();
    const log = open({ messageTimestampType: 'LogAppendTime' });
    const bytes = batchOf(['a'], { timestamp: 5 });
    expect(log.appendAsLeader(bytes, 0).logAppendTimeMs).toBe(clock.nowMs());
    expect(batch.maxTimestamp(bytes, 0)).toBe(clock.nowMs());
  });

  test('several batches go in one write with offsets one after another', () => {
    const { open } = setUp();
    const log = open();
    const batches = [batchOf(['a', 'b']), batchOf(['c']), batchOf(['d'])];
    const result = log.appendBatchesAsLeader(batches, 1, { origin: 'coordinator' });
    expect(result).toMatchObject({ baseOffset: 0, lastOffset: 3 });
    expect(contentsOf(log)).toEqual(['0:a', '1:b', '2:c', '3:d']);
  });
});

describe('segments', () => {
  test('roll by size; old ones are read from files through their indexes', () => {
    const { open, directory } = setUp();
    const log = open({ segmentBytes: 4000, indexIntervalBytes: 300 });
    for (let i = 0; i < 60; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(100, '.')]), 0);
    const bases = log.segmentBaseOffsets;
    expect(bases.length).toBeGreaterThan(2);
    for (const offset of [0, 1, 17, bases[1] ?? 0, (bases[1] ?? 0) - 1, 59]) {
      expect(contentsOf(log, offset)[0]).toBe(`${offset}:${`v${offset}`.padEnd(100, '.')}`);
    }
    expect(contentsOf(log, 0, 500)).toHaveLength(60);
    const sealedIndex = statSync(join(directory, '00000000000000000000.index')).size;
    expect(sealedIndex).toBeGreaterThan(0);
    expect(sealedIndex % 8).toBe(0);
  });

  test('roll by segment.ms counts from the first timestamp of the segment', () => {
    const log = setUp().open({ segmentMs: 1000 });
    log.appendAsLeader(batchOf(['a'], { timestamp: T0 }), 0);
    log.appendAsLeader(batchOf(['b'], { timestamp: T0 + 1000 }), 0);
    expect(log.segmentBaseOffsets).toEqual([0]);
    log.appendAsLeader(batchOf(['c'], { timestamp: T0 + 1001 }), 0);
    expect(log.segmentBaseOffsets).toEqual([0, 2]);
  });

  test('few files stay open', () => {
    const { open, environment } = setUp({ maxOpenFiles: 4 });
    const log = open({ segmentBytes: 300, indexIntervalBytes: 10 });
    for (let i = 0; i < 30; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(100, '.')]), 0);
    expect(contentsOf(log)).toHaveLength(30);
    expect(environment.filePool.openFiles).toBeLessThanOrEqual(5);
  });
});

describe('reading', () => {
  test('stops before maxOffset and honours maxBytes and minOneMessage', () => {
    const log = setUp().open();
    for (const value of ['a', 'b', 'c', 'd']) log.appendAsLeader(batchOf([value]), 0);
    const size = log.sizeBytes / 4;
    expect(log.read(0, 1000, 2, true)).toMatchObject({ sizeBytes: size * 2, nextOffset: 2 });
    expect(log.read(1, size * 2 + 3, 4, true)).toMatchObject({ baseOffset: 1, sizeBytes: size * 2, nextOffset: 3 });
    expect(log.read(0, 1, 4, true)).toMatchObject({ sizeBytes: size, nextOffset: 1 });
    expect(log.read(0, 1, 4, false).sizeBytes).toBe(0);
    expect(log.read(2, 1000, 2, true).sizeBytes).toBe(0);
    expect(log.read(4, 1000, 4, true).sizeBytes).toBe(0);
  });

  test('an offset within a batch returns that batch whole', () => {
    const log = setUp().open();
    log.appendAsLeader(batchOf(['a', 'b', 'c']), 0);
    log.appendAsLeader(batchOf(['d', 'e', 'f']), 0);
    expect(log.read(4, 1000, 6, true)).toMatchObject({ baseOffset: 3, nextOffset: 6 });
  });

  test('offsets outside the log are OFFSET_OUT_OF_RANGE', () => {
    const log = setUp().open();
    log.appendAsLeader(batchOf(['a']), 0);
    for (const offset of [-1, 2]) {
      expect(() => log.read(offset, 100, 1, true)).toThrowError(
        expect.objectContaining({ errorName: 'OFFSET_OUT_OF_RANGE' }),
      );
    }
  });

  test('bytes on the disk that are no batch are CORRUPT_MESSAGE, not a loop', () => {
    const { open, directory } = setUp();
    const log = open();
    for (const value of ['a', 'b', 'c']) log.appendAsLeader(batchOf([value]), 0);
    const size = log.sizeBytes / 3;
    const path = join(directory, '00000000000000000000.log');
    const bytes = readFileSync(path);
    for (const length of [-70, -13, 0, 48]) {
      bytes.writeInt32BE(length, size + 8);
      writeFileSync(path, bytes);
      expect(() => log.read(0, 10_000, 3, true)).toThrowError(
        expect.objectContaining({ errorName: 'CORRUPT_MESSAGE' }),
      );
    }
  });
});

describe('offsets by time', () => {
  test('answers by record, with the leader epoch', () => {
    const log = setUp().open({ segmentBytes: 400, indexIntervalBytes: 50 });
    for (let i = 0; i < 20; i++) log.appendAsLeader(batchOf([`a${i}`, `b${i}`], { timestamp: T0 + i * 10 }), 7);
    expect(log.offsetForTimestamp(T0 + 51)).toEqual({ timestamp: T0 + 51, offset: 11, leaderEpoch: 7 });
    expect(log.offsetForTimestamp(T0 + 52)).toEqual({ timestamp: T0 + 60, offset: 12, leaderEpoch: 7 });
    expect(log.offsetForTimestamp(0)).toEqual({ timestamp: T0, offset: 0, leaderEpoch: 7 });
    expect(log.offsetForTimestamp(T0 + 1000)).toBeUndefined();
    expect(log.offsetForTimestamp(-1)).toEqual({ timestamp: -1, offset: 40, leaderEpoch: 7 });
    expect(log.offsetForTimestamp(-2)).toEqual({ timestamp: -1, offset: 0, leaderEpoch: 7 });
    expect(log.offsetForTimestamp(-3)).toEqual({ timestamp: T0 + 191, offset: 39, leaderEpoch: 7 });
    expect(log.offsetForTimestamp(-4)).toEqual({ timestamp: -1, offset: 0, leaderEpoch: 7 });
    expect(log.offsetForTimestamp(-5)).toEqual({ timestamp: -1, offset: -1, leaderEpoch: -1 });
  });

  test('the largest timestamp survives a clean restart and a truncation', () => {
    const { open } = setUp();
    const log = open();
    log.appendAsLeader(batchOf(['late'], { timestamp: T0 + 500 }), 0);
    log.appendAsLeader(batchOf(['early'], { timestamp: T0 }), 0);
    log.appendAsLeader(batchOf(['latest'], { timestamp: T0 + 900 }), 0);
    log.close();
    const again = open({}, { hadCleanShutdown: true });
    expect(again.offsetForTimestamp(-3)).toMatchObject({ timestamp: T0 + 900, offset: 2 });
    again.truncateTo(2);
    expect(again.offsetForTimestamp(-3)).toMatchObject({ timestamp: T0 + 500, offset: 0 });
  });
});

describe('following', () => {
  test('takes the leader’s batches as they are and leaves out what is partial or of a newer epoch', () => {
    const leader = setUp().open();
    for (const value of ['a', 'b', 'c']) leader.appendAsLeader(batchOf([value]), 1);
    leader.appendAsLeader(batchOf(['d']), 2);
    const bytes = Buffer.concat(leader.read(0, 10_000, 4, true).chunks);
    const follower = setUp().open();
    const partial = bytes.subarray(0, bytes.length / 2 + 10);
    expect(follower.appendAsFollower(Buffer.from(partial), 1)).toMatchObject({ baseOffset: 0, lastOffset: 1 });
    expect(follower.appendAsFollower(Buffer.from(bytes.subarray(bytes.length / 2)), 1).lastOffset).toBe(2);
    expect(follower.logEndOffset).toBe(3);
    follower.appendAsFollower(Buffer.from(bytes.subarray((bytes.length / 4) * 3)), 2);
    expect(contentsOf(follower)).toEqual(contentsOf(leader));
    expect(follower.endOffsetForEpoch(1)).toEqual({ leaderEpoch: 1, endOffset: 3 });
    expect(follower.endOffsetForEpoch(2)).toEqual({ leaderEpoch: 2, endOffset: 4 });
    expect(follower.endOffsetForEpoch(3)).toBeUndefined();
  });

  test('refuses damaged bytes and offsets that do not follow', () => {
    const leader = setUp().open();
    leader.appendAsLeader(batchOf(['a']), 1);
    const bytes = Buffer.from(leader.read(0, 10_000, 1, true).chunks[0] ?? Buffer.alloc(0));
    const follower = setUp().open();
    const damaged = Buffer.from(bytes);
    damaged[damaged.length - 1] = 99;
    expect(() => follower.appendAsFollower(damaged, 1)).toThrowError(
      expect.objectContaining({ errorName: 'CORRUPT_MESSAGE' }),
    );
    follower.appendAsFollower(Buffer.from(bytes), 1);
    expect(() => follower.appendAsFollower(Buffer.from(bytes), 1)).toThrowError(/Unexpected offset/);
    expect(follower.logEndOffset).toBe(1);
  });
});

describe('truncation', () => {
  test('cuts segments, epochs and the high watermark', () => {
    const { open, clock, directory } = setUp();
    const log = open({ segmentBytes: 400 });
    for (let i = 0; i < 20; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(50)]), i < 10 ? 1 : 2);
    log.updateHighWatermark(20);
    expect(log.truncateTo(10)).toBe(true);
    expect(log.logEndOffset).toBe(10);
    expect(log.highWatermark).toBe(10);
    expect(log.latestEpoch).toBe(1);
    expect(contentsOf(log)).toHaveLength(10);
    expect(log.appendAsLeader(batchOf(['new']), 3).baseOffset).toBe(10);
    expect(contentsOf(log).at(-1)).toBe('10:new');
    expect(log.truncateTo(11)).toBe(false);
    expect(readdirSync(directory).some((name) => name.endsWith('.deleted'))).toBe(true);
    clock.advance(60_000);
    expect(readdirSync(directory).some((name) => name.endsWith('.deleted'))).toBe(false);
  });

  test('in the middle of a batch takes the batch', () => {
    const log = setUp().open();
    log.appendAsLeader(batchOf(['a', 'b']), 0);
    log.appendAsLeader(batchOf(['c', 'd']), 0);
    log.truncateTo(3);
    expect(log.logEndOffset).toBe(2);
  });

  test('fully, and starts anew elsewhere', () => {
    const { open } = setUp();
    const log = open();
    log.appendAsLeader(batchOf(['a', 'b']), 0);
    log.truncateFullyAndStartAt(50);
    expect([log.logStartOffset, log.logEndOffset, log.highWatermark]).toEqual([50, 50, 50]);
    expect(log.appendAsLeader(batchOf(['z']), 4).baseOffset).toBe(50);
    expect(contentsOf(log)).toEqual(['50:z']);
  });
});

describe('deletion', () => {
  test('DeleteRecords moves the log start, retention removes what lies below', () => {
    const log = setUp().open({ segmentBytes: 400 });
    for (let i = 0; i < 20; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(50)]), 0);
    expect(() => log.advanceLogStartOffset(9)).toThrowError(
      expect.objectContaining({ errorName: 'OFFSET_OUT_OF_RANGE' }),
    );
    log.updateHighWatermark(20);
    expect(log.advanceLogStartOffset(9)).toBe(true);
    expect(log.logStartOffset).toBe(9);
    expect(log.applyRetention()).toBeGreaterThan(0);
    expect(log.logStartOffset).toBe(9);
    expect(log.segmentBaseOffsets[0]).toBeLessThanOrEqual(9);
    expect(contentsOf(log)[0]).toMatch(/^9:v9/);
  });

  test('by time leaves one empty segment at the log end', () => {
    const { open, clock, directory } = setUp();
    const log = open({ retentionMs: 1000 });
    log.appendAsLeader(batchOf(['a', 'b']), 0);
    log.updateHighWatermark(2);
    clock.advance(1001);
    expect(log.applyRetention()).toBe(0);
    clock.advance(1);
    expect(log.applyRetention()).toBe(1);
    expect([log.logStartOffset, log.logEndOffset]).toEqual([2, 2]);
    expect(log.segmentBaseOffsets).toEqual([2]);
    expect(readdirSync(directory)).toContain('00000000000000000000.log.deleted');
    expect(log.applyRetention()).toBe(0);
  });

  test('by size keeps at least retention.bytes, and nothing goes above the high watermark', () => {
    const log = setUp().open({ segmentBytes: 400, retentionBytes: 900 });
    for (let i = 0; i < 20; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(50)]), 0);
    expect(log.applyRetention()).toBe(0);
    log.updateHighWatermark(20);
    log.applyRetention();
    expect(log.sizeBytes).toBeGreaterThanOrEqual(900);
    expect(log.sizeBytes).toBeLessThan(900 + 400);
  });

  test('a deleted log is renamed at once and removed later', () => {
    const { open, clock, directory } = setUp();
    const log = open();
    log.appendAsLeader(batchOf(['a']), 0);
    log.deleteDirectory();
    expect(log.directory).toMatch(/topic-0\.[0-9a-f]{32}-delete$/);
    expect(readdirSync(join(directory, '..'))).toHaveLength(1);
    clock.advance(60_000);
    expect(readdirSync(join(directory, '..'))).toHaveLength(0);
    expect(() => log.appendAsLeader(batchOf(['b']), 0)).toThrowError(
      expect.objectContaining({ errorName: 'KAFKA_STORAGE_ERROR' }),
    );
  });
});

describe('segments smaller than what is sent', () => {
  test('a leader sends no more than a segment at once, a follower takes more in pieces', () => {
    const leader = setUp().open({ segmentBytes: 1000 });
    for (let i = 0; i < 30; i++) leader.appendAsLeader(batchOf([`v${i}`.padEnd(50)]), 1);
    expect(leader.read(0, 100_000, 30, true).sizeBytes).toBeLessThanOrEqual(1000);
    const all: Buffer[] = [];
    for (let offset = 0; offset < 30; ) {
      const result = leader.read(offset, 100_000, 30, true);
      all.push(...result.chunks);
      offset = result.nextOffset;
    }
    const follower = setUp().open({ segmentBytes: 500 });
    const result = follower.appendAsFollower(Buffer.concat(all), 1);
    expect(result).toMatchObject({ baseOffset: 0, lastOffset: 29, sizeBytes: leader.sizeBytes });
    expect(contentsOf(follower)).toEqual(contentsOf(leader));
  });
});
