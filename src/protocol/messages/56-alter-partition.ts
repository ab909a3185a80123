/**
 * AlterPartition, key 56: versions 2-3, flexible from 0 on.
 * A leader asks the controller for another ISR (KIP-497).
 * By version: 1 recovery after an unclean election (KIP-704); 2 topic ids (KIP-841); 3 broker epochs of the ISR
 * (KIP-903).
 */
import { array, type Decoded, type Input, int8, int16, int32, int64, request, response, uuid } from '../schema.ts';

export const alterPartitionRequest = request('AlterPartition', 56, '2-3', '0+', () => ({
  brokerId: int32('0+'),
  brokerEpoch: int64('0+', { default: -1 }),
  topics: array('0+', {
    topicId: uuid('2+', { ignorable: true }),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      leaderEpoch: int32('0+'),
      newIsr: array('0-2', int32('0+')),
      newIsrWithEpochs: array('3+', {
        brokerId: int32('3+'),
        brokerEpoch: int64('3+', { default: -1 }),
      }),
      leaderRecoveryState: int8('1+'),
      partitionEpoch: int32('0+'),
    }),
  }),
}));

export const alterPartitionResponse = response('AlterPartition', 56, '2-3', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  topics: array('0+', {
    topicId: uuid('2+', { ignorable: true }),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      leaderId: int32('0+'),
      leaderEpoch: int32('0+'),
      isr: array('0+', int32('0+')),
      leaderRecoveryState: int8('1+', { ignorable: true }),
      partitionEpoch: int32('0+'),
    }),
  }),
}));

export type AlterPartitionRequest = Decoded<typeof alterPartitionRequest>;
export type AlterPartitionRequestInput = Input<typeof alterPartitionRequest>;
export type AlterPartitionResponse = Decoded<typeof alterPartitionResponse>;
export type AlterPartitionResponseInput = Input<typeof alterPartitionResponse>;
