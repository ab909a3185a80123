import { ErrorCode } from '../protocol/error-codes.ts';
import type { ControlState } from './control-state.ts';
import type { RaftCore } from './raft-core.ts';
import type { RaftNodeOptions } from './raft-options.ts';
import { METADATA_TOPIC, type RaftDestination, type RaftEndpoint, type RaftRequestContext } from './raft-types.ts';

/** What each raft response says about the quorum. */
export interface ResponseLeader {
  readonly errorCode: number;
  /** -1 when unknown. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly nodeEndpoints: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
}

/** Bootstrap servers have ids from here downwards. */
const FIRST_BOOTSTRAP_ID = -2;

/**
 * Who is asked for the leader: the bootstrap servers, and the voters that the log names besides. Kafka asks the former
 * only, so that nodes whose bootstrap servers are no voters any more do not find the ones that are.
 */
export function leaderSources(options: RaftNodeOptions, control: ControlState): () => RaftDestination[] {
  const { nodeId, listenerName, staticVoters } = options;
  const named = options.bootstrapServers.map(({ host, port }, i) => ({ id: FIRST_BOOTSTRAP_ID - i, host, port }));
  const bootstrap = named.length === 0 ? staticVoters : named;
  const isNamed = (voter: RaftDestination): boolean =>
    bootstrap.some(({ host, port }) => host === voter.host && port === voter.port);
  return () => {
    const voters = control.voters.ids.filter((id) => id !== nodeId);
    const reachable = voters.flatMap((id) => control.voters.destination(id, listenerName) ?? []);
    return [...bootstrap, ...reachable.filter((voter) => !isNamed(voter))];
  };
}

/** An epoch must leave room for the next one. */
export const MAX_EPOCH = 0x7ffffffe;

/** Of a response: true = done, the node can be asked again; false = back off; undefined = not dealt with yet. */
export type Handled = boolean | undefined;

/** The node endpoints of the current leader on the listener of a request; only where its version can carry them. */
export function leaderNodeEndpoints(
  core: RaftCore,
  context: RaftRequestContext,
  sinceVersion: number,
): { nodeId: number; host: string; port: number }[] {
  const { leaderId, leaderEndpoints } = core.state;
  const endpoint = leaderEndpoints.find((one) => one.name === context.listenerName);
  if (context.apiVersion < sinceVersion || endpoint === undefined || leaderId === undefined) return [];
  return [{ nodeId: leaderId, host: endpoint.host, port: endpoint.port }];
}

/** Whether a message is about the one partition that there is. */
export function isMetadataPartition(
  topics: readonly { readonly partitions: readonly object[]; readonly topicName?: string; readonly name?: string }[],
): boolean {
  const [topic] = topics;
  if (topics.length !== 1 || topic === undefined || topic.partitions.length !== 1) return false;
  return (topic.topicName ?? topic.name) === METADATA_TOPIC;
}

export function hasValidClusterId(core: RaftCore, clusterId: string | null): boolean {
  return clusterId === null || clusterId === core.options.clusterId;
}

/** Where the leader that a response names can be reached, as far as anybody knows. */
function responseEndpoints(core: RaftCore, response: ResponseLeader): readonly RaftEndpoint[] {
  const { leaderId, nodeEndpoints } = response;
  if (leaderId < 0) return [];
  const endpoint = nodeEndpoints.find((one) => one.nodeId === leaderId);
  if (endpoint === undefined) return core.control.voters.endpoints(leaderId);
  return [{ name: core.options.listenerName, host: endpoint.host, port: endpoint.port }];
}

function hasConsistentLeader(core: RaftCore, epoch: number, leaderId: number | undefined): boolean {
  const { state } = core;
  if (leaderId === undefined) return true;
  if (leaderId === core.localKey.id) return state.name === 'Leader' && state.epoch === epoch;
  return epoch !== state.epoch || state.leaderId === undefined || state.leaderId === leaderId;
}

/**
 * Takes what a request or response says about epoch and leader. False when that cannot be, so that the sender is wrong:
 * an epoch has one leader.
 */
export function learnLeader(
  core: RaftCore,
  epoch: number,
  leaderId: number | undefined,
  endpoints: readonly RaftEndpoint[],
): boolean {
  const { state } = core;
  if (epoch < state.epoch) return true;
  if (epoch > MAX_EPOCH) return false;
  if (!hasConsistentLeader(core, epoch, leaderId)) {
    core.options.logger.error(
      `A peer names ${leaderId} as the leader of epoch ${epoch}; here it is ${state.leaderId ?? 'unknown'} in epoch ${state.epoch}`,
    );
    return false;
  }
  const canFollow = leaderId !== undefined && leaderId !== core.localKey.id && core.canReach(endpoints);
  if (epoch > state.epoch) {
    if (canFollow) core.becomeFollower(epoch, leaderId, endpoints);
    else core.becomeUnattached(epoch);
  } else if (canFollow && state.name !== 'Leader' && state.name !== 'Resigned') {
    // The leader was not known, or not on all its listeners.
    const isNews = state.leaderId === undefined || endpoints.length > state.leaderEndpoints.length;
    if (isNews) core.becomeFollower(epoch, leaderId, endpoints);
  }
  return true;
}

/** What all responses have in common: errors about epochs and leaders. */
export function handleCommonResponse(core: RaftCore, response: ResponseLeader): Handled {
  const { errorCode, leaderEpoch } = response;
  const leaderId = response.leaderId < 0 ? undefined : response.leaderId;
  const endpoints = responseEndpoints(core, response);
  const { state } = core;
  // The answer is about an epoch that is over, or the peer has not heard of this one yet.
  if (leaderEpoch < state.epoch || errorCode === ErrorCode.UNKNOWN_LEADER_EPOCH) return true;
  const isAboutEpoch =
    leaderEpoch > state.epoch ||
    errorCode === ErrorCode.FENCED_LEADER_EPOCH ||
    errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER;
  if (isAboutEpoch) return learnLeader(core, leaderEpoch, leaderId, endpoints);
  if (leaderId !== undefined && (state.leaderId === undefined || state.name === 'Unattached')) {
    if (!learnLeader(core, leaderEpoch, leaderId, endpoints)) return false;
    return errorCode === ErrorCode.NONE ? undefined : true;
  }
  if (errorCode === ErrorCode.BROKER_NOT_AVAILABLE) return false;
  if (errorCode === ErrorCode.INVALID_VOTER_KEY) {
    core.options.logger.info('A voter answers that it is not the replica which was meant');
    return true;
  }
  return undefined;
}
