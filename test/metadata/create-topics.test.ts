/** CreateTopics, DeleteTopics and CreatePartitions refuse what Kafka refuses, with its texts (recorded from 4.4.0). */
import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../src/base/uuid.ts';
import { ControllerHarness, TIMEOUT_MS, topic, uuid, type WantedTopic } from './controller-harness.ts';

function oneBroker(): ControllerHarness {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  return harness;
}

const manual = (assignments: number[][], more: Partial<WantedTopic> = {}): WantedTopic => ({
  ...topic('man', { numPartitions: -1, replicationFactor: -1, assignments }),
  ...more,
});

const REFUSED: readonly (readonly [WantedTopic, number, string])[] = [
  [topic(''), 17, 'Topic name is invalid: the empty string is not allowed'],
  [topic('.'), 17, "Topic name is invalid: '.' is not allowed"],
  [topic('..'), 17, "Topic name is invalid: '..' is not allowed"],
  [
    topic('a b'),
    17,
    "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
  ],
  [
    topic('x'.repeat(250)),
    17,
    `Topic name is invalid: the length of '${'x'.repeat(250)}' is longer than the max allowed length 249`,
  ],
  [topic('taken'), 36, "Topic 'taken' already exists."],
  [topic('my_topic'), 17, "Topic 'my_topic' collides with existing topic: my.topic"],
  [topic('__cluster_metadata'), 42, 'Creation of internal topic __cluster_metadata is prohibited.'],
  [
    topic('rf3', { replicationFactor: 3 }),
    38,
    'Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only ' +
      '1 broker(s) are registered or some brokers have all their log directories cordoned.',
  ],
  [
    topic('rf0', { replicationFactor: 0 }),
    38,
    'Replication factor must be larger than 0, or -1 to use the default value.',
  ],
  [
    topic('rfm2', { replicationFactor: -2 }),
    38,
    'Replication factor must be larger than 0, or -1 to use the default value.',
  ],
  [topic('p0', { numPartitions: 0 }), 37, 'Number of partitions was set to an invalid non-positive value.'],
  [topic('pm5', { numPartitions: -5 }), 37, 'Number of partitions was set to an invalid non-positive value.'],
  [
    manual([[1]], { replicationFactor: 1 }),
    42,
    'A manual partition assignment was specified, but replication factor was not set to -1.',
  ],
  [
    manual([[1]], { numPartitions: 1 }),
    42,
    'A manual partition assignment was specified, but numPartitions was not set to -1.',
  ],
  [manual([[7]]), 39, 'The manual partition assignment includes broker 7, but no such broker is registered.'],
  [manual([[1, 1]]), 39, 'The manual partition assignment includes the broker 1 more than once.'],
  [manual([[]]), 39, 'The manual partition assignment includes an empty replica list.'],
  [
    manual([], { assignments: [{ partitionIndex: 1, brokerIds: [1] }] }),
    39,
    'partitions should be a consecutive 0-based integer sequence',
  ],
  [
    manual([], {
      assignments: [
        { partitionIndex: 0, brokerIds: [1] },
        { partitionIndex: 0, brokerIds: [1] },
      ],
    }),
    39,
    'Found multiple manual partition assignments for partition 0',
  ],
  [topic('uc', { configs: { 'no.such': '1' } }), 40, 'Unknown topic config name: no.such'],
  [topic('nc', { configs: { 'retention.ms': null } }), 40, 'Null value not supported for topic configs: retention.ms'],
  [
    topic('bc', { configs: { 'retention.ms': 'x' } }),
    40,
    'Invalid value x for configuration retention.ms: Not a number of type LONG',
  ],
];

test.each(REFUSED)('topic $name is refused as Kafka refuses it', (wanted, errorCode, errorMessage) => {
  const harness = oneBroker();
  harness.createTopics(topic('taken'), topic('my.topic'));
  const before = harness.log.length;
  const [result] = harness.createTopics(wanted);
  expect(result).toMatchObject({ name: wanted.name, errorCode, errorMessage });
  expect(harness.log.length).toBe(before);
});

test('a topic that stands twice in a request is refused once, and the others are created', () => {
  const harness = oneBroker();
  const results = harness.createTopics(topic('dup'), topic('good'), topic('dup'));
  expect(results).toMatchObject([
    { name: 'good' },
    { name: 'dup', errorCode: 42, errorMessage: 'Duplicate topic name.' },
  ]);
  expect(harness.image.topic('good')?.partitions.length).toBe(1);
  expect(harness.image.topic('dup')).toBeUndefined();
});

