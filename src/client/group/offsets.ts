import { KafkaError } from '../../base/kafka-error.ts';
import { ErrorCode, errorNameOf } from '../../protocol/error-codes.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../protocol/messages/09-offset-fetch.ts';
import type { KafkaClient } from '../client.ts';
import { isRetriable, serverError } from '../errors.ts';
import { partitionName, type TopicPartition } from '../types.ts';
import type { GroupCoordinator } from './coordinator.ts';

/** Under which membership offsets are read and committed. */
export interface Generation {
  readonly memberId: string;
  /** Generation of the classic protocol or member epoch of the consumer protocol; -1 outside a group. */
  readonly generationId: number;
  readonly groupInstanceId: string | null;
}

export type PartitionOffset = TopicPartition & { readonly offset: number };

// From version 10 on topics are named by their ids, which buys nothing here.
const NAMES_ONLY = { maxVersion: 9 };
const COORDINATOR_MOVED = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE']);

function byTopic<T extends TopicPartition, R>(items: readonly T[], make: (item: T) => R): Map<string, R[]> {
  const topics = new Map<string, R[]>();
  for (const item of items) {
    const list = topics.get(item.topic);
    if (list === undefined) topics.set(item.topic, [make(item)]);
    else list.push(make(item));
  }
  return topics;
}

/** Reads and writes the committed offsets of a group that this client is a member of. */
export class GroupOffsets {
  readonly #client: KafkaClient;
  readonly #coordinator: GroupCoordinator;

  constructor(client: KafkaClient, coordinator: GroupCoordinator) {
    this.#client = client;
    this.#coordinator = coordinator;
  }

  /** Commits offsets, with retries for `timeoutMs`. Rejects with the first error that time does not mend. */
  async commit(offsets: readonly PartitionOffset[], generation: Generation, timeoutMs: number): Promise<void> {
    if (offsets.length === 0) return;
    await this.#retry(timeoutMs, async () => {
      const topics = byTopic(offsets, ({ partition, offset }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedMetadata: '',
      }));
      const response = await this.#coordinator.send(
        offsetCommitRequest,
        offsetCommitResponse,
        {
          groupId: this.#coordinator.groupId,
          generationIdOrMemberEpoch: generation.generationId,
          memberId: generation.memberId,
          groupInstanceId: generation.groupInstanceId,
          topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
        },
        NAMES_ONLY,
      );
      for (const topic of response.topics) {
        for (const { errorCode } of topic.partitions) if (errorCode !== ErrorCode.NONE) throw serverError(errorCode);
      }
    });
  }

  /** The committed offsets by `topic-partition`; partitions without one are absent. */
  async committed(partitions: readonly TopicPartition[], generation: Generation): Promise<Map<string, number>> {
    const committed = new Map<string, number>();
    if (partitions.length === 0) return committed;
    const topics = [...byTopic(partitions, ({ partition }) => partition)].map(([name, partitionIndexes]) => ({
      name,
      partitionIndexes,
    }));
    await this.#retry(this.#client.config.defaultApiTimeoutMs, async () => {
      const { groupId } = this.#coordinator;
      const version = await this.#fetchVersion();
      const { memberId, generationId } = generation;
      const isMember = version >= 9 && generationId >= 0;
      const member = isMember ? { memberId, memberEpoch: generationId } : {};
      const body = version >= 8 ? { groups: [{ groupId, topics, ...member }] } : { groupId, topics };
      const bounds = { minVersion: version, maxVersion: version };
      const response = await this.#coordinator.send(offsetFetchRequest, offsetFetchResponse, body, bounds);
      const group = response.groups[0] ?? response;
      if (group.errorCode !== ErrorCode.NONE) throw serverError(group.errorCode);
      for (const topic of group.topics) {
        for (const { partitionIndex, committedOffset, errorCode } of topic.partitions) {
          if (errorCode !== ErrorCode.NONE) throw serverError(errorCode);
          if (committedOffset >= 0) committed.set(partitionName(topic.name, partitionIndex), committedOffset);
        }
      }
    });
    return committed;
  }

  // The request has another shape from version 8 on, so the version must be known before the body is made.
  async #fetchVersion(): Promise<number> {
    const node = await this.#coordinator.find();
    const connection = await this.#client.network.connect(node);
    return connection.versions.choose(offsetFetchRequest, NAMES_ONLY);
  }

  async #retry(timeoutMs: number, attempt: () => Promise<void>): Promise<void> {
    const { clock } = this.#client.environment;
    const deadlineMs = clock.nowMs() + timeoutMs;
    for (let tries = 0; ; tries++) {
      try {
        await attempt();
        return;
      } catch (error) {
        const isMoved = error instanceof KafkaError && COORDINATOR_MOVED.has(error.errorName);
        if (isMoved) this.#coordinator.forget();
        const backoffMs = this.#client.retryBackoffMs(tries);
        if (!isMoved && !isRetriable(error)) throw error;
        if (this.#client.isClosed || clock.nowMs() + backoffMs >= deadlineMs) throw error;
        await this.#client.sleep(backoffMs);
      }
    }
  }
}

/** Whether an error of a member's request means that the group no longer counts it in. */
export function isFenced(error: unknown): boolean {
  return error instanceof KafkaError && FENCED.has(error.errorName);
}

const FENCED = new Set(
  [
    ErrorCode.UNKNOWN_MEMBER_ID,
    ErrorCode.ILLEGAL_GENERATION,
    ErrorCode.FENCED_MEMBER_EPOCH,
    ErrorCode.STALE_MEMBER_EPOCH,
  ].map((code): string => errorNameOf(code)),
);
