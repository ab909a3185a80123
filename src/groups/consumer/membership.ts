/** How members leave a consumer group: of their own will, or because they are not heard of in time. */
import type { ConsumerGroupHeartbeatRequest } from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { GroupWrite, ShardContext } from '../shard-context.ts';
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
import { canDowngradeWithout, downgrade } from './downgrade.ts';
import { settingsOf } from './group-settings.ts';
import { validateStaticMember } from './subscribe.ts';

/**
 * Decides what a leaving member writes. A static member may go away for a while: it keeps its partitions until its
 * session ends, and whoever comes back under its instance id takes them over. Throws UNKNOWN_MEMBER_ID or
 * FENCED_INSTANCE_ID.
 */
export function leave(ctx: ShardContext, group: ConsumerGroup, request: ConsumerGroupHeartbeatRequest): GroupWrite {
  const { instanceId, memberId, memberEpoch } = request;
  if (instanceId === null) return removeMembers(ctx, group, [group.member(memberId)]);
  const member = validateStaticMember(group, instanceId, memberId);
  if (memberEpoch !== LEAVE_GROUP_STATIC_MEMBER_EPOCH) return removeMembers(ctx, group, [member]);
  const assignedPartitions = new Map(
    [...member.assignedPartitions].map(([topicId, epochs]) => [
      topicId,
      new Map([...epochs.keys()].map((partition) => [partition, 0])),
    ]),
  );
  const away = { ...member, memberEpoch, assignedPartitions, partitionsPendingRevocation: new Map() };
  return { records: [newCurrentAssignmentRecord(group.groupId, away)] };
}

/**
 * Decides what takes members out of their group and moves it to its next epoch. A group of which only members of the
 * classic protocol are left becomes a classic one, where the migration policy lets it.
 */
export function removeMembers(
  ctx: ShardContext,
  group: ConsumerGroup,
  leaving: readonly ConsumerGroupMember[],
): GroupWrite {
  if (leaving.length === 0) return { records: [] };
  if (canDowngradeWithout(ctx, group, leaving)) {
    const reason = `Downgrade group ${group.groupId} from consumer to classic for member leaving.`;
    return downgrade(ctx, group, { leaving, joining: null, rebalanceReason: reason, records: [] });
  }
  const { groupId } = group;
  const records: CoordinatorRecord[] = leaving.flatMap((member) => memberTombstones(groupId, member.memberId));
  for (const regex of new Set(leaving.map((member) => member.subscribedTopicRegex))) {
    const count = leaving.filter((member) => member.subscribedTopicRegex === regex).length;
    if (regex === '' || group.countMembersWithRegex(regex) !== count) continue;
    records.push(newRegularExpressionTombstone(groupId, regex));
  }
  const others = [...group.members.values()].filter((each) => !leaving.includes(each));
  const hash = ctx.topicHashes.groupHash(others.flatMap((each) => [...group.topicsOf(each)]));
  const groupEpoch = group.groupEpoch + 1;
  records.push(newGroupEpochRecord(groupId, groupEpoch, hash));
  // Nobody is left to be assigned anything; without a time the next member need not wait for the interval.
  if (others.length === 0) records.push(newTargetAssignmentEpochRecord(groupId, groupEpoch, 0));
  return { records };
}

/** Starts a member's session anew; one of the classic protocol has a timeout of its own. */
export function scheduleSession(
  ctx: ShardContext,
  group: ConsumerGroup,
  memberId: string,
  timeoutMs = settingsOf(ctx, group.groupId).sessionTimeoutMs,
): void {
  group.timersOf(memberId).session.set(ctx.timers, timeoutMs, () => {
    expire(ctx, group, memberId, 'its session ended');
  });
}

/** Gives a member that must return partitions its rebalance timeout for that; any other member has all the time. */
export function scheduleRebalanceTimeout(ctx: ShardContext, group: ConsumerGroup, member: ConsumerGroupMember): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  const timer = group.timersOf(memberId).rebalance;
  // Members of the classic protocol are given time to join and to sync instead.
  if (member.state !== 'unrevokedPartitions' || member.classicMemberMetadata !== null) {
    timer.cancel();
    return;
  }
  timer.set(ctx.timers, rebalanceTimeoutMs, () => {
    if (group.members.get(memberId)?.memberEpoch !== memberEpoch) return;
    expire(ctx, group, memberId, 'it did not give up partitions in time');
  });
}

/** Gives a member of the classic protocol that was told to rejoin its rebalance timeout for that, from the first time on. */
export function scheduleJoinTimeout(ctx: ShardContext, group: ConsumerGroup, member: ConsumerGroupMember): void {
  const { memberId, rebalanceTimeoutMs } = member;
  const timer = group.timersOf(memberId).join;
  if (timer.isSet) return;
  timer.set(ctx.timers, rebalanceTimeoutMs, () => expire(ctx, group, memberId, 'it did not rejoin in time'));
}

/** Gives a member of the classic protocol that joined its rebalance timeout for its SyncGroup. */
export function scheduleSyncTimeout(ctx: ShardContext, group: ConsumerGroup, member: ConsumerGroupMember): void {
  const { memberId, rebalanceTimeoutMs } = member;
  const why = 'it did not ask for its assignment in time';
  group.timersOf(memberId).sync.set(ctx.timers, rebalanceTimeoutMs, () => expire(ctx, group, memberId, why));
}

function expire(ctx: ShardContext, group: ConsumerGroup, memberId: string, why: string): void {
  const member = group.members.get(memberId);
  if (member === undefined || ctx.groups.get(group.groupId) !== group) return;
  ctx.logger.info(`member ${memberId} of group ${group.groupId} is out: ${why}`);
  ctx.perform(removeMembers(ctx, group, [member]), (error) => {
    // What could not be written is tried again when another session has passed.
    const isStillThere = ctx.groups.get(group.groupId) === group && group.members.has(memberId);
    if (error !== undefined && isStillThere) scheduleSession(ctx, group, memberId);
  });
}
