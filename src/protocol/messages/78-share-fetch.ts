/**
 * ShareFetch, key 78: versions 1-2, flexible from 0 on.
 * Acquires records for a share group, and acknowledges others (KIP-932). Version 0 was early access.
 * By version: 2 how to acquire (KIP-1206), renewal of locks (KIP-1222).
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
  int8,
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

export const shareFetchRequest = request('ShareFetch', 78, '1-2', '0+', () => ({
  groupId: string('0+', { nullable: '0+', default: null }),
  memberId: string('0+', { nullable: '0+' }),
  shareSessionEpoch: int32('0+'),
  maxWaitMs: int32('0+'),
  minBytes: int32('0+'),
  maxBytes: int32('0+', { default: 2147483647 }),
  maxRecords: int32('1+'),
  batchSize: int32('1+'),
  shareAcquireMode: int8('2+', { ignorable: true }),
  isRenewAck: boolean('2+'),
  topics: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      partitionMaxBytes: int32('0'),
      acknowledgementBatches: array('0+', {
        firstOffset: int64('0+'),
        lastOffset: int64('0+'),
        acknowledgeTypes: array('0+', int8('0+')),
      }),
    }),
  }),
  forgottenTopicsData: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', int32('0+')),
  }),
}));

export const shareFetchResponse = response('ShareFetch', 78, '1-2', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', default: null }),
  acquisitionLockTimeoutMs: int32('1+'),
  responses: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
      acknowledgeErrorCode: int16('0+'),
      acknowledgeErrorMessage: string('0+', { nullable: '0+', default: null }),
      currentLeader: struct('0+', {
        leaderId: int32('0+'),
        leaderEpoch: int32('0+'),
      }),
      records: records('0+', { nullable: '0' }),
      acquiredRecords: array('0+', {
        firstOffset: int64('0+'),
        lastOffset: int64('0+'),
        deliveryCount: int16('0+'),
      }),
    }),
  }),
  nodeEndpoints: array('0+', {
    nodeId: int32('0+'),
    host: string('0+'),
    port: int32('0+'),
    rack: string('0+', { nullable: '0+', default: null }),
  }),
}));

export type ShareFetchRequest = Decoded<typeof shareFetchRequest>;
export type ShareFetchRequestInput = Input<typeof shareFetchRequest>;
export type ShareFetchResponse = Decoded<typeof shareFetchResponse>;
export type ShareFetchResponseInput = Input<typeof shareFetchResponse>;
