import type { Uuid } from '../../base/uuid.ts';
import type { GroupAssignment, GroupSpec, MemberSpec } from './assignor.ts';
import { topicIdOrder } from './hash-order.ts';

interface TopicRange {
  next: number;
  readonly partitionCount: number;
  readonly minQuota: number;
  extra: number;
}

/**
 * Kafka's range assignor: the partitions of each topic go in rows to its subscribers, in the order of their ids, so that
 * equal partitions of topics with equal subscribers meet at one member.
 */
export function assignRange({ members, partitionCount }: GroupSpec): GroupAssignment {
  const subscribers = new Map<Uuid, number>();
  for (const { subscribedTopicIds } of members) {
    for (const topicId of subscribedTopicIds) subscribers.set(topicId, (subscribers.get(topicId) ?? 0) + 1);
  }
  const ranges = new Map<Uuid, TopicRange>();
  for (const [topicId, count] of subscribers) {
    const partitions = partitionCount(topicId);
    const minQuota = Math.floor(partitions / count);
    ranges.set(topicId, { next: 0, partitionCount: partitions, minQuota, extra: partitions % count });
  }
  const sorted = [...members].sort(byInstanceThenId);
  return new Map(sorted.map((member) => [member.memberId, takeRanges(member, ranges)]));
}

// Static members come first, so that their partitions do not change with every restart.
function byInstanceThenId(a: MemberSpec, b: MemberSpec): number {
  if (a.instanceId !== null && b.instanceId !== null) return a.instanceId < b.instanceId ? -1 : 1;
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return a.memberId < b.memberId ? -1 : 1;
}

function takeRanges(member: MemberSpec, ranges: ReadonlyMap<Uuid, TopicRange>): Map<Uuid, Set<number>> {
  const assignment = new Map<Uuid, Set<number>>();
  for (const topicId of member.subscribedTopicIds) {
    const range = ranges.get(topicId);
    if (range === undefined) continue;
    const quota = range.minQuota + (range.extra > 0 ? 1 : 0);
    if (range.extra > 0) range.extra--;
    const end = Math.min(range.next + quota, range.partitionCount);
    const partitions = new Set<number>();
    for (; range.next < end; range.next++) partitions.add(range.next);
    if (partitions.size > 0) assignment.set(topicId, partitions);
  }
  const capacity = Math.floor(member.subscribedTopicIds.size / 0.75 + 1);
  return new Map(topicIdOrder(assignment.keys(), capacity).map((id) => [id, assignment.get(id) ?? new Set()]));
}
