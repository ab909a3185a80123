/**
 * ReadShareGroupState, key 84: versions 0, flexible from 0 on.
 * Reads the state of a share partition (KIP-932); between brokers.
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

export const readShareGroupStateRequest = request('ReadShareGroupState', 84, '0', '0+', () => ({
  groupId: string('0+'),
  topics: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      leaderEpoch: int32('0+'),
    }),
  }),
}));

export const readShareGroupStateResponse = response('ReadShareGroupState', 84, '0', '0+', () => ({
  results: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
      stateEpoch: int32('0+'),
      startOffset: int64('0+'),
      stateBatches: array('0+', {
        firstOffset: int64('0+'),
        lastOffset: int64('0+'),
        deliveryState: int8('0+'),
        deliveryCount: int16('0+'),
      }),
    }),
  }),
}));

export type ReadShareGroupStateRequest = Decoded<typeof readShareGroupStateRequest>;
export type ReadShareGroupStateRequestInput = Input<typeof readShareGroupStateRequest>;
export type ReadShareGroupStateResponse = Decoded<typeof readShareGroupStateResponse>;
export type ReadShareGroupStateResponseInput = Input<typeof readShareGroupStateResponse>;
