import type { KafkaClient } from '../client.ts';
import type { CallOptions, Node, Results, Uuid } from '../types.ts';

export interface TopicListing {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
}

export interface TopicPartitionInfo {
  readonly partition: number;
  /** null when the partition has no leader. */
  readonly leader: Node | null;
  /** Replicas that the cluster does not know as brokers have an empty host and port -1. */
  readonly replicas: readonly Node[];
  readonly isr: readonly Node[];
  /** Eligible leader replicas (KIP-966); undefined when the broker did not say. */
  readonly eligibleLeaderReplicas: readonly Node[] | undefined;
  readonly lastKnownElr: readonly Node[] | undefined;
}

export interface TopicDescription {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
  /** In the order of their numbers. */
  readonly partitions: readonly TopicPartitionInfo[];
  /** Bits of the ACL operations, undefined when not asked for. */
  readonly authorizedOperations: number | undefined;
}

export interface NewTopic {
  readonly name: string;
  /** undefined = the broker's default. */
  readonly numPartitions?: number | undefined;
  /** undefined = the broker's default. */
  readonly replicationFactor?: number | undefined;
  /** Partition -> replicas; excludes the two above. */
  readonly replicaAssignments?: ReadonlyMap<number, readonly number[]> | undefined;
  readonly configs?: ReadonlyMap<string, string> | undefined;
}

export interface CreatedTopic {
  readonly topicId: Uuid;
  readonly numPartitions: number;
  readonly replicationFactor: number;
}

export interface NewPartitions {
  readonly totalCount: number;
  /** Replicas of each added partition, when they are chosen by hand. */
  readonly newAssignments?: readonly (readonly number[])[] | undefined;
}

/** All topics, sorted by name. Internal ones only with `listInternal`. */
export declare function listTopics(
  client: KafkaClient,
  options?: CallOptions & { readonly listInternal?: boolean },
): Promise<TopicListing[]>;

/**
 * Describes topics by name through DescribeTopicPartitions with a cursor, or Metadata where the broker lacks that.
 * A topic that does not exist is UNKNOWN_TOPIC_OR_PARTITION in its result.
 */
export declare function describeTopics(
  client: KafkaClient,
  topics: readonly string[],
  options?: CallOptions & { readonly includeAuthorizedOperations?: boolean; readonly partitionSizeLimit?: number },
): Promise<Results<string, TopicDescription>>;

export declare function describeTopicsById(
  client: KafkaClient,
  topicIds: readonly Uuid[],
  options?: CallOptions & { readonly includeAuthorizedOperations?: boolean },
): Promise<Results<Uuid, TopicDescription>>;

export declare function createTopics(
  client: KafkaClient,
  topics: readonly NewTopic[],
  options?: CallOptions & { readonly validateOnly?: boolean },
): Promise<Results<string, CreatedTopic>>;

/** Success is undefined. */
export declare function deleteTopics(
  client: KafkaClient,
  topics: readonly string[],
  options?: CallOptions,
): Promise<Results<string, undefined>>;

export declare function createPartitions(
  client: KafkaClient,
  topics: ReadonlyMap<string, NewPartitions>,
  options?: CallOptions & { readonly validateOnly?: boolean },
): Promise<Results<string, undefined>>;
