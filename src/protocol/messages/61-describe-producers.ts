/**
 * DescribeProducers, key 61: versions 0, flexible from 0 on.
 * Active producers of partitions (KIP-664).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const describeProducersRequest = request('DescribeProducers', 61, '0', '0+', () => ({
  topics: array('0+', {
    name: string('0+'),
    partitionIndexes: array('0+', int32('0+')),
  }),
}));

export const describeProducersResponse = response('DescribeProducers', 61, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
      activeProducers: array('0+', {
        producerId: int64('0+'),
        producerEpoch: int32('0+'),
        lastSequence: int32('0+', { default: -1 }),
        lastTimestamp: int64('0+', { default: -1 }),
        coordinatorEpoch: int32('0+'),
        currentTxnStartOffset: int64('0+', { default: -1 }),
      }),
    }),
  }),
}));

export type DescribeProducersRequest = Decoded<typeof describeProducersRequest>;
export type DescribeProducersRequestInput = Input<typeof describeProducersRequest>;
export type DescribeProducersResponse = Decoded<typeof describeProducersResponse>;
export type DescribeProducersResponseInput = Input<typeof describeProducersResponse>;
