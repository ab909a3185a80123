/** BrokerHeartbeat, key 63, versions 0-2 (KIP-631): a broker says that it lives and what it wants. */
import { brokerHeartbeatRequest, brokerHeartbeatResponse } from '../../protocol/messages/63-broker-heartbeat.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const brokerHeartbeat = defineHandler({
  request: brokerHeartbeatRequest,
  response: brokerHeartbeatResponse,
  listeners: ['controller'],

  handle(services, request, _context, reply) {
    services.controller.heartbeat(request, split(reply, reply.fail));
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
