import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FileHandle, type FileSystem, nodeFileSystem } from '../../src/base/file-system.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import * as batch from '../../src/records/record-batch.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { SimulatedFileSystem } from '../simulation/simulated-file-system.ts';
import { batchOf, contentsOf, setUp, T0, temporaryFolder, values } from './helpers.ts';

const LOG = '00000000000000000000.log';

describe('after an unclean stop', () => {
  test('a log that was cut at any byte keeps exactly its whole batches', () => {
    const { open, directory } = setUp();
    const log = open();
    const ends = [0];
    for (let i = 0; i < 4; i++) {
      log.appendAsLeader(batchOf([`v${i}`, 'x'], { producerId: 1, producerEpoch: 0, baseSequence: i * 2 }), i);
      ends.push(log.sizeBytes);
    }
    log.close(false);
    const whole = readFileSync(join(directory, LOG));
    for (let cut = 0; cut <= whole.length; cut += 3) {
      const folder = temporaryFolder();
      const copy = setUp({ folder });
      cpSync(directory, copy.directory, { recursive: true });
      truncateSync(join(copy.directory, LOG), cut);
      const recovered = copy.open();
      const batches = ends.filter((end) => end > 0 && end <= cut).length;
      expect(recovered.logEndOffset).toBe(batches * 2);
      expect(statSync(join(copy.directory, LOG)).size).toBe(ends[batches]);
      expect(recovered.latestEpoch).toBe(batches === 0 ? undefined : batches - 1);
      expect(recovered.activeProducers().map((producer) => producer.lastSequence)).toEqual(
        batches === 0 ? [] : [batches * 2 - 1],
      );
      const next = batchOf(['n'], { producerId: 1, producerEpoch: 0, baseSequence: batches * 2 });
      expect(recovered.appendAsLeader(next, 9).baseOffset).toBe(batches * 2);
      recovered.close(false);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a bad CRC ends the log: later batches and segments go', () => {
    const { open, directory } = setUp();
    const log = open({ segmentBytes: 500 });
    for (let i = 0; i < 20; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(50)]), 0);
    const second = log.segmentBaseOffsets[1] ?? -1;
    expect(log.segmentBaseOffsets.length).toBeGreaterThan(3);
    log.close(false);
    const path = join(directory, `${String(second).padStart(20, '0')}.log`);
    const bytes = readFileSync(path);
    const size = batch.batchSizeBytes(bytes, 0);
    bytes[size + 70] = (bytes[size + 70] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const recovered = open();
    expect(recovered.logEndOffset).toBe(second + 1);
    expect(recovered.segmentBaseOffsets).toEqual([0, second]);
    expect(contentsOf(recovered)).toHaveLength(second + 1);
  });

  // A file system may keep that the next file was made and lose what was written before.
  test.each([0, 1])('a segment whose end is lost, %i of its batches left, ends the log', (batchesLeft) => {
    const { open, directory } = setUp();
    const log = open({ segmentBytes: 500 });
    for (let i = 0; i < 20; i++) {
      log.appendAsLeader(batchOf([`v${i}`.padEnd(50)], { producerId: 1, producerEpoch: 0, baseSequence: i }), 0);
    }
    const second = log.segmentBaseOffsets[1] ?? -1;
    log.close(false);
    const path = join(directory, `${String(second).padStart(20, '0')}.log`);
    truncateSync(path, batchesLeft * batch.batchSizeBytes(readFileSync(path), 0));
    const recovered = open();
    const end = second + batchesLeft;
    expect(recovered.logEndOffset).toBe(end);
    expect(recovered.segmentBaseOffsets).toEqual([0, second]);
    expect(contentsOf(recovered)).toHaveLength(end);
    expect(recovered.activeProducers().map(({ lastSequence }) => lastSequence)).toEqual([end - 1]);
  });

  test('gaps that compaction left between segments are none', () => {
    const { open, directory } = setUp();
    const config = { segmentBytes: 500, cleanupPolicy: ['compact'] as const };
    const log = open(config);
    for (let i = 0; i < 20; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(50)]), 0);
    const second = log.segmentBaseOffsets[1] ?? -1;
    log.close(false);
    const path = join(directory, `${String(second).padStart(20, '0')}.log`);
    truncateSync(path, batch.batchSizeBytes(readFileSync(path), 0));
    expect(open(config).logEndOffset).toBe(20);
  });

  test('only segments from the recovery point on are scanned', () => {
    const { open, directory } = setUp();
    const log = open({ segmentBytes: 500 });
    for (let i = 0; i < 20; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(50)]), 0);
    log.close(false);
    const path = join(directory, LOG);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = 77;
    writeFileSync(path, bytes);
    const recovered = open({}, { recoveryPoint: 15 });
    expect(recovered.logEndOffset).toBe(20);
    expect(recovered.recoveryPoint).toBe(15);
  });

  test('the indexes are those of a clean stop, whatever was left of them', () => {
    const { open, directory } = setUp();
    const config = { indexIntervalBytes: 200 };
    const log = open(config);
    for (let i = 0; i < 50; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(80)], { timestamp: T0 + i }), 0);
    log.close();
    const index = join(directory, '00000000000000000000.index');
    const timeIndex = join(directory, '00000000000000000000.timeindex');
    const expected = [readFileSync(index), readFileSync(timeIndex)];
    expect(expected[0]?.length).toBeGreaterThan(80);
    const damages: (() => void)[] = [
      () => rmSync(index),
      () => appendFileSync(index, 'xyz'),
      // Preallocated, as a killed Kafka leaves it.
      () => truncateSync(index, 10_485_760),
      () => truncateSync(timeIndex, 10_485_756),
      () => writeFileSync(timeIndex, Buffer.alloc(24, 0x7f)),
    ];
    for (const hadCleanShutdown of [false, true]) {
      for (const damage of damages) {
        damage();
        const recovered = open(config, { hadCleanShutdown });
        expect(recovered.logEndOffset).toBe(50);
        recovered.close();
        expect([readFileSync(index), readFileSync(timeIndex)]).toEqual(expected);
      }
    }
  });

  test('the indexes of the active segment are preallocated, cut on a clean stop and on a roll, and rebuilt after a kill', () => {
    const { open, directory } = setUp();
    const config = { indexIntervalBytes: 200, segmentBytes: 4000, segmentIndexBytes: 1001 };
    const sizes = (baseOffset: number): number[] =>
      ['index', 'timeindex'].map(
        (kind) => statSync(join(directory, `${String(baseOffset).padStart(20, '0')}.${kind}`)).size,
      );
    const append = (log: PartitionLog, count: number): void => {
      for (let i = 0; i < count; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(80)], { timestamp: T0 + i }), 0);
    };
    const log = open(config);
    append(log, 1);
    expect(sizes(0)).toEqual([1000, 996]);
    append(log, 40);
    const active = log.segmentBaseOffsets.at(-1) ?? 0;
    expect(active).toBeGreaterThan(0);
    expect(sizes(active)).toEqual([1000, 996]);
    const rolled = sizes(0);
    expect(rolled[0]).toBeGreaterThan(8);
    expect(rolled[0]).toBeLessThan(200);
    log.close(false);
    const killed = open(config, { hadCleanShutdown: false });
    expect(killed.logEndOffset).toBe(41);
    expect(contentsOf(killed)).toHaveLength(41);
    append(killed, 1);
    expect(sizes(active)).toEqual([1000, 996]);
    killed.close();
    const [indexBytes = 0, timeIndexBytes = 0] = sizes(active);
    expect(indexBytes).toBeLessThan(200);
    expect(timeIndexBytes).toBeLessThan(200);
    // A clean start neither scans nor grows them; the next record does.
    const clean = open(config, { hadCleanShutdown: true });
    expect(sizes(active)).toEqual([indexBytes, timeIndexBytes]);
    append(clean, 1);
    expect(sizes(active)).toEqual([1000, 996]);
    clean.truncateTo(active + 1);
    append(clean, 1);
    expect(sizes(active)).toEqual([1000, 996]);
    expect(contentsOf(clean)).toHaveLength(active + 2);
  });

  test('leftovers of deletions go, orphaned indexes too, and interrupted swaps are finished', () => {
    const { open, directory } = setUp();
    const log = open({ segmentBytes: 300 });
    for (let i = 0; i < 6; i++) log.appendAsLeader(batchOf([`v${i}`.padEnd(50)]), 0);
    const bases = log.segmentBaseOffsets;
    log.close();
    const name = (offset: number, suffix: string): string =>
      join(directory, `${String(offset).padStart(20, '0')}${suffix}`);
    writeFileSync(name(77, '.log.deleted'), 'x');
    writeFileSync(name(88, '.timeindex'), 'x');
    // The cleaner had merged the first segment with itself and was about to put it in place.
    copyFileSync(name(0, '.log'), name(0, '.log.swap'));
    const recovered = open({}, { hadCleanShutdown: true });
    expect(recovered.segmentBaseOffsets).toEqual(bases);
    expect(contentsOf(recovered)).toHaveLength(6);
    expect(readdirSync(directory).filter((file) => /deleted|swap|00088/.test(file))).toEqual([]);
  });

  test('the leader-epoch-checkpoint is written once a segment, however many epochs there are', () => {
    const { open, directory } = setUp();
    const log = open();
    for (let epoch = 0; epoch < 10; epoch++) log.appendAsLeader(batchOf(['a']), epoch);
    log.close(false);
    const checkpoint = join(directory, 'leader-epoch-checkpoint');
    const expected = readFileSync(checkpoint, 'utf8');
    rmSync(checkpoint);
    let writes = 0;
    const rename: FileSystem['rename'] = (from, to) => {
      if (to === checkpoint) writes++;
      nodeFileSystem.rename(from, to);
    };
    const recovered = setUp({ fileSystem: { ...nodeFileSystem, rename }, folder: join(directory, '..') }).open();
    expect(recovered.latestEpoch).toBe(9);
    expect(readFileSync(checkpoint, 'utf8')).toBe(expected);
    expect(writes).toBe(1);
  });

  test('a broken leader-epoch-checkpoint is built again from the records', () => {
    const { open, directory } = setUp();
    const log = open();
    log.appendAsLeader(batchOf(['a']), 4);
    log.appendAsLeader(batchOf(['b']), 6);
    log.close();
    writeFileSync(join(directory, 'leader-epoch-checkpoint'), '0\n9\n4 0\n');
    const recovered = open({}, { hadCleanShutdown: true });
    expect(recovered.latestEpoch).toBe(6);
    expect(recovered.endOffsetForEpoch(4)).toEqual({ leaderEpoch: 4, endOffset: 1 });
    expect(readFileSync(join(directory, 'leader-epoch-checkpoint'), 'utf8')).toBe('0\n2\n4 0\n6 1\n');
  });
});

