import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { listTopics } from '../../src/client/admin/topics.ts';
import { KafkaClient } from '../../src/client/client.ts';
import { exceptionName } from '../../src/client/errors.ts';
import { saslHandshakeRequest, saslHandshakeResponse } from '../../src/protocol/messages/17-sasl-handshake.ts';
import { saslAuthenticateRequest, saslAuthenticateResponse } from '../../src/protocol/messages/36-sasl-authenticate.ts';
import { testCertificate, testKey } from './certificate.ts';
import { FakeCluster, LogLines, quickSettings } from './fake-cluster.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function clientOf(bootstrap: string, settings: Record<string, string>) {
  const logger = new LogLines();
  const more = { 'default.api.timeout.ms': '600', 'request.timeout.ms': '500', ...settings };
  const client = await KafkaClient.create('admin', quickSettings(bootstrap, more), { logger });
  opened.push(client);
  return { client, logger };
}

async function saslCluster(
  mechanisms: string[],
  answer: (token: Buffer) => { authBytes?: Buffer; errorCode?: number },
) {
  const cluster = await FakeCluster.start(1);
  opened.push(cluster);
  const broker = cluster.broker(1);
  broker.on(saslHandshakeRequest, saslHandshakeResponse, (body) => ({
    errorCode: mechanisms.includes(body.mechanism) ? 0 : 33,
    mechanisms,
  }));
  broker.on(saslAuthenticateRequest, saslAuthenticateResponse, (body) => {
    const given = answer(body.authBytes);
    return given.errorCode === undefined ? given : { ...given, errorMessage: 'Authentication failed: no' };
  });
  return cluster;
}

const scramSettings = (mechanism: string, password: string): Record<string, string> => ({
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': mechanism,
  'sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="a=b,c" password="${password}";`,
});

/** The server's side of SCRAM (RFC 5802) for one user. */
function scramServer(hash: 'sha256' | 'sha512', password: string, lie = false) {
  const salt = Buffer.from('a salt of the server');
  const iterations = 4096;
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  let first = '';
  let serverFirst = '';
  return (token: Buffer): { authBytes?: Buffer; errorCode?: number } => {
    const text = token.toString();
    if (text.startsWith('n,,')) {
      first = text.slice(3);
      expect(first).toMatch(/^n=a=3Db=2Cc,r=/);
      serverFirst = `${first.slice(first.indexOf('r='))}server,s=${salt.toString('base64')},i=${iterations}`;
      return { authBytes: Buffer.from(serverFirst) };
    }
    const at = text.lastIndexOf(',p=');
    const message = `${first},${serverFirst},${text.slice(0, at)}`;
    const salted = pbkdf2Sync(password, salt, iterations, hash === 'sha256' ? 32 : 64, hash);
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash(hash).update(clientKey).digest(), message);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)));
    if (text.slice(at + 3) !== proof.toString('base64')) return { errorCode: 58 };
    const verifier = hmac(hmac(salted, 'Server Key'), lie ? `${message}!` : message);
    return { authBytes: Buffer.from(`v=${verifier.toString('base64')}`) };
  };
}

