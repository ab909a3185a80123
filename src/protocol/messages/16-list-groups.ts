/**
 * ListGroups, key 16: versions 0-5, flexible from 3 on.
 * Lists the groups that a broker coordinates.
 * By version: 4 filter by state (KIP-518); 5 filter by type (KIP-848).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const listGroupsRequest = request('ListGroups', 16, '0-5', '3+', () => ({
  statesFilter: array('4+', string('0+')),
  typesFilter: array('5+', string('0+')),
}));

export const listGroupsResponse = response('ListGroups', 16, '0-5', '3+', () => ({
  throttleTimeMs: int32('1+', { ignorable: true }),
  errorCode: int16('0+'),
  groups: array('0+', {
    groupId: string('0+'),
    protocolType: string('0+'),
    groupState: string('4+', { ignorable: true }),
    groupType: string('5+', { ignorable: true }),
  }),
}));

export type ListGroupsRequest = Decoded<typeof listGroupsRequest>;
export type ListGroupsRequestInput = Input<typeof listGroupsRequest>;
export type ListGroupsResponse = Decoded<typeof listGroupsResponse>;
export type ListGroupsResponseInput = Input<typeof listGroupsResponse>;
