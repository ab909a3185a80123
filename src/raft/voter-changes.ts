import type { Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { ZERO_UUID } from '../base/uuid.ts';
import { ErrorCode, type ErrorName, errorCodeOf, errorNameOf } from '../protocol/error-codes.ts';
import type { DescribeQuorumRequest, DescribeQuorumResponseInput } from '../protocol/messages/55-describe-quorum.ts';
import type { AddRaftVoterRequest, AddRaftVoterResponseInput } from '../protocol/messages/80-add-raft-voter.ts';
import type {
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponseInput,
} from '../protocol/messages/81-remove-raft-voter.ts';
import type {
  UpdateRaftVoterRequest,
  UpdateRaftVoterResponseInput,
} from '../protocol/messages/82-update-raft-voter.ts';
import type { LeaderState } from './epoch-state.ts';
import { hasValidClusterId, isMetadataPartition } from './leader-discovery.ts';
import type { ReplicaProgress } from './leader-progress.ts';
import type { RaftCore } from './raft-core.ts';
import {
  METADATA_TOPIC,
  type RaftEndpoint,
  type RaftRequestContext,
  type RaftResult,
  type ReplicaKey,
} from './raft-types.ts';
import { validateLeaderRequest } from './replication.ts';
import { quorumControlRecords } from './snapshot-format.ts';
import { matchesReplica, replicaKey, replicaName, type VoterNode, type VoterSet } from './voter-set.ts';

const KRAFT_VERSION_FEATURE = 'kraft.version';

type VoterChangeReply = (error: ErrorName, message?: string) => void;

/** The one change of voters that is under way. */
interface PendingChange {
  readonly kind: 'add' | 'remove';
  readonly voter: ReplicaKey;
  readonly endpoints: readonly RaftEndpoint[];
  readonly timer: Timer;
  reply: VoterChangeReply | undefined;
  readonly ackWhenCommitted: boolean;
  /** Offset of the voters record once it is in the log. */
  offset: number | undefined;
}

/** AddRaftVoter, RemoveRaftVoter and UpdateRaftVoter as a leader (KIP-853): one change at a time, each by one voter. */
export class VoterChanges {
  readonly #core: RaftCore;
  #pending: PendingChange | undefined;
  /** Voters with what they told of themselves while kraft.version is 0 and the log has no voters. */
  #volatileVoters: VoterSet | undefined;

  constructor(core: RaftCore) {
    this.#core = core;
  }

  handleAdd(request: AddRaftVoterRequest, reply: (response: AddRaftVoterResponseInput) => void): void {
    this.#unlessRefused(reply, (answer) => this.#add(request, answer));
  }

  handleRemove(request: RemoveRaftVoterRequest, reply: (response: RemoveRaftVoterResponseInput) => void): void {
    this.#unlessRefused(reply, (answer) => this.#remove(request, answer));
  }

  /** Answers with the error of a KafkaError that `change` throws; otherwise `change` sees to the answer. */
  #unlessRefused(
    reply: (response: AddRaftVoterResponseInput & RemoveRaftVoterResponseInput) => void,
    change: (answer: VoterChangeReply) => void,
  ): void {
    const answer: VoterChangeReply = (error, message) =>
      reply({ errorCode: ErrorCode[error], errorMessage: message ?? null });
    try {
      change(answer);
    } catch (error) {
      if (!(error instanceof KafkaError) || error.errorName === 'KAFKA_STORAGE_ERROR') throw error;
      const message = error.message === error.errorName ? null : error.message;
      reply({ errorCode: errorCodeOf(error), errorMessage: message });
    }
  }

  #checkLeader(clusterId: string | null): void {
    const core = this.#core;
    if (!hasValidClusterId(core, clusterId)) {
      throw new KafkaError(
        'INCONSISTENT_CLUSTER_ID',
        `The given id "${clusterId}" doesn't match the cluster id "${core.options.clusterId}"`,
      );
    }
    const error = validateLeaderRequest(core, core.epoch);
    if (error !== undefined) throw new KafkaError(error);
  }

  #add(request: AddRaftVoterRequest, answer: VoterChangeReply): void {
    const core = this.#core;
    this.#checkLeader(request.clusterId);
    const voter = replicaKey(request.voterId, request.voterDirectoryId);
    if (voter.id < 0 || voter.directoryId === undefined) {
      throw new KafkaError('INVALID_REQUEST', "Add voter request didn't include a valid voter");
    }
    const { listenerName } = core.options;
    const endpoint = request.listeners.find((one) => one.name === listenerName);
    if (endpoint === undefined) {
      const names = request.listeners.map((one) => one.name).join(', ');
      throw new KafkaError(
        'INVALID_REQUEST',
        `Add voter request didn't include the endpoint (${names}) for the default listener ${listenerName}`,
      );
    }
    const voters = this.#changeableVoters('adding');
    if (voters.has(voter.id)) {
      throw new KafkaError(
        'DUPLICATE_VOTER',
        `The voter id for ${replicaName(voter)} is already part of the set of voters ${voters}.`,
      );
    }
    const { state } = core;
    const sent = core.requests.trySend(
      { id: voter.id, host: endpoint.host, port: endpoint.port },
      'ApiVersions',
      () => ({ clientSoftwareName: 'apache-kafka-java', clientSoftwareVersion: '4.4.0' }),
      (result) => {
        core.attempt(() => {
          if (core.state === state) this.#handleApiVersions(voter, result);
        });
        return result.error === undefined;
      },
    );
    if (!sent.isSent) {
      throw new KafkaError('REQUEST_TIMED_OUT', `New voter ${replicaName(voter)} is not ready to receive requests`);
    }
    this.#begin('add', voter, request.listeners, request.ackWhenCommitted, sent.waitMs, answer);
  }

  #begin(
    kind: 'add' | 'remove',
    voter: ReplicaKey,
    endpoints: readonly RaftEndpoint[],
    ackWhenCommitted: boolean,
    timeoutMs: number,
    reply: VoterChangeReply,
  ): PendingChange {
    const timer = this.#core.options.clock.schedule(timeoutMs, () => {
      if (this.#pending?.timer === timer) this.#end('REQUEST_TIMED_OUT');
    });
    this.#pending = {
      kind,
      voter,
      endpoints: endpoints.map(({ name, host, port }) => ({ name, host, port })),
      timer,
      reply,
      ackWhenCommitted,
      offset: undefined,
    };
    return this.#pending;
  }

  #end(error: ErrorName, message?: string): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    pending.timer.cancel();
    pending.reply?.(error, message);
  }

  /** The voters. Throws when they cannot be changed (now). */
  #changeableVoters(what: 'adding' | 'removing'): VoterSet {
    const { state, control } = this.#core;
    const waitingFor = (text: string): KafkaError =>
      new KafkaError('REQUEST_TIMED_OUT', `Request timed out waiting for ${text}`);
    if (this.#pending !== undefined) throw waitingFor('leader to handle previous voter change request');
    const { highWatermark } = state;
    if (highWatermark === undefined) throw waitingFor('leader to establish HWM and fence previous voter changes');
    if (!control.isReconfigurable) {
      throw new KafkaError(
        'UNSUPPORTED_VERSION',
        `Cluster doesn't support ${what} voter because the ${KRAFT_VERSION_FEATURE} feature is ${control.kraftVersion}`,
      );
    }
    const { votersOffset } = control;
    if (votersOffset === undefined || votersOffset >= highWatermark) {
      throw waitingFor(`voters to commit the latest voter change at ${votersOffset} with HWM ${highWatermark}`);
    }
    return control.voters;
  }

  // The new voter must support the finalised kraft.version, and must have caught up, so that it holds up nobody.
  #handleApiVersions(voter: ReplicaKey, result: RaftResult<'ApiVersions'>): void {
    const pending = this.#pending;
    if (pending?.kind !== 'add' || pending.voter !== voter || pending.offset !== undefined) return;
    try {
      const updated = this.#votersWithAdded(pending, result);
      pending.offset = this.#core.appendControl([{ type: 'kraftVoters', value: updated.encode() }]);
    } catch (error) {
      if (!(error instanceof KafkaError) || error.errorName === 'KAFKA_STORAGE_ERROR') throw error;
      this.#end(errorNameOf(errorCodeOf(error)), error.message);
      return;
    }
    if (pending.ackWhenCommitted) return;
    pending.reply?.('NONE');
    pending.reply = undefined;
  }

  #votersWithAdded({ voter, endpoints }: PendingChange, result: RaftResult<'ApiVersions'>): VoterSet {
    const core = this.#core;
    const error = result.response === undefined ? result.error.errorName : errorNameOf(result.response.errorCode);
    if (result.response === undefined || error !== 'NONE') {
      throw new KafkaError(
        'REQUEST_TIMED_OUT',
        `Aborted add voter operation for since API_VERSIONS returned an error ${error}`,
      );
    }
    const range = result.response.supportedFeatures.find((one) => one.name === KRAFT_VERSION_FEATURE);
    const { kraftVersion, voters } = core.control;
    if (range === undefined || range.minVersion > kraftVersion || range.maxVersion < kraftVersion) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `Aborted add voter operation for ${replicaName(voter)} since the ${KRAFT_VERSION_FEATURE} range ` +
          `(min: ${range?.minVersion ?? 0}, max: ${range?.maxVersion ?? 0}) doesn't support the finalized version ${kraftVersion}`,
      );
    }
    const { state } = core;
    if (state.name !== 'Leader' || !state.progress.isCaughtUp(voter, core.now)) {
      throw new KafkaError(
        'REQUEST_TIMED_OUT',
        `Aborted add voter operation for ${replicaName(voter)} since it is lagging behind`,
      );
    }
    const supportedKRaftVersions = { min: range.minVersion, max: range.maxVersion };
    const updated = voters.withAdded({ key: voter, endpoints, supportedKRaftVersions });
    if (updated === undefined) throw new KafkaError('DUPLICATE_VOTER');
    return updated;
  }

  #remove(request: RemoveRaftVoterRequest, answer: VoterChangeReply): void {
    const core = this.#core;
    this.#checkLeader(request.clusterId);
    const voter = replicaKey(request.voterId, request.voterDirectoryId);
    if (voter.id < 0 || voter.directoryId === undefined) {
      throw new KafkaError('INVALID_REQUEST', "Remove voter request didn't include a valid voter");
    }
    const voters = this.#changeableVoters('removing');
    const updated = voters.withRemoved(voter);
    if (updated === undefined) {
      throw new KafkaError(
        'VOTER_NOT_FOUND',
        `Cannot remove voter ${replicaName(voter)} from the set of voters ${voters}`,
      );
    }
    const pending = this.#begin('remove', voter, [], true, core.options.config.requestTimeoutMs, answer);
    // With one voter left the record may be committed before this returns.
    pending.offset = core.log.endOffset;
    core.appendControl([{ type: 'kraftVoters', value: updated.encode() }]);
  }

  /** The leader's high watermark moved: a change may be committed. */
  highWatermarkMoved(state: LeaderState): void {
    const pending = this.#pending;
    if (pending?.offset === undefined || (state.highWatermark ?? 0) <= pending.offset) return;
    this.#end('NONE');
    // A leader that removed itself leads until that is committed by the others, then leaves.
    if (pending.kind === 'remove' && !this.#core.isVoter) state.isResignRequested = true;
  }

  /** This node leads no more. */
  leadershipLost(): void {
    this.#volatileVoters = undefined;
    this.#end('NOT_LEADER_OR_FOLLOWER');
  }

  handleUpdate(request: UpdateRaftVoterRequest, context: RaftRequestContext): UpdateRaftVoterResponseInput {
    const core = this.#core;
    const answer = (error: ErrorName): UpdateRaftVoterResponseInput => updateVoterResponse(core, context, error);
    if (!hasValidClusterId(core, request.clusterId)) return answer('INCONSISTENT_CLUSTER_ID');
    const leaderError = validateLeaderRequest(core, request.currentLeaderEpoch);
    if (leaderError !== undefined) return answer(leaderError);
    const { minSupportedVersion: min, maxSupportedVersion: max } = request.kRaftVersionFeature;
    const key = replicaKey(request.voterId, request.voterDirectoryId);
    const hasEndpoint = request.listeners.some((one) => one.name === core.options.listenerName);
    if (key.id < 0 || key.directoryId === undefined || !hasEndpoint || min < 0 || max < min) {
      return answer('INVALID_REQUEST');
    }
    const { state, control } = core;
    if (state.name !== 'Leader' || this.#pending !== undefined || state.highWatermark === undefined) {
      return answer('REQUEST_TIMED_OUT');
    }
    const { kraftVersion, votersOffset } = control;
    if (control.isReconfigurable && (votersOffset === undefined || votersOffset >= state.highWatermark)) {
      return answer('REQUEST_TIMED_OUT');
    }
    if (min > kraftVersion || max < kraftVersion) return answer('INVALID_REQUEST');
    const voter: VoterNode = {
      key,
      endpoints: request.listeners.map(({ name, host, port }) => ({ name, host, port })),
      supportedKRaftVersions: { min, max },
    };
    if (!this.#storeUpdate(voter)) return answer('VOTER_NOT_FOUND');
    state.progress.noteFetch(key, core.now);
    return answer('NONE');
  }

  /** Raises kraft.version from 0 to 1, as {@link RaftNode.upgradeKRaftVersion} says. */
  upgradeKRaftVersion(version: number, isValidationOnly: boolean): boolean {
    const { control, localVoterNode } = this.#core;
    const from = control.kraftVersion;
    if (version === from) return false;
    const refuse = (why: string): KafkaError =>
      new KafkaError(
        'INVALID_UPDATE_VERSION',
        `Invalid upgrade of ${KRAFT_VERSION_FEATURE} to KRAFT_VERSION_${version} because ${why}`,
      );
    if (version < from) throw refuse('the new version is a downgrade');
    const voters = this.#volatileVoters ?? control.voters.withUpdatedIgnoringDirectory(localVoterNode);
    const isSupported = voters?.nodes.every(({ key, supportedKRaftVersions: { min, max } }) => {
      return key.directoryId !== undefined && min <= version && version <= max;
    });
    if (voters === undefined || isSupported !== true) throw refuse('not all of the voters support it');
    if (!isValidationOnly) this.#core.appendControl(quorumControlRecords(version, voters));
    return true;
  }

  #storeUpdate(voter: VoterNode): boolean {
    const core = this.#core;
    if (core.control.isReconfigurable) {
      const updated = core.control.voters.withUpdated(voter);
      if (updated !== undefined) core.appendControl([{ type: 'kraftVoters', value: updated.encode() }]);
      return updated !== undefined;
    }
    const known = this.#volatileVoters ?? core.control.voters.withUpdatedIgnoringDirectory(core.localVoterNode);
    const updated = known?.withUpdatedIgnoringDirectory(voter);
    if (updated !== undefined) this.#volatileVoters = updated;
    return updated !== undefined;
  }
}

