/** DescribeUserScramCredentials, key 50, version 0 (KIP-554): mechanisms and iterations of users; no users means all. */
import { ErrorCode } from '../../protocol/error-codes.ts';
import {
  describeUserScramCredentialsRequest,
  describeUserScramCredentialsResponse,
} from '../../protocol/messages/50-describe-user-scram-credentials.ts';
import { defineHandler } from '../handler.ts';

export const describeUserScramCredentials = defineHandler({
  request: describeUserScramCredentialsRequest,
  response: describeUserScramCredentialsResponse,
  listeners: ['broker', 'controller'],
  handle(services, request, _context, reply) {
    const known = new Map<string, { mechanism: number; iterations: number }[]>();
    for (const { name, mechanism, iterations } of services.image.security.scramCredentials()) {
      const ofUser = known.get(name);
      if (ofUser === undefined) known.set(name, [{ mechanism, iterations }]);
      else ofUser.push({ mechanism, iterations });
    }
    const asked = request.users === null || request.users.length === 0 ? [...known.keys()] : namesOf(request.users);
    const counts = new Map<string, number>();
    for (const user of asked) counts.set(user, (counts.get(user) ?? 0) + 1);
    reply({
      results: [...counts].map(([user, count]) => describeUser(user, count, known.get(user))),
    });
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});

function namesOf(users: readonly { readonly name: string }[]): string[] {
  return users.map(({ name }) => name);
}

function describeUser(
  user: string,
  count: number,
  credentialInfos: { mechanism: number; iterations: number }[] | undefined,
) {
  if (count > 1) {
    const errorMessage = `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`;
    return { user, errorCode: ErrorCode.DUPLICATE_RESOURCE, errorMessage };
  }
  if (credentialInfos === undefined) {
    const errorMessage = `Attempt to describe a user credential that does not exist: ${user}`;
    return { user, errorCode: ErrorCode.RESOURCE_NOT_FOUND, errorMessage };
  }
  return { user, credentialInfos };
}
