/**
 * Vote, key 52: versions 0-2, flexible from 0 on.
 * Asks a voter of the quorum for its vote (KIP-595).
 * By version: 1 voters by directory id (KIP-853); 2 pre-vote (KIP-996).
 */
import {
  array,
  boolean,
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

export const voteRequest = request('Vote', 52, '0-2', '0+', () => ({
  clusterId: string('0+', { nullable: '0+', default: null }),
  voterId: int32('1+', { default: -1, ignorable: true }),
  topics: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      replicaEpoch: int32('0+'),
      replicaId: int32('0+'),
      replicaDirectoryId: uuid('1+', { ignorable: true }),
      voterDirectoryId: uuid('1+', { ignorable: true }),
      lastOffsetEpoch: int32('0+'),
      lastOffset: int64('0+'),
      preVote: boolean('2+'),
    }),
  }),
}));

export const voteResponse = response('Vote', 52, '0-2', '0+', () => ({
  errorCode: int16('0+'),
  topics: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      leaderId: int32('0+'),
      leaderEpoch: int32('0+'),
      voteGranted: boolean('0+'),
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

export type VoteRequest = Decoded<typeof voteRequest>;
export type VoteRequestInput = Input<typeof voteRequest>;
export type VoteResponse = Decoded<typeof voteResponse>;
export type VoteResponseInput = Input<typeof voteResponse>;
