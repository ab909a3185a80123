/**
 * AddRaftVoter, key 80: versions 0-1, flexible from 0 on.
 * Makes a controller a voter of the quorum (KIP-853).
 * By version: 1 may answer before the change is committed (KIP-1186).
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
  int16,
  int32,
  request,
  response,
  string,
  uint16,
  uuid,
} from '../schema.ts';

export const addRaftVoterRequest = request('AddRaftVoter', 80, '0-1', '0+', () => ({
  clusterId: string('0+', { nullable: '0+' }),
  timeoutMs: int32('0+'),
  voterId: int32('0+'),
  voterDirectoryId: uuid('0+'),
  listeners: array('0+', {
    name: string('0+'),
    host: string('0+'),
    port: uint16('0+'),
  }),
  ackWhenCommitted: boolean('1+', { default: true }),
}));

export const addRaftVoterResponse = response('AddRaftVoter', 80, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', ignorable: true }),
}));

export type AddRaftVoterRequest = Decoded<typeof addRaftVoterRequest>;
export type AddRaftVoterRequestInput = Input<typeof addRaftVoterRequest>;
export type AddRaftVoterResponse = Decoded<typeof addRaftVoterResponse>;
export type AddRaftVoterResponseInput = Input<typeof addRaftVoterResponse>;
