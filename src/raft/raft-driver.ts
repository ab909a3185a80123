import { ZERO_UUID } from '../base/uuid.ts';
import { ErrorCode } from '../protocol/error-codes.ts';
import type { UpdateRaftVoterResponse } from '../protocol/messages/82-update-raft-voter.ts';
import {
  buildBeginQuorumEpochRequest,
  buildEndQuorumEpochRequest,
  buildVoteRequest,
  endPreVote,
  handleBeginQuorumEpochResponse,
  handleEndQuorumEpochResponse,
  handleVoteResponse,
  logUnexpectedError,
} from './elections.ts';
import type {
  CandidateState,
  FollowerState,
  LeaderState,
  ProspectiveState,
  ResignedState,
  UnattachedState,
} from './epoch-state.ts';
import { handleCommonResponse } from './leader-discovery.ts';
import type { RaftCore } from './raft-core.ts';
import type { RaftApi, RaftApis, RaftDestination, RaftResult, ReplicaKey } from './raft-types.ts';
import {
  buildFetchRequest,
  buildFetchSnapshotRequest,
  handleFetchResponse,
  handleFetchSnapshotResponse,
  noteSuccessfulFetch,
} from './replication.ts';
import type { SendResult } from './request-manager.ts';
import { SUPPORTED_KRAFT_VERSIONS } from './voter-set.ts';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * What a node does of its own accord: in each state, what is due now (requests, timeouts), and when something is due
 * again. Each function returns ms.
 */
export class RaftDriver {
  readonly #core: RaftCore;
  #cleaningDeadlineMs: number;

  constructor(core: RaftCore) {
    this.#core = core;
    this.#cleaningDeadlineMs = core.nowMs + core.options.config.cleaningIntervalMs;
  }

  poll(): number {
    return Math.min(this.#pollState(), this.#pollCleaning());
  }

  #pollState(): number {
    const { state } = this.#core;
    switch (state.name) {
      case 'Unattached':
        return this.#pollUnattached(state);
      case 'Prospective':
      case 'Candidate':
        return this.#pollNominee(state);
      case 'Follower':
        return this.#core.isVoter ? this.#pollVotingFollower(state) : this.#pollObservingFollower(state);
      case 'Leader':
        return this.#pollLeader(state);
      case 'Resigned':
        return this.#pollResigned(state);
    }
  }

