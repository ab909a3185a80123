/**
 * DescribeDelegationToken, key 41: versions 1-3, flexible from 2 on.
 * Describes delegation tokens (KIP-48).
 * By version: 3 who asked for the token (KIP-373).
 */
import { array, bytes, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const describeDelegationTokenRequest = request('DescribeDelegationToken', 41, '1-3', '2+', () => ({
  owners: array(
    '0+',
    {
      principalType: string('0+'),
      principalName: string('0+'),
    },
    { nullable: '0+' },
  ),
}));

export const describeDelegationTokenResponse = response('DescribeDelegationToken', 41, '1-3', '2+', () => ({
  errorCode: int16('0+'),
  tokens: array('0+', {
    principalType: string('0+'),
    principalName: string('0+'),
    tokenRequesterPrincipalType: string('3+'),
    tokenRequesterPrincipalName: string('3+'),
    issueTimestamp: int64('0+'),
    expiryTimestamp: int64('0+'),
    maxTimestamp: int64('0+'),
    tokenId: string('0+'),
    hmac: bytes('0+'),
    renewers: array('0+', {
      principalType: string('0+'),
      principalName: string('0+'),
    }),
  }),
  throttleTimeMs: int32('0+'),
}));

export type DescribeDelegationTokenRequest = Decoded<typeof describeDelegationTokenRequest>;
export type DescribeDelegationTokenRequestInput = Input<typeof describeDelegationTokenRequest>;
export type DescribeDelegationTokenResponse = Decoded<typeof describeDelegationTokenResponse>;
export type DescribeDelegationTokenResponseInput = Input<typeof describeDelegationTokenResponse>;
