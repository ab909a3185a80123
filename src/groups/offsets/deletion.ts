/** Tombstones for offsets: on request, with their group, with their topic. */
import { KafkaError } from '../../base/kafka-error.ts';
import { type Uuid, ZERO_UUID } from '../../base/uuid.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import { newOffsetCommitTombstone } from '../coordinator-records.ts';
import type { Group, ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';

export interface TopicToDelete {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number }[];
}

export interface DeletedTopicOffsets {
  readonly name: string;
  readonly partitions: { readonly partitionIndex: number; readonly errorCode: number }[];
}

/**
 * Decides OffsetDelete (KIP-496). Throws KafkaError GROUP_ID_NOT_FOUND, or NON_EMPTY_GROUP for a group with members that
 * are no consumers, as it cannot be known what they read. Topics that members subscribe to keep their offsets.
 */
export function deleteOffsets(
  ctx: ShardContext,
  groupId: string,
  topics: readonly TopicToDelete[],
): { records: CoordinatorRecord[]; topics: DeletedTopicOffsets[] } {
  const group = ctx.groups.get(groupId);
  if (group === undefined) throw new KafkaError('GROUP_ID_NOT_FOUND', `Group ${groupId} not found.`);
  const isOfConsumers = group.type === 'consumer' || (group.type === 'classic' && group.usesConsumerProtocol);
  if (!group.isEmpty && !isOfConsumers) throw new KafkaError('NON_EMPTY_GROUP');
  const records: CoordinatorRecord[] = [];
  const answers = topics.map(({ name, partitions }) => {
    const isSubscribed = 'isSubscribedTo' in group && group.isSubscribedTo(name);
    const errorCode = isSubscribed ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE;
    for (const { partitionIndex } of isSubscribed ? [] : partitions) {
      const exists =
        ctx.offsets.hasOffset(groupId, name, partitionIndex) || ctx.offsets.hasPending(groupId, name, partitionIndex);
      if (exists) records.push(newOffsetCommitTombstone(groupId, name, partitionIndex));
    }
    return { name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) };
  });
  return { records, topics: answers };
}

/** Tombstones for all offsets of a group, those of open transactions included. */
export function offsetTombstones(ctx: ShardContext, groupId: string): CoordinatorRecord[] {
  const records: CoordinatorRecord[] = [];
  for (const [topic, slots] of ctx.offsets.ofGroup(groupId) ?? []) {
    for (const [partition, slot] of slots) {
      if (slot.latest !== null) records.push(newOffsetCommitTombstone(groupId, topic, partition));
    }
  }
  const seen = new Set<string>();
  for (const { topic, partition } of ctx.offsets.pendingOffsets(groupId)) {
    const id = `${partition} ${topic}`;
    if (seen.has(id) || ctx.offsets.hasOffset(groupId, topic, partition)) continue;
    seen.add(id);
    records.push(newOffsetCommitTombstone(groupId, topic, partition));
  }
  return records;
}

/** Tombstones for what any group committed for topics that are gone. */
export function tombstonesOfDeletedTopics(
  ctx: ShardContext,
  deletedTopics: readonly { readonly id: Uuid; readonly name: string }[],
): CoordinatorRecord[] {
  const records: CoordinatorRecord[] = [];
  const ids = new Map(deletedTopics.map(({ id, name }) => [name, id]));
  // The id tells a deleted topic from one that was created under its name since; old records have none.
  const isGone = (topic: string, topicId: Uuid): boolean =>
    ids.has(topic) && (topicId === ZERO_UUID || topicId === ids.get(topic));
  for (const groupId of ctx.offsets.groupIds()) {
    const offsets = ctx.offsets.ofGroup(groupId);
    for (const topic of ids.keys()) {
      for (const [partition, { latest }] of offsets?.get(topic) ?? []) {
        if (latest !== null && isGone(topic, latest.topicId)) {
          records.push(newOffsetCommitTombstone(groupId, topic, partition));
        }
      }
    }
  }
  for (const { groupId, topic, partition, offset } of ctx.offsets.pendingOffsets()) {
    if (isGone(topic, offset.topicId)) records.push(newOffsetCommitTombstone(groupId, topic, partition));
  }
  return records;
}

/** Throws when a group cannot be deleted because it has members. */
export function validateDeleteGroup(group: Group): void {
  if (!group.isEmpty) throw new KafkaError('NON_EMPTY_GROUP');
}
