/** ConsumerGroupHeartbeat (KIP-848): a member joins, says what it wants and has, and hears what it is to have. */
import { KafkaError } from '../../base/kafka-error.ts';
import { randomUuid } from '../../base/random.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponseInput,
} from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import { newGroupMetadataTombstone } from '../coordinator-records.ts';
import { coordinatorErrorCode } from '../group-errors.ts';
import type { GroupWrite, ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord, GroupRequestContext, Reply } from '../types.ts';
import { announce, moveMember, type Step } from './advance.ts';
import { ConsumerGroup } from './consumer-group.ts';
import {
  type ConsumerGroupMember,
  hasSameAssignment,
  hasSamePartitions,
  LEAVE_GROUP_MEMBER_EPOCH,
  LEAVE_GROUP_STATIC_MEMBER_EPOCH,
  listPartitions,
  sortedNames,
} from './consumer-member.ts';
import { settingsOf } from './group-settings.ts';
import { leave, scheduleRebalanceTimeout, scheduleSession } from './membership.ts';
import type { OwnedPartitions } from './reconcile.ts';
import { scheduleResolution } from './regex-subscription.ts';
import { refuseIfFull, type Subscriber, subscribeDynamic, subscribeStatic, validateStaticMember } from './subscribe.ts';
import { updateTarget } from './target-assignment.ts';
import { upgrade } from './upgrade.ts';

/** From this version on a member makes its own id. */
const MEMBER_ID_REQUIRED_VERSION = 1;

interface HeartbeatDecision extends GroupWrite {
  readonly response: ConsumerGroupHeartbeatResponseInput;
}

/** Throws INVALID_REQUEST or UNSUPPORTED_ASSIGNOR when the request contradicts itself. */
export function validateHeartbeat(
  request: ConsumerGroupHeartbeatRequest,
  apiVersion: number,
  assignors: readonly string[],
): void {
  const { memberId, memberEpoch, serverAssignor } = request;
  const needsMemberId = apiVersion >= MEMBER_ID_REQUIRED_VERSION || memberEpoch > 0 || memberEpoch === -1;
  if (needsMemberId) refuseEmpty(memberId, 'MemberId');
  refuseEmpty(request.groupId, 'GroupId');
  refuseEmpty(request.instanceId, 'InstanceId');
  refuseEmpty(request.rackId, 'RackId');
  if (memberEpoch === 0) validateJoin(request);
  else if (memberEpoch === LEAVE_GROUP_STATIC_MEMBER_EPOCH) {
    if (request.instanceId === null) throw new KafkaError('INVALID_REQUEST', "InstanceId can't be null.");
  } else if (memberEpoch < LEAVE_GROUP_STATIC_MEMBER_EPOCH) {
    throw new KafkaError('INVALID_REQUEST', 'MemberEpoch is invalid.');
  }
  if (serverAssignor !== null && !assignors.includes(serverAssignor)) {
    const supported = assignors.join(', ');
    const message = `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${supported}.`;
    throw new KafkaError('UNSUPPORTED_ASSIGNOR', message);
  }
}

function refuseEmpty(value: string | null, name: string): void {
  if (value?.trim() === '') throw new KafkaError('INVALID_REQUEST', `${name} can't be empty.`);
}

function validateJoin(request: ConsumerGroupHeartbeatRequest): void {
  if (request.rebalanceTimeoutMs === -1) {
    throw new KafkaError('INVALID_REQUEST', 'RebalanceTimeoutMs must be provided in first request.');
  }
  if (request.topicPartitions === null || request.topicPartitions.length > 0) {
    throw new KafkaError('INVALID_REQUEST', 'TopicPartitions must be empty when (re-)joining.');
  }
  if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null) {
    const message = 'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.';
    throw new KafkaError('INVALID_REQUEST', message);
  }
}

/** Serves a heartbeat. Throws KafkaError when the group or its members refuse it. */
export function consumerGroupHeartbeat(
  ctx: ShardContext,
  request: ConsumerGroupHeartbeatRequest,
  context: GroupRequestContext,
  reply: Reply<ConsumerGroupHeartbeatResponseInput>,
): void {
  const { memberEpoch } = request;
  const isLeaving = memberEpoch === LEAVE_GROUP_MEMBER_EPOCH || memberEpoch === LEAVE_GROUP_STATIC_MEMBER_EPOCH;
  const decision = isLeaving ? decideLeave(ctx, request) : decide(ctx, request, context);
  ctx.perform(decision, (error) =>
    reply(error === undefined ? decision.response : { errorCode: coordinatorErrorCode(error) }),
  );
}

function decideLeave(ctx: ShardContext, request: ConsumerGroupHeartbeatRequest): HeartbeatDecision {
  const { groupId, memberId, memberEpoch } = request;
  const group = ctx.groups.get(groupId);
  if (group === undefined) throw new KafkaError('GROUP_ID_NOT_FOUND', `Group ${groupId} not found.`);
  if (group.type !== 'consumer') throw notConsumerGroup(groupId);
  return { ...leave(ctx, group, request), response: { memberId, memberEpoch } };
}

