import type { Uuid } from '../../base/uuid.ts';
import { partitionOrder, topicIdOrder } from './hash-order.ts';

/** Partitions by topic id. */
export type TopicPartitions = ReadonlyMap<Uuid, ReadonlySet<number>>;
/** Partitions by topic id, each with the member epoch in which it was assigned. */
export type PartitionEpochs = ReadonlyMap<Uuid, ReadonlyMap<number, number>>;

/** Where a member stands on its way to its target assignment. */
export type MemberState = 'stable' | 'unrevokedPartitions' | 'unreleasedPartitions' | 'unknown';

/** Epoch with which a member leaves. */
export const LEAVE_GROUP_MEMBER_EPOCH = -1;
/** Epoch with which a static member goes away for a while. */
export const LEAVE_GROUP_STATIC_MEMBER_EPOCH = -2;

/** What a member that speaks the classic protocol in a consumer group brought along; kept as it is. */
export interface ClassicMemberMetadata {
  readonly sessionTimeoutMs: number;
  readonly supportedProtocols: readonly { readonly name: string; readonly metadata: Buffer }[];
}

/** A member of a consumer group (KIP-848). Never changed in place. */
export interface ConsumerGroupMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  /** Sorted, without repetition. */
  readonly subscribedTopicNames: readonly string[];
  readonly subscribedTopicRegex: string;
  /** Null = the group's default. */
  readonly serverAssignor: string | null;
  readonly classicMemberMetadata: ClassicMemberMetadata | null;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: MemberState;
  readonly assignedPartitions: PartitionEpochs;
  readonly partitionsPendingRevocation: PartitionEpochs;
}

const NO_PARTITIONS: PartitionEpochs = new Map();

/** A member that has not said anything yet. */
export function newConsumerGroupMember(memberId: string): ConsumerGroupMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: [],
    subscribedTopicRegex: '',
    serverAssignor: null,
    classicMemberMetadata: null,
    memberEpoch: 0,
    previousMemberEpoch: -1,
    state: 'stable',
    assignedPartitions: NO_PARTITIONS,
    partitionsPendingRevocation: NO_PARTITIONS,
  };
}

/** Names in the form in which members keep them. */
export function sortedNames(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

export function isReconciledTo(member: ConsumerGroupMember, assignmentEpoch: number): boolean {
  return member.state === 'stable' && member.memberEpoch === assignmentEpoch;
}

/** Whether what a member says of itself is the same; where it stands does not count. */
export function hasSameMetadata(a: ConsumerGroupMember, b: ConsumerGroupMember): boolean {
  return (
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    a.subscribedTopicRegex === b.subscribedTopicRegex &&
    a.serverAssignor === b.serverAssignor &&
    hasSameClassicMetadata(a.classicMemberMetadata, b.classicMemberMetadata) &&
    hasSameTopics(a, b)
  );
}

function hasSameClassicMetadata(a: ClassicMemberMetadata | null, b: ClassicMemberMetadata | null): boolean {
  if (a === null || b === null) return a === b;
  const others = b.supportedProtocols;
  return (
    a.sessionTimeoutMs === b.sessionTimeoutMs &&
    a.supportedProtocols.length === others.length &&
    a.supportedProtocols.every(({ name, metadata }, i) => {
      const other = others[i];
      return other !== undefined && name === other.name && metadata.equals(other.metadata);
    })
  );
}

export function hasSameTopics(a: ConsumerGroupMember, b: ConsumerGroupMember): boolean {
  const names = b.subscribedTopicNames;
  return a.subscribedTopicNames.length === names.length && a.subscribedTopicNames.every((name, i) => name === names[i]);
}

/** Whether the same partitions are there, whatever their epochs. */
export function hasSamePartitions(a: PartitionEpochs, b: PartitionEpochs): boolean {
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const partition of partitions.keys()) if (!others.has(partition)) return false;
  }
  return true;
}

/** Whether two versions of a member stand at the same place. */
export function hasSameAssignment(a: ConsumerGroupMember, b: ConsumerGroupMember): boolean {
  return (
    a.memberEpoch === b.memberEpoch &&
    a.previousMemberEpoch === b.previousMemberEpoch &&
    a.state === b.state &&
    hasSameEpochs(a.assignedPartitions, b.assignedPartitions) &&
    hasSameEpochs(a.partitionsPendingRevocation, b.partitionsPendingRevocation)
  );
}

function hasSameEpochs(a: PartitionEpochs, b: PartitionEpochs): boolean {
  if (!hasSamePartitions(a, b)) return false;
  for (const [topicId, epochs] of a) {
    for (const [partition, epoch] of epochs) if (b.get(topicId)?.get(partition) !== epoch) return false;
  }
  return true;
}

/** Partitions as messages and records carry them, in the order in which they are kept. */
export function listPartitions(
  partitions: ReadonlyMap<Uuid, { keys(): Iterable<number> }>,
): { topicId: Uuid; partitions: number[] }[] {
  return [...partitions].map(([topicId, each]) => ({ topicId, partitions: [...each.keys()] }));
}

/** The same in the order in which Kafka keeps what it has read from a record. */
export function toTopicPartitions(
  partitions: ReadonlyMap<Uuid, { keys(): Iterable<number> }>,
): { topicId: Uuid; partitions: number[] }[] {
  return topicIdOrder(partitions.keys()).map((topicId) => ({
    topicId,
    partitions: partitionOrder(partitions.get(topicId)?.keys() ?? []),
  }));
}
