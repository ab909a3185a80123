import type { Clock } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { assignorNames } from '../groups/consumer/assignor.ts';
import { buildCoordinatorBatch } from '../groups/coordinator-batch.ts';
import {
  defaultGroupCoordinatorConfig,
  type GroupCoordinatorConfig,
  MIGRATION_POLICIES,
} from '../groups/group-config.ts';
import { GroupCoordinator, type GroupPartitionLoader } from '../groups/group-coordinator.ts';
import {
  type CoordinatorRecord,
  type GroupMetadataView,
  OFFSETS_TOPIC,
  type TransactionProducer,
} from '../groups/types.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { MetadataChanges } from '../metadata/metadata-changes.ts';
import { type MetadataImage, RESOURCE_GROUP } from '../metadata/metadata-image.ts';
import type { MetadataLoader } from '../metadata/metadata-loader.ts';
import type { Partition } from './partition.ts';
import type { ReplicaManager } from './replica-manager.ts';

// What is read from a log at once while groups are loaded, and how much before others get their turn.
const READ_BYTES = 1024 * 1024;
const BYTES_PER_TURN = 4 * READ_BYTES;

/** An append whose replicas have not confirmed it yet. */
interface Unconfirmed {
  readonly requiredOffset: number;
  readonly onCommitted: (error?: KafkaError) => void;
}

export interface GroupHostOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly loader: MetadataLoader;
  /** Set after construction: the replica manager tells this host of leadership. */
  replicaManager(): ReplicaManager;
}

/**
 * Runs the group coordinator on the partitions of `__consumer_offsets` that this broker leads: loads them, writes its
 * records to them, and tells it when these are committed.
 */
export class GroupHost {
  readonly coordinator: GroupCoordinator;
  readonly #options: GroupHostOptions;
  readonly #unconfirmed = new Map<Partition, Unconfirmed[]>();
  readonly #confirming = new Set<Partition>();
  readonly #stopWatching = new Map<Partition, () => void>();
  readonly #metadata: ImageView;

  constructor(options: GroupHostOptions) {
    this.#options = options;
    const { clock, random, logger } = options;
    this.#metadata = new ImageView(options.loader);
    this.coordinator = new GroupCoordinator({
      clock,
      random,
      logger,
      config: groupCoordinatorConfig(options.config),
      metadata: this.#metadata,
      append: (partition, records, onCommitted, transaction) =>
        this.#append(partition, records, onCommitted, transaction),
    });
  }

  #append(
    index: number,
    records: readonly CoordinatorRecord[],
    onCommitted: (error?: KafkaError) => void,
    transaction: TransactionProducer | undefined,
  ): number {
    const replicaManager = this.#options.replicaManager();
    const partition = replicaManager.getOrThrow(OFFSETS_TOPIC, index);
    const batch = buildCoordinatorBatch(records, this.#options.clock.nowMs(), transaction);
    const { baseOffset, lastOffset } = replicaManager.appendOwn(partition, [batch]);
    const requiredOffset = lastOffset + 1;
    const waiting = this.#unconfirmed.get(partition);
    if (waiting === undefined && partition.log.highWatermark >= requiredOffset) {
      onCommitted();
      return baseOffset;
    }
    if (waiting !== undefined) {
      waiting.push({ requiredOffset, onCommitted });
      return baseOffset;
    }
    this.#unconfirmed.set(partition, [{ requiredOffset, onCommitted }]);
    this.#stopWatching.set(
      partition,
      replicaManager.watch(partition, () => this.#confirm(partition)),
    );
    return baseOffset;
  }

  #confirm(partition: Partition): void {
    const waiting = this.#unconfirmed.get(partition);
    // An answer brings in its connection's next request: what that appends is confirmed by the call under way.
    if (waiting === undefined || this.#confirming.has(partition)) return;
    this.#confirming.add(partition);
    try {
      this.#confirmAll(partition, waiting);
    } finally {
      this.#confirming.delete(partition);
    }
    if (waiting.length > 0) return;
    this.#unconfirmed.delete(partition);
    this.#stopWatching.get(partition)?.();
    this.#stopWatching.delete(partition);
  }

  #confirmAll(partition: Partition, waiting: Unconfirmed[]): void {
    let next = waiting[0];
    while (next !== undefined) {
      if (partition.isLeader && partition.log.highWatermark < next.requiredOffset) return;
      waiting.shift();
      next.onCommitted(
        partition.isLeader ? undefined : new KafkaError('NOT_LEADER_OR_FOLLOWER', `${partition} has a new leader`),
      );
      next = waiting[0];
    }
  }

  /** This broker began or ceased to lead a partition, of whatever topic. */
  leadershipChanged(partition: Partition, isLeader: boolean): void {
    if (partition.topic !== OFFSETS_TOPIC) return;
    if (this.#unconfirmed.has(partition)) this.#confirm(partition);
    if (isLeader) this.#load(partition, this.coordinator.onElection(partition.partition, partition.leaderEpoch));
    else this.coordinator.onResignation(partition.partition);
  }

  #load(partition: Partition, loader: GroupPartitionLoader): void {
    let offset = partition.log.logStartOffset;
    const turn = (): void => {
      try {
        for (let bytes = 0; bytes < BYTES_PER_TURN && loader.isActive; ) {
          const { log } = partition;
          offset = Math.max(offset, log.logStartOffset);
          const read = log.read(offset, READ_BYTES, log.logEndOffset, true);
          if (read.sizeBytes === 0) {
            loader.finish();
            return;
          }
          for (const chunk of read.chunks) loader.replayBatches(chunk);
          bytes += read.sizeBytes;
          offset = read.nextOffset;
        }
        if (loader.isActive) this.#options.clock.schedule(0, turn);
      } catch (error) {
        this.#options.logger.error(`the groups of ${partition} cannot be loaded`, error);
        loader.fail(error);
      }
    };
    turn();
  }

  /** Groups hear of changed topics. Of those that went, so do the offsets that were committed for them. */
  metadataChanged(changes: MetadataChanges): void {
    this.#metadata.changed(changes);
    if (changes.deletedTopics.size === 0) return;
    this.coordinator.onTopicsDeleted([...changes.deletedTopics.values()].map(({ id, name }) => ({ id, name })));
  }

  shutdown(): void {
    this.coordinator.shutdown();
  }
}

