import {
  describeShareGroupOffsetsRequest,
  describeShareGroupOffsetsResponse,
} from '../../protocol/messages/90-describe-share-group-offsets.ts';
import {
  alterShareGroupOffsetsRequest,
  alterShareGroupOffsetsResponse,
} from '../../protocol/messages/91-alter-share-group-offsets.ts';
import {
  deleteShareGroupOffsetsRequest,
  deleteShareGroupOffsetsResponse,
} from '../../protocol/messages/92-delete-share-group-offsets.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf } from '../errors.ts';
import { keyedCall } from '../keyed-call.ts';
import { CoordinatorType, lookUpCoordinators } from '../lookups.ts';
import { type CallOptions, partitionName, type Results, type TopicPartition } from '../types.ts';
import { byTopic, partitionsByTopic } from './group-by-topic.ts';
import { groupCall } from './group-call.ts';

export interface ShareGroupOffset extends TopicPartition {
  readonly startOffset: number;
  readonly leaderEpoch: number;
  /** undefined when not known. */
  readonly lag: number | undefined;
}

/** Start offsets of share groups (KIP-932), by group, then `topic-partition`; `partitions` undefined = all. */
export function listShareGroupOffsets(
  client: KafkaClient,
  groups: ReadonlyMap<string, readonly TopicPartition[] | undefined>,
  options: CallOptions = {},
): Promise<Results<string, Map<string, ShareGroupOffset>>> {
  const lookup = lookUpCoordinators(CoordinatorType.GROUP);
  return keyedCall<readonly TopicPartition[] | undefined, Map<string, ShareGroupOffset>>(client, {
    name: 'listShareGroupOffsets',
    api: 'DESCRIBE_SHARE_GROUP_OFFSETS',
    lookupApi: 'FIND_COORDINATOR',
    keys: groups,
    timeoutMs: options.timeoutMs,
    lookup: (keys, ...rest) => lookup(new Map([...keys.keys()].map((name) => [name, name])), ...rest),
    attempt: async (connection, mine, timeoutMs) => {
      const asked = [...mine].map(([groupId, partitions]) => ({ groupId, topics: topicsToDescribe(partitions) }));
      const response = await connection.send(
        describeShareGroupOffsetsRequest,
        describeShareGroupOffsetsResponse,
        { groups: asked },
        { timeoutMs },
      );
      const results: Results<string, Map<string, ShareGroupOffset>> = new Map();
      for (const { groupId, topics, errorCode, errorMessage } of response.groups) {
        results.set(groupId, errorOf(errorCode, errorMessage) ?? offsetsOf(topics));
      }
      return results;
    },
  });
}

function topicsToDescribe(partitions: readonly TopicPartition[] | undefined) {
  if (partitions === undefined) return null;
  return partitionsByTopic(partitions).map(([topicName, numbers]) => ({ topicName, partitions: numbers }));
}

function offsetsOf(
  topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly startOffset: number;
      readonly leaderEpoch: number;
      readonly lag: number;
      readonly errorCode: number;
    }[];
  }[],
): Map<string, ShareGroupOffset> {
  const offsets = new Map<string, ShareGroupOffset>();
  for (const { topicName: topic, partitions } of topics) {
    for (const { partitionIndex: partition, startOffset, leaderEpoch, lag, errorCode } of partitions) {
      if (errorCode !== 0) continue;
      const known = { topic, partition, startOffset, leaderEpoch, lag: lag < 0 ? undefined : lag };
      offsets.set(partitionName(topic, partition), known);
    }
  }
  return offsets;
}

/** Sets start offsets of a share group; results by `topic-partition`. Throws when the group as a whole refuses. */
export function alterShareGroupOffsets(
  client: KafkaClient,
  groupId: string,
  offsets: readonly (TopicPartition & { readonly offset: number })[],
  options: CallOptions = {},
): Promise<Results<string, undefined>> {
  const topics = [...byTopic(offsets)].map(([topicName, of]) => ({
    topicName,
    partitions: of.map(({ partition, offset }) => ({ partitionIndex: partition, startOffset: offset })),
  }));
  return groupCall(
    client,
    'alterShareGroupOffsets',
    'ALTER_SHARE_GROUP_OFFSETS',
    groupId,
    options,
    async (connection, timeoutMs) => {
      const body = { groupId, topics };
      const response = await connection.send(alterShareGroupOffsetsRequest, alterShareGroupOffsetsResponse, body, {
        timeoutMs,
      });
      const error = errorOf(response.errorCode, response.errorMessage);
      if (error !== undefined) return error;
      const results: Results<string, undefined> = new Map();
      for (const { topicName, partitions } of response.responses) {
        for (const one of partitions) {
          results.set(partitionName(topicName, one.partitionIndex), errorOf(one.errorCode, one.errorMessage));
        }
      }
      return results;
    },
  );
}

/** Deletes start offsets of a share group; results by topic. Throws when the group as a whole refuses. */
export function deleteShareGroupOffsets(
  client: KafkaClient,
  groupId: string,
  topics: readonly string[],
  options: CallOptions = {},
): Promise<Results<string, undefined>> {
  const body = { groupId, topics: topics.map((topicName) => ({ topicName })) };
  return groupCall(
    client,
    'deleteShareGroupOffsets',
    'DELETE_SHARE_GROUP_OFFSETS',
    groupId,
    options,
    async (connection, timeoutMs) => {
      const response = await connection.send(deleteShareGroupOffsetsRequest, deleteShareGroupOffsetsResponse, body, {
        timeoutMs,
      });
      const error = errorOf(response.errorCode, response.errorMessage);
      if (error !== undefined) return error;
      return new Map(response.responses.map((one) => [one.topicName, errorOf(one.errorCode, one.errorMessage)]));
    },
  );
}
