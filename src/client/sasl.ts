import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../base/random.ts';
import { saslHandshakeRequest, saslHandshakeResponse } from '../protocol/messages/17-sasl-handshake.ts';
import { saslAuthenticateRequest, saslAuthenticateResponse } from '../protocol/messages/36-sasl-authenticate.ts';
import type { ClientConfig } from './client-config.ts';
import type { Connection } from './connection.ts';
import { configError, errorOf, namedError } from './errors.ts';

type Exchange = (token: Buffer) => Promise<Buffer>;

/**
 * Authenticates a fresh connection with the mechanism and the login module of the configuration. Rejects with
 * SASL_AUTHENTICATION_FAILED, UNSUPPORTED_SASL_MECHANISM, or ClientError for settings that are missing.
 */
export async function authenticate(connection: Connection, config: ClientConfig, random: Random): Promise<void> {
  const mechanism = config.values.string('sasl.mechanism');
  const login = parseJaasConfig(config.values.string('sasl.jaas.config'));
  const timeoutMs = config.requestTimeoutMs;
  const bounds = { timeoutMs, minVersion: 1 };
  const handshake = await connection.send(saslHandshakeRequest, saslHandshakeResponse, { mechanism }, bounds);
  if (errorOf(handshake.errorCode) !== undefined) {
    throw namedError(
      'UNSUPPORTED_SASL_MECHANISM',
      `Client SASL mechanism '${mechanism}' not enabled in the server, enabled mechanisms are [${handshake.mechanisms.join(', ')}]`,
    );
  }
  const exchange: Exchange = async (authBytes) => {
    const answer = await connection.send(
      saslAuthenticateRequest,
      saslAuthenticateResponse,
      { authBytes },
      { timeoutMs },
    );
    const error = errorOf(answer.errorCode, answer.errorMessage);
    if (error !== undefined) throw error;
    return answer.authBytes;
  };
  switch (mechanism) {
    case 'PLAIN':
      await exchange(Buffer.from(`\0${required(login, 'username')}\0${required(login, 'password')}`));
      return;
    case 'SCRAM-SHA-256':
      return scram('sha256', login, exchange, random);
    case 'SCRAM-SHA-512':
      return scram('sha512', login, exchange, random);
    case 'OAUTHBEARER':
      return unsecuredBearer(login, exchange);
    default:
      throw configError(
        `sasl.mechanism must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER, received ${mechanism}`,
      );
  }
}

/** The options of the login module in `module required name="value" ...;`. */
export function parseJaasConfig(text: string): ReadonlyMap<string, string> {
  if (text.trim() === '') {
    throw configError(
      "Could not find a 'KafkaClient' entry in the JAAS configuration. System property 'java.security.auth.login.config' is not set",
    );
  }
  const options = new Map<string, string>();
  for (const match of text.matchAll(/([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;]+))/g)) {
    const quoted = match[2] ?? match[3];
    options.set(match[1] ?? '', quoted === undefined ? (match[4] ?? '') : quoted.replace(/\\(.)/g, '$1'));
  }
  return options;
}

function required(login: ReadonlyMap<string, string>, option: string): string {
  const value = login.get(option);
  if (value === undefined) throw configError(`sasl.jaas.config has no option ${option}`);
  return value;
}

const pbkdf2Async = promisify(pbkdf2);

/** SCRAM (RFC 5802, 7677) without channel binding; `tokenauth` is Kafka's extension for delegation tokens (KIP-48). */
async function scram(
  hash: 'sha256' | 'sha512',
  login: ReadonlyMap<string, string>,
  exchange: Exchange,
  random: Random,
): Promise<void> {
  const name = required(login, 'username').replaceAll('=', '=3D').replaceAll(',', '=2C');
  const nonce = random.bytes(24).toString('base64url');
  const extension = login.get('tokenauth') === 'true' ? ',tokenauth=true' : '';
  const firstBare = `n=${name},r=${nonce}${extension}`;
  const serverFirst = (await exchange(Buffer.from(`n,,${firstBare}`))).toString();
  const attributes = scramAttributes(serverFirst);
  const serverNonce = attributes.get('r') ?? '';
  const iterations = Number(attributes.get('i'));
  if (!serverNonce.startsWith(nonce) || !Number.isInteger(iterations) || iterations < 1) {
    throw namedError('SASL_AUTHENTICATION_FAILED', `Invalid SCRAM server first message: ${serverFirst}`);
  }
  const salt = Buffer.from(attributes.get('s') ?? '', 'base64');
  const length = hash === 'sha256' ? 32 : 64;
  const salted = await pbkdf2Async(required(login, 'password'), salt, iterations, length, hash);
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const withoutProof = `c=biws,r=${serverNonce}`;
  const message = `${firstBare},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, message);
  const proof = clientKey.map((byte, i) => byte ^ (signature[i] ?? 0));
  const last = await exchange(Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`));
  const verifier = Buffer.from(scramAttributes(last.toString()).get('v') ?? '', 'base64');
  const expected = hmac(hmac(salted, 'Server Key'), message);
  if (verifier.length !== expected.length || !timingSafeEqual(verifier, expected)) {
    throw namedError('SASL_AUTHENTICATION_FAILED', 'Invalid server signature in server final message');
  }
}

function scramAttributes(message: string): Map<string, string> {
  return new Map(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

// The unsecured token of Kafka's OAuthBearerLoginModule, meant for development (KIP-255).
async function unsecuredBearer(login: ReadonlyMap<string, string>, exchange: Exchange): Promise<void> {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: required(login, 'unsecuredLoginStringClaim_sub'), iat: 0, exp: 4102444800 };
  const token = `${encode({ alg: 'none' })}.${encode(claims)}.`;
  const answer = await exchange(Buffer.from(`n,,\x01auth=Bearer ${token}\x01\x01`));
  if (answer.length > 0) throw namedError('SASL_AUTHENTICATION_FAILED', answer.toString());
}
