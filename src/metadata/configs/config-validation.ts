/** Whether a set of configs can be, as the controller and the brokers check it before they write it down. */

import { KafkaError } from '../../base/kafka-error.ts';
import type { BrokerConfig } from './broker-config.ts';
import { checkBrokerConstraints } from './broker-constraints.ts';
import { type ConfigValue, readConfig } from './config-definition.ts';
import {
  BROKER_TABLE,
  CLIENT_METRICS_TABLE,
  GROUP_TABLE,
  isDynamic,
  isPerBrokerOnly,
  needsListenerPrefix,
  TOPIC_TABLE,
  withoutListenerPrefix,
} from './config-tables.ts';
import { TopicConfig } from './topic-config.ts';

type Properties = ReadonlyMap<string, string>;

function invalid(message: string): KafkaError {
  return new KafkaError('INVALID_CONFIG', message);
}

/**
 * All configs that a topic is to have of its own. Throws KafkaError INVALID_CONFIG with Kafka's text.
 * @param existing what the topic has of its own now
 */
export function checkTopicConfigs(configs: Properties, existing: Properties, broker: BrokerConfig): void {
  for (const name of configs.keys()) {
    if (!TOPIC_TABLE.has(name)) throw invalid(`Unknown topic config name: ${name}`);
  }
  for (const [name, value] of configs) {
    const definition = TOPIC_TABLE.get(name);
    if (definition !== undefined) readConfig(definition, value);
  }
  const effective = new TopicConfig(configs, broker);
  const minLag = effective.number('min.compaction.lag.ms');
  const maxLag = effective.number('max.compaction.lag.ms');
  if (minLag > maxLag) {
    throw invalid(
      `conflict topic config setting min.compaction.lag.ms (${minLag}) > max.compaction.lag.ms (${maxLag})`,
    );
  }
  checkRemoteStorage(effective, existing, broker);
}

function checkRemoteStorage(effective: TopicConfig, existing: Properties, broker: BrokerConfig): void {
  if (effective.boolean('remote.storage.enable')) {
    if (!broker.boolean('remote.log.storage.system.enable')) {
      throw invalid(
        'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
      );
    }
    // A broker with tiered storage switched on does not start, so there is nothing more to check.
    return;
  }
  const wasEnabled = existing.get('remote.storage.enable')?.toLowerCase() === 'true';
  if (wasEnabled && !effective.boolean('remote.log.delete.on.disable')) {
    throw invalid(
      'It is invalid to disable remote storage without deleting remote data. ' +
        'If you want to keep the remote data and turn to read only, please set ' +
        '`remote.storage.enable=true,remote.log.copy.disable=true`. ' +
        'If you want to disable remote storage and delete all remote data, please set ' +
        '`remote.storage.enable=false,remote.log.delete.on.disable=true`.',
    );
  }
}

/** Group configs whose limits are broker configs. */
const GROUP_RANGES: readonly (readonly [name: string, min: string, max: string])[] = [
  [
    'consumer.heartbeat.interval.ms',
    'group.consumer.min.heartbeat.interval.ms',
    'group.consumer.max.heartbeat.interval.ms',
  ],
  ['consumer.session.timeout.ms', 'group.consumer.min.session.timeout.ms', 'group.consumer.max.session.timeout.ms'],
  [
    'consumer.assignment.interval.ms',
    'group.consumer.min.assignment.interval.ms',
    'group.consumer.max.assignment.interval.ms',
  ],
  ['share.heartbeat.interval.ms', 'group.share.min.heartbeat.interval.ms', 'group.share.max.heartbeat.interval.ms'],
  ['share.session.timeout.ms', 'group.share.min.session.timeout.ms', 'group.share.max.session.timeout.ms'],
  [
    'share.record.lock.duration.ms',
    'group.share.min.record.lock.duration.ms',
    'group.share.max.record.lock.duration.ms',
  ],
  ['share.delivery.count.limit', 'group.share.min.delivery.count.limit', 'group.share.max.delivery.count.limit'],
  [
    'share.partition.max.record.locks',
    'group.share.min.partition.max.record.locks',
    'group.share.max.partition.max.record.locks',
  ],
  ['share.assignment.interval.ms', 'group.share.min.assignment.interval.ms', 'group.share.max.assignment.interval.ms'],
  [
    'streams.heartbeat.interval.ms',
    'group.streams.min.heartbeat.interval.ms',
    'group.streams.max.heartbeat.interval.ms',
  ],
  ['streams.session.timeout.ms', 'group.streams.min.session.timeout.ms', 'group.streams.max.session.timeout.ms'],
  [
    'streams.assignment.interval.ms',
    'group.streams.min.assignment.interval.ms',
    'group.streams.max.assignment.interval.ms',
  ],
];

