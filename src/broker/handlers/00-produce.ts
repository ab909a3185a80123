/**
 * Produce, key 0, versions 3-13; 0-2 are advertised but not served (KAFKA-18659). v13: topics by id. v10: an answer of
 * NOT_LEADER_OR_FOLLOWER names the leader (KIP-951). v8: refused records are listed (KIP-467). v7: zstd.
 *
 * The request's bytes are received into memory that is used again as soon as handle returns: what was to be appended
 * later would have to be copied.
 *
 * acks=0 is never answered; if something fails the connection is closed. Transactional batches go through only where a
 * transaction was verified, which needs a transaction coordinator.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { ZERO_UUID } from '../../base/uuid.ts';
import type { AppendResult } from '../../log/partition-log-types.ts';
import { ErrorCode, errorCodeOf } from '../../protocol/error-codes.ts';
import {
  type ProduceRequest,
  type ProduceResponseInput,
  produceRequest,
  produceResponse,
} from '../../protocol/messages/00-produce.ts';
import * as recordBatch from '../../records/record-batch.ts';
import { RecordValidationError } from '../../records/record-errors.ts';
import { currentLeaderOf, LeaderHints } from '../current-leader.ts';
import { defineHandler, type Reply, type RequestContext } from '../handler.ts';
import type { Partition } from '../partition.ts';
import { INTERNAL_TOPICS } from '../replica-manager.ts';
import type { BrokerServices } from '../services.ts';

type TopicData = ProduceRequest['topicData'][number];
type PartitionData = TopicData['partitionData'][number];
type PartitionAnswer = NonNullable<
  NonNullable<NonNullable<ProduceResponseInput['responses']>[number]['partitionResponses']>
>[number];

/** A partition's answer that is not final yet: the replicas have not confirmed `requiredOffset`. */
interface Pending {
  readonly partition: Partition;
  readonly requiredOffset: number;
  readonly answer: MutableAnswer;
}

type MutableAnswer = { -readonly [K in keyof PartitionAnswer]: PartitionAnswer[K] };

const FIRST_VERSION_WITH_LEADER = 10;
const FIRST_VERSION_WITH_TOPIC_IDS = 13;
const FIRST_VERSION_WITH_ZSTD = 7;
const ZSTD = 4;
/** Of a record of the oldest format. */
const MIN_BATCH_LENGTH = 14;
/** Errors of an append after which Kafka does not tell where the log starts. */
const WITHOUT_LOG_START: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.UNKNOWN_TOPIC_ID,
]);

export const produce = defineHandler({
  request: produceRequest,
  response: produceResponse,
  advertisedVersions: { min: 0, max: 13 },
  listeners: ['broker'],
  handle(services, request, context, reply) {
    if (hasTransactionalBatch(request) && request.transactionalId === null) {
      throw new KafkaError('TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    }
    new ProduceCall(services, request, context, reply).run();
  },
  errorResponse: (error, request) => ({
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({
        ...failedAnswer(index, error.code),
        errorMessage: error.message,
      })),
    })),
  }),
});

function failedAnswer(index: number, errorCode: number): MutableAnswer {
  return { index, errorCode, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 };
}

// Also where a batch of a shape that no version of Kafka knows fails the request as a whole.
function hasTransactionalBatch(request: ProduceRequest): boolean {
  for (const { partitionData } of request.topicData) {
    for (const { records } of partitionData) {
      if (records === null || records.length < recordBatch.LOG_OVERHEAD + 5) continue;
      checkShape(records);
      if (records.length < recordBatch.BATCH_HEADER_SIZE) continue;
      if (recordBatch.hasProducerId(records, 0) && recordBatch.isTransactional(records, 0)) return true;
    }
  }
  return false;
}

class ProduceCall {
  readonly #services: BrokerServices;
  readonly #request: ProduceRequest;
  readonly #context: RequestContext;
  readonly #reply: Reply<typeof produceResponse.fields>;
  readonly #answers: { name: string; topicId: string; partitionResponses: MutableAnswer[] }[] = [];
  readonly #pending: Pending[] = [];
  readonly #leaders = new LeaderHints();
  #hasError = false;

