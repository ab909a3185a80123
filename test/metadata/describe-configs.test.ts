/** DescribeConfigs shows values, sources, types and synonyms as Apache Kafka 4.4.0 did (recorded). */
import { expect, test } from 'vitest';
import { BrokerConfig } from '../../src/metadata/configs/broker-config.ts';
import {
  type DescribedConfig,
  describeBrokerConfigs,
  describeClientMetricsConfigs,
  describeDefaultBrokerConfigs,
  describeGroupConfigs,
  describeTopicConfigs,
} from '../../src/metadata/configs/describe.ts';

type Row = readonly [name: string, value: string | null, source: number, type: number, synonyms: string];

// Of a topic with segment.ms=777 and min.insync.replicas=1, which is also the default of all brokers.
const TOPIC: readonly Row[] = [
  ['cleanup.policy', 'delete', 5, 7, 'log.cleanup.policy=delete@5'],
  ['compression.gzip.level', '-1', 5, 3, 'compression.gzip.level=-1@5'],
  ['compression.lz4.level', '9', 5, 3, 'compression.lz4.level=9@5'],
  ['compression.type', 'producer', 5, 2, 'compression.type=producer@5'],
  ['compression.zstd.level', '3', 5, 3, 'compression.zstd.level=3@5'],
  ['delete.retention.ms', '86400000', 5, 5, 'log.cleaner.delete.retention.ms=86400000@5'],
  ['errors.deadletterqueue.group.enable', 'false', 5, 1, ''],
  ['file.delete.delay.ms', '60000', 5, 5, 'log.segment.delete.delay.ms=60000@5'],
  ['flush.messages', '9223372036854775807', 5, 5, 'log.flush.interval.messages=9223372036854775807@5'],
  ['flush.ms', '9223372036854775807', 5, 5, ''],
  ['follower.replication.throttled.replicas', '', 5, 7, ''],
  ['index.interval.bytes', '4096', 5, 3, 'log.index.interval.bytes=4096@5'],
  ['leader.replication.throttled.replicas', '', 5, 7, ''],
  ['local.retention.bytes', '-2', 5, 5, 'log.local.retention.bytes=-2@5'],
  ['local.retention.ms', '-2', 5, 5, 'log.local.retention.ms=-2@5'],
  ['max.compaction.lag.ms', '9223372036854775807', 5, 5, 'log.cleaner.max.compaction.lag.ms=9223372036854775807@5'],
  ['max.decompressed.message.bytes', '2147483639', 5, 3, 'max.decompressed.message.bytes=2147483639@5'],
  ['max.message.bytes', '1048588', 5, 3, 'message.max.bytes=1048588@5'],
  ['message.timestamp.after.max.ms', '3600000', 5, 5, 'log.message.timestamp.after.max.ms=3600000@5'],
  [
    'message.timestamp.before.max.ms',
    '9223372036854775807',
    5,
    5,
    'log.message.timestamp.before.max.ms=9223372036854775807@5',
  ],
  ['message.timestamp.type', 'CreateTime', 5, 2, 'log.message.timestamp.type=CreateTime@5'],
  ['min.cleanable.dirty.ratio', '0.5', 5, 6, 'log.cleaner.min.cleanable.ratio=0.5@5'],
  ['min.compaction.lag.ms', '0', 5, 5, 'log.cleaner.min.compaction.lag.ms=0@5'],
  ['min.insync.replicas', '1', 1, 3, 'min.insync.replicas=1@1 min.insync.replicas=1@3 min.insync.replicas=1@5'],
  ['preallocate', 'false', 5, 1, 'log.preallocate=false@5'],
  ['remote.copy.lag.bytes', '-1', 5, 5, 'log.remote.copy.lag.bytes=-1@5'],
  ['remote.copy.lag.ms', '0', 5, 5, 'log.remote.copy.lag.ms=0@5'],
  ['remote.log.copy.disable', 'false', 5, 1, ''],
  ['remote.log.delete.on.disable', 'false', 5, 1, ''],
  ['remote.storage.enable', 'false', 5, 1, ''],
  ['retention.bytes', '-1', 5, 5, 'log.retention.bytes=-1@5'],
  ['retention.ms', '604800000', 5, 5, ''],
  ['segment.bytes', '1073741824', 5, 3, 'log.segment.bytes=1073741824@5'],
  ['segment.index.bytes', '10485760', 5, 3, 'log.index.size.max.bytes=10485760@5'],
  ['segment.jitter.ms', '0', 5, 5, ''],
  ['segment.ms', '777', 1, 5, 'segment.ms=777@1'],
  ['unclean.leader.election.enable', 'false', 5, 1, 'unclean.leader.election.enable=false@5'],
];

