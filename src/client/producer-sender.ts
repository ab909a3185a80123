import type { Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { ZERO_UUID } from '../base/uuid.ts';
import { ErrorCode } from '../protocol/error-codes.ts';
import { type ProduceResponse, produceRequest, produceResponse } from '../protocol/messages/00-produce.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../protocol/messages/22-init-producer-id.ts';
import type { KafkaClient } from './client.ts';
import type { Connection } from './connection.ts';
import { errorOf, isRetriable, isStaleMetadata, timeoutError } from './errors.ts';
import type { PartitionQueue, ProducerBatch, ProducerIdentity } from './producer-batch.ts';
import type { ProducerConfig } from './producer-config.ts';
import type { Node } from './types.ts';

type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number];

/** What became of a batch. */
export interface Delivery {
  readonly error: KafkaError | undefined;
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
}

const LAST_VERSION_WITH_NAMES = 12;
const MAX_EPOCH = 32767;
const MAX_INIT_PRODUCER_ID_VERSION = 5;

/** Takes closed batches to the leaders of their partitions, and again when that failed for now. */
export class ProducerSender {
  readonly #client: KafkaClient;
  readonly #config: ProducerConfig;
  readonly #onDelivered: (batch: ProducerBatch, delivery: Delivery) => void;
  /** Queues that may have something to send. */
  readonly #active = new Set<PartitionQueue>();
  /** Whose metadata is kept up to date. */
  readonly #topics = new Set<string>();
  readonly #connecting = new Set<number>();
  #identity: ProducerIdentity | undefined;
  #dueTimer: Timer | undefined;
  #isGettingIdentity = false;
  #isRefreshing = false;
  #refreshFailures = 0;
  #identityFailures = 0;
  #fatal: KafkaError | undefined;

  constructor(
    client: KafkaClient,
    config: ProducerConfig,
    onDelivered: (batch: ProducerBatch, delivery: Delivery) => void,
  ) {
    this.#client = client;
    this.#config = config;
    this.#onDelivered = onDelivered;
  }

