/** How a member, new or known, static or not, takes its place in a consumer group. */
import { KafkaError } from '../../base/kafka-error.ts';
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import {
  type ConsumerGroupMember,
  LEAVE_GROUP_STATIC_MEMBER_EPOCH,
  newConsumerGroupMember,
  toTopicPartitions,
} from './consumer-member.ts';
import {
  memberTombstones,
  newCurrentAssignmentRecord,
  newMemberMetadataRecord,
  newTargetAssignmentRecord,
} from './consumer-records.ts';

export interface Subscriber {
  readonly member: ConsumerGroupMember;
  /** The id of the static member that this one replaces. */
  readonly replacedId: string | null;
}

/** Throws GROUP_MAX_SIZE_REACHED for somebody new in a group that is full. */
export function refuseIfFull({ config }: ShardContext, group: ConsumerGroup, memberId: string): void {
  if (group.members.size < config.consumerMaxSize || group.members.has(memberId)) return;
  const message = `The consumer group has reached its maximum capacity of ${config.consumerMaxSize} members.`;
  throw new KafkaError('GROUP_MAX_SIZE_REACHED', message);
}

/** A member without instance id. Throws UNKNOWN_MEMBER_ID when it is not there and may not come now. */
export function subscribeDynamic(group: ConsumerGroup, memberId: string, mayJoin: boolean): Subscriber {
  const known = mayJoin ? group.members.get(memberId) : group.member(memberId);
  return { member: known ?? newConsumerGroupMember(memberId), replacedId: null };
}

/**
 * A static member that joins: a new one, or in the place of the one that had the instance id. Throws
 * UNRELEASED_INSTANCE_ID when that one has not gone away and both speak the consumer protocol.
 */
export function subscribeStatic(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string,
  isClassic: boolean,
  records: CoordinatorRecord[],
): Subscriber {
  const present = group.staticMember(instanceId);
  if (present === undefined) return subscribeDynamic(group, memberId, true);
  const isReleased = present.memberEpoch === LEAVE_GROUP_STATIC_MEMBER_EPOCH;
  if (!isReleased && !isClassic && present.classicMemberMetadata === null) {
    const what = `Static member ${memberId} with instance id ${instanceId}`;
    const why = `the instance id is owned by ${present.memberId} member`;
    throw new KafkaError('UNRELEASED_INSTANCE_ID', `${what} cannot join the group because ${why}.`);
  }
  const member = { ...present, memberId, memberEpoch: 0, previousMemberEpoch: 0 };
  const { groupId } = group;
  records.push(
    ...memberTombstones(groupId, present.memberId),
    newMemberMetadataRecord(groupId, member),
    newTargetAssignmentRecord(groupId, memberId, toTopicPartitions(group.targetAssignment(present.memberId))),
    newCurrentAssignmentRecord(groupId, member),
  );
  return { member, replacedId: present.memberId };
}

/** Throws UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID when another member has the instance id by now. */
export function validateStaticMember(group: ConsumerGroup, instanceId: string, memberId: string): ConsumerGroupMember {
  const member = group.staticMember(instanceId);
  if (member === undefined) throw new KafkaError('UNKNOWN_MEMBER_ID', `Instance id ${instanceId} is unknown.`);
  if (member.memberId !== memberId) {
    const what = `Static member ${memberId} with instance id ${instanceId}`;
    throw new KafkaError('FENCED_INSTANCE_ID', `${what} was fenced by member ${member.memberId}.`);
  }
  return member;
}
