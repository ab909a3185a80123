/**
 * The orders in which Java's hash maps and sets hand out topic ids and partitions. Kafka's assignments follow them, and
 * its records show them.
 */
import { inHashOrder } from '../../base/java-hash.ts';
import { type Uuid, uuidToBytes } from '../../base/uuid.ts';

const DEFAULT_CAPACITY = 16;
const LOAD_FACTOR = 0.75;

/** Uuid.hashCode of Kafka's clients: both halves, word by word. */
function uuidHash(id: Uuid): number {
  const bytes = uuidToBytes(id);
  return bytes.readInt32BE(0) ^ bytes.readInt32BE(4) ^ bytes.readInt32BE(8) ^ bytes.readInt32BE(12);
}

/** Topic ids as a `HashMap` or `HashSet` of them is iterated that was made with `initialCapacity`. */
export function topicIdOrder(ids: Iterable<Uuid>, initialCapacity = DEFAULT_CAPACITY): Uuid[] {
  return inHashOrder([...ids], uuidHash, initialCapacity);
}

/** Partitions as a `HashMap` or `HashSet` of them is iterated that they were put into in the order given. */
export function partitionOrder(partitions: Iterable<number>, initialCapacity = DEFAULT_CAPACITY): number[] {
  return inHashOrder([...partitions], (partition) => partition, initialCapacity);
}

/** The capacity of a `HashMap` that is a copy of one with `size` entries (Java 19 and newer); removals do not change it. */
export function copyCapacity(size: number): number {
  return size === 0 ? DEFAULT_CAPACITY : 1 << (32 - Math.clz32(Math.ceil(size / LOAD_FACTOR) - 1));
}

/** Uuid.compareTo of Kafka's clients: signed, the upper half first. */
export function compareTopicIds(a: Uuid, b: Uuid): number {
  const [left, right] = [uuidToBytes(a), uuidToBytes(b)];
  for (const at of [0, 8]) {
    const [x, y] = [left.readBigInt64BE(at), right.readBigInt64BE(at)];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
