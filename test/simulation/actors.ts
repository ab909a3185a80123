import { errorNameOf } from '../../src/protocol/error-codes.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/00-produce.ts';
import { fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../../src/protocol/messages/02-list-offsets.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../src/protocol/messages/22-init-producer-id.ts';
import { BatchBuilder } from '../../src/records/batch-builder.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';
import { type PartitionOracle, recordValue } from './oracle.ts';
import { SimulatedClient } from './simulated-client.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

const REQUEST_TIMEOUT_MS = 2000;
const RETRY_MS = 200;
const MAX_IN_FLIGHT = 3;
const FETCH_MAX_WAIT_MS = 500;
/** A consumer takes what has come together, not each batch as it comes. */
const FETCH_PAUSE_MS = 100;
const EARLIEST_TIMESTAMP = -2;

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
  readonly topic: string;
  readonly partition: number;
  #producerId = -1;
  #producerEpoch = -1;
  #nextSequence = 0;
  #queue: QueuedBatch[] = [];
  #isWaiting = false;
  #isStopped = false;

  constructor(context: ActorContext, name: string, topic: string, partition: number) {
    this.#context = context;
    this.name = name;
    this.#client = new SimulatedClient(context.cluster, name);
    this.topic = topic;
    this.partition = partition;
  }

  start(): void {
    this.#client.refresh(() => this.#initProducerId());
  }

  /** Sends no more new records; what is queued is delivered. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Its topic goes: nothing of it is waited for. */
  abandon(): void {
    this.#isStopped = true;
    this.#queue = [];
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
      const values = Array.from({ length: count }, (_, i) => recordValue(this.name, this.partition, baseSequence + i));
      this.#nextSequence += count;
      this.#queue.push({ baseSequence, values, isInFlight: false, isDone: false });
      this.#send();
    }
    this.#client.clock.schedule(20 + random.int(300), () => this.#produce());
  }

  // In the order of the sequences: a batch goes only when all before it are under way.
  #send(): void {
    if (this.#isWaiting) return;
    const leader = this.#client.partition(this.topic, this.partition);
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
    const topicId = client.topicId(this.topic);
    if (topicId === undefined) return;
    one.isInFlight = true;
    const builder = new BatchBuilder();
    for (const value of one.values) builder.append(client.clock.nowMs(), null, Buffer.from(value));
    const records = builder.finish({
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: one.baseSequence,
    });
    const partitionData = [{ index: this.partition, records }];
    client.send(
      leaderId,
      produceRequest,
      produceResponse,
      { acks: -1, timeoutMs: REQUEST_TIMEOUT_MS, topicData: [{ topicId, name: this.topic, partitionData }] },
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
          oracle.acked(topicId, this.partition, answer.baseOffset + i, value);
        }
      }
      one.isDone = true;
    } else if (errorName === 'DUPLICATE_SEQUENCE_NUMBER') one.isDone = true;
    else if (errorName === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && isFirst && this.#isThereAlready(one, topicId))
      one.isDone = true;
    else if (FATAL.has(errorName) && isFirst && oracle.isShortLived(topicId, this.partition)) one.isDone = true;
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
    return oracle.lastWritten(this.name, topicId, this.partition) >= one.baseSequence + one.values.length - 1;
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
  readonly name: string;
  readonly topic: string;
  readonly #partition: number;
  #isAbandoned = false;
  position = 0;

  constructor(context: ActorContext, name: string, topic: string, partition: number) {
    this.#context = context;
    this.#client = new SimulatedClient(context.cluster, name);
    this.name = name;
    this.topic = topic;
    this.#partition = partition;
  }

  start(): void {
    this.#refresh();
  }

  /** Its topic goes: it reads no more. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  #refresh(): void {
    if (this.#isAbandoned) return;
    this.#client.clock.schedule(RETRY_MS, () => this.#client.refresh(() => this.#fetch()));
  }

  get isAtEnd(): boolean {
    if (this.#isAbandoned) return true;
    const topicId = this.#client.topicId(this.topic);
    return topicId !== undefined && this.position === this.#context.oracle.endOffset(topicId, this.#partition);
  }

  #fetch(): void {
    const client = this.#client;
    const leader = client.partition(this.topic, this.#partition);
    const topicId = client.topicId(this.topic);
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
        maxWaitMs: FETCH_MAX_WAIT_MS,
        minBytes: 1,
        sessionEpoch: -1,
        topics: [{ topicId, topic: this.topic, partitions: [partition] }],
      },
      REQUEST_TIMEOUT_MS,
      (response) => {
        if (this.#isAbandoned) return;
        const answer = response?.responses[0]?.partitions[0];
        const errorName = answer === undefined ? undefined : errorNameOf(answer.errorCode);
        if (errorName === 'OFFSET_OUT_OF_RANGE') this.#findStart(topicId, leader.leaderId);
        else if (answer === undefined || errorName !== 'NONE') this.#refresh();
        else {
          if (answer.records !== null && answer.records.length > 0) this.#take(topicId, answer.records);
          client.clock.schedule(FETCH_PAUSE_MS, () => this.#fetch());
        }
      },
    );
  }

  // What is at its position was deleted.
  #findStart(topicId: string, leaderId: number): void {
    const partitions = [{ partitionIndex: this.#partition, timestamp: EARLIEST_TIMESTAMP }];
    const body = { replicaId: -1, topics: [{ name: this.topic, partitions }] };
    const answered = (answer: { readonly errorCode: number; readonly offset: number } | undefined): void => {
      if (answer?.errorCode === 0 && answer.offset > this.position && !this.#isAbandoned) {
        this.#context.oracle.skipped(topicId, this.#partition, this.position, answer.offset);
        this.position = answer.offset;
      }
      this.#refresh();
    };
    this.#client.send(leaderId, listOffsetsRequest, listOffsetsResponse, body, REQUEST_TIMEOUT_MS, (response) =>
      answered(response?.topics[0]?.partitions[0]),
    );
  }

  #take(topicId: string, records: Buffer): void {
    const { oracle } = this.#context;
    oracle.check();
    forEachRecord(records, (cursor) => {
      if (cursor.offset < this.position) return;
      if (cursor.offset > this.position) {
        throw new Error(
          `a consumer of ${this.topic}-${this.#partition} at ${this.position} was given ${cursor.offset}`,
        );
      }
      oracle.consumed(topicId, this.#partition, cursor.offset, cursor.value()?.toString() ?? '');
      this.position = cursor.offset + 1;
    });
  }
}
