import { createTopicsRequest, createTopicsResponse } from '../../protocol/messages/19-create-topics.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from '../../protocol/messages/20-delete-topics.ts';
import { createPartitionsRequest, createPartitionsResponse } from '../../protocol/messages/37-create-partitions.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, namedError } from '../errors.ts';
import type { CallOptions, Results, Uuid } from '../types.ts';
import { requestOfController } from './controller-call.ts';

export interface NewTopic {
  readonly name: string;
  /** undefined = the broker's default. */
  readonly numPartitions?: number | undefined;
  /** undefined = the broker's default. */
  readonly replicationFactor?: number | undefined;
  /** Partition -> replicas; excludes the two above. */
  readonly replicaAssignments?: ReadonlyMap<number, readonly number[]> | undefined;
  readonly configs?: ReadonlyMap<string, string> | undefined;
}

export interface CreatedTopic {
  readonly topicId: Uuid;
  readonly numPartitions: number;
  readonly replicationFactor: number;
}

export interface NewPartitions {
  readonly totalCount: number;
  /** Replicas of each added partition, when they are chosen by hand. */
  readonly newAssignments?: readonly (readonly number[])[] | undefined;
}

/** Creates topics; each has its own result. */
export async function createTopics(
  client: KafkaClient,
  topics: readonly NewTopic[],
  options: CallOptions & { readonly validateOnly?: boolean } = {},
): Promise<Results<string, CreatedTopic>> {
  const response = await requestOfController(client, {
    name: 'createTopics',
    timeoutMs: options.timeoutMs,
    request: createTopicsRequest,
    response: createTopicsResponse,
    body: (timeoutMs) => ({
      topics: topics.map(creatableTopic),
      timeoutMs,
      validateOnly: options.validateOnly ?? false,
    }),
    errorCodes: (answer) => answer.topics.map((topic) => topic.errorCode),
  });
  const results = missingTopics<CreatedTopic>(topics.map((topic) => topic.name));
  for (const { name, errorCode, errorMessage, topicId, numPartitions, replicationFactor } of response.topics) {
    results.set(name, errorOf(errorCode, errorMessage) ?? { topicId, numPartitions, replicationFactor });
  }
  return results;
}

function creatableTopic(topic: NewTopic) {
  const assignments = [...(topic.replicaAssignments ?? [])];
  return {
    name: topic.name,
    numPartitions: topic.numPartitions ?? -1,
    replicationFactor: topic.replicationFactor ?? -1,
    assignments: assignments.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
    configs: [...(topic.configs ?? [])].map(([name, value]) => ({ name, value })),
  };
}

// What stays in the results when the answer says nothing of a topic.
function missingTopics<T>(names: readonly string[]): Results<string, T> {
  const text = 'The server response did not contain a result for the topic.';
  return new Map(names.map((name) => [name, namedError('UNKNOWN_SERVER_ERROR', text)]));
}

/** Deletes topics by name; success is undefined. */
export async function deleteTopics(
  client: KafkaClient,
  topics: readonly string[],
  options: CallOptions = {},
): Promise<Results<string, undefined>> {
  const response = await requestOfController(client, {
    name: 'deleteTopics',
    timeoutMs: options.timeoutMs,
    request: deleteTopicsRequest,
    response: deleteTopicsResponse,
    body: (timeoutMs, version) =>
      version >= 6 ? { topics: topics.map((name) => ({ name })), timeoutMs } : { topicNames: topics, timeoutMs },
    errorCodes: (answer) => answer.responses.map((topic) => topic.errorCode),
  });
  const results = missingTopics<undefined>(topics);
  for (const { name, errorCode, errorMessage } of response.responses) {
    results.set(name ?? '', errorOf(errorCode, errorMessage));
  }
  return results;
}

/** Raises the number of partitions of topics; success is undefined. */
export async function createPartitions(
  client: KafkaClient,
  topics: ReadonlyMap<string, NewPartitions>,
  options: CallOptions & { readonly validateOnly?: boolean } = {},
): Promise<Results<string, undefined>> {
  const response = await requestOfController(client, {
    name: 'createPartitions',
    timeoutMs: options.timeoutMs,
    request: createPartitionsRequest,
    response: createPartitionsResponse,
    body: (timeoutMs) => ({
      topics: [...topics].map(([name, { totalCount, newAssignments }]) => ({
        name,
        count: totalCount,
        assignments: newAssignments?.map((brokerIds) => ({ brokerIds })) ?? null,
      })),
      timeoutMs,
      validateOnly: options.validateOnly ?? false,
    }),
    errorCodes: (answer) => answer.results.map((topic) => topic.errorCode),
  });
  const results = missingTopics<undefined>([...topics.keys()]);
  for (const { name, errorCode, errorMessage } of response.results) {
    results.set(name, errorOf(errorCode, errorMessage));
  }
  return results;
}
