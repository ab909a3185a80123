import { createRequire } from 'node:module';

type XxHash = typeof import('@node-rs/xxhash');

let loaded: XxHash | undefined;

/**
 * XXH3 with 64 bits and seed 0, as an unsigned number. Kafka fingerprints the topics of a group with it. The library is
 * loaded at the first call: most brokers never need it.
 */
export function xxh3(input: Buffer): bigint {
  loaded ??= createRequire(import.meta.url)('@node-rs/xxhash') as XxHash;
  return loaded.xxh3.xxh64(input);
}
