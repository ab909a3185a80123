/**
 * TxnOffsetCommit, key 28: versions 0-6, flexible from 3 on.
 * Commits offsets of a group within a transaction (KIP-98).
 * By version: 2 leader epoch; 3 member, generation and instance id are checked (KIP-447); 4 TRANSACTION_ABORTABLE
 * and 5 transactions without AddOffsetsToTxn (KIP-890); 6 topic ids instead of names (KIP-1319).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string, uuid } from '../schema.ts';

export const txnOffsetCommitRequest = request('TxnOffsetCommit', 28, '0-6', '3+', () => ({
  transactionalId: string('0+'),
  groupId: string('0+'),
  producerId: int64('0+'),
  producerEpoch: int16('0+'),
  generationIdOrMemberEpoch: int32('3+', { default: -1 }),
  memberId: string('3+'),
  groupInstanceId: string('3+', { nullable: '3+', default: null }),
  topics: array('0+', {
    name: string('0-5', { ignorable: true }),
    topicId: uuid('6+', { ignorable: true }),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      committedOffset: int64('0+'),
      committedLeaderEpoch: int32('2+', { default: -1, ignorable: true }),
      committedMetadata: string('0+', { nullable: '0+' }),
    }),
  }),
}));

export const txnOffsetCommitResponse = response('TxnOffsetCommit', 28, '0-6', '3+', () => ({
  throttleTimeMs: int32('0+'),
  topics: array('0+', {
    name: string('0-5', { ignorable: true }),
    topicId: uuid('6+', { ignorable: true }),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
    }),
  }),
}));

export type TxnOffsetCommitRequest = Decoded<typeof txnOffsetCommitRequest>;
export type TxnOffsetCommitRequestInput = Input<typeof txnOffsetCommitRequest>;
export type TxnOffsetCommitResponse = Decoded<typeof txnOffsetCommitResponse>;
export type TxnOffsetCommitResponseInput = Input<typeof txnOffsetCommitResponse>;
