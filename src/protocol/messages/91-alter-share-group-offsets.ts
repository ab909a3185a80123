/**
 * AlterShareGroupOffsets, key 91: versions 0, flexible from 0 on.
 * Sets start offsets of a share group (KIP-932).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string, uuid } from '../schema.ts';

export const alterShareGroupOffsetsRequest = request('AlterShareGroupOffsets', 91, '0', '0+', () => ({
  groupId: string('0+'),
  topics: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      startOffset: int64('0+'),
    }),
  }),
}));

export const alterShareGroupOffsetsResponse = response('AlterShareGroupOffsets', 91, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', default: null }),
  responses: array('0+', {
    topicName: string('0+'),
    topicId: uuid('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
    }),
  }),
}));

export type AlterShareGroupOffsetsRequest = Decoded<typeof alterShareGroupOffsetsRequest>;
export type AlterShareGroupOffsetsRequestInput = Input<typeof alterShareGroupOffsetsRequest>;
export type AlterShareGroupOffsetsResponse = Decoded<typeof alterShareGroupOffsetsResponse>;
export type AlterShareGroupOffsetsResponseInput = Input<typeof alterShareGroupOffsetsResponse>;
