import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import {
  describeUserScramCredentialsRequest,
  describeUserScramCredentialsResponse,
} from '../../protocol/messages/50-describe-user-scram-credentials.ts';
import {
  alterUserScramCredentialsRequest,
  alterUserScramCredentialsResponse,
} from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, namedError } from '../errors.ts';
import type { CallOptions, Results } from '../types.ts';
import { requestOfController } from './controller-call.ts';

/** Kafka's numbers of the SCRAM mechanisms. */
export const ScramMechanism = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 } as const;

export interface ScramCredentialInfo {
  readonly mechanism: number;
  readonly iterations: number;
}

/** What credentials users have (KIP-554); `users` empty = all users with credentials. */
export async function describeUserScramCredentials(
  client: KafkaClient,
  users: readonly string[],
  options: CallOptions = {},
): Promise<Results<string, ScramCredentialInfo[]>> {
  const response = await client.request({
    name: 'describeUserScramCredentials',
    node: 'any',
    timeoutMs: options.timeoutMs,
    request: describeUserScramCredentialsRequest,
    response: describeUserScramCredentialsResponse,
    body: () => ({ users: users.length === 0 ? null : users.map((name) => ({ name })) }),
  });
  const error = errorOf(response.errorCode, response.errorMessage);
  if (error !== undefined) throw error;
  return new Map(
    response.results.map(({ user, errorCode, errorMessage, credentialInfos }) => {
      const infos = credentialInfos.map(({ mechanism, iterations }) => ({ mechanism, iterations }));
      return [user, errorOf(errorCode, errorMessage) ?? infos];
    }),
  );
}

export interface ScramUpsertion extends ScramCredentialInfo {
  readonly user: string;
  readonly password: string | Uint8Array;
  /** Random when left out. */
  readonly salt?: Uint8Array | undefined;
}

export interface ScramDeletion {
  readonly user: string;
  readonly mechanism: number;
}

const SALT_BYTES = 24;
const pbkdf2Async = promisify(pbkdf2);

// The password itself never goes over the wire.
async function salted(client: KafkaClient, upsertion: ScramUpsertion) {
  const { user, mechanism, iterations, password } = upsertion;
  const salt = upsertion.salt ?? client.environment.random.bytes(SALT_BYTES);
  const [hash, length] = mechanism === ScramMechanism['SCRAM-SHA-512'] ? ['sha512', 64] : ['sha256', 32];
  const saltedPassword = await pbkdf2Async(password, salt, iterations, Number(length), String(hash));
  return { name: user, mechanism, iterations, salt, saltedPassword };
}

/** Sets and deletes credentials; results by user. */
export async function alterUserScramCredentials(
  client: KafkaClient,
  upsertions: readonly ScramUpsertion[],
  deletions: readonly ScramDeletion[],
  options: CallOptions = {},
): Promise<Results<string, undefined>> {
  const upserted = await Promise.all(upsertions.map((upsertion) => salted(client, upsertion)));
  const response = await requestOfController(client, {
    name: 'alterUserScramCredentials',
    timeoutMs: options.timeoutMs,
    request: alterUserScramCredentialsRequest,
    response: alterUserScramCredentialsResponse,
    body: () => ({
      deletions: deletions.map(({ user, mechanism }) => ({ name: user, mechanism })),
      upsertions: upserted,
    }),
    errorCodes: (answer) => answer.results.map((result) => result.errorCode),
  });
  const text = 'The response did not contain a result for the user.';
  const users = new Set([...upsertions, ...deletions].map((one) => one.user));
  const results: Results<string, undefined> = new Map(
    [...users].map((user) => [user, namedError('UNKNOWN_SERVER_ERROR', text)]),
  );
  for (const { user, errorCode, errorMessage } of response.results) results.set(user, errorOf(errorCode, errorMessage));
  return results;
}
