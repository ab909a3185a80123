/**
 * OffsetDelete, key 47: versions 0, never flexible.
 * Deletes committed offsets of a group (KIP-496).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const offsetDeleteRequest = request('OffsetDelete', 47, '0', 'none', () => ({
  groupId: string('0+'),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
    }),
  }),
}));

export const offsetDeleteResponse = response('OffsetDelete', 47, '0', 'none', () => ({
  errorCode: int16('0+'),
  throttleTimeMs: int32('0+', { ignorable: true }),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
    }),
  }),
}));

export type OffsetDeleteRequest = Decoded<typeof offsetDeleteRequest>;
export type OffsetDeleteRequestInput = Input<typeof offsetDeleteRequest>;
export type OffsetDeleteResponse = Decoded<typeof offsetDeleteResponse>;
export type OffsetDeleteResponseInput = Input<typeof offsetDeleteResponse>;
