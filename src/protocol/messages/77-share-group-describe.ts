/**
 * ShareGroupDescribe, key 77: versions 1, flexible from 0 on.
 * Describes share groups (KIP-932). Version 0 was early access.
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
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

export const shareGroupDescribeRequest = request('ShareGroupDescribe', 77, '1', '0+', () => ({
  groupIds: array('0+', string('0+')),
  includeAuthorizedOperations: boolean('0+'),
}));

export const shareGroupDescribeResponse = response('ShareGroupDescribe', 77, '1', '0+', () => ({
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
      rackId: string('0+', { nullable: '0+', default: null }),
      memberEpoch: int32('0+'),
      clientId: string('0+'),
      clientHost: string('0+'),
      subscribedTopicNames: array('0+', string('0+')),
      assignment: struct('0+', assignmentFields()),
    }),
    authorizedOperations: int32('0+', { default: -2147483648 }),
  }),
}));

export type ShareGroupDescribeRequest = Decoded<typeof shareGroupDescribeRequest>;
export type ShareGroupDescribeRequestInput = Input<typeof shareGroupDescribeRequest>;
export type ShareGroupDescribeResponse = Decoded<typeof shareGroupDescribeResponse>;
export type ShareGroupDescribeResponseInput = Input<typeof shareGroupDescribeResponse>;
