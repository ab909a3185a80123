/** AlterClientQuotas, key 49, versions 0-1 (KIP-546). */
import { alterClientQuotasRequest, alterClientQuotasResponse } from '../../protocol/messages/49-alter-client-quotas.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const alterClientQuotas = defineHandler({
  request: alterClientQuotasRequest,
  response: alterClientQuotasResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, _context, reply) {
    services.controller.alterClientQuotas(request, split(reply, reply.fail));
  },
  errorResponse: (error, request) => ({
    entries: request.entries.map(({ entity }) => ({ errorCode: error.code, errorMessage: error.message, entity })),
  }),
});
