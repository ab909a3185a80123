/** Java's String.hashCode: a signed 32-bit number. Kafka places groups and transactional ids with it. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Kafka's Utils.abs: the absolute value in 32 bits, 0 for the smallest int. */
export function kafkaAbs(value: number): number {
  return value === -0x8000_0000 ? 0 : Math.abs(value);
}

/** The partition of an internal topic with `partitionCount` partitions that holds the state of `key`. */
export function coordinatorPartition(key: string, partitionCount: number): number {
  return kafkaAbs(javaStringHash(key)) % partitionCount;
}

/**
 * Orders items as a `java.util.HashMap` hands them out that they were put into one by one: by bucket, then by insertion.
 * Several answers and outputs of Kafka come in that order.
 * @param hashOf the hashCode of an item's key
 * @param initialCapacity what the map was made with
 */
export function inHashOrder<T>(items: readonly T[], hashOf: (item: T) => number, initialCapacity = 16): T[] {
  let capacity = 1;
  while (capacity < initialCapacity) capacity *= 2;
  while (items.length > capacity * 0.75) capacity *= 2;
  const bucketOf = (item: T): number => {
    const hash = hashOf(item);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return items
    .map((item) => ({ item, bucket: bucketOf(item) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ item }) => item);
}

/** {@link inHashOrder} of items whose keys are, or are written as, texts; `hashOf` is their hashCode when it is not a text's. */
export function inHashMapOrder<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  hashOf = javaStringHash,
  initialCapacity?: number,
): T[] {
  return inHashOrder(items, (item) => hashOf(keyOf(item)), initialCapacity);
}

/** TopicPartition.hashCode of Kafka's clients. */
export function topicPartitionHash(topic: string, partition: number): number {
  return (Math.imul(31, 31 + partition) + javaStringHash(topic)) | 0;
}
