import { KafkaError } from '../../base/kafka-error.ts';
import type { Uuid } from '../../base/uuid.ts';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/subscription.ts';
import { TimerSlot } from '../timer-slot.ts';
import type { CoordinatorRecord } from '../types.ts';
import {
  type ConsumerGroupMember,
  isReconciledTo,
  LEAVE_GROUP_MEMBER_EPOCH,
  newConsumerGroupMember,
  type PartitionEpochs,
  sortedNames,
  type TopicPartitions,
} from './consumer-member.ts';
import {
  type ConsumerRecord,
  groupTombstones,
  memberStateOf,
  NO_METADATA_HASH,
  type ResolvedRegularExpression,
} from './consumer-records.ts';
import { partitionOrder } from './hash-order.ts';

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

interface MemberTimers {
  readonly session: TimerSlot;
  readonly rebalance: TimerSlot;
  /** Of a member that speaks the classic protocol: for its JoinGroup, and for the SyncGroup after it. */
  readonly join: TimerSlot;
  readonly sync: TimerSlot;
}

const NO_PARTITIONS: TopicPartitions = new Map();

/** A consumer group (KIP-848). Only {@link replay} changes it; its timers are not part of what is stored. */
export class ConsumerGroup {
  readonly type = 'consumer';
  readonly groupId: string;
  groupEpoch = 1;
  metadataHash = NO_METADATA_HASH;
  assignmentEpoch = 1;
  assignmentTimestampMs = 0;
  readonly members = new Map<string, ConsumerGroupMember>();
  /** Member id by instance id. */
  readonly staticMembers = new Map<string, string>();
  readonly targetAssignments = new Map<string, TopicPartitions>();
  readonly regularExpressions = new Map<string, ResolvedRegularExpression>();
  /** Set while the group's patterns are about to be resolved. */
  readonly regexTimer = new TimerSlot();
  /** GroupMetadataView.topicChanges when `metadataHash` was last compared; not stored. */
  comparedTopicChanges = -1;
  /** Whether there is a record that brokers before 4.1 wrote. */
  hasPartitionMetadataRecord = false;
  #subscribedTopics: ReadonlySet<string> | undefined;
  /** By partition of a topic: the epoch of the member that has it. */
  readonly #partitionEpochs = new Map<Uuid, Map<number, number>>();
  readonly #timers = new Map<string, MemberTimers>();

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  get state(): ConsumerGroupState {
    if (this.isEmpty) return 'Empty';
    if (this.groupEpoch > this.assignmentEpoch) return 'Assigning';
    for (const member of this.members.values()) if (!isReconciledTo(member, this.assignmentEpoch)) return 'Reconciling';
    return 'Stable';
  }

  /** Throws UNKNOWN_MEMBER_ID when there is no such member. */
  member(memberId: string): ConsumerGroupMember {
    const member = this.members.get(memberId);
    if (member !== undefined) return member;
    throw new KafkaError('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${this.groupId}.`);
  }

  staticMember(instanceId: string): ConsumerGroupMember | undefined {
    return this.members.get(this.staticMembers.get(instanceId) ?? '');
  }

  targetAssignment(memberId: string): TopicPartitions {
    return this.targetAssignments.get(memberId) ?? NO_PARTITIONS;
  }

  /** The epoch of the member that has the partition, -1 when it is free. */
  partitionEpoch(topicId: Uuid, partition: number): number {
    return this.#partitionEpochs.get(topicId)?.get(partition) ?? -1;
  }

  /** All topics that the member wants: those it names, and those that its pattern matches. */
  topicsOf(member: ConsumerGroupMember): ReadonlySet<string> {
    const matching = this.regularExpressions.get(member.subscribedTopicRegex)?.topics ?? [];
    return new Set([...member.subscribedTopicNames, ...matching]);
  }

  /** All topics that somebody wants. */
  get subscribedTopics(): ReadonlySet<string> {
    this.#subscribedTopics ??= new Set([...this.members.values()].flatMap((member) => [...this.topicsOf(member)]));
    return this.#subscribedTopics;
  }

  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics.has(topic);
  }

