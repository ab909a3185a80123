/**
 * Kafka's textual UUID: 16 bytes in URL-safe base64 without padding, 22 characters. Everywhere in ottla a UUID is this
 * string; only the codec knows the bytes.
 */
export type Uuid = string;

/** The UUID of sixteen zero bytes, which stands for "none". */
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA';
/** The topic id of `__cluster_metadata`, the UUID (0, 1). */
export const METADATA_TOPIC_ID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ';
/** Directory id of a replica that was placed before directories had ids (KIP-858), the UUID (0, 0). */
export const MIGRATING_DIRECTORY: Uuid = ZERO_UUID;
/** Directory id of a replica whose directory was not chosen yet (KIP-858), the UUID (0, 1). */
export const UNASSIGNED_DIRECTORY: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ';
/** Directory id of a replica in a directory that failed (KIP-858), the UUID (0, 2). */
export const LOST_DIRECTORY: Uuid = 'AAAAAAAAAAAAAAAAAAAAAg';

const UUID_PATTERN = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/** Whether `text` is a UUID as Kafka writes it. */
export function isUuid(text: string): text is Uuid {
  return UUID_PATTERN.test(text);
}

/** The 16 bytes of a UUID. Throws RangeError when `uuid` is no UUID. */
export function uuidToBytes(uuid: Uuid): Buffer {
  if (!isUuid(uuid))
    throw new RangeError(`a UUID is 22 characters of URL-safe base64, received ${JSON.stringify(uuid)}`);
  return Buffer.from(uuid, 'base64url');
}

/** The UUID of the 16 bytes of `bytes` that start at `at`. */
export function uuidFromBytes(bytes: Uint8Array, at = 0): Uuid {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('base64url', at, at + 16);
}
