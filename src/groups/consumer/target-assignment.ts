/** What the members of a consumer group should have: recomputed for a new group epoch. */
import { inHashMapOrder } from '../../base/java-hash.ts';
import type { Uuid } from '../../base/uuid.ts';
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord, GroupMetadataView } from '../types.ts';
import { ASSIGNORS, type GroupSpec, type MemberSpec } from './assignor.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerGroupMember, listPartitions, type TopicPartitions } from './consumer-member.ts';
import { newTargetAssignmentEpochRecord, newTargetAssignmentRecord } from './consumer-records.ts';
import { settingsOf } from './group-settings.ts';

/** A group as it will be when the records of the running operation are applied. */
export interface GroupDraft {
  readonly group: ConsumerGroup;
  readonly groupEpoch: number;
  readonly members: ReadonlyMap<string, ConsumerGroupMember>;
  /** The id of the static member that is being replaced, and of the one that takes its place. */
  readonly replacement: { readonly oldId: string; readonly newId: string } | null;
}

export interface Target {
  readonly epoch: number;
  readonly partitions: TopicPartitions;
}

const NOTHING: TopicPartitions = new Map();

/** Ids of those topics that exist. */
export function existingTopicIds(topics: Iterable<string>, metadata: GroupMetadataView): Set<Uuid> {
  const ids = new Set<Uuid>();
  for (const topic of topics) {
    const id = metadata.topicId(topic);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

/** The target that a member has so far; who replaces a static member has that one's. */
export function currentTarget({ group, replacement }: GroupDraft, memberId: string): Target {
  const id = memberId === replacement?.newId ? replacement.oldId : memberId;
  return { epoch: group.assignmentEpoch, partitions: group.targetAssignment(id) };
}

/** The assignor that most of the members ask for, else the broker's first. */
export function assignorOf({ config }: ShardContext, members: ReadonlyMap<string, ConsumerGroupMember>): string {
  const votes = new Map<string, number>();
  for (const { serverAssignor } of members.values()) {
    if (serverAssignor !== null) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1);
  }
  const inOrder = inHashMapOrder([...votes.keys()], (name) => name);
  const [preferred] = inOrder.sort((a, b) => (votes.get(b) ?? 0) - (votes.get(a) ?? 0));
  return preferred ?? config.consumerAssignors[0] ?? '';
}

/**
 * The target of one member. A new target for all is computed when the group's epoch is ahead, but not more often than
 * the assignment interval lets it, and its records are added to `records`.
 */
export function updateTarget(
  ctx: ShardContext,
  draft: GroupDraft,
  memberId: string,
  records: CoordinatorRecord[],
): Target {
  const { group, groupEpoch, members, replacement } = draft;
  const nowMs = ctx.clock.nowMs();
  if (group.assignmentEpoch >= groupEpoch || !isIntervalOver(ctx, group, nowMs)) return currentTarget(draft, memberId);
  const assignor = assignorOf(ctx, members);
  const ordered = inHashMapOrder([...members.values()], (member) => member.memberId);
  const targets = ASSIGNORS.get(assignor)?.(groupSpec(ctx, draft, ordered));
  for (const { memberId: id } of ordered) {
    const target = targets?.get(id) ?? NOTHING;
    const isStored = group.targetAssignments.has(id === replacement?.newId ? replacement.oldId : id);
    if (isStored && isSame(target, currentTarget(draft, id).partitions)) continue;
    records.push(newTargetAssignmentRecord(group.groupId, id, listPartitions(target)));
  }
  records.push(newTargetAssignmentEpochRecord(group.groupId, groupEpoch, nowMs));
  ctx.logger.info(`group ${group.groupId} has a new target assignment for epoch ${groupEpoch} (${assignor})`);
  return { epoch: groupEpoch, partitions: targets?.get(memberId) ?? NOTHING };
}

// A group without an assignment, or of which it is not known when it was made, need not wait.
function isIntervalOver(ctx: ShardContext, { groupId, assignmentTimestampMs }: ConsumerGroup, nowMs: number): boolean {
  const intervalMs = settingsOf(ctx, groupId).assignmentIntervalMs;
  return assignmentTimestampMs === 0 || intervalMs === 0 || nowMs >= assignmentTimestampMs + intervalMs;
}

function groupSpec(ctx: ShardContext, draft: GroupDraft, members: readonly ConsumerGroupMember[]): GroupSpec {
  const { metadata } = ctx;
  const { group } = draft;
  const assigned = new Map<Uuid, Set<number>>();
  for (const target of group.targetAssignments.values()) {
    for (const [topicId, partitions] of target) {
      const among = assigned.get(topicId) ?? new Set();
      assigned.set(topicId, among);
      for (const partition of partitions) among.add(partition);
    }
  }
  return {
    members: members.map(
      (member): MemberSpec => ({
        memberId: member.memberId,
        instanceId: member.instanceId,
        subscribedTopicIds: existingTopicIds(group.topicsOf(member), metadata),
        current: currentTarget(draft, member.memberId).partitions,
      }),
    ),
    isHomogeneous: isHomogeneous(members),
    partitionCount: (topicId) => metadata.partitionCount(metadata.topicName(topicId) ?? ''),
    isAssigned: (topicId, partition) => assigned.get(topicId)?.has(partition) ?? false,
  };
}

// As Kafka sees it: all name the same topics, or all have one pattern and name no topic that it matches.
function isHomogeneous(members: readonly ConsumerGroupMember[]): boolean {
  const names = new Map<string, number>();
  for (const member of members) {
    for (const name of member.subscribedTopicNames) names.set(name, (names.get(name) ?? 0) + 1);
  }
  const regexes = new Set(members.map((member) => member.subscribedTopicRegex));
  if (regexes.size > 1) return false;
  const regex = members[0]?.subscribedTopicRegex ?? '';
  if (regex !== '') return names.size === 0;
  for (const count of names.values()) if (count !== members.length) return false;
  return true;
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
