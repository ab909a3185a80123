import type { KafkaError } from '../base/kafka-error.ts';
import { metadataRequest, metadataResponse } from '../protocol/messages/03-metadata.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../protocol/messages/10-find-coordinator.ts';
import type { KafkaClient } from './client.ts';
import type { Connection } from './connection.ts';
import { errorOf, isRetriable } from './errors.ts';
import type { Places } from './keyed-call.ts';
import type { TopicPartition } from './types.ts';

const IGNORED_UNTIL_TIMEOUT = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'BROKER_NOT_AVAILABLE']);

/** Finds the leaders of partitions by Metadata. An unknown topic is asked for again until time is up, as Kafka does. */
export function lookUpLeaders(client: KafkaClient) {
  return async (
    keys: ReadonlyMap<string, TopicPartition>,
    connection: Connection,
    timeoutMs: number,
  ): Promise<Places> => {
    const names = [...new Set([...keys.values()].map((key) => key.topic))];
    const response = await connection.send(
      metadataRequest,
      metadataResponse,
      (version) => ({
        topics: names.map((name) => ({ name })),
        ...(version >= 4 ? { allowAutoTopicCreation: false } : {}),
      }),
      { timeoutMs },
    );
    client.takeMetadata(response);
    const topics = new Map(response.topics.map((topic) => [topic.name, topic]));
    const places: Places = new Map();
    for (const [id, key] of keys) {
      const topic = topics.get(key.topic);
      const error = errorOf(topic?.errorCode ?? 0);
      if (error !== undefined && !IGNORED_UNTIL_TIMEOUT.has(error.errorName)) places.set(id, error);
      const partition = topic?.partitions.find((one) => one.partitionIndex === key.partition);
      if (partition !== undefined && partition.leaderId >= 0) places.set(id, partition.leaderId);
    }
    return places;
  };
}

export const CoordinatorType = { GROUP: 0, TRANSACTION: 1 } as const;

/** Finds the coordinators of groups or transactional ids, in one request where the broker can (KIP-699). */
export function lookUpCoordinators(keyType: number) {
  return async (keys: ReadonlyMap<string, string>, connection: Connection, timeoutMs: number): Promise<Places> => {
    const version = connection.versions.choose(findCoordinatorRequest);
    const places: Places = new Map();
    const take = (key: string, nodeId: number, error: KafkaError | undefined): void => {
      if (error === undefined) places.set(key, nodeId);
      else if (!isRetriable(error)) places.set(key, error);
    };
    if (version >= 4) {
      const body = { keyType, coordinatorKeys: [...keys.keys()] };
      const response = await connection.send(findCoordinatorRequest, findCoordinatorResponse, body, { timeoutMs });
      for (const found of response.coordinators) {
        take(found.key, found.nodeId, errorOf(found.errorCode, found.errorMessage));
      }
      return places;
    }
    for (const key of keys.keys()) {
      const body = version === 0 ? { key } : { key, keyType };
      const response = await connection.send(findCoordinatorRequest, findCoordinatorResponse, body, { timeoutMs });
      take(key, response.nodeId, errorOf(response.errorCode, response.errorMessage));
    }
    return places;
  };
}
