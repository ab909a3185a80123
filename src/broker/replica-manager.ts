import type { Clock, Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Uuid } from '../base/uuid.ts';
import type { LogManager } from '../log/log-manager.ts';
import type { AppendOptions, AppendResult } from '../log/partition-log-types.ts';
import type { MetadataChanges } from '../metadata/metadata-changes.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import type { PartitionRegistration } from '../metadata/partition-registration.ts';
import { supportsDirectoryAssignment } from '../metadata/record-versions.ts';
import { DiskTrouble } from './disk-trouble.ts';
import { Partition, type PartitionEnvironment } from './partition.ts';
import { Purgatory } from './purgatory.ts';
import type { Replication } from './replication/replication.ts';

/** Topics that only the broker itself may write to. */
export const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
]);

/** How many logs are made before the event loop gets a turn: each is a folder and two files, about a millisecond. */
const LOGS_MADE_AT_ONCE = 64;
/** How long a log that could not be made is left alone. */
const STORAGE_BACKOFF_MS = 5000;

export interface ReplicaManagerOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly logManager: LogManager;
  readonly image: MetadataImage;
  readonly replication: Replication;
  readonly replicaLagTimeMaxMs: number;
  /** Epoch of this broker's registration. */
  brokerEpoch(): number;
  minInsyncReplicas(topic: string): number;
  /** Told when this broker starts or stops to lead a partition. */
  readonly onLeadership: (partition: Partition, isLeader: boolean) => void;
}

/**
 * The partitions of which this broker is a replica. Acts on the committed metadata, and is where requests wait for
 * partitions to move.
 */
export class ReplicaManager {
  readonly purgatory: Purgatory;
  readonly replication: Replication;
  readonly #options: ReplicaManagerOptions;
  readonly #environment: PartitionEnvironment;
  readonly #partitions = new Map<string, (Partition | undefined)[]>();
  readonly #highWatermarkListeners = new Map<Partition, Set<(partition: Partition) => void>>();
  /** Partitions whose logs are still to be made. */
  #unmade: { readonly topicId: Uuid; readonly index: number }[] = [];
  /** What disks refuse; see there. */
  readonly diskTrouble: DiskTrouble;
  #unmadeTimer: Timer | undefined;
  #isShutDown = false;

