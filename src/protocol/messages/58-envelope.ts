/**
 * Envelope, key 58: versions 0, flexible from 0 on.
 * A broker hands a client's request on to the controller, with the client's principal (KIP-590).
 */
import { bytes, type Decoded, type Input, int16, request, response } from '../schema.ts';

export const envelopeRequest = request('Envelope', 58, '0', '0+', () => ({
  requestData: bytes('0+'),
  requestPrincipal: bytes('0+', { nullable: '0+' }),
  clientHostAddress: bytes('0+'),
}));

export const envelopeResponse = response('Envelope', 58, '0', '0+', () => ({
  responseData: bytes('0+', { nullable: '0+', default: null }),
  errorCode: int16('0+'),
}));

export type EnvelopeRequest = Decoded<typeof envelopeRequest>;
export type EnvelopeRequestInput = Input<typeof envelopeRequest>;
export type EnvelopeResponse = Decoded<typeof envelopeResponse>;
export type EnvelopeResponseInput = Input<typeof envelopeResponse>;
