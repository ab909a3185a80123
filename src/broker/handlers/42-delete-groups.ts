/** DeleteGroups, key 42, versions 0-3: removes groups without members, offsets and all, each with its own error. */
import { deleteGroupsRequest, deleteGroupsResponse } from '../../protocol/messages/42-delete-groups.ts';
import { defineHandler } from '../handler.ts';

export const deleteGroups = defineHandler({
  request: deleteGroupsRequest,
  response: deleteGroupsResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.deleteGroups(request, context, reply),
  errorResponse: (error, request) => ({
    results: request.groupsNames.map((groupId) => ({ groupId, errorCode: error.code })),
  }),
});
