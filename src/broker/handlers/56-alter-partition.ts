/** AlterPartition, key 56, versions 2-3 (KIP-497): a partition's leader changes its ISR. */
import { alterPartitionRequest, alterPartitionResponse } from '../../protocol/messages/56-alter-partition.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const alterPartition = defineHandler({
  request: alterPartitionRequest,
  response: alterPartitionResponse,
  listeners: ['controller'],

  handle(services, request, context, reply) {
    services.controller.alterPartition(request, context.apiVersion, split(reply, reply.fail));
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
