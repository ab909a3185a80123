import { fetchRequest, fetchResponse } from '../protocol/messages/01-fetch.ts';
import * as batch from '../records/record-batch.ts';
import { byTopic } from './admin/group-by-topic.ts';
import type { KafkaClient } from './client.ts';
import { partitionName, type TopicPartition, type Uuid } from './types.ts';

/** Where one replica of a partition is to be read. */
export interface ReplicaFetch extends TopicPartition {
  readonly topicId: Uuid;
  readonly fetchOffset: number;
}

/** What a replica has from an offset on. */
export interface ReplicaRecords {
  /** -1 when the broker refuses. */
  readonly highWatermark: number;
  readonly records: Buffer | null;
}

export interface ReplicaFetchLimits {
  /** Bytes of each partition. */
  readonly partitionMaxBytes: number;
  readonly maxWaitMs: number;
  /** Until the answer must be there, in ms. */
  readonly timeoutMs: number;
}

/** The replica id by which Kafka's debugging tools read followers too. */
const DEBUGGING_CONSUMER_ID = -2;
/** A broker that is down must not keep its partitions on the others from being compared. */
const CONNECT_TIMEOUT_MS = 1000;

/**
 * Reads the replicas that one broker holds, follower or not, uncommitted records included. The results are by
 * `topic-partition`; rejects when the broker cannot be reached or does not answer.
 */
export async function fetchReplicas(
  client: KafkaClient,
  brokerId: number,
  partitions: readonly ReplicaFetch[],
  { partitionMaxBytes, maxWaitMs, timeoutMs }: ReplicaFetchLimits,
): Promise<Map<string, ReplicaRecords>> {
  const deadlineMs = client.environment.clock.nowMs() + CONNECT_TIMEOUT_MS;
  const connection = await client.assign(brokerId, deadlineMs, 'fetch');
  const names = new Map(partitions.map(({ topic, topicId }) => [topicId, topic]));
  const response = await connection.send(
    fetchRequest,
    fetchResponse,
    (version) => ({
      ...(version >= 15
        ? { replicaState: { replicaId: DEBUGGING_CONSUMER_ID } }
        : { replicaId: DEBUGGING_CONSUMER_ID }),
      maxWaitMs,
      minBytes: 1,
      topics: [...byTopic(partitions)].map(([topic, of]) => ({
        ...(version >= 13 ? { topicId: of[0]?.topicId } : { topic }),
        partitions: of.map(({ partition, fetchOffset }) => ({
          partition,
          fetchOffset,
          logStartOffset: 0,
          partitionMaxBytes,
        })),
      })),
    }),
    { timeoutMs },
  );
  const results = new Map<string, ReplicaRecords>();
  for (const { topic, topicId, partitions: of } of response.responses) {
    for (const { partitionIndex, highWatermark, records } of of) {
      results.set(partitionName(names.get(topicId) ?? topic, partitionIndex), { highWatermark, records });
    }
  }
  return results;
}

/** The last offset and the checksum of each whole batch. */
export function* batchHeaders(
  records: Buffer,
): Generator<{ readonly lastOffset: number; readonly checksum: number }, undefined> {
  for (let at = 0; at + batch.BATCH_HEADER_SIZE <= records.length; ) {
    const size = batch.batchSizeBytes(records, at);
    if (size < batch.BATCH_HEADER_SIZE || at + size > records.length) return undefined;
    yield { lastOffset: batch.lastOffset(records, at), checksum: batch.storedCrc(records, at) };
    at += size;
  }
  return undefined;
}
