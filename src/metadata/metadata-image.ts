import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import { METADATA_VERSION, MIN_METADATA_VERSION } from './features.ts';
import { MetadataChanges } from './metadata-changes.ts';
import { type MetadataRecord, type MetadataRecordBody, metadataRecord } from './metadata-record.ts';
import {
  changedPartition,
  type PartitionRegistration,
  partitionFromRecord,
  partitionToRecord,
  withoutElr,
} from './partition-registration.ts';
import {
  type BrokerRegistration,
  brokerFromRecord,
  brokerToRecord,
  type ControllerRegistration,
  changedBroker,
  checkEpoch,
  controllerFromRecord,
  controllerToRecord,
} from './registrations.ts';
import { SecurityImage } from './security-image.ts';

/** A topic and its partitions; the index is the partition's number. */
export interface TopicImage {
  readonly name: string;
  readonly id: Uuid;
  readonly partitions: readonly PartitionRegistration[];
}

interface MutableTopic extends TopicImage {
  readonly partitions: PartitionRegistration[];
}

/** Resource types of configs, as the protocol numbers them. */
export const RESOURCE_TOPIC = 2;
export const RESOURCE_BROKER = 4;
export const RESOURCE_BROKER_LOGGER = 8;
export const RESOURCE_CLIENT_METRICS = 16;
export const RESOURCE_GROUP = 32;

const NO_CONFIGS: ReadonlyMap<string, string> = new Map();

/**
 * The facts of a cluster: what the metadata records add up to. Only `apply` changes it. Partitions, brokers and
 * controllers are objects that are never changed in place, so they can be kept and compared.
 */
export class MetadataImage {
  #topicsByName = new Map<string, MutableTopic>();
  #topicsById = new Map<Uuid, MutableTopic>();
  #partitionCount = 0;
  #brokers = new Map<number, BrokerRegistration>();
  #controllers = new Map<number, ControllerRegistration>();
  /** Resource type -> resource name -> config name -> value. */
  #configs = new Map<number, Map<string, Map<string, string>>>();
  #features = new Map<string, number>();
  #nextProducerId = 0;
  #security = new SecurityImage();

  topic(name: string): TopicImage | undefined {
    return this.#topicsByName.get(name);
  }

  topicById(id: Uuid): TopicImage | undefined {
    return this.#topicsById.get(id);
  }

  /** All topics, in the order of their creation. */
  topics(): IterableIterator<TopicImage> {
    return this.#topicsById.values();
  }

