import { connect as connectTcp, type Socket } from 'node:net';
import { KafkaError } from '../base/kafka-error.ts';
import { ErrorCode } from '../protocol/error-codes.ts';
import { readResponseHeader } from '../protocol/header.ts';
import {
  type ApiVersionsResponse,
  apiVersionsRequest,
  apiVersionsResponse,
} from '../protocol/messages/18-api-versions.ts';
import { Reader } from '../protocol/reader.ts';
import { addressText, resolveHost } from './bootstrap.ts';
import type { ClientConfig } from './client-config.ts';
import { Connection } from './connection.ts';
import { CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION, type ClientEnvironment } from './environment.ts';
import { disconnectError, errorOf, isRetriable } from './errors.ts';
import { NodeVersions } from './node-versions.ts';
import type { Node } from './types.ts';

/** A failure that trying again cannot mend: wrong password, unknown certificate, mechanism not enabled. */
export function isAuthenticationFailure(error: unknown): error is KafkaError {
  return error instanceof KafkaError && AUTHENTICATION_FAILURES.has(error.errorName);
}

const AUTHENTICATION_FAILURES = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
]);

/**
 * Connects to a node: TCP, TLS and SASL as the configuration says, ApiVersions. Tries all addresses of the host
 * (KIP-602). Logs what Kafka's clients log. Rejects with KafkaError, an authentication failure or a disconnection.
 */
export async function openConnection(
  node: Node,
  config: ClientConfig,
  environment: ClientEnvironment,
  setupTimeoutMs: number,
): Promise<Connection> {
  const opened = await connectToAny(node, config, environment, setupTimeoutMs);
  const connection = new Connection(node, config.clientId, opened.socket, environment);
  try {
    await negotiateVersions(connection, config.requestTimeoutMs);
    if (config.securityProtocol.startsWith('SASL')) {
      const { authenticate } = await import('./sasl.ts');
      await authenticate(connection, config, environment.random);
    }
  } catch (error) {
    const failure = error instanceof KafkaError ? error : disconnectError(String(error), error);
    if (isAuthenticationFailure(failure)) logFailedAuthentication(node, opened.address, failure, config, environment);
    else if (config.securityProtocol !== 'PLAINTEXT') warnOfTermination(node, opened.address, config, environment);
    connection.close(failure);
    throw failure;
  }
  return connection;
}

function logFailedAuthentication(
  node: Node,
  address: string,
  failure: KafkaError,
  config: ClientConfig,
  environment: ClientEnvironment,
): void {
  environment.logger.error(
    `${config.logPrefix}Connection to node ${node.id} (${address}) failed authentication due to: ${failure.message}`,
  );
}

function warnOfTermination(node: Node, address: string, config: ClientConfig, environment: ClientEnvironment): void {
  environment.logger.warn(
    `${config.logPrefix}Connection to node ${node.id} (${address}) terminated during authentication. This may happen due to any of the following reasons: (1) Firewall blocking Kafka TLS traffic (eg it may only allow HTTPS traffic), (2) Transient network issue.`,
  );
}

interface OpenedSocket {
  readonly socket: Socket;
  /** As Java prints it. */
  readonly address: string;
}

async function connectToAny(
  node: Node,
  config: ClientConfig,
  environment: ClientEnvironment,
  setupTimeoutMs: number,
): Promise<OpenedSocket> {
  const addresses = await resolve(node.host);
  let last: KafkaError = disconnectError(`${node.host} has no address`);
  for (const host of addresses) {
    const address = addressText(node.host, host, node.port);
    let socket: Socket | undefined;
    try {
      socket = await connectTo(host, node.port, config, environment, setupTimeoutMs);
      if (!config.securityProtocol.endsWith('SSL')) return { socket, address };
      const { startTls } = await import('./tls.ts');
      return { socket: await startTls(socket, node.host, config, setupTimeoutMs, environment), address };
    } catch (error) {
      if (isAuthenticationFailure(error)) logFailedAuthentication(node, address, error, config, environment);
      if (!(error instanceof KafkaError) || !isRetriable(error)) throw error;
      last = error;
      if (socket !== undefined) warnOfTermination(node, address, config, environment);
      else {
        environment.logger.warn(
          `${config.logPrefix}Connection to node ${node.id} (${address}) could not be established. Node may not be available.`,
        );
      }
    }
  }
  throw last;
}

async function resolve(host: string): Promise<string[]> {
  try {
    return await resolveHost(host);
  } catch (error) {
    throw disconnectError(`${host} does not resolve`, error);
  }
}

function connectTo(
  host: string,
  port: number,
  config: ClientConfig,
  environment: ClientEnvironment,
  setupTimeoutMs: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true, keepAlive: true });
    const fail = (error: Error): void => {
      timer.cancel();
      socket.destroy();
      reject(disconnectError(`${host}:${port} cannot be reached: ${error.message}`, error));
    };
    const timer = environment.clock.schedule(setupTimeoutMs, () => {
      const text = `Disconnecting from node due to socket connection setup timeout. The timeout value is ${setupTimeoutMs} ms.`;
      environment.logger.info(`${config.logPrefix}${text}`);
      fail(new Error(`no connection within ${setupTimeoutMs} ms`));
    });
    socket.once('error', fail);
    socket.once('connect', () => {
      timer.cancel();
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}

/** Asks for versions in our newest and comes down to what the node has, as Kafka's clients do (KIP-511). */
async function negotiateVersions(connection: Connection, timeoutMs: number): Promise<void> {
  let version = apiVersionsRequest.versions.max;
  for (;;) {
    const response = await askVersions(connection, version, timeoutMs);
    if (response.errorCode === ErrorCode.UNSUPPORTED_VERSION && version > 0) {
      const supported = response.apiKeys.find((api) => api.apiKey === apiVersionsRequest.apiKey);
      version = Math.min(supported?.maxVersion ?? 0, version - 1);
      continue;
    }
    const error = errorOf(response.errorCode);
    if (error !== undefined) {
      const text = `Received error ${error.errorName} from node ${connection.node.id} when making an ApiVersionsRequest. Disconnecting.`;
      throw disconnectError(text, error);
    }
    connection.versions = new NodeVersions(response);
    return;
  }
}

function askVersions(connection: Connection, version: number, timeoutMs: number): Promise<ApiVersionsResponse> {
  const body = { clientSoftwareName: CLIENT_SOFTWARE_NAME, clientSoftwareVersion: CLIENT_SOFTWARE_VERSION };
  return new Promise((resolve, reject) => {
    connection.requestRaw(apiVersionsRequest, version, body, timeoutMs, (error, frame) => {
      if (frame === undefined) return reject(error);
      try {
        resolve(readVersions(frame, version));
      } catch (cause) {
        reject(cause);
      }
    });
  });
}

// A node that does not know the version answers in version 0, whatever was asked.
function readVersions(frame: Buffer, version: number): ApiVersionsResponse {
  const reader = new Reader(frame);
  readResponseHeader(apiVersionsResponse, version, reader);
  const start = reader.position;
  const isRefused = reader.int16() === ErrorCode.UNSUPPORTED_VERSION;
  reader.position = start;
  return apiVersionsResponse.decode(reader, isRefused ? 0 : version);
}
