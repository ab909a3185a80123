import type { Uuid } from '../base/uuid.ts';
import type { MetadataImage, TopicImage } from './metadata-image.ts';
import type { PartitionRegistration } from './partition-registration.ts';
import { samePartition } from './partition-registration.ts';

/** Parts of the image that are told apart only by whether they changed. */
export type ChangedPart =
  | 'features'
  | 'clientQuotas'
  | 'scramCredentials'
  | 'acls'
  | 'delegationTokens'
  | 'producerIds';

/**
 * What a set of records touched, for those who act upon it: the image already has the new state, this has the names
 * and what was there before.
 */
export class MetadataChanges {
  /** Ids of topics that were created. */
  readonly createdTopics = new Set<Uuid>();
  /** Topics that were deleted, as they were. A topic that was created and deleted within the set is in neither. */
  readonly deletedTopics = new Map<Uuid, TopicImage>();
  /**
   * By topic id and partition: the partition before the first change, undefined when it is new. Partitions of deleted
   * topics are not in it.
   */
  readonly partitions = new Map<Uuid, Map<number, PartitionRegistration | undefined>>();
  /** By resource type (2 topic, 4 broker, 16 client metrics, 32 group): names whose configs changed; `` = all brokers. */
  readonly configs = new Map<number, Set<string>>();
  /** Brokers that registered, changed or went. */
  readonly brokers = new Set<number>();
  readonly controllers = new Set<number>();
  readonly parts = new Set<ChangedPart>();

  get isEmpty(): boolean {
    return (
      this.createdTopics.size +
        this.deletedTopics.size +
        this.partitions.size +
        this.configs.size +
        this.brokers.size +
        this.controllers.size +
        this.parts.size ===
      0
    );
  }

  topicCreated(topicId: Uuid): void {
    this.createdTopics.add(topicId);
  }

  topicDeleted(topic: TopicImage): void {
    this.partitions.delete(topic.id);
    if (!this.createdTopics.delete(topic.id)) this.deletedTopics.set(topic.id, topic);
  }

  partitionChanged(topicId: Uuid, partition: number, previous: PartitionRegistration | undefined): void {
    let partitions = this.partitions.get(topicId);
    if (partitions === undefined) {
      partitions = new Map();
      this.partitions.set(topicId, partitions);
    }
    if (!partitions.has(partition)) partitions.set(partition, previous);
  }

  configChanged(resourceType: number, resourceName: string): void {
    let names = this.configs.get(resourceType);
    if (names === undefined) {
      names = new Set();
      this.configs.set(resourceType, names);
    }
    names.add(resourceName);
  }

  brokerChanged(id: number): void {
    this.brokers.add(id);
  }

  controllerChanged(id: number): void {
    this.controllers.add(id);
  }

  partChanged(part: ChangedPart): void {
    this.parts.add(part);
  }
}

/** What differs between two images, for a node whose state was replaced by a snapshot. */
export function changesBetween(before: MetadataImage, after: MetadataImage): MetadataChanges {
  const changes = new MetadataChanges();
  for (const topic of before.topics()) if (after.topicById(topic.id) === undefined) changes.topicDeleted(topic);
  for (const topic of after.topics()) {
    const previous = before.topicById(topic.id);
    if (previous === undefined) changes.topicCreated(topic.id);
    for (const [id, partition] of topic.partitions.entries()) {
      const old = previous?.partitions[id];
      if (old === undefined || !samePartition(old, partition)) changes.partitionChanged(topic.id, id, old);
    }
  }
  for (const image of [before, after]) {
    for (const id of image.brokers.keys()) {
      if (before.brokers.get(id) !== after.brokers.get(id)) changes.brokerChanged(id);
    }
    for (const id of image.controllers.keys()) {
      if (before.controllers.get(id) !== after.controllers.get(id)) changes.controllerChanged(id);
    }
    for (const [type, name] of image.configuredResources()) {
      if (!sameConfigs(before.configs(type, name), after.configs(type, name))) changes.configChanged(type, name);
    }
  }
  for (const part of [
    'features',
    'clientQuotas',
    'scramCredentials',
    'acls',
    'delegationTokens',
    'producerIds',
  ] as const) {
    changes.partChanged(part);
  }
  return changes;
}

function sameConfigs(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) if (b.get(name) !== value) return false;
  return true;
}
