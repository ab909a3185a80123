import type { KafkaError } from '../../src/base/kafka-error.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../../src/protocol/schema.ts';
import { PeerConnection } from '../../src/raft/peer-connection.ts';
import { ProcessClock } from './simulated-clock.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { BROKER_PORT } from './simulated-cluster.ts';

const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const METADATA_TIMEOUT_MS = 2000;

export interface KnownPartition {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

interface KnownTopic {
  readonly topicId: string;
  readonly partitions: ReadonlyMap<number, KnownPartition>;
}

/** Gets exactly one of the two. */
export type Answer<P> = (response: P | undefined, error: KafkaError | undefined) => void;

/** A client without promises: its requests and timers are events of the simulation and nothing else. */
export class SimulatedClient {
  readonly cluster: SimulatedCluster;
  readonly name: string;
  readonly clock: ProcessClock;
  readonly #connections = new Map<string, PeerConnection>();
  #topics = new Map<string, KnownTopic>();
  #isRefreshing = false;

  constructor(cluster: SimulatedCluster, name: string) {
    this.cluster = cluster;
    this.name = name;
    this.clock = new ProcessClock(cluster.clock, (error) => cluster.fail(`client ${name}`, error));
  }

  get host(): string {
    return this.name;
  }

  /**
   * Sends to a node. `lane` tells connections to the same node apart: what must not wait for one another has lanes of
   * its own.
   */
  send<Q extends Fields, P extends Fields>(
    nodeId: number,
    request: MessageSchema<Q>,
    response: MessageSchema<P>,
    body: InputFields<Q>,
    timeoutMs: number,
    answer: Answer<DecodedFields<P>>,
    lane = '',
  ): void {
    const connection = this.#connection(nodeId, lane);
    connection.send(request, response, body, timeoutMs, (result) => {
      // The connection would take what is thrown for a response that cannot be read.
      try {
        answer(result.response, result.error);
      } catch (error) {
        this.cluster.fail(`client ${this.name}`, error);
      }
    });
  }

  #connection(nodeId: number, lane: string): PeerConnection {
    const key = `${nodeId}/${lane}`;
    const known = this.#connections.get(key);
    if (known !== undefined && !known.isClosed) return known;
    const connection = new PeerConnection({
      host: `n${nodeId}`,
      port: BROKER_PORT,
      clientId: this.name,
      connector: this.cluster.internet.connectorOf({ host: this.host, clock: this.clock }),
      clock: this.clock,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      onClosed: () => {},
    });
    this.#connections.set(key, connection);
    return connection;
  }

  /** Drops the connection of a lane. */
  disconnect(nodeId: number, lane: string): void {
    this.#connections.get(`${nodeId}/${lane}`)?.close();
  }

  anyNode(): number {
    const { nodes, random } = this.cluster;
    return nodes[random.int(nodes.length)]?.id ?? 1;
  }

  topicId(topic: string): string | undefined {
    return this.#topics.get(topic)?.topicId;
  }

  partition(topic: string, partition: number): KnownPartition | undefined {
    const known = this.#topics.get(topic)?.partitions.get(partition);
    return known === undefined || known.leaderId < 0 ? undefined : known;
  }

  /** Asks any node for the cluster's topics, unless that is under way. */
  refresh(done: () => void = () => {}): void {
    if (this.#isRefreshing) {
      this.clock.schedule(50, done);
      return;
    }
    this.#isRefreshing = true;
    const body = { topics: null, allowAutoTopicCreation: false };
    const nodeId = this.anyNode();
    this.send(
      nodeId,
      metadataRequest,
      metadataResponse,
      body,
      METADATA_TIMEOUT_MS,
      (response) => {
        this.#isRefreshing = false;
        if (response !== undefined) this.#learn(response.topics);
        done();
      },
      'metadata',
    );
  }

  #learn(topics: DecodedFields<(typeof metadataResponse)['fields']>['topics']): void {
    const learned = new Map<string, KnownTopic>();
    for (const { name, topicId, partitions } of topics) {
      if (name === null) continue;
      const before = this.#topics.get(name);
      const known = new Map<number, KnownPartition>();
      for (const { partitionIndex, leaderId, leaderEpoch } of partitions) {
        // A node that is behind must not take us back.
        const old = before?.topicId === topicId ? before.partitions.get(partitionIndex) : undefined;
        const isOlder = old !== undefined && old.leaderEpoch > leaderEpoch;
        known.set(partitionIndex, isOlder ? old : { leaderId, leaderEpoch });
      }
      learned.set(name, { topicId, partitions: known });
    }
    this.#topics = learned;
  }
}
