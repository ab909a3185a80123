/**
 * JoinGroup, key 11: versions 0-9, flexible from 6 on.
 * Joins a classic consumer group and waits for its rebalance.
 * By version: 1 rebalance timeout; 4 a new member is first given its id, then joins with it (KIP-394); 5 group
 * instance id (KIP-345); 7 protocol type in the answer (KIP-559); 8 reason (KIP-800); 9 the leader may skip the
 * assignment (KIP-814).
 */
import { array, boolean, bytes, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const joinGroupRequest = request('JoinGroup', 11, '0-9', '6+', () => ({
  groupId: string('0+'),
  sessionTimeoutMs: int32('0+'),
  rebalanceTimeoutMs: int32('1+', { default: -1, ignorable: true }),
  memberId: string('0+'),
  groupInstanceId: string('5+', { nullable: '5+', default: null }),
  protocolType: string('0+'),
  protocols: array('0+', {
    name: string('0+'),
    metadata: bytes('0+'),
  }),
  reason: string('8+', { nullable: '8+', default: null, ignorable: true }),
}));

export const joinGroupResponse = response('JoinGroup', 11, '0-9', '6+', () => ({
  throttleTimeMs: int32('2+', { ignorable: true }),
  errorCode: int16('0+'),
  generationId: int32('0+', { default: -1 }),
  protocolType: string('7+', { nullable: '7+', default: null, ignorable: true }),
  protocolName: string('0+', { nullable: '7+' }),
  leader: string('0+'),
  skipAssignment: boolean('9+'),
  memberId: string('0+'),
  members: array('0+', {
    memberId: string('0+'),
    groupInstanceId: string('5+', { nullable: '5+', default: null, ignorable: true }),
    metadata: bytes('0+'),
  }),
}));

export type JoinGroupRequest = Decoded<typeof joinGroupRequest>;
export type JoinGroupRequestInput = Input<typeof joinGroupRequest>;
export type JoinGroupResponse = Decoded<typeof joinGroupResponse>;
export type JoinGroupResponseInput = Input<typeof joinGroupResponse>;
