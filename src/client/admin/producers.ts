import { describeProducersRequest, describeProducersResponse } from '../../protocol/messages/61-describe-producers.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf } from '../errors.ts';
import { keyedCall } from '../keyed-call.ts';
import { lookUpLeaders } from '../lookups.ts';
import { type CallOptions, partitionName, type Results, type TopicPartition } from '../types.ts';
import { partitionsByTopic } from './group-by-topic.ts';

export interface ProducerState {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  /** -1 when no transaction is open. */
  readonly currentTransactionStartOffset: number;
}

/** Active producers of partitions; asks `brokerId` instead of the leaders when given. */
export function describeProducers(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  options: CallOptions & { readonly brokerId?: number | undefined } = {},
): Promise<Results<string, ProducerState[]>> {
  const { brokerId } = options;
  const keys = new Map(partitions.map((one) => [partitionName(one.topic, one.partition), one]));
  return keyedCall(client, {
    name: 'describeProducers',
    api: 'DESCRIBE_PRODUCERS',
    lookupApi: 'METADATA',
    keys,
    timeoutMs: options.timeoutMs,
    lookup:
      brokerId === undefined
        ? lookUpLeaders(client)
        : async (lost) => new Map([...lost.keys()].map((id) => [id, brokerId])),
    attempt: async (connection, mine, timeoutMs) => {
      const asked = partitionsByTopic([...mine.values()]);
      const body = { topics: asked.map(([name, partitionIndexes]) => ({ name, partitionIndexes })) };
      const options = { timeoutMs };
      const response = await connection.send(describeProducersRequest, describeProducersResponse, body, options);
      const results: Results<string, ProducerState[]> = new Map();
      for (const topic of response.topics) {
        for (const { partitionIndex, errorCode, errorMessage, activeProducers } of topic.partitions) {
          const states = activeProducers.map(({ currentTxnStartOffset, unknownTaggedFields, ...rest }) => ({
            ...rest,
            currentTransactionStartOffset: currentTxnStartOffset,
          }));
          results.set(partitionName(topic.name, partitionIndex), errorOf(errorCode, errorMessage) ?? states);
        }
      }
      return results;
    },
  });
}
