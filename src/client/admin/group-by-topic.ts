import type { TopicPartition } from '../types.ts';

/** Items by topic, in the order in which topics first appear. */
export function byTopic<T extends { readonly topic: string }>(items: readonly T[]): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const item of items) {
    const known = topics.get(item.topic);
    if (known === undefined) topics.set(item.topic, [item]);
    else known.push(item);
  }
  return topics;
}

/** Partition numbers by topic. */
export function partitionsByTopic(items: readonly TopicPartition[]): [string, number[]][] {
  return [...byTopic(items)].map(([topic, of]) => [topic, of.map((item) => item.partition)]);
}
