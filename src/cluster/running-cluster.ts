import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { nodeFileSystem } from '../base/file-system.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { systemRandom } from '../base/random.ts';
import { createTopics } from '../client/admin/topic-changes.ts';
import { KafkaClient } from '../client/index.ts';
import { Cluster, type ClusterEnvironment } from './cluster.ts';
import { ClusterError, type NodeRole } from './layout.ts';
import type { NodeState } from './node-process.ts';
import { ottlaCommand } from './ottla-command.ts';

/** A topic that is to be there when the cluster is ready. */
export interface ClusterTopic {
  readonly name: string;
  /** Default: the brokers' `num.partitions`. */
  readonly partitions?: number;
  /** Default: the cluster's. */
  readonly replicationFactor?: number;
  /** Topic configs by Kafka's names, e.g. `cleanup.policy`. */
  readonly configs?: Readonly<Record<string, string>>;
}

/** How {@link startCluster} starts a cluster. Everything has a default. */
export interface StartClusterOptions {
  /** Number of brokers; default 3. */
  readonly brokers?: number;
  /**
   * Number of nodes that are only controllers. Default: none; the first three brokers (or the only one) are controllers
   * as well.
   */
  readonly controllers?: number;
  /** Of new topics and of Kafka's own; default 3, or the number of brokers when there are fewer. */
  readonly replicationFactor?: number;
  /**
   * Properties of every node by Kafka's names, e.g. `{ 'min.insync.replicas': 2 }`. A dead broker is noticed after 3
   * seconds (`broker.session.timeout.ms`) unless told otherwise.
   */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** Topics that are there when the cluster is ready; existing ones are left as they are. */
  readonly topics?: readonly (ClusterTopic | string)[];
  /** Port of the first broker, the others follow; default 0: any free ones. */
  readonly port?: number;
  /**
   * The cluster's folder. One that holds a cluster already is started as it is, and must have the shape that is asked
   * for. Default: a temporary folder that is removed when the cluster is closed.
   */
  readonly dataDir?: string;
  /** Whether the folder is removed when the cluster is closed; default true without a dataDir, else false. */
  readonly ephemeral?: boolean;
}

/** One node of a {@link RunningCluster}, as it was when it was asked for. */
export interface ClusterNode {
  /** `node.id`; brokers count from 1, nodes that are only controllers follow. */
  readonly id: number;
  readonly roles: readonly NodeRole[];
  readonly host: string;
  /** Port for clients; undefined on a node that is only a controller. */
  readonly port: number | undefined;
  /** Port of the controller listener; undefined on a node that is only a broker. */
  readonly controllerPort: number | undefined;
  /** `broker.rack`; each broker has its own. */
  readonly rack: string | undefined;
  readonly state: NodeState;
  /** Of its process; undefined when it does not run. */
  readonly pid: number | undefined;
  /** Folder of its data. */
  readonly dataDir: string;
  /** What it printed. */
  readonly logFile: string;
}

/**
 * A cluster of node processes on this machine. Every call that names a node throws ClusterError for one that is not
 * there, and what it asks for has happened when it resolves.
 */
