import { describe, expect, it } from 'vitest';
import { EpochElection } from '../../src/raft/epoch-election.ts';
import {
  canGrantVote,
  type EpochState,
  invalidTransition,
  type StateName,
  TRANSITIONS,
} from '../../src/raft/epoch-state.ts';
import { LeaderProgress } from '../../src/raft/leader-progress.ts';
import type { ReplicaKey } from '../../src/raft/raft-types.ts';
import { VoterSet } from '../../src/raft/voter-set.ts';

const SELF: ReplicaKey = { id: 1, directoryId: 'mEYyVNs6Sc2VU2JDGAiiew' };
const OTHER: ReplicaKey = { id: 2, directoryId: 'aEYyVNs6Sc2VU2JDGAiieA' };
const voters = new VoterSet(
  [SELF, OTHER, { id: 3, directoryId: 'bEYyVNs6Sc2VU2JDGAiieA' }].map((key) => ({
    key,
    endpoints: [{ name: 'CONTROLLER', host: 'localhost', port: 9000 + key.id }],
    supportedKRaftVersions: { min: 0, max: 1 },
  })),
);

interface Known {
  readonly leaderId?: number;
  readonly votedKey?: ReplicaKey;
  readonly hasFetched?: boolean;
}

function state(name: StateName, epoch: number, known: Known = {}): EpochState {
  const { leaderId, votedKey } = known;
  const common = { epoch, leaderId, votedKey, leaderEndpoints: [], highWatermark: undefined };
  const electionDeadlineMs = 0;
  switch (name) {
    case 'Unattached':
      return { ...common, name, electionDeadlineMs };
    case 'Prospective':
    case 'Candidate':
      return { ...common, name, election: new EpochElection(voters), electionDeadlineMs };
    case 'Follower':
      return {
        ...common,
        name,
        leaderId: leaderId ?? 2,
        fetchDeadlineMs: 0,
        updateVoterDeadlineMs: 0,
        hasFetchedFromLeader: known.hasFetched ?? false,
        hasUpdatedLeader: false,
        download: undefined,
      };
    case 'Leader':
      return {
        ...common,
        name,
        leaderId: 1,
        epochStartOffset: 0,
        progress: new LeaderProgress(SELF, voters, 0, 2000, 0),
        isResignRequested: false,
      };
    case 'Resigned':
      return {
        ...common,
        name,
        leaderId: 1,
        electionDeadlineMs,
        preferredSuccessors: [],
        unacknowledgedVoterIds: new Set(),
      };
  }
}

const NAMES: readonly StateName[] = ['Unattached', 'Prospective', 'Candidate', 'Follower', 'Leader', 'Resigned'];

// Goal: the table of transitions is Kafka's, and nothing that is not in it can happen.
describe('the table of states', () => {
  it('allows exactly the transitions of KIP-595 and KIP-996', () => {
    const allowed = NAMES.map((from) => `${from}: ${Object.keys(TRANSITIONS[from]).join(' ')}`);
    expect(allowed).toEqual([
      'Unattached: Unattached Prospective Follower',
      'Prospective: Unattached Prospective Candidate Follower',
      'Candidate: Unattached Prospective Leader Follower',
      'Follower: Unattached Prospective Follower',
      'Leader: Unattached Follower Resigned',
      'Resigned: Unattached Prospective Follower',
    ]);
  });

  it('never goes back to an earlier epoch', () => {
    for (const from of NAMES) {
      for (const to of NAMES) {
        expect(invalidTransition(state(from, 5), state(to, 4), true), `${from} to ${to}`).toBeDefined();
      }
    }
  });

  it('raises the epoch by one for a candidate, and leads in the epoch that was won', () => {
    expect(invalidTransition(state('Prospective', 5), state('Candidate', 6), true)).toBeUndefined();
    expect(invalidTransition(state('Prospective', 5), state('Candidate', 5), true)).toMatch(/epoch must be next/);
    expect(invalidTransition(state('Prospective', 5), state('Candidate', 7), true)).toMatch(/epoch must be next/);
    expect(invalidTransition(state('Candidate', 6), state('Leader', 6), true)).toBeUndefined();
    expect(invalidTransition(state('Candidate', 6), state('Leader', 7), true)).toBeDefined();
  });

  it('lets a leader out of its epoch only by resigning or by a higher epoch', () => {
    expect(invalidTransition(state('Leader', 5), state('Resigned', 5), true)).toBeUndefined();
    expect(invalidTransition(state('Leader', 5), state('Follower', 5), true)).toBeDefined();
    expect(invalidTransition(state('Leader', 5), state('Unattached', 5), true)).toBeDefined();
    expect(invalidTransition(state('Leader', 5), state('Follower', 6), true)).toBeUndefined();
    expect(invalidTransition(state('Resigned', 5), state('Unattached', 5), true)).toBeDefined();
  });

  it('takes back no vote within an epoch', () => {
    const voted = state('Unattached', 5, { votedKey: OTHER });
    expect(invalidTransition(voted, state('Unattached', 5), true)).toMatch(/vote cannot be taken back/);
    expect(invalidTransition(voted, state('Follower', 5, { leaderId: 3 }), true)).toMatch(/vote cannot be taken back/);
    expect(invalidTransition(voted, state('Follower', 5, { leaderId: 3, votedKey: OTHER }), true)).toBeUndefined();
    expect(invalidTransition(voted, state('Unattached', 6), true)).toBeUndefined();
  });

  it('knows one leader an epoch', () => {
    const followed = state('Follower', 5, { leaderId: 2 });
    expect(invalidTransition(followed, state('Follower', 5, { leaderId: 3 }), true)).toMatch(/one leader/);
    expect(invalidTransition(followed, state('Follower', 6, { leaderId: 3 }), true)).toBeUndefined();
  });

  it('keeps observers out of elections', () => {
    expect(invalidTransition(state('Unattached', 5), state('Prospective', 5), false)).toMatch(/observer/);
    expect(invalidTransition(state('Prospective', 5), state('Candidate', 6), false)).toMatch(/observer/);
    expect(invalidTransition(state('Unattached', 5), state('Follower', 6), false)).toBeUndefined();
  });
});

