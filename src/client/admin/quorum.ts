import {
  type DescribeQuorumResponse,
  describeQuorumRequest,
  describeQuorumResponse,
} from '../../protocol/messages/55-describe-quorum.ts';
import { addRaftVoterRequest, addRaftVoterResponse } from '../../protocol/messages/80-add-raft-voter.ts';
import { removeRaftVoterRequest, removeRaftVoterResponse } from '../../protocol/messages/81-remove-raft-voter.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, finalError, namedError } from '../errors.ts';
import type { CallOptions, Uuid } from '../types.ts';

export interface QuorumReplicaState {
  readonly replicaId: number;
  readonly replicaDirectoryId: Uuid;
  readonly logEndOffset: number;
  /** In ms since 1970, -1 when not known. */
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

export interface RaftVoterEndpoint {
  readonly listener: string;
  readonly host: string;
  readonly port: number;
}

export interface QuorumInfo {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly QuorumReplicaState[];
  readonly observers: readonly QuorumReplicaState[];
  /** Node id -> its endpoints. */
  readonly nodes: ReadonlyMap<number, readonly RaftVoterEndpoint[]>;
}

const METADATA_TOPIC = '__cluster_metadata';

type ReplicaState = DescribeQuorumResponse['topics'][number]['partitions'][number]['currentVoters'][number];

function replicaState(replica: ReplicaState): QuorumReplicaState {
  const { replicaId, replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp } = replica;
  return { replicaId, replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp };
}

/** The state of the quorum of controllers (KIP-595). */
export function describeMetadataQuorum(client: KafkaClient, options: CallOptions = {}): Promise<QuorumInfo> {
  return client.call({
    name: 'describeMetadataQuorum',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    attempt: async (connection, timeoutMs) => {
      const body = { topics: [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }] };
      const response = await connection.send(describeQuorumRequest, describeQuorumResponse, body, { timeoutMs });
      return quorumInfo(response);
    },
  });
}

function quorumInfo(response: DescribeQuorumResponse): QuorumInfo {
  const error = errorOf(response.errorCode, response.errorMessage);
  if (error !== undefined) throw error;
  const partition = response.topics.find((topic) => topic.topicName === METADATA_TOPIC)?.partitions[0];
  if (partition === undefined) {
    throw namedError('UNKNOWN_SERVER_ERROR', `DescribeMetadataQuorum received no partition of ${METADATA_TOPIC}`);
  }
  const ofPartition = errorOf(partition.errorCode, partition.errorMessage);
  if (ofPartition !== undefined) throw ofPartition;
  const nodes = response.nodes.map(
    ({ nodeId, listeners }) =>
      [nodeId, listeners.map(({ name, host, port }) => ({ listener: name, host, port }))] as const,
  );
  return {
    leaderId: partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
    highWatermark: partition.highWatermark,
    voters: partition.currentVoters.map(replicaState),
    observers: partition.observers.map(replicaState),
    nodes: new Map(nodes),
  };
}

/** Makes a controller a voter (KIP-853). */
export async function addRaftVoter(
  client: KafkaClient,
  voterId: number,
  voterDirectoryId: Uuid,
  endpoints: readonly RaftVoterEndpoint[],
  options: CallOptions & { readonly clusterId?: string | undefined } = {},
): Promise<void> {
  const clusterId = options.clusterId ?? null;
  const listeners = endpoints.map(({ listener, host, port }) => ({ name: listener, host, port }));
  await client.call({
    name: 'addRaftVoter',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    attempt: async (connection, timeoutMs) => {
      const body = { clusterId, timeoutMs, voterId, voterDirectoryId, listeners };
      const response = await connection.send(addRaftVoterRequest, addRaftVoterResponse, body, { timeoutMs });
      throwFinal(response.errorCode, response.errorMessage);
    },
  });
}

/** Takes a controller's vote away (KIP-853). */
export async function removeRaftVoter(
  client: KafkaClient,
  voterId: number,
  voterDirectoryId: Uuid,
  options: CallOptions & { readonly clusterId?: string | undefined } = {},
): Promise<void> {
  const clusterId = options.clusterId ?? null;
  await client.call({
    name: 'removeRaftVoter',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    attempt: async (connection, timeoutMs) => {
      const body = { clusterId, voterId, voterDirectoryId };
      const response = await connection.send(removeRaftVoterRequest, removeRaftVoterResponse, body, { timeoutMs });
      throwFinal(response.errorCode, response.errorMessage);
    },
  });
}

// Only NOT_CONTROLLER brings another attempt here: whether a timed out change took place, its caller must find out.
function throwFinal(errorCode: number, errorMessage: string | null): void {
  const error = errorOf(errorCode, errorMessage);
  if (error !== undefined) throw finalError(error);
}
