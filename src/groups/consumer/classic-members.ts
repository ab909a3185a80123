/** JoinGroup, SyncGroup, Heartbeat and LeaveGroup of members that speak the classic protocol in a consumer group (KIP-848). */
import { KafkaError } from '../../base/kafka-error.ts';
import { randomUuid } from '../../base/random.ts';
import { ErrorCode, errorCodeOf } from '../../protocol/error-codes.ts';
import type { JoinGroupRequest, JoinGroupResponseInput } from '../../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupResponseInput } from '../../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponseInput } from '../../protocol/messages/14-sync-group.ts';
import { copyProtocols, type MemberProtocol } from '../classic/classic-group-member.ts';
import { clientReason } from '../classic/client-reason.ts';
import type { LeavingMember } from '../classic/leave.ts';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/subscription.ts';
import { coordinatorErrorCode } from '../group-errors.ts';
import type { GroupWrite, ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord, GroupMetadataView, GroupRequestContext, Reply } from '../types.ts';
import { announce, moveMember, type Step } from './advance.ts';
import { assignmentBytes, readSubscription } from './classic-assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ClassicMemberMetadata, type ConsumerGroupMember, sortedNames } from './consumer-member.ts';
import { canDowngradeReplacing, downgrade } from './downgrade.ts';
import { removeMembers, scheduleJoinTimeout, scheduleSession, scheduleSyncTimeout } from './membership.ts';
import type { OwnedPartitions } from './reconcile.ts';
import { scheduleResolution } from './regex-subscription.ts';
import { refuseIfFull, subscribeDynamic, subscribeStatic, validateStaticMember } from './subscribe.ts';
import { currentTarget, updateTarget } from './target-assignment.ts';

/** From this version on a dynamic member must ask for its id first (KIP-394). */
const MEMBER_ID_REQUIRED_VERSION = 4;

/**
 * Lets a member of the classic protocol join a consumer group with members. It is nobody's leader: the coordinator
 * assigns. Throws KafkaError when the group refuses it.
 */
