/** AlterUserScramCredentials, key 51, version 0 (KIP-554). */
import {
  alterUserScramCredentialsRequest,
  alterUserScramCredentialsResponse,
} from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const alterUserScramCredentials = defineHandler({
  request: alterUserScramCredentialsRequest,
  response: alterUserScramCredentialsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, _context, reply) {
    services.controller.alterUserScramCredentials(request, split(reply, reply.fail));
  },
  errorResponse: (error, request) => ({
    results: [...request.deletions, ...request.upsertions].map(({ name }) => ({
      user: name,
      errorCode: error.code,
      errorMessage: error.message,
    })),
  }),
});
