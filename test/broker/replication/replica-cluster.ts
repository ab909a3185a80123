import { KafkaError } from '../../../src/base/kafka-error.ts';
import type { Logger } from '../../../src/base/logger.ts';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import { ClusterView } from '../../../src/broker/cluster-view.ts';
import { FetchCall, type FetchServices } from '../../../src/broker/fetch-call.ts';
import { FetchSessionCache } from '../../../src/broker/fetch-session.ts';
import { ANONYMOUS, type RequestContext } from '../../../src/broker/handler.ts';
import { NetworkMemory } from '../../../src/broker/network-memory.ts';
import type { NodeAddress } from '../../../src/broker/node-network.ts';
import type { Partition } from '../../../src/broker/partition.ts';
import { ReplicaManager } from '../../../src/broker/replica-manager.ts';
import { Replication } from '../../../src/broker/replication/replication.ts';
import { FilePool } from '../../../src/log/file-pool.ts';
import { DEFAULT_LOG_CONFIG } from '../../../src/log/log-config.ts';
import { LogManager } from '../../../src/log/log-manager.ts';
import { BrokerConfig } from '../../../src/metadata/configs/broker-config.ts';
import { MetadataLoader } from '../../../src/metadata/metadata-loader.ts';
import { errorCodeOf } from '../../../src/protocol/error-codes.ts';
import type { fetchRequest, fetchResponse } from '../../../src/protocol/messages/01-fetch.ts';
import { listOffsetsRequest } from '../../../src/protocol/messages/02-list-offsets.ts';
import { Reader } from '../../../src/protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../../../src/protocol/schema.ts';
import { Writer } from '../../../src/protocol/writer.ts';
import type { PeerResult } from '../../../src/raft/peer-connection.ts';
import { ControllerHarness, registration, uuid } from '../../metadata/controller-harness.ts';
import { ProcessClock } from '../../simulation/simulated-clock.ts';
import { SimulatedFileSystem } from '../../simulation/simulated-file-system.ts';
import { SimulatedNetwork } from '../../simulation/simulated-network.ts';
import { batchOf } from '../broker-support.ts';

/** Node id of the controller in the network. */
const CONTROLLER = 100;
const HEARTBEAT_MS = 300;
const FETCH_VERSION = 18;

/** What became of records that a producer sent. */
export interface Produced {
  readonly values: readonly string[];
  /** NONE when they are acknowledged, an error's name, or undefined while nothing is known. */
  outcome: string | undefined;
  baseOffset: number;
}

function roundTrip<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  value: InputFields<F>,
): DecodedFields<F> {
  const writer = new Writer();
  schema.encode(writer, version, value);
  return schema.decode(new Reader(Buffer.concat(writer.finish())), version);
}

/** One process of a broker: the real replica manager, logs, fetchers and fetch handling on a simulated disk. */
export class SimulatedBroker {
  readonly id: number;
  readonly clock: ProcessClock;
  readonly loader = new MetadataLoader();
  readonly config: BrokerConfig;
  readonly logManager: LogManager;
  readonly replicaManager: ReplicaManager;
  readonly services: FetchServices;
  readonly incarnation: number;
  /** Fetch requests that this broker has sent and received, newest last. */
  readonly received: DecodedFields<typeof fetchRequest.fields>[] = [];
  readonly #cluster: ReplicaCluster;
  readonly #inFlight = new Set<() => void>();
  brokerEpoch = -1;
  isTakenUp = false;
  isAlive = true;

