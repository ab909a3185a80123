import { errorNameOf } from '../../src/protocol/error-codes.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/00-produce.ts';
import { fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../src/protocol/messages/22-init-producer-id.ts';
import { BatchBuilder } from '../../src/records/batch-builder.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';
import { type PartitionOracle, recordValue } from './oracle.ts';
import { SimulatedClient } from './simulated-client.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

const REQUEST_TIMEOUT_MS = 2000;
const RETRY_MS = 100;
const MAX_IN_FLIGHT = 3;

/** What an actor of the simulation works on. */
export interface ActorContext {
  readonly cluster: SimulatedCluster;
  readonly oracle: PartitionOracle;
}

interface QueuedBatch {
  readonly baseSequence: number;
  readonly values: readonly string[];
  isInFlight: boolean;
  isDone: boolean;
}

/**
 * An idempotent producer with acks=all to one partition, several requests in flight: sends the same batches with the same
 * sequences, in their order, until they are acknowledged, however long it takes.
 */
export class Producer {
  readonly name: string;
  readonly #context: ActorContext;
  readonly #client: SimulatedClient;
  readonly #topic: string;
  readonly #partition: number;
  #producerId = -1;
  #producerEpoch = -1;
  #nextSequence = 0;
  #queue: QueuedBatch[] = [];
  #isWaiting = false;
  /** Rises when requests are given up, so that late answers are told apart. */
  #isStopped = false;

  constructor(context: ActorContext, name: string, topic: string, partition: number) {
    this.#context = context;
    this.name = name;
    this.#client = new SimulatedClient(context.cluster, name);
    this.#topic = topic;
    this.#partition = partition;
  }

  start(): void {
    this.#client.refresh(() => this.#initProducerId());
  }

  /** Sends no more new records; what is queued is delivered. */
  stop(): void {
    this.#isStopped = true;
  }

  get isDrained(): boolean {
    return this.#queue.length === 0;
  }

  #initProducerId(): void {
    const body = { transactionalId: null, transactionTimeoutMs: -1 };
    const client = this.#client;
    client.send(
      client.anyNode(),
      initProducerIdRequest,
      initProducerIdResponse,
      body,
      REQUEST_TIMEOUT_MS,
      (response) => {
        if (response === undefined || response.errorCode !== 0) {
          client.clock.schedule(RETRY_MS, () => this.#initProducerId());
          return;
        }
        this.#producerId = response.producerId;
        this.#producerEpoch = response.producerEpoch;
        this.#produce();
      },
    );
  }

  #produce(): void {
    if (this.#isStopped) return;
    const { random } = this.#context.cluster;
    if (this.#queue.length < 2 * MAX_IN_FLIGHT) {
      const count = 1 + random.int(3);
      const baseSequence = this.#nextSequence;
      const values = Array.from({ length: count }, (_, i) => recordValue(this.name, this.#partition, baseSequence + i));
      this.#nextSequence += count;
      this.#queue.push({ baseSequence, values, isInFlight: false, isDone: false });
      this.#send();
    }
    this.#client.clock.schedule(20 + random.int(300), () => this.#produce());
  }

  // In the order of the sequences: a batch goes only when all before it are under way.
  #send(): void {
    if (this.#isWaiting) return;
    const leader = this.#client.partition(this.#topic, this.#partition);
    if (leader === undefined) {
      this.#retryLater();
      return;
    }
    for (const [i, one] of this.#queue.entries()) {
      if (i >= MAX_IN_FLIGHT) return;
      if (!one.isInFlight && !one.isDone) this.#sendBatch(one, leader.leaderId);
    }
  }

  #sendBatch(one: QueuedBatch, leaderId: number): void {
    const client = this.#client;
    const topicId = client.topicId(this.#topic);
    if (topicId === undefined) return;
    one.isInFlight = true;
    const builder = new BatchBuilder();
    for (const value of one.values) builder.append(client.clock.nowMs(), null, Buffer.from(value));
    const records = builder.finish({
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: one.baseSequence,
    });
    const partitionData = [{ index: this.#partition, records }];
    client.send(
      leaderId,
      produceRequest,
      produceResponse,
      { acks: -1, timeoutMs: REQUEST_TIMEOUT_MS, topicData: [{ topicId, name: this.#topic, partitionData }] },
      REQUEST_TIMEOUT_MS * 1.5,
      (response, error) => {
        one.isInFlight = false;
        const answer = response?.responses[0]?.partitionResponses[0];
        this.#answered(one, topicId, answer, error?.message);
      },
    );
  }

  #answered(
    one: QueuedBatch,
    topicId: string,
    answer: { readonly errorCode: number; readonly baseOffset: number } | undefined,
    transportError: string | undefined,
  ): void {
    const errorName = answer === undefined ? (transportError ?? 'no answer') : errorNameOf(answer.errorCode);
    const { cluster, oracle } = this.#context;
    const isFirst = this.#queue.find((queued) => !queued.isDone) === one;
    if (errorName === 'NONE' && answer !== undefined) {
      // Duplicates of old batches are acknowledged without an offset.
      if (answer.baseOffset >= 0) {
        oracle.check();
        for (const [i, value] of one.values.entries()) {
          oracle.acked(topicId, this.#partition, answer.baseOffset + i, value);
        }
      }
      one.isDone = true;
    } else if (errorName === 'DUPLICATE_SEQUENCE_NUMBER') one.isDone = true;
    else if (errorName === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && isFirst && this.#isThereAlready(one, topicId))
      one.isDone = true;
    else if (FATAL.has(errorName) && isFirst) {
      throw new Error(`producer ${this.name}: the batch at sequence ${one.baseSequence} was refused with ${errorName}`);
    } else {
      cluster.trace(`${this.name} ${one.baseSequence}: ${errorName}`);
      this.#retryLater();
      return;
    }
    while (this.#queue[0]?.isDone === true) this.#queue.shift();
    this.#send();
  }

  // A producer snapshot holds only the last batch of a producer, as Kafka's: after a restart of the leader an older one
  // that is sent again is not recognised. It must be in the log though.
  #isThereAlready(one: QueuedBatch, topicId: string): boolean {
    const { oracle } = this.#context;
    oracle.check();
    return oracle.lastWritten(this.name, topicId, this.#partition) >= one.baseSequence + one.values.length - 1;
  }

  #retryLater(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#client.clock.schedule(RETRY_MS, () => {
      this.#client.refresh(() => {
        // What is still under way on the old connection comes first, or never.
        if (this.#queue.some(({ isInFlight }) => isInFlight)) {
          this.#isWaiting = false;
          this.#retryLater();
          return;
        }
        this.#isWaiting = false;
        this.#send();
      });
    });
  }
}

const FATAL: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_RECORD',
  'CORRUPT_MESSAGE',
  'UNSUPPORTED_VERSION',
  'INVALID_REQUEST',
  'UNKNOWN_SERVER_ERROR',
]);

/** Reads one partition from the start, following its leader, and compares with what was committed. */
export class Consumer {
  readonly #context: ActorContext;
  readonly #client: SimulatedClient;
  readonly #topic: string;
  readonly #partition: number;
  position = 0;

  constructor(context: ActorContext, name: string, topic: string, partition: number) {
    this.#context = context;
    this.#client = new SimulatedClient(context.cluster, name);
    this.#topic = topic;
    this.#partition = partition;
  }

  start(): void {
    this.#refresh();
  }

  #refresh(): void {
    this.#client.clock.schedule(RETRY_MS, () => this.#client.refresh(() => this.#fetch()));
  }

  get isAtEnd(): boolean {
    const topicId = this.#client.topicId(this.#topic);
    return topicId !== undefined && this.position === this.#context.oracle.endOffset(topicId, this.#partition);
  }

  #fetch(): void {
    const client = this.#client;
    const leader = client.partition(this.#topic, this.#partition);
    const topicId = client.topicId(this.#topic);
    if (leader === undefined || topicId === undefined) {
      this.#refresh();
      return;
    }
    const partition = {
      partition: this.#partition,
      currentLeaderEpoch: leader.leaderEpoch,
      fetchOffset: this.position,
      partitionMaxBytes: 1000,
    };
    client.send(
      leader.leaderId,
      fetchRequest,
      fetchResponse,
      {
        maxWaitMs: 500,
        minBytes: 1,
        sessionEpoch: -1,
        topics: [{ topicId, topic: this.#topic, partitions: [partition] }],
      },
      REQUEST_TIMEOUT_MS,
      (response) => {
        const answer = response?.responses[0]?.partitions[0];
        if (answer === undefined || answer.errorCode !== 0) {
          this.#refresh();
          return;
        }
        if (answer.records !== null && answer.records.length > 0) this.#take(topicId, answer.records);
        client.clock.schedule(1, () => this.#fetch());
      },
    );
  }

  #take(topicId: string, records: Buffer): void {
    const { oracle } = this.#context;
    oracle.check();
    forEachRecord(records, (cursor) => {
      if (cursor.offset < this.position) return;
      if (cursor.offset > this.position) {
        throw new Error(
          `a consumer of ${this.#topic}-${this.#partition} at ${this.position} was given ${cursor.offset}`,
        );
      }
      oracle.consumed(topicId, this.#partition, cursor.offset, cursor.value()?.toString() ?? '');
      this.position = cursor.offset + 1;
    });
  }
}
