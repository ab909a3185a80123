/** The next step of a member from the partitions that it has to those that it should have (KIP-848). */

import { KafkaError } from '../../base/kafka-error.ts';
import type { Uuid } from '../../base/uuid.ts';
import type { ConsumerGroupMember, PartitionEpochs, TopicPartitions } from './consumer-member.ts';
import { copyCapacity, partitionOrder } from './hash-order.ts';

/** Partitions as a heartbeat reports them. */
export type OwnedPartitions = readonly { readonly topicId: Uuid; readonly partitions: readonly number[] }[];

export interface ReconcileOptions {
  readonly member: ConsumerGroupMember;
  readonly targetEpoch: number;
  readonly target: TopicPartitions;
  /** Ids of the topics that the member wants now; it must give up the others at once. */
  readonly subscribedTopicIds: ReadonlySet<Uuid>;
  readonly hasSubscriptionChanged: boolean;
  /** Null when the heartbeat does not say. */
  readonly owned: OwnedPartitions | null;
  /** The epoch of the member that has a partition, -1 when it is free. */
  partitionEpoch(topicId: Uuid, partition: number): number;
}

/**
 * The member after the step; the same object when there is none to take. Partitions are taken away first and given only
 * when their former owner has let go, so that nobody reads a partition twice. Throws FENCED_MEMBER_EPOCH for a member
 * whose state is not known and that still holds partitions.
 */
export function reconcile(options: ReconcileOptions): ConsumerGroupMember {
  const { member, targetEpoch, hasSubscriptionChanged, owned } = options;
  switch (member.state) {
    case 'stable':
      if (member.memberEpoch !== targetEpoch) return computeNext(options, member.memberEpoch);
      return hasSubscriptionChanged ? dropUnsubscribed(options) : member;
    case 'unrevokedPartitions':
      if (!ownsAny(owned, member.partitionsPendingRevocation)) return computeNext(options, member.memberEpoch);
      return hasSubscriptionChanged ? dropUnsubscribed(options) : member;
    case 'unreleasedPartitions':
      return computeNext(options, member.memberEpoch);
    case 'unknown':
      if (owned === null || owned.length > 0) {
        throw new KafkaError(
          'FENCED_MEMBER_EPOCH',
          'The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin.',
        );
      }
      return computeNext(options, targetEpoch);
  }
}

// A member that does not say what it owns is taken to own all.
function ownsAny(owned: OwnedPartitions | null, partitions: PartitionEpochs): boolean {
  if (owned === null) return true;
  return owned.some(({ topicId, partitions: each }) => {
    const among = partitions.get(topicId);
    return among !== undefined && each.some((partition) => among.has(partition));
  });
}

function withEpoch(member: ConsumerGroupMember, memberEpoch: number): ConsumerGroupMember {
  return { ...member, memberEpoch, previousMemberEpoch: member.memberEpoch };
}

function dropUnsubscribed({ member, subscribedTopicIds, owned }: ReconcileOptions): ConsumerGroupMember {
  const assignedPartitions = new Map(member.assignedPartitions);
  const pending = new Map(member.partitionsPendingRevocation);
  for (const [topicId, epochs] of member.assignedPartitions) {
    if (subscribedTopicIds.has(topicId)) continue;
    assignedPartitions.delete(topicId);
    pending.set(topicId, new Map([...(pending.get(topicId) ?? []), ...epochs]));
  }
  if (assignedPartitions.size === member.assignedPartitions.size) return member;
  const next = { ...withEpoch(member, member.memberEpoch), assignedPartitions };
  if (!ownsAny(owned, pending)) return next;
  return { ...next, state: 'unrevokedPartitions', partitionsPendingRevocation: pending };
}

function computeNext(options: ReconcileOptions, memberEpoch: number): ConsumerGroupMember {
  const { member, target, targetEpoch, subscribedTopicIds, owned } = options;
  const kept = new Map<Uuid, Map<number, number>>();
  const toRevoke = new Map<Uuid, Map<number, number>>();
  const toAssign: { topicId: Uuid; partition: number }[] = [];
  let hasUnreleased = false;
  for (const topicId of new Set([...target.keys(), ...member.assignedPartitions.keys()])) {
    const wanted = subscribedTopicIds.has(topicId) ? (target.get(topicId) ?? new Set<number>()) : new Set<number>();
    const current = member.assignedPartitions.get(topicId) ?? new Map<number, number>();
    for (const partition of partitionOrder(current.keys(), copyCapacity(current.size))) {
      put(wanted.has(partition) ? kept : toRevoke, topicId, partition, current.get(partition) ?? 0);
    }
    for (const partition of wanted) {
      if (current.has(partition)) continue;
      const isOwn = member.partitionsPendingRevocation.get(topicId)?.has(partition) ?? false;
      if (options.partitionEpoch(topicId, partition) !== -1 && !isOwn) hasUnreleased = true;
      else toAssign.push({ topicId, partition });
    }
  }
  if (toRevoke.size > 0 && ownsAny(owned, toRevoke)) {
    return {
      ...withEpoch(member, memberEpoch),
      state: 'unrevokedPartitions',
      assignedPartitions: kept,
      partitionsPendingRevocation: toRevoke,
    };
  }
  for (const { topicId, partition } of toAssign) put(kept, topicId, partition, targetEpoch);
  for (const topicId of new Set(toAssign.map((each) => each.topicId))) sort(kept, topicId, member);
  return {
    ...withEpoch(member, targetEpoch),
    state: hasUnreleased ? 'unreleasedPartitions' : 'stable',
    assignedPartitions: kept,
    partitionsPendingRevocation: new Map(),
  };
}

// As a copy of what the member had is iterated that the new partitions were put into.
function sort(kept: Map<Uuid, Map<number, number>>, topicId: Uuid, { assignedPartitions }: ConsumerGroupMember): void {
  const epochs = kept.get(topicId) ?? new Map<number, number>();
  const capacity = copyCapacity(assignedPartitions.get(topicId)?.size ?? 0);
  const ordered = partitionOrder(epochs.keys(), capacity);
  kept.set(topicId, new Map(ordered.map((partition) => [partition, epochs.get(partition) ?? 0])));
}

function put(into: Map<Uuid, Map<number, number>>, topicId: Uuid, partition: number, epoch: number): void {
  let epochs = into.get(topicId);
  if (epochs === undefined) {
    epochs = new Map();
    into.set(topicId, epochs);
  }
  epochs.set(partition, epoch);
}
