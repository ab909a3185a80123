/**
 * ShareAcknowledge, key 79: versions 1-2, flexible from 0 on.
 * Acknowledges records of a share group (KIP-932). Version 0 was early access.
 * By version: 2 renewal of locks (KIP-1222).
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
  request,
  response,
  string,
  struct,
  uuid,
} from '../schema.ts';

export const shareAcknowledgeRequest = request('ShareAcknowledge', 79, '1-2', '0+', () => ({
  groupId: string('0+', { nullable: '0+', default: null }),
  memberId: string('0+', { nullable: '0+' }),
  shareSessionEpoch: int32('0+'),
  isRenewAck: boolean('2+'),
  topics: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      acknowledgementBatches: array('0+', {
        firstOffset: int64('0+'),
        lastOffset: int64('0+'),
        acknowledgeTypes: array('0+', int8('0+')),
      }),
    }),
  }),
}));

export const shareAcknowledgeResponse = response('ShareAcknowledge', 79, '1-2', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', default: null }),
  acquisitionLockTimeoutMs: int32('2+', { ignorable: true }),
  responses: array('0+', {
    topicId: uuid('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+', default: null }),
      currentLeader: struct('0+', {
        leaderId: int32('0+'),
        leaderEpoch: int32('0+'),
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

export type ShareAcknowledgeRequest = Decoded<typeof shareAcknowledgeRequest>;
export type ShareAcknowledgeRequestInput = Input<typeof shareAcknowledgeRequest>;
export type ShareAcknowledgeResponse = Decoded<typeof shareAcknowledgeResponse>;
export type ShareAcknowledgeResponseInput = Input<typeof shareAcknowledgeResponse>;
