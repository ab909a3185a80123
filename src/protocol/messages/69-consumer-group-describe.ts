/**
 * ConsumerGroupDescribe, key 69: versions 0-1, flexible from 0 on.
 * Describes new consumer groups (KIP-848).
 * By version: 1 the protocol of each member (KIP-1099).
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
  int8,
  int16,
  int32,
  request,
  response,
  string,
  struct,
  uuid,
} from '../schema.ts';

const topicPartitionsFields = () => ({
  topicId: uuid('0+'),
  topicName: string('0+'),
  partitions: array('0+', int32('0+')),
});

const assignmentFields = () => ({
  topicPartitions: array('0+', topicPartitionsFields()),
});

export const consumerGroupDescribeRequest = request('ConsumerGroupDescribe', 69, '0-1', '0+', () => ({
  groupIds: array('0+', string('0+')),
  includeAuthorizedOperations: boolean('0+'),
}));

export const consumerGroupDescribeResponse = response('ConsumerGroupDescribe', 69, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+'),
  groups: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    groupId: string('0+'),
    groupState: string('0+'),
    groupEpoch: int32('0+'),
    assignmentEpoch: int32('0+'),
    assignorName: string('0+'),
    members: array('0+', {
      memberId: string('0+'),
      instanceId: string('0+', { nullable: '0+', default: null }),
      rackId: string('0+', { nullable: '0+', default: null }),
      memberEpoch: int32('0+'),
      clientId: string('0+'),
      clientHost: string('0+'),
      subscribedTopicNames: array('0+', string('0+')),
      subscribedTopicRegex: string('0+', { nullable: '0+', default: null }),
      assignment: struct('0+', assignmentFields()),
      targetAssignment: struct('0+', assignmentFields()),
      memberType: int8('1+', { default: -1, ignorable: true }),
    }),
    authorizedOperations: int32('0+', { default: -2147483648 }),
  }),
}));

export type ConsumerGroupDescribeRequest = Decoded<typeof consumerGroupDescribeRequest>;
export type ConsumerGroupDescribeRequestInput = Input<typeof consumerGroupDescribeRequest>;
export type ConsumerGroupDescribeResponse = Decoded<typeof consumerGroupDescribeResponse>;
export type ConsumerGroupDescribeResponseInput = Input<typeof consumerGroupDescribeResponse>;
