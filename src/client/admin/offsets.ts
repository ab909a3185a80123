import type { KafkaClient } from '../client.ts';
import type { CallOptions, Results, TopicPartition } from '../types.ts';

/** Special timestamps of ListOffsets; any other number is a time in ms. */
export const OffsetSpec = {
  LATEST: -1,
  EARLIEST: -2,
  MAX_TIMESTAMP: -3,
  EARLIEST_LOCAL: -4,
  LATEST_TIERED: -5,
  EARLIEST_PENDING_UPLOAD: -6,
} as const;

export interface OffsetAndTimestamp {
  /** -1 when there is no such offset. */
  readonly offset: number;
  /** -1 when not known. */
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

/** Offsets by partition; the keys are {@link import('../types.ts').partitionName}. */
export declare function listOffsets(
  client: KafkaClient,
  partitions: readonly (TopicPartition & { readonly timestamp: number })[],
  options?: CallOptions & { readonly readCommitted?: boolean },
): Promise<Results<string, OffsetAndTimestamp>>;

/** Deletes records before `beforeOffset` (-1 = the high watermark); the result is the new low watermark. */
export declare function deleteRecords(
  client: KafkaClient,
  partitions: readonly (TopicPartition & { readonly beforeOffset: number })[],
  options?: CallOptions,
): Promise<Results<string, number>>;

export interface ProducerState {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  /** -1 when no transaction is open. */
  readonly currentTransactionStartOffset: number;
}

/** Active producers of partitions; asks `brokerId` instead of the leader when given. */
export declare function describeProducers(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  options?: CallOptions & { readonly brokerId?: number | undefined },
): Promise<Results<string, ProducerState[]>>;
