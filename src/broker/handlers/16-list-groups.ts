/**
 * ListGroups, key 16, versions 0-5: the groups of all kinds that this broker coordinates.
 *
 * v4: states, told and filtered by (KIP-518). v5: types (KIP-848). Filters ignore case.
 */
import { listGroupsRequest, listGroupsResponse } from '../../protocol/messages/16-list-groups.ts';
import { defineHandler } from '../handler.ts';

export const listGroups = defineHandler({
  request: listGroupsRequest,
  response: listGroupsResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.listGroups(request, context, reply),
  errorResponse: (error) => ({ errorCode: error.code }),
});