  constructor(options: ReplicaManagerOptions) {
    this.#options = options;
    this.diskTrouble = new DiskTrouble(options.clock, options.logger);
    this.purgatory = new Purgatory(options.clock, options.logger);
    this.replication = options.replication;
    this.#environment = {
      nodeId: options.nodeId,
      clock: options.clock,
      logger: options.logger,
      replicaLagTimeMaxMs: options.replicaLagTimeMaxMs,
      minInsyncReplicas: options.minInsyncReplicas,
      brokerEpoch: () => options.brokerEpoch(),
      broker: (id) => options.image.brokers.get(id),
      alterIsr: ({ topicId, partition }, update, done) =>
        options.replication.alterPartitions.submit(topicId, partition, update, done),
      changed: (partition) => this.#changed(partition),
    };
  }

  #changed(partition: Partition): void {
    this.purgatory.touch(partition);
    const listeners = this.#highWatermarkListeners.get(partition);
    if (listeners !== undefined) for (const listener of [...listeners]) listener(partition);
  }

  /** Calls `listener` whenever the partition's offsets or leadership move, until the returned function is called. */
  watch(partition: Partition, listener: (partition: Partition) => void): () => void {
    const listeners = this.#highWatermarkListeners.get(partition) ?? new Set();
    this.#highWatermarkListeners.set(partition, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#highWatermarkListeners.delete(partition);
    };
  }

  /** The partition, when this broker is a replica of it. */
  get(topic: string, partition: number): Partition | undefined {
    return this.#partitions.get(topic)?.[partition];
  }

  /**
   * The partition. Throws UNKNOWN_TOPIC_OR_PARTITION when the cluster has none, NOT_LEADER_OR_FOLLOWER when this broker
   * is no replica of it.
   */
  getOrThrow(topic: string, partition: number): Partition {
    const found = this.get(topic, partition);
    if (found !== undefined) return found;
    if (this.#options.image.topic(topic)?.partitions[partition] !== undefined) {
      throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `this broker is no replica of ${topic}-${partition}`);
    }
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${topic}-${partition}`);
  }

  /** All partitions that this broker hosts. */
  *partitions(): IterableIterator<Partition> {
    for (const ofTopic of this.#partitions.values()) {
      for (const partition of ofTopic) if (partition !== undefined) yield partition;
    }
  }

  /** Whether a topic of the cluster has this partition number. */
  exists(topic: string, partition: number): boolean {
    return this.#options.image.topic(topic)?.partitions[partition] !== undefined;
  }

  /**
   * Acts on committed metadata: deletes and creates logs, takes up and gives up leadership. Where many logs are to be
   * made this goes on in later turns of the event loop, so that heartbeats and the quorum's fetches are not held up; what
   * the metadata says then counts.
   */
  applyChanges(changes: MetadataChanges): void {
    for (const topic of changes.deletedTopics.values()) this.#deleteTopic(topic.name);
    let madeCount = 0;
    for (const [topicId, partitions] of changes.partitions) {
      for (const index of partitions.keys()) {
        if (madeCount >= LOGS_MADE_AT_ONCE && this.#isUnmade(topicId, index)) this.#unmade.push({ topicId, index });
        else if (this.#applyCurrent(topicId, index)) madeCount++;
      }
    }
    if (this.#unmade.length > 0) this.#makeMoreLater();
    this.replication.fetchers.closeIdle();
    if (changes.configs.size > 0) this.replication.configsChanged();
  }

  #isUnmade(topicId: Uuid, index: number): boolean {
    const topic = this.#options.image.topicById(topicId);
    if (topic === undefined || this.get(topic.name, index) !== undefined) return false;
    return topic.partitions[index]?.replicas.includes(this.#options.nodeId) === true;
  }

  // Whether a log was made for it.
  #applyCurrent(topicId: Uuid, index: number): boolean {
    const topic = this.#options.image.topicById(topicId);
    const registration = topic?.partitions[index];
    if (topic === undefined || registration === undefined) return false;
    const isUnmade = this.#isUnmade(topicId, index);
    this.#applyPartition(topic.name, topicId, index, registration);
    return isUnmade;
  }

  // A disk that is full may be given room again.
  #makeAgainLater(topicId: Uuid, index: number): void {
    this.#options.clock.schedule(STORAGE_BACKOFF_MS, () => {
      if (this.#isShutDown || !this.#isUnmade(topicId, index)) return;
      this.#unmade.push({ topicId, index });
      this.#makeMoreLater();
    });
  }

  #makeMoreLater(): void {
    this.#unmadeTimer ??= this.#options.clock.schedule(0, () => {
      this.#unmadeTimer = undefined;
      for (const { topicId, index } of this.#unmade.splice(0, LOGS_MADE_AT_ONCE)) {
        if (this.#isUnmade(topicId, index)) this.#applyCurrent(topicId, index);
      }
      if (this.#unmade.length > 0) this.#makeMoreLater();
      this.replication.fetchers.closeIdle();
    });
  }

  /** Takes up all partitions of this broker that the metadata has. */
  takeUpAll(): void {
    for (const topic of this.#options.image.topics()) {
      for (const [index, registration] of topic.partitions.entries()) {
        this.#applyPartition(topic.name, topic.id, index, registration);
      }
    }
    this.replication.startShrinking(this.#options.replicaLagTimeMaxMs / 2, () => this.#shrinkIsrs());
  }

  #shrinkIsrs(): void {
    for (const partition of this.partitions()) partition.leadership?.maybeShrinkIsr();
  }

  #deleteTopic(topic: string): void {
    const partitions = this.#partitions.get(topic);
    if (partitions === undefined) return;
    this.#partitions.delete(topic);
    for (const partition of partitions) if (partition !== undefined) this.#stop(partition, true);
  }

  #applyPartition(topic: string, topicId: Uuid, index: number, registration: PartitionRegistration): void {
    const { nodeId, logger } = this.#options;
    let partition = this.get(topic, index);
    if (!registration.replicas.includes(nodeId)) {
      if (partition === undefined) return;
      this.#partitions.get(topic)?.splice(index, 1, undefined);
      this.#stop(partition, true);
      return;
    }
    if (partition === undefined) {
      try {
        partition = this.#create(topic, topicId, index, registration);
      } catch (error) {
        this.diskTrouble.report(`the log of ${topic}-${index} cannot be opened, trying again later`, error);
        this.#makeAgainLater(topicId, index);
        return;
      }
    }
    try {
      if (registration.leader === nodeId) this.#lead(partition, registration);
      else this.#follow(partition, registration);
    } catch (error) {
      logger.error(`${partition} could not change its leader`, error);
    }
    this.#checkDirectory(partition);
  }

  #lead(partition: Partition, registration: PartitionRegistration): void {
    this.replication.fetchers.unfollow(partition);
    if (partition.becomeLeader(registration)) this.#options.onLeadership(partition, true);
  }

  #follow(partition: Partition, registration: PartitionRegistration): void {
    const { nodeId, image, onLeadership } = this.#options;
    const { fetchers } = this.replication;
    const wasLeader = partition.isLeader;
    partition.becomeFollower(registration);
    if (wasLeader && !partition.isLeader) onLeadership(partition, false);
    const isLeaving = image.brokers.get(nodeId)?.inControlledShutdown === true;
    // One that is on its way out and out of the ISR already would only come back into it.
    if (isLeaving && !registration.isr.includes(nodeId)) fetchers.unfollow(partition);
    else fetchers.follow(partition);
  }

  // The controller places replicas on brokers; on which of its folders is this broker's to decide, and to tell.
  #checkDirectory(partition: Partition): void {
    const { nodeId, logManager, image } = this.#options;
    if (!supportsDirectoryAssignment(image.metadataVersion)) return;
    const { topic, topicId, partition: index, registration } = partition;
    const directoryId = logManager.directoryIds.get(logManager.directoryOf(topic, index) ?? '');
    if (directoryId === undefined) return;
    const { directories } = this.replication;
    if (registration.directories[registration.replicas.indexOf(nodeId)] === directoryId) {
      directories.forget(topicId, index);
    } else directories.assign(topicId, index, directoryId);
  }

  #create(topic: string, topicId: Uuid, index: number, registration: PartitionRegistration): Partition {
    const { nodeId, logManager } = this.#options;
    const assigned = registration.directories[registration.replicas.indexOf(nodeId)];
    const home = [...logManager.directoryIds].find(([, id]) => id === assigned)?.[0];
    const log = logManager.getOrCreate(topic, index, topicId, home);
    const partition = new Partition(this.#environment, topic, topicId, index, log, registration);
    const ofTopic = this.#partitions.get(topic) ?? [];
    this.#partitions.set(topic, ofTopic);
    while (ofTopic.length <= index) ofTopic.push(undefined);
    ofTopic[index] = partition;
    return partition;
  }

  #stop(partition: Partition, deleteLog: boolean): void {
    this.replication.fetchers.unfollow(partition);
    this.replication.directories.forget(partition.topicId, partition.partition);
    this.#resign(partition);
    this.#highWatermarkListeners.delete(partition);
    if (!deleteLog) return;
    try {
      this.#options.logManager.delete(partition.topic, partition.partition);
    } catch (error) {
      this.#options.logger.error(`the log of ${partition} cannot be deleted`, error);
    }
  }

  #resign(partition: Partition): void {
    const wasLeader = partition.isLeader;
    const { registration, partitionEpoch } = partition;
    partition.becomeFollower({ ...registration, partitionEpoch, leader: -1 });
    if (wasLeader) this.#options.onLeadership(partition, false);
  }

  /** Appends what this broker itself has to write, e.g. group records, in one atomic write. */
  appendOwn(partition: Partition, batches: readonly Buffer[], options: AppendOptions = {}): AppendResult {
    return partition.append(batches, -1, { origin: 'coordinator', ...options });
  }

  /** Gives up all leadership, for a clean stop: what waits is answered. */
  shutdown(): void {
    this.#isShutDown = true;
    this.#unmadeTimer?.cancel();
    this.replication.close();
    for (const partition of this.partitions()) if (partition.isLeader) this.#resign(partition);
    this.purgatory.completeAll();
  }
}
