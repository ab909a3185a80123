import type { KafkaClient } from '../client.ts';
import type { CallOptions, Results, TopicPartition } from '../types.ts';

export interface TransactionListing {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly state: string;
}

/** By the id of the broker that coordinates them. */
export declare function listTransactions(
  client: KafkaClient,
  options?: CallOptions & {
    readonly states?: readonly string[];
    readonly producerIds?: readonly number[];
    readonly durationMs?: number;
    readonly transactionalIdPattern?: string | undefined;
  },
): Promise<Results<number, TransactionListing[]>>;

export interface TransactionDescription {
  readonly coordinatorId: number;
  readonly state: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly transactionTimeoutMs: number;
  /** -1 when no transaction is open. */
  readonly transactionStartTimeMs: number;
  readonly topicPartitions: readonly TopicPartition[];
}

/** Results by transactional id. */
export declare function describeTransactions(
  client: KafkaClient,
  transactionalIds: readonly string[],
  options?: CallOptions,
): Promise<Results<string, TransactionDescription>>;

/** Writes an abort marker to the leader of a partition (hanging transactions, KIP-664). */
export declare function abortTransaction(
  client: KafkaClient,
  spec: TopicPartition & {
    readonly producerId: number;
    readonly producerEpoch: number;
    readonly coordinatorEpoch: number;
  },
  options?: CallOptions,
): Promise<void>;

export interface FencedProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Results by transactional id. */
export declare function fenceProducers(
  client: KafkaClient,
  transactionalIds: readonly string[],
  options?: CallOptions,
): Promise<Results<string, FencedProducer>>;
