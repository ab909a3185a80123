import { KafkaError } from '../../src/base/kafka-error.ts';
import type { Logger } from '../../src/base/logger.ts';
import { type Random, randomUuid, seededRandom } from '../../src/base/random.ts';
import type { Uuid } from '../../src/base/uuid.ts';
import { BrokerServer } from '../../src/broker/broker-server.ts';
import { ProcessClock, SimulatedClock } from './simulated-clock.ts';
import { SimulatedFileSystem } from './simulated-file-system.ts';
import { SimulatedInternet } from './simulated-internet.ts';

export const BROKER_PORT = 9092;
export const CONTROLLER_PORT = 9093;
const DISK_BYTES = 1e12;

/** One machine with its disk, and the broker process that runs on it now and then. */
export interface SimulatedNode {
  readonly id: number;
  readonly host: string;
  readonly directoryId: Uuid;
  readonly disk: SimulatedFileSystem;
  clock: ProcessClock;
  /** Rises with each start. */
  life: number;
  /** Undefined while no process runs, or while it has not got so far. */
  server: BrokerServer | undefined;
  isRunning: boolean;
  isReady: boolean;
  isClosing: boolean;
  /** The last life in which its disk was full at times. */
  lastFullLife: number;
}

/** What a simulated cluster consists of. */
export interface ClusterOptions {
  readonly seed: number;
  readonly nodeCount: number;
  /** Further broker properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Gets a line for what happens; only when a person wants to read it. */
  readonly trace?: ((line: string) => void) | undefined;
}

/** A cluster of real brokers in one process on a simulated clock, network and disks, all from one seed. */
export class SimulatedCluster {
  readonly clock = new SimulatedClock();
  readonly random: Random;
  readonly internet: SimulatedInternet;
  readonly nodes: readonly SimulatedNode[];
  /** What escaped from where it should have been caught. */
  readonly failures: unknown[] = [];
  readonly #options: ClusterOptions;
  readonly clusterId: Uuid;
  /** How many processes were started. */
  startCount = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.internet = new SimulatedInternet(this.clock, this.#fork());
    this.clusterId = randomUuid(this.random);
    this.nodes = Array.from({ length: options.nodeCount }, (_, i) => this.#newNode(i + 1));
  }

  // A sequence of its own for each part, so that one that asks more often does not change what the others get.
  #fork(): Random {
    return seededRandom(this.random.int(2 ** 32));
  }

