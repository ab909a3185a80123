/**
 * SaslHandshake, key 17: versions 0-1, never flexible.
 * Chooses the SASL mechanism of a connection.
 * By version: 0 is followed by bare SASL tokens, 1 by SaslAuthenticate (KIP-152).
 */
import { array, type Decoded, type Input, int16, request, response, string } from '../schema.ts';

export const saslHandshakeRequest = request('SaslHandshake', 17, '0-1', 'none', () => ({
  mechanism: string('0+'),
}));

export const saslHandshakeResponse = response('SaslHandshake', 17, '0-1', 'none', () => ({
  errorCode: int16('0+'),
  mechanisms: array('0+', string('0+')),
}));

export type SaslHandshakeRequest = Decoded<typeof saslHandshakeRequest>;
export type SaslHandshakeRequestInput = Input<typeof saslHandshakeRequest>;
export type SaslHandshakeResponse = Decoded<typeof saslHandshakeResponse>;
export type SaslHandshakeResponseInput = Input<typeof saslHandshakeResponse>;
