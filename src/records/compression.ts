import { KafkaError } from '../base/kafka-error.ts';

/** Kafka's names of the codecs. */
export type CodecName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

const CODEC_NAMES: readonly CodecName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

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

/** Compresses the records of a batch; the result is new. `level` as Kafka's compression.<codec>.level. */
export declare function compress(codec: CodecName, records: Buffer, level?: number): Buffer;

/**
 * Decompresses the records of a batch, at most `maxBytes`. Throws CORRUPT_MESSAGE when the bytes are not of that codec,
 * MESSAGE_TOO_LARGE when they unfold to more than `maxBytes`.
 */
export declare function decompress(codec: CodecName, compressed: Buffer, maxBytes: number): Buffer;
