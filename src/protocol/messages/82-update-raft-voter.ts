/**
 * UpdateRaftVoter, key 82: versions 0, flexible from 0 on.
 * A voter reports its endpoints and kraft.version range (KIP-853).
 */
import {
  array,
  type Decoded,
  type Input,
  int16,
  int32,
  request,
  response,
  string,
  struct,
  uint16,
  uuid,
} from '../schema.ts';

export const updateRaftVoterRequest = request('UpdateRaftVoter', 82, '0', '0+', () => ({
  clusterId: string('0+', { nullable: '0+' }),
  currentLeaderEpoch: int32('0+'),
  voterId: int32('0+'),
  voterDirectoryId: uuid('0+'),
  listeners: array('0+', {
    name: string('0+'),
    host: string('0+'),
    port: uint16('0+'),
  }),
  kRaftVersionFeature: struct('0+', {
    minSupportedVersion: int16('0+'),
    maxSupportedVersion: int16('0+'),
  }),
}));

export const updateRaftVoterResponse = response('UpdateRaftVoter', 82, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  currentLeader: struct(
    '0+',
    {
      leaderId: int32('0+', { default: -1 }),
      leaderEpoch: int32('0+', { default: -1 }),
      host: string('0+'),
      port: int32('0+'),
    },
    { tag: 0 },
  ),
}));

export type UpdateRaftVoterRequest = Decoded<typeof updateRaftVoterRequest>;
export type UpdateRaftVoterRequestInput = Input<typeof updateRaftVoterRequest>;
export type UpdateRaftVoterResponse = Decoded<typeof updateRaftVoterResponse>;
export type UpdateRaftVoterResponseInput = Input<typeof updateRaftVoterResponse>;
