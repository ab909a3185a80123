/**
 * DescribeTopicPartitions, key 75, version 0 (KIP-966): topics in the order of their names, at most
 * min(responsePartitionLimit, max.request.partition.size.limit) partitions; `nextCursor` says where to go on.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import type { TopicImage } from '../../metadata/metadata-image.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import {
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponseInput,
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
} from '../../protocol/messages/75-describe-topic-partitions.ts';
import { TOPIC_OPERATIONS } from '../authorized-operations.ts';
import { defineHandler, type RequestContext } from '../handler.ts';
import { INTERNAL_TOPICS } from '../replica-manager.ts';
import type { BrokerServices } from '../services.ts';
import { isValidTopicName } from '../topic-names.ts';

type TopicAnswer = NonNullable<DescribeTopicPartitionsResponseInput['topics']>[number];

export const describeTopicPartitions = defineHandler({
  request: describeTopicPartitionsRequest,
  response: describeTopicPartitionsResponse,
  listeners: ['broker'],
  handle(services, request, context, reply) {
    const names = topicNames(services, request);
    const limit = services.config.number('max.request.partition.size.limit');
    let left = Math.max(1, Math.min(limit, request.responsePartitionLimit));
    const topics: TopicAnswer[] = [];
    for (const name of names) {
      if (left === 0) {
        reply({ topics, nextCursor: { topicName: name, partitionIndex: 0 } });
        return;
      }
      const topic = services.image.topic(name);
      if (topic === undefined) {
        if (request.topics.length > 0) topics.push(missingTopic(name));
        continue;
      }
      const start = request.cursor?.topicName === name ? request.cursor.partitionIndex : 0;
      const end = Math.min(topic.partitions.length, start + left);
      topics.push(knownTopic(services, context, topic, start, end));
      if (end < topic.partitions.length) {
        reply({ topics, nextCursor: { topicName: name, partitionIndex: end } });
        return;
      }
      left -= Math.max(0, end - start);
    }
    reply({ topics });
  },
  errorResponse: (error, request) => ({
    topics: request.topics.map(({ name }) => ({ errorCode: error.code, name })),
  }),
});

function topicNames(services: BrokerServices, request: DescribeTopicPartitionsRequest): string[] {
  const from = request.cursor?.topicName ?? '';
  const isForAll = request.topics.length === 0;
  const asked = isForAll ? [...services.image.topics()] : request.topics;
  const names = new Set(asked.map(({ name }) => name).filter((name) => name >= from));
  const { cursor } = request;
  if (cursor !== null && !isForAll && !names.has(cursor.topicName)) {
    const what = 'DescribeTopicPartitionsRequest topic list should contain the cursor topic';
    throw new KafkaError('INVALID_REQUEST', `${what}: ${cursor.topicName}`);
  }
  if (cursor !== null && cursor.partitionIndex < 0) {
    const what = 'DescribeTopicPartitionsRequest cursor partition must be valid';
    throw new KafkaError('INVALID_REQUEST', `${what}, received ${cursor.partitionIndex}`);
  }
  return [...names].sort();
}

function missingTopic(name: string): TopicAnswer {
  return {
    errorCode: isValidTopicName(name) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION,
    name,
    isInternal: INTERNAL_TOPICS.has(name),
    topicAuthorizedOperations: TOPIC_OPERATIONS,
  };
}

function knownTopic(
  services: BrokerServices,
  context: RequestContext,
  topic: TopicImage,
  start: number,
  end: number,
): TopicAnswer {
  const { cluster } = services;
  return {
    name: topic.name,
    topicId: topic.id,
    isInternal: INTERNAL_TOPICS.has(topic.name),
    topicAuthorizedOperations: TOPIC_OPERATIONS,
    partitions: topic.partitions.slice(start, end).map((partition, i) => ({
      partitionIndex: start + i,
      leaderId: cluster.reachable(partition.leader, context) ? partition.leader : -1,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.isr,
      eligibleLeaderReplicas: partition.elr,
      lastKnownElr: partition.lastKnownElr,
      offlineReplicas: cluster.offlineReplicas(partition, context),
    })),
  };
}
