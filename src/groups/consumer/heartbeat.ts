/** ConsumerGroupHeartbeat (KIP-848): a member joins, says what it wants and has, and hears what it is to have. */
import { KafkaError } from '../../base/kafka-error.ts';
import { randomUuid } from '../../base/random.ts';
import { errorCodeOf } from '../../protocol/error-codes.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponseInput,
} from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import { newGroupMetadataTombstone } from '../coordinator-records.ts';
import { coordinatorError } from '../group-errors.ts';
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord, GroupRequestContext, Reply } from '../types.ts';
import { ASSIGNORS } from './assignor.ts';
import { ConsumerGroup } from './consumer-group.ts';
import {
  type ConsumerGroupMember,
  hasSameAssignment,
  hasSameMetadata,
  hasSamePartitions,
  hasSameTopics,
  isReconciledTo,
  LEAVE_GROUP_MEMBER_EPOCH,
  LEAVE_GROUP_STATIC_MEMBER_EPOCH,
  newConsumerGroupMember,
  sortedNames,
  toTopicPartitions,
} from './consumer-member.ts';
import {
  memberTombstones,
  newCurrentAssignmentRecord,
  newGroupEpochRecord,
  newMemberMetadataRecord,
  newTargetAssignmentRecord,
} from './consumer-records.ts';
import { leave, scheduleRebalanceTimeout, scheduleSession, validateStaticMember } from './membership.ts';
import { type OwnedPartitions, reconcile } from './reconcile.ts';
import { updateRegularExpressions } from './regex-subscription.ts';
import { existingTopicIds, type GroupDraft, metadataHash, updateTarget } from './target-assignment.ts';

/** From this version on a member makes its own id. */
const MEMBER_ID_REQUIRED_VERSION = 1;

interface HeartbeatDecision {
  readonly records: CoordinatorRecord[];
  readonly response: ConsumerGroupHeartbeatResponseInput;
  /** Undefined when the member leaves. */
  readonly member?: ConsumerGroupMember;
}

