/**
 * EndTxn, key 26: versions 0-5, flexible from 3 on.
 * Commits or aborts a transaction (KIP-98).
 * By version: 2 PRODUCER_FENCED; 4 TRANSACTION_ABORTABLE; 5 the epoch rises with every transaction and comes back
 * (KIP-890).
 */
import { boolean, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const endTxnRequest = request('EndTxn', 26, '0-5', '3+', () => ({
  transactionalId: string('0+'),
  producerId: int64('0+'),
  producerEpoch: int16('0+'),
  committed: boolean('0+'),
}));

export const endTxnResponse = response('EndTxn', 26, '0-5', '3+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  producerId: int64('5+', { default: -1, ignorable: true }),
  producerEpoch: int16('5+', { default: -1, ignorable: true }),
}));

export type EndTxnRequest = Decoded<typeof endTxnRequest>;
export type EndTxnRequestInput = Input<typeof endTxnRequest>;
export type EndTxnResponse = Decoded<typeof endTxnResponse>;
export type EndTxnResponseInput = Input<typeof endTxnResponse>;
