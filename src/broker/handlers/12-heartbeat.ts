/**
 * Heartbeat, key 12, versions 0-4: keeps a member's session alive; REBALANCE_IN_PROGRESS tells it to join anew.
 *
 * v3: static members (KIP-345). A group that is being loaded answers without error.
 */
import { heartbeatRequest, heartbeatResponse } from '../../protocol/messages/12-heartbeat.ts';
import { defineHandler } from '../handler.ts';

export const heartbeat = defineHandler({
  request: heartbeatRequest,
  response: heartbeatResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.heartbeat(request, context, reply),
  errorResponse: (error) => ({ errorCode: error.code }),
});