describe('after a clean stop', () => {
  test('nothing is scanned: damage within old bytes is not seen, and producers come from the snapshot', () => {
    const { open, directory } = setUp();
    const log = open();
    const options = { producerId: 3, producerEpoch: 0 };
    for (let i = 0; i < 3; i++) log.appendAsLeader(batchOf(['aaa'], { ...options, baseSequence: i }), 0);
    log.close();
    const bytes = readFileSync(join(directory, LOG));
    bytes[70] = 0;
    writeFileSync(join(directory, LOG), bytes);
    const again = open({}, { hadCleanShutdown: true });
    expect(again.logEndOffset).toBe(3);
    expect(again.recoveryPoint).toBe(3);
    expect(again.appendAsLeader(batchOf(['b'], { ...options, baseSequence: 2 }), 0)).toMatchObject({
      isDuplicate: true,
      baseOffset: 2,
    });
    expect(again.appendAsLeader(batchOf(['b'], { ...options, baseSequence: 3 }), 0).isDuplicate).toBe(false);
  });

  test('an untouched log is not written again', () => {
    const { open, directory } = setUp();
    const log = open();
    log.appendAsLeader(batchOf(['a']), 0);
    log.close();
    const stamp = (): string[] =>
      readdirSync(directory).map((name) => `${name} ${statSync(join(directory, name)).mtimeMs}`);
    const before = stamp();
    open({}, { hadCleanShutdown: true }).close();
    expect(stamp()).toEqual(before);
  });
});

