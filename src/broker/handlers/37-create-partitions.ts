/** CreatePartitions, key 37, versions 0-3 (KIP-195). */
import { createPartitionsRequest, createPartitionsResponse } from '../../protocol/messages/37-create-partitions.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const createPartitions = defineHandler({
  request: createPartitionsRequest,
  response: createPartitionsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, _context, reply) {
    services.controller.createPartitions(request, split(reply, reply.fail));
  },
  errorResponse: (error, request) => ({
    results: request.topics.map(({ name }) => ({ name, errorCode: error.code, errorMessage: error.message })),
  }),
});
