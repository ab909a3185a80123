/** A node whose configs contradict one another does not start; the texts are what Apache Kafka 4.4.0 said to each. */
import { expect, test } from 'vitest';
import { BrokerConfig } from '../../src/metadata/configs/broker-config.ts';
import { checkBrokerConstraints } from '../../src/metadata/configs/broker-constraints.ts';

function check(properties: Record<string, string>): void {
  checkBrokerConstraints(new BrokerConfig(new Map(Object.entries(properties))));
}

test.each<[Record<string, string>, string]>([
  [{ 'log.roll.ms': '0' }, 'requirement failed: log.roll.ms must be greater than or equal to 1'],
  [{ 'log.roll.jitter.ms': '-1' }, 'requirement failed: log.roll.jitter.ms must be greater than or equal to 0'],
  [
    { 'log.retention.ms': '0' },
    'requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1',
  ],
  [
    { 'log.retention.minutes': '0' },
    'requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1',
  ],
  [
    { 'log.cleaner.dedupe.buffer.size': '1048576' },
    'requirement failed: log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.',
  ],
  [
    { 'log.cleaner.threads': '200' },
    'requirement failed: log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.',
  ],
  [
    { 'replica.fetch.wait.max.ms': '30001', 'replica.lag.time.max.ms': '60000' },
    'requirement failed: replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts',
  ],
  [
    { 'replica.fetch.wait.max.ms': '30001', 'replica.socket.timeout.ms': '60000' },
    'requirement failed: replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR',
  ],
  [
    { 'queued.max.request.bytes': '10' },
    'requirement failed: queued.max.request.bytes must be larger or equal to socket.request.max.bytes',
  ],
  [
    { 'max.connections.per.ip': '0' },
    'requirement failed: max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.',
  ],
  [
    { 'max.connections.per.ip.overrides': 'a b:3' },
    'max.connections.per.ip.overrides contains invalid addresses : a b',
  ],
  [
    { 'max.connections.per.ip.overrides': 'x' },
    "Error parsing configuration property 'max.connections.per.ip.overrides': Range [0, -1) out of bounds for length 1",
  ],
  [{ 'max.connections.per.ip.overrides': 'hostName:x' }, 'For input string: "x"'],
  [
    { 'connection.failed.authentication.delay.ms': '100', 'connections.max.idle.ms': '100' },
    'requirement failed: connection.failed.authentication.delay.ms=100 should always be less than connections.max.idle.ms=100 to prevent failed authentication responses from timing out',
  ],
  [
    { 'cordoned.log.dirs': '/nowhere' },
    'requirement failed: All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : /nowhere',
  ],
  [
    { 'cordoned.log.dirs': '*,/nowhere' },
    'requirement failed: When cordoned.log.dirs is set to *, it must not contain other values',
  ],
  [
    { 'group.consumer.max.heartbeat.interval.ms': '1' },
    'group.consumer.max.heartbeat.interval.ms must be greater than or equal to group.consumer.min.heartbeat.interval.ms',
  ],
  [
    { 'group.consumer.heartbeat.interval.ms': '100' },
    'group.consumer.heartbeat.interval.ms must be greater than or equal to group.consumer.min.heartbeat.interval.ms',
  ],
  [
    { 'group.consumer.heartbeat.interval.ms': '20000' },
    'group.consumer.heartbeat.interval.ms must be less than or equal to group.consumer.max.heartbeat.interval.ms',
  ],
  [
    { 'group.consumer.max.session.timeout.ms': '1' },
    'group.consumer.max.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms',
  ],
  [
    { 'group.consumer.session.timeout.ms': '100' },
    'group.consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms',
  ],
  [
    { 'group.consumer.session.timeout.ms': '100000' },
    'group.consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms',
  ],
  [
    { 'group.consumer.max.heartbeat.interval.ms': '50000', 'group.consumer.heartbeat.interval.ms': '45000' },
    'group.consumer.heartbeat.interval.ms must be less than group.consumer.session.timeout.ms',
  ],
  [
    { 'group.consumer.min.assignment.interval.ms': '20000' },
    'group.consumer.max.assignment.interval.ms must be greater than or equal to group.consumer.min.assignment.interval.ms',
  ],
  [
    { 'group.consumer.assignment.interval.ms': '20000' },
    'group.consumer.assignment.interval.ms must be less than or equal to group.consumer.max.assignment.interval.ms',
  ],
  [
    { 'group.consumer.min.assignment.interval.ms': '10', 'group.consumer.assignment.interval.ms': '5' },
    'group.consumer.assignment.interval.ms must be greater than or equal to group.consumer.min.assignment.interval.ms',
  ],
  [
    { 'group.share.max.heartbeat.interval.ms': '1' },
    'group.share.max.heartbeat.interval.ms must be greater than or equal to group.share.min.heartbeat.interval.ms',
  ],
  [
    { 'group.share.heartbeat.interval.ms': '100' },
    'group.share.heartbeat.interval.ms must be greater than or equal to group.share.min.heartbeat.interval.ms',
  ],
  [
    { 'group.share.heartbeat.interval.ms': '20000' },
    'group.share.heartbeat.interval.ms must be less than or equal to group.share.max.heartbeat.interval.ms',
  ],
  [
    { 'group.share.max.session.timeout.ms': '1' },
    'group.share.max.session.timeout.ms must be greater than or equal to group.share.min.session.timeout.ms',
  ],
  [
    { 'group.share.session.timeout.ms': '100' },
    'group.share.session.timeout.ms must be greater than or equal to group.share.min.session.timeout.ms',
  ],
  [
    { 'group.share.session.timeout.ms': '100000' },
    'group.share.session.timeout.ms must be less than or equal to group.share.max.session.timeout.ms',
  ],
  [
    { 'group.share.max.heartbeat.interval.ms': '50000', 'group.share.heartbeat.interval.ms': '45000' },
    'group.share.heartbeat.interval.ms must be less than group.share.session.timeout.ms',
  ],
  [
    { 'group.share.assignment.interval.ms': '20000' },
    'group.share.assignment.interval.ms must be less than or equal to group.share.max.assignment.interval.ms',
  ],
  [
    { 'group.streams.max.heartbeat.interval.ms': '1' },
    'group.streams.max.heartbeat.interval.ms must be greater than or equal to group.streams.min.heartbeat.interval.ms',
  ],
  [
    { 'group.streams.heartbeat.interval.ms': '100' },
    'group.streams.heartbeat.interval.ms must be greater than or equal to group.streams.min.heartbeat.interval.ms',
  ],
  [
    { 'group.streams.heartbeat.interval.ms': '20000' },
    'group.streams.heartbeat.interval.ms must be less than or equal to group.streams.max.heartbeat.interval.ms',
  ],
  [
    { 'group.streams.max.session.timeout.ms': '1' },
    'group.streams.max.session.timeout.ms must be greater than or equal to group.streams.min.session.timeout.ms',
  ],
  [
    { 'group.streams.session.timeout.ms': '100' },
    'group.streams.session.timeout.ms must be greater than or equal to group.streams.min.session.timeout.ms',
  ],
  [
    { 'group.streams.session.timeout.ms': '100000' },
    'group.streams.session.timeout.ms must be less than or equal to group.streams.max.session.timeout.ms',
  ],
  [
    { 'group.streams.max.heartbeat.interval.ms': '50000', 'group.streams.heartbeat.interval.ms': '45000' },
    'group.streams.heartbeat.interval.ms must be less than group.streams.session.timeout.ms',
  ],
  [
    { 'group.streams.num.standby.replicas': '5' },
    'group.streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas',
  ],
  [
    { 'group.streams.num.warmup.replicas': '100' },
    'group.streams.num.warmup.replicas must be less than or equal to group.streams.max.warmup.replicas',
  ],
  [
    { 'group.streams.max.warmup.replicas': '1' },
    'group.streams.num.warmup.replicas must be less than or equal to group.streams.max.warmup.replicas',
  ],
  [
    { 'group.streams.task.offset.interval.ms': '1' },
    'group.streams.task.offset.interval.ms must be greater than or equal to group.streams.min.task.offset.interval.ms',
  ],
  [
    { 'group.streams.min.task.offset.interval.ms': '1000000' },
    'group.streams.task.offset.interval.ms must be greater than or equal to group.streams.min.task.offset.interval.ms',
  ],
  [
    { 'group.streams.assignment.interval.ms': '20000' },
    'group.streams.assignment.interval.ms must be less than or equal to group.streams.max.assignment.interval.ms',
  ],
  [
    { 'group.share.max.share.sessions': '1' },
    'group.share.max.share.sessions must be greater than or equal to group.share.max.size',
  ],
  [{ 'offsets.topic.compression.codec': '9' }, 'Unknown compression type id: 9'],
  [
    { 'group.share.min.heartbeat.interval.ms': '100000' },
    'group.share.max.heartbeat.interval.ms must be greater than or equal to group.share.min.heartbeat.interval.ms',
  ],
])('%j is refused', (properties, text) => {
  expect(() => check(properties)).toThrow(expect.objectContaining({ errorName: 'INVALID_CONFIG', message: text }));
});

test.each<Record<string, string>>([
  {},
  { 'log.retention.ms': '-2' },
  { 'log.retention.hours': '-2' },
  { 'broker.heartbeat.interval.ms': '10000' },
  { 'group.min.session.timeout.ms': '100000', 'group.max.session.timeout.ms': '10' },
  { 'log.min.compaction.lag.ms': '100', 'log.max.compaction.lag.ms': '10' },
  { 'log.local.retention.ms': '1000000000000' },
  { 'log.local.retention.bytes': '100', 'log.retention.bytes': '10' },
  { 'max.connections.per.ip': '0', 'max.connections.per.ip.overrides': '127.0.0.1:10, host-1.name : 5' },
  { 'log.dirs': '/a, /b', 'cordoned.log.dirs': '/b' },
  { 'cordoned.log.dirs': '*' },
  { 'connections.max.idle.ms': '-1' },
])('%j can be', (properties) => {
  check(properties);
});
