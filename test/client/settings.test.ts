import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { ExponentialBackoff } from '../../src/client/backoff.ts';
import { addressText, bootstrapNodes, parseHostPort, resolveHost } from '../../src/client/bootstrap.ts';
import { ClientConfig } from '../../src/client/client-config.ts';
import { CLIENT_SOFTWARE_VERSION } from '../../src/client/environment.ts';
import {
  exceptionName,
  isRetriable,
  isStaleMetadata,
  namedError,
  serverError,
  timeoutError,
} from '../../src/client/errors.ts';
import { apiConstantName, NodeVersions } from '../../src/client/node-versions.ts';
import { parseJaasConfig } from '../../src/client/sasl.ts';
import { metadataRequest } from '../../src/protocol/messages/03-metadata.ts';
import { LogLines } from './fake-cluster.ts';

const configOf = (settings: Record<string, string>) => new ClientConfig('admin', new Map(Object.entries(settings)));

// Goal: a wrong setting is refused in the words of Kafka's ConfigException.
describe('settings', () => {
  test.each([
    [{}, 'You must set either bootstrap.servers or bootstrap.controllers'],
    [
      { 'bootstrap.servers': 'a:1', 'bootstrap.controllers': 'b:1' },
      'You cannot set both bootstrap.servers and bootstrap.controllers',
    ],
    [
      { 'bootstrap.servers': 'a:1', 'request.timeout.ms': 'soon' },
      'Invalid value soon for configuration request.timeout.ms: Not a number of type INT',
    ],
    [
      { 'bootstrap.servers': 'a:1', 'request.timeout.ms': '-2' },
      'Invalid value -2 for configuration request.timeout.ms: Value must be at least 0',
    ],
    [
      { 'bootstrap.servers': 'a:1', 'security.protocol': 'FOO' },
      'Invalid value FOO for configuration security.protocol: String must be one of (case insensitive): SASL_SSL, PLAINTEXT, SSL, SASL_PLAINTEXT',
    ],
    [
      { 'bootstrap.servers': 'a:1', 'request.timeout.ms': '5000', 'default.api.timeout.ms': '4000' },
      'The specified value of default.api.timeout.ms must be no smaller than the value of request.timeout.ms.',
    ],
  ])('%j', (settings, message) => {
    let error: unknown;
    try {
      configOf(settings);
    } catch (reason) {
      error = reason;
    }
    expect(error).toMatchObject({ message });
    expect(exceptionName(error)).toBe('org.apache.kafka.common.config.ConfigException');
  });

  test('the API timeout grows with a request timeout that the user set', () => {
    expect(configOf({ 'bootstrap.servers': 'a:1', 'request.timeout.ms': '90000' }).defaultApiTimeoutMs).toBe(90_000);
    expect(configOf({ 'bootstrap.servers': 'a:1' }).defaultApiTimeoutMs).toBe(60_000);
  });

  test('settings that no client knows are left alone', () => {
    expect(configOf({ 'bootstrap.servers': 'a:1', 'some.plugin': 'x' }).clientId).toMatch(/^adminclient-\d+$/);
  });

  test('the lines of a client begin as those of Kafka', () => {
    const settings = new Map([
      ['client.id', 'c'],
      ['group.id', 'g'],
    ]);
    expect(new ClientConfig('consumer', settings).logPrefix).toBe('[Consumer clientId=c, groupId=g] ');
    expect(new ClientConfig('producer', settings).logPrefix).toBe('[Producer clientId=c] ');
  });

  test('the version that clients name is that of the package', () => {
    const content = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(CLIENT_SOFTWARE_VERSION).toBe(content.version);
  });
});

