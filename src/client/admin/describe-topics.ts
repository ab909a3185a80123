import { KafkaError } from '../../base/kafka-error.ts';
import { metadataRequest, metadataResponse } from '../../protocol/messages/03-metadata.ts';
import {
  type DescribeTopicPartitionsResponse,
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
} from '../../protocol/messages/75-describe-topic-partitions.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, namedError } from '../errors.ts';
import type { CallOptions, Node, Results, Uuid } from '../types.ts';

export interface TopicPartitionInfo {
  readonly partition: number;
  /** null when the partition has no leader. */
  readonly leader: Node | null;
  /** Replicas that the cluster does not know as brokers have an empty host and port -1. */
  readonly replicas: readonly Node[];
  readonly isr: readonly Node[];
  /** Eligible leader replicas (KIP-966); undefined when the broker did not say. */
  readonly eligibleLeaderReplicas: readonly Node[] | undefined;
  readonly lastKnownElr: readonly Node[] | undefined;
}

export interface TopicDescription {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
  /** In the order of their numbers. */
  readonly partitions: readonly TopicPartitionInfo[];
  /** Bits of the ACL operations, undefined when not asked for. */
  readonly authorizedOperations: number | undefined;
}

type DescribedTopic = DescribeTopicPartitionsResponse['topics'][number];
type DescribedPartition = DescribedTopic['partitions'][number];
type DescribeOptions = CallOptions & { readonly includeAuthorizedOperations?: boolean };

const NOT_ASKED_FOR = -0x80000000;
const DEFAULT_PARTITION_LIMIT = 2000;

/**
 * Describes topics by name through DescribeTopicPartitions with a cursor (KIP-966), or Metadata where the broker lacks
 * that. A topic that does not exist is UNKNOWN_TOPIC_OR_PARTITION in its result.
 */
export async function describeTopics(
  client: KafkaClient,
  topics: readonly string[],
  options: DescribeOptions & { readonly partitionSizeLimit?: number } = {},
): Promise<Results<string, TopicDescription>> {
  const results: Results<string, TopicDescription> = new Map();
  for (const topic of topics) {
    const text = `The given topic name '${topic}' cannot be represented in a request.`;
    if (topic === '') results.set(topic, namedError('INVALID_TOPIC_EXCEPTION', text));
  }
  const names = [...new Set(topics)].filter((topic) => topic !== '').sort();
  const found = names.length === 0 ? results : await describeNamed(client, names, options);
  for (const topic of topics) {
    if (topic !== '') results.set(topic, found.get(topic) ?? notFound(topic));
  }
  return results;
}

function notFound(topic: string): KafkaError {
  return namedError('UNKNOWN_TOPIC_OR_PARTITION', `Topic ${topic} not found.`);
}

async function describeNamed(
  client: KafkaClient,
  names: readonly string[],
  options: DescribeOptions & { readonly partitionSizeLimit?: number },
): Promise<Results<string, TopicDescription>> {
  try {
    return await describeByCursor(client, names, options);
  } catch (error) {
    if (!(error instanceof KafkaError) || error.errorName !== 'UNSUPPORTED_VERSION') throw error;
    return describeByMetadata(client, names, options);
  }
}

async function describeByCursor(
  client: KafkaClient,
  names: readonly string[],
  options: DescribeOptions & { readonly partitionSizeLimit?: number },
): Promise<Results<string, TopicDescription>> {
  const described = new Map<string, DescribedTopic>();
  let cursor: DescribeTopicPartitionsResponse['nextCursor'] = null;
  do {
    const from: string = cursor?.topicName ?? '';
    const at: DescribeTopicPartitionsResponse['nextCursor'] = cursor;
    const response: DescribeTopicPartitionsResponse = await client.request({
      name: 'describeTopicPartitions',
      node: 'any',
      timeoutMs: options.timeoutMs,
      request: describeTopicPartitionsRequest,
      response: describeTopicPartitionsResponse,
      body: () => ({
        topics: names.filter((name) => name >= from).map((name) => ({ name })),
        responsePartitionLimit: options.partitionSizeLimit ?? DEFAULT_PARTITION_LIMIT,
        cursor: at,
      }),
    });
    for (const topic of response.topics) mergeTopic(described, topic);
    cursor = response.nextCursor;
  } while (cursor !== null);
  if (!client.metadata.isReady) await client.refreshNodes();
  const nodeOf = nodesOf(client);
  const results: Results<string, TopicDescription> = new Map();
  for (const [name, topic] of described) {
    results.set(name, errorOf(topic.errorCode) ?? description(topic, topic.partitions, nodeOf, options));
  }
  return results;
}

