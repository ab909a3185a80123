/** BrokerRegistration, key 62, versions 0-4 (KIP-631): a broker joins the cluster. */
import {
  brokerRegistrationRequest,
  brokerRegistrationResponse,
} from '../../protocol/messages/62-broker-registration.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const brokerRegistration = defineHandler({
  request: brokerRegistrationRequest,
  response: brokerRegistrationResponse,
  listeners: ['controller'],

  handle(services, request, _context, reply) {
    services.controller.registerBroker(request, split(reply, reply.fail));
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
