import { listOffsetsRequest, listOffsetsResponse } from '../../protocol/messages/02-list-offsets.ts';
import { deleteRecordsRequest, deleteRecordsResponse } from '../../protocol/messages/21-delete-records.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf } from '../errors.ts';
import { keyedCall } from '../keyed-call.ts';
import { lookUpLeaders } from '../lookups.ts';
import { type CallOptions, partitionName, type Results, type TopicPartition } from '../types.ts';
import { byTopic } from './group-by-topic.ts';

export * from './producers.ts';

/** Special timestamps of ListOffsets; any other number is a time in ms. */
export const OffsetSpec = {
  LATEST: -1,
  EARLIEST: -2,
  MAX_TIMESTAMP: -3,
  EARLIEST_LOCAL: -4,
  LATEST_TIERED: -5,
  EARLIEST_PENDING_UPLOAD: -6,
} as const;

export interface OffsetAndTimestamp {
  /** -1 when there is no such offset. */
  readonly offset: number;
  /** -1 when not known. */
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

type OffsetQuery = TopicPartition & { readonly timestamp: number };

// What a broker must know to understand a special timestamp.
function minVersionFor(queries: Iterable<OffsetQuery>): number {
  let version = 1;
  for (const { timestamp } of queries) {
    if (timestamp === OffsetSpec.MAX_TIMESTAMP) version = Math.max(version, 7);
    else if (timestamp === OffsetSpec.EARLIEST_LOCAL) version = Math.max(version, 8);
    else if (timestamp === OffsetSpec.LATEST_TIERED) version = Math.max(version, 9);
    else if (timestamp === OffsetSpec.EARLIEST_PENDING_UPLOAD) version = Math.max(version, 11);
  }
  return version;
}

/** Offsets by partition from the leaders; the keys of the results are `topic-partition`. */
export function listOffsets(
  client: KafkaClient,
  partitions: readonly OffsetQuery[],
  options: CallOptions & { readonly readCommitted?: boolean } = {},
): Promise<Results<string, OffsetAndTimestamp>> {
  const keys = new Map(partitions.map((one) => [partitionName(one.topic, one.partition), one]));
  return keyedCall(client, {
    name: 'listOffsets',
    api: 'LIST_OFFSETS',
    lookupApi: 'METADATA',
    keys,
    timeoutMs: options.timeoutMs,
    lookup: lookUpLeaders(client),
    attempt: async (connection, mine, timeoutMs) => {
      const topics = [...byTopic([...mine.values()])].map(([name, of]) => ({
        name,
        partitions: of.map(({ partition, timestamp }) => ({ partitionIndex: partition, timestamp })),
      }));
      const response = await connection.send(
        listOffsetsRequest,
        listOffsetsResponse,
        (version) => ({
          replicaId: -1,
          ...(version >= 2 ? { isolationLevel: options.readCommitted === true ? 1 : 0 } : {}),
          topics,
          timeoutMs,
        }),
        { timeoutMs, minVersion: minVersionFor(mine.values()) },
      );
      const results: Results<string, OffsetAndTimestamp> = new Map();
      for (const topic of response.topics) {
        for (const { partitionIndex, errorCode, offset, timestamp, leaderEpoch } of topic.partitions) {
          const result = errorOf(errorCode) ?? { offset, timestamp, leaderEpoch };
          results.set(partitionName(topic.name, partitionIndex), result);
        }
      }
      return results;
    },
  });
}

/** Deletes records before `beforeOffset` (-1 = the high watermark); the result is the new low watermark. */
export function deleteRecords(
  client: KafkaClient,
  partitions: readonly (TopicPartition & { readonly beforeOffset: number })[],
  options: CallOptions = {},
): Promise<Results<string, number>> {
  const keys = new Map(partitions.map((one) => [partitionName(one.topic, one.partition), one]));
  return keyedCall(client, {
    name: 'deleteRecords',
    api: 'DELETE_RECORDS',
    lookupApi: 'METADATA',
    keys,
    timeoutMs: options.timeoutMs,
    lookup: lookUpLeaders(client),
    attempt: async (connection, mine, timeoutMs) => {
      const topics = [...byTopic([...mine.values()])].map(([name, of]) => ({
        name,
        partitions: of.map(({ partition, beforeOffset }) => ({ partitionIndex: partition, offset: beforeOffset })),
      }));
      const body = { topics, timeoutMs };
      const response = await connection.send(deleteRecordsRequest, deleteRecordsResponse, body, { timeoutMs });
      const results: Results<string, number> = new Map();
      for (const topic of response.topics) {
        for (const { partitionIndex, errorCode, lowWatermark } of topic.partitions) {
          results.set(partitionName(topic.name, partitionIndex), errorOf(errorCode) ?? lowWatermark);
        }
      }
      return results;
    },
  });
}
