/** CreateTopics, key 19, versions 2-7: the active controller creates them, each on its own. */
import { createTopicsRequest, createTopicsResponse } from '../../protocol/messages/19-create-topics.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const createTopics = defineHandler({
  request: createTopicsRequest,
  response: createTopicsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, { isForwarded }, reply) {
    services.controller.createTopics(request, { isForwarded }, split(reply, reply.fail));
  },
  errorResponse: (error, request) => ({
    topics: request.topics.map(({ name }) => ({
      name,
      errorCode: error.code,
      errorMessage: error.message,
      configs: [],
    })),
  }),
});
