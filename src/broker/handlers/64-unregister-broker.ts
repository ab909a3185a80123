/** UnregisterBroker, key 64, version 0 (KIP-631): forgets a broker that will not come back. */
import { unregisterBrokerRequest, unregisterBrokerResponse } from '../../protocol/messages/64-unregister-broker.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const unregisterBroker = defineHandler({
  request: unregisterBrokerRequest,
  response: unregisterBrokerResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, _context, reply) {
    services.controller.unregisterBroker(
      request.brokerId,
      split(() => reply({}), reply.fail),
    );
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});
