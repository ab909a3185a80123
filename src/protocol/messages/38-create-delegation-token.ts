/**
 * CreateDelegationToken, key 38: versions 1-3, flexible from 2 on.
 * Creates a delegation token (KIP-48).
 * By version: 3 on behalf of another owner (KIP-373).
 */
import { array, bytes, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const createDelegationTokenRequest = request('CreateDelegationToken', 38, '1-3', '2+', () => ({
  ownerPrincipalType: string('3+', { nullable: '3+' }),
  ownerPrincipalName: string('3+', { nullable: '3+' }),
  renewers: array('0+', {
    principalType: string('0+'),
    principalName: string('0+'),
  }),
  maxLifetimeMs: int64('0+'),
}));

export const createDelegationTokenResponse = response('CreateDelegationToken', 38, '1-3', '2+', () => ({
  errorCode: int16('0+'),
  principalType: string('0+'),
  principalName: string('0+'),
  tokenRequesterPrincipalType: string('3+'),
  tokenRequesterPrincipalName: string('3+'),
  issueTimestampMs: int64('0+'),
  expiryTimestampMs: int64('0+'),
  maxTimestampMs: int64('0+'),
  tokenId: string('0+'),
  hmac: bytes('0+'),
  throttleTimeMs: int32('0+'),
}));

export type CreateDelegationTokenRequest = Decoded<typeof createDelegationTokenRequest>;
export type CreateDelegationTokenRequestInput = Input<typeof createDelegationTokenRequest>;
export type CreateDelegationTokenResponse = Decoded<typeof createDelegationTokenResponse>;
export type CreateDelegationTokenResponseInput = Input<typeof createDelegationTokenResponse>;
