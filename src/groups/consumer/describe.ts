/** ConsumerGroupDescribe for one group. */
import { inHashMapOrder } from '../../base/java-hash.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { ConsumerGroupDescribeResponseInput } from '../../protocol/messages/69-consumer-group-describe.ts';
import type { ShardContext } from '../shard-context.ts';
import type { GroupMetadataView } from '../types.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerGroupMember, toTopicPartitions } from './consumer-member.ts';
import { assignorOf } from './target-assignment.ts';

type DescribedGroup = NonNullable<ConsumerGroupDescribeResponseInput['groups']>[number];

const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

export function describeConsumerGroup(ctx: ShardContext, groupId: string): DescribedGroup {
  const group = ctx.groups.get(groupId);
  if (group?.type !== 'consumer') {
    const errorMessage =
      group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a consumer group.`;
    return { groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage };
  }
  return {
    groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: assignorOf(ctx, group.members),
    members: [...group.members.values()].map((member) => describeMember(group, member, ctx.metadata)),
  };
}

function describeMember(group: ConsumerGroup, member: ConsumerGroupMember, metadata: GroupMetadataView) {
  const { memberId, instanceId, rackId, memberEpoch, clientId, clientHost } = member;
  const owned = new Map(member.assignedPartitions);
  for (const [topicId, epochs] of member.partitionsPendingRevocation) {
    owned.set(topicId, new Map([...(owned.get(topicId) ?? []), ...epochs]));
  }
  return {
    memberId,
    instanceId,
    rackId,
    memberEpoch,
    clientId,
    clientHost,
    subscribedTopicNames: inHashMapOrder([...member.subscribedTopicNames], (name) => name),
    subscribedTopicRegex: member.subscribedTopicRegex,
    assignment: { topicPartitions: named(owned, metadata) },
    targetAssignment: { topicPartitions: named(group.targetAssignment(memberId), metadata) },
    memberType: member.classicMemberMetadata === null ? CONSUMER_MEMBER : CLASSIC_MEMBER,
  };
}

// Topics that are gone cannot be named and are left out.
function named(partitions: Parameters<typeof toTopicPartitions>[0], metadata: GroupMetadataView) {
  return toTopicPartitions(partitions).flatMap((each) => {
    const topicName = metadata.topicName(each.topicId);
    return topicName === undefined ? [] : [{ ...each, topicName }];
  });
}