// A topic that is cut by the limit comes in several answers.
function mergeTopic(described: Map<string, DescribedTopic>, topic: DescribedTopic): void {
  const name = topic.name ?? '';
  const known = described.get(name);
  if (known === undefined) described.set(name, topic);
  else known.partitions.push(...topic.partitions);
}

async function describeByMetadata(
  client: KafkaClient,
  names: readonly string[],
  options: DescribeOptions,
): Promise<Results<string, TopicDescription>> {
  return describeThroughMetadata(
    client,
    names.map((name) => ({ name })),
    options,
    (topic) => topic.name ?? '',
  );
}

/** Describes topics by id. An id that no topic has is UNKNOWN_TOPIC_ID in its result. */
export async function describeTopicsById(
  client: KafkaClient,
  topicIds: readonly Uuid[],
  options: DescribeOptions = {},
): Promise<Results<Uuid, TopicDescription>> {
  const asked = topicIds.map((topicId) => ({ topicId, name: null }));
  return describeThroughMetadata(client, asked, options, (topic) => topic.topicId);
}

async function describeThroughMetadata(
  client: KafkaClient,
  topics: readonly { readonly name: string | null; readonly topicId?: Uuid }[],
  options: DescribeOptions,
  keyOf: (topic: { readonly name: string | null; readonly topicId: Uuid }) => string,
): Promise<Results<string, TopicDescription>> {
  const response = await client.request({
    name: 'describeTopics',
    node: 'any',
    timeoutMs: options.timeoutMs,
    request: metadataRequest,
    response: metadataResponse,
    body: (_timeoutMs, version) => ({
      topics,
      ...(version >= 4 ? { allowAutoTopicCreation: false } : {}),
      ...(options.includeAuthorizedOperations === true ? { includeTopicAuthorizedOperations: true } : {}),
    }),
  });
  client.takeMetadata(response);
  const nodeOf = nodesOf(client);
  const results: Results<string, TopicDescription> = new Map();
  for (const topic of response.topics) {
    const partitions = topic.partitions.map((one) => ({ ...one, eligibleLeaderReplicas: null, lastKnownElr: null }));
    results.set(keyOf(topic), errorOf(topic.errorCode) ?? description(topic, partitions, nodeOf, options));
  }
  return results;
}

function nodesOf(client: KafkaClient): (id: number) => Node {
  const { brokers } = client.metadata;
  return (id) => brokers.get(id) ?? { id, host: '', port: -1, rack: null };
}

function description(
  topic: Pick<DescribedTopic, 'name' | 'topicId' | 'isInternal' | 'topicAuthorizedOperations'>,
  partitions: readonly DescribedPartition[],
  nodeOf: (id: number) => Node,
  options: DescribeOptions,
): TopicDescription {
  const operations = topic.topicAuthorizedOperations;
  return {
    name: topic.name ?? '',
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitions: partitions.map((one) => partitionInfo(one, nodeOf)).sort((a, b) => a.partition - b.partition),
    authorizedOperations:
      options.includeAuthorizedOperations === true && operations !== NOT_ASKED_FOR ? operations : undefined,
  };
}

function partitionInfo(partition: DescribedPartition, nodeOf: (id: number) => Node): TopicPartitionInfo {
  const leader = partition.leaderId < 0 ? null : nodeOf(partition.leaderId);
  return {
    partition: partition.partitionIndex,
    leader: leader === null || leader.port < 0 ? null : leader,
    replicas: partition.replicaNodes.map(nodeOf),
    isr: partition.isrNodes.map(nodeOf),
    eligibleLeaderReplicas: partition.eligibleLeaderReplicas?.map(nodeOf),
    lastKnownElr: partition.lastKnownElr?.map(nodeOf),
  };
}
