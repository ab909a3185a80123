import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { batchesOnDisk } from './invariants.ts';
import { DIRECTORY, Quorum } from './quorum-harness.ts';

function lone(kraftVersion: 0 | 1 = 1) {
  const quorum = new Quorum({ seed: 1, voters: 1, kraftVersion });
  const raft = quorum.start(1);
  const node = quorum.node(1);
  return { quorum, raft, node };
}

describe('a lone voter', () => {
  // Goal: a formatted folder becomes a working controller log without waiting for any timeout.
  it('leads at once, copies the voters into the log and is active when that is on the disk', () => {
    const { quorum, raft, node } = lone();
    expect(raft.leaderAndEpoch).toEqual({ leaderId: 1, epoch: 1 });
    expect(raft.isLeader).toBe(true);
    // LeaderChange, KRaftVersion, KRaftVoters.
    expect(raft.logEndOffset).toBe(3);
    expect(raft.highWatermark).toBeUndefined();
    expect(node.listener.leaders).toEqual([]);
    quorum.clock.runFor(10);
    expect(raft.highWatermark).toBe(3);
    expect(node.listener.bootstrap).toEqual(['bootstrap']);
    expect(node.listener.leaders).toEqual([{ leaderId: 1, epoch: 1 }]);
    expect(raft.status.voters).toEqual([{ id: 1, directoryId: node.directoryId, endpoints: [quorum.endpointOf(1)] }]);
  });

  it('writes LeaderChange alone in a static quorum', () => {
    const { raft, node } = lone(0);
    expect(raft.logEndOffset).toBe(1);
    expect(raft.status.kraftVersion).toBe(0);
    const state = node.disk.readFile(join(DIRECTORY, 'quorum-state')).toString();
    expect(JSON.parse(state)).toMatchObject({ leaderId: 1, currentVoters: [{ voterId: 1 }], data_version: 0 });
  });

  it('commits an append with one sync of the log', () => {
    const { quorum, raft, node } = lone();
    quorum.clock.runFor(10);
    const before = node.disk.syncCount;
    expect(raft.append(1, [Buffer.from('a'), Buffer.from('b')])).toBe(4);
    expect(raft.highWatermark).toBe(3);
    quorum.clock.runFor(10);
    expect(node.listener.values).toEqual(
      new Map([
        [3, 'a'],
        [4, 'b'],
      ]),
    );
    expect(node.disk.syncCount - before).toBe(1);
  });

  it('commits what is appended during a sync with the next one, together', () => {
    const { quorum, raft, node } = lone();
    quorum.clock.runFor(10);
    const before = node.disk.syncCount;
    for (let i = 0; i < 50; i++) raft.append(1, [Buffer.from(`${i}`)]);
    quorum.clock.runFor(20);
    expect(raft.highWatermark).toBe(53);
    expect(node.disk.syncCount - before).toBe(2);
  });

  it('leads in the next epoch after each restart, with everything that was committed', () => {
    const { quorum, raft } = lone();
    quorum.clock.runFor(10);
    raft.append(1, [Buffer.from('a')]);
    quorum.clock.runFor(10);
    quorum.crash(1);
    const again = quorum.start(1);
    expect(again.leaderAndEpoch).toEqual({ leaderId: 1, epoch: 2 });
    quorum.clock.runFor(10);
    expect(quorum.node(1).listener.values).toEqual(new Map([[3, 'a']]));
    // The voters are in the log already: LeaderChange alone.
    expect(again.logEndOffset).toBe(5);
  });

  it('forgets an append that was not synced when the machine stops, and writes something else there', () => {
    const { quorum, raft } = lone();
    quorum.clock.runFor(10);
    raft.append(1, [Buffer.from('lost')]);
    expect(quorum.node(1).listener.values.size).toBe(0);
    quorum.crash(1);
    const again = quorum.start(1);
    quorum.clock.runFor(10);
    again.append(2, [Buffer.from('kept')]);
    quorum.clock.runFor(10);
    expect([...quorum.node(1).listener.values.values()]).toContain('kept');
  });

  it('takes appends of its own epoch only', () => {
    const { quorum, raft } = lone();
    quorum.clock.runFor(10);
    expect(() => raft.append(2, [Buffer.from('a')])).toThrow(/does not lead in epoch 2/);
    expect(() => raft.append(1, [Buffer.alloc(9 * 1024 * 1024)])).toThrow(/a batch holds 8388608/);
    expect(raft.logEndOffset).toBe(3);
  });

  it('ends with an error when its disk fails, and shows nothing that is not on it', () => {
    const { quorum, raft, node } = lone();
    quorum.clock.runFor(10);
    node.disk.failure = 'EIO';
    expect(() => raft.append(1, [Buffer.from('a')])).toThrow();
    quorum.clock.runFor(10);
    expect(node.listener.values.size).toBe(0);
    expect(quorum.fatal).toHaveLength(1);
  });

  it('ends with an error when the sync fails', () => {
    const { quorum, raft, node } = lone();
    quorum.clock.runFor(10);
    raft.append(1, [Buffer.from('a')]);
    node.disk.failure = 'EIO';
    quorum.clock.runFor(10);
    expect(node.listener.values.size).toBe(0);
    expect(quorum.fatal).toHaveLength(1);
  });

  it('closes without waiting for anybody', () => {
    const { quorum, raft } = lone();
    quorum.clock.runFor(10);
    let isClosed = false;
    raft.close(5000, () => {
      isClosed = true;
    });
    expect(isClosed).toBe(true);
    expect(() => raft.append(1, [Buffer.from('a')])).toThrow(/does not lead/);
  });
});

