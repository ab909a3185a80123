/** AlterPartitionReassignments, key 45, versions 0-1 (KIP-455, KIP-860). */
import {
  alterPartitionReassignmentsRequest,
  alterPartitionReassignmentsResponse,
} from '../../protocol/messages/45-alter-partition-reassignments.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const alterPartitionReassignments = defineHandler({
  request: alterPartitionReassignmentsRequest,
  response: alterPartitionReassignmentsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, _context, reply) {
    services.controller.alterPartitionReassignments(request, split(reply, reply.fail));
  },
  errorResponse: (error, request) => ({
    errorCode: error.code,
    errorMessage: error.message,
    responses: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: error.code,
        errorMessage: error.message,
      })),
    })),
  }),
});
