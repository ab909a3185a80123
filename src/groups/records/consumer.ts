/** Records of `__consumer_offsets`: consumer groups (KIP-848). */
import {
  array,
  bytes,
  type Decoded,
  data,
  type Input,
  int8,
  int32,
  int64,
  string,
  struct,
  uuid,
} from '../../protocol/schema.ts';

export const consumerGroupMetadataKey = data('ConsumerGroupMetadataKey', 3, '0', 'none', () => ({
  groupId: string('0'),
}));
export type ConsumerGroupMetadataKey = Decoded<typeof consumerGroupMetadataKey>;
export type ConsumerGroupMetadataKeyInput = Input<typeof consumerGroupMetadataKey>;

export const consumerGroupMetadataValue = data('ConsumerGroupMetadataValue', 3, '0', '0+', () => ({
  epoch: int32('0+'),
  metadataHash: int64('0+', { tag: 0 }),
}));
export type ConsumerGroupMetadataValue = Decoded<typeof consumerGroupMetadataValue>;
export type ConsumerGroupMetadataValueInput = Input<typeof consumerGroupMetadataValue>;

export const consumerGroupPartitionMetadataKey = data('ConsumerGroupPartitionMetadataKey', 4, '0', 'none', () => ({
  groupId: string('0'),
}));
export type ConsumerGroupPartitionMetadataKey = Decoded<typeof consumerGroupPartitionMetadataKey>;
export type ConsumerGroupPartitionMetadataKeyInput = Input<typeof consumerGroupPartitionMetadataKey>;

export const consumerGroupPartitionMetadataValue = data('ConsumerGroupPartitionMetadataValue', 4, '0', '0+', () => ({
  topics: array('0+', {
    topicId: uuid('0+'),
    topicName: string('0+'),
    numPartitions: int32('0+'),
    partitionMetadata: array('0+', {
      partition: int32('0+'),
      racks: array('0+', string('0+')),
    }),
  }),
}));
export type ConsumerGroupPartitionMetadataValue = Decoded<typeof consumerGroupPartitionMetadataValue>;
export type ConsumerGroupPartitionMetadataValueInput = Input<typeof consumerGroupPartitionMetadataValue>;

export const consumerGroupMemberMetadataKey = data('ConsumerGroupMemberMetadataKey', 5, '0', 'none', () => ({
  groupId: string('0'),
  memberId: string('0'),
}));
export type ConsumerGroupMemberMetadataKey = Decoded<typeof consumerGroupMemberMetadataKey>;
export type ConsumerGroupMemberMetadataKeyInput = Input<typeof consumerGroupMemberMetadataKey>;

export const consumerGroupMemberMetadataValue = data('ConsumerGroupMemberMetadataValue', 5, '0', '0+', () => ({
  instanceId: string('0+', { nullable: '0+' }),
  rackId: string('0+', { nullable: '0+' }),
  clientId: string('0+'),
  clientHost: string('0+'),
  subscribedTopicNames: array('0+', string('0+')),
  subscribedTopicRegex: string('0+', { nullable: '0+' }),
  rebalanceTimeoutMs: int32('0+', { default: -1 }),
  serverAssignor: string('0+', { nullable: '0+' }),
  classicMemberMetadata: struct(
    '0+',
    {
      sessionTimeoutMs: int32('0+'),
      supportedProtocols: array('0+', {
        name: string('0+'),
        metadata: bytes('0+'),
      }),
    },
    { nullable: '0+', tag: 0, default: null },
  ),
}));
export type ConsumerGroupMemberMetadataValue = Decoded<typeof consumerGroupMemberMetadataValue>;
export type ConsumerGroupMemberMetadataValueInput = Input<typeof consumerGroupMemberMetadataValue>;

export const consumerGroupTargetAssignmentMetadataKey = data(
  'ConsumerGroupTargetAssignmentMetadataKey',
  6,
  '0',
  'none',
  () => ({
    groupId: string('0'),
  }),
);
export type ConsumerGroupTargetAssignmentMetadataKey = Decoded<typeof consumerGroupTargetAssignmentMetadataKey>;
export type ConsumerGroupTargetAssignmentMetadataKeyInput = Input<typeof consumerGroupTargetAssignmentMetadataKey>;

