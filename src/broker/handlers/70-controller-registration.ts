/** ControllerRegistration, key 70, version 0 (KIP-919): a controller says where it is and what it supports. */
import {
  controllerRegistrationRequest,
  controllerRegistrationResponse,
} from '../../protocol/messages/70-controller-registration.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const controllerRegistration = defineHandler({
  request: controllerRegistrationRequest,
  response: controllerRegistrationResponse,
  listeners: ['controller'],

  handle(services, request, _context, reply) {
    services.controller.registerController(
      request,
      split(() => reply({}), reply.fail),
    );
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});
