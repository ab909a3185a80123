/** JoinGroup for classic groups. */
import { KafkaError } from '../../base/kafka-error.ts';
import { ErrorCode, errorCodeOf } from '../../protocol/error-codes.ts';
import type { JoinGroupRequest, JoinGroupResponseInput } from '../../protocol/messages/11-join-group.ts';
import { joinConsumerGroup } from '../consumer/classic-members.ts';
import { coordinatorErrorCode } from '../group-errors.ts';
import type { Decision, Group, ShardContext } from '../shard-context.ts';
import { TimerSlot } from '../timer-slot.ts';
import type { CoordinatorRecord, GroupRequestContext, Reply } from '../types.ts';
import { ClassicGroup } from './classic-group.ts';
import { ClassicGroupMember, copyProtocols, type MemberProtocol } from './classic-group-member.ts';
import { clientReason } from './client-reason.ts';
import { newClassicGroupRecord, newEmptyGroupRecord } from './group-records.ts';
import { uuidText } from './member-id.ts';
import {
  completeJoinIfAllJoined,
  currentGeneration,
  maybeCompleteJoin,
  prepareRebalance,
  prepareRebalanceOrCompleteJoin,
  rescheduleHeartbeat,
} from './rebalance.ts';

/** From this version on a dynamic member must ask for its id first (KIP-394). */
const MEMBER_ID_REQUIRED_VERSION = 4;
/** From this version on a leader can be told to keep the assignment as it is (KIP-814). */
const SKIP_ASSIGNMENT_VERSION = 9;
/** How long a member that does not know its id yet may wait for a rebalance. Kafka has it as a constant. */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000;
/** Ids of one group that are given out and not used; beyond it the oldest is forgotten. */
const MAX_PENDING_MEMBERS = 10_000;

interface Join {
  readonly request: JoinGroupRequest;
  readonly context: GroupRequestContext;
  readonly reply: Reply<JoinGroupResponseInput>;
  /** Of version 0, which has no rebalance timeout, the session timeout. */
  readonly rebalanceTimeoutMs: number;
  readonly protocols: readonly MemberProtocol[];
}

