import { KafkaError } from '../base/kafka-error.ts';
import { compressLz4, decompressLz4 } from './lz4-frame.ts';
import { nodeZlib } from './node-zlib.ts';
import { compressSnappy, decompressSnappy } from './snappy-container.ts';
import { compressZstd, decompressZstd } from './zstd.ts';

/** Kafka's names of the codecs. */
export type CodecName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

const CODEC_NAMES: readonly CodecName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const ZLIB_CHUNK_BYTES = 64 * 1024;

/** The name of a codec id. Throws INVALID_RECORD for an id that Kafka does not know. */
export function codecName(id: number): CodecName {
  const name = CODEC_NAMES[id];
  if (name === undefined) throw new KafkaError('INVALID_RECORD', `Unknown compression type id: ${id}`);
  return name;
}

/** The id of a codec in the batch attributes. */
export function codecId(name: CodecName): number {
  return CODEC_NAMES.indexOf(name);
}

/**
 * Compresses the records of a batch; the result is new. `level` as Kafka's compression.<codec>.level (gzip -1 or 1 to
 * 9, zstd -131072 to 22); lz4's is ignored, its library has one level.
 */
export function compress(codec: CodecName, records: Buffer, level?: number): Buffer {
  switch (codec) {
    case 'none':
      return records;
    case 'gzip':
      return nodeZlib().gzipSync(records, { level: level ?? -1, chunkSize: ZLIB_CHUNK_BYTES });
    case 'snappy':
      return compressSnappy(records);
    case 'lz4':
      return compressLz4(records);
    case 'zstd':
      return compressZstd(records, level ?? 3);
  }
}

/**
 * Decompresses the records of a batch, at most `maxBytes`. Throws CORRUPT_MESSAGE when the bytes are not of that codec,
 * MESSAGE_TOO_LARGE when they unfold to more than `maxBytes`. The first zstd batch on Node 20 loads a WebAssembly
 * module (about 6 ms and 5 MB).
 */
export function decompress(codec: CodecName, compressed: Buffer, maxBytes: number): Buffer {
  try {
    switch (codec) {
      case 'none':
        return compressed;
      case 'gzip':
        return nodeZlib().gunzipSync(compressed, { maxOutputLength: maxBytes, chunkSize: ZLIB_CHUNK_BYTES });
      case 'snappy':
        return decompressSnappy(compressed, maxBytes);
      case 'lz4':
        return decompressLz4(compressed, maxBytes);
      case 'zstd':
        return decompressZstd(compressed, maxBytes);
    }
  } catch (error) {
    if (error instanceof KafkaError) throw error;
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new KafkaError('MESSAGE_TOO_LARGE', `${codec} records unfold to more than ${maxBytes} bytes`);
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new KafkaError('CORRUPT_MESSAGE', `Failed to decompress record batch with ${codec}: ${why}`);
  }
}
