import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type SecureVersion } from 'node:tls';
import type { ClientConfig } from './client-config.ts';
import type { ConfigValues } from './config-parser.ts';
import type { ClientEnvironment } from './environment.ts';
import { ClientError, configError, disconnectError } from './errors.ts';

/** The TLS handshake failed: wrong certificate, name or protocol. Trying again does not help. */
function handshakeError(cause: Error): ClientError {
  const exception = 'org.apache.kafka.common.errors.SslAuthenticationException';
  return new ClientError(exception, 'SASL_AUTHENTICATION_FAILED', 'SSL handshake failed', false, {
    cause,
  });
}

/**
 * Puts TLS over a connected socket. Rejects with ClientError: SslAuthenticationException when the peers do not agree,
 * a disconnection when the peer goes away, ConfigException for key material that cannot be read.
 */
export function startTls(
  socket: Socket,
  host: string,
  config: ClientConfig,
  timeoutMs: number,
  environment: ClientEnvironment,
): Promise<Socket> {
  const options = tlsOptions(config.values);
  return new Promise((resolve, reject) => {
    const secure = connect({ ...options, socket, ...(isIP(host) === 0 ? { servername: host } : {}), host });
    const fail = (error: Error): void => {
      timer.cancel();
      secure.destroy();
      reject(error);
    };
    const timer = environment.clock.schedule(timeoutMs, () => fail(disconnectError('the TLS handshake took too long')));
    const onError = (error: NodeJS.ErrnoException): void => {
      const isLost = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      fail(
        isLost
          ? disconnectError(`the peer closed the connection during the TLS handshake`, error)
          : handshakeError(error),
      );
    };
    secure.once('error', onError);
    secure.once('secureConnect', () => {
      timer.cancel();
      secure.removeListener('error', onError);
      resolve(secure);
    });
  });
}

function tlsOptions(values: ConfigValues): ConnectionOptions {
  const protocols = values.list('ssl.enabled.protocols');
  const versions = (['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as SecureVersion[]).filter((v) => protocols.includes(v));
  const options: ConnectionOptions = { ...trusted(values), ...ownCertificate(values) };
  const [min, max] = [versions.at(0), versions.at(-1)];
  if (min !== undefined) options.minVersion = min;
  if (max !== undefined) options.maxVersion = max;
  // Java's cipher names (TLS_ECDHE_...) are OpenSSL's for TLS 1.3 only; others are passed on as they are.
  const ciphers = values.list('ssl.cipher.suites');
  if (ciphers.length > 0) options.ciphers = ciphers.join(':');
  if (values.string('ssl.endpoint.identification.algorithm') === '') options.checkServerIdentity = () => undefined;
  return options;
}

function trusted(values: ConfigValues): ConnectionOptions {
  const inline = values.string('ssl.truststore.certificates');
  if (inline !== '') return { ca: inline };
  const location = values.string('ssl.truststore.location');
  if (location === '') return {};
  const file = readStore('ssl.truststore.location', location);
  if (isPem(file)) return { ca: file };
  throw configError(
    `ssl.truststore.location names ${location}, which is no PEM file: set ssl.truststore.type=PEM and give certificates in PEM`,
  );
}

function ownCertificate(values: ConfigValues): ConnectionOptions {
  const passphrase = values.string('ssl.key.password') || values.string('ssl.keystore.password');
  const secret = passphrase === '' ? {} : { passphrase };
  const key = values.string('ssl.keystore.key');
  if (key !== '') return { key, cert: values.string('ssl.keystore.certificate.chain'), ...secret };
  const location = values.string('ssl.keystore.location');
  if (location === '') return {};
  const file = readStore('ssl.keystore.location', location);
  if (isPem(file)) return { key: file, cert: file, ...secret };
  if (values.string('ssl.keystore.type').toUpperCase() === 'PKCS12') return { pfx: file, ...secret };
  throw configError(
    `ssl.keystore.location names ${location}, which is no PEM file: use ssl.keystore.type=PEM or PKCS12`,
  );
}

function readStore(setting: string, location: string): Buffer {
  try {
    return readFileSync(location);
  } catch (error) {
    throw configError(`Failed to load the file ${location} of ${setting}: ${String(error)}`);
  }
}

function isPem(file: Buffer): boolean {
  return file.includes('-----BEGIN ');
}
