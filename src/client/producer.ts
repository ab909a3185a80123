import type { Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { BatchBuilder, type HeaderToWrite } from '../records/batch-builder.ts';
import { BATCH_HEADER_SIZE } from '../records/record-batch.ts';
import type { RecordCursor } from '../records/record-cursor.ts';
import { sizeOfVarint } from '../records/varint.ts';
import { KafkaClient } from './client.ts';
import type { ClientEnvironment } from './environment.ts';
import { errorOf, isRetriable, namedError, timeoutError } from './errors.ts';
import { partitionOfKey } from './partitioner.ts';
import { PartitionQueue, ProducerBatch } from './producer-batch.ts';
import { type ProducerConfig, producerConfig, producerDefinitions } from './producer-config.ts';
import { type Delivery, ProducerSender } from './producer-sender.ts';

/** What became of one batch; all its records share it. */
export interface BatchResult {
  readonly topic: string;
  readonly partition: number;
  readonly recordCount: number;
  /** undefined when the broker acknowledged the batch. */
  readonly error: KafkaError | undefined;
  /** Offset of the first record, -1 when not known (acks=0, errors). */
  readonly baseOffset: number;
  /** In ms, -1 unless the topic stamps records itself. */
  readonly logAppendTimeMs: number;
  /** Bytes of keys and values. */
  readonly sizeBytes: number;
  /** Wall time in ms when the first record of the batch was added. */
  readonly createdAtMs: number;
  /** Moves one cursor over all records in their order; only during the call that hands the result on. */
  readonly forEachRecord: (visit: (cursor: RecordCursor) => void) => void;
}

export interface ProducerOptions {
  /** Called once for every batch, in the order of the answers. */
  readonly onBatch?: ((result: BatchResult) => void) | undefined;
  readonly environment?: Partial<ClientEnvironment>;
}

/** A record in whole buffers. */
export interface ProducerRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly HeaderToWrite[];
  /** Left out or -1: by key, without key sticky. */
  readonly partition?: number | undefined;
  /** Left out or -1: now. */
  readonly timestampMs?: number | undefined;
}

interface TopicQueues {
  readonly name: string;
  queues: PartitionQueue[];
  /** Partition of records without key, until it got `batch.size` bytes (KIP-480). */
  sticky: number;
  stickyBytes: number;
}

const HEADER_OVERHEAD = 20;
const RECORDS_A_CLOCK_READING = 64;
const NO_HEADERS: readonly HeaderToWrite[] = [];
/** What Kafka's producer counts for a record besides its parts: length, attributes, timestamp and offset at their longest. */
const RECORD_OVERHEAD = 21;

function sizeOfPart(length: number): number {
  return sizeOfVarint(length) + Math.max(length, 0);
}

/** The size that Kafka's producer holds against its limits: of a batch with nothing but this record, at most. */
function largestSize(keyLength: number, valueLength: number, headers: readonly HeaderToWrite[]): number {
  let size = BATCH_HEADER_SIZE + RECORD_OVERHEAD + sizeOfPart(keyLength) + sizeOfPart(valueLength);
  size += sizeOfVarint(headers.length);
  for (const { key, value } of headers) size += sizeOfPart(Buffer.byteLength(key)) + sizeOfPart(value?.length ?? -1);
  return size;
}

/**
 * A batching producer with Kafka's settings: acks, linger.ms, batch.size, compression.type, enable.idempotence,
 * max.in.flight.requests.per.connection, retries, delivery.timeout.ms, buffer.memory, max.block.ms, max.request.size.
 *
 *     const producer = await Producer.create(properties, { onBatch: (batch) => … });
 *     await producer.connectTopic('orders');          // metadata, or the error after max.block.ms
 *     if (!producer.sendSlice('orders', -1, -1, source, 0, -1, start, length)) await producer.drained();
 *     await producer.flush();
 *     await producer.close();
 *
 * Records are copied when they are added; `source` may be used again at once.
 */
export class Producer {
  readonly client: KafkaClient;
  readonly config: ProducerConfig;
  /**
   * Beyond `batch.size` a batch may grow to this many bytes while earlier ones of its partition wait to be sent; 0 = not
   * at all. Must be below max.request.size and the topic's max.message.bytes.
   */
  backlogBatchBytes = 0;
  readonly #onBatch: (result: BatchResult) => void;
  readonly #sender: ProducerSender;
  readonly #topics = new Map<string, TopicQueues>();
  /** The topic of the last record: most producers have one. */
  #lastTopic: TopicQueues | undefined;
  #usedBytes = 0;
  #unfinishedBatches = 0;
  /** Wall time that records of this turn of the event loop share; 0 = to be read anew. */
  #turnMs = 0;
  #turnUses = 0;
  #lingerTimer: Timer | undefined;
  #expiryTimer: Timer | undefined;
  #drainWaiters: (() => void)[] = [];
  #flushWaiters: (() => void)[] = [];
  readonly #freeBuilders: BatchBuilder[] = [];