const GROUP: readonly Row[] = [
  ['consumer.assignment.interval.ms', '1000', 5, 3, 'group.consumer.assignment.interval.ms=1000@5'],
  ['consumer.heartbeat.interval.ms', '5000', 5, 3, 'group.consumer.heartbeat.interval.ms=5000@5'],
  ['consumer.session.timeout.ms', '45000', 5, 3, 'group.consumer.session.timeout.ms=45000@5'],
  ['errors.deadletterqueue.copy.record.enable', 'false', 5, 1, 'errors.deadletterqueue.copy.record.enable=false@5'],
  ['errors.deadletterqueue.topic.name', '', 5, 2, 'errors.deadletterqueue.topic.name=@5'],
  ['share.assignment.interval.ms', '1000', 5, 3, 'group.share.assignment.interval.ms=1000@5'],
  ['share.auto.offset.reset', 'latest', 5, 2, 'share.auto.offset.reset=latest@5'],
  ['share.delivery.count.limit', '5', 5, 3, 'group.share.delivery.count.limit=5@5'],
  ['share.heartbeat.interval.ms', '5000', 5, 3, 'group.share.heartbeat.interval.ms=5000@5'],
  ['share.isolation.level', 'read_uncommitted', 5, 2, 'share.isolation.level=read_uncommitted@5'],
  ['share.partition.max.record.locks', '2000', 5, 3, 'group.share.partition.max.record.locks=2000@5'],
  ['share.record.lock.duration.ms', '30000', 5, 3, 'group.share.record.lock.duration.ms=30000@5'],
  ['share.renew.acknowledge.enable', 'true', 5, 1, 'share.renew.acknowledge.enable=true@5'],
  ['share.session.timeout.ms', '45000', 5, 3, 'group.share.session.timeout.ms=45000@5'],
  ['streams.assignment.interval.ms', '1000', 5, 3, 'group.streams.assignment.interval.ms=1000@5'],
  ['streams.assignor.name', 'sticky', 5, 2, 'group.streams.assignors=sticky@5'],
  ['streams.heartbeat.interval.ms', '5000', 5, 3, 'group.streams.heartbeat.interval.ms=5000@5'],
  ['streams.initial.rebalance.delay.ms', '3000', 5, 3, 'group.streams.initial.rebalance.delay.ms=3000@5'],
  ['streams.num.standby.replicas', '0', 5, 3, 'group.streams.num.standby.replicas=0@5'],
  ['streams.rack.aware.assignment.tags', '', 5, 7, 'group.streams.rack.aware.assignment.tags=@5'],
  ['streams.session.timeout.ms', '45000', 5, 3, 'group.streams.session.timeout.ms=45000@5'],
];

type BrokerRow = readonly [
  name: string,
  value: string | null,
  source: number,
  type: number,
  readOnly: boolean,
  isSensitive: boolean,
  synonyms: string,
];
const BROKER: readonly BrokerRow[] = [
  ['log.retention.hours', '168', 5, 3, true, false, 'log.retention.hours=168@5'],
  ['log.retention.ms', null, 5, 5, false, false, ''],
  ['log.retention.minutes', null, 5, 3, true, false, ''],
  ['log.flush.interval.ms', null, 5, 5, false, false, ''],
  ['min.insync.replicas', '1', 3, 3, false, false, 'min.insync.replicas=1@3 min.insync.replicas=1@5'],
  ['delegation.token.secret.key', null, 5, 9, true, true, ''],
  ['message.max.bytes', '1048588', 5, 3, false, false, 'message.max.bytes=1048588@5'],
  ['ssl.keystore.password', null, 5, 9, false, true, ''],
  ['controller.quorum.voters', '', 5, 7, true, false, 'controller.quorum.voters=@5'],
  ['log.roll.hours', '168', 5, 3, true, false, 'log.roll.hours=168@5'],
  ['unclean.leader.election.enable', 'false', 5, 1, false, false, 'unclean.leader.election.enable=false@5'],
  ['num.io.threads', '8', 5, 3, false, false, 'num.io.threads=8@5'],
  [
    'offsets.topic.replication.factor',
    '1',
    4,
    4,
    true,
    false,
    'offsets.topic.replication.factor=1@4 offsets.topic.replication.factor=3@5',
  ],
  ['sasl.enabled.mechanisms', 'GSSAPI', 5, 7, false, false, 'sasl.enabled.mechanisms=GSSAPI@5'],
  ['log.cleaner.min.cleanable.ratio', '0.5', 5, 6, false, false, 'log.cleaner.min.cleanable.ratio=0.5@5'],
];

function kafkaLike(properties: Record<string, string> = {}): BrokerConfig {
  const broker = new BrokerConfig(new Map(Object.entries({ 'offsets.topic.replication.factor': '1', ...properties })));
  broker.updateDynamic(new Map([['min.insync.replicas', '1']]), new Map());
  return broker;
}