/** Group configs with one limit that is a broker config. */
const GROUP_MAXIMA: readonly (readonly [name: string, max: string])[] = [
  ['streams.num.standby.replicas', 'group.streams.max.standby.replicas'],
  ['streams.num.warmup.replicas', 'group.streams.max.warmup.replicas'],
];
const GROUP_MINIMA: readonly (readonly [name: string, min: string])[] = [
  ['streams.task.offset.interval.ms', 'group.streams.min.task.offset.interval.ms'],
];
const SESSION_AND_HEARTBEAT: readonly (readonly [session: string, heartbeat: string])[] = [
  ['consumer.session.timeout.ms', 'consumer.heartbeat.interval.ms'],
  ['share.session.timeout.ms', 'share.heartbeat.interval.ms'],
  ['streams.session.timeout.ms', 'streams.heartbeat.interval.ms'],
];

/** What is in force for a group config: set on the group, else the broker's, else Kafka's default. */
export function groupConfigValue(name: string, configs: Properties, broker: BrokerConfig): ConfigValue | null {
  const definition = GROUP_TABLE.get(name);
  if (definition === undefined) throw new RangeError(`there is no group config ${name}`);
  const own = configs.get(name);
  if (own !== undefined || definition.brokerName === undefined) return readConfig(definition, own);
  const value = broker.value(definition.brokerName);
  // group.streams.assignors lists all, the first is the default of streams.assignor.name.
  return definition.type !== 'LIST' && value !== null && typeof value === 'object' ? (value[0] ?? null) : value;
}

/** All configs that a group is to have of its own. Throws KafkaError INVALID_CONFIG with Kafka's text. */
export function checkGroupConfigs(configs: Properties, broker: BrokerConfig): void {
  for (const name of configs.keys()) {
    if (!GROUP_TABLE.has(name)) throw invalid(`Unknown group config name: ${name}`);
  }
  for (const name of GROUP_TABLE.keys()) groupConfigValue(name, configs, broker);
  const own = (name: string): number | undefined =>
    configs.has(name) ? Number(groupConfigValue(name, configs, broker)) : undefined;
  for (const [name, minName, maxName] of GROUP_RANGES) {
    const value = own(name);
    const min = broker.number(minName);
    const max = broker.number(maxName);
    if (value !== undefined && (value < min || value > max)) {
      throw invalid(`${name} must be in the range ${min} to ${max} inclusive.`);
    }
  }
  for (const [name, maxName] of GROUP_MAXIMA) {
    const value = own(name);
    const max = broker.number(maxName);
    if (value !== undefined && value > max) throw invalid(`${name} must be less than or equal to ${max}`);
  }
  for (const [name, minName] of GROUP_MINIMA) {
    const value = own(name);
    const min = broker.number(minName);
    if (value !== undefined && value < min) throw invalid(`${name} must be greater than or equal to ${min}`);
  }
  for (const [session, heartbeat] of SESSION_AND_HEARTBEAT) {
    const sessionMs = Number(groupConfigValue(session, configs, broker));
    if (sessionMs <= Number(groupConfigValue(heartbeat, configs, broker))) {
      throw invalid(`${session} must be greater than ${heartbeat}`);
    }
  }
  checkNamesInGroupConfigs(configs, broker);
}

function checkNamesInGroupConfigs(configs: Properties, broker: BrokerConfig): void {
  const assignor = configs.get('streams.assignor.name');
  const assignors = broker.list('group.streams.assignors');
  if (assignor !== undefined && !assignors.includes(assignor)) {
    throw invalid(
      `streams.assignor.name '${assignor}' is not a registered task assignor. ` +
        `Registered assignors are: [${assignors.join(', ')}].`,
    );
  }
  if (configs.get('errors.deadletterqueue.topic.name')?.startsWith('__')) {
    throw invalid("errors.deadletterqueue.topic.name: DLQ topic name must not start with '__'");
  }
}

const MATCH_PARAMETERS = new Set([
  'client_id',
  'client_instance_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]);

/** All configs of a client metrics subscription (KIP-714). Throws KafkaError INVALID_REQUEST or INVALID_CONFIG. */
export function checkClientMetricsConfigs(configs: Properties): void {
  for (const name of configs.keys()) {
    if (!CLIENT_METRICS_TABLE.has(name)) {
      throw new KafkaError('INVALID_REQUEST', `Unknown client metrics configuration: ${name}`);
    }
  }
  for (const [name, value] of configs) {
    const definition = CLIENT_METRICS_TABLE.get(name);
    const parsed = definition === undefined ? null : readConfig(definition, value);
    if (name === 'interval.ms' && typeof parsed === 'number' && (parsed < 100 || parsed > 3_600_000)) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `Invalid value ${parsed} for interval.ms, interval must be between 100 and 3600000 (1 hour)`,
      );
    }
    if (name === 'match' && parsed !== null && typeof parsed === 'object') parsed.forEach(checkMatchPattern);
  }
}

