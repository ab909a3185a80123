/**
 * DescribeCluster, key 60: versions 0-2, flexible from 0 on.
 * Brokers or controllers, and who leads (KIP-700).
 * By version: 1 the kind of endpoint (KIP-919); 2 fenced brokers too (KIP-1073).
 */
import { array, boolean, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const describeClusterRequest = request('DescribeCluster', 60, '0-2', '0+', () => ({
  includeClusterAuthorizedOperations: boolean('0+'),
  endpointType: int8('1+', { default: 1 }),
  includeFencedBrokers: boolean('2+'),
}));

export const describeClusterResponse = response('DescribeCluster', 60, '0-2', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', default: null }),
  endpointType: int8('1+', { default: 1 }),
  clusterId: string('0+'),
  controllerId: int32('0+', { default: -1 }),
  brokers: array('0+', {
    brokerId: int32('0+'),
    host: string('0+'),
    port: int32('0+'),
    rack: string('0+', { nullable: '0+', default: null }),
    isFenced: boolean('2+'),
  }),
  clusterAuthorizedOperations: int32('0+', { default: -2147483648 }),
}));

export type DescribeClusterRequest = Decoded<typeof describeClusterRequest>;
export type DescribeClusterRequestInput = Input<typeof describeClusterRequest>;
export type DescribeClusterResponse = Decoded<typeof describeClusterResponse>;
export type DescribeClusterResponseInput = Input<typeof describeClusterResponse>;
