import type { EpochElection } from './epoch-election.ts';
import type { LeaderProgress } from './leader-progress.ts';
import type { OffsetAndEpoch, RaftEndpoint, ReplicaKey } from './raft-types.ts';

interface CommonState {
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly leaderEndpoints: readonly RaftEndpoint[];
  /** Whom this node voted for in `epoch`; a Candidate votes for itself. */
  readonly votedKey: ReplicaKey | undefined;
  /** Everything below is committed; undefined while unknown. */
  highWatermark: number | undefined;
}

/** Knows no leader to follow; with a votedKey it waits for the election's outcome ("Voted"). */
export interface UnattachedState extends CommonState {
  readonly name: 'Unattached';
  /** Monotonic; Infinity for an observer. */
  readonly electionDeadlineMs: number;
}

/** Asks whether it could win an election, without disturbing the epoch (pre-vote, KIP-996). */
export interface ProspectiveState extends CommonState {
  readonly name: 'Prospective';
  readonly election: EpochElection;
  readonly electionDeadlineMs: number;
}

export interface CandidateState extends CommonState {
  readonly name: 'Candidate';
  readonly election: EpochElection;
  readonly electionDeadlineMs: number;
}

/** A snapshot on its way from the leader. */
export interface SnapshotDownload {
  readonly id: OffsetAndEpoch;
  readonly parts: Buffer[];
  sizeBytes: number;
}

export interface FollowerState extends CommonState {
  readonly name: 'Follower';
  readonly leaderId: number;
  fetchDeadlineMs: number;
  /** When it is time to look whether the voters record has this node right. */
  updateVoterDeadlineMs: number;
  hasFetchedFromLeader: boolean;
  /** Whether the leader was told of this voter's endpoints (kraft.version 0, where they are not in the log). */
  hasUpdatedLeader: boolean;
  download: SnapshotDownload | undefined;
}

export interface LeaderState extends CommonState {
  readonly name: 'Leader';
  readonly leaderId: number;
  readonly epochStartOffset: number;
  readonly progress: LeaderProgress;
  isResignRequested: boolean;
}

/** Led, and leaves: the others elect a new leader. Also a leader after its restart. */
export interface ResignedState extends CommonState {
  readonly name: 'Resigned';
  readonly leaderId: number;
  readonly electionDeadlineMs: number;
  readonly preferredSuccessors: readonly ReplicaKey[];
  readonly unacknowledgedVoterIds: Set<number>;
}

export type EpochState =
  | UnattachedState
  | ProspectiveState
  | CandidateState
  | FollowerState
  | LeaderState
  | ResignedState;
export type StateName = EpochState['name'];

/** How the epoch moves in a transition. */
export type EpochRule = 'same' | 'next' | 'higher' | 'sameOrHigher';

/**
 * Every transition that there is. What is not in here must not happen. An observer knows Unattached and Follower only
 * (and is Leader or Resigned while it hands over after it removed itself from the voters).
 */
export const TRANSITIONS: Readonly<Record<StateName, Readonly<Partial<Record<StateName, EpochRule>>>>> = {
  Unattached: { Unattached: 'sameOrHigher', Prospective: 'same', Follower: 'sameOrHigher' },
  Prospective: { Unattached: 'sameOrHigher', Prospective: 'same', Candidate: 'next', Follower: 'sameOrHigher' },
  Candidate: { Unattached: 'higher', Prospective: 'same', Leader: 'same', Follower: 'sameOrHigher' },
  Follower: { Unattached: 'higher', Prospective: 'same', Follower: 'sameOrHigher' },
  Leader: { Unattached: 'higher', Follower: 'higher', Resigned: 'same' },
  Resigned: { Unattached: 'higher', Prospective: 'same', Follower: 'higher' },
};

/** States that only a voter enters. */
const VOTER_STATES: ReadonlySet<StateName> = new Set(['Prospective', 'Candidate', 'Leader']);

function keepsEpochRule(rule: EpochRule, from: number, to: number): boolean {
  if (rule === 'same') return to === from;
  if (rule === 'next') return to === from + 1;
  return rule === 'higher' ? to > from : to >= from;
}

function describe(state: EpochState): string {
  return `${state.name}(epoch ${state.epoch}, leader ${state.leaderId ?? 'unknown'}, voted ${state.votedKey?.id ?? 'for nobody'})`;
}

/** Why a transition must not happen, undefined when it may. */
export function invalidTransition(from: EpochState, to: EpochState, isVoter: boolean): string | undefined {
  const what = `${describe(from)} to ${describe(to)}`;
  const rule = TRANSITIONS[from.name][to.name];
  if (rule === undefined) return `there is no transition from ${what}`;
  if (!keepsEpochRule(rule, from.epoch, to.epoch)) return `the epoch must be ${rule} from ${what}`;
  if (VOTER_STATES.has(to.name) && !isVoter) return `an observer cannot go from ${what}`;
  if (from.epoch !== to.epoch) return undefined;
  // One vote an epoch. Only a new leader forgets it: it votes for nobody any more.
  const changesVote = from.votedKey !== undefined && to.votedKey?.id !== from.votedKey.id;
  if (changesVote && to.name !== 'Leader') return `a vote cannot be taken back from ${what}`;
  const changesLeader = from.leaderId !== undefined && to.leaderId !== undefined && from.leaderId !== to.leaderId;
  if (changesLeader) return `an epoch has one leader, not two: from ${what}`;
  return undefined;
}

/** Whether a vote is granted, by the state of the node that is asked (KIP-595, KIP-996). */
export function canGrantVote(
  state: EpochState,
  candidate: ReplicaKey,
  isLogUpToDate: boolean,
  isPreVote: boolean,
): boolean {
  switch (state.name) {
    case 'Leader':
      return false;
    case 'Candidate':
    case 'Resigned':
      return isPreVote && isLogUpToDate;
    case 'Follower':
      return isPreVote && isLogUpToDate && !state.hasFetchedFromLeader;
    case 'Unattached':
    case 'Prospective': {
      if (isPreVote) return isLogUpToDate;
      const { votedKey } = state;
      if (votedKey !== undefined) {
        return (
          votedKey.id === candidate.id &&
          (votedKey.directoryId === undefined || votedKey.directoryId === candidate.directoryId)
        );
      }
      return state.leaderId === undefined && isLogUpToDate;
    }
  }
}