  constructor(cluster: ReplicaCluster, id: number, fileSystem: SimulatedFileSystem, incarnation: number) {
    this.id = id;
    this.#cluster = cluster;
    this.incarnation = incarnation;
    this.clock = new ProcessClock(cluster.clock);
    this.config = new BrokerConfig(new Map(Object.entries(cluster.properties)));
    const { clock, config } = this;
    const { random } = cluster;
    const { image } = this.loader;
    const logger = cluster.loggerOf(id);
    this.logManager = LogManager.open({
      directories: [`/simulated-${id}`],
      configOf: () => ({ ...DEFAULT_LOG_CONFIG, ...cluster.logConfig }),
      environment: {
        fileSystem,
        clock,
        random,
        logger,
        filePool: new FilePool(fileSystem),
      },
    });
    const common = { nodeId: id, clock, logger, image, brokerEpoch: () => this.brokerEpoch };
    this.replicaManager = new ReplicaManager({
      ...common,
      logManager: this.logManager,
      replication: new Replication({
        ...common,
        config,
        interBrokerListenerName: 'PLAINTEXT',
        network: { link: (_clientId, destination) => this.#link(destination) as never },
        channel: {
          alterPartition: (request, done, failed) =>
            cluster.askController(this, 'alterPartition', [request, 3], done, failed),
          assignReplicasToDirs: (request, done, failed) =>
            cluster.askController(this, 'assignReplicasToDirs', [request], done, failed),
        },
      }),
      replicaLagTimeMaxMs: config.number('replica.lag.time.max.ms'),
      minInsyncReplicas: () => cluster.minInsyncReplicas,
      onLeadership: () => {},
    });
    this.services = {
      nodeId: id,
      clock,
      logger,
      config,
      image,
      cluster: new ClusterView(image, id, []),
      replicaManager: this.replicaManager,
      networkMemory: new NetworkMemory(Number.POSITIVE_INFINITY),
      fetchSessions: new FetchSessionCache(1000, clock, random),
    };
    this.loader.addPublisher((_image, changes) => {
      if (this.isTakenUp) this.replicaManager.applyChanges(changes);
    });
    this.logManager.start();
  }

  partition(index = 0): Partition {
    return this.replicaManager.getOrThrow('t', index);
  }

  /** Values in the log from its start up to `end`, by offset. */
  values(end: 'logEnd' | 'highWatermark' = 'logEnd', index = 0): string[] {
    return valuesOf(this.partition(index), end);
  }

  #link(destination: () => NodeAddress | undefined) {
    return {
      send: <Q extends Fields, P extends Fields>(
        request: MessageSchema<Q>,
        response: MessageSchema<P>,
        body: InputFields<Q>,
        timeoutMs: number,
        done: (result: PeerResult<DecodedFields<P>>) => void,
      ): void => {
        const to = destination()?.id;
        let isDone = false;
        const finish = (result: PeerResult<DecodedFields<P>>): void => {
          if (isDone) return;
          isDone = true;
          this.#inFlight.delete(broken);
          done(result);
        };
        const broken = (): void => finish({ error: new KafkaError('BROKER_NOT_AVAILABLE', 'the connection broke') });
        this.#inFlight.add(broken);
        this.clock.schedule(timeoutMs, () => finish({ error: new KafkaError('REQUEST_TIMED_OUT') }));
        const version = request.versions.max;
        const sent = roundTrip(request, version, body);
        const target = to === undefined ? undefined : this.#cluster.broker(to);
        if (target === undefined || this.#cluster.network.isCut(this.id, target.id)) {
          this.clock.schedule(1, broken);
          return;
        }
        this.#cluster.network.send(this.id, target.id, () => {
          target.serve(request, sent, (answer) => {
            const received = roundTrip(response, version, answer as InputFields<P>);
            this.#cluster.network.send(target.id, this.id, () => finish({ response: received }));
          });
        });
      },
      disconnect: () => this.breakConnections(),
      close: () => {},
    };
  }

  /** All that is under way from here fails, as when a peer dies. */
  breakConnections(): void {
    for (const broken of [...this.#inFlight]) this.clock.schedule(1, broken);
  }

  /** A request that came in from another broker. */
  serve(schema: MessageSchema, request: unknown, reply: (response: unknown) => void): void {
    if (schema.apiKey === listOffsetsRequest.apiKey) {
      reply(this.#listOffsets(request as DecodedFields<typeof listOffsetsRequest.fields>));
      return;
    }
    const fetch = request as DecodedFields<typeof fetchRequest.fields>;
    this.received.push(fetch);
    this.fetch(fetch, reply);
  }

  /** Serves a fetch as the handler does. */
  fetch(
    request: DecodedFields<typeof fetchRequest.fields>,
    reply: (response: InputFields<typeof fetchResponse.fields>) => void,
  ): void {
    const answer = Object.assign(reply, {
      fail: (error: unknown) => {
        throw error;
      },
      nothing: () => {},
      disconnect: () => {},
    });
    new FetchCall(this.services, request, contextOf(FETCH_VERSION, this.clock.monotonicMs()), answer).run();
  }

  #listOffsets({ topics }: DecodedFields<typeof listOffsetsRequest.fields>) {
    return {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
          try {
            const partition = this.replicaManager.getOrThrow(name, partitionIndex);
            return { partitionIndex, ...partition.offsetForTimestamp(timestamp, undefined, currentLeaderEpoch, true) };
          } catch (error) {
            return { partitionIndex, errorCode: errorCodeOf(error) };
          }
        }),
      })),
    };
  }

  /** The process ends without a word; its disk keeps what was written. */
  die(): void {
    this.isAlive = false;
    this.clock.die();
    this.logManager.abandon();
  }
}