// Found by the simulation of whole clusters: the old end of the segment before came back with the power.
test('a truncation is on the disk with the records that follow it, in whatever segment they are', () => {
  const disk = new SimulatedFileSystem({ clock: new SimulatedClock(), random: seededRandom(1) });
  disk.makeDirectory('/data');
  const { open } = setUp({ fileSystem: disk, folder: '/data' });
  const config = { flushMessages: 1, segmentMs: 1000 };
  const log = open(config);
  for (const value of ['a', 'b', 'c']) log.appendAsLeader(batchOf([value], { timestamp: T0 }), 0);
  log.truncateTo(1);
  log.appendAsLeader(batchOf(['d'], { timestamp: T0 + 5000 }), 1);
  log.appendAsLeader(batchOf(['e'], { timestamp: T0 + 5000 }), 1);
  expect(disk.list('/data/topic-0').filter((name) => name.endsWith('.log'))).toHaveLength(2);
  disk.crash();
  expect(contentsOf(open(config))).toEqual(['0:a', '1:d', '2:e']);
});

/** A disk that is full after so many more bytes; the write that does not fit is done in part. */
function smallDisk(): { fileSystem: FileSystem; room: { bytes: number } } {
  const room = { bytes: Number.POSITIVE_INFINITY };
  const wrap = (handle: FileHandle): FileHandle => ({
    path: handle.path,
    read: (into, offset, length, position) => handle.read(into, offset, length, position),
    write: (chunks, position) => {
      const bytes = Buffer.concat(chunks);
      if (bytes.length <= room.bytes) {
        room.bytes -= bytes.length;
        return handle.write([bytes], position);
      }
      handle.write([bytes.subarray(0, room.bytes)], position);
      room.bytes = 0;
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    sizeBytes: () => handle.sizeBytes(),
    sync: () => handle.sync(),
    syncInBackground: (done) => handle.syncInBackground(done),
    close: () => handle.close(),
  });
  return { fileSystem: { ...nodeFileSystem, open: (path, mode) => wrap(nodeFileSystem.open(path, mode)) }, room };
}

describe('a full disk', () => {
  test('an append throws KAFKA_STORAGE_ERROR, leaves nothing behind, and works again later', () => {
    const { fileSystem, room } = smallDisk();
    const { open, directory } = setUp({ fileSystem });
    const log = open();
    const producer = { producerId: 1, producerEpoch: 0 };
    log.appendAsLeader(batchOf(['a'], { ...producer, baseSequence: 0 }), 0);
    const size = log.sizeBytes;
    room.bytes = 30;
    expect(() => log.appendAsLeader(batchOf(['b'], { ...producer, baseSequence: 1 }), 0)).toThrowError(
      expect.objectContaining({ errorName: 'KAFKA_STORAGE_ERROR', message: expect.stringContaining('ENOSPC') }),
    );
    expect([log.logEndOffset, log.sizeBytes, statSync(join(directory, LOG)).size]).toEqual([1, size, size]);
    expect(contentsOf(log)).toEqual(['0:a']);
    room.bytes = Number.POSITIVE_INFINITY;
    expect(log.appendAsLeader(batchOf(['b'], { ...producer, baseSequence: 1 }), 0).baseOffset).toBe(1);
    log.close(false);
    expect(contentsOf(open())).toEqual(['0:a', '1:b']);
  });

  // Found by the simulation of whole clusters: a producer with several requests in flight was written out of order.
  test('what a new producer sent after a batch that found no room does not overtake it', () => {
    const { fileSystem, room } = smallDisk();
    const log = setUp({ fileSystem }).open();
    const producer = { producerId: 1, producerEpoch: 0 };
    const append = (value: string, baseSequence: number) =>
      log.appendAsLeader(batchOf([value], { ...producer, baseSequence }), 0);
    room.bytes = 30;
    expect(() => append('a', 0)).toThrowError(expect.objectContaining({ errorName: 'KAFKA_STORAGE_ERROR' }));
    room.bytes = Number.POSITIVE_INFINITY;
    expect(() => append('b', 1)).toThrowError(expect.objectContaining({ errorName: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }));
    append('a', 0);
    append('b', 1);
    expect(contentsOf(log)).toEqual(['0:a', '1:b']);
  });

  test('an index that cannot be written refuses the append before the records are written', () => {
    const { fileSystem, room } = smallDisk();
    const log = setUp({ fileSystem }).open({ indexIntervalBytes: 1 });
    const bytes = (i: number): Buffer => batchOf(values(1, 10), { timestamp: T0 + i });
    let count = 0;
    for (; count < 600; count++) log.appendAsLeader(bytes(count), 0);
    const size = log.sizeBytes / count;
    room.bytes = size * 1000;
    // Room for records only, never for a block of index entries.
    try {
      for (; count < 3000; count++) {
        log.appendAsLeader(bytes(count), 0);
        if (room.bytes < size + 4096) room.bytes = size;
      }
    } catch (error) {
      expect(error).toMatchObject({ errorName: 'KAFKA_STORAGE_ERROR' });
    }
    expect(count).toBeLessThan(3000);
    expect(log.logEndOffset).toBe(count);
    expect(log.sizeBytes).toBe(size * count);
    room.bytes = Number.POSITIVE_INFINITY;
    log.appendAsLeader(bytes(count), 0);
    expect(contentsOf(log, count - 2)).toHaveLength(3);
  });
});
