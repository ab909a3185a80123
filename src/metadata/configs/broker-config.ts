import { KafkaError } from '../../base/kafka-error.ts';
import { type ConfigDefinition, type ConfigValue, readConfig } from './config-definition.ts';
import { BROKER_TABLE, brokerConfigNames, inTopicUnits, LOCAL_BROKER_PROPERTIES } from './config-tables.ts';

/** Where the value of a config comes from, as DescribeConfigs numbers it. */
export const SOURCE_TOPIC = 1;
export const SOURCE_DYNAMIC_BROKER = 2;
export const SOURCE_DYNAMIC_DEFAULT_BROKER = 3;
export const SOURCE_STATIC_BROKER = 4;
export const SOURCE_DEFAULT = 5;
export const SOURCE_CLIENT_METRICS = 7;
export const SOURCE_GROUP = 8;

/** A value with its source. */
export interface SourcedValue {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

const UNIT_SYNONYM = /^log\..*\.(hours|minutes)$/;

type Properties = ReadonlyMap<string, string>;
const NOTHING: Properties = new Map();

/**
 * The configs of one node: server.properties beneath what is set dynamically on this broker and on all brokers. Values
 * are read by their Kafka names; getters throw RangeError for a name that is none of Kafka's (a mistake in the code).
 */
export class BrokerConfig {
  readonly #static: Properties;
  #dynamicDefault: Properties = NOTHING;
  #dynamicBroker: Properties = NOTHING;
  readonly #values = new Map<string, ConfigValue | null>();

  /**
   * Throws KafkaError INVALID_CONFIG when a property of a known name has a value that it cannot have. Properties of
   * other names are kept, as Kafka does.
   * @param properties what stands in server.properties
   * @param defaults what holds where `properties` has nothing
   */
  constructor(properties: Properties, defaults: Properties = LOCAL_BROKER_PROPERTIES) {
    const all = new Map([...defaults, ...properties]);
    // Both names mean the same, and what the user set counts before the default.
    const nodeId = properties.get('node.id') ?? properties.get('broker.id') ?? all.get('node.id');
    if (nodeId !== undefined) {
      all.set('node.id', nodeId);
      all.set('broker.id', nodeId);
    }
    const listeners = all.get('listeners');
    if (listeners !== undefined && !all.has('advertised.listeners')) all.set('advertised.listeners', listeners);
    this.#static = all;
    for (const [name, value] of all) {
      const definition = BROKER_TABLE.get(name);
      if (definition !== undefined) readConfig(definition, value);
    }
  }

  /**
   * Takes over what is set dynamically (configs of resource BROKER ``, and of this broker's id). Values that cannot be
   * are left out, as Kafka does when it meets them in the log.
   */
  updateDynamic(dynamicDefault: Properties, dynamicBroker: Properties): void {
    this.#dynamicDefault = new Map([...dynamicDefault].filter(isUsable));
    this.#dynamicBroker = new Map([...dynamicBroker].filter(isUsable));
    this.#values.clear();
  }

  /** These configs as they would be in force with other dynamic ones. */
  withDynamic(dynamicDefault: Properties, dynamicBroker: Properties): BrokerConfig {
    const changed = new BrokerConfig(this.#static, NOTHING);
    changed.updateDynamic(dynamicDefault, dynamicBroker);
    return changed;
  }

  /** What stands in server.properties, ottla's defaults for a local broker included. */
  get staticProperties(): Properties {
    return this.#static;
  }

  get dynamicDefaultProperties(): Properties {
    return this.#dynamicDefault;
  }

  get dynamicBrokerProperties(): Properties {
    return this.#dynamicBroker;
  }

  /** All properties that are set anywhere, the stronger source last wins. */
  allProperties(): Map<string, string> {
    return new Map([...this.#static, ...this.#dynamicDefault, ...this.#dynamicBroker]);
  }

  /** The value of a config as it is in force, null when it has none. Also `listener.name.<listener>.<config>`. */
  value(name: string): ConfigValue | null {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const value = readConfig(definitionOf(name), this.#text(name));
    this.#values.set(name, value);
    return value;
  }

  // A synonym stands in only where its unit can be converted: log.retention.hours for log.retention.ms, not the reverse.
  #text(name: string): string | undefined {
    for (const found of this.sources(name)) {
      if (found.name === name) return found.value;
      if (!UNIT_SYNONYM.test(name)) return inTopicUnits(found.name, found.value);
    }
    return undefined;
  }

  /**
   * Where a config has values, the strongest first, the default last: what DescribeConfigs shows as synonyms. The first
   * may stand under a synonym of the name, in that synonym's unit.
   */
  sources(name: string): SourcedValue[] {
    const names = brokerConfigNames(name);
    const found: SourcedValue[] = [];
    const look = (properties: Properties, source: number): void => {
      for (const synonym of names) {
        const value = properties.get(synonym);
        if (value !== undefined) found.push({ name: synonym, value, source });
      }
    };
    look(this.#dynamicBroker, SOURCE_DYNAMIC_BROKER);
    look(this.#dynamicDefault, SOURCE_DYNAMIC_DEFAULT_BROKER);
    look(this.#static, SOURCE_STATIC_BROKER);
    for (const synonym of names) {
      const value = BROKER_TABLE.get(synonym)?.defaultValue;
      if (typeof value === 'string') found.push({ name: synonym, value, source: SOURCE_DEFAULT });
    }
    return found;
  }

  /** A number; -1, 0 and Infinity as they are in force. Throws KafkaError INVALID_CONFIG when it has no value. */
  number(name: string): number {
    return typed(name, this.value(name), 'number');
  }

  numberOrNull(name: string): number | null {
    return this.value(name) === null ? null : this.number(name);
  }

  boolean(name: string): boolean {
    return typed(name, this.value(name), 'boolean');
  }

  string(name: string): string {
    return typed(name, this.value(name), 'string');
  }

  stringOrNull(name: string): string | null {
    return this.value(name) === null ? null : this.string(name);
  }

  /** Empty when it has no value. */
  list(name: string): readonly string[] {
    const value = this.value(name);
    if (value === null) return [];
    if (typeof value === 'object') return value;
    throw new RangeError(`config ${name} is no list`);
  }
}

function definitionOf(name: string): ConfigDefinition {
  const names = brokerConfigNames(name);
  for (const candidate of [name, ...names]) {
    const definition = BROKER_TABLE.get(candidate);
    if (definition !== undefined) return definition;
  }
  throw new RangeError(`there is no broker config ${name}`);
}

interface Named {
  number: number;
  boolean: boolean;
  string: string;
}

function typed<T extends keyof Named>(name: string, value: ConfigValue | null, type: T): Named[T] {
  if (value === null) {
    throw new KafkaError('INVALID_CONFIG', `Missing required configuration "${name}" which has no default value.`);
  }
  const found: string = typeof value;
  if (found === type) return value as Named[T];
  throw new RangeError(`config ${name} is no ${type}`);
}

function isUsable([name, value]: [string, string]): boolean {
  const definition = BROKER_TABLE.get(name);
  if (definition === undefined) return true;
  try {
    readConfig(definition, value);
    return true;
  } catch {
    return false;
  }
}