export interface RunningCluster {
  readonly clusterId: string;
  /** `host:port,...` of all brokers. */
  readonly bootstrapServers: string;
  /** `host:port,...` of all controllers. */
  readonly controllerBootstrapServers: string;
  /** The cluster's folder. */
  readonly dataDir: string;
  /** The nodes and how they stand now. */
  readonly nodes: readonly ClusterNode[];
  /** Ends a node as a crash would (SIGKILL). */
  kill(id: number): Promise<void>;
  /** Stops a node cleanly: it hands over what it leads first. */
  stop(id: number): Promise<void>;
  /** Starts a node that was stopped or killed; resolved when its broker takes part again. */
  start(id: number): Promise<void>;
  /** Stops a node cleanly and starts it again. */
  restart(id: number): Promise<void>;
  /** Freezes a node: it keeps its connections and says nothing. Not on Windows. */
  pause(id: number): Promise<void>;
  /** Lets a frozen node go on. */
  resume(id: number): Promise<void>;
  /**
   * Cuts the traffic between the nodes of different groups, both ways: `[[1], [2, 3]]`. Clients still reach all. The
   * nodes named replace what was cut for them before.
   */
  partition(groups: readonly (readonly number[])[]): Promise<void>;
  /** Takes all cuts away. */
  heal(): Promise<void>;
  /** Stops all nodes; an ephemeral cluster is killed and its folder removed. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Starts a real cluster: a process a node, a quorum of controllers, replicated partitions. Resolved when every broker
 * takes part. The nodes end with this process, however it ends; only a frozen node outlives a killed one.
 *
 * Throws ClusterError with a message for people: an impossible number of nodes, a port in use, a node that ended and
 * what it said last, a topic that cannot be created.
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<RunningCluster> {
  const environment: ClusterEnvironment = {
    fileSystem: nodeFileSystem,
    clock: systemClock,
    random: systemRandom,
    command: ottlaCommand(),
    endsWithUs: true,
  };
  const isEphemeral = options.ephemeral ?? options.dataDir === undefined;
  const dataDir = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'ottla-')) : resolve(options.dataDir);
  try {
    const cluster = await openOrCreate(dataDir, options, environment);
    const running = new OwnedCluster(cluster, isEphemeral);
    try {
      await cluster.start();
      await createMissingTopics(cluster, options.topics ?? []);
    } catch (error) {
      await running.close();
      throw error;
    }
    return running;
  } catch (error) {
    if (isEphemeral) nodeFileSystem.removeTree(dataDir);
    throw error;
  }
}

async function openOrCreate(
  dataDir: string,
  options: StartClusterOptions,
  environment: ClusterEnvironment,
): Promise<Cluster> {
  const { brokers, controllers, replicationFactor, port = 0, config = {} } = options;
  const overrides = Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)]));
  const found = Cluster.find(dataDir, environment);
  if (found === undefined) {
    const plan = { port, overrides, ...definedOf({ brokers, controllers, replicationFactor }) };
    return Cluster.create(dataDir, plan, environment);
  }
  const has = {
    brokers: found.nodes.filter((node) => node.port !== undefined).length,
    controllers: found.nodes.filter((node) => node.port === undefined).length,
    replicationFactor: found.spec.replicationFactor,
  };
  for (const [name, wanted] of Object.entries(definedOf({ brokers, controllers, replicationFactor }))) {
    const value = has[name as keyof typeof has];
    if (value !== wanted) throw new ClusterError(`the cluster in ${dataDir} has ${name} ${value}, asked for ${wanted}`);
  }
  for (const [name, wanted] of Object.entries(overrides)) {
    const value = found.spec.overrides[name] ?? '(not set)';
    if (value !== wanted) throw new ClusterError(`the cluster in ${dataDir} has ${name}=${value}, asked for ${wanted}`);
  }
  return found;
}

function definedOf(values: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function createMissingTopics(cluster: Cluster, topics: readonly (ClusterTopic | string)[]): Promise<void> {
  if (topics.length === 0) return;
  const definitions = topics.map((topic): ClusterTopic => (typeof topic === 'string' ? { name: topic } : topic));
  const client = await KafkaClient.create('admin', new Map([['bootstrap.servers', cluster.bootstrapServers]]));
  try {
    const results = await createTopics(
      client,
      definitions.map(({ name, partitions, replicationFactor, configs = {} }) => ({
        name,
        numPartitions: partitions,
        replicationFactor,
        configs: new Map(Object.entries(configs)),
      })),
    );
    for (const [name, result] of results) {
      if (!(result instanceof KafkaError) || result.errorName === 'TOPIC_ALREADY_EXISTS') continue;
      throw new ClusterError(`topic ${name} cannot be created: ${result.message}`, { cause: result });
    }
  } finally {
    client.close();
  }
}

/** A cluster that belongs to this process. */
class OwnedCluster implements RunningCluster {
  readonly #cluster: Cluster;
  readonly #isEphemeral: boolean;
  readonly #onExit = (): void => this.#killNow();
  #closing: Promise<void> | undefined;

  constructor(cluster: Cluster, isEphemeral: boolean) {
    this.#cluster = cluster;
    this.#isEphemeral = isEphemeral;
    process.on('exit', this.#onExit);
  }

  get clusterId(): string {
    return this.#cluster.spec.clusterId;
  }

  get bootstrapServers(): string {
    return this.#cluster.bootstrapServers;
  }

  get controllerBootstrapServers(): string {
    return this.#cluster.controllerBootstrapServers;
  }

  get dataDir(): string {
    return this.#cluster.layout.directory;
  }

  get nodes(): readonly ClusterNode[] {
    const { layout } = this.#cluster;
    return this.#cluster.nodes.map(({ id, roles, host, port, controllerPort, rack }) => {
      const process = this.#cluster.process(id);
      const paths = { dataDir: layout.dataDir(id), logFile: layout.logPath(id) };
      return {
        id,
        roles,
        host,
        port,
        controllerPort,
        rack,
        state: process.state(),
        pid: process.identity()?.pid,
        ...paths,
      };
    });
  }

  async kill(id: number): Promise<void> {
    await this.#cluster.process(id).kill();
  }

  async stop(id: number): Promise<void> {
    await this.#cluster.stopNode(id);
  }

  async start(id: number): Promise<void> {
    await this.#cluster.startNode(id);
  }

  async restart(id: number): Promise<void> {
    await this.#cluster.restartNode(id);
  }

  async pause(id: number): Promise<void> {
    this.#cluster.process(id).pause();
  }

  async resume(id: number): Promise<void> {
    this.#cluster.process(id).resume();
  }

  async partition(groups: readonly (readonly number[])[]): Promise<void> {
    await this.#cluster.partition(groups);
  }

  async heal(): Promise<void> {
    await this.#cluster.heal();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => process.off('exit', this.#onExit));
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#isEphemeral) await this.#cluster.purge();
    else await this.#cluster.stop();
  }

  // A process that is about to end cannot wait for anything. Nodes whose data is kept stop by themselves, unless frozen.
  #killNow(): void {
    for (const { pid, state } of this.nodes) {
      try {
        if (pid !== undefined && (this.#isEphemeral || state === 'paused')) process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    if (this.#isEphemeral) nodeFileSystem.removeTree(this.dataDir);
  }
}
