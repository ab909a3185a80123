import { KafkaError } from '../../base/kafka-error.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../protocol/messages/22-init-producer-id.ts';
import { writeTxnMarkersRequest, writeTxnMarkersResponse } from '../../protocol/messages/27-write-txn-markers.ts';
import {
  describeTransactionsRequest,
  describeTransactionsResponse,
} from '../../protocol/messages/65-describe-transactions.ts';
import { listTransactionsRequest, listTransactionsResponse } from '../../protocol/messages/66-list-transactions.ts';
import type { KafkaClient } from '../client.ts';
import type { Connection } from '../connection.ts';
import { errorOf, namedError } from '../errors.ts';
import { keyedCall } from '../keyed-call.ts';
import { CoordinatorType, lookUpCoordinators, lookUpLeaders } from '../lookups.ts';
import { type CallOptions, partitionName, type Result, type Results, type TopicPartition } from '../types.ts';

export interface TransactionListing {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly state: string;
}

interface ListTransactionsOptions extends CallOptions {
  readonly states?: readonly string[];
  readonly producerIds?: readonly number[];
  /** Only transactions that are open for longer. */
  readonly durationMs?: number | undefined;
  readonly transactionalIdPattern?: string | undefined;
}

/** Transactions by the id of the broker that coordinates them (KIP-664). */
export async function listTransactions(
  client: KafkaClient,
  options: ListTransactionsOptions = {},
): Promise<Results<number, TransactionListing[]>> {
  await client.refreshNodes();
  const listed = [...client.metadata.brokers.keys()].map(
    async (brokerId) => [brokerId, await listAt(client, brokerId, options)] as const,
  );
  return new Map(await Promise.all(listed));
}

async function listAt(
  client: KafkaClient,
  brokerId: number,
  options: ListTransactionsOptions,
): Promise<Result<TransactionListing[]>> {
  const { durationMs = -1, transactionalIdPattern } = options;
  try {
    return await client.call({
      name: 'listTransactions(api=LIST_TRANSACTIONS)',
      node: brokerId,
      timeoutMs: options.timeoutMs,
      attempt: async (connection, timeoutMs) => {
        const body = {
          stateFilters: options.states ?? [],
          producerIdFilters: options.producerIds ?? [],
          ...(durationMs >= 0 ? { durationFilter: durationMs } : {}),
          ...(transactionalIdPattern === undefined ? {} : { transactionalIdPattern }),
        };
        const answer = await connection.send(listTransactionsRequest, listTransactionsResponse, body, { timeoutMs });
        const error = errorOf(answer.errorCode);
        if (error !== undefined) throw error;
        return answer.transactionStates.map(({ transactionalId, producerId, transactionState }) => ({
          transactionalId,
          producerId,
          state: transactionState,
        }));
      },
    });
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
}

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

function byCoordinator<V>(
  client: KafkaClient,
  name: string,
  api: string,
  transactionalIds: readonly string[],
  options: CallOptions,
  attempt: (connection: Connection, ids: readonly string[], timeoutMs: number) => Promise<Results<string, V>>,
): Promise<Results<string, V>> {
  return keyedCall<string, V>(client, {
    name,
    api,
    lookupApi: 'FIND_COORDINATOR',
    keys: new Map(transactionalIds.map((id) => [id, id])),
    timeoutMs: options.timeoutMs,
    lookup: lookUpCoordinators(CoordinatorType.TRANSACTION),
    attempt: (connection, mine, timeoutMs) => attempt(connection, [...mine.keys()], timeoutMs),
  });
}

/** Describes transactions; results by transactional id. */
export function describeTransactions(
  client: KafkaClient,
  transactionalIds: readonly string[],
  options: CallOptions = {},
): Promise<Results<string, TransactionDescription>> {
  const api = 'DESCRIBE_TRANSACTIONS';
  return byCoordinator(client, 'describeTransactions', api, transactionalIds, options, async (...args) => {
    const [connection, ids, timeoutMs] = args;
    const body = { transactionalIds: ids };
    const response = await connection.send(describeTransactionsRequest, describeTransactionsResponse, body, {
      timeoutMs,
    });
    return new Map(
      response.transactionStates.map((one) => {
        const description: TransactionDescription = {
          coordinatorId: connection.node.id,
          state: one.transactionState,
          producerId: one.producerId,
          producerEpoch: one.producerEpoch,
          transactionTimeoutMs: one.transactionTimeoutMs,
          transactionStartTimeMs: one.transactionStartTimeMs,
          topicPartitions: one.topics.flatMap(({ topic, partitions }) =>
            partitions.map((partition) => ({ topic, partition })),
          ),
        };
        return [one.transactionalId, errorOf(one.errorCode) ?? description];
      }),
    );
  });
}

type AbortSpec = TopicPartition & {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
};

/** Writes an abort marker to the leader of a partition, for transactions that hang (KIP-664). */
export async function abortTransaction(client: KafkaClient, spec: AbortSpec, options: CallOptions = {}): Promise<void> {
  const { topic, partition, producerId, producerEpoch, coordinatorEpoch } = spec;
  const name = partitionName(topic, partition);
  const results = await keyedCall<AbortSpec, undefined>(client, {
    name: 'abortTransaction',
    api: 'WRITE_TXN_MARKERS',
    lookupApi: 'METADATA',
    keys: new Map([[name, spec]]),
    timeoutMs: options.timeoutMs,
    lookup: lookUpLeaders(client),
    attempt: async (connection, _keys, timeoutMs) => {
      const marker = {
        producerId,
        producerEpoch,
        coordinatorEpoch,
        transactionResult: false,
        topics: [{ name: topic, partitionIndexes: [partition] }],
      };
      const body = { markers: [marker] };
      const response = await connection.send(writeTxnMarkersRequest, writeTxnMarkersResponse, body, { timeoutMs });
      const result = response.markers[0]?.topics[0]?.partitions[0];
      const missing = namedError('UNKNOWN_SERVER_ERROR', 'WriteTxnMarkers response did not contain the partition.');
      return new Map([[name, result === undefined ? missing : errorOf(result.errorCode)]]);
    },
  });
  const error = results.get(name);
  if (error !== undefined) throw error;
}

export interface FencedProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Fences off the producers that use transactional ids; results by transactional id. */
export function fenceProducers(
  client: KafkaClient,
  transactionalIds: readonly string[],
  options: CallOptions = {},
): Promise<Results<string, FencedProducer>> {
  const name = 'fenceProducer';
  return byCoordinator(
    client,
    name,
    'INIT_PRODUCER_ID',
    transactionalIds,
    options,
    async (connection, ids, timeoutMs) => {
      const results: Results<string, FencedProducer> = new Map();
      for (const transactionalId of ids) {
        const body = { transactionalId, transactionTimeoutMs: timeoutMs };
        const bounds = { timeoutMs, maxVersion: 5 };
        const response = await connection.send(initProducerIdRequest, initProducerIdResponse, body, bounds);
        const { producerId, producerEpoch } = response;
        const error = errorOf(response.errorCode);
        // Another initialisation is under way: trying again mends it, though the error does not say so.
        const isBusy = error?.errorName === 'CONCURRENT_TRANSACTIONS';
        results.set(
          transactionalId,
          isBusy ? namedError('COORDINATOR_LOAD_IN_PROGRESS') : (error ?? { producerId, producerEpoch }),
        );
      }
      return results;
    },
  );
}
