/**
 * Produce, key 0: versions 3-13, flexible from 9 on.
 * Appends record batches to partitions.
 * By version: 3 transactional id, message format 2 only; 7 zstd (KIP-110); 8 names the records that spoilt a batch
 * (KIP-467); 10 the answer names a new leader (KIP-951); 11 and 12 TRANSACTION_ABORTABLE and transactions without
 * AddPartitionsToTxn (KIP-890); 13 topic ids instead of names (KIP-516). Kafka advertises 0-2 as well, for
 * librdkafka, and refuses them (KAFKA-18659).
 */
import {
  array,
  type Decoded,
  type Input,
  int16,
  int32,
  int64,
  records,
  request,
  response,
  string,
  struct,
  uuid,
} from '../schema.ts';

export const produceRequest = request('Produce', 0, '3-13', '9+', () => ({
  transactionalId: string('3+', { nullable: '3+', default: null }),
  acks: int16('0+'),
  timeoutMs: int32('0+'),
  topicData: array('0+', {
    name: string('0-12', { ignorable: true }),
    topicId: uuid('13+', { ignorable: true }),
    partitionData: array('0+', {
      index: int32('0+'),
      records: records('0+', { nullable: '0+' }),
    }),
  }),
}));

export const produceResponse = response('Produce', 0, '3-13', '9+', () => ({
  responses: array('0+', {
    name: string('0-12', { ignorable: true }),
    topicId: uuid('13+', { ignorable: true }),
    partitionResponses: array('0+', {
      index: int32('0+'),
      errorCode: int16('0+'),
      baseOffset: int64('0+'),
      logAppendTimeMs: int64('2+', { default: -1, ignorable: true }),
      logStartOffset: int64('5+', { default: -1, ignorable: true }),
      recordErrors: array(
        '8+',
        {
          batchIndex: int32('8+'),
          batchIndexErrorMessage: string('8+', { nullable: '8+', default: null }),
        },
        { ignorable: true },
      ),
      errorMessage: string('8+', { nullable: '8+', default: null, ignorable: true }),
      currentLeader: struct(
        '10+',
        {
          leaderId: int32('10+', { default: -1 }),
          leaderEpoch: int32('10+', { default: -1 }),
        },
        { tag: 0 },
      ),
    }),
  }),
  throttleTimeMs: int32('1+', { ignorable: true }),
  nodeEndpoints: array(
    '10+',
    {
      nodeId: int32('10+'),
      host: string('10+'),
      port: int32('10+'),
      rack: string('10+', { nullable: '10+', default: null }),
    },
    { tag: 0 },
  ),
}));

export type ProduceRequest = Decoded<typeof produceRequest>;
export type ProduceRequestInput = Input<typeof produceRequest>;
export type ProduceResponse = Decoded<typeof produceResponse>;
export type ProduceResponseInput = Input<typeof produceResponse>;
