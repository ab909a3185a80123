/**
 * RemoveRaftVoter, key 81: versions 0, flexible from 0 on.
 * Takes a controller's vote away (KIP-853).
 */
import { type Decoded, type Input, int16, int32, request, response, string, uuid } from '../schema.ts';

export const removeRaftVoterRequest = request('RemoveRaftVoter', 81, '0', '0+', () => ({
  clusterId: string('0+', { nullable: '0+' }),
  voterId: int32('0+'),
  voterDirectoryId: uuid('0+'),
}));

export const removeRaftVoterResponse = response('RemoveRaftVoter', 81, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', ignorable: true }),
}));

export type RemoveRaftVoterRequest = Decoded<typeof removeRaftVoterRequest>;
export type RemoveRaftVoterRequestInput = Input<typeof removeRaftVoterRequest>;
export type RemoveRaftVoterResponse = Decoded<typeof removeRaftVoterResponse>;
export type RemoveRaftVoterResponseInput = Input<typeof removeRaftVoterResponse>;
