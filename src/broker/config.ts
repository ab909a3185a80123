import { KafkaError } from '../base/kafka-error.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig, logConfigFrom } from '../log/log-config.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import { TOPIC_TABLE } from '../metadata/configs/config-tables.ts';
import { effectiveTopicConfig } from '../metadata/configs/topic-config.ts';
import { type MetadataImage, RESOURCE_BROKER, RESOURCE_TOPIC } from '../metadata/metadata-image.ts';
import { type ListenerConfig, parseListeners } from './listener-config.ts';

/** What a node is, fixed for its life. */
export interface NodeConfig {
  readonly nodeId: number;
  /** `log.dirs`; the first holds the metadata log. */
  readonly logDirs: readonly string[];
  readonly listeners: readonly ListenerConfig[];
  /** The first of `controller.listener.names`; `CONTROLLER` when there is none. */
  readonly controllerListenerName: string;
  readonly rack: string | null;
}

const DEFAULT_NODE_ID = 1;
const DEFAULT_CONTROLLER_LISTENER = 'CONTROLLER';

/** Reads what a node is from its properties. Throws KafkaError INVALID_CONFIG. */
export function nodeConfig(properties: ReadonlyMap<string, string>, config: BrokerConfig): NodeConfig {
  const configuredId = properties.get('node.id') ?? properties.get('broker.id');
  const nodeId = configuredId === undefined ? DEFAULT_NODE_ID : Number(configuredId);
  if (!Number.isInteger(nodeId) || nodeId < 0) {
    throw new KafkaError('INVALID_CONFIG', `node.id must be a whole number from 0, received "${configuredId}"`);
  }
  const roles = listOf(properties.get('process.roles') ?? 'broker,controller');
  if (!roles.includes('broker') || !roles.includes('controller') || roles.length !== 2) {
    throw new KafkaError('INVALID_CONFIG', `process.roles must be broker,controller, received "${roles.join(',')}"`);
  }
  const dirs = properties.get('log.dirs') ?? properties.get('log.dir') ?? '/tmp/kafka-logs';
  const logDirs = listOf(dirs);
  if (logDirs.length === 0) throw new KafkaError('INVALID_CONFIG', `log.dirs names no folder, received "${dirs}"`);
  const controllerListenerNames = listOf(properties.get('controller.listener.names') ?? '');
  const listeners = parseListeners({
    listeners: properties.get('listeners') ?? 'PLAINTEXT://:9092',
    advertisedListeners: properties.get('advertised.listeners'),
    controllerListenerNames,
    securityProtocolMap: config.string('listener.security.protocol.map'),
  });
  return {
    nodeId,
    logDirs,
    listeners,
    controllerListenerName: controllerListenerNames[0] ?? DEFAULT_CONTROLLER_LISTENER,
    rack: config.stringOrNull('broker.rack'),
  };
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
