/** Goal: topics have the fingerprints that Kafka gives them, and a changed topic has another. */
import { expect, test } from 'vitest';
import { TopicHashes } from '../../../src/groups/consumer/metadata-hash.ts';
import type { GroupMetadataView } from '../../../src/groups/types.ts';

interface Topic {
  readonly id: string;
  readonly partitions: number;
  readonly racks?: readonly string[];
}

function viewOf(topics: ReadonlyMap<string, Topic>): GroupMetadataView & { topicChanges: number } {
  return {
    topicId: (name) => topics.get(name)?.id,
    topicName: () => undefined,
    partitionCount: (name) => topics.get(name)?.partitions ?? 0,
    topicNames: () => topics.keys(),
    partitionRacks: (name) => topics.get(name)?.racks ?? [],
    groupConfigs: () => new Map(),
    version: 0,
    newTopicsVersion: 0,
    topicChanges: 0,
  };
}

test('two topics without racks hash as they did in a group of Apache Kafka 4.4', () => {
  const topics = new Map([
    ['orders', { id: 's9KDOH0fRoCQy7PefOXx9A', partitions: 4 }],
    ['payments', { id: 'GOKOYWEZQs6PxMzRP0bBGw', partitions: 20 }],
  ]);
  const hash = new TopicHashes(viewOf(topics)).groupHash(['payments', 'orders', 'nowhere']);
  expect(BigInt(`0x${hash}`)).toBe(5_894_806_730_100_624_038n);
});

test('no topic that exists hashes to zero', () => {
  expect(new TopicHashes(viewOf(new Map())).groupHash(['nowhere'])).toBe('0000000000000000');
});

test('partitions and racks change the hash, once the topic is known to have changed', () => {
  const topics = new Map<string, Topic>([['orders', { id: 's9KDOH0fRoCQy7PefOXx9A', partitions: 4 }]]);
  const view = viewOf(topics);
  const hashes = new TopicHashes(view);
  const first = hashes.groupHash(['orders']);
  topics.set('orders', { id: 's9KDOH0fRoCQy7PefOXx9A', partitions: 5 });
  expect(hashes.groupHash(['orders'])).toBe(first);
  view.topicChanges++;
  const second = hashes.groupHash(['orders']);
  expect(second).not.toBe(first);
  topics.set('orders', { id: 's9KDOH0fRoCQy7PefOXx9A', partitions: 5, racks: ['b', 'a'] });
  view.topicChanges++;
  const third = hashes.groupHash(['orders']);
  expect([first, second]).not.toContain(third);
  topics.set('orders', { id: 's9KDOH0fRoCQy7PefOXx9A', partitions: 5, racks: ['a', 'b'] });
  view.topicChanges++;
  expect(hashes.groupHash(['orders'])).toBe(third);
});
