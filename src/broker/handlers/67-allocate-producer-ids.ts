/** AllocateProducerIds, key 67, version 0 (KIP-730): a broker gets a block of producer ids. */
import {
  allocateProducerIdsRequest,
  allocateProducerIdsResponse,
} from '../../protocol/messages/67-allocate-producer-ids.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const allocateProducerIds = defineHandler({
  request: allocateProducerIdsRequest,
  response: allocateProducerIdsResponse,
  listeners: ['controller'],

  handle(services, request, _context, reply) {
    services.controller.allocateProducerIds(request, split(reply, reply.fail));
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
