import { join } from 'node:path';
import type { Uuid } from '../base/uuid.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import { raftConfigFrom } from '../raft/raft-config.ts';
import { RaftNode } from '../raft/raft-node.ts';
import type { RaftEndpoint } from '../raft/raft-types.ts';
import { SocketRaftTransport } from '../raft/socket-transport.ts';
import type { BrokerEnvironment, InitialController } from './broker-options.ts';
import type { HostAndPort, NodeConfig } from './config.ts';
import { METADATA_DIRECTORY, type NewQuorum } from './data-dir.ts';
import type { NodeNetwork } from './node-network.ts';

const DEFAULT_CONTROLLER_PORT = 9093;

/**
 * Where this node's controller can be reached. A lone node needs no listener for it, but the quorum's voters are written
 * with one.
 * @param boundPort the port that a listener is bound to
 */
function controllerEndpoint(node: NodeConfig, boundPort: (listenerName: string) => number): RaftEndpoint {
  const { controllerListenerName: name, listeners } = node;
  const listener = listeners.find((one) => one.name === name);
  const host = listener?.advertised?.host || listener?.boundHost || 'localhost';
  const port = listener?.advertised?.port || boundPort(name) || portBeside(node);
  return { name, host, port };
}

/** The port after the broker's, as in Kafka's own server.properties: 9092 and 9093. */
function portBeside({ listeners }: NodeConfig): number {
  const port = listeners.find(({ type }) => type === 'broker')?.port ?? 0;
  return port > 0 && port < 65_535 ? port + 1 : DEFAULT_CONTROLLER_PORT;
}

/** What the metadata log begins with when the folder is new. */
export function newQuorum(
  node: NodeConfig,
  initialControllers: readonly InitialController[] | undefined,
  boundPort: (listenerName: string) => number,
): NewQuorum {
  if (!node.roles.has('controller')) return { kind: 'none' };
  const { controllerListenerName: name, quorumBootstrapServers, quorumVoters } = node;
  if (initialControllers !== undefined) {
    const voters = initialControllers.map(({ id, directoryId, host, port }) => {
      return { id, directoryId, endpoints: [{ name, host, port }] };
    });
    return { kind: 'dynamic', voters };
  }
  if (quorumVoters.length > 0) return { kind: 'static' };
  const endpoint = controllerEndpoint(node, boundPort);
  // Kafka's own server.properties names the node itself; it is formatted with --standalone.
  const isAlone = quorumBootstrapServers.every(
    ({ host, port }) => port === endpoint.port && isSameHost(host, endpoint),
  );
  return isAlone ? { kind: 'standalone', endpoint } : { kind: 'dynamic', voters: undefined };
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

function isSameHost(host: string, endpoint: RaftEndpoint): boolean {
  return host === endpoint.host || (LOOPBACK.has(host) && LOOPBACK.has(endpoint.host));
}

export interface MetadataLogOptions {
  readonly environment: BrokerEnvironment;
  readonly config: BrokerConfig;
  readonly node: NodeConfig;
  readonly clusterId: string;
  readonly directoryId: Uuid;
  readonly network: NodeNetwork;
  boundPort(listenerName: string): number;
  onFatal(error: unknown): void;
}

/** Opens the metadata log of a node and what replicates it: as voter, or as observer on a node that is no controller. */
export function openMetadataLog(options: MetadataLogOptions): RaftNode {
  const { environment, config, node, clusterId, directoryId, network, boundPort, onFatal } = options;
  const { fileSystem, clock, random, logger } = environment;
  const isController = node.roles.has('controller');
  return new RaftNode({
    nodeId: node.nodeId,
    directoryId,
    clusterId,
    directory: join(node.logDirs[0] ?? '', METADATA_DIRECTORY),
    config: raftConfigFrom(config.allProperties()),
    canBecomeVoter: isController,
    bootstrapServers: node.quorumBootstrapServers,
    staticVoters: node.quorumVoters,
    localListeners: isController ? [controllerEndpoint(node, boundPort)] : [],
    listenerName: node.controllerListenerName,
    transport: new SocketRaftTransport({ nodeId: node.nodeId, clock, connector: network.connector }),
    fileSystem,
    clock,
    random,
    logger,
    onFatal,
  });
}

/** All addresses at which a node may be reached, as far as quorum and metadata know them. */
export function addressesOf(nodeId: number, raft: RaftNode, image: MetadataImage): HostAndPort[] {
  const voter = raft.status.voters.find(({ id }) => id === nodeId);
  const broker = image.brokers.get(nodeId);
  const controller = image.controllers.get(nodeId);
  return [...(voter?.endpoints ?? []), ...(broker?.listeners ?? []), ...(controller?.listeners ?? [])];
}
