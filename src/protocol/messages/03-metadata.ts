/**
 * Metadata, key 3: versions 0-13, flexible from 9 on.
 * Brokers, topics, partitions and leaders.
 * By version: 1 null asks for all topics, racks, controller id; 2 cluster id; 4 automatic topic creation may be
 * declined; 5 offline replicas; 7 leader epochs; 8 authorized operations (KIP-430); 10 topic ids (KIP-516); 11 no
 * more cluster operations, DescribeCluster has them (KIP-700); 12 lookup by id; 13 an error for the whole answer.
 */
import { array, boolean, type Decoded, type Input, int16, int32, request, response, string, uuid } from '../schema.ts';

export const metadataRequest = request('Metadata', 3, '0-13', '9+', () => ({
  topics: array(
    '0+',
    {
      topicId: uuid('10+', { ignorable: true }),
      name: string('0+', { nullable: '10+' }),
    },
    { nullable: '1+' },
  ),
  allowAutoTopicCreation: boolean('4+', { default: true }),
  includeClusterAuthorizedOperations: boolean('8-10'),
  includeTopicAuthorizedOperations: boolean('8+'),
}));

export const metadataResponse = response('Metadata', 3, '0-13', '9+', () => ({
  throttleTimeMs: int32('3+', { ignorable: true }),
  brokers: array('0+', {
    nodeId: int32('0+'),
    host: string('0+'),
    port: int32('0+'),
    rack: string('1+', { nullable: '1+', default: null, ignorable: true }),
  }),
  clusterId: string('2+', { nullable: '2+', default: null, ignorable: true }),
  controllerId: int32('1+', { default: -1, ignorable: true }),
  topics: array('0+', {
    errorCode: int16('0+'),
    name: string('0+', { nullable: '12+' }),
    topicId: uuid('10+', { ignorable: true }),
    isInternal: boolean('1+', { ignorable: true }),
    partitions: array('0+', {
      errorCode: int16('0+'),
      partitionIndex: int32('0+'),
      leaderId: int32('0+'),
      leaderEpoch: int32('7+', { default: -1, ignorable: true }),
      replicaNodes: array('0+', int32('0+')),
      isrNodes: array('0+', int32('0+')),
      offlineReplicas: array('5+', int32('0+'), { ignorable: true }),
    }),
    topicAuthorizedOperations: int32('8+', { default: -2147483648 }),
  }),
  clusterAuthorizedOperations: int32('8-10', { default: -2147483648 }),
  errorCode: int16('13+', { ignorable: true }),
}));

export type MetadataRequest = Decoded<typeof metadataRequest>;
export type MetadataRequestInput = Input<typeof metadataRequest>;
export type MetadataResponse = Decoded<typeof metadataResponse>;
export type MetadataResponseInput = Input<typeof metadataResponse>;
