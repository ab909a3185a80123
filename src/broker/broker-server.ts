import { resolve } from 'node:path';
import { KafkaError } from '../base/kafka-error.ts';
import { randomUuid } from '../base/random.ts';
import type { LogManager } from '../log/log-manager.ts';
import { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { MetadataChanges } from '../metadata/metadata-changes.ts';
import { RESOURCE_BROKER } from '../metadata/metadata-image.ts';
import { MetadataLoader } from '../metadata/metadata-loader.ts';
import type { RaftNode } from '../raft/raft-node.ts';
import { ALL_HANDLERS } from './all-handlers.ts';
import { BrokerLifecycle } from './broker-lifecycle.ts';
import { type BrokerEnvironment, type BrokerServerOptions, systemEnvironment } from './broker-options.ts';
import { type NodeConfig, nodeConfig, updateDynamicConfigs } from './config.ts';
import { controlledShutdown } from './controlled-shutdown.ts';
import { ActiveControllerChannel } from './controller-channel.ts';
import { ControllerHost } from './controller-host.ts';
import { ControllerRegistrar } from './controller-registrar.ts';
import { type DataDirs, openDataDirs, storageError } from './data-dir.ts';
import { Dispatcher, DispatchTable } from './dispatch.ts';
import { GroupHost } from './group-host.ts';
import { makeServices } from './make-services.ts';
import { MetadataListener } from './metadata-listener.ts';
import { MetadataPublisher } from './metadata-publisher.ts';
import { MinInsyncReplicas } from './min-insync-replicas.ts';
import { Network, networkMemoryBytes } from './network.ts';
import { NetworkMemory } from './network-memory.ts';
import { brokerRegistration, clientAddress, controllerRegistration, firstListener } from './node-identity.ts';
import { NodeNetwork } from './node-network.ts';
import { openLogs } from './open-logs.ts';
import { addressesOf, newQuorum, openMetadataLog } from './quorum.ts';
import { ReplicaManager } from './replica-manager.ts';
import { Replication } from './replication/replication.ts';
import type { BrokerServices } from './services.ts';
import { createInitialTopics } from './topic-creation.ts';

const RAFT_CLOSE_TIMEOUT_MS = 1000;

/**
 * A node with the role of a broker, a controller, or both: opens its folder, leads or follows the metadata quorum or
 * observes it, registers itself, and serves clients and other nodes until it is closed.
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
  readonly #minIsr: MinInsyncReplicas;
  readonly #controllerHost: ControllerHost;
  readonly #metadataListener: MetadataListener;
  readonly #replicaManager: ReplicaManager;
  readonly #groupHost: GroupHost;
  readonly #publisher: MetadataPublisher;
  readonly #network: Network;
  readonly #nodeNetwork: NodeNetwork;
  readonly #channel: ActiveControllerChannel;
  readonly #registrar: ControllerRegistrar | undefined;
  readonly #lifecycle: BrokerLifecycle;
  readonly #incarnationId: string;
  readonly #started: Promise<void>;
  #startFailed: (error: unknown) => void = () => {};
  #startDone: () => void = () => {};
  #isClosing: Promise<void> | undefined;

  /**
   * Starts a broker; resolved when it serves clients. Throws KafkaError: INVALID_CONFIG (a property, or the folder is
   * another node's), KAFKA_STORAGE_ERROR (folder in use, not writable, disk full), NETWORK_EXCEPTION (port in use),
   * SHUTDOWN_IN_PROGRESS (closed before it was ready).
   */
  static async start(options: BrokerServerOptions): Promise<BrokerServer> {
    const environment = { ...systemEnvironment, ...options.environment };
    const config = new BrokerConfig(options.properties);
    const node = nodeConfig(options.properties, config);
    const memory = new NetworkMemory(networkMemoryBytes(config));
    const { clock, logger, listen } = environment;
    const network = new Network({ listeners: node.listeners, listen, config, memory, clock, logger });
    // First, because the quorum is told the port of our controller listener.
    await network.bind();
    let server: BrokerServer;
    try {
      server = BrokerServer.#open(options, environment, config, node, network, memory);
    } catch (error) {
      await network.close(0);
      throw error;
    }
    try {
      options.onOpened?.(server);
      await server.#start();
    } catch (error) {
      await (server.#isClosing ?? server.#abort());
      throw error;
    }
    return server;
  }

  static #open(
    options: BrokerServerOptions,
    environment: BrokerEnvironment,
    config: BrokerConfig,
    node: NodeConfig,
    network: Network,
    memory: NetworkMemory,
  ): BrokerServer {
    const directories = node.logDirs.map((directory) => resolve(directory));
    const dataDirs = openDataDirs({
      ...environment,
      directories,
      nodeId: node.nodeId,
      clusterId: options.clusterId,
      directoryId: options.directoryId,
      newQuorum: newQuorum(node, options.initialControllers, (name) => network.portOf(name)),
    });
    const absolute = { ...node, logDirs: directories };
    return new BrokerServer(options, environment, config, absolute, dataDirs, network, memory);
  }

  private constructor(
    options: BrokerServerOptions,
    environment: BrokerEnvironment,
    config: BrokerConfig,
    node: NodeConfig,
    dataDirs: DataDirs,
    network: Network,
    memory: NetworkMemory,
  ) {
    this.#network = network;
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
      this.#logManager = openLogs(node.logDirs, config, this.#loader.image, environment);
    } catch (error) {
      throw storageError(node.logDirs.join(', '), error);
    }
    this.#nodeNetwork = this.#makeNodeNetwork();
    try {
      this.#raft = this.#openMetadataLog(dataDirs);
    } catch (error) {
      this.#logManager.close(-1);
      throw error;
    }
    this.#controllerHost = this.#makeControllerHost();
    this.#channel = this.#makeChannel();
    this.#registrar = node.roles.has('controller') ? this.#makeRegistrar() : undefined;
    this.#minIsr = new MinInsyncReplicas(this.#loader.image, config);
    this.#replicaManager = this.#makeReplicaManager();
    this.#groupHost = this.#makeGroupHost();
    this.#publisher = this.#makePublisher();
    this.#loader.addPublisher(this.#publisher.publish);
    this.#metadataListener = this.#makeMetadataListener();
    this.#network.handleFrame = this.#makeDispatcher(memory).handleFrame;
    this.#lifecycle = this.#makeLifecycle();
  }

  #makeNodeNetwork(): NodeNetwork {
    return new NodeNetwork({
      ...this.#environment,
      addressesOf: (nodeId) => addressesOf(nodeId, this.#raft, this.#loader.image),
    });
  }

  #openMetadataLog(dataDirs: DataDirs): RaftNode {
    return openMetadataLog({
      environment: this.#environment,
      config: this.config,
      node: this.node,
      clusterId: this.clusterId,
      directoryId: dataDirs.metadataDirectoryId,
      network: this.#nodeNetwork,
      boundPort: (name) => this.#network.portOf(name),
      onFatal: (error) => this.#fatal(error),
    });
  }

  #makeChannel(): ActiveControllerChannel {
    return new ActiveControllerChannel({
      nodeId: this.node.nodeId,
      clock: this.#environment.clock,
      network: this.#nodeNetwork,
      controller: () => this.#controllerHost.controller,
      leader: () => this.#raft.leaderEndpoint,
    });
  }

  #makeRegistrar(): ControllerRegistrar {
    const { clock, random, logger } = this.#environment;
    const incarnationId = randomUuid(random);
    return new ControllerRegistrar({
      clock,
      logger,
      image: this.#loader.image,
      channel: this.#channel,
      registration: () => controllerRegistration(this.node, incarnationId, (name) => this.#network.portOf(name)),
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
      onFatal: (error) => this.#fatal(error),
    });
  }

  #makeReplicaManager(): ReplicaManager {
    const { clock, logger } = this.#environment;
    const { image } = this.#loader;
    const { nodeId, interBrokerListenerName } = this.node;
    const { config } = this;
    const brokerEpoch = () => this.#lifecycle.brokerEpoch;
    const network = this.#nodeNetwork;
    const channel = this.#channel;
    const common = { nodeId, clock, logger, image, brokerEpoch };
    return new ReplicaManager({
      ...common,
      logManager: this.#logManager,
      replication: new Replication({ ...common, config, channel, network, interBrokerListenerName }),
      replicaLagTimeMaxMs: config.number('replica.lag.time.max.ms'),
      minInsyncReplicas: (topic) => this.#minIsr.of(topic),
      onLeadership: (partition, isLeader) => this.#groupHost.leadershipChanged(partition, isLeader),
    });
  }

  #makeGroupHost(): GroupHost {
    const { clock, random, logger } = this.#environment;
    return new GroupHost({
      clock,
      random,
      logger,
      config: this.config,
      loader: this.#loader,
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
      onLeaderChange: (leader) => {
        this.#controllerHost.leaderChanged(leader);
        this.#channel.leaderChanged();
      },
      onAdvanced: () => {
        this.#controllerHost.committed();
        this.#registrar?.metadataAdvanced();
        this.#lifecycle.metadataAdvanced();
      },
      onFatal: (error) => this.#fatal(error),
    });
  }

  #makeDispatcher(networkMemory: NetworkMemory): Dispatcher {
    const table = new DispatchTable(ALL_HANDLERS);
    const services: BrokerServices = makeServices({
      environment: this.#environment,
      config: this.config,
      node: this.node,
      clusterId: this.clusterId,
      loader: this.#loader,
      raft: this.#raft,
      controllerHost: this.#controllerHost,
      channel: this.#channel,
      replicaManager: this.#replicaManager,
      logManager: this.#logManager,
      groups: this.#groupHost.coordinator,
      networkMemory,
      table,
      handleForwarded: (...request) => dispatcher.handleForwarded(...request),
      brokerEpoch: () => this.#lifecycle.brokerEpoch,
    });
    const dispatcher = new Dispatcher(table, services);
    return dispatcher;
  }

  #makeLifecycle(): BrokerLifecycle {
    const { clock, logger } = this.#environment;
    const { config, node, clusterId } = this;
    const directoryIds = [...this.#logManager.directoryIds.values()];
    return new BrokerLifecycle({
      clock,
      logger,
      channel: this.#channel,
      registration: () =>
        brokerRegistration(node, {
          clusterId,
          incarnationId: this.#incarnationId,
          logDirs: directoryIds,
          previousBrokerEpoch: this.#logManager.previousBrokerEpoch,
          portOf: (name) => this.#network.portOf(name),
        }),
      heartbeatIntervalMs: config.number('broker.heartbeat.interval.ms'),
      registrationTimeoutMs: config.number('initial.broker.registration.timeout.ms'),
      metadataOffset: () => this.#loader.lastAppliedOffset,
      onCaughtUp: () => {
        this.#publisher.start(this.#loader.image);
        this.#lifecycle.ready();
      },
      onUnfenced: () =>
        createInitialTopics(this.#channel, this.#options.topics ?? [], this.#startDone, this.#startFailed),
      onFatal: (error) => this.#fatal(error),
    });
  }

  async #start(): Promise<void> {
    this.#raft.addListener(this.#metadataListener);
    // Before the quorum has a leader: what is asked waits for it.
    if (this.node.roles.has('broker')) this.#lifecycle.start();
    else this.#startDone();
    this.#raft.start();
    this.#network.open('controller');
    await this.#started;
    this.#logManager.start();
    this.#network.open('broker');
  }

  #fatal(error: unknown): void {
    this.#environment.logger.error('the broker cannot go on', error);
    this.#startFailed(error);
    void this.#network.close(0);
    this.#options.onFatal?.(error);
  }

  /** What the parts of this node know, for tests which compare nodes; to be looked at only. */
  get internals() {
    return {
      raft: this.#raft,
      loader: this.#loader,
      controller: this.#controllerHost.controller,
      replicaManager: this.#replicaManager,
    };
  }

  /** The port that a listener is bound to; default: the first broker listener, or else the first of all. */
  port(listenerName = firstListener(this.node.listeners).name): number {
    return this.#network.portOf(listenerName);
  }

  /** `host:port` for clients on this machine; of a node that is no broker, for its controller. */
  get bootstrapServers(): string {
    return clientAddress(firstListener(this.node.listeners), (name) => this.#network.portOf(name));
  }

  /**
   * Drops all traffic between this node and others as a broken network does, until it is called again (with no ids: all
   * is well again). What the others send is theirs to drop.
   */
  cutOffFrom(nodeIds: readonly number[]): void {
    this.#nodeNetwork.cutOffFrom(nodeIds);
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
    this.#startFailed(new KafkaError('SHUTDOWN_IN_PROGRESS', 'the broker was closed before it was ready'));
    this.#network.stopAccepting('broker');
    if (this.config.boolean('controlled.shutdown.enable')) {
      await controlledShutdown({
        nodeId: this.node.nodeId,
        clock: this.#environment.clock,
        raft: this.#raft,
        image: this.#loader.image,
        lifecycle: this.#lifecycle,
      });
    }
    await this.#abort();
  }

  /** Lets go of the folder as a killed process would, for simulated crashes: nothing more is written. */
  abandon(): void {
    this.#logManager.abandon();
  }

  async #abort(): Promise<void> {
    const { brokerEpoch } = this.#lifecycle;
    this.#groupHost.shutdown();
    this.#replicaManager.shutdown();
    await this.#network.close(undefined, 'broker');
    this.#lifecycle.close();
    this.#registrar?.close();
    this.#channel.close();
    this.#controllerHost.close();
    this.#metadataListener.close();
    try {
      await new Promise<void>((done) => this.#raft.close(RAFT_CLOSE_TIMEOUT_MS, done));
    } catch (error) {
      this.#environment.logger.error('the metadata log could not be closed; it will be recovered', error);
    }
    // The others may need our vote until we have gone.
    await this.#network.close(0);
    this.#nodeNetwork.close();
    this.#logManager.close(brokerEpoch);
  }
}
