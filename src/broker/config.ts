import { KafkaError } from '../base/kafka-error.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig, logConfigFrom } from '../log/log-config.ts';
import { COORDINATOR_CONFIGS } from '../metadata/configs/broker-configs-coordinator.ts';
import { LOG_CONFIGS } from '../metadata/configs/broker-configs-log.ts';
import { NODE_CONFIGS } from '../metadata/configs/broker-configs-node.ts';
import { REMOTE_CONFIGS } from '../metadata/configs/broker-configs-remote.ts';
import { SECURITY_CONFIGS } from '../metadata/configs/broker-configs-security.ts';
import { type ConfigTable, type ConfigValue, configTable, readConfig } from '../metadata/configs/config-definition.ts';
import { TOPIC_CONFIGS } from '../metadata/configs/topic-configs.ts';
import { type MetadataImage, RESOURCE_BROKER, RESOURCE_TOPIC } from '../metadata/metadata-image.ts';
import { type ListenerConfig, parseListeners } from './listener-config.ts';

const BROKER_CONFIGS: ConfigTable = configTable(
  NODE_CONFIGS,
  LOG_CONFIGS,
  COORDINATOR_CONFIGS,
  SECURITY_CONFIGS,
  REMOTE_CONFIGS,
);

/** Options that say the same in another unit: name, factor to the unit of the option they stand in for. */
const OTHER_UNITS: Readonly<Record<string, readonly (readonly [name: string, factor: number])[]>> = {
  'log.retention.ms': [
    ['log.retention.minutes', 60_000],
    ['log.retention.hours', 3_600_000],
  ],
  'log.roll.ms': [['log.roll.hours', 3_600_000]],
  'log.roll.jitter.ms': [['log.roll.jitter.hours', 3_600_000]],
  'log.flush.interval.ms': [['log.flush.scheduler.interval.ms', 1]],
};

const DEFAULT_CONTROLLER_LISTENER = 'CONTROLLER';

/**
 * A broker's configuration: its properties as given at start, under Kafka's names, with what was changed since through
 * the metadata log on top. Unknown names are kept and ignored, as Kafka does.
 */
export class BrokerConfig {
  /** As given at start. */
  readonly properties: ReadonlyMap<string, string>;
  readonly nodeId: number;
  readonly logDirs: readonly string[];
  readonly listeners: readonly ListenerConfig[];
  readonly controllerListenerName: string;
  #image: MetadataImage | undefined;

  /** Throws KafkaError INVALID_CONFIG for a value that Kafka does not take. */
  constructor(properties: ReadonlyMap<string, string>) {
    this.properties = properties;
    for (const [name, text] of properties) {
      const definition = BROKER_CONFIGS.get(name);
      if (definition !== undefined) readConfig(definition, text);
    }
    this.nodeId = this.#firstNumber(['node.id', 'broker.id'], 1);
    const dirs = properties.get('log.dirs') ?? properties.get('log.dir') ?? '/tmp/kafka-logs';
    this.logDirs = dirs
      .split(',')
      .map((dir) => dir.trim())
      .filter((dir) => dir !== '');
    if (this.logDirs.length === 0)
      throw new KafkaError('INVALID_CONFIG', `log.dirs names no folder, received "${dirs}"`);
    const controllerNames = this.#list('controller.listener.names');
    this.controllerListenerName = controllerNames[0] ?? DEFAULT_CONTROLLER_LISTENER;
    this.listeners = parseListeners({
      listeners: properties.get('listeners') ?? 'PLAINTEXT://:9092',
      advertisedListeners: properties.get('advertised.listeners'),
      controllerListenerNames: controllerNames,
      securityProtocolMap: this.string('listener.security.protocol.map') ?? '',
    });
  }

  /** From now on values that were changed at run time, for this broker or for all, count. */
  useDynamicConfigs(image: MetadataImage): void {
    this.#image = image;
  }

  #firstNumber(names: readonly string[], fallback: number): number {
    for (const name of names) {
      const text = this.properties.get(name);
      if (text !== undefined && Number(text) >= 0) return Number(text);
    }
    return fallback;
  }

  #list(name: string): readonly string[] {
    const text = this.properties.get(name);
    if (text === undefined) return [];
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  /** The text that is set for an option, at run time for this broker or for all brokers, or at start. */
  text(name: string): string | undefined {
    const image = this.#image;
    return (
      image?.configs(RESOURCE_BROKER, String(this.nodeId)).get(name) ??
      image?.configs(RESOURCE_BROKER, '').get(name) ??
      this.properties.get(name)
    );
  }

  #value(name: string): ConfigValue | null {
    const definition = BROKER_CONFIGS.get(name);
    if (definition === undefined) throw new RangeError(`Kafka has no broker option ${name}`);
    return readConfig(definition, this.text(name));
  }

  /** The value of a numeric option; the largest LONG is Infinity. */
  number(name: string): number {
    const value = this.#value(name);
    if (typeof value !== 'number') throw new RangeError(`${name} is no number`);
    return value;
  }

  boolean(name: string): boolean {
    return this.#value(name) === true;
  }

  string(name: string): string | undefined {
    const value = this.#value(name);
    return value === null ? undefined : String(value);
  }

  /** The text of an option that may be set in another unit (`log.retention.hours` for `log.retention.ms`). */
  #textInUnit(name: string): string | undefined {
    const own = this.text(name);
    if (own !== undefined) return own;
    for (const [other, factor] of OTHER_UNITS[name] ?? []) {
      const text = this.text(other);
      if (text === undefined) continue;
      const value = Number(text);
      return String(value < 0 ? value : value * factor);
    }
    return undefined;
  }

  /** The options that hold for a topic where they are not Kafka's defaults: its own, else the broker's. */
  topicOptions(topic: string): Map<string, string> {
    const own = this.#image?.configs(RESOURCE_TOPIC, topic);
    const options = new Map<string, string>();
    for (const { name, brokerName } of TOPIC_CONFIGS) {
      const text = own?.get(name) ?? (brokerName === undefined ? undefined : this.#textInUnit(brokerName));
      if (text !== undefined) options.set(name, text);
    }
    return options;
  }

  logConfig(topic: string): LogConfig {
    return logConfigFrom(this.topicOptions(topic), DEFAULT_LOG_CONFIG);
  }

  minInsyncReplicas(topic: string): number {
    const own = this.#image?.configs(RESOURCE_TOPIC, topic).get('min.insync.replicas');
    return own === undefined ? this.number('min.insync.replicas') : Number(own);
  }
}
