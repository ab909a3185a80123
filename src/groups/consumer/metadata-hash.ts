/** Fingerprints of the topics that a group subscribes to: when one changes, so may the assignment. */
import { type Uuid, uuidToBytes } from '../../base/uuid.ts';

import type { GroupMetadataView } from '../types.ts';
import { NO_METADATA_HASH } from './consumer-records.ts';
import { xxh3 } from './xxh3.ts';

/** The version of the fingerprint, its first byte. */
const MAGIC = 0;

/** Fingerprints of topics, computed when first asked for and anew when topics changed. */
export class TopicHashes {
  readonly #metadata: GroupMetadataView;
  readonly #hashes = new Map<string, bigint>();
  #topicChanges = -1;

  constructor(metadata: GroupMetadataView) {
    this.#metadata = metadata;
  }

  /** The fingerprint of those topics that exist, 16 hexadecimal digits; the same bits as Kafka's. */
  groupHash(topics: Iterable<string>): string {
    const existing = [...new Set(topics)].filter((topic) => this.#metadata.topicId(topic) !== undefined).sort();
    if (existing.length === 0) return NO_METADATA_HASH;
    const hashes = Buffer.alloc(8 * existing.length);
    existing.forEach((topic, i) => {
      hashes.writeBigUInt64LE(this.#topicHash(topic), 8 * i);
    });
    return xxh3(hashes).toString(16).padStart(16, '0');
  }

  #topicHash(topic: string): bigint {
    const metadata = this.#metadata;
    if (this.#topicChanges !== metadata.topicChanges) {
      this.#hashes.clear();
      this.#topicChanges = metadata.topicChanges;
    }
    let hash = this.#hashes.get(topic);
    if (hash === undefined) {
      hash = hashTopic(topic, metadata.topicId(topic) ?? '', metadata);
      this.#hashes.set(topic, hash);
    }
    return hash;
  }
}

// Numbers little-endian, texts as their UTF-16 units followed by how many there are: as Kafka's hash stream takes them.
function hashTopic(name: string, id: Uuid, metadata: GroupMetadataView): bigint {
  const count = metadata.partitionCount(name);
  const idBytes = uuidToBytes(id);
  const parts = [Buffer.of(MAGIC), idBytes.subarray(0, 8).reverse(), idBytes.subarray(8).reverse()];
  parts.push(...textBytes(name), int32Bytes(count));
  for (let partition = 0; partition < count; partition++) {
    parts.push(int32Bytes(partition));
    for (const rack of [...metadata.partitionRacks(name, partition)].sort()) {
      parts.push(int32Bytes(rack.length), ...textBytes(rack));
    }
  }
  return xxh3(Buffer.concat(parts));
}

function textBytes(text: string): Buffer[] {
  return [Buffer.from(text, 'utf16le'), int32Bytes(text.length)];
}

function int32Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
