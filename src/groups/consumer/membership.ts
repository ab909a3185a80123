/** How members leave a consumer group: of their own will, or because they are not heard of in time. */
import { KafkaError } from '../../base/kafka-error.ts';
import type { ConsumerGroupHeartbeatRequest } from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerGroupMember, LEAVE_GROUP_STATIC_MEMBER_EPOCH } from './consumer-member.ts';
import {
  memberTombstones,
  newCurrentAssignmentRecord,
  newGroupEpochRecord,
  newRegularExpressionTombstone,
  newTargetAssignmentEpochRecord,
} from './consumer-records.ts';
import { metadataHash } from './target-assignment.ts';

/**
 * Decides what a leaving member writes. A static member may go away for a while: it keeps its partitions until its
 * session ends, and whoever comes back under its instance id takes them over.
 */
export function leave(
  ctx: ShardContext,
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
): CoordinatorRecord[] {
  const { instanceId, memberId, memberEpoch } = request;
  if (instanceId === null) return removeMember(ctx, group, group.member(memberId));
  const member = validateStaticMember(group, instanceId, memberId);
  if (memberEpoch !== LEAVE_GROUP_STATIC_MEMBER_EPOCH) return removeMember(ctx, group, member);
  const assignedPartitions = new Map(
    [...member.assignedPartitions].map(([topicId, epochs]) => [
      topicId,
      new Map([...epochs.keys()].map((partition) => [partition, 0])),
    ]),
  );
  const away = { ...member, memberEpoch, assignedPartitions, partitionsPendingRevocation: new Map() };
  return [newCurrentAssignmentRecord(group.groupId, away)];
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

/** The records that take a member out of its group and move the group to its next epoch. */
export function removeMember(
  ctx: ShardContext,
  group: ConsumerGroup,
  member: ConsumerGroupMember,
): CoordinatorRecord[] {
  const { groupId } = group;
  const records = memberTombstones(groupId, member.memberId);
  const regex = member.subscribedTopicRegex;
  if (regex !== '' && group.countMembersWithRegex(regex) === 1) {
    records.push(newRegularExpressionTombstone(groupId, regex));
  }
  const others = [...group.members.values()].filter((each) => each !== member);
  const topics = others.flatMap((each) => [...group.topicsOf(each)]);
  const groupEpoch = group.groupEpoch + 1;
  records.push(newGroupEpochRecord(groupId, groupEpoch, metadataHash(topics, ctx.metadata)));
  // Nobody is left to be assigned anything; without a time the next member need not wait for the interval.
  if (others.length === 0) records.push(newTargetAssignmentEpochRecord(groupId, groupEpoch, 0));
  return records;
}

/** Starts a member's session anew. */
export function scheduleSession(ctx: ShardContext, group: ConsumerGroup, memberId: string): void {
  group.timersOf(memberId).session.set(ctx.timers, ctx.config.consumerSessionTimeoutMs, () => {
    expire(ctx, group, memberId, 'its session ended');
  });
}

/** Gives a member that must return partitions its rebalance timeout for that; any other member has all the time. */
export function scheduleRebalanceTimeout(ctx: ShardContext, group: ConsumerGroup, member: ConsumerGroupMember): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  const timer = group.timersOf(memberId).rebalance;
  if (member.state !== 'unrevokedPartitions') {
    timer.cancel();
    return;
  }
  timer.set(ctx.timers, rebalanceTimeoutMs, () => {
    if (group.members.get(memberId)?.memberEpoch !== memberEpoch) return;
    expire(ctx, group, memberId, 'it did not give up partitions in time');
  });
}

function expire(ctx: ShardContext, group: ConsumerGroup, memberId: string, why: string): void {
  const member = group.members.get(memberId);
  if (member === undefined) return;
  ctx.logger.info(`member ${memberId} of group ${group.groupId} is out: ${why}`);
  ctx.perform({ records: removeMember(ctx, group, member) }, (error) => {
    // What could not be written is tried again when another session has passed.
    if (error !== undefined && ctx.groups.get(group.groupId) === group) scheduleSession(ctx, group, memberId);
  });
}
