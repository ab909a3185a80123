/**
 * DeleteRecords, key 21, versions 0-2: moves the log start; offset -1 is the high watermark. Answered when all replicas
 * have followed, or after timeoutMs.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { ErrorCode, errorCodeOf } from '../../protocol/error-codes.ts';
import {
  type DeleteRecordsRequest,
  deleteRecordsRequest,
  deleteRecordsResponse,
} from '../../protocol/messages/21-delete-records.ts';
import { defineHandler } from '../handler.ts';
import type { Partition } from '../partition.ts';
import { INTERNAL_TOPICS } from '../replica-manager.ts';
import type { BrokerServices } from '../services.ts';

type PartitionRequest = DeleteRecordsRequest['topics'][number]['partitions'][number];

const NO_LOW_WATERMARK = -1;

interface Answer {
  readonly partitionIndex: number;
  lowWatermark: number;
  errorCode: number;
}

interface Pending {
  readonly partition: Partition;
  readonly target: number;
  readonly answer: Answer;
}

export const deleteRecords = defineHandler({
  request: deleteRecordsRequest,
  response: deleteRecordsResponse,
  listeners: ['broker'],
  handle(services, request, context, reply) {
    const pending: Pending[] = [];
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => deleteInPartition(services, name, asked, pending)),
    }));
    services.replicaManager.purgatory.waitOrComplete(
      {
        isReady: () => pending.every(({ partition, target }) => hasReached(partition, target)),
        complete: () => {
          for (const { partition, target, answer } of pending) settle(partition, target, answer);
          reply({ topics });
        },
      },
      pending.map(({ partition }) => partition),
      Math.max(0, request.timeoutMs),
      context.link,
    );
  },
  errorResponse: (error, request) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        lowWatermark: NO_LOW_WATERMARK,
        errorCode: error.code,
      })),
    })),
  }),
});

function deleteInPartition(
  services: BrokerServices,
  topic: string,
  { partitionIndex, offset }: PartitionRequest,
  pending: Pending[],
): Answer {
  const answer: Answer = { partitionIndex, lowWatermark: NO_LOW_WATERMARK, errorCode: 0 };
  try {
    if (!services.replicaManager.exists(topic, partitionIndex)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION');
    if (INTERNAL_TOPICS.has(topic)) throw new KafkaError('INVALID_TOPIC_EXCEPTION');
    const partition = services.replicaManager.getOrThrow(topic, partitionIndex);
    pending.push({ partition, target: partition.deleteRecords(offset), answer });
  } catch (error) {
    if (!(error instanceof KafkaError)) services.logger.error(`deleting records of ${topic} failed`, error);
    answer.errorCode = errorCodeOf(error);
  }
  return answer;
}

function hasReached(partition: Partition, target: number): boolean {
  return !partition.isLeader || partition.lowWatermark >= target;
}

function settle(partition: Partition, target: number, answer: Answer): void {
  if (!partition.isLeader) {
    answer.errorCode = ErrorCode.NOT_LEADER_OR_FOLLOWER;
    return;
  }
  answer.lowWatermark = partition.lowWatermark;
  if (partition.lowWatermark < target) answer.errorCode = ErrorCode.REQUEST_TIMED_OUT;
}