  /** Rejects with ClientError (ConfigException) when a setting is wrong or no bootstrap address resolves. */
  static async create(properties: ReadonlyMap<string, string>, options: ProducerOptions = {}): Promise<Producer> {
    const client = await KafkaClient.create('producer', properties, options.environment, producerDefinitions);
    return new Producer(client, producerConfig(client.config.values), options.onBatch ?? (() => {}));
  }

  constructor(client: KafkaClient, config: ProducerConfig, onBatch: (result: BatchResult) => void) {
    this.client = client;
    this.config = config;
    this.#onBatch = onBatch;
    this.#sender = new ProducerSender(client, config, (batch, delivery) => this.#delivered(batch, delivery));
  }

  #nowMs(): number {
    return this.client.environment.clock.nowMs();
  }

  /** The time for a record. Reading the clock costs as much as adding one, so a few records of a turn share it. */
  #recordTimeMs(): number {
    if (this.#turnMs !== 0 && ++this.#turnUses < RECORDS_A_CLOCK_READING) return this.#turnMs;
    if (this.#turnMs === 0) {
      this.client.environment.clock.schedule(0, () => {
        this.#turnMs = 0;
      });
    }
    this.#turnUses = 0;
    this.#turnMs = this.#nowMs();
    return this.#turnMs;
  }

  /**
   * Makes sure that the partitions of a topic are known, and resolves to their number; must have resolved before records
   * for the topic are added. Creates the topic where the broker allows it. Rejects with REQUEST_TIMED_OUT in Kafka's
   * words (`Topic x not present in metadata after 60000 ms.`), INVALID_TOPIC_EXCEPTION, TOPIC_AUTHORIZATION_FAILED.
   */
  async connectTopic(topic: string): Promise<number> {
    const { maxBlockMs } = this.config;
    const deadlineMs = this.#nowMs() + maxBlockMs;
    for (let tries = 0; ; tries++) {
      const count = await this.#partitionCount(topic, deadlineMs);
      if (count > 0) return count;
      const leftMs = deadlineMs - this.#nowMs();
      if (leftMs <= 0) throw timeoutError(`Topic ${topic} not present in metadata after ${maxBlockMs} ms.`);
      await this.client.sleep(Math.min(this.client.retryBackoffMs(tries), leftMs));
    }
  }

  async #partitionCount(topic: string, deadlineMs: number): Promise<number> {
    try {
      await this.client.fetchMetadata([topic], deadlineMs, true);
    } catch (error) {
      if (!isRetriable(error)) throw error;
      return 0;
    }
    const known = this.client.metadata.topics.get(topic);
    const error = errorOf(known?.errorCode ?? 0, known === undefined ? undefined : `Topic not present: ${topic}`);
    if (error !== undefined && !isRetriable(error)) throw topicError(error, topic);
    if (error !== undefined || known === undefined) return 0;
    this.#topicOf(topic, known.partitions.length);
    return known.partitions.length;
  }

  #topicOf(name: string, partitionCount: number): TopicQueues {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { name, queues: [], sticky: -1, stickyBytes: 0 };
      this.#topics.set(name, topic);
    }
    while (topic.queues.length < partitionCount) topic.queues.push(new PartitionQueue(name, topic.queues.length));
    return topic;
  }

  #known(name: string): TopicQueues {
    if (this.#lastTopic?.name === name) return this.#lastTopic;
    const topic = this.#topics.get(name);
    if (topic === undefined)
      throw new RangeError(`connectTopic('${name}') must have resolved before records are added`);
    this.#lastTopic = topic;
    return topic;
  }

  /**
   * Adds a record that lies in `source`; never waits. Returns false when `buffer.memory` is used up: the record was
   * taken, but wait for {@link drained} before the next.
   * @param partition -1 = by key (murmur2), without key sticky
   * @param timestampMs -1 = now
   * @param keyLength -1 = no key
   * @param valueLength -1 = null
   * @throws KafkaError MESSAGE_TOO_LARGE when the record is larger than max.request.size or buffer.memory
   */
  sendSlice(
    topic: string,
    partition: number,
    timestampMs: number,
    source: Buffer,
    keyStart: number,
    keyLength: number,
    valueStart: number,
    valueLength: number,
  ): boolean {
    const queues = this.#known(topic);
    const size = BatchBuilder.upperBound(Math.max(keyLength, 0), Math.max(valueLength, 0));
    let chosen = partition;
    if (chosen < 0) {
      const isKeyed = keyLength >= 0 && !this.config.ignoreKeys;
      chosen = isKeyed
        ? partitionOfKey(source, keyStart, keyStart + keyLength, queues.queues.length)
        : this.#stickyPartition(queues, size);
    }
    const batch = this.#batchFor(queues, chosen, size, keyLength, valueLength, NO_HEADERS);
    const before = batch.builder.sizeBytes;
    const timestamp = timestampMs < 0 ? this.#recordTimeMs() : timestampMs;
    batch.builder.appendKeyedSlice(timestamp, source, keyStart, keyLength, valueStart, valueLength);
    return this.#added(batch, batch.builder.sizeBytes - before, Math.max(keyLength, 0) + Math.max(valueLength, 0));
  }

  /** As {@link sendSlice} for a record in whole buffers, with headers. */
  send(topic: string, record: ProducerRecord): boolean {
    const queues = this.#known(topic);
    const { key, value, headers = [] } = record;
    const payloadBytes = (key?.length ?? 0) + (value?.length ?? 0);
    let size = BatchBuilder.upperBound(key?.length ?? 0, value?.length ?? 0);
    for (const header of headers) size += HEADER_OVERHEAD + header.key.length + (header.value?.length ?? 0);
    let chosen = record.partition ?? -1;
    if (chosen < 0) {
      const isKeyed = key !== null && !this.config.ignoreKeys;
      chosen = isKeyed ? partitionOfKey(key, 0, key.length, queues.queues.length) : this.#stickyPartition(queues, size);
    }
    const batch = this.#batchFor(queues, chosen, size, key?.length ?? -1, value?.length ?? -1, headers);
    const before = batch.builder.sizeBytes;
    const timestampMs = record.timestampMs ?? -1;
    batch.builder.append(timestampMs < 0 ? this.#nowMs() : timestampMs, key, value, headers);
    return this.#added(batch, batch.builder.sizeBytes - before, payloadBytes);
  }

  #stickyPartition(topic: TopicQueues, size: number): number {
    if (topic.sticky < 0 || topic.stickyBytes >= this.config.batchSize) {
      topic.sticky = this.#nextSticky(topic);
      topic.stickyBytes = 0;
    }
    topic.stickyBytes += size;
    return topic.sticky;
  }

  // Any other partition that has a leader, as long as there is one.
  #nextSticky(topic: TopicQueues): number {
    const count = topic.queues.length;
    const start = this.client.environment.random.int(count);
    let fallback = start;
    for (let i = 0; i < count; i++) {
      const partition = (start + i) % count;
      if (this.client.metadata.leader(topic.name, partition) === undefined) continue;
      if (partition !== topic.sticky) return partition;
      fallback = partition;
    }
    return fallback;
  }

  #batchFor(
    topic: TopicQueues,
    partition: number,
    size: number,
    keyLength: number,
    valueLength: number,
    headers: readonly HeaderToWrite[],
  ): ProducerBatch {
    const queue = topic.queues[partition];
    if (queue === undefined) {
      throw timeoutError(
        `Partition ${partition} of topic ${topic.name} with partition count ${topic.queues.length} is not present in metadata after ${this.config.maxBlockMs} ms.`,
      );
    }
    const { open } = queue;
    const { batchSize } = this.config;
    if (open !== undefined) {
      const limit = queue.closed.length > 0 ? Math.max(this.backlogBatchBytes, batchSize) : batchSize;
      if (open.builder.sizeBytes + size <= limit) return open;
      queue.close();
      this.#sender.add(queue);
      this.#sender.pump();
    }
    this.#checkSize(largestSize(keyLength, valueLength, headers));
    const nowMs = this.#nowMs();
    const builder = this.#freeBuilders.pop() ?? new BatchBuilder(this.config.batchSize);
    const batch = new ProducerBatch(queue, builder, nowMs);
    queue.open = batch;
    this.#unfinishedBatches++;
    this.#scheduleLinger();
    this.#expiryTimer ??= this.#scheduleExpiry(nowMs + this.config.deliveryTimeoutMs);
    return batch;
  }

  #checkSize(size: number): void {
    const { fatalError } = this.#sender;
    if (fatalError !== undefined) throw fatalError;
    const { maxRequestSize, bufferMemory } = this.config;
    if (size > maxRequestSize) {
      throw namedError(
        'MESSAGE_TOO_LARGE',
        `The message is ${size} bytes when serialized which is larger than ${maxRequestSize}, which is the value of the max.request.size configuration.`,
      );
    }
    if (size > bufferMemory) {
      throw namedError(
        'MESSAGE_TOO_LARGE',
        `The message is ${size} bytes when serialized which is larger than the total memory buffer you have configured with the buffer.memory configuration.`,
      );
    }
  }

  #added(batch: ProducerBatch, addedBytes: number, payloadBytes: number): boolean {
    batch.payloadBytes += payloadBytes;
    batch.reservedBytes += addedBytes;
    this.#usedBytes += addedBytes;
    return this.#usedBytes < this.config.bufferMemory;
  }

  #scheduleLinger(): void {
    this.#lingerTimer ??= this.client.environment.clock.schedule(this.config.lingerMs, () => {
      this.#lingerTimer = undefined;
      this.#closeLingering();
    });
  }

  #closeLingering(): void {
    const latest = this.#nowMs() - this.config.lingerMs;
    let isAnyOpen = false;
    for (const topic of this.#topics.values()) {
      for (const queue of topic.queues) {
        if (queue.open === undefined) continue;
        if (queue.open.createdAtMs > latest) {
          isAnyOpen = true;
          continue;
        }
        queue.close();
        this.#sender.add(queue);
      }
    }
    if (isAnyOpen) this.#scheduleLinger();
    this.#sender.pump();
  }

  #scheduleExpiry(atMs: number): Timer {
    return this.client.environment.clock.schedule(Math.max(1, atMs - this.#nowMs()), () => {
      this.#expiryTimer = undefined;
      this.#sender.expire(this.#allQueues());
      const oldest = Math.min(...this.#allQueues().map((queue) => queue.closed[0]?.createdAtMs ?? this.#nowMs()));
      if (this.#unfinishedBatches > 0) this.#expiryTimer = this.#scheduleExpiry(oldest + this.config.deliveryTimeoutMs);
    });
  }

  #allQueues(): PartitionQueue[] {
    return [...this.#topics.values()].flatMap((topic) => topic.queues);
  }

  #delivered(batch: ProducerBatch, delivery: Delivery): void {
    const { builder, queue } = batch;
    const recordCount = batch.recordCount === 0 ? builder.recordCount : batch.recordCount;
    this.#usedBytes -= batch.reservedBytes;
    this.#unfinishedBatches--;
    this.#onBatch({
      topic: queue.topic,
      partition: queue.partition,
      recordCount,
      error: delivery.error,
      baseOffset: delivery.baseOffset,
      logAppendTimeMs: delivery.logAppendTimeMs,
      sizeBytes: batch.payloadBytes,
      createdAtMs: batch.createdAtMs,
      forEachRecord: (visit) => batch.forEachRecord(visit),
    });
    if (this.#freeBuilders.length < this.config.maxInFlight) {
      builder.reset();
      this.#freeBuilders.push(builder);
    }
    if (this.#drainWaiters.length > 0 && this.#usedBytes <= this.config.bufferMemory / 2) wake(this.#drainWaiters);
    if (this.#unfinishedBatches === 0) {
      this.#expiryTimer?.cancel();
      this.#expiryTimer = undefined;
      wake(this.#flushWaiters);
    }
  }

  /** Resolves when records may be added again. */
  drained(): Promise<void> {
    if (this.#usedBytes < this.config.bufferMemory) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Sends what is held back and resolves when every batch has its result. */
  flush(): Promise<void> {
    for (const queue of this.#allQueues()) {
      if (queue.open === undefined) continue;
      queue.close();
      this.#sender.add(queue);
    }
    this.#lingerTimer?.cancel();
    this.#lingerTimer = undefined;
    this.#sender.pump();
    if (this.#unfinishedBatches === 0) return Promise.resolve();
    return new Promise((resolve) => this.#flushWaiters.push(resolve));
  }

  /** Flushes, then ends the connections; what is left after `timeoutMs` fails. */
  async close(timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
    const flushed = this.flush();
    if (Number.isFinite(timeoutMs)) {
      await Promise.race([flushed, this.client.sleep(timeoutMs)]);
      if (this.#unfinishedBatches > 0) {
        const text = 'Producer is closed forcefully.';
        this.#sender.failAll(new KafkaError('NETWORK_EXCEPTION', text));
      }
    } else await flushed;
    this.#expiryTimer?.cancel();
    this.client.close();
  }
}

function wake(waiters: (() => void)[]): void {
  for (const resolve of waiters.splice(0)) resolve();
}

function topicError(error: KafkaError, topic: string): KafkaError {
  if (error.errorName === 'INVALID_TOPIC_EXCEPTION')
    return namedError('INVALID_TOPIC_EXCEPTION', `Invalid topics: [${topic}]`);
  if (error.errorName === 'TOPIC_AUTHORIZATION_FAILED') {
    return namedError('TOPIC_AUTHORIZATION_FAILED', `Not authorized to access topics: [${topic}]`);
  }
  return error;
}
