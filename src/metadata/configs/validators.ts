/** What values configs take, with the texts of Kafka's ConfigDef validators. */

import { KafkaError } from '../../base/kafka-error.ts';
import { type ConfigCheck, type ConfigValue, invalidConfig, shownValue } from './config-definition.ts';

function number(name: string, value: ConfigValue | null): number {
  if (typeof value === 'number') return value;
  throw invalidConfig(name, String(value), 'Value must be non-null');
}

export function atLeast(min: number): ConfigCheck {
  return (name, value, type) => {
    if (number(name, value) < min) throw invalidConfig(name, shownValue(value, type), `Value must be at least ${min}`);
  };
}

export function between(min: number, max: number): ConfigCheck {
  const notTooSmall = atLeast(min);
  return (name, value, type) => {
    notTooSmall(name, value, type);
    if (number(name, value) > max) {
      throw invalidConfig(name, shownValue(value, type), `Value must be no more than ${max}`);
    }
  };
}

/** -1 for gzip's default, or 1 to 9. */
export const gzipLevel: ConfigCheck = (name, value, type) => {
  const level = number(name, value);
  if (level !== -1 && (level < 1 || level > 9)) {
    throw invalidConfig(name, shownValue(value, type), 'Value must be between 1 and 9 or equal to -1');
  }
};

export function oneOf(...valid: string[]): ConfigCheck {
  return (name, value) => {
    if (typeof value !== 'string' || !valid.includes(value)) {
      throw invalidConfig(name, String(value), `String must be one of: ${valid.join(', ')}`);
    }
  };
}

export function oneOfIgnoringCase(...valid: string[]): ConfigCheck {
  return (name, value) => {
    if (typeof value !== 'string' || !valid.includes(value.toUpperCase())) {
      throw invalidConfig(name, String(value), `String must be one of (case insensitive): ${valid.join(', ')}`);
    }
  };
}

function checkList(name: string, value: ConfigValue | null, valid: readonly string[], isEmptyAllowed: boolean): void {
  if (value === null || typeof value !== 'object') return;
  const refuse = (why: string): KafkaError => new KafkaError('INVALID_CONFIG', `Configuration '${name}' ${why}`);
  if (!isEmptyAllowed && value.length === 0) {
    const allowed = valid.length === 0 ? 'any non-empty value' : `[${valid.join(', ')}]`;
    throw refuse(`must not be empty. Valid values include: ${allowed}`);
  }
  for (const element of value) {
    if (element === '') throw refuse('values must not be empty.');
    if (valid.length > 0) oneOf(...valid)(name, element, 'STRING');
  }
}

function checkDistinct(name: string, value: ConfigValue | null): void {
  if (value === null || typeof value !== 'object' || new Set(value).size === value.length) return;
  throw new KafkaError('INVALID_CONFIG', `Configuration '${name}' values must not be duplicated.`);
}

/** Elements out of `valid`; the list may be empty, and Kafka 4.4 lets an element stand twice. */
export function listOf(...valid: string[]): ConfigCheck {
  return (name, value) => checkList(name, value, valid, true);
}

/** Elements out of `valid`, none twice, at least one. */
export function nonEmptyListOf(...valid: string[]): ConfigCheck {
  return (name, value) => {
    checkDistinct(name, value);
    checkList(name, value, valid, false);
  };
}

/** Any elements, none twice. */
export const anyList: ConfigCheck = (name, value) => {
  checkDistinct(name, value);
  checkList(name, value, [], true);
};
/** Any elements, none twice, at least one. */
export const nonEmptyList: ConfigCheck = (name, value) => {
  checkList(name, value, [], false);
  checkDistinct(name, value);
};

/** controller.quorum.voters and .bootstrap.servers: an element must not be empty. */
export const notEmptyList: ConfigCheck = (name, value) => {
  if (value === null) throw invalidConfig(name, 'null', 'Value must be non-null');
};

export const nonEmptyString: ConfigCheck = (name, value) => {
  if (value === '') throw invalidConfig(name, '', 'String must be non-empty');
};

export const nonNull: ConfigCheck = (name, value) => {
  if (value === null) throw invalidConfig(name, 'null', 'entry must be non null');
};

const THROTTLED_REPLICA = /^([0-9]+:[0-9]+)?$/;

/** Replication quota lists: `*`, or partition:broker pairs. */
export const throttledReplicas: ConfigCheck = (name, value, type) => {
  if (value === null || typeof value !== 'object') return;
  const proposed = value.map((pair) => pair.trim());
  if (proposed.join('') === '*' || proposed.every((pair) => THROTTLED_REPLICA.test(pair))) return;
  throw invalidConfig(
    name,
    shownValue(value, type),
    `${name} must be the literal '*' or a list of replicas in the following format: ` +
      '[partitionId]:[brokerId],[partitionId]:[brokerId],...',
  );
};

// ISO 8601 as Java's Duration.parse takes it.
const DURATION =
  /^([-+])?P(?=\d|T\d|[-+])([-+]?\d+D)?(T(?=[-+]?\d)([-+]?\d+H)?([-+]?\d+M)?([-+]?\d+([.,]\d{0,9})?S)?)?$/i;

/** share.auto.offset.reset: earliest, latest, by_duration:<ISO 8601 duration, not negative>. */
export const shareAutoOffsetReset: ConfigCheck = (name, value) => {
  const text = String(value);
  if (text === 'earliest' || text === 'latest') return;
  const duration = text.startsWith('by_duration:') ? text.slice('by_duration:'.length) : '';
  if (DURATION.test(duration) && !duration.includes('-')) return;
  throw invalidConfig(
    name,
    text,
    `Invalid value \`${text}\` for configuration ${name}. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`,
  );
};
