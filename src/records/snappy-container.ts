import { createRequire } from 'node:module';
import { KafkaError } from '../base/kafka-error.ts';

/**
 * Snappy in the container of the Java library (xerial), as Kafka writes it: a 16-byte header, then blocks of int32
 * length and raw snappy. Raw snappy without a container, as librdkafka may send it, is read too.
 */

type Snappy = typeof import('snappy');

let loaded: Snappy | undefined;

// Loaded when first needed: it costs about 10 ms and 6 MB.
function library(): Snappy {
  loaded ??= createRequire(import.meta.url)('snappy') as Snappy;
  return loaded;
}

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = Buffer.concat([XERIAL_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const BLOCK_BYTES = 32 * 1024;

export function compressSnappy(records: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let at = 0; at < records.length; at += BLOCK_BYTES) {
    const block = library().compressSync(records.subarray(at, at + BLOCK_BYTES));
    const size = Buffer.allocUnsafe(4);
    size.writeInt32BE(block.length, 0);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}

function corrupt(why: string): KafkaError {
  return new KafkaError('CORRUPT_MESSAGE', `Failed to decompress record batch with snappy: ${why}`);
}

// The plain size stands in front of raw snappy; the library believes it, so it is checked first.
function plainSize(raw: Buffer): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = raw[i];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return size;
  }
  throw corrupt('the plain size is missing');
}

function decompressRaw(raw: Buffer, room: number, maxBytes: number): Buffer {
  if (plainSize(raw) > room) {
    throw new KafkaError('MESSAGE_TOO_LARGE', `snappy records unfold to more than ${maxBytes} bytes`);
  }
  const plain = library().uncompressSync(raw);
  return typeof plain === 'string' ? Buffer.from(plain) : plain;
}

export function decompressSnappy(compressed: Buffer, maxBytes: number): Buffer {
  if (compressed.length < XERIAL_HEADER.length || XERIAL_MAGIC.compare(compressed, 0, XERIAL_MAGIC.length) !== 0) {
    return decompressRaw(compressed, maxBytes, maxBytes);
  }
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = XERIAL_HEADER.length; at < compressed.length; ) {
    if (at + 4 > compressed.length) throw corrupt('it ends within a block size');
    const size = compressed.readInt32BE(at);
    if (size < 0 || at + 4 + size > compressed.length) throw corrupt(`a block of ${size} bytes`);
    const plain = decompressRaw(compressed.subarray(at + 4, at + 4 + size), maxBytes - total, maxBytes);
    total += plain.length;
    blocks.push(plain);
    at += 4 + size;
  }
  const only = blocks.length === 1 ? blocks[0] : undefined;
  return only ?? Buffer.concat(blocks, total);
}
