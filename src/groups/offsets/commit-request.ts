/** From an OffsetCommit or OffsetDelete request to what the group is asked, and back to one response. */
import { type Uuid, ZERO_UUID } from '../../base/uuid.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { OffsetCommitRequest } from '../../protocol/messages/08-offset-commit.ts';
import type { OffsetDeleteRequest } from '../../protocol/messages/47-offset-delete.ts';
import type { GroupMetadataView } from '../types.ts';
import type { TopicToCommit } from './commit.ts';
import type { TopicToDelete } from './deletion.ts';

/** From this version on topics are named by their ids (KIP-848). */
const TOPIC_IDS_VERSION = 10;

interface PartitionAnswer {
  readonly partitionIndex: number;
  readonly errorCode: number;
}

interface TopicAnswer {
  readonly name: string;
  readonly topicId: Uuid;
  readonly partitions: PartitionAnswer[];
}

/** Collects the answers for partitions under their topics. */
export class TopicAnswers {
  readonly #byKey = new Map<string, TopicAnswer>();
  readonly #usesIds: boolean;

  constructor(usesIds: boolean) {
    this.#usesIds = usesIds;
  }

  get topics(): TopicAnswer[] {
    return [...this.#byKey.values()];
  }

  add(name: string, topicId: Uuid, partitions: Iterable<PartitionAnswer>): void {
    const key = this.#usesIds ? topicId : name;
    let topic = this.#byKey.get(key);
    if (topic === undefined) {
      topic = { name, topicId, partitions: [] };
      this.#byKey.set(key, topic);
    }
    for (const partition of partitions) topic.partitions.push(partition);
  }

  addError(name: string, topicId: Uuid, partitions: Iterable<{ partitionIndex: number }>, errorCode: number): void {
    for (const { partitionIndex } of partitions) this.add(name, topicId, [{ partitionIndex, errorCode }]);
  }
}

/** Sorts out the topics and partitions that do not exist: UNKNOWN_TOPIC_ID or UNKNOWN_TOPIC_OR_PARTITION. */
export function existingTopicsToCommit(
  request: OffsetCommitRequest,
  apiVersion: number,
  metadata: GroupMetadataView,
): { topics: TopicToCommit[]; answers: TopicAnswers } {
  const usesIds = apiVersion >= TOPIC_IDS_VERSION;
  const answers = new TopicAnswers(usesIds);
  const topics: TopicToCommit[] = [];
  for (const topic of request.topics) {
    const name = usesIds ? metadata.topicName(topic.topicId) : topic.name;
    const topicId = usesIds ? topic.topicId : metadata.topicId(topic.name);
    if (name === undefined) answers.addError('', topic.topicId, topic.partitions, ErrorCode.UNKNOWN_TOPIC_ID);
    else {
      const partitions = existingPartitions(name, topicId, topic.partitions, metadata, answers);
      if (topicId !== undefined && partitions.length > 0) topics.push({ name, topicId, partitions });
    }
  }
  return { topics, answers };
}

/** As {@link existingTopicsToCommit}, for OffsetDelete. */
export function existingTopicsToDelete(
  request: OffsetDeleteRequest,
  metadata: GroupMetadataView,
): { topics: TopicToDelete[]; answers: TopicAnswers } {
  const answers = new TopicAnswers(false);
  const topics: TopicToDelete[] = [];
  for (const { name, partitions: asked } of request.topics) {
    const partitions = existingPartitions(name, metadata.topicId(name), asked, metadata, answers);
    if (partitions.length > 0) topics.push({ name, partitions });
  }
  return { topics, answers };
}

function existingPartitions<P extends { partitionIndex: number }>(
  name: string,
  topicId: Uuid | undefined,
  partitions: readonly P[],
  metadata: GroupMetadataView,
  answers: TopicAnswers,
): P[] {
  const count = topicId === undefined ? 0 : metadata.partitionCount(name);
  const exists = ({ partitionIndex }: P): boolean => partitionIndex >= 0 && partitionIndex < count;
  const missing = partitions.filter((partition) => !exists(partition));
  answers.addError(name, topicId ?? ZERO_UUID, missing, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  return missing.length === 0 ? [...partitions] : partitions.filter(exists);
}
