import { KafkaError } from '../../base/kafka-error.ts';
import {
  alterReplicaLogDirsRequest,
  alterReplicaLogDirsResponse,
} from '../../protocol/messages/34-alter-replica-log-dirs.ts';
import {
  type DescribeLogDirsResponse,
  describeLogDirsRequest,
  describeLogDirsResponse,
} from '../../protocol/messages/35-describe-log-dirs.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, namedError } from '../errors.ts';
import type { CallOptions, Result, Results } from '../types.ts';
import { partitionsByTopic } from './group-by-topic.ts';

export interface ReplicaInfo {
  readonly sizeBytes: number;
  readonly offsetLag: number;
  readonly isFuture: boolean;
}

export interface LogDirDescription {
  readonly logDir: string;
  readonly error: KafkaError | undefined;
  /** By topic, then partition. */
  readonly replicas: ReadonlyMap<string, ReadonlyMap<number, ReplicaInfo>>;
  /** -1 when the broker did not say. */
  readonly totalBytes: number;
  readonly usableBytes: number;
  readonly isCordoned: boolean;
}

/** Log directories of brokers, by broker id. */
export async function describeLogDirs(
  client: KafkaClient,
  brokerIds: readonly number[],
  options: CallOptions = {},
): Promise<Results<number, LogDirDescription[]>> {
  const described = brokerIds.map(async (id) => [id, await describeAt(client, id, options)] as const);
  return new Map(await Promise.all(described));
}

async function describeAt(
  client: KafkaClient,
  brokerId: number,
  options: CallOptions,
): Promise<Result<LogDirDescription[]>> {
  try {
    const response = await client.request({
      name: 'describeLogDirs',
      node: brokerId,
      timeoutMs: options.timeoutMs,
      request: describeLogDirsRequest,
      response: describeLogDirsResponse,
      body: () => ({ topics: null }),
    });
    // Up to version 2 an empty answer was how a broker said no.
    if (response.results.length > 0) return response.results.map(logDirDescription);
    return errorOf(response.errorCode) ?? namedError('CLUSTER_AUTHORIZATION_FAILED');
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
}

function logDirDescription(dir: DescribeLogDirsResponse['results'][number]): LogDirDescription {
  const replicas = new Map(
    dir.topics.map(({ name, partitions }) => [
      name,
      new Map(
        partitions.map(({ partitionIndex, partitionSize, offsetLag, isFutureKey }) => [
          partitionIndex,
          { sizeBytes: partitionSize, offsetLag, isFuture: isFutureKey },
        ]),
      ),
    ]),
  );
  const { logDir, totalBytes, usableBytes, isCordoned } = dir;
  return { logDir, error: errorOf(dir.errorCode), replicas, totalBytes, usableBytes, isCordoned };
}

export interface ReplicaInDirectory {
  readonly topic: string;
  readonly partition: number;
  readonly brokerId: number;
}

type ReplicaMove = ReplicaInDirectory & { readonly logDir: string };

/** Moves replicas to log directories of their brokers; results by `topic-partition-broker`. */
export async function alterReplicaLogDirs(
  client: KafkaClient,
  moves: readonly ReplicaMove[],
  options: CallOptions = {},
): Promise<Results<string, undefined>> {
  const results: Results<string, undefined> = new Map();
  const brokerIds = [...new Set(moves.map((move) => move.brokerId))];
  await Promise.all(
    brokerIds.map(async (brokerId) => {
      const mine = moves.filter((move) => move.brokerId === brokerId);
      const keyOf = (topic: string, partition: number): string => `${topic}-${partition}-${brokerId}`;
      try {
        const response = await alterAt(client, brokerId, mine, options);
        for (const { topicName, partitions } of response.results) {
          for (const { partitionIndex, errorCode } of partitions) {
            results.set(keyOf(topicName, partitionIndex), errorOf(errorCode));
          }
        }
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        for (const { topic, partition } of mine) results.set(keyOf(topic, partition), error);
      }
    }),
  );
  return results;
}

function alterAt(client: KafkaClient, brokerId: number, moves: readonly ReplicaMove[], options: CallOptions) {
  const paths = [...new Set(moves.map((move) => move.logDir))];
  const dirs = paths.map((path) => ({
    path,
    topics: partitionsByTopic(moves.filter((move) => move.logDir === path)).map(([name, partitions]) => ({
      name,
      partitions,
    })),
  }));
  return client.request({
    name: 'alterReplicaLogDirs',
    node: brokerId,
    timeoutMs: options.timeoutMs,
    request: alterReplicaLogDirsRequest,
    response: alterReplicaLogDirsResponse,
    body: () => ({ dirs }),
  });
}
