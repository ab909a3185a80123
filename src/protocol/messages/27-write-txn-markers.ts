/**
 * WriteTxnMarkers, key 27: versions 1-2, flexible from 1 on.
 * The transaction coordinator has leaders write commit or abort markers (KIP-98).
 * By version: 2 the transaction's version (KIP-1228).
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
} from '../schema.ts';

export const writeTxnMarkersRequest = request('WriteTxnMarkers', 27, '1-2', '1+', () => ({
  markers: array('0+', {
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    transactionResult: boolean('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitionIndexes: array('0+', int32('0+')),
    }),
    coordinatorEpoch: int32('0+'),
    transactionVersion: int8('2+', { ignorable: true }),
  }),
}));

export const writeTxnMarkersResponse = response('WriteTxnMarkers', 27, '1-2', '1+', () => ({
  markers: array('0+', {
    producerId: int64('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    }),
  }),
}));

export type WriteTxnMarkersRequest = Decoded<typeof writeTxnMarkersRequest>;
export type WriteTxnMarkersRequestInput = Input<typeof writeTxnMarkersRequest>;
export type WriteTxnMarkersResponse = Decoded<typeof writeTxnMarkersResponse>;
export type WriteTxnMarkersResponseInput = Input<typeof writeTxnMarkersResponse>;
