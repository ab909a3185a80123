import { EpochElection } from './epoch-election.ts';
import type { EpochState, FollowerState, LeaderState, ResignedState } from './epoch-state.ts';
import { LeaderProgress } from './leader-progress.ts';
import type { ElectionState } from './quorum-state-file.ts';
import type { RaftCore } from './raft-core.ts';
import type { RaftEndpoint, ReplicaKey } from './raft-types.ts';
import { matchesReplica } from './voter-set.ts';

const NOBODY = { leaderId: undefined, votedKey: undefined } as const;
const NOTHING_KNOWN = { leaderEndpoints: [], highWatermark: undefined } as const;

/**
 * The state in which a node goes on where it stopped. One that led is Resigned: in that epoch it must not vote for
 * another, nor write other records at offsets that it may have lost.
 */
export function initialState(core: RaftCore, stored: ElectionState | undefined): EpochState {
  const logEpoch = core.log.lastEpoch;
  const electionDeadlineMs = core.isVoter ? core.firstElectionDeadlineMs() : Number.POSITIVE_INFINITY;
  const common = { ...NOTHING_KNOWN, electionDeadlineMs, name: 'Unattached' } as const;
  if (stored === undefined) return { ...common, ...NOBODY, epoch: logEpoch };
  const { epoch, leaderId, votedKey } = stored;
  if (epoch < logEpoch) {
    core.options.logger.warn(`quorum-state has epoch ${epoch}, but the log has epoch ${logEpoch}`);
    return { ...common, ...NOBODY, epoch: logEpoch };
  }
  if (leaderId === core.localKey.id) {
    const resigned = resignedState(core, epoch, []);
    // One that is no voter any more does not stand for election; it looks for the new leader when the time is over.
    return core.isVoter ? { ...resigned, electionDeadlineMs } : resigned;
  }
  if (votedKey !== undefined && core.isVoter && matchesReplica(votedKey, core.localKey)) {
    return candidateState(core, epoch);
  }
  const endpoints = leaderId === undefined ? [] : core.control.voters.endpoints(leaderId);
  if (leaderId === undefined || !core.canReach(endpoints)) return { ...common, epoch, leaderId, votedKey };
  return followerState(core, epoch, leaderId, endpoints, votedKey, undefined);
}

/** An election in which this node has voted for itself. */
export function newElection(core: RaftCore): EpochElection {
  const election = new EpochElection(core.control.voters);
  election.record(core.localKey.id, true);
  return election;
}

export function candidateState(core: RaftCore, epoch: number): EpochState {
  return {
    ...NOTHING_KNOWN,
    name: 'Candidate',
    epoch,
    leaderId: undefined,
    votedKey: core.localKey,
    election: newElection(core),
    electionDeadlineMs: core.electionDeadlineMs(),
  };
}

export function leaderState(core: RaftCore, epoch: number): LeaderState {
  const { fetchTimeoutMs } = core.options.config;
  const epochStartOffset = core.log.endOffset;
  return {
    name: 'Leader',
    epoch,
    leaderId: core.localKey.id,
    leaderEndpoints: core.options.localListeners,
    votedKey: undefined,
    // Unknown until a majority has reached this epoch: others may have seen a higher one than this node.
    highWatermark: undefined,
    epochStartOffset,
    progress: new LeaderProgress(core.localKey, core.control.voters, epochStartOffset, fetchTimeoutMs, core.nowMs),
    isResignRequested: false,
  };
}

export function resignedState(
  core: RaftCore,
  epoch: number,
  preferredSuccessors: readonly ReplicaKey[],
): ResignedState {
  const others = core.control.voters.ids.filter((id) => id !== core.localKey.id);
  return {
    name: 'Resigned',
    epoch,
    leaderId: core.localKey.id,
    leaderEndpoints: core.options.localListeners,
    votedKey: undefined,
    highWatermark: undefined,
    electionDeadlineMs: core.electionDeadlineMs(),
    preferredSuccessors,
    unacknowledgedVoterIds: new Set(others),
  };
}

export function followerState(
  core: RaftCore,
  epoch: number,
  leaderId: number,
  leaderEndpoints: readonly RaftEndpoint[],
  votedKey: ReplicaKey | undefined,
  highWatermark: number | undefined,
): FollowerState {
  const deadlineMs = core.nowMs + core.options.config.fetchTimeoutMs;
  return {
    name: 'Follower',
    epoch,
    leaderId,
    leaderEndpoints,
    votedKey,
    highWatermark,
    fetchDeadlineMs: deadlineMs,
    updateVoterDeadlineMs: deadlineMs,
    hasFetchedFromLeader: false,
    hasUpdatedLeader: false,
    download: undefined,
  };
}
