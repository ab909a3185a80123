import {
  booleanConfig,
  type ConfigDefinition,
  doubleConfig,
  intConfig,
  longConfig,
  stringConfig,
} from './config-definition.ts';
import { atLeast, between, nonEmptyString } from './validators.ts';

/** Broker configs of tiered storage. */
export const REMOTE_CONFIGS: readonly ConfigDefinition[] = [
  longConfig('log.local.retention.bytes', '-2', { check: atLeast(-2), updateMode: 'cluster-wide' }),
  longConfig('log.local.retention.ms', '-2', { check: atLeast(-2), updateMode: 'cluster-wide' }),
  longConfig('log.remote.copy.lag.bytes', '-1', { check: atLeast(-1), updateMode: 'cluster-wide' }),
  longConfig('log.remote.copy.lag.ms', '0', { check: atLeast(-1), updateMode: 'cluster-wide' }),
  intConfig('remote.fetch.max.wait.ms', '500', { check: atLeast(1), updateMode: 'cluster-wide' }),
  longConfig('remote.list.offsets.request.timeout.ms', '30000', { check: atLeast(1), updateMode: 'cluster-wide' }),
  longConfig('remote.log.index.file.cache.total.size.bytes', '1073741824', {
    check: atLeast(1),
    importance: 'low',
    updateMode: 'cluster-wide',
  }),
  longConfig('remote.log.index.file.cache.ttl.ms', '900000', { check: atLeast(-1), importance: 'low', internal: true }),
  intConfig('remote.log.manager.copier.thread.pool.size', '10', { check: atLeast(1), updateMode: 'cluster-wide' }),
  longConfig('remote.log.manager.copy.max.bytes.per.second', '9223372036854775807', {
    check: atLeast(1),
    updateMode: 'cluster-wide',
  }),
  intConfig('remote.log.manager.copy.quota.window.num', '11', { check: atLeast(1) }),
  intConfig('remote.log.manager.copy.quota.window.size.seconds', '1', { check: atLeast(1) }),
  intConfig('remote.log.manager.expiration.thread.pool.size', '10', { check: atLeast(1), updateMode: 'cluster-wide' }),
  longConfig('remote.log.manager.fetch.max.bytes.per.second', '9223372036854775807', {
    check: atLeast(1),
    updateMode: 'cluster-wide',
  }),
  intConfig('remote.log.manager.fetch.quota.window.num', '11', { check: atLeast(1) }),
  intConfig('remote.log.manager.fetch.quota.window.size.seconds', '1', { check: atLeast(1) }),
  intConfig('remote.log.manager.follower.thread.pool.size', '2', { check: atLeast(1), updateMode: 'cluster-wide' }),
  longConfig('remote.log.manager.task.interval.ms', '30000', { check: atLeast(1), importance: 'low' }),
  longConfig('remote.log.manager.task.retry.backoff.max.ms', '30000', {
    check: atLeast(1),
    importance: 'low',
    internal: true,
  }),
  longConfig('remote.log.manager.task.retry.backoff.ms', '500', {
    check: atLeast(1),
    importance: 'low',
    internal: true,
  }),
  doubleConfig('remote.log.manager.task.retry.jitter', '0.2', {
    check: between(0, 0.5),
    importance: 'low',
    internal: true,
  }),
  intConfig('remote.log.manager.thread.pool.size', '2', { check: atLeast(1) }),
  intConfig('remote.log.metadata.custom.metadata.max.bytes', '128', { check: atLeast(0), importance: 'low' }),
  stringConfig(
    'remote.log.metadata.manager.class.name',
    'org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager',
    { check: nonEmptyString },
  ),
  stringConfig('remote.log.metadata.manager.class.path', null),
  stringConfig('remote.log.metadata.manager.impl.prefix', 'rlmm.config.', { check: nonEmptyString }),
  stringConfig('remote.log.metadata.manager.listener.name', null, { check: nonEmptyString }),
  intConfig('remote.log.reader.max.pending.tasks', '100', { check: atLeast(1) }),
  intConfig('remote.log.reader.threads', '10', { check: atLeast(1), updateMode: 'cluster-wide' }),
  stringConfig('remote.log.storage.manager.class.name', null, { check: nonEmptyString }),
  stringConfig('remote.log.storage.manager.class.path', null),
  stringConfig('remote.log.storage.manager.impl.prefix', 'rsm.config.', { check: nonEmptyString }),
  booleanConfig('remote.log.storage.system.enable', 'false'),
];
