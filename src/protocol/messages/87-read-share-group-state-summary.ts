/**
 * ReadShareGroupStateSummary, key 87: versions 0-1, flexible from 0 on.
 * Start offset and epochs of a share partition, without its records (KIP-932); between brokers.
 * By version: 1 count of completed deliveries (KIP-1226).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string, uuid } from '../schema.ts';

export const readShareGroupStateSummaryRequest = request('ReadShareGroupStateSummary', 87, '0-1', '0+', () => ({
  groupId: string('0+'),
  topics: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      leaderEpoch: int32('0+'),
    }),
  }),
}));

export const readShareGroupStateSummaryResponse = response('ReadShareGroupStateSummary', 87, '0-1', '0+', () => ({
  results: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
      stateEpoch: int32('0+'),
      leaderEpoch: int32('0+'),
      startOffset: int64('0+'),
      deliveryCompleteCount: int32('1+', { default: -1, ignorable: true }),
    }),
  }),
}));

export type ReadShareGroupStateSummaryRequest = Decoded<typeof readShareGroupStateSummaryRequest>;
export type ReadShareGroupStateSummaryRequestInput = Input<typeof readShareGroupStateSummaryRequest>;
export type ReadShareGroupStateSummaryResponse = Decoded<typeof readShareGroupStateSummaryResponse>;
export type ReadShareGroupStateSummaryResponseInput = Input<typeof readShareGroupStateSummaryResponse>;
