import {
  SOURCE_DEFAULT,
  SOURCE_DYNAMIC_BROKER,
  SOURCE_DYNAMIC_DEFAULT_BROKER,
  SOURCE_STATIC_BROKER,
  SOURCE_TOPIC,
} from './broker-config.ts';
import { type ConfigValue, configText, readConfig } from './config-definition.ts';
import { BROKER_TABLE, inTopicUnits, TOPIC_TABLE } from './config-tables.ts';

type Properties = ReadonlyMap<string, string>;

/** A config that is in force, with its source code as DescribeConfigs numbers it. */
export interface EffectiveConfig {
  readonly value: string | null;
  readonly source: number;
}

/** What is set for a broker, by strength; BrokerConfig is one. */
export interface BrokerLayers {
  readonly dynamicBrokerProperties: Properties;
  readonly dynamicDefaultProperties: Properties;
  readonly staticProperties: Properties;
}

// Every name under which a broker may set the topic config, the first that is set counts.
const BROKER_NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  [...TOPIC_TABLE.values()].map((definition) => {
    const name = definition.brokerName;
    return [definition.name, name === undefined ? [] : (BROKER_TABLE.get(name)?.synonyms ?? [name])];
  }),
);

/**
 * What is in force for a topic config: set on the topic, else on this broker, else on all brokers, else in
 * server.properties, else Kafka's default; each under any of the broker's names for it, hours and minutes converted.
 */
export function effectiveTopicConfig(name: string, topicProperties: Properties, broker: BrokerLayers): EffectiveConfig {
  const own = topicProperties.get(name);
  if (own !== undefined) return { value: own, source: SOURCE_TOPIC };
  const layers: readonly [Properties, number][] = [
    [broker.dynamicBrokerProperties, SOURCE_DYNAMIC_BROKER],
    [broker.dynamicDefaultProperties, SOURCE_DYNAMIC_DEFAULT_BROKER],
    [broker.staticProperties, SOURCE_STATIC_BROKER],
  ];
  for (const [properties, source] of layers) {
    for (const brokerName of BROKER_NAMES.get(name) ?? []) {
      const value = properties.get(brokerName);
      if (value !== undefined) return { value: inTopicUnits(brokerName, value), source };
    }
  }
  return { value: TOPIC_TABLE.get(name)?.defaultValue ?? null, source: SOURCE_DEFAULT };
}

/**
 * The configs in force for one topic, read by Kafka's topic config names. Getters throw RangeError for a name that is
 * no topic config (a mistake in the code).
 */
export class TopicConfig {
  readonly #topicProperties: Properties;
  readonly #broker: BrokerLayers;
  readonly #values = new Map<string, ConfigValue | null>();

  /** @param topicProperties what is set on the topic itself (MetadataImage.configs(RESOURCE_TOPIC, name)) */
  constructor(topicProperties: Properties, broker: BrokerLayers) {
    this.#topicProperties = topicProperties;
    this.#broker = broker;
  }

  /** What is set on the topic itself. */
  get overrides(): Properties {
    return this.#topicProperties;
  }

  effective(name: string): EffectiveConfig {
    return effectiveTopicConfig(name, this.#topicProperties, this.#broker);
  }

  value(name: string): ConfigValue | null {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const definition = TOPIC_TABLE.get(name);
    if (definition === undefined) throw new RangeError(`there is no topic config ${name}`);
    const value = readConfig(definition, this.effective(name).value);
    this.#values.set(name, value);
    return value;
  }

  /** The value as DescribeConfigs shows it. */
  text(name: string): string | null {
    return configText(this.value(name), TOPIC_TABLE.get(name)?.type ?? 'STRING');
  }

  /** The largest LONG is Infinity. */
  number(name: string): number {
    const value = this.value(name);
    if (typeof value === 'number') return value;
    throw new RangeError(`topic config ${name} is no number`);
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    if (typeof value === 'boolean') return value;
    throw new RangeError(`topic config ${name} is no boolean`);
  }

  string(name: string): string {
    const value = this.value(name);
    if (typeof value === 'string') return value;
    throw new RangeError(`topic config ${name} is no string`);
  }

  list(name: string): readonly string[] {
    const value = this.value(name);
    if (value !== null && typeof value === 'object') return value;
    throw new RangeError(`topic config ${name} is no list`);
  }
}
