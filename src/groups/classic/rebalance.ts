/**
 * How a classic group gets from one generation to the next: PreparingRebalance waits for the members to join,
 * CompletingRebalance for the leader's assignment. Members who do not come in time are removed.
 */
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { Decision, ShardContext } from '../shard-context.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { ClassicGroupMember } from './classic-group-member.ts';
import { newClassicGroupRecord } from './group-records.ts';

/** Starts a rebalance when the state lets it; else ends the phase of joining when all have joined. */
export function prepareRebalanceOrCompleteJoin(ctx: ShardContext, group: ClassicGroup, reason: string): Decision {
  return group.canRebalance ? prepareRebalance(ctx, group, reason) : maybeCompleteJoin(ctx, group);
}

/**
 * Starts a rebalance. Members who wait for an assignment are told to join anew. A group's first rebalance waits
 * group.initial.rebalance.delay.ms, so that consumers that start together end up in one generation.
 */
export function prepareRebalance(ctx: ShardContext, group: ClassicGroup, reason: string): Decision {
  if (group.state === 'CompletingRebalance') {
    resetAssignments(ctx, group, ErrorCode.REBALANCE_IN_PROGRESS);
  }
  group.pendingSyncMembers.clear();
  group.syncTimer.cancel();
  const isInitialRebalance = group.isEmpty;
  group.transitionTo('PreparingRebalance', ctx.clock.nowMs());
  ctx.logger.info(`group ${group.groupId} rebalances after generation ${group.generationId}: ${reason}`);
  if (isInitialRebalance) {
    const delayMs = ctx.config.groupInitialRebalanceDelayMs;
    scheduleInitialJoin(ctx, group, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0));
    return null;
  }
  if (group.hasAllMembersJoined) return completeJoin(ctx, group);
  scheduleJoinCompletion(ctx, group);
  return null;
}

/** Ends the phase of joining when everybody is there. */
export function maybeCompleteJoin(ctx: ShardContext, group: ClassicGroup): Decision {
  // The first rebalance of a group waits for its delay, whoever has joined.
  const mayComplete = group.state === 'PreparingRebalance' && group.previousState !== 'Empty';
  return mayComplete && group.hasAllMembersJoined ? completeJoin(ctx, group) : null;
}

function scheduleInitialJoin(ctx: ShardContext, group: ClassicGroup, delayMs: number, remainingMs: number): void {
  group.joinTimer.set(ctx.timers, delayMs, () => {
    if (!group.newMemberAdded || remainingMs === 0) {
      ctx.perform(completeJoin(ctx, group));
      return;
    }
    // Somebody came: wait again, as long as the rebalance timeout has room for it.
    group.newMemberAdded = false;
    const nextDelayMs = Math.min(ctx.config.groupInitialRebalanceDelayMs, remainingMs);
    scheduleInitialJoin(ctx, group, nextDelayMs, Math.max(remainingMs - delayMs, 0));
  });
}

function scheduleJoinCompletion(ctx: ShardContext, group: ClassicGroup): void {
  group.joinTimer.set(ctx.timers, group.rebalanceTimeoutMs, () => ctx.perform(completeJoin(ctx, group)));
}

/** Ends the phase of joining: who has not joined is out (a static member may be away), the others get a generation. */
export function completeJoin(ctx: ShardContext, group: ClassicGroup): Decision {
  group.joinTimer.cancel();
  for (const member of [...group.members.values()]) {
    if (member.awaitingJoin === null && !member.isStatic) group.remove(member.memberId);
  }
  if (group.state === 'Dead') return null;
  if (!group.electJoinedLeader() && group.members.size > 0) {
    // Only static members that are away: wait until their sessions end.
    scheduleJoinCompletion(ctx, group);
    return null;
  }
  group.initNextGeneration(ctx.clock.nowMs());
  if (group.isEmpty) {
    ctx.logger.info(`group ${group.groupId} is empty in generation ${group.generationId}`);
    return { records: [newClassicGroupRecord(group)], applyRecords: false };
  }
  for (const member of group.members.values()) {
    group.completeJoin(member, currentGeneration(group, member.memberId));
    rescheduleHeartbeat(ctx, group, member);
    member.isNew = false;
    group.pendingSyncMembers.add(member.memberId);
  }
  schedulePendingSync(ctx, group);
  return null;
}

/** The successful answer to a member's JoinGroup. */
export function currentGeneration(group: ClassicGroup, memberId: string) {
  return {
    memberId,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    members: group.isLeader(memberId) ? group.describeForLeader() : [],
  };
}

function schedulePendingSync(ctx: ShardContext, group: ClassicGroup): void {
  const { generationId } = group;
  group.syncTimer.set(ctx.timers, group.rebalanceTimeoutMs, () => {
    const isExpected = group.state === 'CompletingRebalance' || group.state === 'Stable';
    if (group.generationId !== generationId || !isExpected || group.pendingSyncMembers.size === 0) return;
    const late = [...group.pendingSyncMembers];
    for (const memberId of late) group.remove(memberId);
    ctx.perform(prepareRebalance(ctx, group, `no SyncGroup in time from ${late.join(', ')}`));
  });
}

/** Notes that a member has sent its SyncGroup. */
export function removePendingSync(group: ClassicGroup, memberId: string): void {
  group.pendingSyncMembers.delete(memberId);
  if (group.pendingSyncMembers.size === 0) group.syncTimer.cancel();
}

/** Takes all assignments away and answers everybody who waits for one with an error. */
export function resetAssignments(ctx: ShardContext, group: ClassicGroup, errorCode: number): void {
  for (const member of group.members.values()) {
    member.assignment = Buffer.alloc(0);
    if (group.completeSync(member, { errorCode })) rescheduleHeartbeat(ctx, group, member);
  }
}

/** Starts a member's session anew, by default for its session timeout. */
export function rescheduleHeartbeat(
  ctx: ShardContext,
  group: ClassicGroup,
  member: ClassicGroupMember,
  timeoutMs = member.sessionTimeoutMs,
): void {
  member.heartbeatTimer.set(ctx.timers, timeoutMs, () => {
    if (group.members.get(member.memberId) !== member || member.hasSatisfiedHeartbeat) return;
    ctx.perform(expireMember(ctx, group, member));
  });
}

function expireMember(ctx: ShardContext, group: ClassicGroup, member: ClassicGroupMember): Decision {
  ctx.logger.info(`member ${member.memberId} of group ${group.groupId} sent no heartbeat in time and is out`);
  dismissMember(group, member);
  if (group.state === 'Stable' || group.state === 'CompletingRebalance') {
    return prepareRebalanceOrCompleteJoin(ctx, group, `the session of ${member.memberId} ended`);
  }
  return completeJoinIfAllJoined(ctx, group);
}

/** Removes a member. One that still waits to join hears UNKNOWN_MEMBER_ID and may try again. */
export function dismissMember(group: ClassicGroup, member: ClassicGroupMember): void {
  group.completeJoin(member, { memberId: '', errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  group.completeSync(member, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
  group.remove(member.memberId);
}

/** After somebody who was waited for is gone. */
export function completeJoinIfAllJoined(ctx: ShardContext, group: ClassicGroup): Decision {
  return group.state === 'PreparingRebalance' && group.hasAllMembersJoined ? completeJoin(ctx, group) : null;
}
