import { JavaException } from './java-errors.ts';

type Check =
  | { readonly type: 'LONG' | 'INT' | 'DOUBLE'; readonly min?: number; readonly max?: number; readonly or?: number }
  | { readonly type: 'STRING' | 'LIST'; readonly oneOf?: readonly string[] }
  | { readonly type: 'BOOLEAN' };

const atLeast = (type: 'LONG' | 'INT', min: number): Check => ({ type, min });
const THROTTLED: Check = { type: 'LIST' };
const INT_MAX = 2_147_483_647;

/** Types and ranges of the topic configs of Kafka 4.4, which kafka-topics checks before it asks a broker. */
const CHECKS: Readonly<Record<string, Check>> = {
  'cleanup.policy': { type: 'LIST', oneOf: ['compact', 'delete'] },
  'compression.gzip.level': { type: 'INT', min: 1, max: 9, or: -1 },
  'compression.lz4.level': { type: 'INT', min: 1, max: 17 },
  'compression.type': { type: 'STRING', oneOf: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'] },
  'compression.zstd.level': { type: 'INT', min: -131_072, max: 22 },
  'delete.retention.ms': atLeast('LONG', 0),
  'errors.deadletterqueue.group.enable': { type: 'BOOLEAN' },
  'file.delete.delay.ms': atLeast('LONG', 0),
  'flush.messages': atLeast('LONG', 1),
  'flush.ms': atLeast('LONG', 0),
  'follower.replication.throttled.replicas': THROTTLED,
  'index.interval.bytes': atLeast('INT', 0),
  'leader.replication.throttled.replicas': THROTTLED,
  'local.retention.bytes': atLeast('LONG', -2),
  'local.retention.ms': atLeast('LONG', -2),
  'max.compaction.lag.ms': atLeast('LONG', 1),
  'max.decompressed.message.bytes': { type: 'INT', min: 1, max: 2_147_483_639 },
  'max.message.bytes': atLeast('INT', 0),
  'message.timestamp.after.max.ms': atLeast('LONG', 0),
  'message.timestamp.before.max.ms': atLeast('LONG', 0),
  'message.timestamp.type': { type: 'STRING', oneOf: ['CreateTime', 'LogAppendTime'] },
  'min.cleanable.dirty.ratio': { type: 'DOUBLE', min: 0, max: 1 },
  'min.compaction.lag.ms': atLeast('LONG', 0),
  'min.insync.replicas': atLeast('INT', 1),
  preallocate: { type: 'BOOLEAN' },
  'remote.copy.lag.bytes': atLeast('LONG', -1),
  'remote.copy.lag.ms': atLeast('LONG', -1),
  'remote.log.copy.disable': { type: 'BOOLEAN' },
  'remote.log.delete.on.disable': { type: 'BOOLEAN' },
  'remote.storage.enable': { type: 'BOOLEAN' },
  'retention.bytes': { type: 'LONG' },
  'retention.ms': atLeast('LONG', -1),
  'segment.bytes': atLeast('INT', 1_048_576),
  'segment.index.bytes': atLeast('INT', 4),
  'segment.jitter.ms': atLeast('LONG', 0),
  'segment.ms': atLeast('LONG', 1),
  'unclean.leader.election.enable': { type: 'BOOLEAN' },
};

function invalid(name: string, value: string, reason: string): JavaException {
  return new JavaException(
    'org.apache.kafka.common.config.ConfigException',
    `Invalid value ${value} for configuration ${name}: ${reason}`,
  );
}

function invalidConfiguration(message: string): JavaException {
  return new JavaException('org.apache.kafka.common.errors.InvalidConfigurationException', message);
}

function checkNumber(name: string, text: string, check: Extract<Check, { type: 'LONG' | 'INT' | 'DOUBLE' }>): void {
  const { type, min, max, or } = check;
  const pattern = type === 'DOUBLE' ? /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/ : /^[+-]?\d+$/;
  const value = Number(text);
  if (!pattern.test(text) || (type === 'INT' && Math.abs(value) > INT_MAX)) {
    throw invalid(name, text, `Not a number of type ${type}`);
  }
  if (value === or) return;
  const shown = type === 'DOUBLE' && Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (or !== undefined && ((min !== undefined && value < min) || (max !== undefined && value > max))) {
    throw invalid(name, shown, `Value must be between ${min} and ${max} or equal to ${or}`);
  }
  if (min !== undefined && value < min) throw invalid(name, shown, `Value must be at least ${min}`);
  if (max !== undefined && value > max) throw invalid(name, shown, `Value must be no more than ${max}`);
}

function checkValue(name: string, value: string, check: Check): void {
  switch (check.type) {
    case 'BOOLEAN':
      if (!/^(true|false)$/i.test(value.trim())) {
        throw invalid(name, value, 'Expected value to be either true or false');
      }
      return;
    case 'STRING':
    case 'LIST': {
      const parts = check.type === 'LIST' ? value.split(',').map((part) => part.trim()) : [value.trim()];
      for (const part of parts) {
        if (check.oneOf !== undefined && !check.oneOf.includes(part)) {
          throw invalid(name, part, `String must be one of: ${check.oneOf.join(', ')}`);
        }
      }
      return;
    }
    default:
      checkNumber(name, value.trim(), check);
  }
}

/** Checks names and values of topic configs as Kafka's client does. Throws {@link JavaException} with Kafka's text. */
export function checkTopicConfigs(configs: ReadonlyMap<string, string>): void {
  for (const name of configs.keys()) {
    if (!Object.hasOwn(CHECKS, name)) throw invalidConfiguration(`Unknown topic config name: ${name}`);
  }
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = configs.get(name);
    if (value !== undefined) checkValue(name, value, check);
  }
  const minLag = Number(configs.get('min.compaction.lag.ms') ?? 0);
  const maxLag = Number(configs.get('max.compaction.lag.ms') ?? Number.POSITIVE_INFINITY);
  if (minLag > maxLag) {
    throw invalidConfiguration(
      `conflict topic config setting min.compaction.lag.ms (${minLag}) > max.compaction.lag.ms (${maxLag})`,
    );
  }
}