describe('SASL', () => {
  test.each([
    ['SCRAM-SHA-256', 'sha256'],
    ['SCRAM-SHA-512', 'sha512'],
  ] as const)('%s proves both sides', async (mechanism, hash) => {
    const cluster = await saslCluster([mechanism], scramServer(hash, 'pw'));
    const { client } = await clientOf(cluster.bootstrap, scramSettings(mechanism, 'pw'));
    expect(await listTopics(client)).toEqual([]);
  });

  test('a wrong password fails at once, with the words of the server', async () => {
    const cluster = await saslCluster(['SCRAM-SHA-256'], scramServer('sha256', 'pw'));
    const { client, logger } = await clientOf(cluster.bootstrap, scramSettings('SCRAM-SHA-256', 'other'));
    const error = await listTopics(client).catch((reason: unknown) => reason);
    expect(exceptionName(error)).toBe('org.apache.kafka.common.errors.SaslAuthenticationException');
    expect(error).toMatchObject({ message: 'Authentication failed: no' });
    expect(logger.errors).toEqual([
      `[AdminClient clientId=test] Connection to node -1 (/${cluster.bootstrap}) failed authentication due to: Authentication failed: no`,
    ]);
  });

  test('a server that does not know the password either is not trusted', async () => {
    const cluster = await saslCluster(['SCRAM-SHA-256'], scramServer('sha256', 'pw', true));
    const { client } = await clientOf(cluster.bootstrap, scramSettings('SCRAM-SHA-256', 'pw'));
    await expect(listTopics(client)).rejects.toThrow('Invalid server signature in server final message');
  });

  test('PLAIN sends name and password', async () => {
    const tokens: string[] = [];
    const cluster = await saslCluster(['PLAIN'], (token) => {
      tokens.push(token.toString());
      return { authBytes: Buffer.alloc(0) };
    });
    const { client } = await clientOf(cluster.bootstrap, scramSettings('PLAIN', 'pw'));
    await listTopics(client);
    expect(tokens).toEqual(['\0a=b,c\0pw']);
  });

  test('a mechanism that the server does not have is named, with those that it has', async () => {
    const cluster = await saslCluster(['SCRAM-SHA-512', 'GSSAPI'], () => ({}));
    const { client } = await clientOf(cluster.bootstrap, scramSettings('PLAIN', 'pw'));
    await expect(listTopics(client)).rejects.toThrow(
      "Client SASL mechanism 'PLAIN' not enabled in the server, enabled mechanisms are [SCRAM-SHA-512, GSSAPI]",
    );
  });
});

/** TLS in front of the fake broker, which itself speaks plaintext and advertises the TLS port. */
async function tlsCluster() {
  const cluster = await FakeCluster.start(1);
  opened.push(cluster);
  const server = createServer({ key: testKey, cert: testCertificate }, (secure) => {
    const plain = connectTcp(cluster.broker(1).port, '127.0.0.1');
    secure.pipe(plain).pipe(secure);
    secure.on('error', () => plain.destroy());
    plain.on('error', () => secure.destroy());
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { cluster, port: address.port };
}

describe('TLS', () => {
  const trusting = {
    'security.protocol': 'SSL',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': testCertificate,
  };

  test('a broker whose certificate is trusted is spoken to', async () => {
    const { port } = await tlsCluster();
    const { client } = await clientOf(`localhost:${port}`, trusting);
    expect(await listTopics(client)).toEqual([]);
  });

  test('a certificate that is not trusted, or of another host, ends it', async () => {
    const { port } = await tlsCluster();
    for (const [bootstrap, settings] of [
      [`localhost:${port}`, { 'security.protocol': 'SSL' }],
      [`127.0.0.1:${port}`, trusting],
    ] as const) {
      const { client, logger } = await clientOf(bootstrap, settings);
      const error = await listTopics(client).catch((reason: unknown) => reason);
      expect(exceptionName(error)).toBe('org.apache.kafka.common.errors.SslAuthenticationException');
      expect(logger.errors[0]).toMatch(/failed authentication due to: SSL handshake failed$/);
    }
  });

  test('the name of the host is not checked when the user says so', async () => {
    const { port } = await tlsCluster();
    const settings = { ...trusting, 'ssl.endpoint.identification.algorithm': '' };
    const { client } = await clientOf(`127.0.0.1:${port}`, settings);
    expect(await listTopics(client)).toEqual([]);
  });

  test('a plaintext listener is told apart from a broker that is down', async () => {
    const cluster = await FakeCluster.start(1);
    opened.push(cluster);
    const { client, logger } = await clientOf(cluster.bootstrap, trusting);
    await expect(listTopics(client)).rejects.toThrow('Timed out waiting for a node assignment. Call: listTopics');
    expect(logger.warnings[0]).toMatch(/terminated during authentication/);
  });
});
