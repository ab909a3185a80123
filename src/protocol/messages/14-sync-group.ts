/**
 * SyncGroup, key 14: versions 0-5, flexible from 4 on.
 * Hands in the leader's assignment and gets one's own.
 * By version: 3 group instance id (KIP-345); 5 protocol type and name are checked (KIP-559).
 */
import { array, bytes, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const syncGroupRequest = request('SyncGroup', 14, '0-5', '4+', () => ({
  groupId: string('0+'),
  generationId: int32('0+'),
  memberId: string('0+'),
  groupInstanceId: string('3+', { nullable: '3+', default: null }),
  protocolType: string('5+', { nullable: '5+', default: null, ignorable: true }),
  protocolName: string('5+', { nullable: '5+', default: null, ignorable: true }),
  assignments: array('0+', {
    memberId: string('0+'),
    assignment: bytes('0+'),
  }),
}));

export const syncGroupResponse = response('SyncGroup', 14, '0-5', '4+', () => ({
  throttleTimeMs: int32('1+', { ignorable: true }),
  errorCode: int16('0+'),
  protocolType: string('5+', { nullable: '5+', default: null, ignorable: true }),
  protocolName: string('5+', { nullable: '5+', default: null, ignorable: true }),
  assignment: bytes('0+'),
}));

export type SyncGroupRequest = Decoded<typeof syncGroupRequest>;
export type SyncGroupRequestInput = Input<typeof syncGroupRequest>;
export type SyncGroupResponse = Decoded<typeof syncGroupResponse>;
export type SyncGroupResponseInput = Input<typeof syncGroupResponse>;
