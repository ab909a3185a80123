import { join, resolve } from 'node:path';
import { KafkaError } from '../base/kafka-error.ts';
import { randomUuid } from '../base/random.ts';
import { FilePool } from '../log/file-pool.ts';
import { LogManager } from '../log/log-manager.ts';
import { TailBudget } from '../log/memory-tail.ts';
import { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { MetadataChanges } from '../metadata/metadata-changes.ts';
import { RESOURCE_BROKER } from '../metadata/metadata-image.ts';
import { MetadataLoader } from '../metadata/metadata-loader.ts';
import type { CreateTopicsResponseInput } from '../protocol/messages/19-create-topics.ts';
import { raftConfigFrom } from '../raft/raft-config.ts';
import { RaftNode } from '../raft/raft-node.ts';
import { ALL_HANDLERS } from './all-handlers.ts';
import { BrokerLifecycle } from './broker-lifecycle.ts';
import { type BrokerEnvironment, type BrokerServerOptions, systemEnvironment } from './broker-options.ts';
import { minInsyncReplicas, type NodeConfig, nodeConfig, topicLogConfig, updateDynamicConfigs } from './config.ts';
import { ControllerHost, split } from './controller-host.ts';
import { type DataDirs, METADATA_DIRECTORY, openDataDirs, storageError } from './data-dir.ts';
import { Dispatcher, DispatchTable } from './dispatch.ts';
import { GroupHost } from './group-host.ts';
import { makeServices } from './make-services.ts';
import { MetadataListener } from './metadata-listener.ts';
import { MetadataPublisher } from './metadata-publisher.ts';
import { Network, networkMemoryBytes } from './network.ts';
import { NetworkMemory } from './network-memory.ts';
import { registeredEndpoints, registeredFeatures } from './node-identity.ts';
import { unreachableTransport } from './raft-transport.ts';
import { ReplicaManager } from './replica-manager.ts';
import { createTopics, topicsRequest } from './topic-creation.ts';

const DEFAULT_CONTROLLER_PORT = 9093;
const RAFT_CLOSE_TIMEOUT_MS = 5000;
const CONTROLLED_SHUTDOWN_TIMEOUT_MS = 30_000;

/**
 * A node with the roles broker and controller: opens its folder, leads or follows the metadata quorum, registers itself,
 * and serves clients until it is closed.
 */
export class BrokerServer {
  readonly node: NodeConfig;
  readonly clusterId: string;
  readonly config: BrokerConfig;
  readonly #options: BrokerServerOptions;
  readonly #environment: BrokerEnvironment;
  readonly #logManager: LogManager;
  readonly #raft: RaftNode;
  readonly #loader = new MetadataLoader();
  readonly #minIsr = new Map<string, number>();
  readonly #controllerHost: ControllerHost;
  readonly #metadataListener: MetadataListener;
  readonly #replicaManager: ReplicaManager;
  readonly #groupHost: GroupHost;
  readonly #publisher: MetadataPublisher;
  readonly #network: Network;
  readonly #lifecycle: BrokerLifecycle;
  readonly #incarnationId: string;
  readonly #started: Promise<void>;
  #startFailed: (error: unknown) => void = () => {};
  #startDone: () => void = () => {};
  #isClosing: Promise<void> | undefined;

  /**
   * Starts a broker; resolved when it serves clients. Throws KafkaError: INVALID_CONFIG (a property, or the folder is
   * another node's), KAFKA_STORAGE_ERROR (folder in use, not writable, disk full), NETWORK_EXCEPTION (port in use).
   */
  static async start(options: BrokerServerOptions): Promise<BrokerServer> {
    const environment = { ...systemEnvironment, ...options.environment };
    const config = new BrokerConfig(options.properties);
    const node = nodeConfig(options.properties, config);
    const directories = node.logDirs.map((directory) => resolve(directory));
    const dataDirs = openDataDirs({
      ...environment,
      directories,
      nodeId: node.nodeId,
      clusterId: options.clusterId,
      controllerEndpoint: controllerEndpoint(node),
    });
    const server = new BrokerServer(options, environment, config, { ...node, logDirs: directories }, dataDirs);
    try {
      await server.#start();
    } catch (error) {
      await server.#abort();
      throw error;
    }
    return server;
  }

  private constructor(
    options: BrokerServerOptions,
    environment: BrokerEnvironment,
    config: BrokerConfig,
    node: NodeConfig,
    dataDirs: DataDirs,
  ) {
    this.#options = options;
    this.#environment = environment;
    this.config = config;
    this.node = node;
    this.clusterId = dataDirs.clusterId;
    this.#incarnationId = randomUuid(environment.random);
    this.#started = new Promise((done, failed) => {
      this.#startDone = done;
      this.#startFailed = failed;
    });
    // Whoever awaits #start sees the failure; before that it must not count as unhandled.
    this.#started.catch(() => {});
    try {
      this.#logManager = this.#openLogs();
    } catch (error) {
      throw storageError(node.logDirs.join(', '), error);
    }
    try {
      this.#raft = this.#openMetadataLog(dataDirs);
    } catch (error) {
      this.#logManager.close(-1);
      throw error;
    }
    this.#controllerHost = this.#makeControllerHost();
    this.#replicaManager = this.#makeReplicaManager();
    this.#groupHost = this.#makeGroupHost();
    this.#publisher = this.#makePublisher();
    this.#loader.addPublisher(this.#publisher.publish);
    this.#metadataListener = this.#makeMetadataListener();
    this.#network = this.#makeNetwork();
    this.#lifecycle = this.#makeLifecycle();
  }

  #openLogs(): LogManager {
    const { fileSystem, clock, random, logger } = this.#environment;
    const { config, node } = this;
    return LogManager.open({
      directories: node.logDirs,
      configOf: (topic) => topicLogConfig(topic, this.#loader.image, config),
      environment: {
        fileSystem,
        clock,
        random,
        logger,
        filePool: new FilePool(fileSystem),
        tailBudget: new TailBudget(),
      },
      producerIdExpirationMs: config.number('producer.id.expiration.ms'),
      verifyTransactions: config.boolean('transaction.partition.verification.enable'),
      retentionCheckIntervalMs: config.number('log.retention.check.interval.ms'),
      initialTaskDelayMs: config.number('log.initial.task.delay.ms'),
      flushSchedulerIntervalMs: config.number('log.flush.scheduler.interval.ms'),
      recoveryPointCheckpointIntervalMs: config.number('log.flush.offset.checkpoint.interval.ms'),
      highWatermarkCheckpointIntervalMs: config.number('replica.high.watermark.checkpoint.interval.ms'),
    });
  }

  #openMetadataLog(dataDirs: DataDirs): RaftNode {
    const { node, config, clusterId } = this;
    const { fileSystem, clock, random, logger } = this.#environment;
    return new RaftNode({
      nodeId: node.nodeId,
      directoryId: dataDirs.metadataDirectoryId,
      clusterId,
      directory: join(node.logDirs[0] ?? '', METADATA_DIRECTORY),
      config: raftConfigFrom(config.allProperties()),
      canBecomeVoter: true,
      bootstrapServers: [],
      staticVoters: [],
      localListeners: [controllerEndpoint(node)],
      listenerName: node.controllerListenerName,
      transport: unreachableTransport(clock),
      fileSystem,
      clock,
      random,
      logger,
      onFatal: (error) => this.#fatal(error),
    });
  }

  #makeControllerHost(): ControllerHost {
    const { clock, random, logger } = this.#environment;
    return new ControllerHost({
      nodeId: this.node.nodeId,
      clusterId: this.clusterId,
      clock,
      random,
      logger,
      config: this.config,
      raft: this.#raft,
      loader: this.#loader,
      incarnationId: this.#incarnationId,
      onActive: () => this.#controllerActive(),
      onFatal: (error) => this.#fatal(error),
    });
  }

  #makeReplicaManager(): ReplicaManager {
    const { clock, logger } = this.#environment;
    const { image } = this.#loader;
    return new ReplicaManager({
      nodeId: this.node.nodeId,
      clock,
      logger,
      logManager: this.#logManager,
      image,
      replicaLagTimeMaxMs: this.config.number('replica.lag.time.max.ms'),
      minInsyncReplicas: (topic) => this.#minInsyncReplicas(topic),
      onLeadership: (partition, isLeader) => this.#groupHost.leadershipChanged(partition, isLeader),
    });
  }

  // Asked for on every acks=all append.
  #minInsyncReplicas(topic: string): number {
    const known = this.#minIsr.get(topic);
    if (known !== undefined) return known;
    const value = minInsyncReplicas(topic, this.#loader.image, this.config);
    this.#minIsr.set(topic, value);
    return value;
  }

  #makeGroupHost(): GroupHost {
    const { clock, random, logger } = this.#environment;
    return new GroupHost({
      clock,
      random,
      logger,
      config: this.config,
      image: this.#loader.image,
      replicaManager: () => this.#replicaManager,
    });
  }

  #makePublisher(): MetadataPublisher {
    return new MetadataPublisher({
      nodeId: this.node.nodeId,
      logger: this.#environment.logger,
      logManager: this.#logManager,
      replicaManager: this.#replicaManager,
      groupHost: this.#groupHost,
      onConfigs: (changes) => this.#configsChanged(changes),
    });
  }

  #configsChanged(changes: MetadataChanges): void {
    if (changes.configs.size > 0 || changes.deletedTopics.size > 0) this.#minIsr.clear();
    if (changes.configs.has(RESOURCE_BROKER)) {
      updateDynamicConfigs(this.config, this.#loader.image, this.node.nodeId);
      this.#network.updateLimits();
    }
  }

  #makeMetadataListener(): MetadataListener {
    const { clock, logger } = this.#environment;
    const { config } = this;
    return new MetadataListener({
      raft: this.#raft,
      loader: this.#loader,
      clock,
      logger,
      triggers: {
        maxNewRecordBytes: config.number('metadata.log.max.record.bytes.between.snapshots'),
        maxIntervalMs: config.number('metadata.log.max.snapshot.interval.ms'),
      },
      onBootstrap: (values) => this.#controllerHost.bootstrap(values),
      onLeaderChange: (leader) => this.#controllerHost.leaderChanged(leader),
      onAdvanced: () => {
        this.#controllerHost.committed();
        this.#lifecycle.metadataAdvanced();
      },
      onFatal: (error) => this.#fatal(error),
    });
  }

  #makeNetwork(): Network {
    const { clock, logger } = this.#environment;
    const { config } = this;
    const memory = new NetworkMemory(networkMemoryBytes(config));
    const table = new DispatchTable(ALL_HANDLERS);
    const services = makeServices({
      environment: this.#environment,
      config,
      node: this.node,
      clusterId: this.clusterId,
      loader: this.#loader,
      raft: this.#raft,
      controllerHost: this.#controllerHost,
      replicaManager: this.#replicaManager,
      logManager: this.#logManager,
      groups: this.#groupHost.coordinator,
      networkMemory: memory,
      table,
      brokerEpoch: () => this.#lifecycle.brokerEpoch,
    });
    const { handleFrame } = new Dispatcher(table, services);
    return new Network({ listeners: this.node.listeners, config, memory, handleFrame, clock, logger });
  }

  #makeLifecycle(): BrokerLifecycle {
    const { clock, logger } = this.#environment;
    const { config, node, clusterId } = this;
    const directoryIds = [...this.#logManager.directoryIds.values()];
    return new BrokerLifecycle({
      clock,
      logger,
      channel: this.#controllerHost.channel,
      registration: () => ({
        brokerId: node.nodeId,
        clusterId,
        incarnationId: this.#incarnationId,
        listeners: registeredEndpoints(node.listeners, 'broker', (name) => this.#network.portOf(name)),
        features: registeredFeatures(),
        rack: node.rack,
        isMigratingZkBroker: false,
        logDirs: directoryIds,
        previousBrokerEpoch: this.#logManager.previousBrokerEpoch,
      }),
      heartbeatIntervalMs: config.number('broker.heartbeat.interval.ms'),
      registrationTimeoutMs: config.number('initial.broker.registration.timeout.ms'),
      metadataOffset: () => this.#loader.lastAppliedOffset,
      onCaughtUp: () => this.#caughtUp(),
      onUnfenced: () => this.#unfenced(),
      onFatal: (error) => this.#fatal(error),
    });
  }

  async #start(): Promise<void> {
    await this.#network.bind();
    this.#raft.addListener(this.#metadataListener);
    this.#raft.start();
    this.#network.open('controller');
    await this.#started;
    this.#logManager.start();
    this.#network.open('broker');
  }

  #controllerActive(): void {
    const { node } = this;
    const controllers = registeredEndpoints(node.listeners, 'controller', (name) => this.#network.portOf(name));
    const request = {
      controllerId: node.nodeId,
      incarnationId: this.#incarnationId,
      zkMigrationReady: false,
      listeners: controllers,
      features: registeredFeatures(),
    };
    const refused = (error: KafkaError) => {
      this.#environment.logger.warn(`this controller could not register itself: ${error.message}`);
    };
    this.#controllerHost.controller.registerController(
      request,
      split(() => {}, refused),
    );
    this.#lifecycle.start();
  }

  #caughtUp(): void {
    this.#publisher.start(this.#loader.image);
    this.#lifecycle.ready();
  }

  #unfenced(): void {
    const topics = this.#options.topics ?? [];
    if (topics.length === 0) {
      this.#startDone();
      return;
    }
    const done = ({ topics: results = [] }: CreateTopicsResponseInput): void => {
      const error = topicsRequest.firstError(results);
      if (error === undefined) this.#startDone();
      else this.#startFailed(error);
    };
    createTopics(this.#controllerHost.controller, topics.map(topicsRequest.fromDefinition), done, this.#startFailed);
  }

  #fatal(error: unknown): void {
    this.#environment.logger.error('the broker cannot go on', error);
    this.#startFailed(error);
    void this.#network.close(0);
    this.#options.onFatal?.(error);
  }

  /** The port that a listener is bound to; default: the first broker listener. */
  port(listenerName = this.#firstListener().name): number {
    return this.#network.portOf(listenerName);
  }

  /** `host:port` for clients on this machine. */
  get bootstrapServers(): string {
    const { name, boundHost, advertised } = this.#firstListener();
    const host = advertised?.host || boundHost || 'localhost';
    return `${host.includes(':') ? `[${host}]` : host}:${advertised?.port || this.port(name)}`;
  }

  #firstListener() {
    const listener = this.node.listeners.find(({ type }) => type === 'broker');
    if (listener === undefined) throw new KafkaError('INVALID_CONFIG', 'there is no broker listener');
    return listener;
  }

  /**
   * Stops cleanly: leaderships are handed over, everything is synced, checkpoints are written and the folder is given
   * free. Waits for a stop that is under way.
   */
  close(): Promise<void> {
    this.#isClosing ??= this.#close();
    return this.#isClosing;
  }

  async #close(): Promise<void> {
    this.#network.stopAccepting();
    if (this.config.boolean('controlled.shutdown.enable')) {
      await new Promise<void>((done) => this.#lifecycle.shutDown(CONTROLLED_SHUTDOWN_TIMEOUT_MS, done));
    }
    await this.#abort();
  }

  async #abort(): Promise<void> {
    const { brokerEpoch } = this.#lifecycle;
    this.#groupHost.shutdown();
    this.#replicaManager.shutdown();
    await this.#network.close();
    this.#lifecycle.close();
    this.#controllerHost.close();
    this.#metadataListener.close();
    try {
      await new Promise<void>((done) => this.#raft.close(RAFT_CLOSE_TIMEOUT_MS, done));
    } catch (error) {
      this.#environment.logger.error('the metadata log could not be closed; it will be recovered', error);
    }
    this.#logManager.close(brokerEpoch);
  }
}

/** Where this node's controller can be reached; a lone node needs none, but the quorum's voters are written with one. */
function controllerEndpoint(node: NodeConfig) {
  const listener = node.listeners.find(({ name }) => name === node.controllerListenerName);
  const host = listener?.advertised?.host || listener?.boundHost || 'localhost';
  const port = listener?.advertised?.port || listener?.port || DEFAULT_CONTROLLER_PORT;
  return { name: node.controllerListenerName, host, port };
}