test('names that collide within one request are both created, as Kafka does', () => {
  const harness = oneBroker();
  expect(harness.createTopics(topic('c.d'), topic('c_d')).map(({ errorCode = 0 }) => errorCode)).toEqual([0, 0]);
});

test('more than 10,000 partitions in one request are refused as a whole', () => {
  const harness = oneBroker();
  const request = {
    topics: [topic('a', { numPartitions: 9000 }), topic('b', { numPartitions: 9000 })],
    timeoutMs: TIMEOUT_MS,
    validateOnly: false,
  };
  expect(harness.error('createTopics', request, { isForwarded: false })).toEqual([
    'POLICY_VIOLATION',
    'Excessively large number of partitions per request.',
  ]);
});

test('validateOnly answers as if it had created, and writes nothing', () => {
  const harness = oneBroker();
  const before = harness.log.length;
  const request = { topics: [topic('vo', { numPartitions: 4 })], timeoutMs: TIMEOUT_MS, validateOnly: true };
  const response = harness.response('createTopics', request, { isForwarded: false });
  expect(response.topics).toMatchObject([{ name: 'vo', numPartitions: 4, replicationFactor: 1, errorMessage: null }]);
  expect(harness.log.length).toBe(before);
});

test('the response lists the configs in force with their sources, and -1 takes the broker defaults', () => {
  const harness = ControllerHarness.active({ 'num.partitions': '6', 'log.retention.hours': '2' });
  harness.startBrokers(1);
  const [result] = harness.createTopics(
    topic('t', { numPartitions: -1, replicationFactor: -1, configs: { 'segment.ms': '777' } }),
  );
  expect(result).toMatchObject({ numPartitions: 6, replicationFactor: 1 });
  const configs = new Map(result?.configs?.map((config) => [config.name, config]));
  expect(configs.size).toBe(37);
  expect([...configs.keys()]).toEqual([...configs.keys()].sort());
  expect(configs.get('segment.ms')).toMatchObject({ value: '777', configSource: 1 });
  expect(configs.get('min.insync.replicas')).toMatchObject({ value: '1', configSource: 3 });
  expect(configs.get('retention.ms')).toMatchObject({ value: '7200000', configSource: 4 });
  expect(configs.get('flush.ms')).toMatchObject({ value: '9223372036854775807', configSource: 5 });
});

test('a topic is one atomic batch: topic, configs, cleared ELR, partitions', () => {
  const harness = oneBroker();
  const before = harness.log.length;
  harness.createTopics(
    topic('t', { numPartitions: 2, configs: { 'segment.bytes': '1048576', 'min.insync.replicas': '1' } }),
  );
  expect(harness.recordTypes(before)).toEqual([
    'TopicRecord',
    'ConfigRecord',
    'ConfigRecord',
    'ClearElrRecord',
    'PartitionRecord',
    'PartitionRecord',
  ]);
  expect(harness.batchSizes.at(-1)).toBe(6);
  const partition = harness.records(before).find(({ type }) => type === 'PartitionRecord');
  expect(partition).toMatchObject({
    version: 2,
    body: { replicas: [1], isr: [1], leader: 1, leaderEpoch: 0, partitionEpoch: 0, directories: [uuid(1)] },
  });
});

test('fenced replicas are not in the first ISR; with none unfenced nothing is created', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  harness.register(2);
  harness.createTopic('t', [[2, 1]]);
  expect(harness.partition('t', 0)).toMatchObject({ replicas: [2, 1], isr: [1], leader: 1 });
  const [refused] = harness.createTopics(manual([[2]]));
  expect(refused).toMatchObject({
    errorCode: 39,
    errorMessage:
      'All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled shutdown.',
  });
});

function deleteTopics(harness: ControllerHarness, topics: { name: string | null; topicId: string }[]) {
  const request = { topics, topicNames: [], timeoutMs: TIMEOUT_MS };
  return harness.response('deleteTopics', request, 6).responses;
}

