/**
 * DescribeUserScramCredentials, key 50: versions 0, flexible from 0 on.
 * Which SCRAM credentials users have (KIP-554).
 */
import { array, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const describeUserScramCredentialsRequest = request('DescribeUserScramCredentials', 50, '0', '0+', () => ({
  users: array(
    '0+',
    {
      name: string('0+'),
    },
    { nullable: '0+' },
  ),
}));

export const describeUserScramCredentialsResponse = response('DescribeUserScramCredentials', 50, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
  results: array('0+', {
    user: string('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    credentialInfos: array('0+', {
      mechanism: int8('0+'),
      iterations: int32('0+'),
    }),
  }),
}));

export type DescribeUserScramCredentialsRequest = Decoded<typeof describeUserScramCredentialsRequest>;
export type DescribeUserScramCredentialsRequestInput = Input<typeof describeUserScramCredentialsRequest>;
export type DescribeUserScramCredentialsResponse = Decoded<typeof describeUserScramCredentialsResponse>;
export type DescribeUserScramCredentialsResponseInput = Input<typeof describeUserScramCredentialsResponse>;
