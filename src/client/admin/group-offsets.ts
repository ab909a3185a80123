import type { KafkaClient } from '../client.ts';
import type { CallOptions, Results, TopicPartition } from '../types.ts';

export interface OffsetAndMetadata {
  readonly offset: number;
  /** -1 when not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/**
 * Committed offsets of groups: for each group a map of `topic-partition` to the offset, null where nothing is committed.
 * `partitions` undefined = all that the group committed.
 */
export declare function listConsumerGroupOffsets(
  client: KafkaClient,
  groups: ReadonlyMap<string, readonly TopicPartition[] | undefined>,
  options?: CallOptions & { readonly requireStable?: boolean },
): Promise<Results<string, Map<string, CommittedOffset>>>;

export interface CommittedOffset extends TopicPartition {
  readonly committed: OffsetAndMetadata | null;
}

/** Results by `topic-partition`. Throws when the group as a whole refuses. */
export declare function alterConsumerGroupOffsets(
  client: KafkaClient,
  groupId: string,
  offsets: readonly (TopicPartition & Partial<OffsetAndMetadata> & { readonly offset: number })[],
  options?: CallOptions,
): Promise<Results<string, undefined>>;

/** Results by `topic-partition`. Throws when the group as a whole refuses. */
export declare function deleteConsumerGroupOffsets(
  client: KafkaClient,
  groupId: string,
  partitions: readonly TopicPartition[],
  options?: CallOptions,
): Promise<Results<string, undefined>>;

export interface ShareGroupOffset extends TopicPartition {
  readonly startOffset: number;
  readonly leaderEpoch: number;
  /** undefined when not known. */
  readonly lag: number | undefined;
}

export declare function listShareGroupOffsets(
  client: KafkaClient,
  groups: ReadonlyMap<string, readonly TopicPartition[] | undefined>,
  options?: CallOptions,
): Promise<Results<string, Map<string, ShareGroupOffset>>>;

export declare function alterShareGroupOffsets(
  client: KafkaClient,
  groupId: string,
  offsets: readonly (TopicPartition & { readonly offset: number })[],
  options?: CallOptions,
): Promise<Results<string, undefined>>;

/** Results by topic. */
export declare function deleteShareGroupOffsets(
  client: KafkaClient,
  groupId: string,
  topics: readonly string[],
  options?: CallOptions,
): Promise<Results<string, undefined>>;