test('topics are deleted by name and by id, and only once', () => {
  const harness = oneBroker();
  harness.createTopics(topic('a', { configs: { 'segment.ms': '5' } }), topic('b'), topic('c'));
  const id = harness.topicId('b');
  const unknown = uuid(77);
  const byName = (name: string) => ({ name, topicId: ZERO_UUID });
  expect(
    deleteTopics(harness, [byName('a'), { name: null, topicId: id }, byName('nope'), { name: null, topicId: unknown }]),
  ).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'a', errorMessage: null }),
      expect.objectContaining({ name: 'b', topicId: id, errorMessage: null }),
      expect.objectContaining({
        name: 'nope',
        errorCode: 3,
        errorMessage: 'This server does not host this topic-partition.',
      }),
      expect.objectContaining({
        name: null,
        topicId: unknown,
        errorCode: 100,
        errorMessage: 'This server does not host this topic ID.',
      }),
    ]),
  );
  expect([...harness.image.topics()].map(({ name }) => name)).toEqual(['c']);
  expect(harness.image.configs(2, 'a').size).toBe(0);
});

test('a deletion that names a topic twice or not at all is refused', () => {
  const harness = oneBroker();
  harness.createTopics(topic('a'));
  const id = harness.topicId('a');
  const byName = { name: 'a', topicId: ZERO_UUID };
  const byId = { name: null, topicId: id };
  const message = (topics: { name: string | null; topicId: string }[]) =>
    deleteTopics(harness, topics)?.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]);
  expect(message([byName, byName])).toEqual([[42, 'Duplicate topic name.']]);
  expect(message([byId, byId])).toEqual([[42, 'Duplicate topic id.']]);
  expect(message([byId, byName])).toEqual([[42, 'The provided topic name maps to an ID that was already supplied.']]);
  expect(message([{ name: null, topicId: ZERO_UUID }])).toEqual([[42, 'Neither topic name nor id were specified.']]);
  expect(message([{ name: 'a', topicId: id }])).toEqual([[42, 'You may not specify both topic name and topic id.']]);
  expect(harness.image.topic('a')).toBeDefined();
});

test('with delete.topic.enable=false nothing can be deleted', () => {
  const harness = ControllerHarness.active({ 'delete.topic.enable': 'false' });
  const request = { topics: [], topicNames: ['a'], timeoutMs: TIMEOUT_MS };
  const [name] = harness.error('deleteTopics', request, 3);
  expect(name).toBe('TOPIC_DELETION_DISABLED');
});

test.each([
  [{ count: 3 }, 37, 'Topic already has 3 partition(s).'],
  [{ count: 0 }, 37, 'The topic t currently has 3 partition(s); 0 would not be an increase.'],
  [{ count: 10_004 }, 44, 'Excessively large number of additional partitions per request.'],
  [
    { count: 5, replicas: [[1]] },
    39,
    'Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.',
  ],
  [
    { count: 4, replicas: [[9]] },
    39,
    'The manual partition assignment includes broker 9, but no such broker is registered.',
  ],
  [{ count: 4, replicas: [[]] }, 39, 'The manual partition assignment includes an empty replica list.'],
])(
  'partitions %j are refused as Kafka refuses them',
  ({ count, replicas }: { count: number; replicas?: number[][] }, errorCode, errorMessage) => {
    const harness = oneBroker();
    harness.createTopics(topic('t', { numPartitions: 3 }));
    const assignments = replicas === undefined ? null : replicas.map((brokerIds) => ({ brokerIds }));
    const request = { topics: [{ name: 't', count, assignments }], timeoutMs: TIMEOUT_MS, validateOnly: false };
    const call = harness.result('createPartitions', request);
    if (errorCode === 44) expect(call).toMatchObject({ errorName: 'POLICY_VIOLATION', message: errorMessage });
    else expect(call).toMatchObject({ results: [{ name: 't', errorCode, errorMessage }] });
    expect(harness.image.topic('t')?.partitions.length).toBe(3);
  },
);

test('new partitions get as many replicas as the topic has', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1, 2, 3);
  harness.createTopics(topic('t', { numPartitions: 1, replicationFactor: 2 }));
  const request = { topics: [{ name: 't', count: 5, assignments: null }], timeoutMs: TIMEOUT_MS, validateOnly: false };
  harness.response('createPartitions', request);
  expect(harness.image.topic('t')?.partitions.map(({ replicas }) => replicas.length)).toEqual([2, 2, 2, 2, 2]);
});