/** The values of a partition's log. */
export function valuesOf(partition: Partition, end: 'logEnd' | 'highWatermark'): string[] {
  const { log } = partition;
  const values: string[] = [];
  for (let offset = log.logStartOffset; offset < partition.endOffset(end); ) {
    const read = log.read(offset, 1 << 20, partition.endOffset(end), true);
    for (const chunk of read.chunks) values.push(...batchValues(chunk));
    if (read.nextOffset <= offset) break;
    offset = read.nextOffset;
  }
  return values;
}

// Values are words without control characters, so they can be picked out of an uncompressed batch as they are.
function batchValues(chunk: Buffer): string[] {
  return [...chunk.toString('latin1').matchAll(/<<(\w+)>>/g)].map((match) => match[1] ?? '');
}

function contextOf(apiVersion: number, receivedAtMs: number): RequestContext {
  const listener = { name: 'PLAINTEXT', type: 'broker', securityProtocol: 'PLAINTEXT', boundHost: '' } as const;
  return {
    header: { apiKey: 1, apiVersion, correlationId: 0, clientId: 'test' },
    apiVersion,
    clientId: 'test',
    clientHost: '/127.0.0.1',
    connection: {
      id: '',
      localAddress: '127.0.0.1',
      localPort: 0,
      remoteAddress: '127.0.0.1',
      remotePort: 0,
      listener,
      clientSoftwareName: '',
      clientSoftwareVersion: '',
    },
    listener,
    principal: ANONYMOUS,
    isForwarded: false,
    requestSizeBytes: 0,
    receivedAtMs,
    link: { isConnected: () => true, onClose: () => () => {} },
  };
}

export interface ClusterOptions {
  readonly seed?: number;
  readonly minInsyncReplicas?: number;
  readonly properties?: Record<string, string>;
}

/**
 * Brokers with the real replication on simulated clock, disks and network, under the real controller's logic, which
 * stands alone and never fails here (the quorum has tests of its own).
 */
export class ReplicaCluster {
  readonly controller: ControllerHarness;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly properties: Record<string, string>;
  minInsyncReplicas: number;
  logConfig: Partial<typeof DEFAULT_LOG_CONFIG> = {};
  readonly #disks = new Map<number, SimulatedFileSystem>();
  readonly #brokers = new Map<number, SimulatedBroker>();
  #incarnations = 0;

  constructor({ seed = 1, minInsyncReplicas = 1, properties = {} }: ClusterOptions = {}) {
    this.properties = {
      'replica.lag.time.max.ms': '3000',
      'replica.socket.timeout.ms': '2000',
      'replica.fetch.backoff.ms': '100',
      ...properties,
    };
    this.minInsyncReplicas = minInsyncReplicas;
    this.controller = ControllerHarness.active({
      'broker.session.timeout.ms': '2000',
      'min.insync.replicas': String(minInsyncReplicas),
    });
    this.random = seededRandom(seed);
    this.network = new SimulatedNetwork(this.clock, this.random);
  }

  get clock() {
    return this.controller.clock;
  }

  /** What happened, for whoever looks into a history that went wrong. */
  readonly story: string[] = [];

  loggerOf(id: number): Logger {
    const tell = (message: string, cause?: unknown): void => {
      const why = cause instanceof Error ? ` (${cause.message})` : '';
      this.story.push(`${this.clock.monotonicMs().toFixed(0)} broker ${id}: ${message}${why}`);
    };
    return { info: tell, warn: tell, error: tell };
  }

  /** The running process of a broker. */
  broker(id: number): SimulatedBroker | undefined {
    const broker = this.#brokers.get(id);
    return broker?.isAlive === true ? broker : undefined;
  }

  get(id: number): SimulatedBroker {
    const broker = this.broker(id);
    if (broker === undefined) throw new Error(`broker ${id} is down`);
    return broker;
  }

