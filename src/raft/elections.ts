import { ZERO_UUID } from '../base/uuid.ts';
import { ErrorCode, type ErrorName, errorNameOf } from '../protocol/error-codes.ts';
import type { VoteRequest, VoteRequestInput, VoteResponse, VoteResponseInput } from '../protocol/messages/52-vote.ts';
import type {
  BeginQuorumEpochRequest,
  BeginQuorumEpochRequestInput,
  BeginQuorumEpochResponse,
  BeginQuorumEpochResponseInput,
} from '../protocol/messages/53-begin-quorum-epoch.ts';
import type {
  EndQuorumEpochRequest,
  EndQuorumEpochRequestInput,
  EndQuorumEpochResponse,
  EndQuorumEpochResponseInput,
} from '../protocol/messages/54-end-quorum-epoch.ts';
import { canGrantVote, type ResignedState } from './epoch-state.ts';
import {
  handleCommonResponse,
  hasValidClusterId,
  isMetadataPartition,
  leaderNodeEndpoints,
  learnLeader,
  MAX_EPOCH,
} from './leader-discovery.ts';
import type { RaftCore } from './raft-core.ts';
import { METADATA_TOPIC, type RaftRequestContext, type RaftResult, type ReplicaKey } from './raft-types.ts';
import { compareOffsetAndEpoch } from './snapshot-format.ts';
import { replicaKey } from './voter-set.ts';

/** The voter for which a request was meant; undefined in versions that do not say. */
function isMeantForThisNode(core: RaftCore, voterId: number, voterDirectoryId: string): boolean {
  if (voterId < 0) return true;
  const key = replicaKey(voterId, voterDirectoryId);
  return (
    key.id === core.localKey.id && (key.directoryId === undefined || key.directoryId === core.localKey.directoryId)
  );
}

function validateVoterRequest(core: RaftCore, senderId: number, epoch: number): ErrorName | undefined {
  if (epoch < core.epoch) return 'FENCED_LEADER_EPOCH';
  return senderId < 0 || epoch > MAX_EPOCH ? 'INVALID_REQUEST' : undefined;
}

type QuorumResponse = VoteResponseInput & BeginQuorumEpochResponseInput & EndQuorumEpochResponseInput;

function quorumResponse(
  core: RaftCore,
  context: RaftRequestContext,
  error: ErrorName,
  voteGranted?: boolean,
): QuorumResponse {
  const { epoch, leaderId } = core.state;
  const partition = {
    partitionIndex: 0,
    errorCode: ErrorCode[error],
    leaderId: leaderId ?? -1,
    leaderEpoch: epoch,
    ...(voteGranted === undefined ? {} : { voteGranted }),
  };
  return {
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
    nodeEndpoints: leaderNodeEndpoints(core, context, 1),
  };
}

/** Vote: a candidate, or a prospective one, asks for this node's vote (KIP-595, pre-vote KIP-996). */
export function handleVote(core: RaftCore, request: VoteRequest, context: RaftRequestContext): VoteResponseInput {
  if (!hasValidClusterId(core, request.clusterId)) return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID };
  const partition = request.topics[0]?.partitions[0];
  if (!isMetadataPartition(request.topics) || partition === undefined) return { errorCode: ErrorCode.INVALID_REQUEST };
  const { replicaId, replicaEpoch, preVote, lastOffset, lastOffsetEpoch } = partition;
  // A candidate has raised its epoch above all that its log can have; a prospective one has not.
  const hasImpossibleEpoch = preVote ? lastOffsetEpoch > replicaEpoch : lastOffsetEpoch >= replicaEpoch;
  if (lastOffset < 0 || lastOffsetEpoch < 0 || hasImpossibleEpoch) {
    return quorumResponse(core, context, 'INVALID_REQUEST', false);
  }
  const error = validateVoterRequest(core, replicaId, replicaEpoch);
  if (error !== undefined) return quorumResponse(core, context, error, false);
  if (replicaEpoch > core.epoch) core.becomeUnattached(replicaEpoch);
  if (!isMeantForThisNode(core, request.voterId, partition.voterDirectoryId)) {
    return quorumResponse(core, context, 'INVALID_VOTER_KEY', false);
  }
  const candidate = replicaKey(replicaId, partition.replicaDirectoryId);
  const isUpToDate = compareOffsetAndEpoch({ offset: lastOffset, epoch: lastOffsetEpoch }, core.log.end) >= 0;
  // Another node with this node's id is a mistake of configuration, and must not win by it.
  const isOther = replicaId !== core.localKey.id;
  const isGranted = isOther && canGrantVote(core.state, candidate, isUpToDate, preVote);
  if (isGranted && !preVote && core.state.votedKey === undefined) core.vote(candidate);
  core.options.logger.info(
    `${preVote ? 'Pre-vote' : 'Vote'} for ${replicaId} in epoch ${replicaEpoch} is ${isGranted ? 'granted' : 'rejected'}`,
  );
  return quorumResponse(core, context, 'NONE', isGranted);
}

