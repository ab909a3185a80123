/**
 * Fetch, key 1: versions 4-18, flexible from 12 on.
 * Reads record batches: consumers, followers, and observers of the metadata log.
 * By version: 7 sessions (KIP-227); 9 leader epoch fencing (KIP-320); 10 zstd (KIP-110); 11 client rack (KIP-392);
 * 12 divergence found by the last fetched epoch (KIP-595); 13 topic ids (KIP-516); 14 tiered storage errors
 * (KIP-405); 15 replica epoch (KIP-903); 16 endpoints of new leaders (KIP-951); 17 directory id (KIP-853); 18 the
 * follower's high watermark (KIP-1166).
 */
import {
  array,
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

export const fetchRequest = request('Fetch', 1, '4-18', '12+', () => ({
  clusterId: string('12+', { nullable: '12+', tag: 0, default: null, ignorable: true }),
  replicaId: int32('0-14', { default: -1 }),
  replicaState: struct(
    '15+',
    {
      replicaId: int32('15+', { default: -1 }),
      replicaEpoch: int64('15+', { default: -1 }),
    },
    { tag: 1 },
  ),
  maxWaitMs: int32('0+'),
  minBytes: int32('0+'),
  maxBytes: int32('3+', { default: 2147483647, ignorable: true }),
  isolationLevel: int8('4+', { ignorable: true }),
  sessionId: int32('7+', { ignorable: true }),
  sessionEpoch: int32('7+', { default: -1, ignorable: true }),
  topics: array('0+', {
    topic: string('0-12', { ignorable: true }),
    topicId: uuid('13+', { ignorable: true }),
    partitions: array('0+', {
      partition: int32('0+'),
      currentLeaderEpoch: int32('9+', { default: -1, ignorable: true }),
      fetchOffset: int64('0+'),
      lastFetchedEpoch: int32('12+', { default: -1 }),
      logStartOffset: int64('5+', { default: -1, ignorable: true }),
      partitionMaxBytes: int32('0+'),
      replicaDirectoryId: uuid('17+', { tag: 0, ignorable: true }),
      highWatermark: int64('18+', { tag: 1, default: Number.POSITIVE_INFINITY, ignorable: true }),
    }),
  }),
  forgottenTopicsData: array('7+', {
    topic: string('7-12', { ignorable: true }),
    topicId: uuid('13+', { ignorable: true }),
    partitions: array('7+', int32('0+')),
  }),
  rackId: string('11+', { ignorable: true }),
}));

export const fetchResponse = response('Fetch', 1, '4-18', '12+', () => ({
  throttleTimeMs: int32('1+', { ignorable: true }),
  errorCode: int16('7+', { ignorable: true }),
  sessionId: int32('7+'),
  responses: array('0+', {
    topic: string('0-12', { ignorable: true }),
    topicId: uuid('13+', { ignorable: true }),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      highWatermark: int64('0+'),
      lastStableOffset: int64('4+', { default: -1, ignorable: true }),
      logStartOffset: int64('5+', { default: -1, ignorable: true }),
      divergingEpoch: struct(
        '12+',
        {
          epoch: int32('12+', { default: -1 }),
          endOffset: int64('12+', { default: -1 }),
        },
        { tag: 0 },
      ),
      currentLeader: struct(
        '12+',
        {
          leaderId: int32('12+', { default: -1 }),
          leaderEpoch: int32('12+', { default: -1 }),
        },
        { tag: 1 },
      ),
      snapshotId: struct(
        '12+',
        {
          endOffset: int64('0+', { default: -1 }),
          epoch: int32('0+', { default: -1 }),
        },
        { tag: 2 },
      ),
      abortedTransactions: array(
        '4+',
        {
          producerId: int64('4+'),
          firstOffset: int64('4+'),
        },
        { nullable: '4+', ignorable: true },
      ),
      preferredReadReplica: int32('11+', { default: -1 }),
      records: records('0+', { nullable: '0+' }),
    }),
  }),
  nodeEndpoints: array(
    '16+',
    {
      nodeId: int32('16+'),
      host: string('16+'),
      port: int32('16+'),
      rack: string('16+', { nullable: '16+', default: null }),
    },
    { tag: 0 },
  ),
}));

export type FetchRequest = Decoded<typeof fetchRequest>;
export type FetchRequestInput = Input<typeof fetchRequest>;
export type FetchResponse = Decoded<typeof fetchResponse>;
export type FetchResponseInput = Input<typeof fetchResponse>;
