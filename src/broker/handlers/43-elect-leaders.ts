/** ElectLeaders, key 43, versions 0-2: preferred leaders, since version 1 also unclean elections (KIP-460). */
import { electLeadersRequest, electLeadersResponse } from '../../protocol/messages/43-elect-leaders.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const electLeaders = defineHandler({
  request: electLeadersRequest,
  response: electLeadersResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, _context, reply) {
    services.controller.electLeaders(request, split(reply, reply.fail));
  },
  errorResponse: (error, request, { apiVersion }) => ({
    // Version 0 has no field for the request as a whole.
    ...(apiVersion > 0 ? { errorCode: error.code } : {}),
    replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({
        partitionId,
        errorCode: error.code,
        errorMessage: error.message,
      })),
    })),
  }),
});
