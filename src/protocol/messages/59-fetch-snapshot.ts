/**
 * FetchSnapshot, key 59: versions 0-1, flexible from 0 on.
 * Reads a piece of a snapshot of the metadata log (KIP-630).
 * By version: 1 directory id, endpoints (KIP-853).
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
  uint16,
  uuid,
} from '../schema.ts';

export const fetchSnapshotRequest = request('FetchSnapshot', 59, '0-1', '0+', () => ({
  clusterId: string('0+', { nullable: '0+', tag: 0, default: null }),
  replicaId: int32('0+', { default: -1 }),
  maxBytes: int32('0+', { default: 2147483647 }),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partition: int32('0+'),
      currentLeaderEpoch: int32('0+'),
      snapshotId: struct('0+', {
        endOffset: int64('0+'),
        epoch: int32('0+'),
      }),
      position: int64('0+'),
      replicaDirectoryId: uuid('1+', { tag: 0, ignorable: true }),
    }),
  }),
}));

export const fetchSnapshotResponse = response('FetchSnapshot', 59, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+', { ignorable: true }),
  errorCode: int16('0+'),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      index: int32('0+'),
      errorCode: int16('0+'),
      snapshotId: struct('0+', {
        endOffset: int64('0+'),
        epoch: int32('0+'),
      }),
      currentLeader: struct(
        '0+',
        {
          leaderId: int32('0+'),
          leaderEpoch: int32('0+'),
        },
        { tag: 0 },
      ),
      size: int64('0+'),
      position: int64('0+'),
      unalignedRecords: records('0+'),
    }),
  }),
  nodeEndpoints: array(
    '1+',
    {
      nodeId: int32('1+'),
      host: string('1+'),
      port: uint16('1+'),
    },
    { tag: 0 },
  ),
}));

export type FetchSnapshotRequest = Decoded<typeof fetchSnapshotRequest>;
export type FetchSnapshotRequestInput = Input<typeof fetchSnapshotRequest>;
export type FetchSnapshotResponse = Decoded<typeof fetchSnapshotResponse>;
export type FetchSnapshotResponseInput = Input<typeof fetchSnapshotResponse>;
