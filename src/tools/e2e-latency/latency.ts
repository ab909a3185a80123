import { KafkaError } from '../../base/kafka-error.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import { createTopics } from '../../client/admin/topics.ts';
import { Fetcher } from '../../client/fetcher.ts';
import { type BatchResult, Producer } from '../../client/producer.ts';
import { clientLogger } from '../shared/client-logger.ts';
import type { Properties } from '../shared/properties.ts';
import type { ToolIo } from '../shared/tool.ts';

const POLL_TIMEOUT_MS = 60_000;
const PROGRESS_RECORDS = 1000;
const LETTERS = 26;
const FIRST_LETTER = 65;
const FOR_EVER = String(Number.MAX_SAFE_INTEGER);

export interface LatencySettings {
  readonly topic: string;
  readonly numRecords: number;
  readonly acks: string;
  readonly recordSize: number;
  readonly keySize: number;
  readonly numHeaders: number;
  readonly headerKeySize: number;
  /** -1 = null. */
  readonly headerSize: number;
  /** What the config file says, and where the cluster is. */
  readonly properties: Properties;
}

function bytes(random: Random, count: number): Buffer {
  return Buffer.alloc(count, FIRST_LETTER + random.int(LETTERS));
}

/** Sends one record at a time and waits until it comes back; throws an Error in Kafka's words when it does not. */
export class LatencyRun {
  readonly #settings: LatencySettings;
  readonly #io: ToolIo;
  #lastResult: BatchResult | undefined;

  constructor(settings: LatencySettings, io: ToolIo) {
    this.#settings = settings;
    this.#io = io;
  }

  async run(): Promise<void> {
    const { properties, acks } = this.#settings;
    const environment = { clock: this.#io.clock, random: this.#io.random, logger: clientLogger(this.#io) };
    const consumerProperties = new Map([...properties, ['auto.offset.reset', 'latest'], ['fetch.max.wait.ms', '0']]);
    const fetcher = await Fetcher.create(consumerProperties, { environment });
    try {
      await this.#setUp(fetcher);
      const producerProperties = new Map([
        ...properties,
        ['linger.ms', '0'],
        ['max.block.ms', FOR_EVER],
        ['acks', acks],
      ]);
      const producer = await Producer.create(producerProperties, {
        environment,
        onBatch: (result) => {
          this.#lastResult = result;
        },
      });
      try {
        await producer.connectTopic(this.#settings.topic);
        await this.#measure(producer, fetcher);
      } finally {
        await producer.close();
      }
    } finally {
      fetcher.close();
    }
  }

  // Creates the topic when it is not there and goes to its end.
  async #setUp(fetcher: Fetcher): Promise<void> {
    const { topic } = this.#settings;
    const { client } = fetcher;
    const deadlineMs = () => this.#io.clock.nowMs() + client.config.defaultApiTimeoutMs;
    const countOf = async () => {
      const { topics } = await client.fetchMetadata([topic], deadlineMs());
      return topics[0]?.errorCode === 0 ? topics[0].partitions.length : 0;
    };
    let count = await countOf();
    if (count === 0) {
      const how = 'Will create topic with 1 partition(s) and replication factor = 1';
      this.#io.stdout.write(`Topic "${topic}" does not exist. ${how}\n`);
      const [result] = (await createTopics(client, [{ name: topic, numPartitions: 1, replicationFactor: 1 }])).values();
      if (result instanceof KafkaError) {
        this.#io.stdout.write(`Creation of topic ${topic} failed\n`);
        throw result;
      }
      while (count === 0) {
        await client.sleep(client.retryBackoffMs(0));
        count = await countOf();
      }
    }
    const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
    fetcher.assign(partitions.map((at) => ({ ...at, offset: 'latest' as const })));
    const isReady = () => partitions.every((at) => fetcher.position(at.topic, at.partition) !== undefined);
    while (!isReady()) await fetcher.poll(1, () => false, 1);
  }

  async #measure(producer: Producer, fetcher: Fetcher): Promise<void> {
    const { clock, stdout } = this.#io;
    const { topic, numRecords, recordSize, keySize, numHeaders, headerKeySize, headerSize } = this.#settings;
    const random = seededRandom(0);
    const latencies: number[] = [];
    let totalMs = 0;
    for (let i = 0; i < numRecords; i++) {
      const key = keySize > 0 ? bytes(random, keySize) : null;
      const value = bytes(random, recordSize);
      const headers = Array.from({ length: numHeaders }, () => ({
        key: bytes(random, headerKeySize),
        value: headerSize === -1 ? null : bytes(random, headerSize),
      }));
      const beginMs = clock.monotonicMs();
      producer.send(topic, { key, value, headers });
      await producer.flush();
      if (this.#lastResult?.error !== undefined) throw this.#lastResult.error;
      await this.#expect(fetcher, key, value);
      const elapsedMs = clock.monotonicMs() - beginMs;
      if (i % PROGRESS_RECORDS === 0) stdout.write(`${i}\t${elapsedMs}\n`);
      totalMs += elapsedMs;
      latencies.push(Math.floor(elapsedMs));
    }
    latencies.sort((a, b) => a - b);
    const percentile = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
    stdout.write(`Avg latency: ${(totalMs / numRecords).toFixed(4)} ms\n`);
    const [p50, p99, p999] = [percentile(0.5), percentile(0.99), percentile(0.999)];
    stdout.write(`Percentiles: 50th = ${p50}, 99th = ${p99}, 99.9th = ${p999}\n`);
  }

  async #expect(fetcher: Fetcher, key: Buffer | null, value: Buffer): Promise<void> {
    let read: { key: string | undefined; value: string } | undefined;
    const count = await fetcher.poll(POLL_TIMEOUT_MS, (cursor) => {
      read ??= { key: cursor.key()?.toString(), value: cursor.value()?.toString() ?? '' };
    });
    if (read === undefined)
      throw new Error(`poll() timed out before finding a result (timeout:[${POLL_TIMEOUT_MS}ms])`);
    if (read.value !== value.toString()) {
      throw new Error(`The message value read [${read.value}] did not match the message value sent [${value}]`);
    }
    if (read.key !== key?.toString()) {
      throw new Error(`The message key read [${read.key}] did not match the message key sent [${key}]`);
    }
    if (count !== 1) throw new Error(`Only one result was expected during this test. We found [${count}]`);
  }
}
