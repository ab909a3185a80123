import { electLeadersRequest, electLeadersResponse } from '../../protocol/messages/43-elect-leaders.ts';
import {
  alterPartitionReassignmentsRequest,
  alterPartitionReassignmentsResponse,
} from '../../protocol/messages/45-alter-partition-reassignments.ts';
import {
  listPartitionReassignmentsRequest,
  listPartitionReassignmentsResponse,
} from '../../protocol/messages/46-list-partition-reassignments.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf } from '../errors.ts';
import { type CallOptions, partitionName, type Results, type TopicPartition } from '../types.ts';
import { requestOfController } from './controller-call.ts';
import { byTopic, partitionsByTopic } from './group-by-topic.ts';

export const ElectionType = { PREFERRED: 0, UNCLEAN: 1 } as const;

/** Elects leaders; `partitions` undefined = all that need it. Results by `topic-partition`. */
export async function electLeaders(
  client: KafkaClient,
  electionType: number,
  partitions: readonly TopicPartition[] | undefined,
  options: CallOptions = {},
): Promise<Results<string, undefined>> {
  const topicPartitions =
    partitions === undefined
      ? null
      : partitionsByTopic(partitions).map(([topic, numbers]) => ({ topic, partitions: numbers }));
  const response = await requestOfController(client, {
    name: 'electLeaders',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: electLeadersRequest,
    response: electLeadersResponse,
    body: (timeoutMs, version) => ({
      ...(version === 0 && electionType === ElectionType.PREFERRED ? {} : { electionType }),
      topicPartitions,
      timeoutMs,
    }),
    errorCodes: (answer) => [answer.errorCode],
  });
  const error = errorOf(response.errorCode);
  if (error !== undefined) throw error;
  const results: Results<string, undefined> = new Map();
  for (const { topic, partitionResult } of response.replicaElectionResults) {
    for (const { partitionId, errorCode, errorMessage } of partitionResult) {
      results.set(partitionName(topic, partitionId), errorOf(errorCode, errorMessage));
    }
  }
  return results;
}

/** Starts reassignments; `replicas` null cancels one (KIP-455). Results by `topic-partition`. */
export async function alterPartitionReassignments(
  client: KafkaClient,
  reassignments: readonly (TopicPartition & { readonly replicas: readonly number[] | null })[],
  options: CallOptions & { readonly allowReplicationFactorChange?: boolean } = {},
): Promise<Results<string, undefined>> {
  const topics = [...byTopic(reassignments)].map(([name, of]) => ({
    name,
    partitions: of.map(({ partition, replicas }) => ({ partitionIndex: partition, replicas })),
  }));
  const response = await requestOfController(client, {
    name: 'alterPartitionReassignments',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: alterPartitionReassignmentsRequest,
    response: alterPartitionReassignmentsResponse,
    body: (timeoutMs) => ({
      timeoutMs,
      topics,
      ...(options.allowReplicationFactorChange === false ? { allowReplicationFactorChange: false } : {}),
    }),
    errorCodes: (answer) => [answer.errorCode],
  });
  const whole = errorOf(response.errorCode, response.errorMessage);
  const results: Results<string, undefined> = new Map();
  for (const { topic, partition } of reassignments) results.set(partitionName(topic, partition), whole);
  if (whole !== undefined) return results;
  for (const { name, partitions } of response.responses) {
    for (const { partitionIndex, errorCode, errorMessage } of partitions) {
      results.set(partitionName(name, partitionIndex), errorOf(errorCode, errorMessage));
    }
  }
  return results;
}

export interface PartitionReassignment extends TopicPartition {
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

/** Ongoing reassignments; `partitions` undefined = all. */
export async function listPartitionReassignments(
  client: KafkaClient,
  partitions?: readonly TopicPartition[] | undefined,
  options: CallOptions = {},
): Promise<PartitionReassignment[]> {
  const topics =
    partitions === undefined
      ? null
      : partitionsByTopic(partitions).map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
  const response = await requestOfController(client, {
    name: 'listPartitionReassignments',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: listPartitionReassignmentsRequest,
    response: listPartitionReassignmentsResponse,
    body: (timeoutMs) => ({ timeoutMs, topics }),
    errorCodes: (answer) => [answer.errorCode],
  });
  const error = errorOf(response.errorCode, response.errorMessage);
  if (error !== undefined) throw error;
  return response.topics.flatMap(({ name, partitions: ongoing }) =>
    ongoing.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
      topic: name,
      partition: partitionIndex,
      replicas,
      addingReplicas,
      removingReplicas,
    })),
  );
}
