import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import type { LogManager } from '../log/log-manager.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { MetadataLoader } from '../metadata/metadata-loader.ts';
import type { RaftNode } from '../raft/raft-node.ts';
import { AutoTopics } from './auto-topics.ts';
import type { BrokerEnvironment } from './broker-options.ts';
import { ClusterView } from './cluster-view.ts';
import type { NodeConfig } from './config.ts';
import type { ActiveControllerChannel } from './controller-channel.ts';
import type { ControllerHost } from './controller-host.ts';
import type { DispatchTable } from './dispatch.ts';
import { FetchSessionCache } from './fetch-session.ts';
import { Forwarder } from './forwarder.ts';
import type { NetworkMemory } from './network-memory.ts';
import { ProducerIds } from './producer-ids.ts';
import type { ReplicaManager } from './replica-manager.ts';
import type { BrokerServices } from './services.ts';
import { createTopics } from './topic-creation.ts';

/** A client asks again then. */
const ALLOCATION_TIMEOUT_MS = 5000;

/** The parts of a broker that handlers come to use. */
export interface ServiceParts {
  readonly environment: BrokerEnvironment;
  readonly config: BrokerConfig;
  readonly node: NodeConfig;
  readonly clusterId: string;
  readonly loader: MetadataLoader;
  readonly raft: RaftNode;
  readonly controllerHost: ControllerHost;
  readonly channel: ActiveControllerChannel;
  readonly replicaManager: ReplicaManager;
  readonly logManager: LogManager;
  readonly groups: GroupCoordinator;
  readonly networkMemory: NetworkMemory;
  readonly table: DispatchTable;
  readonly handleForwarded: BrokerServices['handleForwarded'];
  /** Epoch of the broker's registration. */
  brokerEpoch(): number;
}

/** Joins the parts of a broker to what handlers see of it. */
export function makeServices(parts: ServiceParts): BrokerServices {
  const { environment, config, node, clusterId, loader, controllerHost, channel, table } = parts;
  const { clock, random, logger, diskSpace } = environment;
  const { image } = loader;
  const autoTopics = new AutoTopics({
    logger,
    config,
    image,
    create: (topics, done, failed) => createTopics(channel, topics, done, failed),
  });
  const producerIds = makeProducerIds(parts);
  return {
    clock,
    random,
    logger,
    nodeId: node.nodeId,
    clusterId,
    config,
    logDirs: node.logDirs,
    image,
    metadataOffset: () => loader.lastAppliedOffset,
    cluster: new ClusterView(image, node.nodeId, node.listeners),
    raft: parts.raft,
    forwarder: new Forwarder(channel, config.number('request.timeout.ms')),
    handleForwarded: parts.handleForwarded,
    controller: controllerHost.controller,
    replicaManager: parts.replicaManager,
    logManager: parts.logManager,
    fetchSessions: new FetchSessionCache(config.number('max.incremental.fetch.session.cache.slots'), clock, random),
    networkMemory: parts.networkMemory,
    groups: parts.groups,
    advertisedApis: (listenerType) => table.advertised(listenerType),
    autoCreateTopics: (names) => autoTopics.create(names),
    diskSpace,
    nextProducerId: (done, failed) => producerIds.next(done, failed),
  };
}

function makeProducerIds({ node, channel, brokerEpoch }: ServiceParts): ProducerIds {
  return new ProducerIds((done, failed) => {
    channel.allocateProducerIds(
      { brokerId: node.nodeId, brokerEpoch: brokerEpoch() },
      ({ producerIdStart = 0, producerIdLen = 0 }) => done({ firstId: producerIdStart, size: producerIdLen }),
      failed,
      ALLOCATION_TIMEOUT_MS,
    );
  });
}
