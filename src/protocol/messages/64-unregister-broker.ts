/**
 * UnregisterBroker, key 64: versions 0, flexible from 0 on.
 * Forgets a broker that is gone for good (KIP-631).
 */
import { type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const unregisterBrokerRequest = request('UnregisterBroker', 64, '0', '0+', () => ({
  brokerId: int32('0+'),
}));

export const unregisterBrokerResponse = response('UnregisterBroker', 64, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
}));

export type UnregisterBrokerRequest = Decoded<typeof unregisterBrokerRequest>;
export type UnregisterBrokerRequestInput = Input<typeof unregisterBrokerRequest>;
export type UnregisterBrokerResponse = Decoded<typeof unregisterBrokerResponse>;
export type UnregisterBrokerResponseInput = Input<typeof unregisterBrokerResponse>;
