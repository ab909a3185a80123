import { describe, expect, it } from 'vitest';
import { type Instant, LeaderProgress } from '../../src/raft/leader-progress.ts';
import type { ReplicaKey } from '../../src/raft/raft-types.ts';
import { VoterSet } from '../../src/raft/voter-set.ts';

const KEYS: readonly ReplicaKey[] = [
  { id: 1, directoryId: 'mEYyVNs6Sc2VU2JDGAiiew' },
  { id: 2, directoryId: 'aEYyVNs6Sc2VU2JDGAiieA' },
  { id: 3, directoryId: 'bEYyVNs6Sc2VU2JDGAiieA' },
  { id: 4, directoryId: 'cEYyVNs6Sc2VU2JDGAiieA' },
];
const FETCH_TIMEOUT_MS = 2000;

function key(id: number): ReplicaKey {
  const found = KEYS[id - 1];
  if (found === undefined) throw new Error(`no replica ${id}`);
  return found;
}

function votersOf(...ids: number[]): VoterSet {
  return new VoterSet(ids.map((id) => ({ key: key(id), endpoints: [], supportedKRaftVersions: { min: 0, max: 1 } })));
}

const at = (monotonicMs: number): Instant => ({ monotonicMs, timestampMs: 1_000_000 + monotonicMs });

function leaderFrom(epochStartOffset: number, voters: VoterSet): LeaderProgress {
  return new LeaderProgress(key(1), voters, epochStartOffset, FETCH_TIMEOUT_MS, 0);
}

// Goal: what is committed is on the disks of a majority, and includes a record of the leader's own epoch.
describe('the high watermark of a leader', () => {
  it('is what a majority holds, the leader included only up to what it has synced', () => {
    const voters = votersOf(1, 2, 3);
    const progress = leaderFrom(10, voters);
    expect(progress.updateReplica(key(2), 14, 14, at(1))).toBe(false);
    expect(progress.highWatermark).toBeUndefined();
    expect(progress.updateLocal(12, voters)).toBe(true);
    expect(progress.highWatermark).toBe(12);
    expect(progress.updateLocal(20, voters)).toBe(true);
    expect(progress.highWatermark).toBe(14);
  });

  it('stays unknown until a majority has a record of this epoch', () => {
    const voters = votersOf(1, 2, 3);
    const progress = leaderFrom(10, voters);
    progress.updateLocal(11, voters);
    expect(progress.updateReplica(key(2), 10, 11, at(1))).toBe(false);
    expect(progress.highWatermark).toBeUndefined();
    expect(progress.updateReplica(key(2), 11, 11, at(2))).toBe(true);
    expect(progress.highWatermark).toBe(11);
  });

  it("counts no observers, and no replica with a voter's id and another disk", () => {
    const voters = votersOf(1, 2, 3);
    const progress = leaderFrom(0, voters);
    progress.updateLocal(5, voters);
    expect(progress.updateReplica(key(4), 5, 5, at(1))).toBe(false);
    expect(progress.updateReplica({ id: 2, directoryId: 'zEYyVNs6Sc2VU2JDGAiieA' }, 5, 5, at(1))).toBe(false);
    expect(progress.highWatermark).toBeUndefined();
    expect(progress.observers(at(1)).map((one) => one.key.id)).toEqual([4, 2]);
  });

  it('does not go back when a follower comes back with less, or when voters are added', () => {
    const voters = votersOf(1, 2, 3);
    const progress = leaderFrom(0, voters);
    progress.updateLocal(5, voters);
    progress.updateReplica(key(2), 5, 5, at(1));
    expect(progress.highWatermark).toBe(5);
    expect(progress.updateReplica(key(2), 3, 5, at(2))).toBe(false);
    expect(progress.updateLocal(5, votersOf(1, 2, 3, 4))).toBe(false);
    expect(progress.highWatermark).toBe(5);
  });

  it('leaves the leader out once it is no voter any more', () => {
    const progress = leaderFrom(0, votersOf(1, 2, 3));
    progress.updateLocal(8, votersOf(2, 3));
    progress.updateReplica(key(2), 8, 8, at(1));
    expect(progress.highWatermark).toBeUndefined();
    progress.updateReplica(key(3), 7, 8, at(1));
    expect(progress.highWatermark).toBe(7);
  });

  it('of a lone voter is its own synced end', () => {
    const voters = votersOf(1);
    const progress = leaderFrom(0, voters);
    progress.updateLocal(3, voters);
    expect(progress.highWatermark).toBe(3);
  });
});

// Goal: a leader that is cut off steps down instead of serving for ever what nobody confirms.
describe('check quorum', () => {
  it('gives a leader one and a half fetch timeouts without fetches of a majority', () => {
    const progress = leaderFrom(0, votersOf(1, 2, 3));
    expect(progress.timeUntilCheckQuorumMs(0)).toBe(3000);
    progress.noteFetch(key(2), at(1000));
    expect(progress.timeUntilCheckQuorumMs(1000)).toBe(3000);
    progress.noteFetch(key(4), at(2000));
    expect(progress.timeUntilCheckQuorumMs(4000)).toBe(0);
  });

  it('never expires for a lone voter', () => {
    expect(leaderFrom(0, votersOf(1)).timeUntilCheckQuorumMs(1e9)).toBe(Number.POSITIVE_INFINITY);
  });

  it('reminds the voters that have not fetched for half a fetch timeout', () => {
    const progress = leaderFrom(0, votersOf(1, 2, 3));
    expect(progress.votersToRemind(0).map((voter) => voter.id)).toEqual([2, 3]);
    progress.updateReplica(key(2), 0, 0, at(500));
    expect(progress.votersToRemind(1000).map((voter) => voter.id)).toEqual([3]);
    expect(progress.votersToRemind(1500).map((voter) => voter.id)).toEqual([2, 3]);
  });
});

describe('a leader that goes', () => {
  it('prefers the successor with the longest log', () => {
    const progress = leaderFrom(0, votersOf(1, 2, 3, 4));
    progress.updateReplica(key(3), 9, 9, at(1));
    progress.updateReplica(key(2), 7, 9, at(1));
    expect(progress.successors().map((voter) => voter.id)).toEqual([3, 2, 4]);
  });
});
