/**
 * BeginQuorumEpoch, key 53: versions 0-1, flexible from 1 on.
 * A new leader of the quorum makes itself known (KIP-595).
 * By version: 1 voters by directory id, endpoints (KIP-853).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string, uint16, uuid } from '../schema.ts';

export const beginQuorumEpochRequest = request('BeginQuorumEpoch', 53, '0-1', '1+', () => ({
  clusterId: string('0+', { nullable: '0+', default: null }),
  voterId: int32('1+', { default: -1, ignorable: true }),
  topics: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      voterDirectoryId: uuid('1+', { ignorable: true }),
      leaderId: int32('0+'),
      leaderEpoch: int32('0+'),
    }),
  }),
  leaderEndpoints: array(
    '1+',
    {
      name: string('1+'),
      host: string('1+'),
      port: uint16('1+'),
    },
    { ignorable: true },
  ),
}));

export const beginQuorumEpochResponse = response('BeginQuorumEpoch', 53, '0-1', '1+', () => ({
  errorCode: int16('0+'),
  topics: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      leaderId: int32('0+'),
      leaderEpoch: int32('0+'),
    }),
  }),
  nodeEndpoints: array(
    '1+',
    {
      nodeId: int32('1+'),
      host: string('1+'),
      port: uint16('1+'),
    },
    { tag: 0 },
  ),
}));

export type BeginQuorumEpochRequest = Decoded<typeof beginQuorumEpochRequest>;
export type BeginQuorumEpochRequestInput = Input<typeof beginQuorumEpochRequest>;
export type BeginQuorumEpochResponse = Decoded<typeof beginQuorumEpochResponse>;
export type BeginQuorumEpochResponseInput = Input<typeof beginQuorumEpochResponse>;
