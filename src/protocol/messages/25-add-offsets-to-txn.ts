/**
 * AddOffsetsToTxn, key 25: versions 0-4, flexible from 3 on.
 * Adds a group's offsets to a transaction (KIP-98).
 * By version: 2 PRODUCER_FENCED; 4 TRANSACTION_ABORTABLE (KIP-890).
 */
import { type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const addOffsetsToTxnRequest = request('AddOffsetsToTxn', 25, '0-4', '3+', () => ({
  transactionalId: string('0+'),
  producerId: int64('0+'),
  producerEpoch: int16('0+'),
  groupId: string('0+'),
}));

export const addOffsetsToTxnResponse = response('AddOffsetsToTxn', 25, '0-4', '3+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
}));

export type AddOffsetsToTxnRequest = Decoded<typeof addOffsetsToTxnRequest>;
export type AddOffsetsToTxnRequestInput = Input<typeof addOffsetsToTxnRequest>;
export type AddOffsetsToTxnResponse = Decoded<typeof addOffsetsToTxnResponse>;
export type AddOffsetsToTxnResponseInput = Input<typeof addOffsetsToTxnResponse>;
