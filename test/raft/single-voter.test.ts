import { describe, expect, it } from 'vitest';
import { DIRECTORY, Quorum } from './quorum-harness.ts';

describe('a lone voter', () => {
  // Goal: a formatted folder becomes a working controller log without waiting for any timeout.
  it('elects itself at once, copies the voters into the log and activates when that is committed', () => {
    const quorum = new Quorum({ seed: 1, voters: 1, logger: (id, m) => console.log(id, m) });
    const raft = quorum.start(1);
    expect(raft.isLeader).toBe(true);
    expect(raft.leaderAndEpoch).toEqual({ leaderId: 1, epoch: 1 });
    expect(raft.logEndOffset).toBe(3);
    expect(raft.highWatermark).toBeUndefined();
    quorum.clock.runFor(10);
    expect(raft.highWatermark).toBe(3);
    expect(quorum.node(1).listener.bootstrap).toEqual(['bootstrap']);
    expect(quorum.node(1).listener.leaders).toEqual([{ leaderId: 1, epoch: 1 }]);
    expect(quorum.append('a')).toBe(3);
    quorum.clock.runFor(10);
    expect(quorum.node(1).listener.values.get(3)).toBe('a');
    console.log(quorum.node(1).disk.list(DIRECTORY), quorum.fatal);
  });
});
