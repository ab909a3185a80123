/** DescribeProducers, key 61, version 0 (KIP-664): the producers that a partition's leader remembers. */
import { KafkaError } from '../../base/kafka-error.ts';
import { checkTopicName } from '../../metadata/topic-name.ts';
import { errorCodeOf, errorInfo } from '../../protocol/error-codes.ts';
import { describeProducersRequest, describeProducersResponse } from '../../protocol/messages/61-describe-producers.ts';
import { defineHandler, handlerError } from '../handler.ts';
import type { BrokerServices } from '../services.ts';

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
            checkTopic(services, name);
          } catch (error) {
            const { code, message } = handlerError(error);
            return { partitionIndex, errorCode: code, errorMessage: message };
          }
          try {
            return { partitionIndex, activeProducers: activeProducers(services, name, partitionIndex) };
          } catch (error) {
            return { partitionIndex, errorCode: errorCodeOf(error) };
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

// As in Kafka what is wrong with a topic comes with a text, what is wrong with a partition without.
function checkTopic(services: BrokerServices, topic: string): void {
  checkTopicName(topic);
  if (services.image.topic(topic) === undefined) {
    const { message } = errorInfo('UNKNOWN_TOPIC_OR_PARTITION');
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', message ?? undefined);
  }
}

function activeProducers(services: BrokerServices, topic: string, partition: number) {
  const log = services.replicaManager.getOrThrow(topic, partition).logFor(-1, true);
  return log.activeProducers().map(({ currentTransactionStartOffset, ...producer }) => ({
    ...producer,
    currentTxnStartOffset: currentTransactionStartOffset,
  }));
}
