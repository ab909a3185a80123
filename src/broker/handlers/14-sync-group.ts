/**
 * SyncGroup, key 14, versions 0-5: the leader brings the assignment, every member fetches its part.
 *
 * v3: static members (KIP-345). v5: protocol type and name must be given, INCONSISTENT_GROUP_PROTOCOL otherwise (KIP-559).
 */
import { syncGroupRequest, syncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import { defineHandler } from '../handler.ts';

export const syncGroup = defineHandler({
  request: syncGroupRequest,
  response: syncGroupResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.syncGroup(request, context, reply),
  errorResponse: (error) => ({ errorCode: error.code }),
});
