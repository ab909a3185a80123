/**
 * ListTransactions, key 66: versions 0-2, flexible from 0 on.
 * Lists transactions that a broker coordinates (KIP-664).
 * By version: 1 only those open for longer (KIP-994); 2 only ids that match a pattern (KIP-1152).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const listTransactionsRequest = request('ListTransactions', 66, '0-2', '0+', () => ({
  stateFilters: array('0+', string('0+')),
  producerIdFilters: array('0+', int64('0+')),
  durationFilter: int64('1+', { default: -1 }),
  transactionalIdPattern: string('2+', { nullable: '2+', default: null }),
}));

export const listTransactionsResponse = response('ListTransactions', 66, '0-2', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  unknownStateFilters: array('0+', string('0+')),
  transactionStates: array('0+', {
    transactionalId: string('0+'),
    producerId: int64('0+'),
    transactionState: string('0+'),
  }),
}));

export type ListTransactionsRequest = Decoded<typeof listTransactionsRequest>;
export type ListTransactionsRequestInput = Input<typeof listTransactionsRequest>;
export type ListTransactionsResponse = Decoded<typeof listTransactionsResponse>;
export type ListTransactionsResponseInput = Input<typeof listTransactionsResponse>;
