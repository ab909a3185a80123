import type { Uuid } from '../../base/uuid.ts';
import type { MemberSpec } from './assignor.ts';

interface Share {
  readonly member: MemberSpec;
  readonly partitions: Map<Uuid, Set<number>>;
  size: number;
}

/**
 * Kafka's uniform assignor: every member gets as many partitions as the others where its subscription lets it, and keeps
 * what it has as far as that allows.
 */
export function assignUniform(
  members: readonly MemberSpec[],
  partitionCount: (topicId: Uuid) => number,
): Map<string, Map<Uuid, Set<number>>> {
  const shares = members.map((member): Share => ({ member, partitions: new Map(), size: 0 }));
  const subscribers = new Map<Uuid, Share[]>();
  for (const share of shares) {
    for (const topicId of share.member.subscribedTopicIds) {
      const candidates = subscribers.get(topicId);
      if (candidates === undefined) subscribers.set(topicId, [share]);
      else candidates.push(share);
    }
  }
  const owners = keepCurrent(shares, partitionCount);
  // Topics whose subscribers have the fewest to share with come first, as the others can still make up for them.
  const topics = [...subscribers].sort(([, a], [, b]) => a.length - b.length);
  for (const [topicId, candidates] of topics) {
    for (let partition = 0; partition < partitionCount(topicId); partition++) {
      if (!owners.get(topicId)?.has(partition)) give(leastLoaded(candidates), topicId, partition);
    }
  }
  balance(topics);
  return new Map(shares.map(({ member, partitions }) => [member.memberId, partitions]));
}

function keepCurrent(shares: readonly Share[], partitionCount: (topicId: Uuid) => number): Map<Uuid, Set<number>> {
  const owned = new Map<Uuid, Set<number>>();
  for (const share of shares) {
    for (const [topicId, partitions] of share.member.current) {
      if (!share.member.subscribedTopicIds.has(topicId)) continue;
      const taken = owned.get(topicId) ?? new Set<number>();
      owned.set(topicId, taken);
      for (const partition of partitions) {
        if (taken.has(partition) || partition >= partitionCount(topicId)) continue;
        taken.add(partition);
        give(share, topicId, partition);
      }
    }
  }
  return owned;
}

function give(share: Share, topicId: Uuid, partition: number): void {
  const partitions = share.partitions.get(topicId) ?? new Set<number>();
  share.partitions.set(topicId, partitions);
  partitions.add(partition);
  share.size++;
}

function leastLoaded(candidates: readonly Share[]): Share {
  return candidates.reduce((least, share) => (share.size < least.size ? share : least));
}

// Moves partitions from who has most to who has least, until no topic's subscribers differ by more than one, or what
// differs cannot be moved. Every move brings the sizes closer together, so it ends.
function balance(topics: readonly (readonly [Uuid, readonly Share[]])[]): void {
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    for (const [topicId, candidates] of topics) {
      while (moveOne(topicId, candidates)) isMoving = true;
    }
  }
}

function moveOne(topicId: Uuid, candidates: readonly Share[]): boolean {
  const least = leastLoaded(candidates);
  let most: Share | undefined;
  for (const share of candidates) {
    const canGive = (share.partitions.get(topicId)?.size ?? 0) > 0;
    if (canGive && (most === undefined || share.size > most.size)) most = share;
  }
  if (most === undefined || most.size - least.size <= 1) return false;
  const partitions = most.partitions.get(topicId);
  const partition = partitions === undefined ? undefined : [...partitions].at(-1);
  if (partitions === undefined || partition === undefined) return false;
  partitions.delete(partition);
  if (partitions.size === 0) most.partitions.delete(topicId);
  most.size--;
  give(least, topicId, partition);
  return true;
}