  countMembersWithRegex(regex: string): number {
    let count = 0;
    for (const member of this.members.values()) if (member.subscribedTopicRegex === regex) count++;
    return count;
  }

  get classicMemberCount(): number {
    let count = 0;
    for (const member of this.members.values()) if (member.classicMemberMetadata !== null) count++;
    return count;
  }

  /** Whether all members that speak the classic protocol offer one of these assignors. */
  supportsClassicProtocols(protocolType: string, names: readonly string[]): boolean {
    if (protocolType !== CONSUMER_PROTOCOL_TYPE) return false;
    const classic = [...this.members.values()].flatMap(({ classicMemberMetadata }) => classicMemberMetadata ?? []);
    return names.some((name) =>
      classic.every(({ supportedProtocols }) => supportedProtocols.some((protocol) => protocol.name === name)),
    );
  }

  /** Whether a member waits for partitions that others have not let go of. */
  waitsForUnreleased({ memberId, state, assignedPartitions }: ConsumerGroupMember): boolean {
    if (state !== 'unreleasedPartitions') return false;
    for (const [topicId, partitions] of this.targetAssignment(memberId)) {
      const assigned = assignedPartitions.get(topicId);
      for (const partition of partitions) {
        if (assigned?.has(partition) !== true && this.partitionEpoch(topicId, partition) !== -1) return true;
      }
    }
    return false;
  }

  /** The timers of a member: its session, and the time it may take to give partitions back. */
  timersOf(memberId: string): MemberTimers {
    let timers = this.#timers.get(memberId);
    if (timers === undefined) {
      timers = { session: new TimerSlot(), rebalance: new TimerSlot(), join: new TimerSlot(), sync: new TimerSlot() };
      this.#timers.set(memberId, timers);
    }
    return timers;
  }

