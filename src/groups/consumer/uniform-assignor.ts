import type { Uuid } from '../../base/uuid.ts';
import type { GroupAssignment, GroupSpec, MemberSpec } from './assignor.ts';
import type { TopicPartitions } from './consumer-member.ts';
import { copyCapacity, partitionOrder, topicIdOrder } from './hash-order.ts';
import { assignHeterogeneous } from './uniform-heterogeneous.ts';

/** Of a `HashSet` that is made without one. */
const SET_CAPACITY = 16;

interface FreePartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

interface Share {
  readonly memberId: string;
  readonly partitions: Map<Uuid, Set<number>>;
  /** How many partitions it still may get. */
  readonly missing: number;
}

/**
 * Kafka's uniform assignor: every member gets as many partitions as the others where its subscription lets it, and keeps
 * what it has as far as that allows.
 */
export function assignUniform(group: GroupSpec): GroupAssignment {
  const assignment = group.isHomogeneous ? assignHomogeneous(group) : assignHeterogeneous(group);
  if (assignment.size === 0) return assignment;
  return new Map(group.members.map((member) => [member.memberId, ordered(member, assignment.get(member.memberId))]));
}

// What a member has is changed in a copy of what it had.
function ordered({ current }: MemberSpec, partitions: TopicPartitions = new Map()): TopicPartitions {
  return new Map(
    topicIdOrder(partitions.keys(), current.size).map((topicId) => {
      const capacity = Math.max(copyCapacity(current.get(topicId)?.size ?? 0), SET_CAPACITY);
      return [topicId, new Set(partitionOrder(partitions.get(topicId) ?? [], capacity))];
    }),
  );
}

// Those who have more than their quota give up the rest; then the free partitions fill up those who have less.
function assignHomogeneous(group: GroupSpec): GroupAssignment {
  const { members } = group;
  const topicIds = members[0]?.subscribedTopicIds ?? new Set<Uuid>();
  if (topicIds.size === 0) return new Map();
  const { free, count } = countPartitions(group, topicIdOrder(topicIds));
  const quota = Math.floor(count / members.length);
  let withExtra = count % members.length;
  const shares: Share[] = [];
  members.forEach((member, i) => {
    let hasExtra = withExtra > 0;
    const limit = hasExtra ? quota + 1 : quota;
    const { partitions, size } = keep(member, topicIds, limit, free);
    let missing = limit - size;
    // Enough others are left for the extra partitions.
    if (missing > 0 && hasExtra && members.length - i > withExtra) {
      missing--;
      hasExtra = false;
    }
    if (hasExtra) withExtra--;
    shares.push({ memberId: member.memberId, partitions, missing });
  });
  fill(shares, free);
  return new Map(shares.map(({ memberId, partitions }) => [memberId, partitions]));
}

function countPartitions(group: GroupSpec, topicIds: readonly Uuid[]): { free: FreePartition[]; count: number } {
  const free: FreePartition[] = [];
  let count = 0;
  for (const topicId of topicIds) {
    const partitionCount = group.partitionCount(topicId);
    count += partitionCount;
    for (let partition = 0; partition < partitionCount; partition++) {
      if (!group.isAssigned(topicId, partition)) free.push({ topicId, partition });
    }
  }
  return { free, count };
}

function keep(
  { current }: MemberSpec,
  topicIds: ReadonlySet<Uuid>,
  limit: number,
  free: FreePartition[],
): { partitions: Map<Uuid, Set<number>>; size: number } {
  const kept = new Map<Uuid, Set<number>>();
  let size = 0;
  for (const topicId of topicIdOrder(current.keys())) {
    if (!topicIds.has(topicId)) continue;
    const partitions = new Set<number>();
    for (const partition of partitionsOf(current, topicId)) {
      if (size < limit) {
        partitions.add(partition);
        size++;
      } else {
        free.push({ topicId, partition });
      }
    }
    if (partitions.size > 0) kept.set(topicId, partitions);
  }
  return { partitions: kept, size };
}

function partitionsOf(current: TopicPartitions, topicId: Uuid): number[] {
  return partitionOrder(current.get(topicId) ?? []);
}

function fill(shares: readonly Share[], free: readonly FreePartition[]): void {
  let next = 0;
  for (const { partitions, missing } of shares) {
    for (const { topicId, partition } of free.slice(next, next + missing)) {
      const among = partitions.get(topicId);
      if (among === undefined) partitions.set(topicId, new Set([partition]));
      else among.add(partition);
    }
    next += missing;
  }
}
