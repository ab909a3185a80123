import { KafkaError } from '../base/kafka-error.ts';
import type { ReadResult } from '../log/partition-log-types.ts';
import { ErrorCode, errorCodeOf } from '../protocol/error-codes.ts';
import type { FetchRequest, FetchResponseInput, fetchResponse } from '../protocol/messages/01-fetch.ts';
import { currentLeaderOf, LeaderHints } from './current-leader.ts';
import type { FetchContext, FetchPartition, FetchPartitionAnswer } from './fetch-session.ts';
import type { Reply, RequestContext } from './handler.ts';
import type { FetchIsolation, Partition, PartitionRead } from './partition.ts';
import { preferredReadReplica } from './replication/replica-selector.ts';
import type { BrokerServices } from './services.ts';

type TopicResponse = NonNullable<FetchResponseInput['responses']>[number];
type PartitionResponse = NonNullable<TopicResponse['partitions']>[number];

interface Answer extends FetchPartitionAnswer {
  /** The records of the response. */
  readonly chunks: readonly Buffer[];
  readonly response: PartitionResponse;
}

const CONSUMER = -1;
const DEBUGGING_CONSUMER = -2;
const READ_COMMITTED = 1;
const FIRST_VERSION_WITH_FOLLOWER_FETCH = 11;
const FIRST_VERSION_WITH_REPLICA_STATE = 15;
const FIRST_VERSION_WITH_LEADER = 16;
const FIRST_VERSION_WITH_STORAGE_ERROR = 6;
const EMPTY = Buffer.alloc(0);
// However little memory is left, a fetch gets to read this much.
const MIN_RESPONSE_BYTES = 1024 * 1024;

/** What serving fetches takes of a broker. */
export type FetchServices = Pick<
  BrokerServices,
  'nodeId' | 'clock' | 'logger' | 'config' | 'image' | 'cluster' | 'replicaManager' | 'networkMemory' | 'fetchSessions'
>;

/** One Fetch request on its way: read, wait if there is too little, read again, answer. */
export class FetchCall {
  readonly #services: FetchServices;
  readonly #request: FetchRequest;
  readonly #context: RequestContext;
  readonly #reply: Reply<typeof fetchResponse.fields>;
  readonly #session: FetchContext<Answer>;
  readonly #replicaId: number;
  readonly #replicaEpoch: number;
  readonly #isolation: FetchIsolation;
  readonly #mustLead: boolean;
  readonly #maxBytes: number;
  readonly #minBytes: number;
  readonly #leaders = new LeaderHints();
  /** Partitions to read, and those that cannot be. */
  readonly #wanted: FetchPartition[] = [];
  readonly #refused: Answer[] = [];