  constructor(
    services: BrokerServices,
    request: ProduceRequest,
    context: RequestContext,
    reply: Reply<typeof produceResponse.fields>,
  ) {
    this.#services = services;
    this.#request = request;
    this.#context = context;
    this.#reply = reply;
  }

  run(): void {
    for (const topic of this.#request.topicData) this.#appendTopic(topic);
    if (this.#pending.length === 0) this.#finish();
    else this.#awaitReplicas();
  }

  #appendTopic(topic: TopicData): void {
    const usesId = this.#context.apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS && topic.topicId !== ZERO_UUID;
    const name = usesId ? this.#services.image.topicById(topic.topicId)?.name : topic.name;
    const partitionResponses = topic.partitionData.map((data) => this.#appendPartition(name, data));
    this.#answers.push({ name: topic.name, topicId: topic.topicId, partitionResponses });
  }

  #appendPartition(topic: string | undefined, data: PartitionData): MutableAnswer {
    try {
      if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_ID');
      return this.#append(topic, data);
    } catch (error) {
      return this.#failed(topic ?? '', data.index, error);
    }
  }

  #append(topic: string, data: PartitionData): MutableAnswer {
    const { replicaManager } = this.#services;
    const { acks } = this.#request;
    if (!replicaManager.exists(topic, data.index)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION');
    const batch = checkedRecords(data.records, this.#context.apiVersion);
    if (acks < -1 || acks > 1) throw new KafkaError('INVALID_REQUIRED_ACKS');
    if (INTERNAL_TOPICS.has(topic) && this.#context.clientId !== '__admin_client') {
      throw new KafkaError('INVALID_TOPIC_EXCEPTION');
    }
    const partition = replicaManager.getOrThrow(topic, data.index);
    const result = this.#appendTo(partition, batch, data.index);
    if (!('baseOffset' in result)) return result.failure;
    const answer: MutableAnswer = {
      index: data.index,
      errorCode: 0,
      baseOffset: result.baseOffset,
      logAppendTimeMs: result.logAppendTimeMs,
      logStartOffset: result.logStartOffset,
    };
    if (acks === -1) this.#confirm(partition, result.lastOffset + 1, answer);
    return answer;
  }

  #appendTo(partition: Partition, batch: Buffer, index: number): AppendResult | { readonly failure: MutableAnswer } {
    try {
      return partition.append([batch], this.#request.acks, {});
    } catch (error) {
      const failure = this.#failed(partition.topic, index, error);
      if (!WITHOUT_LOG_START.has(failure.errorCode ?? 0)) failure.logStartOffset = partition.log.logStartOffset;
      return { failure };
    }
  }

  #confirm(partition: Partition, requiredOffset: number, answer: MutableAnswer): void {
    const outcome = partition.acknowledgement(requiredOffset);
    if (outcome === 'NONE') return;
    if (outcome === undefined) this.#pending.push({ partition, requiredOffset, answer });
    else this.#setError(answer, partition, outcome);
  }

  #setError(answer: MutableAnswer, partition: Partition, name: Parameters<typeof errorCode>[0]): void {
    this.#hasError = true;
    answer.errorCode = errorCode(name);
    if (name === 'NOT_LEADER_OR_FOLLOWER') this.#addLeader(answer, partition.topic, partition.partition);
  }

