import { type ConfigDefinitions, ConfigValues } from './config-parser.ts';
import { configError } from './errors.ts';

export type ClientKind = 'admin' | 'producer' | 'consumer';
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

// In the order in which Kafka's error text lists them.
const SECURITY_PROTOCOLS: readonly SecurityProtocol[] = ['SASL_SSL', 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT'];

/** What all clients share, with Kafka's defaults. */
export const commonDefinitions = {
  'bootstrap.servers': { type: 'list', default: '' },
  'bootstrap.controllers': { type: 'list', default: '' },
  'client.id': { type: 'string', default: '' },
  'client.dns.lookup': {
    type: 'string',
    default: 'use_all_dns_ips',
    oneOf: ['use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'],
  },
  'connections.max.idle.ms': { type: 'long', default: '300000' },
  'default.api.timeout.ms': { type: 'int', default: '60000', min: 0 },
  'metadata.max.age.ms': { type: 'long', default: '300000', min: 0 },
  'metadata.recovery.strategy': {
    type: 'string',
    default: 'rebootstrap',
  },
  'reconnect.backoff.ms': { type: 'long', default: '50', min: 0 },
  'reconnect.backoff.max.ms': { type: 'long', default: '1000', min: 0 },
  'request.timeout.ms': { type: 'int', default: '30000', min: 0 },
  retries: { type: 'int', default: '2147483647', min: 0 },
  'retry.backoff.ms': { type: 'long', default: '100', min: 0 },
  'retry.backoff.max.ms': { type: 'long', default: '1000', min: 0 },
  'socket.connection.setup.timeout.ms': { type: 'long', default: '10000', min: 0 },
  'socket.connection.setup.timeout.max.ms': { type: 'long', default: '30000', min: 0 },
  'receive.buffer.bytes': { type: 'int', default: '65536', min: -1 },
  'send.buffer.bytes': { type: 'int', default: '131072', min: -1 },
  'security.protocol': { type: 'string', default: 'PLAINTEXT', oneOf: SECURITY_PROTOCOLS, ignoreCase: true },
  'sasl.mechanism': { type: 'string', default: 'GSSAPI' },
  'sasl.jaas.config': { type: 'string' },
  'ssl.truststore.location': { type: 'string' },
  'ssl.truststore.type': { type: 'string', default: 'JKS' },
  'ssl.truststore.password': { type: 'string' },
  'ssl.truststore.certificates': { type: 'string' },
  'ssl.keystore.location': { type: 'string' },
  'ssl.keystore.type': { type: 'string', default: 'JKS' },
  'ssl.keystore.password': { type: 'string' },
  'ssl.keystore.key': { type: 'string' },
  'ssl.keystore.certificate.chain': { type: 'string' },
  'ssl.key.password': { type: 'string' },
  'ssl.endpoint.identification.algorithm': { type: 'string', default: 'https' },
  'ssl.enabled.protocols': { type: 'list', default: 'TLSv1.2,TLSv1.3' },
  'ssl.cipher.suites': { type: 'list', default: '' },
} as const satisfies ConfigDefinitions;

const CLIENT_NAMES = { admin: 'AdminClient', producer: 'Producer', consumer: 'Consumer' } as const;
const CLIENT_ID_PREFIXES = { admin: 'adminclient-', producer: 'producer-', consumer: 'consumer-' } as const;
let clientsMade = 0;

/** The settings that every client has, checked. Times are ms. */
export class ClientConfig {
  readonly kind: ClientKind;
  readonly values: ConfigValues;
  readonly clientId: string;
  /** `[AdminClient clientId=adminclient-1] `, what Kafka's clients put before each line that they log. */
  readonly logPrefix: string;
  readonly bootstrapServers: readonly string[];
  /** Whether `bootstrapServers` are controllers (KIP-919). */
  readonly usesControllers: boolean;
  readonly securityProtocol: SecurityProtocol;
  readonly requestTimeoutMs: number;
  readonly defaultApiTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly retries: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly reconnectBackoffMs: number;
  readonly reconnectBackoffMaxMs: number;

  /**
   * @param properties Kafka's property names to their values
   * @param definitions of settings that only one kind of client has
   * @throws ClientError with Kafka's text of a ConfigException
   */
  constructor(kind: ClientKind, properties: ReadonlyMap<string, string>, definitions: ConfigDefinitions = {}) {
    const values = new ConfigValues(properties, { ...commonDefinitions, ...definitions });
    this.kind = kind;
    this.values = values;
    const given = values.string('client.id');
    const groupId = properties.get('group.id');
    this.clientId = given === '' ? defaultClientId(kind, groupId) : given;
    const group = kind === 'consumer' ? `, groupId=${groupId ?? 'null'}` : '';
    this.logPrefix = `[${CLIENT_NAMES[kind]} clientId=${this.clientId}${group}] `;
    const controllers = values.list('bootstrap.controllers');
    const servers = values.list('bootstrap.servers');
    if (kind === 'admin') checkAddresses(servers, controllers);
    this.usesControllers = controllers.length > 0;
    this.bootstrapServers = this.usesControllers ? controllers : servers;
    const protocol = values.string('security.protocol').toUpperCase();
    this.securityProtocol = SECURITY_PROTOCOLS.find((name) => name === protocol) ?? 'PLAINTEXT';
    this.requestTimeoutMs = values.number('request.timeout.ms');
    this.defaultApiTimeoutMs = apiTimeoutMs(values);
    this.metadataMaxAgeMs = values.number('metadata.max.age.ms');
    this.retries = values.number('retries');
    this.retryBackoffMs = values.number('retry.backoff.ms');
    this.retryBackoffMaxMs = values.number('retry.backoff.max.ms');
    this.reconnectBackoffMs = values.number('reconnect.backoff.ms');
    this.reconnectBackoffMaxMs = values.number('reconnect.backoff.max.ms');
  }
}

function defaultClientId(kind: ClientKind, groupId: string | undefined): string {
  const middle = kind === 'consumer' && groupId !== undefined ? `${groupId}-` : '';
  return `${CLIENT_ID_PREFIXES[kind]}${middle}${++clientsMade}`;
}

function checkAddresses(servers: readonly string[], controllers: readonly string[]): void {
  if (servers.length > 0 && controllers.length > 0) {
    throw configError('You cannot set both bootstrap.servers and bootstrap.controllers');
  }
  if (servers.length === 0 && controllers.length === 0) {
    throw configError('You must set either bootstrap.servers or bootstrap.controllers');
  }
}

// Kafka takes the smaller one when only the request timeout was set, and refuses when both were.
function apiTimeoutMs(values: ConfigValues): number {
  const apiMs = values.number('default.api.timeout.ms');
  const requestMs = values.number('request.timeout.ms');
  if (apiMs >= requestMs) return apiMs;
  if (values.isSet('default.api.timeout.ms')) {
    throw configError(
      `The specified value of default.api.timeout.ms must be no smaller than the value of request.timeout.ms.`,
    );
  }
  return requestMs;
}