  cancelTimers(): void {
    this.regexTimer.cancel();
    for (const memberId of [...this.#timers.keys()]) this.cancelTimersOf(memberId);
  }

  cancelTimersOf(memberId: string): void {
    const timers = this.#timers.get(memberId);
    for (const timer of Object.values(timers ?? {})) timer.cancel();
    this.#timers.delete(memberId);
  }

  /** Tombstones for all of it. */
  tombstones(memberIds: readonly string[] = [...this.members.keys()]): CoordinatorRecord[] {
    return groupTombstones(this.groupId, memberIds, [...this.regularExpressions.keys()]);
  }

  /** Applies a record of this group. */
  replay(record: ConsumerRecord): void {
    this.#subscribedTopics = undefined;
    switch (record.type) {
      case 'groupMetadata':
        this.groupEpoch = record.value?.epoch ?? this.groupEpoch;
        this.metadataHash = record.value?.metadataHash ?? NO_METADATA_HASH;
        break;
      case 'partitionMetadata':
        this.hasPartitionMetadataRecord = !record.isTombstone;
        break;
      case 'memberMetadata':
        if (record.value === null) this.#remove(record.memberId);
        else this.#update({ ...this.#known(record.memberId), ...metadataOf(record.value) });
        break;
      case 'targetAssignmentMetadata':
        this.assignmentEpoch = record.value?.assignmentEpoch ?? -1;
        this.assignmentTimestampMs = record.value?.assignmentTimestamp ?? 0;
        break;
      case 'targetAssignmentMember':
        if (record.value === null) this.targetAssignments.delete(record.memberId);
        else this.targetAssignments.set(record.memberId, record.value);
        break;
      case 'currentMemberAssignment':
        this.#replayCurrentAssignment(record.memberId, record.value);
        break;
      case 'regularExpression':
        if (record.value === null) this.regularExpressions.delete(record.regularExpression);
        else this.regularExpressions.set(record.regularExpression, record.value);
        break;
    }
  }

  #replayCurrentAssignment(
    memberId: string,
    value: Extract<ConsumerRecord, { type: 'currentMemberAssignment' }>['value'],
  ): void {
    if (value === null) {
      const member = this.members.get(memberId);
      if (member === undefined) return;
      const epoch = LEAVE_GROUP_MEMBER_EPOCH;
      const none = { assignedPartitions: new Map(), partitionsPendingRevocation: new Map() };
      this.#update({ ...member, memberEpoch: epoch, previousMemberEpoch: epoch, ...none });
      return;
    }
    const { memberEpoch, previousMemberEpoch } = value;
    this.#update({
      ...this.#known(memberId),
      memberEpoch,
      previousMemberEpoch,
      state: memberStateOf(value.state),
      assignedPartitions: epochsOf(value.assignedPartitions, memberEpoch),
      partitionsPendingRevocation: epochsOf(value.partitionsPendingRevocation, memberEpoch),
    });
  }

  #known(memberId: string): ConsumerGroupMember {
    return this.members.get(memberId) ?? newConsumerGroupMember(memberId);
  }

  #update(member: ConsumerGroupMember): void {
    const old = this.members.get(member.memberId);
    if (old !== undefined) this.#releasePartitions(old);
    this.members.set(member.memberId, member);
    for (const partitions of [member.assignedPartitions, member.partitionsPendingRevocation]) {
      this.#takePartitions(partitions, member.memberEpoch);
    }
    if (member.instanceId !== null) this.staticMembers.set(member.instanceId, member.memberId);
  }

  #remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member === undefined) return;
    this.#releasePartitions(member);
    this.members.delete(memberId);
    this.cancelTimersOf(memberId);
    const { instanceId } = member;
    if (instanceId !== null && this.staticMembers.get(instanceId) === memberId) this.staticMembers.delete(instanceId);
  }

  #takePartitions(partitions: PartitionEpochs, epoch: number): void {
    for (const [topicId, each] of partitions) {
      let epochs = this.#partitionEpochs.get(topicId);
      if (epochs === undefined) {
        epochs = new Map();
        this.#partitionEpochs.set(topicId, epochs);
      }
      for (const partition of each.keys()) epochs.set(partition, epoch);
    }
  }

  // Another member may have the partition by now, under another epoch.
  #releasePartitions({ assignedPartitions, partitionsPendingRevocation, memberEpoch }: ConsumerGroupMember): void {
    for (const partitions of [assignedPartitions, partitionsPendingRevocation]) {
      for (const [topicId, each] of partitions) {
        const epochs = this.#partitionEpochs.get(topicId);
        if (epochs === undefined) continue;
        for (const partition of each.keys()) if (epochs.get(partition) === memberEpoch) epochs.delete(partition);
        if (epochs.size === 0) this.#partitionEpochs.delete(topicId);
      }
    }
  }
}

type MemberMetadata = NonNullable<Extract<ConsumerRecord, { type: 'memberMetadata' }>['value']>;

function metadataOf(value: MemberMetadata): Partial<ConsumerGroupMember> {
  const classic = value.classicMemberMetadata;
  return {
    instanceId: value.instanceId,
    rackId: value.rackId,
    clientId: value.clientId,
    clientHost: value.clientHost,
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    subscribedTopicNames: sortedNames(value.subscribedTopicNames),
    subscribedTopicRegex: value.subscribedTopicRegex ?? '',
    serverAssignor: value.serverAssignor,
    classicMemberMetadata: classic && {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      supportedProtocols: classic.supportedProtocols.map(({ name, metadata }) => ({
        name,
        metadata: Buffer.from(metadata),
      })),
    },
  };
}

interface StoredPartitions {
  readonly topicId: Uuid;
  readonly partitions: readonly number[];
  readonly assignmentEpochs: readonly number[] | null;
}

// Before 4.3 the epochs of the single partitions were not stored; the member's own is the safe guess, 0 for a static
// member that is away.
function epochsOf(stored: readonly StoredPartitions[], memberEpoch: number): PartitionEpochs {
  return new Map(
    stored.map(({ topicId, partitions, assignmentEpochs }) => {
      const epochs = new Map(partitions.map((partition, i) => [partition, assignmentEpochs?.[i] ?? memberEpoch]));
      const inOrder = partitionOrder(partitions);
      return [topicId, new Map(inOrder.map((partition) => [partition, Math.max(epochs.get(partition) ?? 0, 0)]))];
    }),
  );
}
