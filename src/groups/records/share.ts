/** Records of `__consumer_offsets`: share groups (KIP-932). */
import { array, type Decoded, data, type Input, int8, int32, int64, string, uuid } from '../../protocol/schema.ts';

export const shareGroupMemberMetadataKey = data('ShareGroupMemberMetadataKey', 10, '0', 'none', () => ({
  groupId: string('0'),
  memberId: string('0'),
}));
export type ShareGroupMemberMetadataKey = Decoded<typeof shareGroupMemberMetadataKey>;
export type ShareGroupMemberMetadataKeyInput = Input<typeof shareGroupMemberMetadataKey>;

export const shareGroupMemberMetadataValue = data('ShareGroupMemberMetadataValue', 10, '0', '0+', () => ({
  rackId: string('0+', { nullable: '0+' }),
  clientId: string('0+'),
  clientHost: string('0+'),
  subscribedTopicNames: array('0+', string('0+')),
}));
export type ShareGroupMemberMetadataValue = Decoded<typeof shareGroupMemberMetadataValue>;
export type ShareGroupMemberMetadataValueInput = Input<typeof shareGroupMemberMetadataValue>;

export const shareGroupMetadataKey = data('ShareGroupMetadataKey', 11, '0', 'none', () => ({
  groupId: string('0'),
}));
export type ShareGroupMetadataKey = Decoded<typeof shareGroupMetadataKey>;
export type ShareGroupMetadataKeyInput = Input<typeof shareGroupMetadataKey>;

export const shareGroupMetadataValue = data('ShareGroupMetadataValue', 11, '0', '0+', () => ({
  epoch: int32('0+'),
  metadataHash: int64('0+'),
}));
export type ShareGroupMetadataValue = Decoded<typeof shareGroupMetadataValue>;
export type ShareGroupMetadataValueInput = Input<typeof shareGroupMetadataValue>;

export const shareGroupTargetAssignmentMetadataKey = data(
  'ShareGroupTargetAssignmentMetadataKey',
  12,
  '0',
  'none',
  () => ({
    groupId: string('0'),
  }),
);
export type ShareGroupTargetAssignmentMetadataKey = Decoded<typeof shareGroupTargetAssignmentMetadataKey>;
export type ShareGroupTargetAssignmentMetadataKeyInput = Input<typeof shareGroupTargetAssignmentMetadataKey>;

export const shareGroupTargetAssignmentMetadataValue = data(
  'ShareGroupTargetAssignmentMetadataValue',
  12,
  '0',
  '0+',
  () => ({
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { tag: 0, ignorable: true }),
  }),
);
export type ShareGroupTargetAssignmentMetadataValue = Decoded<typeof shareGroupTargetAssignmentMetadataValue>;
export type ShareGroupTargetAssignmentMetadataValueInput = Input<typeof shareGroupTargetAssignmentMetadataValue>;

export const shareGroupTargetAssignmentMemberKey = data('ShareGroupTargetAssignmentMemberKey', 13, '0', 'none', () => ({
  groupId: string('0'),
  memberId: string('0'),
}));
export type ShareGroupTargetAssignmentMemberKey = Decoded<typeof shareGroupTargetAssignmentMemberKey>;
export type ShareGroupTargetAssignmentMemberKeyInput = Input<typeof shareGroupTargetAssignmentMemberKey>;

export const shareGroupTargetAssignmentMemberValue = data(
  'ShareGroupTargetAssignmentMemberValue',
  13,
  '0',
  '0+',
  () => ({
    topicPartitions: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', int32('0+')),
    }),
  }),
);
export type ShareGroupTargetAssignmentMemberValue = Decoded<typeof shareGroupTargetAssignmentMemberValue>;
export type ShareGroupTargetAssignmentMemberValueInput = Input<typeof shareGroupTargetAssignmentMemberValue>;

export const shareGroupCurrentMemberAssignmentKey = data(
  'ShareGroupCurrentMemberAssignmentKey',
  14,
  '0',
  'none',
  () => ({
    groupId: string('0'),
    memberId: string('0'),
  }),
);
export type ShareGroupCurrentMemberAssignmentKey = Decoded<typeof shareGroupCurrentMemberAssignmentKey>;
export type ShareGroupCurrentMemberAssignmentKeyInput = Input<typeof shareGroupCurrentMemberAssignmentKey>;

const topicPartitionsFields = () => ({
  topicId: uuid('0+'),
  partitions: array('0+', int32('0+')),
});

export const shareGroupCurrentMemberAssignmentValue = data(
  'ShareGroupCurrentMemberAssignmentValue',
  14,
  '0',
  '0+',
  () => ({
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    assignedPartitions: array('0+', topicPartitionsFields()),
  }),
);
export type ShareGroupCurrentMemberAssignmentValue = Decoded<typeof shareGroupCurrentMemberAssignmentValue>;
export type ShareGroupCurrentMemberAssignmentValueInput = Input<typeof shareGroupCurrentMemberAssignmentValue>;

export const shareGroupStatePartitionMetadataKey = data('ShareGroupStatePartitionMetadataKey', 15, '0', 'none', () => ({
  groupId: string('0'),
}));
export type ShareGroupStatePartitionMetadataKey = Decoded<typeof shareGroupStatePartitionMetadataKey>;
export type ShareGroupStatePartitionMetadataKeyInput = Input<typeof shareGroupStatePartitionMetadataKey>;

const topicPartitionsInfoFields = () => ({
  topicId: uuid('0+'),
  topicName: string('0+'),
  partitions: array('0+', int32('0+')),
});

const topicInfoFields = () => ({
  topicId: uuid('0+'),
  topicName: string('0+'),
});

export const shareGroupStatePartitionMetadataValue = data(
  'ShareGroupStatePartitionMetadataValue',
  15,
  '0',
  '0+',
  () => ({
    initializingTopics: array('0+', topicPartitionsInfoFields()),
    initializedTopics: array('0+', topicPartitionsInfoFields()),
    deletingTopics: array('0+', topicInfoFields()),
  }),
);
export type ShareGroupStatePartitionMetadataValue = Decoded<typeof shareGroupStatePartitionMetadataValue>;
export type ShareGroupStatePartitionMetadataValueInput = Input<typeof shareGroupStatePartitionMetadataValue>;