  constructor(
    services: FetchServices,
    request: FetchRequest,
    context: RequestContext,
    reply: Reply<typeof fetchResponse.fields>,
  ) {
    this.#services = services;
    this.#request = request;
    this.#context = context;
    this.#reply = reply;
    const hasReplicaState = context.apiVersion >= FIRST_VERSION_WITH_REPLICA_STATE;
    this.#replicaId = hasReplicaState ? request.replicaState.replicaId : request.replicaId;
    this.#replicaEpoch = hasReplicaState ? request.replicaState.replicaEpoch : -1;
    this.#isolation = this.#isFollower
      ? 'logEnd'
      : request.isolationLevel === READ_COMMITTED
        ? 'lastStableOffset'
        : 'highWatermark';
    this.#mustLead =
      this.#isFollower || (this.#replicaId === CONSUMER && context.apiVersion < FIRST_VERSION_WITH_FOLLOWER_FETCH);
    const { networkMemory, config } = services;
    const budget = Math.max(MIN_RESPONSE_BYTES, networkMemory.limitBytes - networkMemory.usedBytes);
    this.#maxBytes = Math.min(request.maxBytes, config.number('fetch.max.bytes'), budget);
    this.#minBytes = Math.min(request.minBytes, this.#maxBytes);
    this.#session = services.fetchSessions.newContext<Answer>(
      request,
      context.apiVersion,
      this.#isFollower,
      (id) => services.image.topicById(id)?.name,
    );
  }

  get #isFollower(): boolean {
    return this.#replicaId !== CONSUMER && this.#replicaId !== DEBUGGING_CONSUMER;
  }

  run(): void {
    if (this.#session.error !== undefined) {
      this.#reply({ errorCode: ErrorCode[this.#session.error] });
      return;
    }
    for (const asked of this.#session.partitions) {
      if (asked.topicName === undefined) this.#refused.push(unknown(asked, ErrorCode.UNKNOWN_TOPIC_ID));
      else if (!this.#services.replicaManager.exists(asked.topicName, asked.partition)) {
        this.#refused.push(unknown(asked, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
      } else this.#wanted.push(asked);
    }
    if (this.#wanted.length === 0) {
      this.#respond([]);
      return;
    }
    const answers = this.#readAll(true);
    if (this.#isEnough(answers)) {
      this.#respond(answers);
      return;
    }
    for (const { chunks } of answers) for (const chunk of chunks) this.#services.networkMemory.buffers.giveBack(chunk);
    this.#wait();
  }

  #isEnough(answers: readonly Answer[]): boolean {
    if (this.#request.maxWaitMs <= 0) return true;
    let sizeBytes = 0;
    for (const answer of answers) {
      if (answer.errorCode !== 0 || answer.hasDivergingEpoch || answer.preferredReadReplica >= 0) return true;
      sizeBytes += answer.recordsSizeBytes;
    }
    return sizeBytes >= this.#minBytes;
  }

  #wait(): void {
    const { replicaManager } = this.#services;
    const keys: Partition[] = [];
    for (const { topicName, partition } of this.#wanted) {
      const found = replicaManager.get(topicName ?? '', partition);
      if (found !== undefined) keys.push(found);
    }
    replicaManager.purgatory.waitOrComplete(
      {
        isReady: () => this.#hasEnoughArrived(),
        complete: () => this.#respond(this.#readAll(false)),
      },
      keys,
      this.#request.maxWaitMs,
      this.#context.link,
    );
  }

  // Looks at offsets first: bytes are counted, by reading, only where a fetch wants more than any.
  #hasEnoughArrived(): boolean {
    let sizeBytes = 0;
    for (const asked of this.#wanted) {
      try {
        const partition = this.#partitionOf(asked);
        partition.logFor(asked.currentLeaderEpoch, this.#mustLead);
        if (this.#isThrottled(partition)) continue;
        const endOffset = partition.endOffset(this.#isolation);
        if (asked.fetchOffset > endOffset) return true;
        if (asked.fetchOffset === endOffset) continue;
        if (this.#minBytes <= 1) return true;
        const { fetchOffset, lastFetchedEpoch, maxBytes } = asked;
        const read = partition.read(fetchOffset, lastFetchedEpoch, this.#isolation, maxBytes, false);
        if (read.divergingEpoch !== undefined) return true;
        sizeBytes += read.records?.sizeBytes ?? 0;
      } catch {
        return true;
      }
    }
    return sizeBytes >= this.#minBytes;
  }

  #partitionOf(asked: FetchPartition): Partition {
    return this.#services.replicaManager.getOrThrow(asked.topicName ?? '', asked.partition);
  }

  #readAll(updatesFollower: boolean): Answer[] {
    let bytesLeft = this.#maxBytes;
    let minOneMessage = true;
    return this.#wanted.map((asked) => {
      const answer = this.#read(asked, bytesLeft, minOneMessage, updatesFollower);
      if (answer.recordsSizeBytes > 0) minOneMessage = false;
      bytesLeft = Math.max(0, bytesLeft - answer.recordsSizeBytes);
      return answer;
    });
  }

  #read(asked: FetchPartition, bytesLeft: number, minOneMessage: boolean, updatesFollower: boolean): Answer {
    try {
      const partition = this.#partitionOf(asked);
      const usesTopicId = asked.topicName !== undefined && this.#context.apiVersion >= 13;
      if (usesTopicId && partition.topicId !== asked.topicId) throw new KafkaError('INCONSISTENT_TOPIC_ID');
      partition.logFor(asked.currentLeaderEpoch, this.#mustLead);
      const preferred = this.#preferredReplica(partition, asked.fetchOffset);
      if (preferred !== undefined) return this.#redirect(asked, partition, preferred);
      const { fetchOffset, lastFetchedEpoch, maxBytes } = asked;
      const isThrottled = this.#isThrottled(partition);
      const limit = isThrottled ? 0 : Math.min(maxBytes, bytesLeft);
      const follower = this.#isFollower
        ? partition.followerOrThrow(this.#replicaId, asked.currentLeaderEpoch >= 0)
        : undefined;
      const { take } = this.#services.networkMemory.buffers;
      const read = partition.read(
        fetchOffset,
        lastFetchedEpoch,
        this.#isolation,
        limit,
        minOneMessage && !isThrottled,
        take,
      );
      if (follower !== undefined && updatesFollower && read.divergingEpoch === undefined) {
        partition.followerFetched(follower, fetchOffset, asked.followerLogStartOffset, this.#replicaEpoch);
      }
      return this.#answer(asked, partition, read);
    } catch (error) {
      return this.#failure(asked, error);
    }
  }

  // Only replicas that are not in sync: the others would drop out of the ISR (KIP-73).
  #isThrottled(partition: Partition): boolean {
    if (!this.#isFollower) return false;
    const { leaderQuota } = this.#services.replicaManager.replication;
    if (!leaderQuota.isThrottled(partition.topic, partition.partition) || !leaderQuota.isExceeded) return false;
    return !partition.isr.includes(this.#replicaId);
  }

  #preferredReplica(partition: Partition, fetchOffset: number): number | undefined {
    const { replicaManager, cluster, nodeId, clock } = this.#services;
    const { selector } = replicaManager.replication;
    const { leadership } = partition;
    if (selector === undefined || leadership === undefined || this.#isFollower) return undefined;
    if (this.#context.apiVersion < FIRST_VERSION_WITH_FOLLOWER_FETCH) return undefined;
    return preferredReadReplica(selector, leadership, partition.log.logEndOffset, {
      leaderId: nodeId,
      rackId: this.#request.rackId,
      fetchOffset,
      nowMs: clock.nowMs(),
      reachable: (id) => cluster.aliveBroker(id, this.#context),
    });
  }

  // Without records: the consumer is to ask there.
  #redirect(asked: FetchPartition, partition: Partition, preferred: number): Answer {
    const { highWatermark, lastStableOffset, logStartOffset } = partition.logFor(asked.currentLeaderEpoch, false);
    return {
      request: asked,
      errorCode: 0,
      highWatermark,
      logStartOffset,
      chunks: [],
      recordsSizeBytes: 0,
      preferredReadReplica: preferred,
      hasDivergingEpoch: false,
      response: {
        partitionIndex: asked.partition,
        highWatermark,
        lastStableOffset,
        logStartOffset,
        preferredReadReplica: preferred,
        abortedTransactions: null,
        records: EMPTY,
      },
    };
  }

  #answer(asked: FetchPartition, partition: Partition, read: PartitionRead): Answer {
    const { highWatermark, lastStableOffset, logStartOffset, divergingEpoch } = read;
    const records = read.records;
    const sizeBytes = records?.sizeBytes ?? 0;
    const chunks = records?.chunks ?? [];
    return {
      request: asked,
      chunks,
      errorCode: 0,
      highWatermark,
      logStartOffset,
      recordsSizeBytes: sizeBytes,
      preferredReadReplica: -1,
      hasDivergingEpoch: divergingEpoch !== undefined,
      response: {
        partitionIndex: asked.partition,
        highWatermark,
        lastStableOffset,
        logStartOffset,
        divergingEpoch:
          divergingEpoch === undefined
            ? undefined
            : { epoch: divergingEpoch.leaderEpoch, endOffset: divergingEpoch.endOffset },
        abortedTransactions: this.#abortedTransactions(partition, asked.fetchOffset, records),
        records: sizeBytes === 0 ? EMPTY : chunks,
      },
    };
  }

  #abortedTransactions(partition: Partition, fetchOffset: number, records: ReadResult | undefined) {
    if (this.#isolation !== 'lastStableOffset') return null;
    if (records === undefined || records.sizeBytes === 0) return [];
    return partition.log.abortedTransactions(fetchOffset, records.nextOffset);
  }

  #failure(asked: FetchPartition, error: unknown): Answer {
    const { apiVersion } = this.#context;
    let code = errorCodeOf(error);
    if (!(error instanceof KafkaError)) {
      this.#services.logger.error(`reading ${asked.topicName}-${asked.partition} failed`, error);
    }
    // Clients of that age do not know the error and would not try again.
    if (code === ErrorCode.KAFKA_STORAGE_ERROR && apiVersion < FIRST_VERSION_WITH_STORAGE_ERROR) {
      code = ErrorCode.NOT_LEADER_OR_FOLLOWER;
    }
    const namesLeader = code === ErrorCode.NOT_LEADER_OR_FOLLOWER || code === ErrorCode.FENCED_LEADER_EPOCH;
    if (apiVersion < FIRST_VERSION_WITH_LEADER || !namesLeader) return refusal(asked, code);
    const leader = currentLeaderOf(this.#services, this.#context, asked.topicName ?? '', asked.partition);
    this.#leaders.add(leader);
    return refusal(asked, code, { leaderId: leader.leaderId, leaderEpoch: leader.leaderEpoch });
  }

  #countReplicated(answers: readonly Answer[]): void {
    const { leaderQuota } = this.#services.replicaManager.replication;
    for (const { request, recordsSizeBytes } of answers) {
      if (recordsSizeBytes > 0 && leaderQuota.isThrottled(request.topicName ?? '', request.partition)) {
        leaderQuota.record(recordsSizeBytes);
      }
    }
  }

  #respond(answers: readonly Answer[]): void {
    const all = this.#refused.length === 0 ? answers : [...answers, ...this.#refused];
    const { error, sessionId, answers: toSend } = this.#session.respond(all);
    if (this.#isFollower) this.#countReplicated(toSend);
    this.#reply({
      errorCode: error === undefined ? 0 : ErrorCode[error],
      sessionId,
      responses: groupByTopic(toSend),
      nodeEndpoints: this.#leaders.endpoints,
    });
  }
}

