import {
  booleanConfig,
  type ConfigDefinition,
  intConfig,
  listConfig,
  longConfig,
  stringConfig,
} from './config-definition.ts';
import { anyList, atLeast, oneOf, shareAutoOffsetReset } from './validators.ts';

/** Configs of a group. `brokerName` is the broker config that stands in when the group has none. */
export const GROUP_CONFIGS: readonly ConfigDefinition[] = [
  intConfig('consumer.assignment.interval.ms', '1000', {
    check: atLeast(0),
    brokerName: 'group.consumer.assignment.interval.ms',
  }),
  booleanConfig('consumer.assignor.offload.enable', 'true', {
    internal: true,
    brokerName: 'group.consumer.assignor.offload.enable',
  }),
  intConfig('consumer.heartbeat.interval.ms', '5000', {
    check: atLeast(1),
    brokerName: 'group.consumer.heartbeat.interval.ms',
  }),
  intConfig('consumer.session.timeout.ms', '45000', {
    check: atLeast(1),
    brokerName: 'group.consumer.session.timeout.ms',
  }),
  booleanConfig('errors.deadletterqueue.copy.record.enable', 'false'),
  stringConfig('errors.deadletterqueue.topic.name', ''),
  intConfig('share.assignment.interval.ms', '1000', {
    check: atLeast(0),
    brokerName: 'group.share.assignment.interval.ms',
  }),
  booleanConfig('share.assignor.offload.enable', 'true', {
    internal: true,
    brokerName: 'group.share.assignor.offload.enable',
  }),
  stringConfig('share.auto.offset.reset', 'latest', { check: shareAutoOffsetReset }),
  intConfig('share.delivery.count.limit', '5', { check: atLeast(2), brokerName: 'group.share.delivery.count.limit' }),
  intConfig('share.heartbeat.interval.ms', '5000', {
    check: atLeast(1),
    brokerName: 'group.share.heartbeat.interval.ms',
  }),
  stringConfig('share.isolation.level', 'read_uncommitted', { check: oneOf('read_committed', 'read_uncommitted') }),
  intConfig('share.partition.max.record.locks', '2000', {
    check: atLeast(100),
    brokerName: 'group.share.partition.max.record.locks',
  }),
  intConfig('share.record.lock.duration.ms', '30000', {
    check: atLeast(1000),
    brokerName: 'group.share.record.lock.duration.ms',
  }),
  booleanConfig('share.renew.acknowledge.enable', 'true'),
  intConfig('share.session.timeout.ms', '45000', { check: atLeast(1), brokerName: 'group.share.session.timeout.ms' }),
  longConfig('streams.acceptable.recovery.lag', '10000', {
    check: atLeast(0),
    internal: true,
    brokerName: 'group.streams.acceptable.recovery.lag',
  }),
  intConfig('streams.assignment.interval.ms', '1000', {
    check: atLeast(0),
    brokerName: 'group.streams.assignment.interval.ms',
  }),
  stringConfig('streams.assignor.name', null, { brokerName: 'group.streams.assignors' }),
  booleanConfig('streams.assignor.offload.enable', 'true', {
    internal: true,
    brokerName: 'group.streams.assignor.offload.enable',
  }),
  intConfig('streams.heartbeat.interval.ms', '5000', {
    check: atLeast(1),
    brokerName: 'group.streams.heartbeat.interval.ms',
  }),
  intConfig('streams.initial.rebalance.delay.ms', '3000', {
    check: atLeast(0),
    brokerName: 'group.streams.initial.rebalance.delay.ms',
  }),
  intConfig('streams.num.standby.replicas', '0', {
    check: atLeast(0),
    brokerName: 'group.streams.num.standby.replicas',
  }),
  intConfig('streams.num.warmup.replicas', '2', {
    check: atLeast(0),
    internal: true,
    brokerName: 'group.streams.num.warmup.replicas',
  }),
  listConfig('streams.rack.aware.assignment.tags', '', {
    check: anyList,
    importance: 'low',
    brokerName: 'group.streams.rack.aware.assignment.tags',
  }),
  intConfig('streams.session.timeout.ms', '45000', {
    check: atLeast(1),
    brokerName: 'group.streams.session.timeout.ms',
  }),
  intConfig('streams.task.offset.interval.ms', '60000', {
    check: atLeast(1),
    internal: true,
    brokerName: 'group.streams.task.offset.interval.ms',
  }),
];
