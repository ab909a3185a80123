/** What the members of a consumer group should have: recomputed for a new group epoch. */
import { createHash } from 'node:crypto';
import type { Uuid } from '../../base/uuid.ts';
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord, GroupMetadataView } from '../types.ts';
import { ASSIGNORS, DEFAULT_ASSIGNOR, type MemberSpec } from './assignor.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerGroupMember, TopicPartitions } from './consumer-member.ts';
import { NO_METADATA_HASH, newTargetAssignmentEpochRecord, newTargetAssignmentRecord } from './consumer-records.ts';

/** A group as it will be when the records of the running operation are applied. */
export interface GroupDraft {
  readonly group: ConsumerGroup;
  readonly groupEpoch: number;
  readonly members: ReadonlyMap<string, ConsumerGroupMember>;
  /** Target assignments so far, under the ids of `members`. */
  targetOf(memberId: string): TopicPartitions;
  topicsOf(member: ConsumerGroupMember): ReadonlySet<string>;
}

export interface Target {
  readonly epoch: number;
  readonly partitions: TopicPartitions;
}

/** Ids of those topics that exist. */
export function existingTopicIds(topics: Iterable<string>, metadata: GroupMetadataView): Set<Uuid> {
  const ids = new Set<Uuid>();
  for (const topic of topics) {
    const id = metadata.topicId(topic);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

/**
 * A fingerprint of the topics that a group subscribes to, 16 hexadecimal digits: when it changes, so may the assignment.
 * Kafka hashes the same facts in another way; a group that passes between the two is assigned anew once.
 */
export function metadataHash(topics: Iterable<string>, metadata: GroupMetadataView): string {
  const facts: string[] = [];
  for (const topic of new Set(topics)) {
    const id = metadata.topicId(topic);
    if (id !== undefined) facts.push(`${topic}:${id}:${metadata.partitionCount(topic)}`);
  }
  if (facts.length === 0) return NO_METADATA_HASH;
  return createHash('md5').update(facts.sort().join('\n')).digest('hex').slice(0, 16);
}

/**
 * The target of one member. A new target for all is computed when the group's epoch is ahead, but not more often than
 * group.consumer.assignment.interval.ms, and its records are added to `records`.
 */
export function updateTarget(
  ctx: ShardContext,
  draft: GroupDraft,
  memberId: string,
  records: CoordinatorRecord[],
): Target {
  const { group, groupEpoch } = draft;
  const nowMs = ctx.clock.nowMs();
  const waitMs = group.assignmentTimestampMs === 0 ? 0 : ctx.config.consumerAssignmentIntervalMs;
  if (group.assignmentEpoch >= groupEpoch || nowMs < group.assignmentTimestampMs + waitMs) {
    return { epoch: group.assignmentEpoch, partitions: draft.targetOf(memberId) };
  }
  const { metadata } = ctx;
  const specs = [...draft.members.values()].map(
    (member): MemberSpec => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      subscribedTopicIds: existingTopicIds(draft.topicsOf(member), metadata),
      current: draft.targetOf(member.memberId),
    }),
  );
  const assign = ASSIGNORS.get(group.preferredAssignor(draft.members.values()) ?? DEFAULT_ASSIGNOR);
  const targets = assign?.(specs, (topicId) => metadata.partitionCount(metadata.topicName(topicId) ?? ''));
  const none: TopicPartitions = new Map();
  for (const id of draft.members.keys()) {
    const target = targets?.get(id) ?? none;
    const isStored = group.targetAssignments.has(id);
    if (!isStored || !isSame(target, draft.targetOf(id))) {
      records.push(newTargetAssignmentRecord(group.groupId, id, target));
    }
  }
  records.push(newTargetAssignmentEpochRecord(group.groupId, groupEpoch, nowMs));
  return { epoch: groupEpoch, partitions: targets?.get(memberId) ?? none };
}

function isSame(a: TopicPartitions, b: TopicPartitions): boolean {
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const partition of partitions) if (!others.has(partition)) return false;
  }
  return true;
}
