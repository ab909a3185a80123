/**
 * CreatePartitions, key 37: versions 0-3, flexible from 2 on.
 * Adds partitions to topics (KIP-195).
 * By version: 3 may be throttled (KIP-599).
 */
import { array, boolean, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const createPartitionsRequest = request('CreatePartitions', 37, '0-3', '2+', () => ({
  topics: array('0+', {
    name: string('0+'),
    count: int32('0+'),
    assignments: array(
      '0+',
      {
        brokerIds: array('0+', int32('0+')),
      },
      { nullable: '0+' },
    ),
  }),
  timeoutMs: int32('0+'),
  validateOnly: boolean('0+'),
}));

export const createPartitionsResponse = response('CreatePartitions', 37, '0-3', '2+', () => ({
  throttleTimeMs: int32('0+'),
  results: array('0+', {
    name: string('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
  }),
}));

export type CreatePartitionsRequest = Decoded<typeof createPartitionsRequest>;
export type CreatePartitionsRequestInput = Input<typeof createPartitionsRequest>;
export type CreatePartitionsResponse = Decoded<typeof createPartitionsResponse>;
export type CreatePartitionsResponseInput = Input<typeof createPartitionsResponse>;
