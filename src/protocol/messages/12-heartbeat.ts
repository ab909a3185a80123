/**
 * Heartbeat, key 12: versions 0-4, flexible from 4 on.
 * Tells the coordinator that a member of a classic group lives; the answer calls it to a rebalance.
 * By version: 3 group instance id (KIP-345).
 */
import { type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const heartbeatRequest = request('Heartbeat', 12, '0-4', '4+', () => ({
  groupId: string('0+'),
  generationId: int32('0+'),
  memberId: string('0+'),
  groupInstanceId: string('3+', { nullable: '3+', default: null }),
}));

export const heartbeatResponse = response('Heartbeat', 12, '0-4', '4+', () => ({
  throttleTimeMs: int32('1+', { ignorable: true }),
  errorCode: int16('0+'),
}));

export type HeartbeatRequest = Decoded<typeof heartbeatRequest>;
export type HeartbeatRequestInput = Input<typeof heartbeatRequest>;
export type HeartbeatResponse = Decoded<typeof heartbeatResponse>;
export type HeartbeatResponseInput = Input<typeof heartbeatResponse>;