function decide(
  ctx: ShardContext,
  request: ConsumerGroupHeartbeatRequest,
  context: GroupRequestContext,
): HeartbeatDecision {
  const { groupId, memberEpoch } = request;
  const records: CoordinatorRecord[] = [];
  const group = findGroup(ctx, groupId, memberEpoch === 0, records);
  refuseIfFull(ctx, group, request.memberId);
  const memberId = request.memberId || randomUuid(ctx.random);
  const { member, replacedId } = subscribe(group, request, memberId, records);
  const wanted = updated(member, request, context);
  const step: Step = { member, wanted, replacedId, owned: request.topicPartitions };
  const announced = announce(ctx, group, step, records);
  const target = updateTarget(ctx, announced.draft, memberId, records);
  const next = moveMember(ctx, announced, step, target, records);
  const isTold = memberEpoch === 0 || isFullRequest(request) || hasOtherPartitions(member, next);
  return {
    records,
    // The group is the one that the records made, or that was there.
    onApplied: () =>
      onGroup(ctx, groupId, (applied) => {
        scheduleSession(ctx, applied, memberId);
        if (!hasSameAssignment(wanted, next)) scheduleRebalanceTimeout(ctx, applied, next);
        if (announced.toResolve !== undefined) scheduleResolution(ctx, applied, announced.toResolve);
        if (applied !== group) startSessions(ctx, applied);
      }),
    response: {
      memberId,
      memberEpoch: next.memberEpoch,
      heartbeatIntervalMs: settingsOf(ctx, groupId).heartbeatIntervalMs,
      ...(isTold ? { assignment: { topicPartitions: listPartitions(next.assignedPartitions) } } : {}),
    },
  };
}

function onGroup(ctx: ShardContext, groupId: string, run: (group: ConsumerGroup) => void): void {
  const group = ctx.groups.get(groupId);
  if (group?.type === 'consumer') run(group);
}

// Members that came from a classic group go on with the session timeouts that they have.
function startSessions(ctx: ShardContext, group: ConsumerGroup): void {
  for (const { memberId, classicMemberMetadata } of group.members.values()) {
    if (classicMemberMetadata === null || group.timersOf(memberId).session.isSet) continue;
    scheduleSession(ctx, group, memberId, classicMemberMetadata.sessionTimeoutMs);
  }
}

// A member sends all when it joins and after an error; then it is told all.
function isFullRequest(request: ConsumerGroupHeartbeatRequest): boolean {
  const hasSubscription = request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null;
  return request.rebalanceTimeoutMs !== -1 && hasSubscription && request.topicPartitions !== null;
}

function hasOtherPartitions(before: ConsumerGroupMember, after: ConsumerGroupMember): boolean {
  return !hasSamePartitions(before.assignedPartitions, after.assignedPartitions);
}

function findGroup(
  ctx: ShardContext,
  groupId: string,
  mayCreate: boolean,
  records: CoordinatorRecord[],
): ConsumerGroup {
  const group = ctx.groups.get(groupId);
  if (group?.type === 'consumer') return group;
  if (group === undefined) {
    if (mayCreate) return new ConsumerGroup(groupId);
    throw new KafkaError('GROUP_ID_NOT_FOUND', `Consumer group ${groupId} not found.`);
  }
  if (!mayCreate || group.type !== 'classic') throw notConsumerGroup(groupId);
  if (!group.isEmpty) return upgrade(ctx, group, records);
  records.push(newGroupMetadataTombstone(groupId));
  return new ConsumerGroup(groupId);
}

function notConsumerGroup(groupId: string): KafkaError {
  return new KafkaError('GROUP_ID_NOT_FOUND', `Group ${groupId} is not a consumer group.`);
}

function subscribe(
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
  memberId: string,
  records: CoordinatorRecord[],
): Subscriber {
  const { instanceId, memberEpoch, topicPartitions } = request;
  const isJoining = memberEpoch === 0;
  if (instanceId !== null && isJoining) return subscribeStatic(group, memberId, instanceId, false, records);
  const subscriber =
    instanceId === null
      ? subscribeDynamic(group, memberId, isJoining)
      : { member: validateStaticMember(group, instanceId, memberId), replacedId: null };
  validateEpoch(subscriber.member, memberEpoch, topicPartitions);
  return subscriber;
}

// A member that missed the answer to its last heartbeat comes with its previous epoch and what it had then.
function validateEpoch(member: ConsumerGroupMember, received: number, owned: OwnedPartitions | null): void {
  if (received === 0 || received === member.memberEpoch) return;
  const isRetry = received < member.memberEpoch && received === member.previousMemberEpoch && isSubset(owned, member);
  if (isRetry) return;
  const comparison = received > member.memberEpoch ? 'greater' : 'smaller';
  throw new KafkaError(
    'FENCED_MEMBER_EPOCH',
    `The consumer group member has a ${comparison} member epoch (${received}) than the one known by the group ` +
      `coordinator (${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
  );
}

function isSubset(owned: OwnedPartitions | null, member: ConsumerGroupMember): boolean {
  if (owned === null) return false;
  return owned.every(({ topicId, partitions }) => {
    const assigned = member.assignedPartitions.get(topicId);
    return assigned !== undefined && partitions.every((partition) => assigned.has(partition));
  });
}

function updated(
  member: ConsumerGroupMember,
  request: ConsumerGroupHeartbeatRequest,
  context: GroupRequestContext,
): ConsumerGroupMember {
  const { subscribedTopicNames, rebalanceTimeoutMs } = request;
  return {
    ...member,
    instanceId: request.instanceId ?? member.instanceId,
    rackId: request.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignor: request.serverAssignor ?? member.serverAssignor,
    subscribedTopicNames:
      subscribedTopicNames === null ? member.subscribedTopicNames : sortedNames(subscribedTopicNames),
    subscribedTopicRegex: request.subscribedTopicRegex ?? member.subscribedTopicRegex,
    clientId: context.clientId,
    clientHost: context.clientHost,
    classicMemberMetadata: null,
  };
}
