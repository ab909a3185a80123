/**
 * ListOffsets, key 2: versions 1-11, flexible from 6 on.
 * Finds offsets by timestamp, or by the special timestamps for start and end.
 * By version: 2 isolation level; 4 leader epoch; 5 OFFSET_NOT_AVAILABLE; 7 max timestamp (KIP-734); 8 local start
 * (KIP-405); 9 last tiered offset (KIP-1005); 10 timeout for remote lookups (KIP-1075); 11 earliest pending upload
 * (KIP-1023).
 */
import { array, type Decoded, type Input, int8, int16, int32, int64, request, response, string } from '../schema.ts';

export const listOffsetsRequest = request('ListOffsets', 2, '1-11', '6+', () => ({
  replicaId: int32('0+'),
  isolationLevel: int8('2+'),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      currentLeaderEpoch: int32('4+', { default: -1, ignorable: true }),
      timestamp: int64('0+'),
    }),
  }),
  timeoutMs: int32('10+', { ignorable: true }),
}));

export const listOffsetsResponse = response('ListOffsets', 2, '1-11', '6+', () => ({
  throttleTimeMs: int32('2+', { ignorable: true }),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      timestamp: int64('1+', { default: -1 }),
      offset: int64('1+', { default: -1 }),
      leaderEpoch: int32('4+', { default: -1 }),
    }),
  }),
}));

export type ListOffsetsRequest = Decoded<typeof listOffsetsRequest>;
export type ListOffsetsRequestInput = Input<typeof listOffsetsRequest>;
export type ListOffsetsResponse = Decoded<typeof listOffsetsResponse>;
export type ListOffsetsResponseInput = Input<typeof listOffsetsResponse>;
