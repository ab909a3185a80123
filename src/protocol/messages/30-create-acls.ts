/**
 * CreateAcls, key 30: versions 1-3, flexible from 2 on.
 * Creates access control entries.
 * By version: 1 pattern types (KIP-290); 3 the resource type user (KIP-373).
 */
import { array, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const createAclsRequest = request('CreateAcls', 30, '1-3', '2+', () => ({
  creations: array('0+', {
    resourceType: int8('0+'),
    resourceName: string('0+'),
    resourcePatternType: int8('1+', { default: 3 }),
    principal: string('0+'),
    host: string('0+'),
    operation: int8('0+'),
    permissionType: int8('0+'),
  }),
}));

export const createAclsResponse = response('CreateAcls', 30, '1-3', '2+', () => ({
  throttleTimeMs: int32('0+'),
  results: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
  }),
}));

export type CreateAclsRequest = Decoded<typeof createAclsRequest>;
export type CreateAclsRequestInput = Input<typeof createAclsRequest>;
export type CreateAclsResponse = Decoded<typeof createAclsResponse>;
export type CreateAclsResponseInput = Input<typeof createAclsResponse>;
