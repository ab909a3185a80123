import { type Uuid, uuidFromBytes, uuidToBytes } from '../base/uuid.ts';

/**
 * Topic ids stand in every produce and fetch, and few differ: both directions of the translation are remembered for
 * the ones seen last. Both caches are small and bounded, whatever peers send.
 */
const SLOTS = 256;
const slots: { bytes: Buffer; text: Uuid }[] = Array.from({ length: SLOTS }, () => ({
  bytes: Buffer.alloc(16),
  text: uuidFromBytes(Buffer.alloc(16)),
}));
const MAX_REMEMBERED = 1000;
const remembered = new Map<Uuid, Buffer>();

/** The UUID of the 16 bytes at `at`, which must be there. */
export function uuidAt(buffer: Buffer, at: number): Uuid {
  const slot = slots[((buffer[at + 15] ?? 0) ^ (buffer[at + 1] ?? 0)) & (SLOTS - 1)];
  if (slot === undefined) return uuidFromBytes(buffer, at);
  const { bytes } = slot;
  for (let i = 0; i < 16; i++) {
    if (bytes[i] === buffer[at + i]) continue;
    slot.text = uuidFromBytes(buffer, at);
    buffer.copy(bytes, 0, at, at + 16);
    break;
  }
  return slot.text;
}

/** The 16 bytes of a UUID; not to be changed. Throws RangeError when `uuid` is no UUID. */
export function bytesOfUuid(uuid: Uuid): Buffer {
  const known = remembered.get(uuid);
  if (known !== undefined) return known;
  const bytes = uuidToBytes(uuid);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(uuid, bytes);
  return bytes;
}