  #newNode(id: number): SimulatedNode {
    const random = this.#fork();
    // Some disks are slow, so that much is written and not synced when a machine stops.
    const maxSyncMs = [2, 20, 200][this.random.int(3)] ?? 2;
    return {
      id,
      // The folder's lock is the process's: clusters must not share a name.
      host: `n${id}`,
      directoryId: randomUuid(random),
      disk: new SimulatedFileSystem({ clock: this.clock, random, maxSyncMs }),
      clock: new ProcessClock(this.clock),
      life: 0,
      server: undefined,
      isRunning: false,
      isReady: false,
      isClosing: false,
      lastFullLife: 0,
    };
  }

  get hosts(): string[] {
    return this.nodes.map(({ host }) => host);
  }

  trace(what: string): void {
    this.#options.trace?.(`${this.clock.monotonicMs().toFixed(2).padStart(10)} ${what}`);
  }

  #folder(node: SimulatedNode): string {
    return `/simulated-${this.clusterId}/${node.host}`;
  }

  #properties(node: SimulatedNode): Map<string, string> {
    const replicas = String(Math.min(3, this.nodes.length));
    return new Map(
      Object.entries({
        'node.id': String(node.id),
        'process.roles': 'broker,controller',
        'log.dirs': this.#folder(node),
        listeners: `PLAINTEXT://${node.host}:${BROKER_PORT},CONTROLLER://${node.host}:${CONTROLLER_PORT}`,
        'controller.listener.names': 'CONTROLLER',
        'controller.quorum.bootstrap.servers': this.hosts.map((host) => `${host}:${CONTROLLER_PORT}`).join(','),
        'default.replication.factor': replicas,
        'offsets.topic.replication.factor': replicas,
        'offsets.topic.num.partitions': '1',
        'min.insync.replicas': String(Math.min(2, this.nodes.length)),
        'auto.create.topics.enable': 'false',
        // Short, so that a failover takes few events; and who has nothing to do asks seldom.
        'broker.heartbeat.interval.ms': '500',
        'broker.session.timeout.ms': '1500',
        'controller.quorum.election.timeout.ms': '300',
        'controller.quorum.election.backoff.max.ms': '300',
        'controller.quorum.fetch.timeout.ms': '1200',
        'controller.quorum.request.timeout.ms': '1200',
        'controller.quorum.retry.backoff.ms': '200',
        'replica.lag.time.max.ms': '1200',
        'replica.fetch.backoff.ms': '200',
        'group.initial.rebalance.delay.ms': '0',
        'log.initial.task.delay.ms': '1000',
        'log.flush.offset.checkpoint.interval.ms': '2000',
        'log.flush.start.offset.checkpoint.interval.ms': '2000',
        'log.index.interval.bytes': '200',
        'log.retention.check.interval.ms': '500',
        // Compaction changes what the oracle compares.
        'log.cleaner.backoff.ms': '3600000',
        'metadata.log.max.record.bytes.between.snapshots': '4000',
        ...this.#options.properties,
      }),
    );
  }

  #logger(node: SimulatedNode, clock: ProcessClock): Logger {
    const say = (level: string, message: string): void => {
      if (!clock.isDead) this.trace(`${node.host} ${level} ${message}`);
    };
    return {
      info: (message) => say('info', message),
      warn: (message) => say('warn', message),
      error: (message, cause) => {
        if (clock.isDead) return;
        say('ERROR', `${message}: ${describe(cause)}`);
        if (isBug(cause) && !this.#isExcused(node, cause)) this.fail(`${node.host} logged "${message}"`, cause);
      },
    };
  }

  fail(what: string, cause: unknown): void {
    this.trace(`FAILED ${what}: ${describe(cause)}`);
    this.failures.push(
      new Error(`at ${this.clock.monotonicMs().toFixed(2)} ms: ${what}: ${describe(cause)}`, { cause }),
    );
  }

  /** From now on nothing more can be written to the node's disk. */
  fillDisk(node: SimulatedNode): void {
    node.disk.isFull = true;
    node.lastFullLife = node.life;
    this.trace(`the disk of ${node.host} is full`);
  }

  emptyDisk(node: SimulatedNode): void {
    if (!node.disk.isFull) return;
    node.disk.isFull = false;
    this.trace(`the disk of ${node.host} has space again`);
  }

  // What comes of a full disk.
  #isExcused(node: SimulatedNode, error: unknown): boolean {
    if (node.lastFullLife !== node.life) return false;
    if (error instanceof KafkaError) return error.errorName === 'KAFKA_STORAGE_ERROR';
    return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  }

  /** Starts a node's process. */
  start(node: SimulatedNode): void {
    if (node.isRunning) return;
    const life = ++node.life;
    const { skewMs } = node.clock;
    const clock = new ProcessClock(this.clock, (error) => this.fail(`an exception escaped on ${node.host}`, error));
    clock.skewMs = skewMs;
    clock.hasRun = true;
    node.clock = clock;
    node.isRunning = true;
    node.isReady = false;
    node.isClosing = false;
    if (node.disk.isFull) node.lastFullLife = life;
    this.startCount++;
    this.internet.setUp(node.host);
    this.trace(`${node.host} starts (life ${life})`);
    const process = { host: node.host, clock };
    const { nodes } = this;
    const started = BrokerServer.start({
      properties: this.#properties(node),
      clusterId: this.clusterId,
      ...(nodes.length === 1
        ? { directoryId: node.directoryId }
        : {
            initialControllers: nodes.map(({ id, host, directoryId }) => {
              return { id, host, port: CONTROLLER_PORT, directoryId };
            }),
          }),
      environment: {
        clock,
        random: this.#fork(),
        fileSystem: node.disk,
        logger: this.#logger(node, clock),
        connector: this.internet.connectorOf(process),
        listen: this.internet.listenOf(process),
        diskSpace: () => ({ totalBytes: DISK_BYTES, usableBytes: DISK_BYTES }),
      },
      onOpened: (server) => {
        if (clock.isDead) server.abandon();
        else node.server = server;
      },
      onFatal: (error) => {
        if (clock.isDead) return;
        if (!this.#isExcused(node, error)) this.fail(`${node.host} cannot go on`, error);
        // As `ottla serve` does.
        clock.schedule(0, () => this.close(node));
      },
    });
    started.then(
      () => {
        if (clock.isDead) return;
        node.isReady = true;
        this.trace(`${node.host} is ready`);
      },
      (error: unknown) => {
        if (clock.isDead) return;
        this.trace(`${node.host} did not start: ${describe(error)}`);
        if (!isOrdinaryStartFailure(error) && !this.#isExcused(node, error))
          this.fail(`${node.host} did not start`, error);
        this.kill(node);
      },
    );
  }

  /** The machine loses its power: what was not synced is gone, and nobody tells the others. */
  crash(node: SimulatedNode): void {
    this.#end(node, true);
    node.disk.crash();
    this.trace(`${node.host} lost its power`);
  }

  /** The process is killed; the machine lives, so nothing that was written is lost. */
  kill(node: SimulatedNode): void {
    this.#end(node, false);
    node.disk.kill();
    this.trace(`${node.host} was killed`);
  }

  #end(node: SimulatedNode, isMachine: boolean): void {
    const { clock, server } = node;
    clock.die();
    node.isRunning = false;
    node.isReady = false;
    node.server = undefined;
    this.internet.processEnded({ host: node.host, clock }, isMachine);
    try {
      server?.abandon();
    } catch {
      // Its disk has gone already.
    }
  }

  /** Stops a process cleanly; it takes a while. */
  close(node: SimulatedNode): void {
    const { server, clock } = node;
    if (server === undefined || node.isClosing) return;
    node.isClosing = true;
    this.trace(`${node.host} closes`);
    server.close().then(
      () => {
        if (clock.isDead) return;
        this.trace(`${node.host} has closed`);
        clock.die();
        node.isRunning = false;
        node.isReady = false;
        node.server = undefined;
        this.internet.processEnded({ host: node.host, clock }, false);
        node.disk.kill();
      },
      (error: unknown) => {
        if (clock.isDead) return;
        if (!this.#isExcused(node, error)) this.fail(`${node.host} could not be closed`, error);
        this.kill(node);
      },
    );
  }
}

// Whoever was closed or killed while it started, or never found a controller.
function isOrdinaryStartFailure(error: unknown): boolean {
  return (
    error instanceof KafkaError &&
    ['SHUTDOWN_IN_PROGRESS', 'REQUEST_TIMED_OUT', 'BROKER_NOT_AVAILABLE'].includes(error.errorName)
  );
}

// Errors that Kafka knows may happen; others are ours.
function isBug(cause: unknown): boolean {
  return cause !== undefined && !(cause instanceof KafkaError);
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const name = error instanceof KafkaError ? error.errorName : error.name;
  return `${name} ${error.message}${error instanceof KafkaError ? '' : `\n${error.stack}`}`;
}
