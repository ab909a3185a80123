import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { writeBootstrapCheckpoint } from '../../src/raft/bootstrap-checkpoint.ts';
import { ControlState } from '../../src/raft/control-state.ts';
import { decodeCommittedBatches } from '../../src/raft/raft-listeners.ts';
import {
  buildSnapshot,
  compareOffsetAndEpoch,
  parseSnapshot,
  parseSnapshotFileName,
  snapshotFileName,
} from '../../src/raft/snapshot-format.ts';
import { VoterSet } from '../../src/raft/voter-set.ts';
import * as batch from '../../src/records/record-batch.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { SimulatedFileSystem } from '../simulation/simulated-file-system.ts';

const reference = join(import.meta.dirname, '../../../shared/reference/traffic/metadata-log');
const BOOTSTRAP = { offset: 0, epoch: 0 };

/** What `kafka-storage format --initial-controllers` of Apache Kafka 4.4.0 wrote for three voters. */
const KAFKA_CHECKPOINT = Buffer.from(
  [
    'AAAAAAAAAAAAAAEBAAAAAAIJEGw8ACAAAAACAAABog9VPPQAAAGiD1U89P//////////////////AAAAAyoAAAAIAAAAAxYAAAAA',
    'AaIPVTzEAAAeAAACCAAAAAUKAAAAAQAA0AIAAAQIAAAABroCAAAEAAAAAZhGMlTbOknNlVNiQxgIonsCC0NPTlRST0xMRVIKbG9j',
    'YWxob3N0v8YAAAAAAQAAAAAAAsCFD5fMQEyomFktDJ3Cgh0CC0NPTlRST0xMRVIKbG9jYWxob3N0v8gAAAAAAQAAAAAAA1RDaII9',
    'nkATuQMjyUe/e7cCC0NPTlRST0xMRVIKbG9jYWxob3N0v8oAAAAAAQAAAAAAAAAAAAAAAwAAAPEAAAAAAu/xhKoAAAAAAAUAAAGi',
    'D1U9MAAAAaIPVT0w//////////////////8AAAAGOgAAAAEuAQwAEW1ldGFkYXRhLnZlcnNpb24AIQAAWgAAAgFOAQwAIWVsaWdp',
    'YmxlLmxlYWRlci5yZXBsaWNhcy52ZXJzaW9uAAEAADQAAAQBKAEMAA5ncm91cC52ZXJzaW9uAAEAADQAAAYBKAEMAA5zaGFyZS52',
    'ZXJzaW9uAAIAADgAAAgBLAEMABBzdHJlYW1zLnZlcnNpb24AAQAAQAAACgE0AQwAFHRyYW5zYWN0aW9uLnZlcnNpb24AAgAAAAAA',
    'AAAAAAkAAAA/AAAAAALxrbOyACAAAAAAAAABog9VPTcAAAGiD1U9N///////////////////AAAAARoAAAAIAAAABAYAAAAA',
  ].join(''),
  'base64',
);

const VOTERS = [
  { id: 1, directoryId: 'mEYyVNs6Sc2VU2JDGAiiew', port: 49094 },
  { id: 2, directoryId: 'wIUPl8xATKiYWS0MncKCHQ', port: 49096 },
  { id: 3, directoryId: 'VENogj2eQBO5AyPJR797tw', port: 49098 },
].map(({ id, directoryId, port }) => ({
  id,
  directoryId,
  endpoints: [{ name: 'CONTROLLER', host: 'localhost', port }],
}));

function batchesOf(bytes: Buffer): Buffer[] {
  const batches: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += batch.batchSizeBytes(bytes, at)) {
    batches.push(bytes.subarray(at, at + batch.batchSizeBytes(bytes, at)));
  }
  return batches;
}

function disk(): SimulatedFileSystem {
  return new SimulatedFileSystem({ clock: new SimulatedClock(), random: seededRandom(1) });
}

// Goal: Kafka's snapshots are read, and ours are the same bytes.
describe('the bootstrap checkpoint', () => {
  it('of Apache Kafka is read: header, voters, values, footer', () => {
    const content = parseSnapshot(BOOTSTRAP, KAFKA_CHECKPOINT);
    expect(content.lastContainedLogTimestamp).toBe(1795553574084);
    expect(content.values).toHaveLength(6);
    const control = new ControlState(new VoterSet([]));
    control.observe(KAFKA_CHECKPOINT, -1);
    expect(control.kraftVersion).toBe(1);
    expect(control.votersOffset).toBe(-1);
    expect(
      control.voters.nodes.map((node) => ({
        id: node.key.id,
        directoryId: node.key.directoryId,
        endpoints: node.endpoints,
      })),
    ).toEqual(VOTERS);
  });

  it('is written byte for byte as Apache Kafka writes it', () => {
    const { values, lastContainedLogTimestamp } = parseSnapshot(BOOTSTRAP, KAFKA_CHECKPOINT);
    const expected = batchesOf(KAFKA_CHECKPOINT);
    // Kafka takes the time anew for each batch.
    expected.forEach((bytes, i) => {
      const voters = new VoterSet(
        VOTERS.map(({ id, directoryId, endpoints }) => ({
          key: { id, directoryId },
          endpoints,
          supportedKRaftVersions: { min: 0, max: 1 },
        })),
      );
      const ours = buildSnapshot({
        id: BOOTSTRAP,
        lastContainedLogTimestamp,
        kraftVersion: 1,
        voters,
        values,
        timestampMs: batch.maxTimestamp(bytes, 0),
      });
      expect(batchesOf(ours)[i]?.toString('hex')).toBe(bytes.toString('hex'));
    });
  });

  it('lies in the metadata directory, readable for its owner only', () => {
    const fileSystem = disk();
    const checkpoint = { directory: '/d/__cluster_metadata-0', kraftVersion: 1, voters: VOTERS } as const;
    writeBootstrapCheckpoint(fileSystem, { ...checkpoint, values: [Buffer.from('a')], timestampMs: 5 });
    const path = '/d/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint';
    expect(fileSystem.fileMode(path)).toBe(0o400);
    expect(parseSnapshot(BOOTSTRAP, fileSystem.readFile(path)).values.map(String)).toEqual(['a']);
  });

  it('names no voters without initial controllers, and no kraft.version in a static quorum', () => {
    const read = (kraftVersion: 0 | 1): ControlState => {
      const fileSystem = disk();
      writeBootstrapCheckpoint(fileSystem, {
        directory: '/d',
        kraftVersion,
        voters: undefined,
        values: [],
        timestampMs: 5,
      });
      const control = new ControlState(new VoterSet([]));
      control.observe(fileSystem.readFile(`/d/${snapshotFileName(BOOTSTRAP)}`), -1);
      return control;
    };
    expect([read(1).kraftVersion, read(1).votersOffset]).toEqual([1, undefined]);
    expect([read(0).kraftVersion, read(0).votersOffset]).toEqual([0, undefined]);
  });
});

