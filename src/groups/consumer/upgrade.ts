/** How a classic group with members becomes a consumer group, when somebody joins it with the consumer protocol (KIP-848). */
import { KafkaError } from '../../base/kafka-error.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { ClassicGroup } from '../classic/classic-group.ts';
import type { ClassicGroupMember } from '../classic/classic-group-member.ts';
import { decodeRecord, newGroupMetadataTombstone } from '../coordinator-records.ts';
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';
import { readAssignment, readSubscription } from './classic-assignment.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerGroupMember, newConsumerGroupMember, sortedNames, toTopicPartitions } from './consumer-member.ts';
import {
  newCurrentAssignmentRecord,
  newGroupEpochRecord,
  newMemberMetadataRecord,
  newTargetAssignmentEpochRecord,
  newTargetAssignmentRecord,
} from './consumer-records.ts';

/**
 * The consumer group that a classic group becomes, with the records for it: the members keep what they have, and the
 * generation is the epoch. Who waits for the classic group is told to join anew. Throws GROUP_ID_NOT_FOUND, as Kafka
 * does, when the group cannot change over.
 */
export function upgrade(ctx: ShardContext, classic: ClassicGroup, records: CoordinatorRecord[]): ConsumerGroup {
  const { groupId } = classic;
  validateUpgrade(ctx, classic);
  const members = [...classic.members.values()].map((member) => consumerMemberOf(ctx, classic, member));
  const errorCode = ErrorCode.REBALANCE_IN_PROGRESS;
  for (const member of classic.members.values()) {
    classic.completeJoin(member, { memberId: member.memberId, errorCode });
    classic.completeSync(member, { errorCode });
  }
  const epoch = classic.generationId;
  const hash = ctx.topicHashes.groupHash(members.flatMap((member) => member.subscribedTopicNames));
  const created = [
    ...members.map((member) => newMemberMetadataRecord(groupId, member)),
    newGroupEpochRecord(groupId, epoch, hash),
    ...members.map(({ memberId, assignedPartitions }) =>
      newTargetAssignmentRecord(groupId, memberId, toTopicPartitions(assignedPartitions)),
    ),
    newTargetAssignmentEpochRecord(groupId, epoch, 0),
    ...members.map((member) => newCurrentAssignmentRecord(groupId, member)),
  ];
  records.push(newGroupMetadataTombstone(groupId), ...created);
  // As the group will be when they are applied.
  const group = new ConsumerGroup(groupId);
  for (const { key, value } of created) {
    const decoded = decodeRecord(key, value);
    if (decoded.kind === 'consumer') group.replay(decoded.record);
  }
  ctx.logger.info(`group ${groupId} becomes a consumer group`);
  return group;
}

function validateUpgrade({ config }: ShardContext, classic: ClassicGroup): void {
  let reason: string | undefined;
  if (!config.consumerMigrationPolicy.canUpgrade) reason = 'online upgrade is disabled';
  else if (!classic.usesConsumerProtocol) reason = 'the group does not use the consumer embedded protocol';
  else if (classic.members.size > config.consumerMaxSize) {
    reason = 'the group size exceeds the consumer group maximum size';
  }
  if (reason !== undefined) throw cannotUpgrade(classic, reason);
}

function cannotUpgrade({ groupId }: ClassicGroup, reason: string): KafkaError {
  const message = `Cannot upgrade classic group ${groupId} to consumer group because ${reason}.`;
  return new KafkaError('GROUP_ID_NOT_FOUND', message);
}

function consumerMemberOf(ctx: ShardContext, classic: ClassicGroup, member: ClassicGroupMember): ConsumerGroupMember {
  const { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs } = member;
  const { sessionTimeoutMs, supportedProtocols } = member;
  const { assignment, subscription } = embedded(ctx, classic, member);
  if (assignment.hasUserData) {
    const advice = 'Please refer to the documentation or switch to a default assignor before re-attempting the upgrade';
    throw cannotUpgrade(classic, `an unsupported custom assignor is in use. ${advice}`);
  }
  const epoch = classic.generationId;
  return {
    ...newConsumerGroupMember(memberId),
    instanceId: groupInstanceId,
    rackId: subscription.rackId || null,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    subscribedTopicNames: sortedNames(subscription.topics),
    classicMemberMetadata: { sessionTimeoutMs, supportedProtocols },
    memberEpoch: epoch,
    previousMemberEpoch: epoch,
    assignedPartitions: new Map(
      [...assignment.partitions].map(([topicId, partitions]) => [
        topicId,
        new Map([...partitions].map((partition) => [partition, epoch])),
      ]),
    ),
  };
}

function embedded(ctx: ShardContext, classic: ClassicGroup, member: ClassicGroupMember) {
  try {
    const protocolName = classic.protocolName ?? classic.selectProtocol() ?? '';
    return {
      assignment: readAssignment(member.assignment, ctx.metadata),
      subscription: readSubscription(member.metadata(protocolName)),
    };
  } catch {
    throw cannotUpgrade(classic, 'the embedded consumer protocol is malformed');
  }
}