  get alive(): SimulatedBroker[] {
    return [...this.#brokers.values()].filter(({ isAlive }) => isAlive);
  }

  /** Lets time pass; what handlers put off to the end of their turn runs after each event. */
  async run(durationMs: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + durationMs;
    while (this.clock.step(untilMs)) await Promise.resolve();
    this.clock.runFor(untilMs - this.clock.monotonicMs());
  }

  async until(what: string, isDone: () => boolean, limitMs = 30_000): Promise<void> {
    const untilMs = this.clock.monotonicMs() + limitMs;
    while (!isDone()) {
      if (!this.clock.step(untilMs)) throw new Error(`${what} did not come within ${limitMs} ms`);
      await Promise.resolve();
    }
  }

  start(...ids: number[]): void {
    for (const id of ids) this.#start(id);
  }

  #start(id: number): void {
    let disk = this.#disks.get(id);
    if (disk === undefined) {
      disk = new SimulatedFileSystem({ clock: this.clock, random: this.random });
      disk.makeDirectory(`/simulated-${id}`);
      const text = `cluster.id=c\ndirectory.id=${uuid(id)}\nnode.id=${id}\nversion=1\n`;
      disk.writeFileAtomically(`/simulated-${id}/meta.properties`, text);
      this.#disks.set(id, disk);
    }
    this.network.setUp(id);
    const broker = new SimulatedBroker(this, id, disk, ++this.#incarnations);
    this.#brokers.set(id, broker);
    this.#register(broker);
    this.#deliverMetadata(broker);
  }

  #register(broker: SimulatedBroker): void {
    const { id, incarnation } = broker;
    const again = (): void => void broker.clock.schedule(100, () => this.#register(broker));
    if (this.network.isCut(id, CONTROLLER)) {
      again();
      return;
    }
    this.controller.controller.registerBroker(registration(id, { incarnation, rack: `rack-${id}` }), (result) => {
      if (!broker.isAlive) return;
      if (result instanceof KafkaError) {
        again();
        return;
      }
      broker.brokerEpoch = result.brokerEpoch ?? -1;
      this.#heartbeat(broker);
    });
  }

  #heartbeat(broker: SimulatedBroker): void {
    const { id, brokerEpoch } = broker;
    broker.clock.schedule(HEARTBEAT_MS, () => this.#heartbeat(broker));
    const request = {
      brokerId: id,
      brokerEpoch,
      currentMetadataOffset: broker.loader.lastAppliedOffset,
      wantFence: !broker.isTakenUp,
      wantShutDown: false,
      offlineLogDirs: [],
      cordonedLogDirs: null,
    };
    if (this.network.isCut(id, CONTROLLER)) return;
    this.controller.controller.heartbeat(request, (result) => {
      if (!broker.isAlive || result instanceof KafkaError || broker.isTakenUp || result.isCaughtUp !== true) return;
      broker.isTakenUp = true;
      broker.replicaManager.takeUpAll();
    });
  }

  #deliverMetadata(broker: SimulatedBroker): void {
    broker.clock.schedule(1 + this.random.float() * 20, () => this.#deliverMetadata(broker));
    if (this.network.isCut(CONTROLLER, broker.id)) return;
    const { log, loader } = this.controller;
    const from = broker.loader.lastAppliedOffset + 1;
    // A part of it, as a fetch that was answered earlier would bring.
    const committed = loader.lastAppliedOffset + 1;
    const end = from + Math.ceil((committed - from) * (this.random.int(2) === 0 ? 1 : this.random.float()));
    if (end > from && !this.#isWithinTransaction(end)) {
      broker.loader.handleCommit([{ baseOffset: from, epoch: 1, values: log.slice(from, end) }]);
    }
  }

  // What the controller wrote as one batch arrives as one.
  #isWithinTransaction(end: number): boolean {
    let at = 0;
    for (const size of this.controller.batchSizes) {
      if (at === end) return false;
      if (at > end) return true;
      at += size;
    }
    return false;
  }