/** BeginQuorumEpoch: a leader says that it leads. */
export function handleBeginQuorumEpoch(
  core: RaftCore,
  request: BeginQuorumEpochRequest,
  context: RaftRequestContext,
): BeginQuorumEpochResponseInput {
  if (!hasValidClusterId(core, request.clusterId)) return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID };
  const partition = request.topics[0]?.partitions[0];
  if (!isMetadataPartition(request.topics) || partition === undefined) return { errorCode: ErrorCode.INVALID_REQUEST };
  const { leaderId, leaderEpoch } = partition;
  const error = validateVoterRequest(core, leaderId, leaderEpoch);
  if (error !== undefined) return quorumResponse(core, context, error);
  const endpoints =
    request.leaderEndpoints.length > 0 ? request.leaderEndpoints : core.control.voters.endpoints(leaderId);
  if (!learnLeader(core, leaderEpoch, leaderId, endpoints)) return quorumResponse(core, context, 'INVALID_REQUEST');
  const isMeant = isMeantForThisNode(core, request.voterId, partition.voterDirectoryId);
  return quorumResponse(core, context, isMeant ? 'NONE' : 'INVALID_VOTER_KEY');
}

/** EndQuorumEpoch: a leader leaves; the successor that it prefers stands for election at once, the others later. */
export function handleEndQuorumEpoch(
  core: RaftCore,
  request: EndQuorumEpochRequest,
  context: RaftRequestContext,
): EndQuorumEpochResponseInput {
  if (!hasValidClusterId(core, request.clusterId)) return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID };
  const partition = request.topics[0]?.partitions[0];
  if (!isMetadataPartition(request.topics) || partition === undefined) return { errorCode: ErrorCode.INVALID_REQUEST };
  const { leaderId, leaderEpoch } = partition;
  const error = validateVoterRequest(core, leaderId, leaderEpoch);
  if (error !== undefined) return quorumResponse(core, context, error);
  const endpoints =
    request.leaderEndpoints.length > 0 ? request.leaderEndpoints : core.control.voters.endpoints(leaderId);
  if (!learnLeader(core, leaderEpoch, leaderId, endpoints)) return quorumResponse(core, context, 'INVALID_REQUEST');
  const { state } = core;
  if (state.name === 'Follower' && state.leaderId === leaderId) {
    const successors: ReplicaKey[] =
      partition.preferredCandidates.length > 0
        ? partition.preferredCandidates.map((one) => replicaKey(one.candidateId, one.candidateDirectoryId))
        : partition.preferredSuccessors.map((id) => ({ id, directoryId: undefined }));
    state.fetchDeadlineMs = core.nowMs + successorBackoffMs(core, successors);
  }
  return quorumResponse(core, context, 'NONE');
}

/** How long a successor waits: the first not at all, each later one twice as long as the one before. */
function successorBackoffMs(core: RaftCore, successors: readonly ReplicaKey[]): number {
  const { electionBackoffMaxMs } = core.options.config;
  const position = successors.findIndex((one) => isMeantForThisNode(core, one.id, one.directoryId ?? ZERO_UUID));
  if (position === 0) return 0;
  if (position < 0) return electionBackoffMaxMs;
  const baseMs = electionBackoffMaxMs >> (successors.length - 1);
  return Math.min(electionBackoffMaxMs, baseMs << (position - 1));
}

export function buildVoteRequest(core: RaftCore, voter: ReplicaKey): VoteRequestInput {
  const { offset, epoch } = core.log.end;
  const partition = {
    partitionIndex: 0,
    replicaEpoch: core.epoch,
    replicaId: core.localKey.id,
    replicaDirectoryId: core.options.directoryId,
    voterDirectoryId: voter.directoryId ?? ZERO_UUID,
    lastOffsetEpoch: epoch,
    lastOffset: offset,
    preVote: core.state.name === 'Prospective',
  };
  return {
    clusterId: core.options.clusterId,
    voterId: voter.id,
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
  };
}

