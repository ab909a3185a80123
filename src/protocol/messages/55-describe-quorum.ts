/**
 * DescribeQuorum, key 55: versions 0-2, flexible from 0 on.
 * The state of the quorum and its replicas (KIP-595).
 * By version: 1 times of the last fetches (KIP-836); 2 directory ids, endpoints, messages (KIP-853).
 */
import {
  array,
  type Decoded,
  type Input,
  int16,
  int32,
  int64,
  request,
  response,
  string,
  uint16,
  uuid,
} from '../schema.ts';

const replicaStateFields = () => ({
  replicaId: int32('0+'),
  replicaDirectoryId: uuid('2+'),
  logEndOffset: int64('0+'),
  lastFetchTimestamp: int64('1+', { default: -1, ignorable: true }),
  lastCaughtUpTimestamp: int64('1+', { default: -1, ignorable: true }),
});

export const describeQuorumRequest = request('DescribeQuorum', 55, '0-2', '0+', () => ({
  topics: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
    }),
  }),
}));

export const describeQuorumResponse = response('DescribeQuorum', 55, '0-2', '0+', () => ({
  errorCode: int16('0+'),
  errorMessage: string('2+', { nullable: '2+', ignorable: true }),
  topics: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('2+', { nullable: '2+', ignorable: true }),
      leaderId: int32('0+'),
      leaderEpoch: int32('0+'),
      highWatermark: int64('0+'),
      currentVoters: array('0+', replicaStateFields()),
      observers: array('0+', replicaStateFields()),
    }),
  }),
  nodes: array('2+', {
    nodeId: int32('2+'),
    listeners: array('2+', {
      name: string('2+'),
      host: string('2+'),
      port: uint16('2+'),
    }),
  }),
}));

export type DescribeQuorumRequest = Decoded<typeof describeQuorumRequest>;
export type DescribeQuorumRequestInput = Input<typeof describeQuorumRequest>;
export type DescribeQuorumResponse = Decoded<typeof describeQuorumResponse>;
export type DescribeQuorumResponseInput = Input<typeof describeQuorumResponse>;