  #pollCleaning(): number {
    const { nowMs, log, options } = this.#core;
    if (nowMs >= this.#cleaningDeadlineMs) {
      this.#cleaningDeadlineMs = nowMs + options.config.cleaningIntervalMs;
      if (log.clean()) this.#core.control.dropBefore(log.startOffset);
    }
    return this.#cleaningDeadlineMs - nowMs;
  }

  #untilMs(deadlineMs: number): number {
    return Math.max(0, deadlineMs - this.#core.nowMs);
  }

  /** Sends, if the destination is ready. */
  #send<A extends RaftApi>(
    destination: RaftDestination,
    api: A,
    makeRequest: () => RaftApis[A]['request'],
    handle: (result: RaftResult<A>) => boolean,
  ): SendResult {
    const core = this.#core;
    return core.requests.trySend(destination, api, makeRequest, (result) => {
      let isHandled = false;
      core.attempt(() => {
        isHandled = handle(result);
      });
      return isHandled;
    });
  }

  /** As #send for requests whose failure means nothing but that they are to be sent again. */
  #sendPlain<A extends RaftApi>(
    destination: RaftDestination,
    api: A,
    makeRequest: () => RaftApis[A]['request'],
    handle: (response: RaftApis[A]['response']) => boolean,
  ): SendResult {
    return this.#send(destination, api, makeRequest, (result) =>
      result.response === undefined ? false : handle(result.response),
    );
  }

  #sendToVoters(voters: readonly ReplicaKey[], send: (voter: ReplicaKey, to: RaftDestination) => SendResult): number {
    const { control, options } = this.#core;
    let waitMs = NEVER;
    for (const voter of voters) {
      const destination = control.voters.destination(voter.id, options.listenerName);
      if (destination !== undefined) waitMs = Math.min(waitMs, send(voter, destination).waitMs);
    }
    return waitMs;
  }

  #pollUnattached(state: UnattachedState): number {
    const core = this.#core;
    if (!core.isVoter) return this.#fetchFromBootstrapServer();
    if (core.isShuttingDown) return NEVER;
    if (core.nowMs >= state.electionDeadlineMs) {
      core.becomeProspective();
      return 0;
    }
    return Math.min(this.#fetchFromBootstrapServer(), this.#untilMs(state.electionDeadlineMs));
  }

  #fetchFromBootstrapServer(): number {
    const core = this.#core;
    const server = core.requests.findReadyBootstrapServer();
    if (server === undefined) return core.requests.backoffBeforeBootstrapServerMs();
    const { epoch, leaderId } = core.leaderAndEpoch;
    // One that knows no more than this node would else be asked again as fast as it answers.
    const isNews = (): boolean => core.epoch !== epoch || core.leaderAndEpoch.leaderId !== leaderId;
    return this.#sendPlain(
      server,
      'Fetch',
      () => buildFetchRequest(core),
      (response) => handleFetchResponse(core, response) && isNews(),
    ).waitMs;
  }

  #pollNominee(state: ProspectiveState | CandidateState): number {
    const core = this.#core;
    if (!core.isShuttingDown && core.nowMs >= state.electionDeadlineMs) {
      if (state.name === 'Candidate') core.becomeProspective();
      else endPreVote(core);
      return 0;
    }
    const untilDeadlineMs = core.isShuttingDown ? NEVER : this.#untilMs(state.electionDeadlineMs);
    if (state.election.isRejected) return untilDeadlineMs;
    const waitMs = this.#sendToVoters(state.election.unrecordedVoters, (voter, destination) =>
      this.#send(
        destination,
        'Vote',
        () => buildVoteRequest(core, voter),
        (result) => handleVoteResponse(core, voter.id, result),
      ),
    );
    return Math.min(waitMs, untilDeadlineMs);
  }

  #pollVotingFollower(state: FollowerState): number {
    const core = this.#core;
    const { nowMs } = core;
    if (core.isShuttingDown) return NEVER;
    if (nowMs >= state.fetchDeadlineMs) {
      core.options.logger.info(`No answer from leader ${state.leaderId} within the fetch timeout`);
      core.becomeProspective();
      return 0;
    }
    let waitMs: number;
    if (nowMs >= state.updateVoterDeadlineMs) {
      const update = this.#mustUpdateVoter(state) ? this.#sendUpdateVoter(state) : undefined;
      waitMs = update?.waitMs ?? this.#fetchFromBestNode(state);
      if (update === undefined || update.isSent) this.#resetUpdateVoter(state);
    } else {
      waitMs = this.#fetchFromBestNode(state);
    }
    return Math.min(waitMs, this.#untilMs(state.fetchDeadlineMs));
  }

  #resetUpdateVoter(state: FollowerState): void {
    state.updateVoterDeadlineMs = this.#core.nowMs + this.#core.options.config.fetchTimeoutMs;
  }

  // With kraft.version 0 the endpoints are not in the log: each new leader is told.
  #mustUpdateVoter(state: FollowerState): boolean {
    const { control, localVoterNode } = this.#core;
    return control.isReconfigurable ? control.voters.needsUpdate(localVoterNode) : !state.hasUpdatedLeader;
  }

  #sendUpdateVoter(state: FollowerState): SendResult {
    const core = this.#core;
    const { clusterId, localListeners } = core.options;
    return this.#send(
      core.leaderDestination(state),
      'UpdateRaftVoter',
      () => ({
        clusterId,
        currentLeaderEpoch: core.epoch,
        voterId: core.localKey.id,
        voterDirectoryId: core.localKey.directoryId ?? ZERO_UUID,
        listeners: localListeners,
        kRaftVersionFeature: {
          minSupportedVersion: SUPPORTED_KRAFT_VERSIONS.min,
          maxSupportedVersion: SUPPORTED_KRAFT_VERSIONS.max,
        },
      }),
      (result) => this.#handleUpdateVoter(result),
    );
  }

  #handleUpdateVoter(result: RaftResult<'UpdateRaftVoter'>): boolean {
    const core = this.#core;
    const { response } = result;
    if (response === undefined) {
      // An older leader: it needs no telling.
      if (result.error.errorName !== 'UNSUPPORTED_VERSION') return false;
      if (core.state.name === 'Follower') core.state.hasUpdatedLeader = true;
      return true;
    }
    const handled = handleCommonResponse(core, updateVoterLeader(response));
    if (handled !== undefined) return handled;
    if (response.errorCode !== ErrorCode.NONE && response.errorCode !== ErrorCode.UNSUPPORTED_VERSION) {
      logUnexpectedError(core, 'UpdateRaftVoter', response.errorCode);
      return false;
    }
    if (core.state.name !== 'Follower') return true;
    core.state.hasUpdatedLeader = true;
    noteSuccessfulFetch(core, core.state);
    return true;
  }

  #pollObservingFollower(state: FollowerState): number {
    const core = this.#core;
    if (core.isShuttingDown) return NEVER;
    const mayJoin = core.control.isReconfigurable && core.options.canBecomeVoter && core.options.config.autoJoin;
    if (mayJoin && core.nowMs >= state.updateVoterDeadlineMs) {
      const sent = this.#sendJoin(state);
      if (sent.isSent) this.#resetUpdateVoter(state);
      return sent.waitMs;
    }
    return this.#fetchFromBestNode(state);
  }

  /** Auto-join: takes the voter out that has this node's id but another disk's directory id, then adds itself. */
  #sendJoin(state: FollowerState): SendResult {
    const core = this.#core;
    const { clusterId, localListeners, config } = core.options;
    const destination = core.leaderDestination(state);
    const old = core.control.voters.get(core.localKey.id);
    const settled: readonly number[] = [ErrorCode.NONE, ErrorCode.REQUEST_TIMED_OUT];
    const handle = (errorCode: number, alreadySo: number): boolean => {
      if (!settled.includes(errorCode) && errorCode !== alreadySo) return false;
      if (core.state.name === 'Follower') this.#resetUpdateVoter(core.state);
      return true;
    };
    if (old !== undefined) {
      return this.#sendPlain(
        destination,
        'RemoveRaftVoter',
        () => ({ clusterId, voterId: old.key.id, voterDirectoryId: old.key.directoryId ?? ZERO_UUID }),
        (response) => handle(response.errorCode, ErrorCode.VOTER_NOT_FOUND),
      );
    }
    return this.#sendPlain(
      destination,
      'AddRaftVoter',
      () => ({
        clusterId,
        timeoutMs: config.requestTimeoutMs,
        voterId: core.localKey.id,
        voterDirectoryId: core.localKey.directoryId ?? ZERO_UUID,
        listeners: localListeners,
        ackWhenCommitted: false,
      }),
      (response) => handle(response.errorCode, ErrorCode.DUPLICATE_VOTER),
    );
  }

  // A leader that does not answer may be one no more: another node may know.
  #fetchFromBestNode(state: FollowerState): number {
    const { requests, localKey, syncer, options, isVoter } = this.#core;
    // The fetch offset is the acknowledgement: nothing may be in it that is not on the disk.
    if ((isVoter || options.canBecomeVoter) && syncer.isBehind) {
      syncer.sync();
      return NEVER;
    }
    const leader = this.#core.leaderDestination(state);
    if (leader.id === localKey.id) return NEVER;
    if (requests.hasTimedOut(leader.id)) {
      requests.reset(leader.id);
      return this.#fetchFromBootstrapServer();
    }
    if (requests.isBackingOff(leader.id)) return this.#fetchFromBootstrapServer();
    if (requests.hasAnyInFlight()) return requests.backoffBeforeBootstrapServerMs();
    return this.#fetchFromLeader(state, leader);
  }

  #fetchFromLeader(state: FollowerState, leader: RaftDestination): number {
    const core = this.#core;
    const { download } = state;
    if (download === undefined) {
      return this.#sendPlain(
        leader,
        'Fetch',
        () => buildFetchRequest(core),
        (response) => handleFetchResponse(core, response),
      ).waitMs;
    }
    return this.#sendPlain(
      leader,
      'FetchSnapshot',
      () => buildFetchSnapshotRequest(core, download),
      (response) => handleFetchSnapshotResponse(core, response),
    ).waitMs;
  }

  #pollLeader(state: LeaderState): number {
    const core = this.#core;
    const { progress } = state;
    const untilCheckQuorumMs = progress.timeUntilCheckQuorumMs(core.nowMs);
    if (core.isShuttingDown || state.isResignRequested || untilCheckQuorumMs <= 0) {
      if (untilCheckQuorumMs <= 0) core.options.logger.info('No majority of the voters fetches any more: resigning');
      core.becomeResigned(progress.successors());
      return 0;
    }
    if (progress.timeUntilBeginQuorumEpochMs(core.nowMs) <= 0) {
      progress.resetBeginQuorumEpoch(core.nowMs);
      this.#sendToVoters(progress.votersToRemind(core.nowMs), (voter, destination) =>
        this.#sendPlain(
          destination,
          'BeginQuorumEpoch',
          () => buildBeginQuorumEpochRequest(core, voter),
          (response) => handleBeginQuorumEpochResponse(core, response),
        ),
      );
    }
    return Math.min(untilCheckQuorumMs, progress.timeUntilBeginQuorumEpochMs(core.nowMs));
  }

  #pollResigned(state: ResignedState): number {
    const core = this.#core;
    const voters = core.control.voters.nodes
      .map((node) => node.key)
      .filter((key) => state.unacknowledgedVoterIds.has(key.id));
    const waitMs = this.#sendToVoters(voters, (voter, destination) =>
      this.#sendPlain(
        destination,
        'EndQuorumEpoch',
        () => buildEndQuorumEpochRequest(core, state),
        (response) => handleEndQuorumEpochResponse(core, voter.id, response),
      ),
    );
    if (core.isShuttingDown) return waitMs;
    if (core.nowMs >= state.electionDeadlineMs) {
      // A higher epoch: in this one nobody but this node can have led.
      core.becomeUnattached(state.epoch + 1);
      return 0;
    }
    return Math.min(waitMs, this.#untilMs(state.electionDeadlineMs));
  }
}

function updateVoterLeader({ errorCode, currentLeader }: UpdateRaftVoterResponse) {
  const { leaderId, leaderEpoch, host, port } = currentLeader;
  return {
    errorCode,
    leaderId,
    leaderEpoch,
    nodeEndpoints: host === '' ? [] : [{ nodeId: leaderId, host, port }],
  };
}