  get topicCount(): number {
    return this.#topicsById.size;
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  partition(topicId: Uuid, partition: number): PartitionRegistration | undefined {
    return this.#topicsById.get(topicId)?.partitions[partition];
  }

  /** By id. */
  get brokers(): ReadonlyMap<number, BrokerRegistration> {
    return this.#brokers;
  }

  /** By id. */
  get controllers(): ReadonlyMap<number, ControllerRegistration> {
    return this.#controllers;
  }

  /** What was set on one resource; `` as a broker's name is the default of all brokers. Empty when nothing was. */
  configs(resourceType: number, resourceName: string): ReadonlyMap<string, string> {
    return this.#configs.get(resourceType)?.get(resourceName) ?? NO_CONFIGS;
  }

  /** Type and name of every resource that has a config. */
  *configuredResources(): IterableIterator<[type: number, name: string]> {
    for (const [type, resources] of this.#configs) for (const name of resources.keys()) yield [type, name];
  }

  /** Finalised feature levels; metadata.version among them. Kafka's 0 is "absent". */
  get features(): ReadonlyMap<string, number> {
    return this.#features;
  }

  /** The finalised level of a feature, 0 when it has none. */
  featureLevel(name: string): number {
    return this.#features.get(name) ?? 0;
  }

  /** metadata.version's level; the lowest one before it is set. */
  get metadataVersion(): number {
    return this.#features.get(METADATA_VERSION) ?? MIN_METADATA_VERSION;
  }

  /** The first producer id that was not handed out. */
  get nextProducerId(): number {
    return this.#nextProducerId;
  }

  /** Client quotas, SCRAM credentials, ACLs and delegation tokens. */
  get security(): SecurityImage {
    return this.#security;
  }

  /** Whether nothing was ever applied. */
  get isEmpty(): boolean {
    return this.#features.size === 0 && this.#brokers.size === 0 && this.#topicsById.size === 0;
  }

  /** A copy that can go its own way. */
  clone(): MetadataImage {
    const copy = new MetadataImage();
    copy.become(this);
    return copy;
  }

  /** Takes over the state of another image, which must not be used afterwards unless it was cloned before. */
  become(other: MetadataImage): void {
    this.#topicsById = new Map();
    this.#topicsByName = new Map();
    for (const topic of other.#topicsById.values()) {
      const copy = { ...topic, partitions: topic.partitions.slice() };
      this.#topicsById.set(topic.id, copy);
      this.#topicsByName.set(topic.name, copy);
    }
    this.#partitionCount = other.#partitionCount;
    this.#brokers = new Map(other.#brokers);
    this.#controllers = new Map(other.#controllers);
    this.#configs = new Map();
    for (const [type, resources] of other.#configs) {
      const copy = new Map<string, Map<string, string>>();
      for (const [name, configs] of resources) copy.set(name, new Map(configs));
      this.#configs.set(type, copy);
    }
    this.#features = new Map(other.#features);
    this.#nextProducerId = other.#nextProducerId;
    this.#security = other.#security.clone();
  }

  /**
   * Applies one record and notes in `changes` what it touched. Transaction records (23 to 25) say nothing of the
   * state: who reads the log withholds records until their transaction ends (MetadataLoader). Throws KafkaError
   * UNKNOWN_SERVER_ERROR when the record does not fit the state, which a correct log never does.
   */
  apply(record: MetadataRecord, changes: MetadataChanges = new MetadataChanges()): void {
    switch (record.type) {
      case 'TopicRecord':
        this.#applyTopic(record.body, changes);
        return;
      case 'PartitionRecord':
        this.#applyPartition(record.body, changes);
        return;
      case 'PartitionChangeRecord':
        this.#applyPartitionChange(record.body, changes);
        return;
      case 'RemoveTopicRecord':
        this.#applyRemoveTopic(record.body, changes);
        return;
      case 'ClearElrRecord':
        this.#applyClearElr(record.body, changes);
        return;
      case 'ConfigRecord':
        this.#applyConfig(record.body, changes);
        return;
      case 'FeatureLevelRecord':
        this.#applyFeatureLevel(record.body, changes);
        return;
      case 'ProducerIdsRecord':
        this.#nextProducerId = record.body.nextProducerId;
        changes.partChanged('producerIds');
        return;
      case 'RegisterBrokerRecord':
      case 'UnregisterBrokerRecord':
      case 'BrokerRegistrationChangeRecord':
      case 'FenceBrokerRecord':
      case 'UnfenceBrokerRecord':
        this.#applyBroker(record, changes);
        return;
      case 'RegisterControllerRecord':
        this.#controllers.set(record.body.controllerId, controllerFromRecord(record.body));
        changes.controllerChanged(record.body.controllerId);
        return;
      case 'UnregisterControllerRecord':
        this.#controllers.delete(record.body.controllerId);
        changes.controllerChanged(record.body.controllerId);
        return;
      case 'NoOpRecord':
      case 'ZkMigrationRecord':
      case 'BeginTransactionRecord':
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord':
        return;
      default:
        changes.partChanged(this.#security.apply(record));
    }
  }

  #applyTopic(record: MetadataRecordBody<'TopicRecord'>, changes: MetadataChanges): void {
    if (this.#topicsByName.has(record.name)) throw inconsistent(`topic ${record.name} is created a second time`);
    const topic: MutableTopic = { name: record.name, id: record.topicId, partitions: [] };
    this.#topicsByName.set(topic.name, topic);
    this.#topicsById.set(topic.id, topic);
    changes.topicCreated(topic.id);
  }

  #topicOrThrow(topicId: Uuid): MutableTopic {
    const topic = this.#topicsById.get(topicId);
    if (topic === undefined) throw inconsistent(`a record is about topic ${topicId}, which does not exist`);
    return topic;
  }

  #applyPartition(record: MetadataRecordBody<'PartitionRecord'>, changes: MetadataChanges): void {
    const topic = this.#topicOrThrow(record.topicId);
    const previous = topic.partitions[record.partitionId];
    if (record.partitionId < 0) throw inconsistent(`a partition of ${topic.name} has number ${record.partitionId}`);
    if (previous === undefined) this.#partitionCount++;
    topic.partitions[record.partitionId] = partitionFromRecord(record);
    changes.partitionChanged(topic.id, record.partitionId, previous);
  }

  #applyPartitionChange(record: MetadataRecordBody<'PartitionChangeRecord'>, changes: MetadataChanges): void {
    const topic = this.#topicOrThrow(record.topicId);
    const previous = topic.partitions[record.partitionId];
    if (previous === undefined) throw inconsistent(`${topic.name} has no partition ${record.partitionId} to change`);
    topic.partitions[record.partitionId] = changedPartition(previous, record);
    changes.partitionChanged(topic.id, record.partitionId, previous);
  }

  #applyRemoveTopic(record: MetadataRecordBody<'RemoveTopicRecord'>, changes: MetadataChanges): void {
    const topic = this.#topicOrThrow(record.topicId);
    this.#topicsById.delete(topic.id);
    this.#topicsByName.delete(topic.name);
    this.#partitionCount -= topic.partitions.length;
    if (this.#configs.get(RESOURCE_TOPIC)?.delete(topic.name)) changes.configChanged(RESOURCE_TOPIC, topic.name);
    changes.topicDeleted(topic);
  }

