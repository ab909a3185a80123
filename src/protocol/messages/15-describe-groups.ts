/**
 * DescribeGroups, key 15: versions 0-6, flexible from 5 on.
 * Describes classic groups with their members.
 * By version: 3 authorized operations (KIP-430); 4 group instance ids (KIP-345); 6 GROUP_ID_NOT_FOUND instead of a
 * dead group, with a message (KIP-1043).
 */
import { array, boolean, bytes, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const describeGroupsRequest = request('DescribeGroups', 15, '0-6', '5+', () => ({
  groups: array('0+', string('0+')),
  includeAuthorizedOperations: boolean('3+'),
}));

export const describeGroupsResponse = response('DescribeGroups', 15, '0-6', '5+', () => ({
  throttleTimeMs: int32('1+', { ignorable: true }),
  groups: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('6+', { nullable: '6+', default: null }),
    groupId: string('0+'),
    groupState: string('0+'),
    protocolType: string('0+'),
    protocolData: string('0+'),
    members: array('0+', {
      memberId: string('0+'),
      groupInstanceId: string('4+', { nullable: '4+', default: null, ignorable: true }),
      clientId: string('0+'),
      clientHost: string('0+'),
      memberMetadata: bytes('0+'),
      memberAssignment: bytes('0+'),
    }),
    authorizedOperations: int32('3+', { default: -2147483648 }),
  }),
}));

export type DescribeGroupsRequest = Decoded<typeof describeGroupsRequest>;
export type DescribeGroupsRequestInput = Input<typeof describeGroupsRequest>;
export type DescribeGroupsResponse = Decoded<typeof describeGroupsResponse>;
export type DescribeGroupsResponseInput = Input<typeof describeGroupsResponse>;