describe('a snapshot file', () => {
  it('has its end offset and epoch in its name', () => {
    expect(snapshotFileName({ offset: 1840, epoch: 5 })).toBe('00000000000000001840-0000000005.checkpoint');
    expect(parseSnapshotFileName('00000000000000001840-0000000005.checkpoint')).toEqual({
      id: { offset: 1840, epoch: 5 },
      isWhole: true,
    });
    expect(parseSnapshotFileName('00000000000000001840-0000000005.checkpoint.part')?.isWhole).toBe(false);
    expect(parseSnapshotFileName('00000000000000001840.snapshot')).toBeUndefined();
    expect(compareOffsetAndEpoch({ offset: 9, epoch: 1 }, { offset: 3, epoch: 2 })).toBeLessThan(0);
  });

  it('is refused when anything of it is missing or changed', () => {
    for (let length = 0; length < KAFKA_CHECKPOINT.length; length++) {
      expect(() => parseSnapshot(BOOTSTRAP, KAFKA_CHECKPOINT.subarray(0, length)), `${length} bytes`).toThrow(
        /damaged/,
      );
    }
    for (let at = 0; at < KAFKA_CHECKPOINT.length; at += 7) {
      const changed = Buffer.from(KAFKA_CHECKPOINT);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      const isCovered = ![...coveredByNothing(KAFKA_CHECKPOINT)].includes(at);
      if (isCovered) expect(() => parseSnapshot(BOOTSTRAP, changed), `byte ${at}`).toThrow();
    }
  });

  it('splits its values into batches of at most 8 MiB, offsets running on', () => {
    const values = Array.from({ length: 20 }, () => Buffer.alloc(1024 * 1024, 1));
    const bytes = buildSnapshot({
      id: { offset: 7, epoch: 3 },
      lastContainedLogTimestamp: 1,
      kraftVersion: 0,
      voters: undefined,
      values,
      timestampMs: 2,
    });
    const batches = batchesOf(bytes);
    expect(batches.map((one) => batch.recordCount(one, 0))).toEqual([1, 7, 7, 6, 1]);
    expect(batches.map((one) => batch.baseOffset(one, 0))).toEqual([0, 1, 8, 15, 21]);
    expect(batches.every((one) => batch.partitionLeaderEpoch(one, 0) === 3)).toBe(true);
    expect(parseSnapshot({ offset: 7, epoch: 3 }, bytes).values).toHaveLength(20);
  });
});

/** Bytes outside the CRC whose value nothing checks: base offsets and leader epochs. */
function* coveredByNothing(bytes: Buffer): Generator<number> {
  for (let at = 0; at < bytes.length; at += batch.batchSizeBytes(bytes, at)) {
    for (let i = 0; i < 8; i++) yield at + i;
    for (let i = batch.PARTITION_LEADER_EPOCH_AT; i < batch.MAGIC_AT; i++) yield at + i;
  }
}

describe.runIf(existsSync(reference))('a metadata log that Apache Kafka 4.4.0 wrote', () => {
  const count = (pattern: RegExp, file: string): number =>
    readFileSync(join(reference, file), 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line)).length;

  it('snapshot: as many records as kafka-dump-log shows', () => {
    const name = '00000000000000001840-0000000005.checkpoint';
    const content = parseSnapshot({ offset: 1840, epoch: 5 }, readFileSync(join(reference, name)));
    expect(content.values).toHaveLength(count(/payload:/, `${name}.txt`));
  });

  it('segment: every epoch and every change of the voters', () => {
    const records = readFileSync(join(reference, '00000000000000000000.log'));
    const batches = decodeCommittedBatches(records);
    expect([...new Set(batches.map((one) => one.epoch))]).toEqual([1, 3, 4]);
    expect(batches[0]?.baseOffset).toBe(3);
    const control = new ControlState(new VoterSet([]));
    control.observe(records);
    expect(control.kraftVersion).toBe(1);
    expect(control.votersAt(2)?.ids).toEqual([1, 2, 3]);
    expect(control.voters.ids.length).toBeGreaterThanOrEqual(3);
    control.truncateFrom(3);
    expect(control.votersOffset).toBe(2);
    control.truncateFrom(2);
    expect(control.votersOffset).toBeUndefined();
  });
});
