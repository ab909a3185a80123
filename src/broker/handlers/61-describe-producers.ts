/** DescribeProducers, key 61, version 0 (KIP-664): the producers that a partition's leader remembers. */
import { KafkaError } from '../../base/kafka-error.ts';
import { describeProducersRequest, describeProducersResponse } from '../../protocol/messages/61-describe-producers.ts';
import { defineHandler, handlerError } from '../handler.ts';
import type { BrokerServices } from '../services.ts';
import { isValidTopicName } from '../topic-names.ts';

export const describeProducers = defineHandler({
  request: describeProducersRequest,
  response: describeProducersResponse,
  listeners: ['broker'],
  handle(services, request, _context, reply) {
    reply({
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => {
          try {
            return { partitionIndex, activeProducers: activeProducers(services, name, partitionIndex) };
          } catch (error) {
            const { code, message } = handlerError(error);
            return { partitionIndex, errorCode: code, errorMessage: message };
          }
        }),
      })),
    });
  },
  errorResponse: (error, request) => ({
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        errorCode: error.code,
        errorMessage: error.message,
      })),
    })),
  }),
});

function activeProducers(services: BrokerServices, topic: string, partition: number) {
  if (!isValidTopicName(topic)) throw new KafkaError('INVALID_TOPIC_EXCEPTION');
  const log = services.replicaManager.getOrThrow(topic, partition).logFor(-1, true);
  return log.activeProducers().map(({ currentTransactionStartOffset, ...producer }) => ({
    ...producer,
    currentTxnStartOffset: currentTransactionStartOffset,
  }));
}
