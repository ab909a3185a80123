import {
  booleanConfig,
  type ConfigDefinition,
  doubleConfig,
  intConfig,
  listConfig,
  longConfig,
  stringConfig,
} from './config-definition.ts';
import { atLeast, between, gzipLevel, listOf, oneOf, throttledReplicas } from './validators.ts';

/** Configs of a topic, in the order in which Kafka answers with them. `brokerName` is the broker config that stands in when the topic has none. */
export const TOPIC_CONFIGS: readonly ConfigDefinition[] = [
  stringConfig('compression.type', 'producer', {
    check: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    brokerName: 'compression.type',
  }),
  booleanConfig('errors.deadletterqueue.group.enable', 'false'),
  longConfig('remote.copy.lag.bytes', '-1', { check: atLeast(-1), brokerName: 'log.remote.copy.lag.bytes' }),
  booleanConfig('remote.log.delete.on.disable', 'false'),
  listConfig('leader.replication.throttled.replicas', '', { check: throttledReplicas }),
  booleanConfig('remote.storage.enable', 'false'),
  intConfig('min.insync.replicas', '1', { check: atLeast(1), brokerName: 'min.insync.replicas' }),
  longConfig('segment.jitter.ms', '0', { check: atLeast(0), brokerName: 'log.roll.jitter.ms' }),
  booleanConfig('remote.log.copy.disable', 'false'),
  longConfig('local.retention.ms', '-2', { check: atLeast(-2), brokerName: 'log.local.retention.ms' }),
  listConfig('cleanup.policy', 'delete', { check: listOf('compact', 'delete'), brokerName: 'log.cleanup.policy' }),
  longConfig('flush.ms', '9223372036854775807', { check: atLeast(0), brokerName: 'log.flush.interval.ms' }),
  listConfig('follower.replication.throttled.replicas', '', { check: throttledReplicas }),
  intConfig('compression.lz4.level', '9', { check: between(1, 17), brokerName: 'compression.lz4.level' }),
  intConfig('segment.bytes', '1073741824', { check: atLeast(1048576), brokerName: 'log.segment.bytes' }),
  longConfig('retention.ms', '604800000', { check: atLeast(-1), brokerName: 'log.retention.ms' }),
  intConfig('compression.gzip.level', '-1', { check: gzipLevel, brokerName: 'compression.gzip.level' }),
  longConfig('remote.copy.lag.ms', '0', { check: atLeast(-1), brokerName: 'log.remote.copy.lag.ms' }),
  longConfig('flush.messages', '9223372036854775807', { check: atLeast(1), brokerName: 'log.flush.interval.messages' }),
  intConfig('compression.zstd.level', '3', { check: between(-131072, 22), brokerName: 'compression.zstd.level' }),
  longConfig('max.compaction.lag.ms', '9223372036854775807', {
    check: atLeast(1),
    brokerName: 'log.cleaner.max.compaction.lag.ms',
  }),
  longConfig('file.delete.delay.ms', '60000', { check: atLeast(0), brokerName: 'log.segment.delete.delay.ms' }),
  intConfig('max.message.bytes', '1048588', { check: atLeast(0), brokerName: 'message.max.bytes' }),
  longConfig('min.compaction.lag.ms', '0', { check: atLeast(0), brokerName: 'log.cleaner.min.compaction.lag.ms' }),
  stringConfig('message.timestamp.type', 'CreateTime', {
    check: oneOf('CreateTime', 'LogAppendTime'),
    brokerName: 'log.message.timestamp.type',
  }),
  longConfig('local.retention.bytes', '-2', { check: atLeast(-2), brokerName: 'log.local.retention.bytes' }),
  booleanConfig('preallocate', 'false', { brokerName: 'log.preallocate' }),
  intConfig('index.interval.bytes', '4096', { check: atLeast(0), brokerName: 'log.index.interval.bytes' }),
  doubleConfig('min.cleanable.dirty.ratio', '0.5', {
    check: between(0, 1),
    brokerName: 'log.cleaner.min.cleanable.ratio',
  }),
  booleanConfig('unclean.leader.election.enable', 'false', { brokerName: 'unclean.leader.election.enable' }),
  longConfig('retention.bytes', '-1', { brokerName: 'log.retention.bytes' }),
  longConfig('delete.retention.ms', '86400000', { check: atLeast(0), brokerName: 'log.cleaner.delete.retention.ms' }),
  longConfig('message.timestamp.after.max.ms', '3600000', {
    check: atLeast(0),
    brokerName: 'log.message.timestamp.after.max.ms',
  }),
  intConfig('max.decompressed.message.bytes', '2147483639', {
    check: between(1, 2147483639),
    brokerName: 'max.decompressed.message.bytes',
  }),
  longConfig('message.timestamp.before.max.ms', '9223372036854775807', {
    check: atLeast(0),
    brokerName: 'log.message.timestamp.before.max.ms',
  }),
  longConfig('segment.ms', '604800000', { check: atLeast(1), brokerName: 'log.roll.ms' }),
  intConfig('segment.index.bytes', '10485760', { check: atLeast(4), brokerName: 'log.index.size.max.bytes' }),
  intConfig('internal.segment.bytes', null, { internal: true }),
];
