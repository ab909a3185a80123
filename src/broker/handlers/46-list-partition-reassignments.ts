/** ListPartitionReassignments, key 46, version 0 (KIP-455). */
import {
  listPartitionReassignmentsRequest,
  listPartitionReassignmentsResponse,
} from '../../protocol/messages/46-list-partition-reassignments.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const listPartitionReassignments = defineHandler({
  request: listPartitionReassignmentsRequest,
  response: listPartitionReassignmentsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, _context, reply) {
    services.controller.listPartitionReassignments(request, split(reply, reply.fail));
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message, topics: [] }),
});
