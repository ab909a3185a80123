/** From an OffsetFetch request to what each group is asked, and back to one response. */
import { ZERO_UUID } from '../../base/uuid.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { OffsetFetchRequest, OffsetFetchResponseInput } from '../../protocol/messages/09-offset-fetch.ts';
import type { GroupMetadataView } from '../types.ts';
import type { FetchedTopic, TopicToFetch } from './fetch.ts';

const TOP_LEVEL_ERROR_VERSION = 2;
const SEVERAL_GROUPS_VERSION = 8;
/** From this version on topics are named by their ids (KIP-848). */
const TOPIC_IDS_VERSION = 10;

/** What one group is asked; null topics = all. */
export interface GroupToFetch {
  readonly groupId: string;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly topics: readonly TopicToFetch[] | null;
}

/** What one group answers. */
export interface FetchedGroup {
  readonly groupId: string;
  readonly errorCode: number;
  readonly topics: FetchedTopic[];
}

/** The groups of a request in one form for all versions. */
export function groupsToFetch(request: OffsetFetchRequest, apiVersion: number): GroupToFetch[] {
  if (apiVersion >= SEVERAL_GROUPS_VERSION) return request.groups;
  const { groupId } = request;
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null;
  return [{ groupId, memberId: null, memberEpoch: -1, topics }];
}

/** Finds the names of topics that are given by id; those without one are answered UNKNOWN_TOPIC_ID. */
export function resolveTopics(
  topics: readonly TopicToFetch[],
  apiVersion: number,
  metadata: GroupMetadataView,
): { known: TopicToFetch[]; unknown: FetchedTopic[] } {
  if (apiVersion < TOPIC_IDS_VERSION) return { known: [...topics], unknown: [] };
  const known: TopicToFetch[] = [];
  const unknown: FetchedTopic[] = [];
  for (const topic of topics) {
    const name = metadata.topicName(topic.topicId);
    if (name === undefined) unknown.push(failedTopic(topic, ErrorCode.UNKNOWN_TOPIC_ID));
    else known.push({ ...topic, name });
  }
  return { known, unknown };
}

/** Adds the ids of topics where the version needs them; a topic that is gone cannot be told then. */
export function withTopicIds(topics: FetchedTopic[], apiVersion: number, metadata: GroupMetadataView): FetchedTopic[] {
  if (apiVersion < TOPIC_IDS_VERSION) return topics;
  return topics.flatMap((topic) => {
    const topicId = metadata.topicId(topic.name);
    return topicId === undefined ? [] : [{ ...topic, topicId }];
  });
}

/** The answer of a group that failed as a whole; version 1 can only say it for each partition. */
export function failedGroup(group: GroupToFetch, errorCode: number, apiVersion: number): FetchedGroup {
  const { groupId } = group;
  if (apiVersion >= TOP_LEVEL_ERROR_VERSION) return { groupId, errorCode, topics: [] };
  return { groupId, errorCode, topics: (group.topics ?? []).map((topic) => failedTopic(topic, errorCode)) };
}

function failedTopic({ name, topicId, partitionIndexes }: TopicToFetch, errorCode: number): FetchedTopic {
  const partitions = partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode,
  }));
  return { name, topicId, partitions };
}

/** The response in the form of the version. */
export function fetchResponse(groups: readonly FetchedGroup[], apiVersion: number): OffsetFetchResponseInput {
  if (apiVersion >= SEVERAL_GROUPS_VERSION) return { groups };
  const [group] = groups;
  return { errorCode: group?.errorCode ?? 0, topics: group?.topics ?? [] };
}
