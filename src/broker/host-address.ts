import { isIPv4, isIPv6 } from 'node:net';

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const IPV6_GROUPS = 8;

/** The bytes of an IP address in text, as Java's InetAddress.getAddress gives them; of anything else 0.0.0.0. */
export function addressBytes(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  const address = text.split('%')[0] ?? '';
  if (!isIPv6(address)) return Buffer.alloc(IPV4_BYTES);
  const [head = '', tail] = withoutIpv4(address).split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : IPV6_GROUPS - before.length - after.length;
  const bytes = Buffer.alloc(IPV6_BYTES);
  for (const [i, group] of [...before, ...Array<number>(zeros).fill(0), ...after].entries()) {
    bytes.writeUInt16BE(group, 2 * i);
  }
  return bytes;
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

// The last 32 bits may be written as an IPv4 address.
function withoutIpv4(address: string): string {
  const at = address.lastIndexOf(':') + 1;
  const last = address.slice(at);
  if (!isIPv4(last)) return address;
  const bytes = addressBytes(last);
  return `${address.slice(0, at)}${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
}

/** An address in text from its 4 or 16 bytes, as Java writes it; undefined when there are neither. */
export function addressText(bytes: Buffer): string | undefined {
  if (bytes.length === IPV4_BYTES) return [...bytes].join('.');
  if (bytes.length !== IPV6_BYTES) return undefined;
  return Array.from({ length: IPV6_GROUPS }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
}
