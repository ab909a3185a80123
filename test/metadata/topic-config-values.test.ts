/** Topic configs take what Kafka takes and refuse the rest in its words (recorded from Apache Kafka 4.4.0). */
import { expect, test } from 'vitest';
import { BrokerConfig } from '../../src/metadata/configs/broker-config.ts';
import { checkTopicConfigs } from '../../src/metadata/configs/config-validation.ts';

const broker = new BrokerConfig(new Map());

/** What is refused, or null for what is taken. */
function problem(configs: Record<string, string>, existing: Record<string, string> = {}): string | null {
  try {
    checkTopicConfigs(new Map(Object.entries(configs)), new Map(Object.entries(existing)), broker);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const RECORDED: readonly (readonly [name: string, value: string, text: string | null])[] = [
  ['retention.ms', 'x', 'Invalid value x for configuration retention.ms: Not a number of type LONG'],
  ['retention.ms', '-2', 'Invalid value -2 for configuration retention.ms: Value must be at least -1'],
  ['retention.ms', '', 'Invalid value  for configuration retention.ms: Not a number of type LONG'],
  [
    'retention.ms',
    '9223372036854775808',
    'Invalid value 9223372036854775808 for configuration retention.ms: Not a number of type LONG',
  ],
  ['retention.ms', ' 5 ', null],
  ['retention.ms', '1.5', 'Invalid value 1.5 for configuration retention.ms: Not a number of type LONG'],
  ['retention.ms', '+5', null],
  ['segment.bytes', '0', 'Invalid value 0 for configuration segment.bytes: Value must be at least 1048576'],
  ['segment.bytes', '1048575', 'Invalid value 1048575 for configuration segment.bytes: Value must be at least 1048576'],
  ['segment.bytes', '2147483648', 'Invalid value 2147483648 for configuration segment.bytes: Not a number of type INT'],
  ['segment.bytes', 'abc', 'Invalid value abc for configuration segment.bytes: Not a number of type INT'],
  ['preallocate', 'yes', 'Invalid value yes for configuration preallocate: Expected value to be either true or false'],
  ['preallocate', 'TRUE', null],
  [
    'min.cleanable.dirty.ratio',
    '2',
    'Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
  ],
  [
    'min.cleanable.dirty.ratio',
    '-0.1',
    'Invalid value -0.1 for configuration min.cleanable.dirty.ratio: Value must be at least 0',
  ],
  [
    'min.cleanable.dirty.ratio',
    'x',
    'Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE',
  ],
  [
    'min.cleanable.dirty.ratio',
    '1e9',
    'Invalid value 1.0E9 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
  ],
  ['min.cleanable.dirty.ratio', '0.5f', null],
  [
    'cleanup.policy',
    'foo',
    'Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete',
  ],
  ['cleanup.policy', '', null],
  ['cleanup.policy', 'delete,delete', null],
  ['cleanup.policy', 'delete,', "Configuration 'cleanup.policy' values must not be empty."],
  ['cleanup.policy', 'compact, delete', null],
  [
    'cleanup.policy',
    'delete,foo',
    'Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete',
  ],
  [
    'compression.type',
    'foo',
    'Invalid value foo for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
  ],
  [
    'compression.gzip.level',
    '0',
    'Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1',
  ],
  [
    'compression.gzip.level',
    '10',
    'Invalid value 10 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1',
  ],
  ['compression.lz4.level', '0', 'Invalid value 0 for configuration compression.lz4.level: Value must be at least 1'],
  [
    'compression.lz4.level',
    '18',
    'Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17',
  ],
  [
    'compression.zstd.level',
    '23',
    'Invalid value 23 for configuration compression.zstd.level: Value must be no more than 22',
  ],
  [
    'message.timestamp.type',
    'x',
    'Invalid value x for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime',
  ],
  [
    'leader.replication.throttled.replicas',
    'a',
    "Invalid value [a] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
  ],
  [
    'leader.replication.throttled.replicas',
    '0:1,x',
    "Invalid value [0:1, x] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
  ],
  ['leader.replication.throttled.replicas', '*', null],
  ['leader.replication.throttled.replicas', '0:1,0:1', null],
  ['leader.replication.throttled.replicas', '', null],
  ['min.insync.replicas', '0', 'Invalid value 0 for configuration min.insync.replicas: Value must be at least 1'],
  ['max.message.bytes', '-1', 'Invalid value -1 for configuration max.message.bytes: Value must be at least 0'],
  ['flush.messages', '0', 'Invalid value 0 for configuration flush.messages: Value must be at least 1'],
  [
    'remote.storage.enable',
    'true',
    'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
  ],
  ['local.retention.ms', '-3', 'Invalid value -3 for configuration local.retention.ms: Value must be at least -2'],
  ['segment.index.bytes', '3', 'Invalid value 3 for configuration segment.index.bytes: Value must be at least 4'],
  ['min.compaction.lag.ms', '9223372036854775807', null],
  ['max.compaction.lag.ms', '0', 'Invalid value 0 for configuration max.compaction.lag.ms: Value must be at least 1'],
  ['internal.segment.bytes', '5', null],
  ['message.format.version', '2', 'Unknown topic config name: message.format.version'],
  ['message.timestamp.difference.max.ms', '3', 'Unknown topic config name: message.timestamp.difference.max.ms'],
  ['message.downconversion.enable', 'true', 'Unknown topic config name: message.downconversion.enable'],
  [
    'errors.deadletterqueue.group.enable',
    'x',
    'Invalid value x for configuration errors.deadletterqueue.group.enable: Expected value to be either true or false',
  ],
  [
    'max.decompressed.message.bytes',
    '2147483647',
    'Invalid value 2147483647 for configuration max.decompressed.message.bytes: Value must be no more than 2147483639',
  ],
  ['remote.copy.lag.ms', '-2', 'Invalid value -2 for configuration remote.copy.lag.ms: Value must be at least -1'],
  ['remote.log.delete.on.disable', 'true', null],
  ['segment.ms', '0', 'Invalid value 0 for configuration segment.ms: Value must be at least 1'],
  ['local.retention.bytes', '99', null],
  ['remote.copy.lag.bytes', '5', null],
];

test.each(RECORDED)('%s=%j', (name, value, text) => {
  expect(problem({ [name]: value })).toBe(text);
});

test('compaction lags must not contradict one another', () => {
  expect(problem({ 'min.compaction.lag.ms': '10', 'max.compaction.lag.ms': '5' })).toBe(
    'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
  );
});

test('remote storage cannot be switched off without saying what becomes of the data', () => {
  const existing = { 'remote.storage.enable': 'true' };
  expect(problem({ 'remote.storage.enable': 'false' }, existing)).toMatch(/^It is invalid to disable remote storage/);
  expect(problem({ 'remote.storage.enable': 'false', 'remote.log.delete.on.disable': 'true' }, existing)).toBeNull();
});