function updateVoterResponse(
  core: RaftCore,
  context: RaftRequestContext,
  error: ErrorName,
): UpdateRaftVoterResponseInput {
  const { epoch, leaderId, leaderEndpoints } = core.state;
  const endpoint = leaderEndpoints.find((one) => one.name === context.listenerName);
  const where = endpoint === undefined ? {} : { host: endpoint.host, port: endpoint.port };
  return {
    errorCode: ErrorCode[error],
    currentLeader: { leaderId: leaderId ?? -1, leaderEpoch: epoch, ...where },
  };
}

/** DescribeQuorum: voters and observers with how far they have come; only the leader knows. */
export function handleDescribeQuorum(
  core: RaftCore,
  request: DescribeQuorumRequest,
  context: RaftRequestContext,
): DescribeQuorumResponseInput {
  const hasMessage = context.apiVersion >= 2;
  if (!isMetadataPartition(request.topics) || request.topics[0]?.partitions[0]?.partitionIndex !== 0) {
    const partitionError = (partitionIndex: number) => ({
      partitionIndex,
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      ...(hasMessage ? { errorMessage: 'This server does not host this topic-partition.' } : {}),
    });
    return {
      topics: request.topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map((one) => partitionError(one.partitionIndex)),
      })),
    };
  }
  const { state } = core;
  if (state.name !== 'Leader') {
    const errorMessage =
      'For requests intended only for the leader, this error indicates that the broker is not the current leader. ' +
      'For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.';
    const partition = {
      partitionIndex: 0,
      errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
      ...(hasMessage ? { errorMessage } : {}),
    };
    return { topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }] };
  }
  const now = core.now;
  const describe = (replica: ReplicaProgress) => {
    const isLocal = matchesReplica(replica.key, core.localKey);
    return {
      replicaId: replica.key.id,
      ...(hasMessage ? { replicaDirectoryId: replica.key.directoryId ?? ZERO_UUID } : {}),
      logEndOffset: isLocal ? core.log.endOffset : (replica.endOffset ?? -1),
      lastFetchTimestamp: isLocal ? now.timestampMs : replica.lastFetchTimestamp,
      lastCaughtUpTimestamp: isLocal ? now.timestampMs : replica.lastCaughtUpTimestamp,
    };
  };
  const { voters } = state.progress;
  const partition = {
    partitionIndex: 0,
    errorCode: ErrorCode.NONE,
    leaderId: core.localKey.id,
    leaderEpoch: state.epoch,
    highWatermark: state.highWatermark ?? -1,
    currentVoters: voters.map(describe),
    observers: state.progress.observers(now).map(describe),
  };
  const nodes = voters.map(({ key, endpoints }) => ({ nodeId: key.id, listeners: endpoints }));
  return {
    topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
    ...(hasMessage ? { nodes } : {}),
  };
}
