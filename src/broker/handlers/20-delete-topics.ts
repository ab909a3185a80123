/** DeleteTopics, key 20, versions 1-6: by name, since version 6 also by id (KIP-516). */
import { deleteTopicsRequest, deleteTopicsResponse } from '../../protocol/messages/20-delete-topics.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const deleteTopics = defineHandler({
  request: deleteTopicsRequest,
  response: deleteTopicsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, { apiVersion }, reply) {
    services.controller.deleteTopics(request, apiVersion, split(reply, reply.fail));
  },
  errorResponse: (error, request) => {
    const result = { errorCode: error.code, errorMessage: error.message };
    const byName = request.topicNames.map((name) => ({ name, ...result }));
    return { responses: [...byName, ...request.topics.map(({ name, topicId }) => ({ name, topicId, ...result }))] };
  },
});