  #applyClearElr(record: MetadataRecordBody<'ClearElrRecord'>, changes: MetadataChanges): void {
    const named = record.topicName === '' ? [...this.#topicsById.values()] : [this.#topicsByName.get(record.topicName)];
    for (const topic of named) {
      if (topic === undefined)
        throw inconsistent(`the ELR of topic ${record.topicName}, which does not exist, is cleared`);
      for (const [id, partition] of topic.partitions.entries()) {
        const next = withoutElr(partition);
        if (next === partition) continue;
        topic.partitions[id] = next;
        changes.partitionChanged(topic.id, id, partition);
      }
    }
  }

  #applyConfig(record: MetadataRecordBody<'ConfigRecord'>, changes: MetadataChanges): void {
    let resources = this.#configs.get(record.resourceType);
    if (resources === undefined) {
      resources = new Map();
      this.#configs.set(record.resourceType, resources);
    }
    let configs = resources.get(record.resourceName);
    if (configs === undefined) {
      configs = new Map();
      resources.set(record.resourceName, configs);
    }
    if (record.value === null) configs.delete(record.name);
    else configs.set(record.name, record.value);
    if (configs.size === 0) resources.delete(record.resourceName);
    changes.configChanged(record.resourceType, record.resourceName);
  }

  #applyFeatureLevel(record: MetadataRecordBody<'FeatureLevelRecord'>, changes: MetadataChanges): void {
    if (record.featureLevel === 0) this.#features.delete(record.name);
    else this.#features.set(record.name, record.featureLevel);
    changes.partChanged('features');
  }

  #applyBroker(record: Extract<MetadataRecord, { type: `${string}Broker${string}` }>, changes: MetadataChanges): void {
    if (record.type === 'RegisterBrokerRecord') {
      const broker = brokerFromRecord(record.body);
      this.#brokers.set(broker.id, broker);
      changes.brokerChanged(broker.id);
      return;
    }
    if (record.type === 'BrokerRegistrationChangeRecord') {
      const broker = changedBroker(this.#brokers.get(record.body.brokerId), record.body);
      this.#brokers.set(broker.id, broker);
      changes.brokerChanged(broker.id);
      return;
    }
    if (record.type === 'UnregisterBrokerRecord') {
      this.#brokers.delete(record.body.brokerId);
      changes.brokerChanged(record.body.brokerId);
      return;
    }
    const { id, epoch } = record.body;
    const broker = checkEpoch(this.#brokers.get(id), id, epoch);
    this.#brokers.set(id, { ...broker, fenced: record.type === 'FenceBrokerRecord' });
    changes.brokerChanged(id);
  }

  /** The records that add up to this image, in the order of Kafka's snapshots. */
  toRecords(): MetadataRecord[] {
    const records: MetadataRecord[] = [];
    const metadataVersion = this.metadataVersion;
    for (const name of featureOrder(this.#features)) {
      records.push(metadataRecord('FeatureLevelRecord', { name, featureLevel: this.#features.get(name) ?? 0 }));
    }
    for (const broker of this.#brokers.values()) records.push(brokerToRecord(broker, metadataVersion));
    for (const controller of this.#controllers.values()) records.push(controllerToRecord(controller));
    for (const topic of this.#topicsById.values()) {
      records.push(metadataRecord('TopicRecord', { name: topic.name, topicId: topic.id }));
      for (const [id, partition] of topic.partitions.entries()) {
        records.push(partitionToRecord(topic.id, id, partition, metadataVersion));
      }
    }
    for (const [resourceType, resources] of this.#configs) {
      for (const [resourceName, configs] of resources) {
        for (const [name, value] of configs) {
          records.push(metadataRecord('ConfigRecord', { resourceType, resourceName, name, value }));
        }
      }
    }
    records.push(...this.#security.quotaRecords());
    if (this.#nextProducerId > 0) {
      const body = { brokerId: -1, brokerEpoch: -1, nextProducerId: this.#nextProducerId };
      records.push(metadataRecord('ProducerIdsRecord', body));
    }
    records.push(...this.#security.otherRecords());
    return records;
  }
}

// metadata.version comes first: it says which records may follow.
function featureOrder(features: ReadonlyMap<string, number>): string[] {
  const others = [...features.keys()].filter((name) => name !== METADATA_VERSION);
  return features.has(METADATA_VERSION) ? [METADATA_VERSION, ...others] : others;
}

function inconsistent(what: string): KafkaError {
  return new KafkaError('UNKNOWN_SERVER_ERROR', `the metadata log does not fit together: ${what}`);
}
