/**
 * DescribeAcls, key 29: versions 1-3, flexible from 2 on.
 * Access control entries that a filter matches.
 * By version: 1 pattern types (KIP-290); 3 the resource type user (KIP-373).
 */
import { array, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const describeAclsRequest = request('DescribeAcls', 29, '1-3', '2+', () => ({
  resourceTypeFilter: int8('0+'),
  resourceNameFilter: string('0+', { nullable: '0+' }),
  patternTypeFilter: int8('1+', { default: 3 }),
  principalFilter: string('0+', { nullable: '0+' }),
  hostFilter: string('0+', { nullable: '0+' }),
  operation: int8('0+'),
  permissionType: int8('0+'),
}));

export const describeAclsResponse = response('DescribeAcls', 29, '1-3', '2+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
  resources: array('0+', {
    resourceType: int8('0+'),
    resourceName: string('0+'),
    patternType: int8('1+', { default: 3 }),
    acls: array('0+', {
      principal: string('0+'),
      host: string('0+'),
      operation: int8('0+'),
      permissionType: int8('0+'),
    }),
  }),
}));

export type DescribeAclsRequest = Decoded<typeof describeAclsRequest>;
export type DescribeAclsRequestInput = Input<typeof describeAclsRequest>;
export type DescribeAclsResponse = Decoded<typeof describeAclsResponse>;
export type DescribeAclsResponseInput = Input<typeof describeAclsResponse>;