export function buildBeginQuorumEpochRequest(core: RaftCore, voter: ReplicaKey): BeginQuorumEpochRequestInput {
  const partition = {
    partitionIndex: 0,
    voterDirectoryId: voter.directoryId ?? ZERO_UUID,
    leaderId: core.localKey.id,
    leaderEpoch: core.epoch,
  };
  return {
    clusterId: core.options.clusterId,
    voterId: voter.id,
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
    leaderEndpoints: core.options.localListeners,
  };
}

export function buildEndQuorumEpochRequest(core: RaftCore, state: ResignedState): EndQuorumEpochRequestInput {
  const partition = {
    partitionIndex: 0,
    leaderId: core.localKey.id,
    leaderEpoch: state.epoch,
    preferredSuccessors: state.preferredSuccessors.map((one) => one.id),
    preferredCandidates: state.preferredSuccessors.map((one) => ({
      candidateId: one.id,
      candidateDirectoryId: one.directoryId ?? ZERO_UUID,
    })),
  };
  return {
    clusterId: core.options.clusterId,
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
  };
}

/** The one partition of a response about the quorum; undefined when the response is none. */
function responsePartition<P extends { errorCode: number; leaderId: number; leaderEpoch: number }>(
  core: RaftCore,
  api: string,
  response: { readonly errorCode: number; readonly topics: readonly { topicName: string; partitions: P[] }[] },
): P | undefined {
  const partition = response.topics[0]?.partitions[0];
  if (response.errorCode === ErrorCode.NONE && isMetadataPartition(response.topics) && partition !== undefined) {
    return partition;
  }
  logUnexpectedError(core, api, response.errorCode);
  return undefined;
}

export function logUnexpectedError(core: RaftCore, api: string, errorCode: number): void {
  if (errorCode === ErrorCode.BROKER_NOT_AVAILABLE) return;
  core.options.logger.error(`Unexpected error ${errorNameOf(errorCode)} in a ${api} response`);
}

export function handleVoteResponse(core: RaftCore, voterId: number, result: RaftResult<'Vote'>): boolean {
  const { response } = result;
  const error = response === undefined ? result.error.errorName : errorNameOf(response.errorCode);
  if (error === 'UNSUPPORTED_VERSION' && core.state.name === 'Prospective') {
    core.options.logger.info(`Voter ${voterId} knows no pre-vote: standing for election at once`);
    core.becomeCandidate();
    return true;
  }
  const partition = response === undefined ? undefined : responsePartition(core, 'Vote', response);
  if (response === undefined || partition === undefined) return false;
  const handled = handleCommonResponse(core, { ...partition, nodeEndpoints: response.nodeEndpoints });
  if (handled !== undefined) return handled;
  if (partition.errorCode !== ErrorCode.NONE) {
    logUnexpectedError(core, 'Vote', partition.errorCode);
    return false;
  }
  const { state } = core;
  if (state.name !== 'Prospective' && state.name !== 'Candidate') return true;
  state.election.record(voterId, partition.voteGranted);
  if (state.name === 'Candidate') core.maybeBecomeLeader();
  else if (state.election.isGranted) core.becomeCandidate();
  else if (state.election.isRejected) endPreVote(core);
  return true;
}

/** A pre-vote that cannot be won: back to the leader that was known, or to waiting for one. */
export function endPreVote(core: RaftCore): void {
  const { epoch, leaderId, leaderEndpoints } = core.state;
  if (leaderId !== undefined && core.canReach(leaderEndpoints)) core.becomeFollower(epoch, leaderId, leaderEndpoints);
  else core.becomeUnattached(epoch, leaderId);
}

export function handleBeginQuorumEpochResponse(core: RaftCore, response: BeginQuorumEpochResponse): boolean {
  return handleLeadershipResponse(core, 'BeginQuorumEpoch', response);
}

export function handleEndQuorumEpochResponse(
  core: RaftCore,
  voterId: number,
  response: EndQuorumEpochResponse,
): boolean {
  if (!handleLeadershipResponse(core, 'EndQuorumEpoch', response)) return false;
  if (core.state.name === 'Resigned') core.state.unacknowledgedVoterIds.delete(voterId);
  return true;
}

function handleLeadershipResponse(
  core: RaftCore,
  api: string,
  response: BeginQuorumEpochResponse | EndQuorumEpochResponse | VoteResponse,
): boolean {
  const partition = responsePartition(core, api, response);
  if (partition === undefined) return false;
  const handled = handleCommonResponse(core, { ...partition, nodeEndpoints: response.nodeEndpoints });
  if (handled !== undefined) return handled;
  if (partition.errorCode === ErrorCode.NONE) return true;
  logUnexpectedError(core, api, partition.errorCode);
  return false;
}
