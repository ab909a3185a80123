/**
 * DeleteAcls, key 31: versions 1-3, flexible from 2 on.
 * Deletes access control entries that filters match.
 * By version: 1 pattern types (KIP-290); 3 the resource type user (KIP-373).
 */
import { array, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const deleteAclsRequest = request('DeleteAcls', 31, '1-3', '2+', () => ({
  filters: array('0+', {
    resourceTypeFilter: int8('0+'),
    resourceNameFilter: string('0+', { nullable: '0+' }),
    patternTypeFilter: int8('1+', { default: 3 }),
    principalFilter: string('0+', { nullable: '0+' }),
    hostFilter: string('0+', { nullable: '0+' }),
    operation: int8('0+'),
    permissionType: int8('0+'),
  }),
}));

export const deleteAclsResponse = response('DeleteAcls', 31, '1-3', '2+', () => ({
  throttleTimeMs: int32('0+'),
  filterResults: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    matchingAcls: array('0+', {
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
      resourceType: int8('0+'),
      resourceName: string('0+'),
      patternType: int8('1+', { default: 3 }),
      principal: string('0+'),
      host: string('0+'),
      operation: int8('0+'),
      permissionType: int8('0+'),
    }),
  }),
}));

export type DeleteAclsRequest = Decoded<typeof deleteAclsRequest>;
export type DeleteAclsRequestInput = Input<typeof deleteAclsRequest>;
export type DeleteAclsResponse = Decoded<typeof deleteAclsResponse>;
export type DeleteAclsResponseInput = Input<typeof deleteAclsResponse>;
