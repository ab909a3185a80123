/**
 * InitProducerId, key 22: versions 0-6, flexible from 2 on.
 * Gives a producer its id and epoch (KIP-98); with a transactional id it fences older producers.
 * By version: 3 asks to go on with an id and epoch (KIP-360); 4 PRODUCER_FENCED; 5 TRANSACTION_ABORTABLE (KIP-890);
 * 6, unstable, two-phase commit (KIP-939).
 */
import { boolean, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const initProducerIdRequest = request('InitProducerId', 22, '0-6', '2+', () => ({
  transactionalId: string('0+', { nullable: '0+' }),
  transactionTimeoutMs: int32('0+'),
  producerId: int64('3+', { default: -1 }),
  producerEpoch: int16('3+', { default: -1 }),
  enable2Pc: boolean('6+'),
  keepPreparedTxn: boolean('6+'),
}));

export const initProducerIdResponse = response('InitProducerId', 22, '0-6', '2+', () => ({
  throttleTimeMs: int32('0+', { ignorable: true }),
  errorCode: int16('0+'),
  producerId: int64('0+', { default: -1 }),
  producerEpoch: int16('0+'),
  ongoingTxnProducerId: int64('6+', { default: -1 }),
  ongoingTxnProducerEpoch: int16('6+', { default: -1 }),
}));

export type InitProducerIdRequest = Decoded<typeof initProducerIdRequest>;
export type InitProducerIdRequestInput = Input<typeof initProducerIdRequest>;
export type InitProducerIdResponse = Decoded<typeof initProducerIdResponse>;
export type InitProducerIdResponseInput = Input<typeof initProducerIdResponse>;
