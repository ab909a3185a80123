/**
 * ListPartitionReassignments, key 46: versions 0, flexible from 0 on.
 * Ongoing moves of partitions (KIP-455).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const listPartitionReassignmentsRequest = request('ListPartitionReassignments', 46, '0', '0+', () => ({
  timeoutMs: int32('0+', { default: 60000 }),
  topics: array(
    '0+',
    {
      name: string('0+'),
      partitionIndexes: array('0+', int32('0+')),
    },
    { nullable: '0+', default: null },
  ),
}));

export const listPartitionReassignmentsResponse = response('ListPartitionReassignments', 46, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      replicas: array('0+', int32('0+')),
      addingReplicas: array('0+', int32('0+')),
      removingReplicas: array('0+', int32('0+')),
    }),
  }),
}));

export type ListPartitionReassignmentsRequest = Decoded<typeof listPartitionReassignmentsRequest>;
export type ListPartitionReassignmentsRequestInput = Input<typeof listPartitionReassignmentsRequest>;
export type ListPartitionReassignmentsResponse = Decoded<typeof listPartitionReassignmentsResponse>;
export type ListPartitionReassignmentsResponseInput = Input<typeof listPartitionReassignmentsResponse>;
