import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Logger } from '../base/logger.ts';
import { configError } from './errors.ts';
import type { Node } from './types.ts';

const HOST_PORT = /^(?:[0-9a-zA-Z\-%._]*:\/\/)?\[?([0-9a-zA-Z\-%._:]*)\]?:([0-9]+)$/;

/** Splits `[protocol://]host:port`; undefined when the text has another shape. */
export function parseHostPort(url: string): { host: string; port: number } | undefined {
  const match = HOST_PORT.exec(url.trim());
  const host = match?.[1];
  if (host === undefined || host === '') return undefined;
  return { host, port: Number(match?.[2]) };
}

/** All addresses of a host, IPv4 before IPv6, of the first one's family only: what Java's clients try (KIP-302). */
export async function resolveHost(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  const found = await lookup(host, { all: true, verbatim: true });
  const sorted = found.toSorted((a, b) => a.family - b.family);
  return sorted.filter((address) => address.family === sorted[0]?.family).map((address) => address.address);
}

/** `localhost/127.0.0.1:9092`, how Java prints an address; the name is left out when the host was given as a number. */
export function addressText(host: string, address: string, port: number): string {
  return `${host === address ? '' : host}/${address}:${port}`;
}

/**
 * The bootstrap addresses as nodes -1, -2, … Those whose name does not resolve are left out with a warning. Throws
 * ClientError with Kafka's text when an address is malformed or none is left.
 */
export async function bootstrapNodes(urls: readonly string[], setting: string, logger: Logger): Promise<Node[]> {
  if (urls.length === 0) {
    throw configError(`Configuration '${setting}' must not be empty. Valid values include: any non-empty value`);
  }
  if (urls.includes('')) throw configError(`Configuration '${setting}' values must not be empty.`);
  const addresses = urls.map((url) => ({ url, ...validated(url, setting) }));
  const resolvable = await Promise.all(
    addresses.map(async ({ url, host, port }) => {
      try {
        await resolveHost(host);
        return { host, port };
      } catch {
        logger.warn(`Couldn't resolve server ${url} from bootstrap.servers as DNS resolution failed for ${host}`);
        return undefined;
      }
    }),
  );
  const nodes = resolvable
    .filter((address) => address !== undefined)
    .map(({ host, port }, i) => ({ id: -1 - i, host, port, rack: null }));
  if (nodes.length === 0) throw configError('No resolvable bootstrap urls given in bootstrap.servers');
  return nodes;
}

function validated(url: string, setting: string): { host: string; port: number } {
  const address = parseHostPort(url);
  if (address === undefined) throw configError(`Invalid url in ${setting}: ${url}`);
  if (address.port > 65535) throw configError(`Invalid port in ${setting}: ${url}`);
  return address;
}
