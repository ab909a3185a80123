/**
 * DescribeTopicPartitions, key 75: versions 0, flexible from 0 on.
 * Describes topics page by page, with eligible leader replicas (KIP-966).
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

export const describeTopicPartitionsRequest = request('DescribeTopicPartitions', 75, '0', '0+', () => ({
  topics: array('0+', {
    name: string('0+'),
  }),
  responsePartitionLimit: int32('0+', { default: 2000 }),
  cursor: struct(
    '0+',
    {
      topicName: string('0+'),
      partitionIndex: int32('0+'),
    },
    { nullable: '0+', default: null },
  ),
}));

export const describeTopicPartitionsResponse = response('DescribeTopicPartitions', 75, '0', '0+', () => ({
  throttleTimeMs: int32('0+', { ignorable: true }),
  topics: array('0+', {
    errorCode: int16('0+'),
    name: string('0+', { nullable: '0+' }),
    topicId: uuid('0+', { ignorable: true }),
    isInternal: boolean('0+', { ignorable: true }),
    partitions: array('0+', {
      errorCode: int16('0+'),
      partitionIndex: int32('0+'),
      leaderId: int32('0+'),
      leaderEpoch: int32('0+', { default: -1, ignorable: true }),
      replicaNodes: array('0+', int32('0+')),
      isrNodes: array('0+', int32('0+')),
      eligibleLeaderReplicas: array('0+', int32('0+'), { nullable: '0+', default: null }),
      lastKnownElr: array('0+', int32('0+'), { nullable: '0+', default: null }),
      offlineReplicas: array('0+', int32('0+'), { ignorable: true }),
    }),
    topicAuthorizedOperations: int32('0+', { default: -2147483648 }),
  }),
  nextCursor: struct(
    '0+',
    {
      topicName: string('0+'),
      partitionIndex: int32('0+'),
    },
    { nullable: '0+', default: null },
  ),
}));

export type DescribeTopicPartitionsRequest = Decoded<typeof describeTopicPartitionsRequest>;
export type DescribeTopicPartitionsRequestInput = Input<typeof describeTopicPartitionsRequest>;
export type DescribeTopicPartitionsResponse = Decoded<typeof describeTopicPartitionsResponse>;
export type DescribeTopicPartitionsResponseInput = Input<typeof describeTopicPartitionsResponse>;