/** Lets a member join, or rejoin, its group. The group comes into being with its first member. */
export function joinGroup(
  ctx: ShardContext,
  request: JoinGroupRequest,
  context: GroupRequestContext,
  reply: Reply<JoinGroupResponseInput>,
): void {
  const { groupId, memberId } = request;
  const present = ctx.groups.get(groupId);
  const conversion: CoordinatorRecord[] = [];
  if (present?.type === 'consumer' && !present.isEmpty) {
    joinConsumerGroup(ctx, present, request, context, reply);
    return;
  }
  let group = present?.type === 'classic' ? present : undefined;
  if (present !== undefined && present.type !== 'classic') {
    // An empty group of another kind becomes a classic one, except a share group, which is no consumer group at all.
    if (!present.isEmpty || present.type === 'share') {
      reply({ memberId: '', errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL });
      return;
    }
    conversion.push(...present.tombstones());
  }
  if (group === undefined && memberId !== '') {
    reply({ memberId, errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
    return;
  }
  const rebalanceTimeoutMs = context.apiVersion === 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs;
  const join: Join = { request, context, reply, rebalanceTimeoutMs, protocols: copyProtocols(request.protocols) };
  if (group !== undefined) {
    ctx.perform(admit(ctx, group, join));
    return;
  }
  present?.cancelTimers();
  group = new ClassicGroup(groupId, { currentStateTimestampMs: ctx.clock.nowMs() });
  ctx.groups.set(groupId, group);
  const decision = admit(ctx, group, join);
  ctx.perform(decision ?? createGroup(ctx, group, present, conversion, reply));
}

// The group is stored before it has anything to tell, so that it exists after a restart too.
function createGroup(
  ctx: ShardContext,
  group: ClassicGroup,
  replaced: Group | undefined,
  conversion: readonly CoordinatorRecord[],
  reply: Reply<JoinGroupResponseInput>,
): Decision {
  return {
    records: [...conversion, newEmptyGroupRecord(group)],
    applyRecords: false,
    onWritten: (error) => {
      if (error === undefined) return;
      if (ctx.groups.get(group.groupId) === group && group.state !== 'Dead') {
        group.cancelTimers();
        if (replaced === undefined) ctx.groups.delete(group.groupId);
        else ctx.groups.set(group.groupId, replaced);
      }
      reply({ errorCode: coordinatorErrorCode(error) });
    },
  };
}

function admit(ctx: ShardContext, group: ClassicGroup, join: Join): Decision {
  const { memberId, protocolType } = join.request;
  const { reply } = join;
  if (!hasRoomFor(ctx, group, memberId)) {
    group.remove(memberId);
    reply({ memberId: '', errorCode: ErrorCode.GROUP_MAX_SIZE_REACHED });
    return null;
  }
  if (!group.supportsProtocols(protocolType, join.protocols)) {
    reply({ memberId, errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL });
    return null;
  }
  return memberId === '' ? joinNewMember(ctx, group, join) : joinExistingMember(ctx, group, join);
}

// While a group prepares to rebalance those who wait are counted: members of an oversized group compete for the places.
function hasRoomFor(ctx: ShardContext, group: ClassicGroup, memberId: string): boolean {
  const { groupMaxSize } = ctx.config;
  const member = group.members.get(memberId);
  switch (group.state) {
    case 'Empty':
    case 'Dead':
      return true;
    case 'PreparingRebalance':
      return (member?.awaitingJoin ?? null) !== null || group.awaitingJoinCount < groupMaxSize;
    default:
      return member !== undefined || group.members.size < groupMaxSize;
  }
}

function joinNewMember(ctx: ShardContext, group: ClassicGroup, join: Join): Decision {
  const { groupInstanceId, sessionTimeoutMs } = join.request;
  const newMemberId = `${groupInstanceId ?? join.context.clientId}-${uuidText(ctx.random)}`;
  if (groupInstanceId !== null) {
    const currentMemberId = group.staticMembers.get(groupInstanceId);
    return currentMemberId === undefined
      ? addMember(ctx, group, join, newMemberId)
      : replaceStaticMember(ctx, group, join, groupInstanceId, currentMemberId, newMemberId);
  }
  if (join.context.apiVersion < MEMBER_ID_REQUIRED_VERSION) return addMember(ctx, group, join, newMemberId);
  addPendingMember(ctx, group, newMemberId, sessionTimeoutMs);
  join.reply({ memberId: newMemberId, errorCode: ErrorCode.MEMBER_ID_REQUIRED });
  return null;
}

function addPendingMember(ctx: ShardContext, group: ClassicGroup, memberId: string, sessionTimeoutMs: number): void {
  const oldest = group.pendingMembers.keys().next().value;
  if (group.pendingMembers.size >= MAX_PENDING_MEMBERS && oldest !== undefined) group.removePending(oldest);
  const timer = new TimerSlot();
  group.pendingMembers.set(memberId, timer);
  timer.set(ctx.timers, sessionTimeoutMs, () => {
    group.removePending(memberId);
    ctx.perform(completeJoinIfAllJoined(ctx, group));
  });
}

function addMember(ctx: ShardContext, group: ClassicGroup, join: Join, memberId: string): Decision {
  const { request, context } = join;
  const member = new ClassicGroupMember({
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: context.clientId,
    clientHost: context.clientHost,
    rebalanceTimeoutMs: join.rebalanceTimeoutMs,
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocolType: request.protocolType,
    supportedProtocols: join.protocols,
  });
  member.isNew = true;
  if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') group.newMemberAdded = true;
  group.add(member, join.reply);
  // It cannot send heartbeats while it does not know its id, and a client that gave up cannot be told from one that
  // waits; so there is a bound, after which a member that still waits tries again.
  rescheduleHeartbeat(ctx, group, member, NEW_MEMBER_JOIN_TIMEOUT_MS);
  return prepareRebalanceOrCompleteJoin(ctx, group, `member ${memberId} joins; ${clientReason(request.reason)}`);
}

function joinExistingMember(ctx: ShardContext, group: ClassicGroup, join: Join): Decision {
  const { memberId, groupInstanceId } = join.request;
  if (group.pendingMembers.has(memberId)) {
    // Ids are given out in advance to dynamic members only.
    if (groupInstanceId !== null) throw new KafkaError('UNKNOWN_SERVER_ERROR');
    return addMember(ctx, group, join, memberId);
  }
  let member: ClassicGroupMember;
  try {
    member = group.validateMember(memberId, groupInstanceId);
  } catch (error) {
    join.reply({ memberId, errorCode: errorCodeOf(error) });
    return null;
  }
  const isUnchanged = member.matches(join.protocols);
  switch (group.state) {
    case 'PreparingRebalance':
      return updateMember(ctx, group, join, member);
    case 'CompletingRebalance':
      // It may have missed the answer to its first JoinGroup.
      if (!isUnchanged) return updateMember(ctx, group, join, member);
      join.reply(currentGeneration(group, memberId));
      return null;
    case 'Stable':
      // The leader rejoins when something outside the group changes what should be assigned.
      if (group.isLeader(memberId) || !isUnchanged) return updateMember(ctx, group, join, member);
      join.reply(currentGeneration(group, memberId));
      return null;
    default:
      join.reply({ memberId, errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
      return null;
  }
}

function updateMember(ctx: ShardContext, group: ClassicGroup, join: Join, member: ClassicGroupMember): Decision {
  group.updateMember(member, join.protocols, join.rebalanceTimeoutMs, join.request.sessionTimeoutMs, join.reply);
  return prepareRebalanceOrCompleteJoin(
    ctx,
    group,
    `member ${member.memberId} rejoins; ${clientReason(join.request.reason)}`,
  );
}

/**
 * A static member came back under a new member id. In a Stable group it takes over the assignment without a rebalance,
 * when its protocols would not change the group's choice (KIP-345).
 */
function replaceStaticMember(
  ctx: ShardContext,
  group: ClassicGroup,
  join: Join,
  groupInstanceId: string,
  oldMemberId: string,
  newMemberId: string,
): Decision {
  const leaderBefore = group.leaderId;
  const member = group.replaceStaticMember(groupInstanceId, oldMemberId, newMemberId);
  rescheduleHeartbeat(ctx, group, member);
  const before = { ...member };
  const { request, reply, rebalanceTimeoutMs } = join;
  group.updateMember(member, join.protocols, rebalanceTimeoutMs, request.sessionTimeoutMs, reply);
  const reason = `static member ${groupInstanceId} rejoins as ${newMemberId}; ${clientReason(request.reason)}`;
  if (group.state === 'CompletingRebalance') return prepareRebalance(ctx, group, reason);
  if (group.state !== 'Stable') return maybeCompleteJoin(ctx, group);
  if (group.selectProtocol() !== group.protocolName) return prepareRebalanceOrCompleteJoin(ctx, group, reason);
  return {
    records: [newClassicGroupRecord(group)],
    applyRecords: false,
    onWritten: (error) => {
      if (error === undefined) {
        group.completeJoin(member, takeOver(group, member.memberId, leaderBefore, join.context.apiVersion));
        return;
      }
      if (group.members.get(newMemberId) !== member) return;
      // Nobody will know the new id after a restart, so the old one must stay valid.
      const { generationId, protocolType, protocolName } = group;
      const errorCode = coordinatorErrorCode(error);
      group.completeJoin(member, { errorCode, generationId, protocolType, protocolName, leader: leaderBefore ?? '' });
      group.updateMember(member, before.supportedProtocols, before.rebalanceTimeoutMs, before.sessionTimeoutMs, null);
      rescheduleHeartbeat(ctx, group, group.replaceStaticMember(groupInstanceId, newMemberId, oldMemberId));
    },
  };
}

// Before version 9 a returning leader must not believe that it leads: it would compute an assignment that nobody waits
// for. So it is told the leader's old id.
function takeOver(
  group: ClassicGroup,
  memberId: string,
  leaderBefore: string | null,
  apiVersion: number,
): JoinGroupResponseInput {
  if (apiVersion < SKIP_ASSIGNMENT_VERSION) {
    return { ...currentGeneration(group, memberId), leader: leaderBefore ?? '', members: [] };
  }
  return { ...currentGeneration(group, memberId), skipAssignment: group.isLeader(memberId) };
}
