/**
 * DescribeShareGroupOffsets, key 90: versions 0-1, flexible from 0 on.
 * Start offsets of share groups (KIP-932).
 * By version: 1 lag (KIP-1226).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string, uuid } from '../schema.ts';

export const describeShareGroupOffsetsRequest = request('DescribeShareGroupOffsets', 90, '0-1', '0+', () => ({
  groups: array('0+', {
    groupId: string('0+'),
    topics: array(
      '0+',
      {
        topicName: string('0+'),
        partitions: array('0+', int32('0+')),
      },
      { nullable: '0+' },
    ),
  }),
}));

export const describeShareGroupOffsetsResponse = response('DescribeShareGroupOffsets', 90, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+'),
  groups: array('0+', {
    groupId: string('0+'),
    topics: array('0+', {
      topicName: string('0+'),
      topicId: uuid('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        startOffset: int64('0+'),
        leaderEpoch: int32('0+'),
        lag: int64('1+', { default: -1, ignorable: true }),
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
      }),
    }),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
  }),
}));

export type DescribeShareGroupOffsetsRequest = Decoded<typeof describeShareGroupOffsetsRequest>;
export type DescribeShareGroupOffsetsRequestInput = Input<typeof describeShareGroupOffsetsRequest>;
export type DescribeShareGroupOffsetsResponse = Decoded<typeof describeShareGroupOffsetsResponse>;
export type DescribeShareGroupOffsetsResponseInput = Input<typeof describeShareGroupOffsetsResponse>;
