/** Configs as DescribeConfigs shows them (Kafka's ConfigHelper): value, source, synonyms, type. */

import {
  type BrokerConfig,
  SOURCE_CLIENT_METRICS,
  SOURCE_DEFAULT,
  SOURCE_DYNAMIC_DEFAULT_BROKER,
  SOURCE_GROUP,
  SOURCE_TOPIC,
  type SourcedValue,
} from './broker-config.ts';
import { type ConfigDefinition, type ConfigType, configText, isSensitive, readConfig } from './config-definition.ts';
import {
  BROKER_TABLE,
  CLIENT_METRICS_TABLE,
  GROUP_TABLE,
  isDynamic,
  TOPIC_TABLE,
  withoutListenerPrefix,
} from './config-tables.ts';
import { groupConfigValue } from './config-validation.ts';
import { TopicConfig } from './topic-config.ts';

type Properties = ReadonlyMap<string, string>;

export interface DescribedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly configSource: number;
  readonly isSensitive: boolean;
  readonly synonyms: readonly { readonly name: string; readonly value: string | null; readonly source: number }[];
  readonly configType: number;
  readonly documentation: null;
}

const TYPE_CODES: Readonly<Record<ConfigType, number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
};
const TYPE_UNKNOWN = 0;

function described(
  name: string,
  definition: ConfigDefinition | undefined,
  value: string | null,
  sources: readonly SourcedValue[],
  includeSynonyms: boolean,
  readOnly: boolean,
): DescribedConfig {
  const isHidden = isSensitive(definition);
  const shown = includeSynonyms ? sources : [];
  return {
    name,
    value: isHidden ? null : value,
    readOnly,
    configSource: sources[0]?.source ?? SOURCE_DEFAULT,
    isSensitive: isHidden,
    synonyms: shown.map((source) => ({ ...source, value: isHidden ? null : source.value })),
    configType: definition === undefined ? TYPE_UNKNOWN : TYPE_CODES[definition.type],
    documentation: null,
  };
}

/** From the first source that stands under the name itself: Kafka leaves out synonyms of other names before it. */
function sourcesFrom(name: string, broker: BrokerConfig): SourcedValue[] {
  const sources = broker.sources(name);
  const first = sources.findIndex((source) => source.name === name);
  return first < 0 ? [] : sources.slice(first);
}

function wanted(table: ReadonlyMap<string, ConfigDefinition>, own: Properties, names: ReadonlySet<string> | undefined) {
  return [...table.values()].filter(
    ({ name, internal }) => (!internal || own.has(name)) && (names === undefined || names.has(name)),
  );
}

/** @param names the configs that are asked for; undefined for all */
export function describeTopicConfigs(
  own: Properties,
  broker: BrokerConfig,
  names: ReadonlySet<string> | undefined,
  includeSynonyms: boolean,
): DescribedConfig[] {
  const topic = new TopicConfig(own, broker);
  return wanted(TOPIC_TABLE, own, names).map((definition) => {
    const { name, brokerName } = definition;
    const value = topic.text(name);
    const sources = brokerName === undefined ? [] : sourcesFrom(brokerName, broker);
    if (own.has(name)) sources.unshift({ name, value: value ?? '', source: SOURCE_TOPIC });
    return described(name, definition, value, sources, includeSynonyms, false);
  });
}

export function describeGroupConfigs(
  own: Properties,
  broker: BrokerConfig,
  names: ReadonlySet<string> | undefined,
  includeSynonyms: boolean,
): DescribedConfig[] {
  return wanted(GROUP_TABLE, own, names).map((definition) => {
    const { name, brokerName, defaultValue, type } = definition;
    const value = configText(groupConfigValue(name, own, broker), type);
    const fallback = typeof defaultValue === 'string' ? [{ name, value: defaultValue, source: SOURCE_DEFAULT }] : [];
    const sources = brokerName === undefined ? fallback : sourcesFrom(brokerName, broker);
    if (own.has(name)) sources.unshift({ name, value: value ?? '', source: SOURCE_GROUP });
    return described(name, definition, value, sources, includeSynonyms, false);
  });
}

export function describeClientMetricsConfigs(
  own: Properties,
  names: ReadonlySet<string> | undefined,
  includeSynonyms: boolean,
): DescribedConfig[] {
  return wanted(CLIENT_METRICS_TABLE, own, names).map((definition) => {
    const { name, type } = definition;
    const value = configText(readConfig(definition, own.get(name)), type);
    const sources = own.has(name) ? [{ name, value: value ?? '', source: SOURCE_CLIENT_METRICS }] : [];
    return described(name, definition, value, sources, includeSynonyms, false);
  });
}

/** The configs of one broker: all of Kafka's, and whatever else is set. */
export function describeBrokerConfigs(
  broker: BrokerConfig,
  names: ReadonlySet<string> | undefined,
  includeSynonyms: boolean,
): DescribedConfig[] {
  const set = broker.allProperties();
  const shown = wanted(BROKER_TABLE, set, names).map(({ name }) => name);
  const others = [...set.keys()].filter((name) => !BROKER_TABLE.has(name) && (names === undefined || names.has(name)));
  return [...shown, ...others].sort().map((name) => {
    const definition = BROKER_TABLE.get(name) ?? BROKER_TABLE.get(withoutListenerPrefix(name) ?? '');
    const sources = sourcesFrom(name, broker);
    return described(
      name,
      definition,
      brokerText(definition, sources[0]?.value),
      sources,
      includeSynonyms,
      !isDynamic(name),
    );
  });
}

function brokerText(definition: ConfigDefinition | undefined, text: string | undefined): string | null {
  if (definition === undefined || text === undefined) return text ?? null;
  return configText(readConfig(definition, text), definition.type);
}

/** What is set for all brokers. */
export function describeDefaultBrokerConfigs(
  broker: BrokerConfig,
  names: ReadonlySet<string> | undefined,
  includeSynonyms: boolean,
): DescribedConfig[] {
  const set = [...broker.dynamicDefaultProperties].filter(([name]) => names === undefined || names.has(name));
  return set.map(([name, value]) => {
    const definition = BROKER_TABLE.get(name);
    const sources = sourcesFrom(name, broker).filter(({ source }) => source === SOURCE_DYNAMIC_DEFAULT_BROKER);
    return described(name, definition, value, sources, includeSynonyms, !isDynamic(name));
  });
}