// Goal: a snapshot stands for the log before it: state machines start from it, and the log may go.
describe('snapshots of a lone voter', () => {
  function withSnapshot() {
    const { quorum, raft, node } = lone();
    quorum.clock.runFor(10);
    for (const text of ['a', 'b', 'c']) raft.append(1, [Buffer.from(text)]);
    quorum.clock.runFor(20);
    const { listener } = node;
    const id = { offset: listener.nextOffset, epoch: listener.lastEpoch };
    expect(raft.createSnapshot(id, listener.lastTimestamp, listener.snapshotValues())).toBe(true);
    return { quorum, raft, node, id };
  }

  it('are loaded at the next start, before what came after them', () => {
    const { quorum, raft, node, id } = withSnapshot();
    raft.append(1, [Buffer.from('d')]);
    quorum.clock.runFor(10);
    expect(node.disk.fileMode(join(DIRECTORY, '00000000000000000006-0000000001.checkpoint'))).toBe(0o400);
    quorum.kill(1);
    const again = quorum.start(1);
    quorum.clock.runFor(10);
    const { listener } = quorum.node(1);
    expect(listener.snapshots.map((snapshot) => snapshot.snapshotId)).toEqual([id]);
    expect(listener.bootstrap).toBeUndefined();
    expect([...listener.values.values()]).toEqual(['a', 'b', 'c', 'd']);
    expect(again.status.voters.map((voter) => voter.id)).toEqual([1]);
  });

  it('are refused for what is not committed, not the end of a batch, or another epoch', () => {
    const { raft, quorum } = withSnapshot();
    raft.append(1, [Buffer.from('d'), Buffer.from('e')]);
    expect(() => raft.createSnapshot({ offset: 8, epoch: 1 }, 0, [])).toThrow(/not committed/);
    quorum.clock.runFor(10);
    expect(() => raft.createSnapshot({ offset: 7, epoch: 1 }, 0, [])).toThrow(/where a batch of epoch 1 ends/);
    expect(() => raft.createSnapshot({ offset: 8, epoch: 2 }, 0, [])).toThrow(/where a batch of epoch 2 ends/);
    expect(raft.createSnapshot({ offset: 8, epoch: 1 }, 0, [])).toBe(true);
    expect(raft.createSnapshot({ offset: 8, epoch: 1 }, 0, [])).toBe(false);
  });

  it('go with the log before the next one when they are too large together, the latest stays', () => {
    const quorum = new Quorum({
      seed: 1,
      voters: 1,
      config: { retentionMaxBytes: 2000, segmentBytes: 700, cleaningIntervalMs: 1000 },
    });
    const raft = quorum.start(1);
    quorum.clock.runFor(10);
    const { listener, disk } = quorum.node(1);
    for (let i = 0; i < 60; i++) {
      raft.append(1, [Buffer.from(`value ${i}`)]);
      quorum.clock.runFor(10);
      if (i % 20 === 19) {
        const id = { offset: listener.nextOffset, epoch: listener.lastEpoch };
        raft.createSnapshot(id, listener.lastTimestamp, listener.snapshotValues());
      }
    }
    quorum.clock.runFor(1100);
    const names = disk.list(DIRECTORY);
    expect(names.filter((name) => name.endsWith('.checkpoint'))).toEqual([
      '00000000000000000063-0000000001.checkpoint',
    ]);
    expect(raft.status.logStartOffset).toBe(63);
    quorum.kill(1);
    quorum.start(1);
    quorum.clock.runFor(10);
    expect(quorum.node(1).listener.values.size).toBe(60);
    expect(quorum.fatal).toEqual([]);
  });

  it('are refused at the start when they are damaged', () => {
    const { quorum, node } = withSnapshot();
    quorum.kill(1);
    const path = join(DIRECTORY, '00000000000000000006-0000000001.checkpoint');
    node.disk.writeFileAtomically(path, node.disk.readFile(path).subarray(0, 100));
    expect(() => quorum.start(1)).toThrow(/00000000000000000006-0000000001.checkpoint is damaged/);
  });
});

// Goal: what a power failure leaves of files that were not synced never keeps a node from starting.
describe('a metadata log with a hole', () => {
  it('is cut off there: what follows was acknowledged to nobody', () => {
    const quorum = new Quorum({ seed: 1, voters: 1, config: { segmentBytes: 400 } });
    const raft = quorum.start(1);
    quorum.clock.runFor(10);
    for (let i = 0; i < 20; i++) {
      raft.append(1, [Buffer.from(`value ${i}`)]);
      quorum.clock.runFor(10);
    }
    quorum.kill(1);
    const { disk } = quorum.node(1);
    const [, second] = disk.list(DIRECTORY).filter((name) => name.endsWith('.log'));
    if (second === undefined) throw new Error('a second segment');
    const firstOffset = Number(second.slice(0, 20));
    const firstBatch = batchesOnDisk(quorum.node(1)).get(firstOffset);
    const file = disk.open(join(DIRECTORY, second), 'write');
    expect(file.sizeBytes()).toBeGreaterThan(firstBatch?.length ?? 0);
    file.truncate(firstBatch?.length ?? 0);
    file.sync();
    const again = quorum.start(1);
    quorum.clock.runFor(10);
    expect(again.logEndOffset).toBe(firstOffset + 2);
    again.append(2, [Buffer.from('after')]);
    quorum.clock.runFor(10);
    expect([...quorum.node(1).listener.values.values()].at(-1)).toBe('after');
    expect(quorum.fatal).toEqual([]);
  });
});
