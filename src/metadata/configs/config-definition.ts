/** How a config is written down: its type, default, what values it takes, and how its value is read. */

import { KafkaError } from '../../base/kafka-error.ts';

/** Kafka's ConfigDef.Type. */
export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';

/**
 * A parsed value: boolean; number for the numeric types (the largest LONG is Infinity, the smallest -Infinity); string;
 * string[] for LIST.
 */
export type ConfigValue = boolean | number | string | readonly string[];

/** Throws {@link invalidConfig}'s error when the value is not allowed; `value` is null when the config has none. */
export type ConfigCheck = (name: string, value: ConfigValue | null, type: ConfigType) => void;

export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide';

export interface ConfigOptions {
  readonly check?: ConfigCheck;
  readonly importance?: 'high' | 'medium' | 'low';
  /** Whether and where a broker config can be changed while the broker runs. */
  readonly updateMode?: UpdateMode;
  /** Not shown unless it was set. */
  readonly internal?: boolean;
  /** Names that set the same thing, the first that is set counts. */
  readonly synonyms?: readonly string[];
  /** Of a topic's or group's config: the broker config that stands in for it. */
  readonly brokerName?: string;
}

export interface ConfigDefinition {
  readonly name: string;
  readonly type: ConfigType;
  /** As text; null for none; undefined when a value must be given. */
  readonly defaultValue: string | null | undefined;
  readonly check: ConfigCheck | undefined;
  readonly importance: 'high' | 'medium' | 'low';
  readonly updateMode: UpdateMode;
  readonly internal: boolean;
  readonly synonyms: readonly string[];
  readonly brokerName: string | undefined;
}

/** As default: a value must be given. */
export const REQUIRED = undefined;

function maker(type: ConfigType) {
  return (name: string, defaultValue: string | null | undefined, options: ConfigOptions = {}): ConfigDefinition => ({
    name,
    type,
    defaultValue,
    check: options.check,
    importance: options.importance ?? 'medium',
    updateMode: options.updateMode ?? 'read-only',
    internal: options.internal ?? false,
    synonyms: options.synonyms ?? [name],
    brokerName: options.brokerName,
  });
}

export const booleanConfig = maker('BOOLEAN');
export const stringConfig = maker('STRING');
export const intConfig = maker('INT');
export const shortConfig = maker('SHORT');
export const longConfig = maker('LONG');
export const doubleConfig = maker('DOUBLE');
export const listConfig = maker('LIST');
export const classConfig = maker('CLASS');
export const passwordConfig = maker('PASSWORD');

/** Definitions by name. */
export type ConfigTable = ReadonlyMap<string, ConfigDefinition>;

export function configTable(...parts: (readonly ConfigDefinition[])[]): ConfigTable {
  return new Map(parts.flat().map((definition) => [definition.name, definition]));
}

/** INVALID_CONFIG with Kafka's text: `Invalid value x for configuration name: why`. */
export function invalidConfig(name: string, shownValue: string, why: string): KafkaError {
  return new KafkaError('INVALID_CONFIG', `Invalid value ${shownValue} for configuration ${name}: ${why}`);
}

const WHOLE_NUMBER = /^[+-]?\d+$/;
const RANGES: Readonly<Record<'INT' | 'SHORT' | 'LONG', readonly [bigint, bigint]>> = {
  SHORT: [-0x8000n, 0x7fffn],
  INT: [-0x8000_0000n, 0x7fff_ffffn],
  LONG: [-(2n ** 63n), 2n ** 63n - 1n],
};
// What Java's Double.parseDouble takes; hexadecimal floats are left out.
const DOUBLE = /^[+-]?(NaN|Infinity|((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)[fFdD]?)$/;

/**
 * Reads a value as Kafka's ConfigDef.parseType does: trimmed; a LIST is split at commas, an empty one has no elements.
 * Throws KafkaError INVALID_CONFIG.
 */
export function parseConfig(name: string, text: string, type: ConfigType): ConfigValue {
  const trimmed = text.trim();
  switch (type) {
    case 'BOOLEAN': {
      const lower = trimmed.toLowerCase();
      if (lower === 'true') return true;
      if (lower === 'false') return false;
      throw invalidConfig(name, text, 'Expected value to be either true or false');
    }
    case 'INT':
    case 'SHORT':
    case 'LONG':
      return parseWhole(name, text, trimmed, type);
    case 'DOUBLE':
      if (!DOUBLE.test(trimmed)) throw invalidConfig(name, text, 'Not a number of type DOUBLE');
      return Number(trimmed.replace(/(?<=[\d.])[fFdD]$/, ''));
    case 'LIST':
      return trimmed === '' ? [] : trimmed.split(/\s*,\s*/);
    case 'CLASS':
      // There is no JVM to load it; the names of Kafka's own classes are let through, as they name what is built in.
      if (!trimmed.startsWith('org.apache.kafka.'))
        throw invalidConfig(name, text, `Class ${text} could not be found.`);
      return trimmed;
    case 'STRING':
    case 'PASSWORD':
      return trimmed;
  }
}

function parseWhole(name: string, text: string, trimmed: string, type: 'INT' | 'SHORT' | 'LONG'): number {
  if (!WHOLE_NUMBER.test(trimmed)) throw invalidConfig(name, text, `Not a number of type ${type}`);
  const exact = BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed);
  const [min, max] = RANGES[type];
  if (exact < min || exact > max) throw invalidConfig(name, text, `Not a number of type ${type}`);
  if (type === 'LONG' && exact === max) return Number.POSITIVE_INFINITY;
  if (type === 'LONG' && exact === min) return Number.NEGATIVE_INFINITY;
  return Number(exact);
}

/** Reads and checks the value of a config; `text` undefined or null takes the default. Throws KafkaError INVALID_CONFIG. */
export function readConfig(definition: ConfigDefinition, text: string | null | undefined): ConfigValue | null {
  const given = text ?? definition.defaultValue;
  if (given === undefined) {
    throw new KafkaError(
      'INVALID_CONFIG',
      `Missing required configuration "${definition.name}" which has no default value.`,
    );
  }
  // Defaults are right by themselves, and some name Java classes.
  if (given === null) return null;
  const isDefault = text === undefined || text === null;
  if (isDefault && definition.type === 'CLASS') return given;
  const value = parseConfig(definition.name, given, definition.type);
  if (!isDefault) definition.check?.(definition.name, value, definition.type);
  return value;
}

/** A value as Java prints it in messages. */
export function shownValue(value: ConfigValue | null, type: ConfigType): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'string') return String(value);
  if (typeof value !== 'number') return `[${value.join(', ')}]`;
  if (type === 'DOUBLE') return javaDouble(value);
  if (value === Number.POSITIVE_INFINITY) return '9223372036854775807';
  if (value === Number.NEGATIVE_INFINITY) return '-9223372036854775808';
  return BigInt(value).toString();
}

/** A value as Kafka's ConfigDef.convertToString gives it: what DescribeConfigs shows. */
export function configText(value: ConfigValue | null, type: ConfigType): string | null {
  if (value === null) return null;
  if (typeof value === 'object') return value.join(',');
  if (type === 'PASSWORD') return '[hidden]';
  return shownValue(value, type);
}

/** Java's Double.toString. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** Whether a value is hidden from whoever asks. Names that are not known may be secrets, too. */
export function isSensitive(definition: ConfigDefinition | undefined): boolean {
  return definition === undefined || definition.type === 'PASSWORD';
}
