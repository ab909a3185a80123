/**
 * AlterPartitionReassignments, key 45: versions 0-1, flexible from 0 on.
 * Starts or cancels moving partitions to other replicas (KIP-455).
 * By version: 1 may refuse to change the replication factor (KIP-860).
 */
import { array, boolean, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const alterPartitionReassignmentsRequest = request('AlterPartitionReassignments', 45, '0-1', '0+', () => ({
  timeoutMs: int32('0+', { default: 60000 }),
  allowReplicationFactorChange: boolean('1+', { default: true }),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      replicas: array('0+', int32('0+'), { nullable: '0+', default: null }),
    }),
  }),
}));

export const alterPartitionReassignmentsResponse = response('AlterPartitionReassignments', 45, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+'),
  allowReplicationFactorChange: boolean('1+', { default: true, ignorable: true }),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
  responses: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
    }),
  }),
}));

export type AlterPartitionReassignmentsRequest = Decoded<typeof alterPartitionReassignmentsRequest>;
export type AlterPartitionReassignmentsRequestInput = Input<typeof alterPartitionReassignmentsRequest>;
export type AlterPartitionReassignmentsResponse = Decoded<typeof alterPartitionReassignmentsResponse>;
export type AlterPartitionReassignmentsResponseInput = Input<typeof alterPartitionReassignmentsResponse>;
