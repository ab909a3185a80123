/**
 * DescribeGroups, key 15, versions 0-6: state and members of classic groups that this broker coordinates.
 *
 * v3: authorized operations (KIP-430). v4: group instance ids. v6: GROUP_ID_NOT_FOUND with a message for an unknown group
 * (KIP-1043); before it, and beside the error, its state is Dead.
 */
import { describeGroupsRequest, describeGroupsResponse } from '../../protocol/messages/15-describe-groups.ts';
import { withGroupOperations } from '../authorized-operations.ts';
import { defineHandler } from '../handler.ts';

export const describeGroups = defineHandler({
  request: describeGroupsRequest,
  response: describeGroupsResponse,
  listeners: ['broker'],
  handle(services, request, context, reply) {
    services.groups.describeGroups(request, context, (response) => {
      const { groups = [] } = response;
      reply(request.includeAuthorizedOperations ? { ...response, groups: withGroupOperations(groups) } : response);
    });
  },
  errorResponse: (error, request) => ({
    groups: request.groups.map((groupId) => ({ groupId, errorCode: error.code })),
  }),
});
