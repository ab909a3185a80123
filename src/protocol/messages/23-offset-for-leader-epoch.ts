/**
 * OffsetForLeaderEpoch, key 23: versions 2-4, flexible from 4 on.
 * Where a leader epoch ended, to find the point from which logs differ (KIP-101, KIP-320).
 * By version: 2 current leader epoch for fencing; 3 the asking replica.
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const offsetForLeaderEpochRequest = request('OffsetForLeaderEpoch', 23, '2-4', '4+', () => ({
  replicaId: int32('3+', { default: -2, ignorable: true }),
  topics: array('0+', {
    topic: string('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      currentLeaderEpoch: int32('2+', { default: -1, ignorable: true }),
      leaderEpoch: int32('0+'),
    }),
  }),
}));

export const offsetForLeaderEpochResponse = response('OffsetForLeaderEpoch', 23, '2-4', '4+', () => ({
  throttleTimeMs: int32('2+', { ignorable: true }),
  topics: array('0+', {
    topic: string('0+'),
    partitions: array('0+', {
      errorCode: int16('0+'),
      partition: int32('0+'),
      leaderEpoch: int32('1+', { default: -1, ignorable: true }),
      endOffset: int64('0+', { default: -1 }),
    }),
  }),
}));

export type OffsetForLeaderEpochRequest = Decoded<typeof offsetForLeaderEpochRequest>;
export type OffsetForLeaderEpochRequestInput = Input<typeof offsetForLeaderEpochRequest>;
export type OffsetForLeaderEpochResponse = Decoded<typeof offsetForLeaderEpochResponse>;
export type OffsetForLeaderEpochResponseInput = Input<typeof offsetForLeaderEpochResponse>;