describe('bootstrap addresses', () => {
  test.each([
    ['localhost:9092', { host: 'localhost', port: 9092 }],
    ['PLAINTEXT://host-1.x_y:1', { host: 'host-1.x_y', port: 1 }],
    ['[::1]:9092', { host: '::1', port: 9092 }],
    ['127.0.0.1:9092', { host: '127.0.0.1', port: 9092 }],
    ['localhost', undefined],
    ['localhost:', undefined],
    [':9092', undefined],
    ['a b:9092', undefined],
  ])('%s', (url, expected) => {
    expect(parseHostPort(url)).toEqual(expected);
  });

  test.each([
    ['nohost', 'Invalid url in bootstrap.servers: nohost'],
    ['localhost:70000', 'Invalid port in bootstrap.servers: localhost:70000'],
    ['', "Configuration 'bootstrap.servers' values must not be empty."],
  ])('%j is refused', async (url, message) => {
    await expect(bootstrapNodes([url], 'bootstrap.servers', new LogLines())).rejects.toThrow(message);
  });

  test('a list without an address is refused', async () => {
    await expect(bootstrapNodes([], 'bootstrap.servers', new LogLines())).rejects.toThrow(
      "Configuration 'bootstrap.servers' must not be empty. Valid values include: any non-empty value",
    );
  });

  test('a name that does not resolve is left out with a warning', async () => {
    const logger = new LogLines();
    const nodes = await bootstrapNodes(['no-such-host.invalid:9092', '127.0.0.1:1'], 'bootstrap.servers', logger);
    expect(nodes).toEqual([{ id: -1, host: '127.0.0.1', port: 1, rack: null }]);
    expect(logger.warnings).toEqual([
      "Couldn't resolve server no-such-host.invalid:9092 from bootstrap.servers as DNS resolution failed for no-such-host.invalid",
    ]);
  });

  test('addresses are printed as Java does', async () => {
    expect(addressText('localhost', '127.0.0.1', 9092)).toBe('localhost/127.0.0.1:9092');
    expect(addressText('127.0.0.1', '127.0.0.1', 9092)).toBe('/127.0.0.1:9092');
    expect(await resolveHost('127.0.0.1')).toEqual(['127.0.0.1']);
  });
});

describe('login modules', () => {
  test.each([
    ['x.PlainLoginModule required username="a" password="b";', { username: 'a', password: 'b' }],
    [`x required username='a b' password="q\\"uote;";`, { username: 'a b', password: 'q"uote;' }],
    ['x required\n  username=plain tokenauth=true ;', { username: 'plain', tokenauth: 'true' }],
  ])('%s', (text, options) => {
    expect(Object.fromEntries(parseJaasConfig(text))).toEqual(options);
  });

  test('a missing one is refused', () => {
    expect(() => parseJaasConfig('')).toThrow(/^Could not find a 'KafkaClient' entry in the JAAS configuration/);
  });
});

describe('errors', () => {
  test('know their Java class, and whether to try again', () => {
    expect(exceptionName(timeoutError('x'))).toBe('org.apache.kafka.common.errors.TimeoutException');
    expect(exceptionName(namedError('UNKNOWN_TOPIC_OR_PARTITION'))).toBe(
      'org.apache.kafka.common.errors.UnknownTopicOrPartitionException',
    );
    expect(isRetriable(namedError('NOT_LEADER_OR_FOLLOWER'))).toBe(true);
    expect(isStaleMetadata(namedError('NOT_LEADER_OR_FOLLOWER'))).toBe(true);
    expect(isRetriable(namedError('INVALID_TOPIC_EXCEPTION'))).toBe(false);
    expect(isRetriable(new TypeError('bug'))).toBe(false);
  });

  test('a server that says nothing gets the default text of Kafka', () => {
    expect(serverError(3, null).message).toBe('This server does not host this topic-partition.');
    expect(serverError(3, 'said').message).toBe('said');
    expect(serverError(9999).errorName).toBe('UNKNOWN_SERVER_ERROR');
  });
});

test('backoff doubles up to its maximum, give or take a fifth', () => {
  const backoff = new ExponentialBackoff(100, 1000, seededRandom(1));
  for (let attempts = 0; attempts < 20; attempts++) {
    const middle = 100 * 2 ** Math.min(attempts, Math.log2(10));
    const delay = backoff.delayMs(attempts);
    expect(delay).toBeGreaterThanOrEqual(Math.floor(middle * 0.8));
    expect(delay).toBeLessThanOrEqual(Math.min(1000, middle * 1.2));
  }
  expect(new ExponentialBackoff(50, 50, seededRandom(1)).delayMs(9)).toBe(50);
});

describe('the version of a request', () => {
  const versionsOf = (minVersion: number, maxVersion: number) =>
    new NodeVersions({
      errorCode: 0,
      apiKeys: [{ apiKey: 3, minVersion, maxVersion }],
      throttleTimeMs: 0,
      supportedFeatures: [],
      finalizedFeaturesEpoch: -1,
      finalizedFeatures: [],
      zkMigrationReady: false,
    });

  test('is the newest that both sides and the caller allow', () => {
    expect(versionsOf(0, 100).choose(metadataRequest)).toBe(13);
    expect(versionsOf(4, 9).choose(metadataRequest)).toBe(9);
    expect(versionsOf(4, 9).choose(metadataRequest, { maxVersion: 6 })).toBe(6);
  });

  test('is an error in the words of Kafka when there is none', () => {
    expect(() => versionsOf(20, 30).choose(metadataRequest)).toThrow(
      'The node does not support METADATA with version in range [0,13]. The supported range is [20,30].',
    );
    expect(apiConstantName('DescribeUserScramCredentials')).toBe('DESCRIBE_USER_SCRAM_CREDENTIALS');
  });
});
