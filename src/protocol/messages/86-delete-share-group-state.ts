/**
 * DeleteShareGroupState, key 86: versions 0, flexible from 0 on.
 * Deletes the state of a share partition (KIP-932); between brokers.
 */
import { array, type Decoded, type Input, int16, int32, request, response, string, uuid } from '../schema.ts';

export const deleteShareGroupStateRequest = request('DeleteShareGroupState', 86, '0', '0+', () => ({
  groupId: string('0+'),
  topics: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
    }),
  }),
}));

export const deleteShareGroupStateResponse = response('DeleteShareGroupState', 86, '0', '0+', () => ({
  results: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
    }),
  }),
}));

export type DeleteShareGroupStateRequest = Decoded<typeof deleteShareGroupStateRequest>;
export type DeleteShareGroupStateRequestInput = Input<typeof deleteShareGroupStateRequest>;
export type DeleteShareGroupStateResponse = Decoded<typeof deleteShareGroupStateResponse>;
export type DeleteShareGroupStateResponseInput = Input<typeof deleteShareGroupStateResponse>;
