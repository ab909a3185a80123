import type { Clock } from '../base/clock.ts';
import type { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Uuid } from '../base/uuid.ts';
import type { GroupCoordinatorConfig } from './group-config.ts';

/** Where the state of groups is stored. */
export const OFFSETS_TOPIC = '__consumer_offsets';

/** What the coordinator wants to know of a request beside its body; the broker's RequestContext is one. */
export interface GroupRequestContext {
  readonly apiVersion: number;
  /** Empty when the client sent none. */
  readonly clientId: string;
  /** As members show it: `/127.0.0.1`. */
  readonly clientHost: string;
}

/** Takes the response to a request, now or later; only the first call counts. */
export type Reply<R> = (response: R) => void;

/** The part of the cluster's metadata that the coordinator reads; always the newest that the broker knows. */
export interface GroupMetadataView {
  topicId(name: string): Uuid | undefined;
  topicName(id: Uuid): string | undefined;
  /** 0 when there is no such topic. */
  partitionCount(name: string): number;
  /** Of all topics; for subscriptions by pattern. */
  topicNames(): Iterable<string>;
  /** Racks of the brokers that have the partition, in the order of its replicas; brokers without a rack are left out. */
  partitionRacks(name: string, partition: number): readonly string[];
  /** Configs that are set for a group (resource type GROUP). */
  groupConfigs(groupId: string): ReadonlyMap<string, string>;
  /** Offset of the newest metadata record that is known here. */
  readonly version: number;
  /** `version` when topics were last created; 0 when it is not known. */
  readonly newTopicsVersion: number;
  /** Grows whenever a topic or a partition of one changes. */
  readonly topicChanges: number;
}

/** One record of `__consumer_offsets`; a null value is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

/** The producer on whose behalf offsets are committed in a transaction. */
export interface TransactionProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/**
 * Appends records as one batch to a partition of `__consumer_offsets` that this broker leads, and returns the batch's
 * base offset. `buildCoordinatorBatch` makes that batch as Kafka does.
 *
 * Throws KafkaError when the log refuses it (NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, KAFKA_STORAGE_ERROR,
 * MESSAGE_TOO_LARGE, …): nothing was written then. Otherwise `onCommitted` is called exactly once, during the call or
 * later and in the order of the appends: without error once the high watermark is past the batch, with one when the
 * partition's leadership was lost first.
 */
export type AppendRecords = (
  partition: number,
  records: readonly CoordinatorRecord[],
  onCommitted: (error?: KafkaError) => void,
  transaction?: TransactionProducer,
) => number;

/** What a coordinator is built from. */
export interface GroupCoordinatorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: GroupCoordinatorConfig;
  readonly metadata: GroupMetadataView;
  readonly append: AppendRecords;
}