  #addLeader(answer: MutableAnswer, topic: string, partition: number): void {
    if (this.#context.apiVersion < FIRST_VERSION_WITH_LEADER) return;
    const leader = currentLeaderOf(this.#services, this.#context, topic, partition);
    answer.currentLeader = { leaderId: leader.leaderId, leaderEpoch: leader.leaderEpoch };
    this.#leaders.add(leader);
  }

  #failed(topic: string, index: number, error: unknown): MutableAnswer {
    this.#hasError = true;
    const code = errorCodeOf(error);
    const answer = failedAnswer(index, code);
    if (code === ErrorCode.NOT_LEADER_OR_FOLLOWER) this.#addLeader(answer, topic, index);
    if (!(error instanceof KafkaError)) this.#services.logger.error(`appending to ${topic}-${index} failed`, error);
    else if (code === ErrorCode.KAFKA_STORAGE_ERROR) {
      this.#services.replicaManager.diskTrouble.report(`records for ${topic}-${index} are refused`, error);
    }
    if (error instanceof RecordValidationError) {
      answer.recordErrors = error.recordErrors.map(({ batchIndex, message }) => ({
        batchIndex,
        batchIndexErrorMessage: message,
      }));
      answer.errorMessage = error.message;
    }
    return answer;
  }

  #awaitReplicas(): void {
    const pending = this.#pending;
    const { purgatory } = this.#services.replicaManager;
    purgatory.waitOrComplete(
      {
        isReady: () =>
          pending.every(({ partition, requiredOffset }) => partition.acknowledgement(requiredOffset) !== undefined),
        complete: () => {
          for (const { partition, requiredOffset, answer } of pending) {
            const outcome = partition.acknowledgement(requiredOffset) ?? 'REQUEST_TIMED_OUT';
            if (outcome !== 'NONE') this.#setError(answer, partition, outcome);
          }
          this.#finish();
        },
      },
      pending.map(({ partition }) => partition),
      Math.max(0, this.#request.timeoutMs),
      this.#context.link,
    );
  }

  #finish(): void {
    if (this.#request.acks !== 0) {
      this.#reply({ responses: this.#answers, nodeEndpoints: this.#leaders.endpoints });
    } else if (this.#hasError) {
      this.#reply.disconnect('a Produce request with acks=0 failed');
    } else {
      this.#reply.nothing();
    }
  }
}

function errorCode(name: keyof typeof ErrorCode): number {
  return ErrorCode[name];
}

function checkShape(records: Buffer): void {
  const length = recordBatch.batchLength(records, 0);
  if (length < MIN_BATCH_LENGTH) {
    const message = `Record size ${length} is less than the minimum record overhead (${MIN_BATCH_LENGTH})`;
    throw new KafkaError('CORRUPT_MESSAGE', message);
  }
  const magic = recordBatch.magic(records, 0);
  if (magic < 0 || magic > recordBatch.CURRENT_MAGIC) {
    throw new KafkaError('CORRUPT_MESSAGE', `Invalid magic found in record: ${magic}`);
  }
}

/** The one batch that a partition's data must be. Throws INVALID_RECORD, CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE. */
function checkedRecords(records: Buffer | null, apiVersion: number): Buffer {
  const requests = `Produce requests with version ${apiVersion}`;
  if (records === null || records.length < recordBatch.LOG_OVERHEAD + 5) {
    throw new KafkaError('INVALID_RECORD', `${requests} must have at least one record batch per partition`);
  }
  const magic = recordBatch.magic(records, 0);
  const sizeBytes = recordBatch.batchSizeBytes(records, 0);
  if (sizeBytes > records.length) {
    throw new KafkaError('INVALID_RECORD', `${requests} must have at least one record batch per partition`);
  }
  if (magic !== recordBatch.CURRENT_MAGIC) {
    throw new KafkaError('INVALID_RECORD', `${requests} may only hold record batches with magic version 2`);
  }
  if (sizeBytes < recordBatch.BATCH_HEADER_SIZE) throw new KafkaError('CORRUPT_MESSAGE');
  if (apiVersion < FIRST_VERSION_WITH_ZSTD && recordBatch.codecId(records, 0) === ZSTD) {
    throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE');
  }
  if (records.length - sizeBytes >= recordBatch.LOG_OVERHEAD + 5) {
    throw new KafkaError('INVALID_RECORD', `${requests} may only hold one record batch per partition`);
  }
  return records.length === sizeBytes ? records : records.subarray(0, sizeBytes);
}
