/**
 * AlterUserScramCredentials, key 51: versions 0, flexible from 0 on.
 * Sets and deletes SCRAM credentials (KIP-554).
 */
import { array, bytes, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const alterUserScramCredentialsRequest = request('AlterUserScramCredentials', 51, '0', '0+', () => ({
  deletions: array('0+', {
    name: string('0+'),
    mechanism: int8('0+'),
  }),
  upsertions: array('0+', {
    name: string('0+'),
    mechanism: int8('0+'),
    iterations: int32('0+'),
    salt: bytes('0+'),
    saltedPassword: bytes('0+'),
  }),
}));

export const alterUserScramCredentialsResponse = response('AlterUserScramCredentials', 51, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  results: array('0+', {
    user: string('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
  }),
}));

export type AlterUserScramCredentialsRequest = Decoded<typeof alterUserScramCredentialsRequest>;
export type AlterUserScramCredentialsRequestInput = Input<typeof alterUserScramCredentialsRequest>;
export type AlterUserScramCredentialsResponse = Decoded<typeof alterUserScramCredentialsResponse>;
export type AlterUserScramCredentialsResponseInput = Input<typeof alterUserScramCredentialsResponse>;
