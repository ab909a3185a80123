/**
 * JoinGroup, key 11, versions 0-9: a member enters its group, or enters it anew, and hears the generation.
 *
 * v1: a rebalance timeout of its own. v4: a new member is given its id first, with MEMBER_ID_REQUIRED (KIP-394). v5: static
 * members (KIP-345). v7: the protocol type is told. v8: a reason (KIP-800). v9: skipAssignment (KIP-814).
 */
import { joinGroupRequest, joinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import { defineHandler } from '../handler.ts';

export const joinGroup = defineHandler({
  request: joinGroupRequest,
  response: joinGroupResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.joinGroup(request, context, reply),
  errorResponse: (error, _request, { apiVersion }) => ({
    errorCode: error.code,
    protocolName: apiVersion >= 7 ? null : '',
  }),
});
