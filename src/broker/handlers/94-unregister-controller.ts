/** UnregisterController, key 94, version 0: forgets a controller that will not come back. */
import {
  unregisterControllerRequest,
  unregisterControllerResponse,
} from '../../protocol/messages/94-unregister-controller.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const unregisterController = defineHandler({
  request: unregisterControllerRequest,
  response: unregisterControllerResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, _context, reply) {
    services.controller.unregisterController(
      request.controllerId,
      split(() => reply({}), reply.fail),
    );
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});
