/** IncrementalAlterConfigs and AlterConfigs, checked by the broker and by the controller, answer as Kafka 4.4.0 did. */
import { expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { type AlteredResource, checkAlteredResource } from '../../src/metadata/configs/alter-checks.ts';
import { errorCodeOf } from '../../src/protocol/error-codes.ts';
import { ControllerHarness, topic } from './controller-harness.ts';

const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;
const TOPIC = 2;
const BROKER = 4;
const LOGGER = 8;
const METRICS = 16;
const GROUP = 32;

type Operation = readonly [name: string, operation: number, value: string | null];

function resource(resourceType: number, resourceName: string, ...operations: Operation[]) {
  const configs = operations.map(([name, configOperation, value]) => ({ name, configOperation, value }));
  return { resourceType, resourceName, configs };
}

function harnessWithTopic(configs: Record<string, string> = {}): ControllerHarness {
  const harness = ControllerHarness.active();
  harness.startBrokers(100);
  harness.createTopics(topic('ok', { configs }));
  harness.config.updateDynamic(harness.image.configs(BROKER, ''), new Map());
  return harness;
}

/** Code and text of the answer, the broker's checks first, then the controller's. */
function answer(harness: ControllerHarness, altered: ReturnType<typeof resource>, isLegacy = false) {
  const context = { image: harness.image, config: harness.config, nodeId: 100, isLegacy };
  try {
    checkAlteredResource(altered satisfies AlteredResource, context);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return [errorCodeOf(error), error.message];
  }
  const request = { resources: [altered], validateOnly: false };
  const method = isLegacy ? 'legacyAlterConfigs' : 'incrementalAlterConfigs';
  const [result] = harness.response(method, request, { isForwarded: true });
  return [result?.errorCode ?? 0, result?.errorMessage ?? null];
}

const OK = [0, null] as const;
const SESSION_RANGE = 'consumer.session.timeout.ms must be in the range 45000 to 60000 inclusive.';

test.each<[ReturnType<typeof resource>, readonly [number, string | null]]>([
  [resource(TOPIC, 'ok', ['retention.ms', SET, '5']), OK],
  [resource(TOPIC, 'nope', ['retention.ms', SET, '5']), [3, "The topic 'nope' does not exist."]],
  [
    resource(TOPIC, 'a b', ['retention.ms', SET, '5']),
    [
      17,
      "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ],
  ],
  [resource(TOPIC, '', ['retention.ms', SET, '5']), [42, 'Default topic resources are not allowed.']],
  [
    resource(TOPIC, 'ok', ['retention.ms', SET, '5'], ['retention.ms', SET, '6']),
    [42, 'Error due to duplicate config keys'],
  ],
  [
    resource(TOPIC, 'ok', ['retention.ms', SET, null], ['segment.ms', APPEND, null]),
    [42, 'Null value not supported for : retention.ms, segment.ms'],
  ],
  [
    resource(TOPIC, 'ok', ['retention.ms', APPEND, '5']),
    [40, "Can't APPEND to key retention.ms because its type is not LIST."],
  ],
  [
    resource(TOPIC, 'ok', ['retention.ms', SUBTRACT, '5']),
    [40, "Can't SUBTRACT to key retention.ms because its type is not LIST."],
  ],
  [resource(TOPIC, 'ok', ['no.such', SET, '5']), [40, 'Unknown topic config name: no.such']],
  [resource(TOPIC, 'ok', ['no.such', DELETE, null]), OK],
  [resource(TOPIC, 'ok', ['no.such', APPEND, 'x']), [40, "Can't APPEND to key no.such because its type is not LIST."]],
  [
    resource(TOPIC, 'ok', ['cleanup.policy', APPEND, 'foo']),
    [40, 'Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete'],
  ],
  [
    resource(TOPIC, 'ok', ['leader.replication.throttled.replicas', SET, '0:1,'.repeat(9000)]),
    [40, 'The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.'],
  ],
  [resource(3, 'ok', ['retention.ms', SET, '5']), [42, 'Unknown resource type 3']],
  [
    resource(BROKER, '', ['log.retention.ms', SET, '0']),
    [42, 'requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1'],
  ],
  // With it nobody could connect to take it back.
  [
    resource(BROKER, '', ['max.connections.per.ip', SET, '0']),
    [
      42,
      'requirement failed: max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.',
    ],
  ],
  [
    resource(
      BROKER,
      '',
      ['max.connections.per.ip', SET, '0'],
      ['max.connections.per.ip.overrides', SET, '127.0.0.1:100'],
    ),
    OK,
  ],
  [
    resource(BROKER, '100', ['log.cleaner.dedupe.buffer.size', SET, '1048576']),
    [42, 'requirement failed: log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.'],
  ],
  [resource(BROKER, '100', ['broker.id', SET, '5']), [42, 'Cannot update these configs dynamically: [broker.id]']],
  [resource(BROKER, '', ['log.dirs', SET, '5']), [42, 'Cannot update these configs dynamically: [log.dirs]']],
  [
    resource(BROKER, '9', ['log.cleaner.threads', SET, '2']),
    [42, 'Unexpected broker id, expected 100, but received 9'],
  ],
  [resource(BROKER, 'x', ['log.cleaner.threads', SET, '2']), [42, 'Node id must be an integer, but it is: x']],
  [
    resource(BROKER, '', ['listeners', SET, 'PLAINTEXT://:1']),
    [42, 'Cannot update these configs at default cluster level, broker id must be specified: [listeners]'],
  ],
  [
    resource(BROKER, '100', ['ssl.keystore.location', SET, '/x']),
    [
      42,
      'These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]',
    ],
  ],
  [
    resource(BROKER, '100', ['log.cleaner.threads', SET, 'x']),
    [42, 'Invalid value x for configuration log.cleaner.threads: Not a number of type INT'],
  ],
  [resource(BROKER, '100', ['my.own', SET, 'x']), OK],
  [resource(BROKER, '100', ['my.own', APPEND, 'x']), [40, 'Unknown config name: my.own']],
  [
    resource(BROKER, '100', ['log.cleaner.threads', APPEND, '1']),
    [40, 'Config value append is not allowed for config key: log.cleaner.threads'],
  ],
  [resource(BROKER, '', ['log.cleanup.policy', APPEND, 'compact']), OK],
  [resource(BROKER, '100', ['log.cleaner.threads', SET, '2']), OK],
  [
    resource(BROKER, '100', ['min.insync.replicas', SET, '2']),
    [40, 'Broker-level min.insync.replicas cannot be altered while ELR is enabled.'],
  ],
  [
    resource(BROKER, '', ['min.insync.replicas', DELETE, null]),
    [40, 'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.'],
  ],
  [resource(BROKER, '', ['min.insync.replicas', SET, '2']), OK],
  [
    resource(BROKER, '100', ['num.io.threads', SET, '100']),
    [
      42,
      'Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation failed for ' +
        'num.io.threads=100, value should not be greater than double the current value 8 for configuration Invalid dynamic configuration',
    ],
  ],
  [
    resource(BROKER, '100', ['num.io.threads', SET, '1']),
    [
      42,
      'Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation failed for ' +
        'num.io.threads=1, value should be at least half the current value 8 for configuration Invalid dynamic configuration',
    ],
  ],
  [resource(LOGGER, '', ['x', SET, 'INFO']), [42, 'Node id must be an integer, but it is: ']],
  [resource(LOGGER, '100', ['x', SET, 'INFO']), [40, 'Logger x does not exist!']],
  [resource(LOGGER, '100', ['root', DELETE, null]), [42, 'Removing the log level of the root logger is not allowed']],
  [
    resource(LOGGER, '100', ['kafka', APPEND, 'DEBUG']),
    [42, 'APPEND operation is not allowed for the BROKER_LOGGER resource'],
  ],
  [
    resource(GROUP, '', ['consumer.session.timeout.ms', SET, '50000']),
    [42, 'Default group resources are not allowed.'],
  ],
  [resource(GROUP, 'g', ['consumer.session.timeout.ms', SET, '50000']), OK],
  [resource(GROUP, 'g', ['consumer.session.timeout.ms', SET, '1']), [40, SESSION_RANGE]],
  [resource(GROUP, 'g', ['nope', SET, '1']), [40, 'Unknown group config name: nope']],
  [
    resource(GROUP, 'g', ['streams.num.standby.replicas', SET, '99']),
    [40, 'streams.num.standby.replicas must be less than or equal to 2'],
  ],
  [
    resource(GROUP, 'g', ['streams.task.offset.interval.ms', SET, '1']),
    [40, 'streams.task.offset.interval.ms must be greater than or equal to 15000'],
  ],
  [
    resource(GROUP, 'g', ['streams.assignor.name', SET, 'x']),
    [40, "streams.assignor.name 'x' is not a registered task assignor. Registered assignors are: [sticky]."],
  ],
  [
    resource(GROUP, 'g', ['share.auto.offset.reset', SET, 'x']),
    [
      40,
      'Invalid value x for configuration share.auto.offset.reset: Invalid value `x` for configuration ' +
        "share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
    ],
  ],
  [resource(GROUP, 'g', ['share.auto.offset.reset', SET, 'by_duration:PT1H30M']), OK],
  [
    resource(GROUP, 'g', ['share.isolation.level', SET, 'x']),
    [
      40,
      'Invalid value x for configuration share.isolation.level: String must be one of: read_committed, read_uncommitted',
    ],
  ],
  [resource(METRICS, '', ['interval.ms', SET, '5000']), [42, "Subscription name can't be empty"]],
  [resource(METRICS, 'c', ['interval.ms', SET, '5000']), OK],
  [
    resource(METRICS, 'c', ['interval.ms', SET, '5']),
    [42, 'Invalid value 5 for interval.ms, interval must be between 100 and 3600000 (1 hour)'],
  ],
  [resource(METRICS, 'c', ['x', SET, '5']), [42, 'Unknown client metrics configuration: x']],
  [resource(METRICS, 'c', ['match', SET, 'foo=bar']), [40, 'Illegal client matching pattern: foo=bar']],
  [resource(METRICS, 'c', ['match', SET, 'client_id=[']), [40, 'Illegal client matching pattern: client_id=[']],
  [resource(METRICS, 'c', ['match', SET, 'client_id=a.*,client_software_name=x']), OK],
])('%j', (altered, expected) => {
  expect(answer(harnessWithTopic(), altered)).toEqual(expected);
});

test('set, append, subtract and delete change what is there', () => {
  const harness = harnessWithTopic();
  const alter = (...operations: Operation[]) => answer(harness, resource(TOPIC, 'ok', ...operations));
  const policy = () => harness.image.configs(TOPIC, 'ok').get('cleanup.policy');
  alter(['cleanup.policy', APPEND, 'compact']);
  expect(policy()).toBe('delete,compact');
  alter(['cleanup.policy', SUBTRACT, 'delete,other']);
  expect(policy()).toBe('compact');
  alter(['cleanup.policy', DELETE, null]);
  expect(policy()).toBeUndefined();
});

test('a value that is as before is written again for brokers only', () => {
  const harness = harnessWithTopic({ 'segment.ms': '5' });
  let before = harness.log.length;
  answer(harness, resource(TOPIC, 'ok', ['segment.ms', SET, '5']));
  expect(harness.log.length).toBe(before);
  answer(harness, resource(BROKER, '100', ['log.cleaner.threads', SET, '2']));
  before = harness.log.length;
  answer(harness, resource(BROKER, '100', ['log.cleaner.threads', SET, '2']));
  expect(harness.log.length).toBe(before + 1);
});

test('one bad config of a resource and none of its configs is changed; other resources are', () => {
  const harness = harnessWithTopic();
  harness.createTopics(topic('other'));
  const resources = [
    resource(TOPIC, 'ok', ['segment.ms', SET, '5'], ['retention.ms', SET, 'x']),
    resource(TOPIC, 'other', ['segment.ms', SET, '6']),
  ];
  const results = harness.response(
    'incrementalAlterConfigs',
    { resources, validateOnly: false },
    { isForwarded: true },
  );
  expect(results.map(({ errorCode = 0 }) => errorCode)).toEqual([40, 0]);
  expect(harness.image.configs(TOPIC, 'ok').size).toBe(0);
  expect(harness.image.configs(TOPIC, 'other').get('segment.ms')).toBe('6');
});

test('a resource that stands twice is refused twice', () => {
  const harness = harnessWithTopic();
  const resources = [resource(TOPIC, 'ok', ['segment.ms', SET, '5']), resource(TOPIC, 'ok', ['segment.ms', SET, '6'])];
  const results = harness.response(
    'incrementalAlterConfigs',
    { resources, validateOnly: false },
    { isForwarded: true },
  );
  expect(results.map(({ errorMessage }) => errorMessage)).toEqual([
    'Each resource must appear at most once.',
    'Each resource must appear at most once.',
  ]);
});

test('the legacy request takes away what it does not name', () => {
  const harness = harnessWithTopic({ 'segment.ms': '5', 'retention.ms': '6' });
  const legacy = (...operations: Operation[]) => answer(harness, resource(TOPIC, 'ok', ...operations), true);
  expect(legacy(['retention.ms', SET, '7'])).toEqual(OK);
  expect([...harness.image.configs(TOPIC, 'ok')]).toEqual([['retention.ms', '7']]);
  expect(answer(harness, resource(LOGGER, '100', ['kafka', SET, 'DEBUG']), true)).toEqual([
    42,
    'Unknown resource type 8',
  ]);
  expect(answer(harness, resource(BROKER, '', ['log.cleaner.threads', SET, '1']), true)).toEqual([
    40,
    'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.',
  ]);
});

test('validateOnly writes nothing', () => {
  const harness = harnessWithTopic();
  const before = harness.log.length;
  const resources = [resource(TOPIC, 'ok', ['segment.ms', SET, '5'])];
  harness.response('incrementalAlterConfigs', { resources, validateOnly: true }, { isForwarded: true });
  expect(harness.log.length).toBe(before);
});
