import { COORDINATOR_CONFIGS } from './broker-configs-coordinator.ts';
import { LOG_CONFIGS } from './broker-configs-log.ts';
import { NODE_CONFIGS } from './broker-configs-node.ts';
import { REMOTE_CONFIGS } from './broker-configs-remote.ts';
import { SECURITY_CONFIGS } from './broker-configs-security.ts';
import { type ConfigTable, configTable } from './config-definition.ts';
import { GROUP_CONFIGS } from './group-configs.ts';
import { CLIENT_METRICS_CONFIGS } from './other-configs.ts';
import { TOPIC_CONFIGS } from './topic-configs.ts';

/** All configs of Kafka 4.4.0, by name. */
export const BROKER_TABLE: ConfigTable = configTable(
  NODE_CONFIGS,
  LOG_CONFIGS,
  COORDINATOR_CONFIGS,
  SECURITY_CONFIGS,
  REMOTE_CONFIGS,
);
export const TOPIC_TABLE: ConfigTable = configTable(TOPIC_CONFIGS);
export const GROUP_TABLE: ConfigTable = configTable(GROUP_CONFIGS);
export const CLIENT_METRICS_TABLE: ConfigTable = configTable(CLIENT_METRICS_CONFIGS);

/**
 * Where ottla's defaults differ from Kafka's: what a broker on one machine needs. `ottla serve` puts them in place as
 * if they stood in server.properties (Kafka's own config/server.properties does the same for most of them), and
 * whatever the user sets takes precedence.
 */
export const LOCAL_BROKER_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['node.id', '1'],
  ['process.roles', 'broker,controller'],
  ['controller.listener.names', 'CONTROLLER'],
  ['offsets.topic.replication.factor', '1'],
  ['transaction.state.log.replication.factor', '1'],
  ['transaction.state.log.min.isr', '1'],
  ['share.coordinator.state.topic.replication.factor', '1'],
  ['share.coordinator.state.topic.min.isr', '1'],
  ['group.initial.rebalance.delay.ms', '0'],
  // One event loop accepts and serves: a test suite's burst of connections must find room to wait, not be sent away to
  // come back seconds later.
  ['socket.listen.backlog.size', '1024'],
]);

const LISTENER_PREFIX = /^listener\.name\.[^.]*\.(.*)$/;
const MECHANISM_CONFIGS = [
  'sasl.jaas.config',
  'sasl.login.callback.handler.class',
  'sasl.login.class',
  'sasl.server.callback.handler.class',
  'connections.max.reauth.ms',
];

/** The name behind `listener.name.<listener>.[<mechanism>.]`; undefined when the name has no such prefix. */
export function withoutListenerPrefix(name: string): string | undefined {
  const base = LISTENER_PREFIX.exec(name)?.[1];
  if (base === undefined) return undefined;
  return MECHANISM_CONFIGS.find((config) => base.endsWith(config)) ?? base;
}

/** Names that set a broker config, the first that is set counts; a listener's own config falls back to the common one. */
export function brokerConfigNames(name: string): readonly string[] {
  const definition = BROKER_TABLE.get(name);
  if (definition !== undefined) return definition.synonyms;
  const base = withoutListenerPrefix(name);
  return base === undefined ? [name] : [name, base];
}

/** Broker configs that can change while the broker runs. */
export function isDynamic(name: string): boolean {
  const definition = BROKER_TABLE.get(name);
  return definition !== undefined && definition.updateMode !== 'read-only';
}

const CLUSTER_LEVEL_LISTENER_CONFIGS = new Set([
  'max.connections',
  'max.connection.creation.rate',
  'num.network.threads',
]);
const PER_BROKER_ONLY = new Set([
  'listeners',
  'listener.security.protocol.map',
  'principal.builder.class',
  'cordoned.log.dirs',
]);

/** Whether a broker config can be set on one broker only, not as the default of all. */
export function isPerBrokerOnly(name: string): boolean {
  if (CLUSTER_LEVEL_LISTENER_CONFIGS.has(name)) return false;
  const base = withoutListenerPrefix(name);
  if (base !== undefined) return !CLUSTER_LEVEL_LISTENER_CONFIGS.has(base);
  return PER_BROKER_ONLY.has(name) || (isDynamic(name) && (name.startsWith('ssl.') || name.startsWith('sasl.')));
}

const KEY_STORE_CONFIGS = new Set([
  'ssl.keystore.type',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.key.password',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.truststore.type',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.certificates',
]);

/** ssl.* configs that are dynamic only behind a listener's prefix. */
export function needsListenerPrefix(name: string): boolean {
  return KEY_STORE_CONFIGS.has(name);
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Broker configs whose unit is not that of the topic config they stand in for: factor to milliseconds. */
const UNIT_FACTOR: ReadonlyMap<string, number> = new Map([
  ['log.roll.hours', HOUR_MS],
  ['log.roll.jitter.hours', HOUR_MS],
  ['log.retention.hours', HOUR_MS],
  ['log.retention.minutes', MINUTE_MS],
]);

/** The value of a broker config as the topic config it stands in for would have it. */
export function inTopicUnits(brokerName: string, value: string): string {
  const factor = UNIT_FACTOR.get(brokerName);
  if (factor === undefined) return value;
  const count = /^[+-]?\d+$/.test(value.trim()) ? Number(value) : 0;
  return String(count * factor);
}
