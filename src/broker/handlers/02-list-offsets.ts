/**
 * ListOffsets, key 2, versions 1-11: by timestamp, or -1 latest, -2 earliest, -3 (v7) largest timestamp, -4 (v8) earliest
 * local, -5 (v9) latest tiered, -6 (v11) earliest pending upload. v2: isolation level. v4: leader epochs. Below v5 a
 * leader that cannot tell yet answers LEADER_NOT_AVAILABLE instead of OFFSET_NOT_AVAILABLE.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { ErrorCode, errorCodeOf } from '../../protocol/error-codes.ts';
import {
  type ListOffsetsRequest,
  listOffsetsRequest,
  listOffsetsResponse,
} from '../../protocol/messages/02-list-offsets.ts';
import { defineHandler, type RequestContext } from '../handler.ts';
import type { FetchIsolation } from '../partition.ts';
import type { BrokerServices } from '../services.ts';

type PartitionRequest = ListOffsetsRequest['topics'][number]['partitions'][number];

const CONSUMER = -1;
const DEBUGGING_CONSUMER = -2;
const READ_COMMITTED = 1;
const FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE = 5;
const FIRST_VERSION_WITH_LEADER_EPOCH = 4;
/** First version of each special timestamp. */
const SPECIAL_TIMESTAMPS: ReadonlyMap<number, number> = new Map([
  [-1, 1],
  [-2, 1],
  [-3, 7],
  [-4, 8],
  [-5, 9],
  [-6, 11],
]);

export const listOffsets = defineHandler({
  request: listOffsetsRequest,
  response: listOffsetsResponse,
  listeners: ['broker'],
  handle(services, request, context, reply) {
    const duplicates = duplicatePartitions(request);
    reply({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((asked) => {
          try {
            if (duplicates.has(`${name}-${asked.partitionIndex}`)) throw new KafkaError('INVALID_REQUEST');
            return find(services, request, context, name, asked);
          } catch (error) {
            return failure(services, context, asked.partitionIndex, error);
          }
        }),
      })),
    });
  },
  errorResponse: (error, request) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: error.code })),
    })),
  }),
});

function duplicatePartitions(request: ListOffsetsRequest): Set<string> {
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}-${partitionIndex}`;
      if (seen.has(key)) duplicates.add(key);
      seen.add(key);
    }
  }
  return duplicates;
}

function find(
  services: BrokerServices,
  request: ListOffsetsRequest,
  context: RequestContext,
  topic: string,
  asked: PartitionRequest,
) {
  const { timestamp, partitionIndex, currentLeaderEpoch } = asked;
  if (timestamp < 0 && context.apiVersion < (SPECIAL_TIMESTAMPS.get(timestamp) ?? Number.POSITIVE_INFINITY)) {
    throw new KafkaError('UNSUPPORTED_VERSION');
  }
  const isolation: FetchIsolation | undefined =
    request.replicaId !== CONSUMER
      ? undefined
      : request.isolationLevel === READ_COMMITTED
        ? 'lastStableOffset'
        : 'highWatermark';
  const mustLead = request.replicaId !== DEBUGGING_CONSUMER;
  const partition = services.replicaManager.getOrThrow(topic, partitionIndex);
  const found = partition.offsetForTimestamp(timestamp, isolation, currentLeaderEpoch, mustLead);
  if (found === undefined) return { partitionIndex };
  return {
    partitionIndex,
    timestamp: found.timestamp,
    offset: found.offset,
    leaderEpoch: context.apiVersion >= FIRST_VERSION_WITH_LEADER_EPOCH ? found.leaderEpoch : -1,
  };
}

function failure(services: BrokerServices, context: RequestContext, partitionIndex: number, error: unknown) {
  if (!(error instanceof KafkaError)) services.logger.error('looking up an offset failed', error);
  const code = errorCodeOf(error);
  const isTooNew =
    code === ErrorCode.OFFSET_NOT_AVAILABLE && context.apiVersion < FIRST_VERSION_WITH_OFFSET_NOT_AVAILABLE;
  return { partitionIndex, errorCode: isTooNew ? ErrorCode.LEADER_NOT_AVAILABLE : code };
}