export const consumerGroupTargetAssignmentMetadataValue = data(
  'ConsumerGroupTargetAssignmentMetadataValue',
  6,
  '0',
  '0+',
  () => ({
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { tag: 0, ignorable: true }),
  }),
);
export type ConsumerGroupTargetAssignmentMetadataValue = Decoded<typeof consumerGroupTargetAssignmentMetadataValue>;
export type ConsumerGroupTargetAssignmentMetadataValueInput = Input<typeof consumerGroupTargetAssignmentMetadataValue>;

export const consumerGroupTargetAssignmentMemberKey = data(
  'ConsumerGroupTargetAssignmentMemberKey',
  7,
  '0',
  'none',
  () => ({
    groupId: string('0'),
    memberId: string('0'),
  }),
);
export type ConsumerGroupTargetAssignmentMemberKey = Decoded<typeof consumerGroupTargetAssignmentMemberKey>;
export type ConsumerGroupTargetAssignmentMemberKeyInput = Input<typeof consumerGroupTargetAssignmentMemberKey>;

export const consumerGroupTargetAssignmentMemberValue = data(
  'ConsumerGroupTargetAssignmentMemberValue',
  7,
  '0',
  '0+',
  () => ({
    topicPartitions: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', int32('0+')),
    }),
  }),
);
export type ConsumerGroupTargetAssignmentMemberValue = Decoded<typeof consumerGroupTargetAssignmentMemberValue>;
export type ConsumerGroupTargetAssignmentMemberValueInput = Input<typeof consumerGroupTargetAssignmentMemberValue>;

export const consumerGroupCurrentMemberAssignmentKey = data(
  'ConsumerGroupCurrentMemberAssignmentKey',
  8,
  '0',
  'none',
  () => ({
    groupId: string('0'),
    memberId: string('0'),
  }),
);
export type ConsumerGroupCurrentMemberAssignmentKey = Decoded<typeof consumerGroupCurrentMemberAssignmentKey>;
export type ConsumerGroupCurrentMemberAssignmentKeyInput = Input<typeof consumerGroupCurrentMemberAssignmentKey>;

const topicPartitionsFields = () => ({
  topicId: uuid('0+'),
  partitions: array('0+', int32('0+')),
  assignmentEpochs: array('0+', int32('0+'), { nullable: '0+', tag: 0, default: null }),
});

export const consumerGroupCurrentMemberAssignmentValue = data(
  'ConsumerGroupCurrentMemberAssignmentValue',
  8,
  '0',
  '0+',
  () => ({
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    assignedPartitions: array('0+', topicPartitionsFields()),
    partitionsPendingRevocation: array('0+', topicPartitionsFields()),
  }),
);
export type ConsumerGroupCurrentMemberAssignmentValue = Decoded<typeof consumerGroupCurrentMemberAssignmentValue>;
export type ConsumerGroupCurrentMemberAssignmentValueInput = Input<typeof consumerGroupCurrentMemberAssignmentValue>;

export const consumerGroupRegularExpressionKey = data('ConsumerGroupRegularExpressionKey', 16, '0', 'none', () => ({
  groupId: string('0'),
  regularExpression: string('0'),
}));
export type ConsumerGroupRegularExpressionKey = Decoded<typeof consumerGroupRegularExpressionKey>;
export type ConsumerGroupRegularExpressionKeyInput = Input<typeof consumerGroupRegularExpressionKey>;

export const consumerGroupRegularExpressionValue = data('ConsumerGroupRegularExpressionValue', 16, '0', '0+', () => ({
  topics: array('0+', string('0+')),
  version: int64('0+'),
  timestamp: int64('0+'),
}));
export type ConsumerGroupRegularExpressionValue = Decoded<typeof consumerGroupRegularExpressionValue>;
export type ConsumerGroupRegularExpressionValueInput = Input<typeof consumerGroupRegularExpressionValue>;