/** Throws INVALID_REQUEST or UNSUPPORTED_ASSIGNOR when the request contradicts itself. */
export function validateHeartbeat(request: ConsumerGroupHeartbeatRequest, apiVersion: number): void {
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
  if (serverAssignor !== null && !ASSIGNORS.has(serverAssignor)) {
    const supported = [...ASSIGNORS.keys()].join(', ');
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
  const decision = decide(ctx, request, context);
  ctx.perform(decision, (error) => {
    if (error !== undefined) {
      reply({ errorCode: errorCodeOf(coordinatorError(error)) });
      return;
    }
    reply(decision.response);
  });
  // The group that the records made, or that was there.
  const group = ctx.groups.get(request.groupId);
  const member =
    decision.member && group?.type === 'consumer' ? group.members.get(decision.member.memberId) : undefined;
  if (group?.type !== 'consumer' || member === undefined) return;
  scheduleSession(ctx, group, member.memberId);
  if (member.state !== 'unrevokedPartitions' || decision.records.length > 0) {
    scheduleRebalanceTimeout(ctx, group, member);
  }
}

function decide(
  ctx: ShardContext,
  request: ConsumerGroupHeartbeatRequest,
  context: GroupRequestContext,
): HeartbeatDecision {
  const { memberEpoch } = request;
  const records: CoordinatorRecord[] = [];
  if (memberEpoch === LEAVE_GROUP_MEMBER_EPOCH || memberEpoch === LEAVE_GROUP_STATIC_MEMBER_EPOCH) {
    const group = ctx.groups.get(request.groupId);
    if (group === undefined) throw new KafkaError('GROUP_ID_NOT_FOUND', `Group ${request.groupId} not found.`);
    if (group.type !== 'consumer') throw notConsumerGroup(request.groupId);
    return { records: leave(ctx, group, request), response: { memberId: request.memberId, memberEpoch } };
  }
  const group = findGroup(ctx, request.groupId, memberEpoch === 0, records);
  const memberId = request.memberId || randomUuid(ctx.random);
  if (group.members.size >= ctx.config.consumerMaxSize && !group.members.has(request.memberId)) {
    const message = `The consumer group has reached its maximum capacity of ${ctx.config.consumerMaxSize} members.`;
    throw new KafkaError('GROUP_MAX_SIZE_REACHED', message);
  }
  const { member, replacedId } = subscribe(group, request, memberId, records);
  const wanted = updated(member, request, context);
  if (!hasSameMetadata(wanted, member) || !group.members.has(memberId)) {
    records.push(newMemberMetadataRecord(group.groupId, wanted));
  }
  const next = advance(ctx, group, { member, wanted, replacedId, owned: request.topicPartitions }, records);
  const isFullRequest =
    request.rebalanceTimeoutMs !== -1 &&
    (request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null) &&
    request.topicPartitions !== null;
  const isTold =
    memberEpoch === 0 || isFullRequest || !hasSamePartitions(member.assignedPartitions, next.assignedPartitions);
  return {
    records,
    member: next,
    response: {
      memberId,
      memberEpoch: next.memberEpoch,
      heartbeatIntervalMs: ctx.config.consumerHeartbeatIntervalMs,
      ...(isTold ? { assignment: { topicPartitions: toTopicPartitions(next.assignedPartitions) } } : {}),
    },
  };
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
  if (!mayCreate || group.type !== 'classic') {
    throw notConsumerGroup(groupId);
  }
  if (!group.isEmpty) {
    const message = `Cannot upgrade classic group ${groupId} to consumer group because online upgrade is disabled.`;
    throw new KafkaError('GROUP_ID_NOT_FOUND', message);
  }
  records.push(newGroupMetadataTombstone(groupId));
  return new ConsumerGroup(groupId);
}

function notConsumerGroup(groupId: string): KafkaError {
  return new KafkaError('GROUP_ID_NOT_FOUND', `Group ${groupId} is not a consumer group.`);
}

interface Subscriber {
  readonly member: ConsumerGroupMember;
  /** The id of the static member that this one replaces. */
  readonly replacedId: string | null;
}

function subscribe(
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
  memberId: string,
  records: CoordinatorRecord[],
): Subscriber {
  const { instanceId, memberEpoch, topicPartitions } = request;
  if (instanceId !== null && memberEpoch === 0) {
    const present = group.staticMember(instanceId);
    if (present !== undefined) return replaceStatic(group, present, memberId, records);
  } else if (instanceId !== null) {
    const member = validateStaticMember(group, instanceId, memberId);
    validateEpoch(member, memberEpoch, topicPartitions);
    return { member, replacedId: null };
  }
  const member =
    memberEpoch === 0 ? (group.members.get(memberId) ?? newConsumerGroupMember(memberId)) : group.member(memberId);
  validateEpoch(member, memberEpoch, topicPartitions);
  return { member, replacedId: null };
}

function replaceStatic(
  group: ConsumerGroup,
  present: ConsumerGroupMember,
  memberId: string,
  records: CoordinatorRecord[],
): Subscriber {
  if (present.memberEpoch !== LEAVE_GROUP_STATIC_MEMBER_EPOCH) {
    const what = `Static member ${memberId} with instance id ${present.instanceId}`;
    const why = `the instance id is owned by ${present.memberId} member`;
    throw new KafkaError('UNRELEASED_INSTANCE_ID', `${what} cannot join the group because ${why}.`);
  }
  const member = { ...present, memberId, memberEpoch: 0, previousMemberEpoch: 0 };
  records.push(
    ...memberTombstones(group.groupId, present.memberId),
    newMemberMetadataRecord(group.groupId, member),
    newTargetAssignmentRecord(group.groupId, memberId, group.targetAssignment(present.memberId)),
    newCurrentAssignmentRecord(group.groupId, member),
  );
  return { member, replacedId: present.memberId };
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

interface Step {
  /** The member before and after what it said of itself. */
  readonly member: ConsumerGroupMember;
  readonly wanted: ConsumerGroupMember;
  readonly replacedId: string | null;
  readonly owned: OwnedPartitions | null;
}

// The group's epoch, its target assignment and the member's next step follow from one another.
function advance(
  ctx: ShardContext,
  group: ConsumerGroup,
  step: Step,
  records: CoordinatorRecord[],
): ConsumerGroupMember {
  const { member, wanted, replacedId } = step;
  const { groupId } = group;
  const members = membersAfter(group, step);
  const regex = updateRegularExpressions(ctx, group, member, wanted, members, records);
  const topicsOf = (each: ConsumerGroupMember): ReadonlySet<string> => regex.topicsOf(each);
  const isSameGroup = members === group.members && !regex.hasChanged;
  const topics = isSameGroup ? group.subscribedTopics : [...members.values()].flatMap((each) => [...topicsOf(each)]);
  const hash = metadataHash(topics, ctx.metadata);
  const hasChanged = !hasSameTopics(member, wanted) || regex.hasChanged;
  let { groupEpoch } = group;
  if (hasChanged || hash !== group.metadataHash) {
    groupEpoch++;
    records.push(newGroupEpochRecord(groupId, groupEpoch, hash));
  }
  const targetOf = (id: string) =>
    group.targetAssignment(id === wanted.memberId && replacedId !== null ? replacedId : id);
  const draft: GroupDraft = { group, groupEpoch, members, targetOf, topicsOf };
  const target = updateTarget(ctx, draft, wanted.memberId, records);
  if (!hasChanged && isReconciledTo(wanted, target.epoch)) return wanted;
  const next = reconcile({
    member: wanted,
    targetEpoch: target.epoch,
    target: target.partitions,
    subscribedTopicIds: existingTopicIds(topicsOf(wanted), ctx.metadata),
    hasSubscriptionChanged: hasChanged,
    owned: step.owned,
    partitionEpoch: (topicId, partition) => ownerEpoch(group, replacedId, topicId, partition),
  });
  if (!hasSameAssignment(next, wanted)) records.push(newCurrentAssignmentRecord(groupId, next));
  return next;
}

// Copied only when it matters to the others what this member says.
function membersAfter(
  group: ConsumerGroup,
  { member, wanted, replacedId }: Step,
): ReadonlyMap<string, ConsumerGroupMember> {
  const isSame =
    group.members.get(wanted.memberId) === member &&
    hasSameTopics(member, wanted) &&
    member.subscribedTopicRegex === wanted.subscribedTopicRegex &&
    member.serverAssignor === wanted.serverAssignor;
  if (isSame) return group.members;
  const members = new Map(group.members);
  if (replacedId !== null) members.delete(replacedId);
  return members.set(wanted.memberId, wanted);
}

// What a replaced static member had is free for its successor.
function ownerEpoch(group: ConsumerGroup, replacedId: string | null, topicId: string, partition: number): number {
  const replaced = replacedId === null ? undefined : group.members.get(replacedId);
  if (replaced?.assignedPartitions.get(topicId)?.has(partition)) return -1;
  return group.partitionEpoch(topicId, partition);
}
