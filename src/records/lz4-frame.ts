import { createRequire } from 'node:module';
import { KafkaError } from '../base/kafka-error.ts';

/**
 * The LZ4 frame format around the library's block functions. Writing the frame here keeps Kafka's own layout (64 KB
 * independent blocks, no checksums) and lets reading stop at a limit, which the library's frame reader cannot.
 */

type Lz4 = typeof import('lz4-napi');

let loaded: Lz4 | undefined;

// Loaded when first needed: it costs about 7 ms and 5 MB.
function library(): Lz4 {
  loaded ??= createRequire(import.meta.url)('lz4-napi') as Lz4;
  return loaded;
}

const FRAME_MAGIC = 0x184d2204;
// Version 1, independent blocks; 64 KB blocks; the header's checksum.
const FRAME_HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
const END_MARK = Buffer.alloc(4);
const BLOCK_BYTES = 64 * 1024;
const UNCOMPRESSED_BLOCK = 0x80000000;
// A block of linked blocks refers back at most so far.
const WINDOW_BYTES = 64 * 1024;

const VERSION_MASK = 0xc0;
const VERSION_1 = 0x40;
const BLOCK_INDEPENDENCE = 0x20;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY_ID = 0x01;

export function compressLz4(records: Buffer): Buffer {
  const parts: Buffer[] = [FRAME_HEADER];
  for (let at = 0; at < records.length; at += BLOCK_BYTES) {
    const plain = records.subarray(at, at + BLOCK_BYTES);
    // The library puts the plain size in front, four bytes: exactly where the frame has the block's size.
    const block = library().compressSync(plain);
    if (block.length - 4 < plain.length) {
      block.writeUInt32LE(block.length - 4, 0);
      parts.push(block);
    } else {
      const size = Buffer.allocUnsafe(4);
      size.writeUInt32LE(UNCOMPRESSED_BLOCK + plain.length, 0);
      parts.push(size, plain);
    }
  }
  parts.push(END_MARK);
  return Buffer.concat(parts);
}

function corrupt(why: string): KafkaError {
  return new KafkaError('CORRUPT_MESSAGE', `Failed to decompress record batch with lz4: ${why}`);
}

interface Frame {
  readonly flags: number;
  readonly maxBlockBytes: number;
  readonly blocksAt: number;
}

function readHeader(compressed: Buffer): Frame {
  if (compressed.length < 7 || compressed.readUInt32LE(0) !== FRAME_MAGIC) throw corrupt('the frame magic is missing');
  const flags = compressed.readUInt8(4);
  if ((flags & VERSION_MASK) !== VERSION_1) throw corrupt(`unsupported frame version in flags ${flags}`);
  const sizeId = (compressed.readUInt8(5) >> 4) & 7;
  if (sizeId < 4) throw corrupt(`unsupported block size id ${sizeId}`);
  const optional = ((flags & CONTENT_SIZE) === 0 ? 0 : 8) + ((flags & DICTIONARY_ID) === 0 ? 0 : 4);
  return { flags, maxBlockBytes: 1 << (8 + 2 * sizeId), blocksAt: 7 + optional };
}

/** Decompresses one frame, at most `maxBytes`; checksums are left to the batch's CRC. */
export function decompressLz4(compressed: Buffer, maxBytes: number): Buffer {
  const { flags, maxBlockBytes, blocksAt } = readHeader(compressed);
  const isLinked = (flags & BLOCK_INDEPENDENCE) === 0;
  const checksumBytes = (flags & BLOCK_CHECKSUM) === 0 ? 0 : 4;
  const blocks: Buffer[] = [];
  let window: Buffer = EMPTY;
  let total = 0;
  let at = blocksAt;
  for (;;) {
    if (at + 4 > compressed.length) throw corrupt('the frame ends without its end mark');
    const word = compressed.readUInt32LE(at);
    if (word === 0) break;
    const size = word & 0x7fffffff;
    const start = at + 4;
    if (size > maxBlockBytes || start + size > compressed.length) throw corrupt(`a block of ${size} bytes`);
    const stored = compressed.subarray(start, start + size);
    const room = Math.min(maxBlockBytes, maxBytes - total);
    const plain = word >= UNCOMPRESSED_BLOCK ? stored : decompressBlock(stored, room, isLinked ? window : EMPTY);
    total += plain.length;
    if (total > maxBytes) throw tooLarge(maxBytes);
    blocks.push(plain);
    if (isLinked) window = Buffer.concat([window, plain]).subarray(-WINDOW_BYTES);
    at = start + size + checksumBytes;
  }
  if ((flags & CONTENT_CHECKSUM) !== 0 && at + 8 > compressed.length) throw corrupt('the content checksum is missing');
  const only = blocks.length === 1 ? blocks[0] : undefined;
  return only ?? Buffer.concat(blocks, total);
}

function tooLarge(maxBytes: number): KafkaError {
  return new KafkaError('MESSAGE_TOO_LARGE', `lz4 records unfold to more than ${maxBytes} bytes`);
}

function decompressBlock(block: Buffer, room: number, dictionary: Buffer): Buffer {
  const sized = Buffer.allocUnsafe(4 + block.length);
  sized.writeUInt32LE(room, 0);
  block.copy(sized, 4);
  try {
    return dictionary.length === 0 ? library().uncompressSync(sized) : library().uncompressSync(sized, dictionary);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (why.includes('too small')) throw new KafkaError('MESSAGE_TOO_LARGE', `an lz4 block exceeds ${room} bytes`);
    throw corrupt(why);
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
