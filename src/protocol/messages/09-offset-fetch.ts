/**
 * OffsetFetch, key 9: versions 1-10, flexible from 6 on.
 * Committed offsets of groups.
 * By version: 2 null asks for all topics, an error for the whole group; 5 leader epoch; 7 waits for open
 * transactions (KIP-447); 8 several groups in one request (KIP-709); 9 member id and epoch (KIP-848); 10 topic ids
 * instead of names (KIP-848).
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
  uuid,
} from '../schema.ts';

export const offsetFetchRequest = request('OffsetFetch', 9, '1-10', '6+', () => ({
  groupId: string('0-7'),
  topics: array(
    '0-7',
    {
      name: string('0-7'),
      partitionIndexes: array('0-7', int32('0+')),
    },
    { nullable: '2-7' },
  ),
  groups: array('8+', {
    groupId: string('8+'),
    memberId: string('9+', { nullable: '9+', default: null, ignorable: true }),
    memberEpoch: int32('9+', { default: -1, ignorable: true }),
    topics: array(
      '8+',
      {
        name: string('8-9', { ignorable: true }),
        topicId: uuid('10+', { ignorable: true }),
        partitionIndexes: array('8+', int32('0+')),
      },
      { nullable: '8+' },
    ),
  }),
  requireStable: boolean('7+'),
}));

export const offsetFetchResponse = response('OffsetFetch', 9, '1-10', '6+', () => ({
  throttleTimeMs: int32('3+', { ignorable: true }),
  topics: array('0-7', {
    name: string('0-7'),
    partitions: array('0-7', {
      partitionIndex: int32('0-7'),
      committedOffset: int64('0-7'),
      committedLeaderEpoch: int32('5-7', { default: -1, ignorable: true }),
      metadata: string('0-7', { nullable: '0-7' }),
      errorCode: int16('0-7'),
    }),
  }),
  errorCode: int16('2-7', { ignorable: true }),
  groups: array('8+', {
    groupId: string('8+'),
    topics: array('8+', {
      name: string('8-9', { ignorable: true }),
      topicId: uuid('10+', { ignorable: true }),
      partitions: array('8+', {
        partitionIndex: int32('8+'),
        committedOffset: int64('8+'),
        committedLeaderEpoch: int32('8+', { default: -1, ignorable: true }),
        metadata: string('8+', { nullable: '8+' }),
        errorCode: int16('8+'),
      }),
    }),
    errorCode: int16('8+'),
  }),
}));

export type OffsetFetchRequest = Decoded<typeof offsetFetchRequest>;
export type OffsetFetchRequestInput = Input<typeof offsetFetchRequest>;
export type OffsetFetchResponse = Decoded<typeof offsetFetchResponse>;
export type OffsetFetchResponseInput = Input<typeof offsetFetchResponse>;
