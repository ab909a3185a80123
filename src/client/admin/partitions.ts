import type { KafkaClient } from '../client.ts';
import type { CallOptions, Results, TopicPartition } from '../types.ts';

export const ElectionType = { PREFERRED: 0, UNCLEAN: 1 } as const;

/** Elects leaders; `partitions` undefined = all. Results by `topic-partition`. */
export declare function electLeaders(
  client: KafkaClient,
  electionType: number,
  partitions: readonly TopicPartition[] | undefined,
  options?: CallOptions,
): Promise<Results<string, undefined>>;

/** `replicas` null cancels a reassignment. Results by `topic-partition`. */
export declare function alterPartitionReassignments(
  client: KafkaClient,
  reassignments: readonly (TopicPartition & { readonly replicas: readonly number[] | null })[],
  options?: CallOptions & { readonly allowReplicationFactorChange?: boolean },
): Promise<Results<string, undefined>>;

export interface PartitionReassignment extends TopicPartition {
  readonly replicas: readonly number[];
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
}

/** Ongoing reassignments; `partitions` undefined = all. */
export declare function listPartitionReassignments(
  client: KafkaClient,
  partitions?: readonly TopicPartition[] | undefined,
  options?: CallOptions,
): Promise<PartitionReassignment[]>;
