import { KafkaError } from '../base/kafka-error.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig, logConfigFrom } from '../log/log-config.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import { checkBrokerConstraints } from '../metadata/configs/broker-constraints.ts';
import { TOPIC_TABLE } from '../metadata/configs/config-tables.ts';
import { effectiveTopicConfig } from '../metadata/configs/topic-config.ts';
import { type MetadataImage, RESOURCE_BROKER, RESOURCE_TOPIC } from '../metadata/metadata-image.ts';
import { type ListenerConfig, parseListeners } from './listener-config.ts';

/** What a node does, as in `process.roles`. */
export type NodeRole = 'broker' | 'controller';

/** What a node is, fixed for its life. */
export interface NodeConfig {
  readonly nodeId: number;
  readonly roles: ReadonlySet<NodeRole>;
  /** `log.dirs`; the first holds the metadata log. */
  readonly logDirs: readonly string[];
  readonly listeners: readonly ListenerConfig[];
  /** The first of `controller.listener.names`; `CONTROLLER` when there is none. */
  readonly controllerListenerName: string;
  /** The listener by which brokers reach one another: `inter.broker.listener.name`. Empty on a node that is no broker. */
  readonly interBrokerListenerName: string;
  /** `controller.quorum.bootstrap.servers`. */
  readonly quorumBootstrapServers: readonly HostAndPort[];
  /** `controller.quorum.voters` of a static quorum. */
  readonly quorumVoters: readonly (HostAndPort & { readonly id: number })[];
  readonly rack: string | null;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_NODE_ID = 1;
const DEFAULT_CONTROLLER_LISTENER = 'CONTROLLER';

/** Reads what a node is from its properties. Throws KafkaError INVALID_CONFIG, also when they contradict one another. */
export function nodeConfig(properties: ReadonlyMap<string, string>, config: BrokerConfig): NodeConfig {
  checkBrokerConstraints(config);
  const nodeId = nodeIdOf(properties);
  const roles = rolesOf(properties.get('process.roles') ?? 'broker,controller');
  const dirs = properties.get('log.dirs') ?? properties.get('log.dir') ?? '/tmp/kafka-logs';
  const logDirs = listOf(dirs);
  if (logDirs.length === 0) throw new KafkaError('INVALID_CONFIG', `log.dirs names no folder, received "${dirs}"`);
  const controllerListenerNames = listOf(properties.get('controller.listener.names') ?? '');
  const listeners = parseListeners({
    roles,
    listeners: properties.get('listeners') ?? 'PLAINTEXT://:9092',
    advertisedListeners: properties.get('advertised.listeners'),
    controllerListenerNames,
    securityProtocolMap: config.string('listener.security.protocol.map'),
  });
  const quorumBootstrapServers = listOf(properties.get('controller.quorum.bootstrap.servers') ?? '').map((text) =>
    hostAndPort('controller.quorum.bootstrap.servers', text),
  );
  const quorumVoters = listOf(properties.get('controller.quorum.voters') ?? '').map(voter);
  if (!roles.has('controller') && quorumBootstrapServers.length === 0 && quorumVoters.length === 0) {
    const needed = 'controller.quorum.bootstrap.servers (or controller.quorum.voters) must name the controllers';
    throw new KafkaError('INVALID_CONFIG', `${needed} of a node whose process.roles is broker; received none`);
  }
  return {
    nodeId,
    roles,
    logDirs,
    listeners,
    controllerListenerName: controllerListenerNames[0]?.toUpperCase() ?? DEFAULT_CONTROLLER_LISTENER,
    interBrokerListenerName: roles.has('broker') ? interBrokerListener(listeners, config) : '',
    quorumBootstrapServers,
    quorumVoters,
    rack: config.stringOrNull('broker.rack'),
  };
}

function nodeIdOf(properties: ReadonlyMap<string, string>): number {
  const brokerId = properties.get('broker.id');
  const configured = properties.get('node.id') ?? brokerId;
  if (brokerId !== undefined && configured !== brokerId) {
    throw new KafkaError(
      'INVALID_CONFIG',
      '`node.id` and `broker.id` must be set to the same value. `broker.id` is deprecated, please use `node.id` instead.',
    );
  }
  const nodeId = configured === undefined ? DEFAULT_NODE_ID : Number(configured);
  if (!Number.isInteger(nodeId) || nodeId < 0) {
    throw new KafkaError('INVALID_CONFIG', `node.id must be a whole number from 0, received "${configured}"`);
  }
  return nodeId;
}

function rolesOf(text: string): Set<NodeRole> {
  const roles = new Set<NodeRole>();
  for (const role of listOf(text)) {
    if (role === 'broker' || role === 'controller') roles.add(role);
    else throw new KafkaError('INVALID_CONFIG', `process.roles knows broker and controller, received "${text}"`);
  }
  if (roles.size === 0) throw new KafkaError('INVALID_CONFIG', `process.roles names no role, received "${text}"`);
  return roles;
}

// By its name, or else the listener whose name is the protocol (security.inter.broker.protocol); a node that has neither
// is no member of a cluster that could tell them apart.
function interBrokerListener(listeners: readonly ListenerConfig[], config: BrokerConfig): string {
  const brokerListeners = listeners.filter(({ type }) => type === 'broker');
  const configured = config.stringOrNull('inter.broker.listener.name');
  const wanted = configured ?? config.string('security.inter.broker.protocol');
  const found = brokerListeners.find(({ name }) => name === wanted.toUpperCase());
  if (found !== undefined) return found.name;
  if (configured === null) return brokerListeners[0]?.name ?? '';
  throw new KafkaError(
    'INVALID_CONFIG',
    `inter.broker.listener.name must be one of the broker's listeners, received "${configured}"`,
  );
}

/** Reads `host:port`, an IPv6 address in brackets. Throws KafkaError INVALID_CONFIG. */
function hostAndPort(option: string, text: string): HostAndPort {
  const match = /^(?:\[([^\]]+)\]|([^[\]:@]+)):(\d+)$/.exec(text);
  const port = Number(match?.[3] ?? 0);
  if (match === null || port < 1 || port > 65_535) {
    throw new KafkaError('INVALID_CONFIG', `${option} must consist of host:port, received "${text}"`);
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

function voter(text: string): HostAndPort & { id: number } {
  const match = /^(\d+)@(.+)$/.exec(text);
  if (match === null) {
    throw new KafkaError('INVALID_CONFIG', `controller.quorum.voters must consist of id@host:port, received "${text}"`);
  }
  return { id: Number(match[1]), ...hostAndPort('controller.quorum.voters', match[2] ?? '') };
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Takes over what the metadata says of this broker's and all brokers' configs. */
export function updateDynamicConfigs(config: BrokerConfig, image: MetadataImage, nodeId: number): void {
  config.updateDynamic(image.configs(RESOURCE_BROKER, ''), image.configs(RESOURCE_BROKER, String(nodeId)));
}

/** How the logs of a topic are kept: what is set on the topic, else on the broker, else Kafka's default. */
export function topicLogConfig(topic: string, image: MetadataImage, config: BrokerConfig): LogConfig {
  const own = image.configs(RESOURCE_TOPIC, topic);
  const options = new Map<string, string>();
  for (const name of TOPIC_TABLE.keys()) {
    const { value } = effectiveTopicConfig(name, own, config);
    if (value !== null) options.set(name, value);
  }
  return logConfigFrom(options, DEFAULT_LOG_CONFIG);
}

/** `min.insync.replicas` of a topic. */
export function minInsyncReplicas(topic: string, image: MetadataImage, config: BrokerConfig): number {
  const own = image.configs(RESOURCE_TOPIC, topic);
  return Number(effectiveTopicConfig('min.insync.replicas', own, config).value ?? 1);
}
