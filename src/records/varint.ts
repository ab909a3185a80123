/**
 * Kafka's zigzag varints, as they stand in records. Writers return the position after what they wrote and expect room
 * for it (5 bytes for a varint, 10 for a varlong). Readers for hot loops live in the cursor.
 */

/** Bytes of `value` (an int32) as a varint. */
export function sizeOfVarint(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x200000) return 3;
  return zigzag < 0x10000000 ? 4 : 5;
}

/** Writes an int32 as a varint. */
export function writeVarint(buffer: Uint8Array, value: number, at: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  let end = at;
  while (zigzag >= 0x80) {
    buffer[end++] = (zigzag & 0x7f) | 0x80;
    zigzag >>>= 7;
  }
  buffer[end++] = zigzag;
  return end;
}

/** Bytes of `value` (a safe integer) as a varlong. */
export function sizeOfVarlong(value: number): number {
  if (value >= -0x40000000 && value < 0x40000000) return sizeOfVarint(value);
  // -(v + 1) * 2 + 1 for negative values: the zigzag of an int64, exact in a double up to 2^53 after the halving below.
  let rest = Math.floor((value >= 0 ? value : -(value + 1)) / 64);
  let size = 1;
  while (rest > 0) {
    size++;
    rest = Math.floor(rest / 128);
  }
  return size;
}

/** Writes a safe integer as a varlong. */
export function writeVarlong(buffer: Uint8Array, value: number, at: number): number {
  if (value >= -0x40000000 && value < 0x40000000) return writeVarint(buffer, value, at);
  // The lowest seven bits hold the sign and six bits of the magnitude; this keeps every number below 2^53.
  const magnitude = value >= 0 ? value : -(value + 1);
  let rest = Math.floor(magnitude / 64);
  let low = (magnitude - rest * 64) * 2 + (value >= 0 ? 0 : 1);
  let end = at;
  while (rest > 0) {
    buffer[end++] = low | 0x80;
    const next = Math.floor(rest / 128);
    low = rest - next * 128;
    rest = next;
  }
  buffer[end++] = low;
  return end;
}