  #nowMs(): number {
    return this.#client.environment.clock.nowMs();
  }

  /** A queue has closed batches. */
  add(queue: PartitionQueue): void {
    this.#active.add(queue);
    this.#topics.add(queue.topic);
  }

  #pumpLater(delayMs: number): void {
    this.#client.environment.clock.schedule(delayMs, () => this.pump());
  }

  // Asked for by each pump that finds a batch not due yet: a timer may fire a little early by the wall clock.
  #pumpWhenDue(delayMs: number): void {
    this.#dueTimer ??= this.#client.environment.clock.schedule(Math.max(1, delayMs), () => {
      this.#dueTimer = undefined;
      this.pump();
    });
  }

  /** Sends whatever can be sent now. */
  pump(): void {
    if (this.#active.size === 0 || this.#client.isClosed) return;
    if (this.#config.isIdempotent && this.#identity === undefined) {
      this.#getIdentity();
      return;
    }
    const nowMs = this.#nowMs();
    for (const [leader, queues] of this.#byLeader(nowMs)) {
      const connection = this.#client.network.ready(leader);
      if (connection === undefined) this.#connect(leader);
      else this.#sendTo(connection, queues, nowMs);
    }
  }

  #byLeader(nowMs: number): Map<Node, PartitionQueue[]> {
    const { metadata } = this.#client;
    const byLeader = new Map<Node, PartitionQueue[]>();
    for (const queue of this.#active) {
      if (queue.closed.length === 0) {
        this.#active.delete(queue);
        continue;
      }
      const dueMs = (queue.closed[0]?.retryAtMs ?? 0) - nowMs;
      if (dueMs > 0) this.#pumpWhenDue(dueMs);
      if (!queue.mayDrain(nowMs, this.#config.isIdempotent)) continue;
      const leader = metadata.leader(queue.topic, queue.partition);
      if (leader === undefined) {
        this.#refreshMetadata();
        continue;
      }
      const queues = byLeader.get(leader);
      if (queues === undefined) byLeader.set(leader, [queue]);
      else queues.push(queue);
    }
    return byLeader;
  }

  #connect(node: Node): void {
    if (this.#connecting.has(node.id)) return;
    const backoffMs = this.#client.network.backoffMs(node);
    if (backoffMs > 0) {
      this.#pumpLater(backoffMs);
      return;
    }
    this.#connecting.add(node.id);
    this.#client.network.connect(node).then(
      () => {
        this.#connecting.delete(node.id);
        this.pump();
      },
      (error) => {
        this.#connecting.delete(node.id);
        if (error instanceof KafkaError && !isRetriable(error)) this.failAll(error);
        this.#refreshMetadata();
        this.#pumpLater(Math.max(1, this.#client.network.backoffMs(node)));
      },
    );
  }

  // As Kafka, one batch a partition in a request, and requests until the connection has its fill.
  #sendTo(connection: Connection, queues: readonly PartitionQueue[], nowMs: number): void {
    for (;;) {
      if (connection.inFlightCount >= this.#config.maxInFlight) return;
      const batches = this.#drain(queues, nowMs);
      if (batches.length === 0) return;
      this.#produce(connection, batches);
    }
  }

  #drain(queues: readonly PartitionQueue[], nowMs: number): ProducerBatch[] {
    const batches: ProducerBatch[] = [];
    let size = 0;
    for (const queue of queues) {
      queue.adopt(this.#identity);
      const head = queue.closed[0];
      if (head === undefined || !queue.mayDrain(nowMs, this.#config.isIdempotent)) continue;
      if (size > 0 && size + head.sizeBytes > this.#config.maxRequestSize) continue;
      queue.closed.shift();
      queue.inFlight.push(head);
      size += head.sizeBytes;
      batches.push(head);
    }
    return batches;
  }

  #produce(connection: Connection, batches: readonly ProducerBatch[]): void {
    const { metadata } = this.#client;
    const hasIds = batches.every(
      (batch) => (metadata.topics.get(batch.queue.topic)?.topicId ?? ZERO_UUID) !== ZERO_UUID,
    );
    const bounds = hasIds ? {} : { maxVersion: LAST_VERSION_WITH_NAMES };
    const version = connection.versions.choose(produceRequest, bounds);
    const { acks, requestTimeoutMs: timeoutMs } = this.#config;
    const body = { acks, timeoutMs, topicData: this.#topicData(batches) };
    if (acks === 0) {
      connection.sendOneWay(produceRequest, version, body);
      for (const batch of batches) this.#complete(batch, -1, -1);
      return;
    }
    connection.request(produceRequest, produceResponse, version, body, timeoutMs, (error, response) => {
      if (response === undefined) {
        for (const batch of batches) this.#failed(batch, error ?? timeoutError('no response'));
      } else this.#answered(batches, response);
      this.pump();
    });
  }

  #topicData(batches: readonly ProducerBatch[]) {
    const topics = new Map<string, { index: number; records: Buffer }[]>();
    for (const batch of batches) {
      const { topic, partition: index } = batch.queue;
      batch.attempts++;
      const data = { index, records: batch.bytesFor(this.#config, batch.queue.identity) };
      const known = topics.get(topic);
      if (known === undefined) topics.set(topic, [data]);
      else known.push(data);
    }
    return [...topics].map(([name, partitionData]) => ({
      name,
      topicId: this.#client.metadata.topics.get(name)?.topicId ?? ZERO_UUID,
      partitionData,
    }));
  }

  #answered(batches: readonly ProducerBatch[], response: ProduceResponse): void {
    const { metadata } = this.#client;
    const endpoints = new Map(response.nodeEndpoints.map(({ nodeId, ...node }) => [nodeId, { id: nodeId, ...node }]));
    const waiting = new Set(batches);
    for (const { name, topicId, partitionResponses } of response.responses) {
      const topic = name === '' ? metadata.topicName(topicId) : name;
      for (const partition of partitionResponses) {
        const batch = batches.find((one) => one.queue.partition === partition.index && one.queue.topic === topic);
        if (batch === undefined || !waiting.delete(batch)) continue;
        this.#answeredBatch(batch, partition);
        const { leaderId, leaderEpoch } = partition.currentLeader;
        if (leaderId >= 0) {
          metadata.updateLeader(batch.queue.topic, partition.index, leaderId, leaderEpoch, endpoints.get(leaderId));
        }
      }
    }
    for (const batch of waiting) {
      this.#failed(batch, new KafkaError('UNKNOWN_SERVER_ERROR', 'the response says nothing of the partition'));
    }
  }

  #answeredBatch(batch: ProducerBatch, partition: PartitionResponse): void {
    const { errorCode, errorMessage, recordErrors, baseOffset, logAppendTimeMs } = partition;
    // A duplicate: the broker has the batch already, an earlier answer got lost.
    const isDuplicate = errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER;
    const ofRecord = recordErrors.find((one) => one.batchIndexErrorMessage !== null)?.batchIndexErrorMessage;
    const error = isDuplicate ? undefined : errorOf(errorCode, ofRecord ?? errorMessage);
    if (error !== undefined) this.#failed(batch, error);
    else this.#complete(batch, isDuplicate ? -1 : baseOffset, isDuplicate ? -1 : logAppendTimeMs);
  }

  #failed(batch: ProducerBatch, error: KafkaError): void {
    removeFrom(batch.queue.inFlight, batch);
    if (isStaleMetadata(error) || error.errorName === 'NETWORK_EXCEPTION') this.#refreshMetadata();
    if (!this.#mayRetry(batch, error)) {
      this.#giveUp(batch, error);
      return;
    }
    const backoffMs = this.#client.retryBackoffMs(batch.attempts - 1);
    batch.retryAtMs = this.#nowMs() + backoffMs;
    batch.queue.putBack(batch);
    this.#active.add(batch.queue);
    this.#pumpWhenDue(backoffMs);
  }

  #mayRetry(batch: ProducerBatch, error: KafkaError): boolean {
    if (this.#nowMs() - batch.createdAtMs >= this.#config.deliveryTimeoutMs || this.#client.isClosed) return false;
    if (batch.attempts > this.#config.retries) return false;
    if (isRetriable(error)) return true;
    if (!this.#config.isIdempotent || !SEQUENCE_ERRORS.has(error.errorName)) return false;
    // Behind a batch that failed: the same sequence fits once that one is there. Otherwise the broker lost its state.
    if (batch.queue.isFirst(batch)) this.#bumpEpoch(batch);
    return true;
  }

  #giveUp(batch: ProducerBatch, error: KafkaError): void {
    if (this.#config.isIdempotent) this.#bumpEpoch(batch);
    this.#onDelivered(batch, { error, baseOffset: -1, logAppendTimeMs: -1 });
  }

  // A gap in the sequences can only be closed by starting anew (KIP-360).
  #bumpEpoch(batch: ProducerBatch): void {
    const identity = this.#identity;
    if (identity === undefined || batch.identity !== identity) return;
    this.#identity = identity.epoch < MAX_EPOCH ? { ...identity, epoch: identity.epoch + 1 } : undefined;
  }

  #complete(batch: ProducerBatch, baseOffset: number, logAppendTimeMs: number): void {
    removeFrom(batch.queue.inFlight, batch);
    this.#onDelivered(batch, { error: undefined, baseOffset, logAppendTimeMs });
  }

  /** Fails what is older than delivery.timeout.ms and not under way. */
  expire(queues: Iterable<PartitionQueue>): void {
    const nowMs = this.#nowMs();
    for (const queue of queues) {
      for (;;) {
        const head = queue.closed[0];
        if (head === undefined || nowMs - head.createdAtMs < this.#config.deliveryTimeoutMs) break;
        queue.closed.shift();
        const count = head.recordCount === 0 ? head.builder.recordCount : head.recordCount;
        const ageMs = nowMs - head.createdAtMs;
        const text = `Expiring ${count} record(s) for ${queue.topic}-${queue.partition}:${ageMs} ms has passed since batch creation`;
        if (head.attempts > 0) this.#giveUp(head, timeoutError(text));
        else this.#onDelivered(head, { error: timeoutError(text), baseOffset: -1, logAppendTimeMs: -1 });
      }
    }
  }

  /** Fails everything that waits to be sent. */
  failAll(error: KafkaError): void {
    this.#fatal = error;
    for (const queue of this.#active) {
      queue.close();
      for (const batch of queue.closed.splice(0))
        this.#onDelivered(batch, { error, baseOffset: -1, logAppendTimeMs: -1 });
    }
    this.#active.clear();
  }

  /** Why nothing can be sent any more; undefined while all is well. */
  get fatalError(): KafkaError | undefined {
    return this.#fatal;
  }

  #refreshMetadata(): void {
    if (this.#isRefreshing || this.#client.isClosed) return;
    this.#isRefreshing = true;
    const topics = [...this.#topics];
    const done = (isBetter: boolean): void => {
      this.#refreshFailures = isBetter ? 0 : this.#refreshFailures + 1;
      const hasLeaders = [...this.#active].every((queue) => this.#client.metadata.leader(queue.topic, queue.partition));
      const waitMs = isBetter && hasLeaders ? 0 : this.#client.retryBackoffMs(this.#refreshFailures);
      this.#client.environment.clock.schedule(waitMs, () => {
        this.#isRefreshing = false;
        this.pump();
      });
    };
    this.#client.fetchMetadata(topics, this.#nowMs() + this.#config.requestTimeoutMs, true).then(
      () => done(true),
      () => done(false),
    );
  }

  #getIdentity(): void {
    if (this.#isGettingIdentity) return;
    this.#isGettingIdentity = true;
    this.#initProducerId().then(
      (identity) => {
        this.#isGettingIdentity = false;
        this.#identityFailures = 0;
        this.#identity = identity;
        this.pump();
      },
      (error) => {
        this.#isGettingIdentity = false;
        if (isRetriable(error)) this.#pumpLater(this.#client.retryBackoffMs(this.#identityFailures++));
        else this.failAll(error instanceof KafkaError ? error : new KafkaError('UNKNOWN_SERVER_ERROR', String(error)));
      },
    );
  }

  async #initProducerId(): Promise<ProducerIdentity> {
    const response = await this.#client.request({
      name: 'initProducerId',
      node: 'any',
      timeoutMs: this.#config.maxBlockMs,
      maxVersion: MAX_INIT_PRODUCER_ID_VERSION,
      request: initProducerIdRequest,
      response: initProducerIdResponse,
      // Kafka's producer sends the largest int here when it has no transactional id.
      body: () => ({ transactionalId: null, transactionTimeoutMs: 0x7fffffff }),
    });
    const error = errorOf(response.errorCode);
    if (error !== undefined) throw error;
    return { producerId: response.producerId, epoch: response.producerEpoch };
  }
}

const SEQUENCE_ERRORS = new Set(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH']);

function removeFrom(batches: ProducerBatch[], batch: ProducerBatch): void {
  const at = batches.indexOf(batch);
  if (at === 0) batches.shift();
  else if (at > 0) batches.splice(at, 1);
}
