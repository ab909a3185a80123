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