function synonymsOf({ synonyms }: DescribedConfig): string {
  return synonyms.map(({ name, value, source }) => `${name}=${value}@${source}`).join(' ');
}

function rowOf(config: DescribedConfig): Row {
  return [config.name, config.value, config.configSource, config.configType, synonymsOf(config)];
}

const byName = (a: DescribedConfig, b: DescribedConfig): number => (a.name < b.name ? -1 : 1);

test('a topic', () => {
  const own = new Map([
    ['segment.ms', '777'],
    ['min.insync.replicas', '1'],
  ]);
  expect(describeTopicConfigs(own, kafkaLike(), undefined, true).sort(byName).map(rowOf)).toEqual(TOPIC);
});

test('a group without configs of its own', () => {
  expect(describeGroupConfigs(new Map(), kafkaLike(), undefined, true).sort(byName).map(rowOf)).toEqual(GROUP);
});

test.each(BROKER)('broker config %s', (name, value, source, type, readOnly, isSensitive, synonyms) => {
  const [config] = describeBrokerConfigs(kafkaLike(), new Set([name]), true);
  expect(config && rowOf(config)).toEqual([name, value, source, type, synonyms]);
  expect(config).toMatchObject({ readOnly, isSensitive, documentation: null });
});

test('a broker shows as many configs as Kafka, internal ones only when they are set', () => {
  expect(describeBrokerConfigs(kafkaLike({ listeners: 'PLAINTEXT://:1' }), undefined, false).length).toBe(350);
  const set = kafkaLike({ 'follower.replication.throttled.rate': '5' });
  expect(
    describeBrokerConfigs(set, undefined, false).some(({ name }) => name === 'follower.replication.throttled.rate'),
  ).toBe(true);
});

test('the default of all brokers shows what is set there and nothing else', () => {
  expect(describeDefaultBrokerConfigs(kafkaLike(), undefined, true).map(rowOf)).toEqual([
    ['min.insync.replicas', '1', 3, 3, 'min.insync.replicas=1@3'],
  ]);
});

test('a client metrics subscription', () => {
  expect(describeClientMetricsConfigs(new Map([['interval.ms', '5000']]), undefined, true).map(rowOf)).toEqual([
    ['interval.ms', '5000', 7, 3, 'interval.ms=5000@7'],
    ['match', '', 5, 7, ''],
    ['metrics', '', 5, 7, ''],
  ]);
});

test('only the configs that are asked for, and synonyms only when asked for', () => {
  const [config, ...others] = describeTopicConfigs(new Map(), kafkaLike(), new Set(['retention.ms', 'nope']), false);
  expect(others).toEqual([]);
  expect(config).toMatchObject({ name: 'retention.ms', value: '604800000', synonyms: [] });
});

test('log.retention.hours and its like stand in for the topic config, converted to milliseconds', () => {
  const broker = kafkaLike({ 'log.retention.hours': '2', 'log.roll.hours': '1' });
  const shown = new Map(describeTopicConfigs(new Map(), broker, undefined, true).map((c) => [c.name, c.value]));
  expect([shown.get('retention.ms'), shown.get('segment.ms')]).toEqual(['7200000', '3600000']);
  expect(broker.number('log.retention.ms')).toBe(7_200_000);
  expect(broker.number('log.retention.hours')).toBe(2);
  expect(kafkaLike({ 'log.retention.ms': '-1' }).number('log.retention.ms')).toBe(-1);
});

test('dynamic configs of the broker count before those of all brokers, and these before server.properties', () => {
  const broker = kafkaLike({ 'num.io.threads': '3' });
  expect(broker.number('num.io.threads')).toBe(3);
  broker.updateDynamic(new Map([['num.io.threads', '4']]), new Map());
  expect(broker.number('num.io.threads')).toBe(4);
  broker.updateDynamic(new Map([['num.io.threads', '4']]), new Map([['num.io.threads', '5']]));
  expect(broker.number('num.io.threads')).toBe(5);
  const [config] = describeBrokerConfigs(broker, new Set(['num.io.threads']), true);
  expect(config && synonymsOf(config)).toBe(
    'num.io.threads=5@2 num.io.threads=4@3 num.io.threads=3@4 num.io.threads=8@5',
  );
  // What cannot be is left out when it is met in the log.
  broker.updateDynamic(new Map(), new Map([['num.io.threads', 'many']]));
  expect(broker.number('num.io.threads')).toBe(3);
});

test('a property that cannot be is refused by name and value', () => {
  expect(() => new BrokerConfig(new Map([['num.partitions', 'x']]))).toThrow(
    'Invalid value x for configuration num.partitions: Not a number of type INT',
  );
  expect(() => new BrokerConfig(new Map([['num.partitions', '0']]))).toThrow(
    'Invalid value 0 for configuration num.partitions: Value must be at least 1',
  );
});
