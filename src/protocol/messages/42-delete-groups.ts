/**
 * DeleteGroups, key 42: versions 0-3, flexible from 2 on.
 * Deletes groups (KIP-229).
 * By version: 3 error messages.
 */
import { array, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const deleteGroupsRequest = request('DeleteGroups', 42, '0-3', '2+', () => ({
  groupsNames: array('0+', string('0+')),
}));

export const deleteGroupsResponse = response('DeleteGroups', 42, '0-3', '2+', () => ({
  throttleTimeMs: int32('0+'),
  results: array('0+', {
    groupId: string('0+'),
    errorCode: int16('0+'),
    errorMessage: string('3+', { nullable: '3+', default: null, ignorable: true }),
  }),
}));

export type DeleteGroupsRequest = Decoded<typeof deleteGroupsRequest>;
export type DeleteGroupsRequestInput = Input<typeof deleteGroupsRequest>;
export type DeleteGroupsResponse = Decoded<typeof deleteGroupsResponse>;
export type DeleteGroupsResponseInput = Input<typeof deleteGroupsResponse>;
