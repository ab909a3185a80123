/**
 * LeaveGroup, key 13, versions 0-5: members leave their group at once instead of by the end of their sessions.
 *
 * v3: several members, each with its own error; administrators name static members without a member id (KIP-345).
 * v5: reasons (KIP-800).
 */
import { leaveGroupRequest, leaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import { defineHandler } from '../handler.ts';

export const leaveGroup = defineHandler({
  request: leaveGroupRequest,
  response: leaveGroupResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.leaveGroup(request, context, reply),
  errorResponse: (error) => ({ errorCode: error.code }),
});
