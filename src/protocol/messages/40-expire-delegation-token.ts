/**
 * ExpireDelegationToken, key 40: versions 1-2, flexible from 2 on.
 * Ends the life of a delegation token (KIP-48).
 */
import { bytes, type Decoded, type Input, int16, int32, int64, request, response } from '../schema.ts';

export const expireDelegationTokenRequest = request('ExpireDelegationToken', 40, '1-2', '2+', () => ({
  hmac: bytes('0+'),
  expiryTimePeriodMs: int64('0+'),
}));

export const expireDelegationTokenResponse = response('ExpireDelegationToken', 40, '1-2', '2+', () => ({
  errorCode: int16('0+'),
  expiryTimestampMs: int64('0+'),
  throttleTimeMs: int32('0+'),
}));

export type ExpireDelegationTokenRequest = Decoded<typeof expireDelegationTokenRequest>;
export type ExpireDelegationTokenRequestInput = Input<typeof expireDelegationTokenRequest>;
export type ExpireDelegationTokenResponse = Decoded<typeof expireDelegationTokenResponse>;
export type ExpireDelegationTokenResponseInput = Input<typeof expireDelegationTokenResponse>;
