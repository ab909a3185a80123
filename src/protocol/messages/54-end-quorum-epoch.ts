/**
 * EndQuorumEpoch, key 54: versions 0-1, flexible from 1 on.
 * A leader of the quorum steps down (KIP-595).
 * By version: 1 preferred candidates by directory id, endpoints (KIP-853).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string, uint16, uuid } from '../schema.ts';

export const endQuorumEpochRequest = request('EndQuorumEpoch', 54, '0-1', '1+', () => ({
  clusterId: string('0+', { nullable: '0+', default: null }),
  topics: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      leaderId: int32('0+'),
      leaderEpoch: int32('0+'),
      preferredSuccessors: array('0', int32('0+'), { ignorable: true }),
      preferredCandidates: array(
        '1+',
        {
          candidateId: int32('1+'),
          candidateDirectoryId: uuid('1+'),
        },
        { ignorable: true },
      ),
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

export const endQuorumEpochResponse = response('EndQuorumEpoch', 54, '0-1', '1+', () => ({
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

export type EndQuorumEpochRequest = Decoded<typeof endQuorumEpochRequest>;
export type EndQuorumEpochRequestInput = Input<typeof endQuorumEpochRequest>;
export type EndQuorumEpochResponse = Decoded<typeof endQuorumEpochResponse>;
export type EndQuorumEpochResponseInput = Input<typeof endQuorumEpochResponse>;
