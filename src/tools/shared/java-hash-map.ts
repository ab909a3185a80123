import { javaStringHash } from '../../base/java-hash.ts';

/**
 * Orders items as a `java.util.HashMap` would hand them out that they were put into one by one: several outputs of
 * Kafka's tools are in that order.
 * @param hashOf the key's hashCode; of the text itself by default
 */
export function inHashMapOrder<T>(items: readonly T[], keyOf: (item: T) => string, hashOf = javaStringHash): T[] {
  let size = 16;
  while (items.length > size * 0.75) size *= 2;
  const bucketOf = (item: T): number => {
    const hash = hashOf(keyOf(item));
    return (hash ^ (hash >>> 16)) & (size - 1);
  };
  return items
    .map((item) => ({ item, bucket: bucketOf(item) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ item }) => item);
}

/** TopicPartition.hashCode of Kafka's clients. */
export function topicPartitionHash(topic: string, partition: number): number {
  return (Math.imul(31, 31 + partition) + javaStringHash(topic)) | 0;
}
