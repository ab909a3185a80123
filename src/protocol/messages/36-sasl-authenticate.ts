/**
 * SaslAuthenticate, key 36: versions 0-2, flexible from 2 on.
 * One step of a SASL exchange (KIP-152).
 * By version: 1 how long the session lasts (KIP-368).
 */
import { bytes, type Decoded, type Input, int16, int64, request, response, string } from '../schema.ts';

export const saslAuthenticateRequest = request('SaslAuthenticate', 36, '0-2', '2+', () => ({
  authBytes: bytes('0+'),
}));

export const saslAuthenticateResponse = response('SaslAuthenticate', 36, '0-2', '2+', () => ({
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
  authBytes: bytes('0+'),
  sessionLifetimeMs: int64('1+', { ignorable: true }),
}));

export type SaslAuthenticateRequest = Decoded<typeof saslAuthenticateRequest>;
export type SaslAuthenticateRequestInput = Input<typeof saslAuthenticateRequest>;
export type SaslAuthenticateResponse = Decoded<typeof saslAuthenticateResponse>;
export type SaslAuthenticateResponseInput = Input<typeof saslAuthenticateResponse>;
