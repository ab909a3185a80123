/**
 * DeleteShareGroupOffsets, key 92: versions 0, flexible from 0 on.
 * Deletes start offsets of a share group (KIP-932).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string, uuid } from '../schema.ts';

export const deleteShareGroupOffsetsRequest = request('DeleteShareGroupOffsets', 92, '0', '0+', () => ({
  groupId: string('0+'),
  topics: array('0+', {
    topicName: string('0+'),
  }),
}));

export const deleteShareGroupOffsetsResponse = response('DeleteShareGroupOffsets', 92, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', default: null }),
  responses: array('0+', {
    topicName: string('0+'),
    topicId: uuid('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
  }),
}));

export type DeleteShareGroupOffsetsRequest = Decoded<typeof deleteShareGroupOffsetsRequest>;
export type DeleteShareGroupOffsetsRequestInput = Input<typeof deleteShareGroupOffsetsRequest>;
export type DeleteShareGroupOffsetsResponse = Decoded<typeof deleteShareGroupOffsetsResponse>;
export type DeleteShareGroupOffsetsResponseInput = Input<typeof deleteShareGroupOffsetsResponse>;
