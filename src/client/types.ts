import type { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';

/** A broker or controller as the cluster announces it; bootstrap addresses have the ids -1, -2, … */
export interface Node {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What one item of a call came to: its value, or why it failed. Tell them apart with `instanceof KafkaError`. */
export type Result<T> = T | KafkaError;

/** Results per item, in the order of the request. */
export type Results<K, T> = Map<K, Result<T>>;

/** How long a call may take in ms with all its attempts; default `default.api.timeout.ms` (60 000). */
export interface CallOptions {
  readonly timeoutMs?: number | undefined;
}

/** The key of a partition in results: `topic-partition`, as Kafka prints it. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

export type { Uuid };
