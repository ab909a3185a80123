/**
 * WriteShareGroupState, key 85: versions 0-1, flexible from 0 on.
 * Writes the state of a share partition (KIP-932); between brokers.
 * By version: 1 count of completed deliveries (KIP-1226).
 */
import {
  array,
  type Decoded,
  type Input,
  int8,
  int16,
  int32,
  int64,
  request,
  response,
  string,
  uuid,
} from '../schema.ts';

export const writeShareGroupStateRequest = request('WriteShareGroupState', 85, '0-1', '0+', () => ({
  groupId: string('0+'),
  topics: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      stateEpoch: int32('0+'),
      leaderEpoch: int32('0+'),
      startOffset: int64('0+'),
      deliveryCompleteCount: int32('1+', { default: -1, ignorable: true }),
      stateBatches: array('0+', {
        firstOffset: int64('0+'),
        lastOffset: int64('0+'),
        deliveryState: int8('0+'),
        deliveryCount: int16('0+'),
      }),
    }),
  }),
}));

export const writeShareGroupStateResponse = response('WriteShareGroupState', 85, '0-1', '0+', () => ({
  results: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
    }),
  }),
}));

export type WriteShareGroupStateRequest = Decoded<typeof writeShareGroupStateRequest>;
export type WriteShareGroupStateRequestInput = Input<typeof writeShareGroupStateRequest>;
export type WriteShareGroupStateResponse = Decoded<typeof writeShareGroupStateResponse>;
export type WriteShareGroupStateResponseInput = Input<typeof writeShareGroupStateResponse>;