  askController<T>(
    broker: SimulatedBroker,
    method: 'alterPartition' | 'assignReplicasToDirs',
    args: unknown[],
    done: (response: T) => void,
    failed: (error: KafkaError) => void,
  ): void {
    const again = (): void =>
      void broker.clock.schedule(50, () => this.askController(broker, method, args, done, failed));
    if (this.network.isCut(broker.id, CONTROLLER)) {
      again();
      return;
    }
    this.network.send(broker.id, CONTROLLER, () => {
      const reply = (result: T | KafkaError): void =>
        this.network.send(CONTROLLER, broker.id, () => {
          if (result instanceof KafkaError) failed(result);
          else done(result);
        });
      Reflect.apply(this.controller.controller[method], this.controller.controller, [...args, reply]);
    });
  }

  /** kill -9 of a broker's process. */
  kill(id: number): void {
    const broker = this.get(id);
    this.network.setDown(id);
    broker.die();
    this.#disks.get(id)?.kill();
    for (const other of this.alive) other.breakConnections();
  }

  /** Cuts a broker off from all others and the controller, or lets all be well again. */
  isolate(id: number): void {
    this.network.isolate(id, [...this.#brokers.keys(), CONTROLLER]);
    for (const other of this.alive) other.breakConnections();
  }

  /** Cuts two brokers off from one another; both go on to hear from the controller. */
  separate(a: number, b: number): void {
    this.network.isolate(a, [b]);
    for (const id of [a, b]) this.broker(id)?.breakConnections();
  }

  heal(): void {
    this.network.heal();
  }

  /** The disk of a broker, its failures included. */
  disk(id: number): SimulatedFileSystem {
    const disk = this.#disks.get(id);
    if (disk === undefined) throw new Error(`broker ${id} was never started`);
    return disk;
  }

  /** Brokers that are unfenced, and a topic `t` on them. */
  async withTopic(assignments: number[][]): Promise<void> {
    const ids = [...new Set(assignments.flat())];
    this.start(...ids);
    await this.until('all brokers are unfenced', () =>
      ids.every((id) => this.controller.image.brokers.get(id)?.fenced === false),
    );
    this.controller.createTopic('t', assignments);
    await this.until('all replicas are there', () =>
      assignments.every((replicas, index) =>
        replicas.every((id) => this.broker(id)?.replicaManager.get('t', index) !== undefined),
      ),
    );
  }

  /** What the controller says of a partition of `t`. */
  registration(index = 0) {
    return this.controller.partition('t', index);
  }

  /** The broker that leads, as the controller sees it, when it knows so itself. */
  leader(index = 0): SimulatedBroker | undefined {
    const broker = this.broker(this.registration(index).leader);
    return broker?.replicaManager.get('t', index)?.isLeader === true ? broker : undefined;
  }

  async untilLed(index = 0, limitMs = 30_000): Promise<SimulatedBroker> {
    await this.until('the partition is led', () => this.leader(index) !== undefined, limitMs);
    const leader = this.leader(index);
    if (leader === undefined) throw new Error('there is no leader');
    return leader;
  }

  async untilInSync(count: number, index = 0): Promise<void> {
    await this.until(
      `the ISR has ${count} members`,
      () => this.registration(index).isr.length === count && this.leader(index)?.partition(index).isr.length === count,
    );
  }

  /** Sends records to a broker as a producer; the outcome comes when time passes. */
  produce(broker: SimulatedBroker, values: readonly string[], acks = -1, index = 0): Produced {
    const produced: Produced = { values, outcome: undefined, baseOffset: -1 };
    try {
      const partition = broker.partition(index);
      const batch = batchOf(
        values.map((value) => `<<${value}>>`),
        {},
        this.clock.nowMs(),
      );
      const { baseOffset, lastOffset } = partition.append([batch], acks, {});
      produced.baseOffset = baseOffset;
      if (acks !== -1) produced.outcome = 'NONE';
      else this.#awaitReplicas(broker, partition, lastOffset + 1, produced);
    } catch (error) {
      produced.outcome = error instanceof KafkaError ? error.errorName : String(error);
    }
    return produced;
  }

  #awaitReplicas(broker: SimulatedBroker, partition: Partition, offset: number, produced: Produced): void {
    broker.replicaManager.purgatory.waitOrComplete(
      {
        isReady: () => partition.acknowledgement(offset) !== undefined,
        complete: () => {
          if (broker.isAlive) produced.outcome = partition.acknowledgement(offset) ?? 'REQUEST_TIMED_OUT';
        },
      },
      [partition],
      5000,
    );
  }

  /** Ends all processes. */
  close(): void {
    for (const broker of this.alive) this.kill(broker.id);
  }
}