function checkMatchPattern(pattern: string): void {
  const [parameter = '', expression, more] = pattern.split('=');
  const isUsable =
    expression !== undefined && more === undefined && MATCH_PARAMETERS.has(parameter.trim()) && compiles(expression);
  if (!isUsable) throw invalid(`Illegal client matching pattern: ${pattern}`);
}

function compiles(expression: string): boolean {
  try {
    // Only whether it is an expression at all: nothing is matched with it here.
    new RegExp(expression.trim());
    return true;
  } catch {
    return false;
  }
}

const THREAD_COUNTS = new Set([
  'num.io.threads',
  'num.network.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
]);

/**
 * All dynamic configs that a broker, or all brokers, are to have. Throws KafkaError INVALID_REQUEST (so Kafka answers
 * for brokers) when one cannot be changed, not here, or has a value that it cannot have.
 * @param isPerBroker whether they are one broker's, not the default of all
 */
export function checkDynamicBrokerConfigs(configs: Properties, isPerBroker: boolean, broker: BrokerConfig): void {
  const names = [...configs.keys()];
  refuseNames(
    names.filter((name) => BROKER_TABLE.has(name) && !isDynamic(name)),
    'Cannot update these configs dynamically',
  );
  refuseNames(
    names.filter(needsListenerPrefix),
    'These security configs can be dynamically updated only per-listener using the listener prefix',
  );
  for (const [name, text] of configs) checkBrokerValue(name, text, broker);
  if (!isPerBroker) {
    refuseNames(
      names.filter(isPerBrokerOnly),
      'Cannot update these configs at default cluster level, broker id must be specified',
    );
  }
  const [ofAll, ofBroker] = isPerBroker
    ? [broker.dynamicDefaultProperties, configs]
    : [configs, broker.dynamicBrokerProperties];
  asInvalidRequest(() => checkBrokerConstraints(broker.withDynamic(ofAll, ofBroker)));
}

function asInvalidRequest(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof KafkaError) throw new KafkaError('INVALID_REQUEST', error.message);
    throw error;
  }
}

function refuseNames(names: readonly string[], why: string): void {
  if (names.length > 0) throw new KafkaError('INVALID_REQUEST', `${why}: [${names.join(', ')}]`);
}

function checkBrokerValue(name: string, text: string, broker: BrokerConfig): void {
  const definition = BROKER_TABLE.get(withoutListenerPrefix(name) ?? name);
  if (definition === undefined) return;
  asInvalidRequest(() => {
    const value = readConfig(definition, text);
    if (typeof value !== 'number') return;
    if (THREAD_COUNTS.has(name)) checkThreadCount(name, value, broker.number(name));
    if (name === 'log.cleaner.threads') checkCleanerThreads(value, broker.number(name));
  });
}

// Kafka changes a thread pool by a factor of two at most; ottla has no threads, but says the same.
function checkThreadCount(name: string, value: number, current: number): void {
  const problem = threadCountProblem(value, current);
  if (problem === undefined) return;
  throw invalidDynamic(`Dynamic thread count update validation failed for ${name}=${value}, ${problem}`);
}

function threadCountProblem(value: number, current: number): string | undefined {
  if (value <= 0) return 'value should be at least 1';
  if (value < Math.floor(current / 2)) return `value should be at least half the current value ${current}`;
  if (value > current * 2) return `value should not be greater than double the current value ${current}`;
  return undefined;
}

function checkCleanerThreads(value: number, current: number): void {
  if (value < 1) throw invalidDynamic('Log cleaner threads should be at least 1');
  if (value < Math.floor(current / 2)) {
    throw invalidDynamic(`Log cleaner threads cannot be reduced to less than half the current value ${current}`);
  }
  if (value > current * 2) {
    throw invalidDynamic(`Log cleaner threads cannot be increased to more than double the current value ${current}`);
  }
}

function invalidDynamic(why: string): KafkaError {
  const exception = `org.apache.kafka.common.config.ConfigException: ${why}`;
  return invalid(`Invalid value ${exception} for configuration Invalid dynamic configuration`);
}

/**
 * The value after an append to or a subtraction from a list config; `current` undefined when it has none of its own.
 * Elements are split at commas and not trimmed, as Kafka's controller does.
 */
export function changedList(
  current: string | undefined,
  defaultValue: string | null | undefined,
  elements: string,
  operation: 'append' | 'subtract',
): string {
  const list = (current ?? defaultValue ?? '').split(',').filter((element) => element !== '');
  for (const element of elements.split(',')) {
    const at = list.indexOf(element);
    if (operation === 'append' && at < 0) list.push(element);
    if (operation === 'subtract' && at >= 0) list.splice(at, 1);
  }
  return list.join(',');
}
