/**
 * RenewDelegationToken, key 39: versions 1-2, flexible from 2 on.
 * Extends the life of a delegation token (KIP-48).
 */
import { bytes, type Decoded, type Input, int16, int32, int64, request, response } from '../schema.ts';

export const renewDelegationTokenRequest = request('RenewDelegationToken', 39, '1-2', '2+', () => ({
  hmac: bytes('0+'),
  renewPeriodMs: int64('0+'),
}));

export const renewDelegationTokenResponse = response('RenewDelegationToken', 39, '1-2', '2+', () => ({
  errorCode: int16('0+'),
  expiryTimestampMs: int64('0+'),
  throttleTimeMs: int32('0+'),
}));

export type RenewDelegationTokenRequest = Decoded<typeof renewDelegationTokenRequest>;
export type RenewDelegationTokenRequestInput = Input<typeof renewDelegationTokenRequest>;
export type RenewDelegationTokenResponse = Decoded<typeof renewDelegationTokenResponse>;
export type RenewDelegationTokenResponseInput = Input<typeof renewDelegationTokenResponse>;