export function joinConsumerGroup(
  ctx: ShardContext,
  group: ConsumerGroup,
  request: JoinGroupRequest,
  context: GroupRequestContext,
  reply: Reply<JoinGroupResponseInput>,
): void {
  const { groupInstanceId } = request;
  refuseWithoutMigration(ctx, group);
  const isUnknown = request.memberId === '';
  const memberId = isUnknown ? randomUuid(ctx.random) : request.memberId;
  refuseIfFull(ctx, group, memberId);
  const protocols = copyProtocols(request.protocols);
  const names = protocols.map(({ name }) => name);
  if (!group.supportsClassicProtocols(request.protocolType, names)) {
    throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', `Member ${memberId}'s protocols are not supported.`);
  }
  if (isUnknown && groupInstanceId === null && context.apiVersion >= MEMBER_ID_REQUIRED_VERSION) {
    reply({ memberId, errorCode: ErrorCode.MEMBER_ID_REQUIRED });
    return;
  }
  const decision = decideJoin(ctx, group, { request, context, memberId, isUnknown, protocols });
  ctx.perform(decision, (error) => {
    if (error !== undefined) reply({ errorCode: coordinatorErrorCode(error) });
    else reply(decision.response);
  });
}

function refuseWithoutMigration({ config }: ShardContext, { groupId }: ConsumerGroup): void {
  const { canUpgrade, canDowngrade } = config.consumerMigrationPolicy;
  if (canUpgrade || canDowngrade) return;
  const what = `Cannot join the consumer group ${groupId} with the classic protocol`;
  throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', `${what} because the group migration is disabled.`);
}

interface Join {
  readonly request: JoinGroupRequest;
  readonly context: GroupRequestContext;
  readonly memberId: string;
  /** Whether the member came without an id. */
  readonly isUnknown: boolean;
  readonly protocols: readonly MemberProtocol[];
}

interface JoinDecision extends GroupWrite {
  readonly response: JoinGroupResponseInput;
}

function decideJoin(ctx: ShardContext, group: ConsumerGroup, join: Join): JoinDecision {
  const { request, memberId, protocols } = join;
  const { groupId } = group;
  const records: CoordinatorRecord[] = [];
  const subscription = readSubscription(protocols[0]?.metadata ?? Buffer.alloc(0));
  const { member, replacedId } = subscribe(group, join, records);
  const replaced = replacedId === null ? undefined : group.members.get(replacedId);
  const wanted = updated(member, join, subscription);
  const owned = ownedPartitions(subscription.ownedPartitions, ctx.metadata);
  const step: Step = { member, wanted, replacedId, owned };
  const canDowngrade = canDowngradeReplacing(ctx, group, replaced);
  const announced = announce(ctx, group, step, records);
  const protocolName = protocols[0]?.name ?? '';
  const respond = (next: ConsumerGroupMember) => ({
    memberId,
    generationId: next.memberEpoch,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    protocolName,
  });
  if (canDowngrade && replacedId !== null) {
    const { draft } = announced;
    const isStale = group.assignmentEpoch < draft.groupEpoch;
    const next = isStale ? wanted : moveMember(ctx, announced, step, currentTarget(draft, memberId), records);
    const reason = `Downgrade group ${groupId} from consumer to classic with stale assignment.`;
    const rebalanceReason = isStale ? reason : null;
    const change = downgrade(ctx, group, {
      leaving: [],
      joining: { member: next, replacedId },
      rebalanceReason,
      records,
    });
    return { ...change, response: respond(next) };
  }
  const target = updateTarget(ctx, announced.draft, memberId, records);
  const next = moveMember(ctx, announced, step, target, records);
  return {
    records,
    onApplied: () => {
      if (announced.toResolve !== undefined) scheduleResolution(ctx, group, announced.toResolve);
    },
    onWritten: (error) => {
      const present = group.members.get(memberId);
      if (error !== undefined || present === undefined || ctx.groups.get(groupId) !== group) return;
      group.timersOf(memberId).join.cancel();
      scheduleSession(ctx, group, memberId, request.sessionTimeoutMs);
      scheduleSyncTimeout(ctx, group, present);
    },
    response: respond(next),
  };
}

function subscribe(group: ConsumerGroup, join: Join, records: CoordinatorRecord[]) {
  const { memberId, isUnknown } = join;
  const { groupInstanceId } = join.request;
  if (groupInstanceId === null) return subscribeDynamic(group, memberId, true);
  if (isUnknown) return subscribeStatic(group, memberId, groupInstanceId, true, records);
  return { member: validateStaticMember(group, groupInstanceId, memberId), replacedId: null };
}

function updated(
  member: ConsumerGroupMember,
  { request, context, protocols }: Join,
  subscription: ReturnType<typeof readSubscription>,
): ConsumerGroupMember {
  const { groupInstanceId, sessionTimeoutMs } = request;
  // Version 0 has no rebalance timeout.
  const rebalanceTimeoutMs = context.apiVersion === 0 ? sessionTimeoutMs : request.rebalanceTimeoutMs;
  return {
    ...member,
    instanceId: groupInstanceId ?? member.instanceId,
    rackId: subscription.rackId || member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    subscribedTopicNames: sortedNames(subscription.topics),
    subscribedTopicRegex: '',
    clientId: context.clientId,
    clientHost: context.clientHost,
    classicMemberMetadata: { sessionTimeoutMs, supportedProtocols: protocols },
  };
}

function ownedPartitions(
  owned: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  metadata: GroupMetadataView,
): OwnedPartitions {
  return owned.flatMap(({ topic, partitions }) => {
    const topicId = metadata.topicId(topic);
    return topicId === undefined ? [] : [{ topicId, partitions }];
  });
}

/** Tells a member of the classic protocol what it has. Throws KafkaError when it is not what it believes to be. */
export function syncConsumerGroup(
  ctx: ShardContext,
  group: ConsumerGroup,
  request: SyncGroupRequest,
  reply: Reply<SyncGroupResponseInput>,
): void {
  const { protocolType, protocolName } = request;
  const { member, classic } = classicMember(group, request);
  const [first] = classic.supportedProtocols;
  const isSameType = protocolType === null || protocolType === CONSUMER_PROTOCOL_TYPE;
  const isSameName = protocolName === null || protocolName === first?.name;
  if (!isSameType || !isSameName) throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL');
  // A member that has to return partitions first rejoins when it has done that.
  if (group.assignmentEpoch > member.memberEpoch && member.state !== 'unrevokedPartitions') {
    scheduleJoinTimeout(ctx, group, member);
    throw new KafkaError('REBALANCE_IN_PROGRESS');
  }
  const metadata = first?.metadata ?? Buffer.alloc(0);
  const assignment = assignmentBytes(member.assignedPartitions, metadata, ctx.metadata);
  group.timersOf(member.memberId).sync.cancel();
  scheduleSession(ctx, group, member.memberId, classic.sessionTimeoutMs);
  reply({ protocolType, protocolName, assignment });
}

/** Keeps the session of a member of the classic protocol; the error code tells it to rejoin. Throws KafkaError as sync. */
export function heartbeatConsumerGroup(ctx: ShardContext, group: ConsumerGroup, request: HeartbeatRequest): number {
  const { member, classic } = classicMember(group, request);
  scheduleSession(ctx, group, member.memberId, classic.sessionTimeoutMs);
  const mustRejoin =
    member.memberEpoch < group.assignmentEpoch ||
    member.state === 'unrevokedPartitions' ||
    (member.state === 'unreleasedPartitions' && !group.waitsForUnreleased(member));
  if (!mustRejoin) return ErrorCode.NONE;
  scheduleJoinTimeout(ctx, group, member);
  return ErrorCode.REBALANCE_IN_PROGRESS;
}

interface ClassicRequest {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

function classicMember(
  group: ConsumerGroup,
  { memberId, groupInstanceId, generationId }: ClassicRequest,
): { member: ConsumerGroupMember; classic: ClassicMemberMetadata } {
  const member =
    groupInstanceId === null ? group.member(memberId) : validateStaticMember(group, groupInstanceId, memberId);
  const classic = member.classicMemberMetadata;
  if (classic === null) {
    throw new KafkaError('UNKNOWN_MEMBER_ID', `Member ${memberId} does not use the classic protocol.`);
  }
  if (member.memberEpoch !== generationId) throw new KafkaError('ILLEGAL_GENERATION');
  return { member, classic };
}

/** Removes members, of whichever protocol, on their own or an administrator's wish, each with its own error code. */
export function leaveConsumerGroup(
  ctx: ShardContext,
  group: ConsumerGroup,
  leaving: readonly LeavingMember[],
  reply: Reply<LeaveGroupResponseInput>,
): void {
  const found = new Set<ConsumerGroupMember>();
  const members = leaving.map(({ memberId, groupInstanceId, reason }) => {
    let errorCode: number = ErrorCode.NONE;
    try {
      found.add(leavingMember(group, memberId, groupInstanceId));
      const who = memberId || groupInstanceId;
      ctx.logger.info(`${who} leaves group ${group.groupId}; ${clientReason(reason)}`);
    } catch (error) {
      errorCode = errorCodeOf(error);
    }
    return { memberId, groupInstanceId, errorCode };
  });
  ctx.perform(removeMembers(ctx, group, [...found]), (error) => {
    reply(error === undefined ? { members } : { errorCode: coordinatorErrorCode(error) });
  });
}

// Administrators name static members without their member ids (KIP-345).
function leavingMember(group: ConsumerGroup, memberId: string, instanceId: string | null): ConsumerGroupMember {
  if (instanceId === null) return group.member(memberId);
  return validateStaticMember(group, instanceId, memberId || (group.staticMembers.get(instanceId) ?? ''));
}
