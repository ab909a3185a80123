/**
 * FindCoordinator, key 10: versions 0-6, flexible from 3 on.
 * Finds the broker that coordinates a group, a transactional id or a share partition.
 * By version: 1 key type and error message; 4 several keys at once (KIP-699); 5 TRANSACTION_ABORTABLE (KIP-890); 6
 * share partitions (KIP-932).
 */
import { array, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const findCoordinatorRequest = request('FindCoordinator', 10, '0-6', '3+', () => ({
  key: string('0-3'),
  keyType: int8('1+'),
  coordinatorKeys: array('4+', string('0+')),
}));

export const findCoordinatorResponse = response('FindCoordinator', 10, '0-6', '3+', () => ({
  throttleTimeMs: int32('1+', { ignorable: true }),
  errorCode: int16('0-3'),
  errorMessage: string('1-3', { nullable: '1-3', ignorable: true }),
  nodeId: int32('0-3'),
  host: string('0-3'),
  port: int32('0-3'),
  coordinators: array('4+', {
    key: string('4+'),
    nodeId: int32('4+'),
    host: string('4+'),
    port: int32('4+'),
    errorCode: int16('4+'),
    errorMessage: string('4+', { nullable: '4+', ignorable: true }),
  }),
}));

export type FindCoordinatorRequest = Decoded<typeof findCoordinatorRequest>;
export type FindCoordinatorRequestInput = Input<typeof findCoordinatorRequest>;
export type FindCoordinatorResponse = Decoded<typeof findCoordinatorResponse>;
export type FindCoordinatorResponseInput = Input<typeof findCoordinatorResponse>;
