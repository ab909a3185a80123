/**
 * InitializeShareGroupState, key 83: versions 0, flexible from 0 on.
 * Starts the state of a share partition (KIP-932); between brokers.
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string, uuid } from '../schema.ts';

export const initializeShareGroupStateRequest = request('InitializeShareGroupState', 83, '0', '0+', () => ({
  groupId: string('0+'),
  topics: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      stateEpoch: int32('0+'),
      startOffset: int64('0+'),
    }),
  }),
}));

export const initializeShareGroupStateResponse = response('InitializeShareGroupState', 83, '0', '0+', () => ({
  results: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
    }),
  }),
}));

export type InitializeShareGroupStateRequest = Decoded<typeof initializeShareGroupStateRequest>;
export type InitializeShareGroupStateRequestInput = Input<typeof initializeShareGroupStateRequest>;
export type InitializeShareGroupStateResponse = Decoded<typeof initializeShareGroupStateResponse>;
export type InitializeShareGroupStateResponseInput = Input<typeof initializeShareGroupStateResponse>;