function refusal(
  asked: FetchPartition,
  errorCode: number,
  currentLeader?: { leaderId: number; leaderEpoch: number },
): Answer {
  return {
    request: asked,
    errorCode,
    highWatermark: -1,
    logStartOffset: -1,
    chunks: [],
    recordsSizeBytes: 0,
    preferredReadReplica: -1,
    hasDivergingEpoch: false,
    response: {
      partitionIndex: asked.partition,
      errorCode,
      highWatermark: -1,
      abortedTransactions: null,
      currentLeader,
      records: EMPTY,
    },
  };
}

// What was not even looked for: as in Kafka the list of aborted transactions is then empty, not null.
function unknown(asked: FetchPartition, errorCode: number): Answer {
  const answer = refusal(asked, errorCode);
  return { ...answer, response: { ...answer.response, abortedTransactions: [] } };
}

function groupByTopic(answers: readonly Answer[]): TopicResponse[] {
  const topics: { topic: string; topicId: string; partitions: PartitionResponse[] }[] = [];
  let last: (typeof topics)[number] | undefined;
  for (const { request, response } of answers) {
    const topic = request.topicName ?? '';
    if (last === undefined || last.topic !== topic || last.topicId !== request.topicId) {
      last = { topic, topicId: request.topicId, partitions: [] };
      topics.push(last);
    }
    last.partitions.push(response);
  }
  return topics;
}
