/**
 * AddPartitionsToTxn, key 24: versions 0-5, flexible from 3 on.
 * Adds partitions to a transaction (KIP-98). Clients send up to version 3, brokers from 4 on.
 * By version: 2 PRODUCER_FENCED; 4 several transactions, verification only (KIP-890); 5 TRANSACTION_ABORTABLE
 * (KIP-890).
 */
import { array, boolean, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

const addPartitionsToTxnTopicFields = () => ({
  name: string('0+'),
  partitions: array('0+', int32('0+')),
});

const addPartitionsToTxnPartitionResultFields = () => ({
  partitionIndex: int32('0+'),
  partitionErrorCode: int16('0+'),
});

const addPartitionsToTxnTopicResultFields = () => ({
  name: string('0+'),
  resultsByPartition: array('0+', addPartitionsToTxnPartitionResultFields()),
});

export const addPartitionsToTxnRequest = request('AddPartitionsToTxn', 24, '0-5', '3+', () => ({
  transactions: array('4+', {
    transactionalId: string('4+'),
    producerId: int64('4+'),
    producerEpoch: int16('4+'),
    verifyOnly: boolean('4+'),
    topics: array('4+', addPartitionsToTxnTopicFields()),
  }),
  v3AndBelowTransactionalId: string('0-3'),
  v3AndBelowProducerId: int64('0-3'),
  v3AndBelowProducerEpoch: int16('0-3'),
  v3AndBelowTopics: array('0-3', addPartitionsToTxnTopicFields()),
}));

export const addPartitionsToTxnResponse = response('AddPartitionsToTxn', 24, '0-5', '3+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('4+', { ignorable: true }),
  resultsByTransaction: array('4+', {
    transactionalId: string('4+'),
    topicResults: array('4+', addPartitionsToTxnTopicResultFields()),
  }),
  resultsByTopicV3AndBelow: array('0-3', addPartitionsToTxnTopicResultFields()),
}));

export type AddPartitionsToTxnRequest = Decoded<typeof addPartitionsToTxnRequest>;
export type AddPartitionsToTxnRequestInput = Input<typeof addPartitionsToTxnRequest>;
export type AddPartitionsToTxnResponse = Decoded<typeof addPartitionsToTxnResponse>;
export type AddPartitionsToTxnResponseInput = Input<typeof addPartitionsToTxnResponse>;