/** What the coordinator sees of the cluster's metadata. */
class ImageView implements GroupMetadataView {
  topicChanges = 0;
  #newTopicsVersion: number | undefined;
  readonly #image: MetadataImage;
  readonly #loader: MetadataLoader;

  constructor(loader: MetadataLoader) {
    this.#loader = loader;
    this.#image = loader.image;
  }

  // What was created before this broker looked is as new as it is.
  get newTopicsVersion(): number {
    this.#newTopicsVersion ??= this.version;
    return this.#newTopicsVersion;
  }

  get version(): number {
    return this.#loader.lastAppliedOffset;
  }

  changed({ createdTopics, deletedTopics, partitions }: MetadataChanges): void {
    if (createdTopics.size > 0) this.#newTopicsVersion = this.version;
    if (createdTopics.size + deletedTopics.size + partitions.size > 0) this.topicChanges++;
  }

  topicId(name: string) {
    return this.#image.topic(name)?.id;
  }

  topicName(id: string) {
    return this.#image.topicById(id)?.name;
  }

  partitionCount(name: string): number {
    return this.#image.topic(name)?.partitions.length ?? 0;
  }

  *topicNames(): Iterable<string> {
    for (const { name } of this.#image.topics()) yield name;
  }

  partitionRacks(name: string, partition: number): string[] {
    const replicas = this.#image.topic(name)?.partitions[partition]?.replicas ?? [];
    return replicas.flatMap((id) => this.#image.brokers.get(id)?.rack ?? []);
  }

  groupConfigs(groupId: string): ReadonlyMap<string, string> {
    return this.#image.configs(RESOURCE_GROUP, groupId);
  }
}

const MINUTE_MS = 60_000;

function groupCoordinatorConfig(config: BrokerConfig): GroupCoordinatorConfig {
  return {
    groupMinSessionTimeoutMs: config.number('group.min.session.timeout.ms'),
    groupMaxSessionTimeoutMs: config.number('group.max.session.timeout.ms'),
    groupInitialRebalanceDelayMs: config.number('group.initial.rebalance.delay.ms'),
    groupMaxSize: config.number('group.max.size'),
    offsetMetadataMaxBytes: config.number('offset.metadata.max.bytes'),
    offsetsRetentionMs: config.number('offsets.retention.minutes') * MINUTE_MS,
    offsetsRetentionCheckIntervalMs: config.number('offsets.retention.check.interval.ms'),
    offsetsCommitTimeoutMs: config.number('offsets.commit.timeout.ms'),
    offsetsTopicNumPartitions: config.number('offsets.topic.num.partitions'),
    consumerSessionTimeoutMs: config.number('group.consumer.session.timeout.ms'),
    consumerHeartbeatIntervalMs: config.number('group.consumer.heartbeat.interval.ms'),
    consumerMaxSize: config.number('group.consumer.max.size'),
    // This one may be changed while the broker runs.
    get consumerAssignmentIntervalMs() {
      return config.number('group.consumer.assignment.interval.ms');
    },
    consumerSessionTimeoutBoundsMs: bounds(config, 'session.timeout.ms'),
    consumerHeartbeatIntervalBoundsMs: bounds(config, 'heartbeat.interval.ms'),
    consumerAssignmentIntervalBoundsMs: bounds(config, 'assignment.interval.ms'),
    consumerAssignors: assignorNames(config.list('group.consumer.assignors')),
    consumerMigrationPolicy:
      MIGRATION_POLICIES.get(config.string('group.consumer.migration.policy').toLowerCase()) ??
      defaultGroupCoordinatorConfig.consumerMigrationPolicy,
    consumerRegexRefreshIntervalMs: config.number('group.consumer.regex.refresh.interval.ms'),
  };
}

function bounds(config: BrokerConfig, name: string): { min: number; max: number } {
  return { min: config.number(`group.consumer.min.${name}`), max: config.number(`group.consumer.max.${name}`) };
}
