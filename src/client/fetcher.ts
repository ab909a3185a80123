import type { Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { ZERO_UUID } from '../base/uuid.ts';
import { type FetchResponse, fetchRequest, fetchResponse } from '../protocol/messages/01-fetch.ts';
import { KafkaClient } from './client.ts';
import type { Connection } from './connection.ts';
import type { ClientEnvironment } from './environment.ts';
import { ClientError, errorOf, isRetriable, namedError } from './errors.ts';
import {
  FetchChunk,
  FetchPartition,
  nextOffsetAfter,
  type RecordVisitor,
  type StartOffset,
} from './fetch-partition.ts';
import { FetchSession, fetchBody, type SessionPartition } from './fetch-session.ts';
import { type FetcherConfig, fetcherConfig, fetcherDefinitions } from './fetcher-config.ts';
import { PositionLookup } from './position-lookup.ts';
import type { Node, TopicPartition } from './types.ts';

export type { RecordCursor } from '../records/record-cursor.ts';

export interface FetcherOptions {
  readonly environment?: Partial<ClientEnvironment>;
}

type PartitionData = FetchResponse['responses'][number]['partitions'][number];

const OUT_OF_RANGE = 'org.apache.kafka.clients.consumer.OffsetOutOfRangeException';

/** A partition to be read, and where from: left out = by auto.offset.reset. */
export type Assignment = TopicPartition & { readonly offset?: StartOffset | undefined };

const LAST_VERSION_WITH_NAMES = 12;
/** One chunk being handed out and one fetched ahead. */
const MAX_CHUNKS = 2;

/**
 * Fetches assigned partitions from their leaders, or from the replica that the leader prefers for `client.rack`
 * (KIP-392), with fetch sessions (KIP-227). Settings as Kafka's consumer: fetch.min.bytes, fetch.max.bytes,
 * fetch.max.wait.ms, max.partition.fetch.bytes, isolation.level, auto.offset.reset, check.crcs, client.rack.
 * One answer is fetched ahead of what was polled, no more.
 */
export class Fetcher {
  /** The underlying client, e.g. for metadata and admin calls. */
  readonly client: KafkaClient;
  readonly config: FetcherConfig;
  #partitions = new Map<string, FetchPartition>();
  readonly #sessions = new Map<number, FetchSession>();
  /** Brokers with a request under way. */
  readonly #busy = new Set<number>();
  readonly #positions: PositionLookup;
  #chunks: FetchChunk[] = [];
  #error: KafkaError | undefined;
  #wake: () => void = () => {};
  #dueTimer: Timer | undefined;
  #isRefreshing = false;
  #refreshFailures = 0;
  #refreshedAtMs = 0;

  /** Rejects with ClientError (ConfigException) when a setting is wrong or no bootstrap address resolves. */
  static async create(properties: ReadonlyMap<string, string>, options: FetcherOptions = {}): Promise<Fetcher> {
    const client = await KafkaClient.create('consumer', properties, options.environment, fetcherDefinitions);
    return new Fetcher(client);
  }

  /** @param client made with `fetcherDefinitions`; the fetcher closes it */
  constructor(client: KafkaClient) {
    this.client = client;
    this.config = fetcherConfig(client.config.values);
    this.#positions = new PositionLookup(client, this.config, (error) => {
      if (error !== undefined) this.#fail(error);
      this.#fetch();
    });
  }

  #monotonicMs(): number {
    return this.client.environment.clock.monotonicMs();
  }

  /** Replaces the assignment. Partitions that stay assigned and have no new offset keep their position. */
  assign(partitions: readonly Assignment[]): void {
    const before = this.#partitions;
    this.#partitions = new Map();
    for (const { topic, partition, offset } of partitions) {
      const fresh = new FetchPartition(topic, partition);
      const known = before.get(fresh.name);
      const kept = known ?? fresh;
      if (known === undefined || offset !== undefined) kept.seek(offset ?? 'policy');
      this.#partitions.set(kept.name, kept);
    }
    for (const [name, gone] of before) {
      if (!this.#partitions.has(name)) gone.generation++;
    }
    this.#dropStale();
  }

  /** The partitions that are assigned now. */
  get assignment(): readonly TopicPartition[] {
    return [...this.#partitions.values()];
  }

  #get(topic: string, partition: number): FetchPartition {
    const known = this.#partitions.get(`${topic}-${partition}`);
    if (known === undefined) throw new RangeError(`No current assignment for partition ${topic}-${partition}`);
    return known;
  }

  /** Offset of the next record to be polled; undefined while not known. */
  position(topic: string, partition: number): number | undefined {
    return this.#get(topic, partition).position;
  }

  /** The high watermark that the last answer named, -1 when there was none. */
  highWatermark(topic: string, partition: number): number {
    return this.#get(topic, partition).highWatermark;
  }

  seek(topic: string, partition: number, offset: StartOffset): void {
    this.#get(topic, partition).seek(offset);
    this.#dropStale();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#get(topic, partition).isPaused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#get(topic, partition).isPaused = false;
  }

  #dropStale(): void {
    this.#chunks = this.#chunks.filter((chunk) => !chunk.isStale);
  }

  /**
   * Calls `visit` for each record that is there, waiting up to `timeoutMs` for the first; resolves to how many there
   * were. Control records and, with read_committed, aborted ones are passed over. `visit` returning false stops after
   * that record; the rest comes with the next poll. The cursor is the same object every time.
   *
   * Rejects with KafkaError: OFFSET_OUT_OF_RANGE when auto.offset.reset=none, TOPIC_AUTHORIZATION_FAILED,
   * CORRUPT_MESSAGE, INVALID_RECORD, an authentication failure.
   */
  async poll(timeoutMs: number, visit: RecordVisitor, maxRecords = Number.POSITIVE_INFINITY): Promise<number> {
    const deadlineMs = this.#monotonicMs() + timeoutMs;
    for (;;) {
      this.#fetch();
      this.#throwError();
      const count = this.#deliver(visit, maxRecords);
      if (count > 0) {
        this.#fetch();
        return count;
      }
      const leftMs = deadlineMs - this.#monotonicMs();
      if (leftMs <= 0 || this.client.isClosed) return 0;
      await this.#arrival(leftMs);
    }
  }

  #throwError(): void {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
  }

  #deliver(visit: RecordVisitor, maxRecords: number): number {
    let count = 0;
    for (let i = 0; i < this.#chunks.length && count < maxRecords; ) {
      const chunk = this.#chunks[i];
      if (chunk === undefined) break;
      if (chunk.partition.isPaused && !chunk.isStale) {
        i++;
        continue;
      }
      if (!chunk.isStale) count += chunk.deliver(visit, maxRecords - count);
      if (chunk.isDone || chunk.isStale) {
        if (!chunk.isStale) chunk.partition.chunkCount--;
        this.#chunks.splice(this.#chunks.indexOf(chunk), 1);
        this.#fetch();
      }
      if (chunk.wasStopped) break;
    }
    return count;
  }

  /** Resolves when something arrived, or after `timeoutMs`. */
  #arrival(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.client.environment.clock.schedule(timeoutMs, () => this.#wake());
      this.#wake = () => {
        this.#wake = () => {};
        timer.cancel();
        resolve();
      };
    });
  }

  #fail(error: unknown): void {
    this.#error ??= error instanceof KafkaError ? error : new KafkaError('UNKNOWN_SERVER_ERROR', String(error));
    this.#wake();
  }

  // Asked for by each fetch that finds a partition not due yet: a timer may fire a little early.
  #fetchWhenDue(delayMs: number): void {
    this.#dueTimer ??= this.client.environment.clock.schedule(Math.max(1, Math.ceil(delayMs)), () => {
      this.#dueTimer = undefined;
      this.#fetch();
    });
  }

  /** Sends a request to every broker that leads something to fetch and has none under way. */
  #fetch(): void {
    if (this.client.isClosed || this.#partitions.size === 0) return;
    if (this.#refreshedAtMs === 0 || this.#monotonicMs() - this.#refreshedAtMs > this.client.config.metadataMaxAgeMs) {
      this.#refreshMetadata();
    }
    this.#positions.lookUp(this.#partitions.values());
    for (const [node, partitions] of this.#byNode()) {
      if (this.#busy.has(node.id)) continue;
      const connection = this.client.network.ready(node);
      if (connection === undefined) this.#connect(node);
      else this.#send(connection, node, partitions);
    }
  }

  #byNode(): Map<Node, FetchPartition[]> {
    const nodes = new Map<Node, FetchPartition[]>();
    const nowMs = this.#monotonicMs();
    for (const partition of this.#partitions.values()) {
      if (partition.retryAtMs > nowMs) this.#fetchWhenDue(partition.retryAtMs - nowMs);
      if (!isFetchable(partition, nowMs)) continue;
      const node = this.#nodeFor(partition, nowMs);
      if (node === undefined) {
        this.#refreshMetadata();
        continue;
      }
      const known = nodes.get(node);
      if (known === undefined) nodes.set(node, [partition]);
      else known.push(partition);
    }
    return nodes;
  }

  #nodeFor(partition: FetchPartition, nowMs: number): Node | undefined {
    const { metadata } = this.client;
    if (partition.preferredReplica >= 0 && partition.preferredUntilMs > nowMs) {
      const replica = metadata.brokers.get(partition.preferredReplica);
      if (replica !== undefined) return replica;
    }
    partition.preferredReplica = -1;
    return metadata.leader(partition.topic, partition.partition);
  }

  #connect(node: Node): void {
    const backoffMs = this.client.network.backoffMs(node);
    this.#busy.add(node.id);
    const again = (delayMs: number): void => {
      this.client.environment.clock.schedule(delayMs, () => {
        this.#busy.delete(node.id);
        this.#fetch();
      });
    };
    if (backoffMs > 0) {
      again(backoffMs);
      return;
    }
    this.client.network.connect(node).then(
      () => {
        this.#busy.delete(node.id);
        this.#fetch();
      },
      (error) => {
        if (!isRetriable(error)) this.#fail(error);
        this.#refreshMetadata();
        again(Math.max(1, this.client.network.backoffMs(node)));
      },
    );
  }

  #send(connection: Connection, node: Node, partitions: readonly FetchPartition[]): void {
    const { metadata } = this.client;
    const wanted = new Map<string, SessionPartition>();
    const generations = new Map<string, number>();
    for (const one of partitions) {
      const { name, topic, partition, fetchOffset } = one;
      const topicId = metadata.topics.get(topic)?.topicId ?? ZERO_UUID;
      const currentLeaderEpoch = metadata.partition(topic, partition)?.leaderEpoch ?? -1;
      const partitionMaxBytes = this.config.maxPartitionBytes;
      wanted.set(name, { topic, topicId, partition, fetchOffset, currentLeaderEpoch, partitionMaxBytes });
      generations.set(name, one.generation);
      one.isFetching = true;
    }
    const hasIds = [...wanted.values()].every((one) => one.topicId !== ZERO_UUID);
    const version = connection.versions.choose(fetchRequest, hasIds ? {} : { maxVersion: LAST_VERSION_WITH_NAMES });
    const session = this.#sessions.get(node.id) ?? new FetchSession();
    this.#sessions.set(node.id, session);
    const body = fetchBody(this.config, session.next(wanted));
    const timeoutMs = this.client.config.requestTimeoutMs;
    this.#busy.add(node.id);
    connection.request(fetchRequest, fetchResponse, version, body, timeoutMs, (error, response) => {
      this.#busy.delete(node.id);
      for (const one of partitions) one.isFetching = false;
      if (response === undefined) {
        session.reset();
        for (const one of partitions) this.#backOff(one);
        if (error !== undefined && !isRetriable(error)) this.#fail(error);
        this.#refreshMetadata();
      } else if (session.answered(response.errorCode, response.sessionId)) this.#take(response, generations);
      this.#fetch();
      this.#wake();
    });
  }

  #take(response: FetchResponse, generations: ReadonlyMap<string, number>): void {
    const { metadata } = this.client;
    const endpoints = new Map(response.nodeEndpoints.map(({ nodeId, ...node }) => [nodeId, { id: nodeId, ...node }]));
    for (const { topic: name, topicId, partitions } of response.responses) {
      const topic = name === '' ? metadata.topicName(topicId) : name;
      for (const data of partitions) {
        const partition = this.#partitions.get(`${topic}-${data.partitionIndex}`);
        if (partition === undefined || generations.get(partition.name) !== partition.generation) continue;
        const { leaderId, leaderEpoch } = data.currentLeader;
        if (leaderId >= 0) {
          metadata.updateLeader(partition.topic, partition.partition, leaderId, leaderEpoch, endpoints.get(leaderId));
        }
        this.#takePartition(partition, data);
      }
    }
  }

  #takePartition(partition: FetchPartition, data: PartitionData): void {
    const error = errorOf(data.errorCode);
    if (error !== undefined) {
      this.#partitionFailed(partition, error);
      return;
    }
    if (data.highWatermark >= 0) partition.highWatermark = data.highWatermark;
    if (data.lastStableOffset >= 0) partition.lastStableOffset = data.lastStableOffset;
    if (data.logStartOffset >= 0) partition.logStartOffset = data.logStartOffset;
    if (data.preferredReadReplica >= 0) {
      partition.preferredReplica = data.preferredReadReplica;
      partition.preferredUntilMs = this.#monotonicMs() + this.client.config.metadataMaxAgeMs;
    }
    const records = data.records;
    if (records === null || records.length === 0) return;
    const next = nextOffsetAfter(records);
    if (next === undefined) {
      const text = `Failed to make progress reading messages at ${partition.name}=${partition.fetchOffset}. Received a non-empty fetch response from the server, but no complete records were found.`;
      this.#fail(new KafkaError('CORRUPT_MESSAGE', text));
      return;
    }
    partition.fetchOffset = Math.max(next, partition.fetchOffset);
    partition.chunkCount++;
    const aborted = this.config.isReadCommitted ? (data.abortedTransactions ?? []) : undefined;
    this.#chunks.push(new FetchChunk(partition, records, this.config.checkCrcs, aborted));
  }

  #partitionFailed(partition: FetchPartition, error: KafkaError): void {
    const { config, environment } = this.client;
    switch (error.errorName) {
      case 'OFFSET_OUT_OF_RANGE':
        this.#outOfRange(partition);
        return;
      case 'TOPIC_AUTHORIZATION_FAILED':
        environment.logger.warn(`${config.logPrefix}Not authorized to read from partition ${partition.name}.`);
        this.#fail(namedError(error.errorName, `Not authorized to access topics: [${partition.topic}]`));
        break;
      case 'UNKNOWN_TOPIC_OR_PARTITION': {
        const text = `Received unknown topic or partition error in fetch for partition ${partition.name}`;
        environment.logger.warn(config.logPrefix + text);
        break;
      }
      case 'CORRUPT_MESSAGE': {
        const text = `Encountered corrupt message when fetching offset ${partition.fetchOffset} for topic-partition ${partition.name}`;
        this.#fail(new KafkaError(error.errorName, text));
        break;
      }
    }
    partition.preferredReplica = -1;
    this.#backOff(partition);
    this.#refreshMetadata();
  }

  #outOfRange(partition: FetchPartition): void {
    if (partition.preferredReplica >= 0) {
      // The replica lags or was truncated: the leader knows better.
      partition.preferredReplica = -1;
      return;
    }
    // What was fetched before is handed out first; then the position says where the reader really stands.
    if (partition.chunkCount > 0) {
      this.#backOff(partition);
      return;
    }
    if (this.config.offsetReset === 'none') {
      const text = `Fetch position ${partition.fetchOffset} is out of range for partition ${partition.name}`;
      this.#backOff(partition);
      this.#fail(new ClientError(OUT_OF_RANGE, 'OFFSET_OUT_OF_RANGE', text));
      return;
    }
    const text = `Fetch position ${partition.fetchOffset} is out of range for partition ${partition.name}, resetting offset`;
    this.client.environment.logger.info(this.client.config.logPrefix + text);
    partition.seek('policy');
  }

  #backOff(partition: FetchPartition): void {
    const backoffMs = this.client.config.retryBackoffMs;
    partition.retryAtMs = this.#monotonicMs() + backoffMs;
    this.#fetchWhenDue(backoffMs);
  }

  #refreshMetadata(): void {
    if (this.#isRefreshing || this.client.isClosed) return;
    this.#isRefreshing = true;
    const { client } = this;
    const topics = [...new Set([...this.#partitions.values()].map((one) => one.topic))];
    const deadlineMs = client.environment.clock.nowMs() + client.config.defaultApiTimeoutMs;
    const done = (error: unknown): void => {
      if (error !== undefined && !isRetriable(error)) this.#fail(error);
      this.#refreshedAtMs = this.#monotonicMs();
      const isLed = [...this.#partitions.values()].every((one) => client.metadata.leader(one.topic, one.partition));
      this.#refreshFailures = error === undefined && isLed ? 0 : this.#refreshFailures + 1;
      const waitMs = this.#refreshFailures === 0 ? 0 : client.retryBackoffMs(this.#refreshFailures - 1);
      client.environment.clock.schedule(waitMs, () => {
        this.#isRefreshing = false;
        this.#fetch();
      });
    };
    client.fetchMetadata(topics, deadlineMs, this.config.allowAutoCreateTopics).then(() => done(undefined), done);
  }

  /** Ends the connections; a poll under way returns. */
  close(): void {
    this.#dueTimer?.cancel();
    this.client.close();
    this.#wake();
  }
}

function isFetchable(partition: FetchPartition, nowMs: number): boolean {
  return (
    partition.position !== undefined &&
    !partition.isPaused &&
    !partition.isFetching &&
    partition.chunkCount < MAX_CHUNKS &&
    partition.retryAtMs <= nowMs
  );
}