// Goal: votes are granted as Kafka grants them: one an epoch, only to a log that misses nothing.
describe('a vote', () => {
  const grants = (from: EpochState, isUpToDate: boolean, isPreVote: boolean): boolean =>
    canGrantVote(from, OTHER, isUpToDate, isPreVote);

  it('goes to an up-to-date candidate while nobody leads and nobody got it', () => {
    expect(grants(state('Unattached', 5), true, false)).toBe(true);
    expect(grants(state('Unattached', 5), false, false)).toBe(false);
    expect(grants(state('Unattached', 5, { leaderId: 3 }), true, false)).toBe(false);
    expect(grants(state('Prospective', 5), true, false)).toBe(true);
  });

  it('goes again to the candidate that got it, and to no other', () => {
    expect(grants(state('Unattached', 5, { votedKey: OTHER }), false, false)).toBe(true);
    expect(grants(state('Unattached', 5, { votedKey: { id: 3, directoryId: undefined } }), true, false)).toBe(false);
    const sameIdOtherDisk: ReplicaKey = { id: 2, directoryId: 'zEYyVNs6Sc2VU2JDGAiieA' };
    expect(grants(state('Unattached', 5, { votedKey: sameIdOtherDisk }), true, false)).toBe(false);
    expect(grants(state('Unattached', 5, { votedKey: { id: 2, directoryId: undefined } }), true, false)).toBe(true);
  });

  it('is refused by candidates, followers and leaders', () => {
    for (const name of ['Candidate', 'Follower', 'Leader', 'Resigned'] as const) {
      expect(grants(state(name, 5), true, false), name).toBe(false);
    }
  });

  it('before the vote: a follower that hears from its leader protects it', () => {
    expect(grants(state('Follower', 5), true, true)).toBe(true);
    expect(grants(state('Follower', 5, { hasFetched: true }), true, true)).toBe(false);
    expect(grants(state('Leader', 5), true, true)).toBe(false);
  });

  it('before the vote: everybody else grants it to an up-to-date log, even after having voted', () => {
    for (const name of ['Unattached', 'Prospective', 'Candidate', 'Resigned'] as const) {
      expect(grants(state(name, 5, { votedKey: SELF }), true, true), name).toBe(true);
      expect(grants(state(name, 5), false, true), name).toBe(false);
    }
  });
});

describe('an election', () => {
  it('is won by a majority and lost when no majority is left', () => {
    const election = new EpochElection(voters);
    election.record(1, true);
    expect([election.isGranted, election.isRejected]).toEqual([false, false]);
    election.record(3, false);
    expect([election.isGranted, election.isRejected]).toEqual([false, false]);
    election.record(2, true);
    expect([election.isGranted, election.isRejected]).toEqual([true, false]);
    const lost = new EpochElection(voters);
    lost.record(1, true);
    lost.record(2, false);
    lost.record(3, false);
    expect([lost.isGranted, lost.isRejected]).toEqual([false, true]);
  });

  it('counts no votes of nodes that are no voters', () => {
    const election = new EpochElection(voters);
    election.record(1, true);
    election.record(9, true);
    expect(election.isGranted).toBe(false);
    expect(election.unrecordedVoters.map((voter) => voter.id)).toEqual([2, 3]);
  });
});
