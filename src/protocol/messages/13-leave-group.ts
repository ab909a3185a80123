/**
 * LeaveGroup, key 13: versions 0-5, flexible from 4 on.
 * Leaves a classic group.
 * By version: 3 several members at once, by instance id too (KIP-345); 5 reason (KIP-800).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const leaveGroupRequest = request('LeaveGroup', 13, '0-5', '4+', () => ({
  groupId: string('0+'),
  memberId: string('0-2'),
  members: array('3+', {
    memberId: string('3+'),
    groupInstanceId: string('3+', { nullable: '3+', default: null }),
    reason: string('5+', { nullable: '5+', default: null, ignorable: true }),
  }),
}));

export const leaveGroupResponse = response('LeaveGroup', 13, '0-5', '4+', () => ({
  throttleTimeMs: int32('1+', { ignorable: true }),
  errorCode: int16('0+'),
  members: array('3+', {
    memberId: string('3+'),
    groupInstanceId: string('3+', { nullable: '3+' }),
    errorCode: int16('3+'),
  }),
}));

export type LeaveGroupRequest = Decoded<typeof leaveGroupRequest>;
export type LeaveGroupRequestInput = Input<typeof leaveGroupRequest>;
export type LeaveGroupResponse = Decoded<typeof leaveGroupResponse>;
export type LeaveGroupResponseInput = Input<typeof leaveGroupResponse>;
