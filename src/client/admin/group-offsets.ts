import { offsetCommitRequest, offsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../protocol/messages/09-offset-fetch.ts';
import { offsetDeleteRequest, offsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import type { KafkaClient } from '../client.ts';
import type { Connection } from '../connection.ts';
import { errorOf } from '../errors.ts';
import { keyedCall } from '../keyed-call.ts';
import { CoordinatorType, lookUpCoordinators } from '../lookups.ts';
import { type CallOptions, partitionName, type Result, type Results, type TopicPartition } from '../types.ts';
import { byTopic, partitionsByTopic } from './group-by-topic.ts';
import { groupCall } from './group-call.ts';

export * from './share-group-offsets.ts';

export interface OffsetAndMetadata {
  readonly offset: number;
  /** -1 when not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

export interface CommittedOffset extends TopicPartition {
  readonly committed: OffsetAndMetadata | null;
}

type GroupOffsets = Map<string, CommittedOffset>;
type FetchOptions = CallOptions & { readonly requireStable?: boolean };

// From version 10 on topics go by id; names serve here, as Kafka's Admin client does it.
const LAST_VERSION_WITH_NAMES = 9;
const FIRST_BATCHED_VERSION = 8;

/**
 * Committed offsets of groups: for each group a map of `topic-partition` to the offset, null where nothing is committed.
 * `partitions` undefined = all that the group committed.
 */
export function listConsumerGroupOffsets(
  client: KafkaClient,
  groups: ReadonlyMap<string, readonly TopicPartition[] | undefined>,
  options: FetchOptions = {},
): Promise<Results<string, GroupOffsets>> {
  const lookup = lookUpCoordinators(CoordinatorType.GROUP);
  return keyedCall<readonly TopicPartition[] | undefined, GroupOffsets>(client, {
    name: 'listConsumerGroupOffsets',
    api: 'OFFSET_FETCH',
    lookupApi: 'FIND_COORDINATOR',
    keys: groups,
    timeoutMs: options.timeoutMs,
    lookup: (keys, connection, timeoutMs) => lookup(namesOf(keys), connection, timeoutMs),
    attempt: (connection, mine, timeoutMs) => {
      const version = connection.versions.choose(offsetFetchRequest, { maxVersion: LAST_VERSION_WITH_NAMES });
      return version < FIRST_BATCHED_VERSION
        ? fetchOneByOne(connection, mine, timeoutMs, options)
        : fetchBatched(connection, mine, timeoutMs, options);
    },
  });
}

function namesOf(keys: ReadonlyMap<string, unknown>): Map<string, string> {
  return new Map([...keys.keys()].map((name) => [name, name]));
}

function topicsToFetch(partitions: readonly TopicPartition[] | undefined) {
  if (partitions === undefined) return null;
  return partitionsByTopic(partitions).map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
}

async function fetchBatched(
  connection: Connection,
  groups: ReadonlyMap<string, readonly TopicPartition[] | undefined>,
  timeoutMs: number,
  options: FetchOptions,
): Promise<Results<string, GroupOffsets>> {
  const response = await connection.send(
    offsetFetchRequest,
    offsetFetchResponse,
    {
      groups: [...groups].map(([groupId, partitions]) => ({ groupId, topics: topicsToFetch(partitions) })),
      requireStable: options.requireStable ?? false,
    },
    { timeoutMs, maxVersion: LAST_VERSION_WITH_NAMES },
  );
  return new Map(response.groups.map((group) => [group.groupId, offsetsOf(group.errorCode, group.topics)]));
}

async function fetchOneByOne(
  connection: Connection,
  groups: ReadonlyMap<string, readonly TopicPartition[] | undefined>,
  timeoutMs: number,
  options: FetchOptions,
): Promise<Results<string, GroupOffsets>> {
  const results: Results<string, GroupOffsets> = new Map();
  for (const [groupId, partitions] of groups) {
    const body = {
      groupId,
      topics: topicsToFetch(partitions),
      ...(options.requireStable === true ? { requireStable: true } : {}),
    };
    const bounds = { timeoutMs, maxVersion: FIRST_BATCHED_VERSION - 1 };
    const response = await connection.send(offsetFetchRequest, offsetFetchResponse, body, bounds);
    results.set(groupId, offsetsOf(response.errorCode, response.topics));
  }
  return results;
}

interface FetchedTopic {
  readonly name: string;
  readonly partitions: readonly {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    readonly committedLeaderEpoch: number;
    readonly metadata: string | null;
    readonly errorCode: number;
  }[];
}

// A partition with an error of its own is left out, as Kafka's Admin client does, unless trying again may mend it.
function offsetsOf(errorCode: number, topics: readonly FetchedTopic[]): Result<GroupOffsets> {
  const groupError = errorOf(errorCode);
  if (groupError !== undefined) return groupError;
  const offsets: GroupOffsets = new Map();
  for (const { name, partitions } of topics) {
    for (const one of partitions) {
      const error = errorOf(one.errorCode);
      if (error?.errorName === 'UNSTABLE_OFFSET_COMMIT') return error;
      if (error !== undefined) continue;
      const { committedOffset: offset, committedLeaderEpoch: leaderEpoch } = one;
      const committed = offset < 0 ? null : { offset, leaderEpoch, metadata: one.metadata ?? '' };
      const partition = one.partitionIndex;
      offsets.set(partitionName(name, partition), { topic: name, partition, committed });
    }
  }
  return offsets;
}

const MENDED_BY_RETRY = new Set(['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR']);

/** Results by partition, or the error that the whole group has to try again for. */
function partitionResults(
  topics: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
  }[],
): Result<Results<string, undefined>> {
  const results: Results<string, undefined> = new Map();
  for (const { name, partitions } of topics) {
    for (const { partitionIndex, errorCode } of partitions) {
      const error = errorOf(errorCode);
      if (error !== undefined && MENDED_BY_RETRY.has(error.errorName)) return error;
      results.set(partitionName(name, partitionIndex), error);
    }
  }
  return results;
}

/** Sets committed offsets of a group; results by `topic-partition`. Throws when the group as a whole refuses. */
export function alterConsumerGroupOffsets(
  client: KafkaClient,
  groupId: string,
  offsets: readonly (TopicPartition & Partial<OffsetAndMetadata> & { readonly offset: number })[],
  options: CallOptions = {},
): Promise<Results<string, undefined>> {
  const topics = [...byTopic(offsets)].map(([name, of]) => ({
    name,
    partitions: of.map((one) => ({
      partitionIndex: one.partition,
      committedOffset: one.offset,
      committedLeaderEpoch: one.leaderEpoch ?? -1,
      committedMetadata: one.metadata ?? '',
    })),
  }));
  return groupCall(
    client,
    'alterConsumerGroupOffsets',
    'OFFSET_COMMIT',
    groupId,
    options,
    async (connection, timeoutMs) => {
      const bounds = { timeoutMs, maxVersion: LAST_VERSION_WITH_NAMES };
      const response = await connection.send(offsetCommitRequest, offsetCommitResponse, { groupId, topics }, bounds);
      return partitionResults(response.topics);
    },
  );
}

/** Deletes committed offsets of a group; results by `topic-partition`. Throws when the group as a whole refuses. */
export function deleteConsumerGroupOffsets(
  client: KafkaClient,
  groupId: string,
  partitions: readonly TopicPartition[],
  options: CallOptions = {},
): Promise<Results<string, undefined>> {
  const topics = partitionsByTopic(partitions).map(([name, numbers]) => ({
    name,
    partitions: numbers.map((partitionIndex) => ({ partitionIndex })),
  }));
  return groupCall(
    client,
    'deleteConsumerGroupOffsets',
    'OFFSET_DELETE',
    groupId,
    options,
    async (connection, timeoutMs) => {
      const response = await connection.send(
        offsetDeleteRequest,
        offsetDeleteResponse,
        { groupId, topics },
        { timeoutMs },
      );
      return errorOf(response.errorCode) ?? partitionResults(response.topics);
    },
  );
}
