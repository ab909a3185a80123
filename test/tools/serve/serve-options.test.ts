/** Goal: what `ottla serve` reads from its command line and from the environment means what users of Kafka expect. */
import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { defaultDataDir } from '../../../src/tools/serve/data-dir.ts';
import { propertiesFromEnvironment } from '../../../src/tools/serve/environment.ts';
import { parseTopicSpec } from '../../../src/tools/serve/topic-spec.ts';

describe('KAFKA_* variables', () => {
  test('become properties as in the official image', () => {
    const properties = propertiesFromEnvironment({
      KAFKA_NUM_PARTITIONS: '3',
      KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://localhost:9092',
      KAFKA_LISTENER_NAME__INTERNAL_SSL___X: 'y',
      KAFKA_HEAP_OPTS: '-Xmx1g',
      KAFKA_LOG4J_ROOT_LOGLEVEL: 'INFO',
      HOME: '/root',
    });
    expect(Object.fromEntries(properties)).toEqual({
      'num.partitions': '3',
      'advertised.listeners': 'PLAINTEXT://localhost:9092',
      'listener.name_internal.ssl-x': 'y',
    });
  });
});

describe('--topic', () => {
  test('takes a name alone, or with partitions, replication factor and configs', () => {
    expect(parseTopicSpec('orders')).toEqual({ name: 'orders', configs: {} });
    expect(parseTopicSpec('orders:3')).toEqual({ name: 'orders', partitions: 3, configs: {} });
    expect(parseTopicSpec('audit::1:cleanup.policy=compact,delete,segment.ms=60000')).toEqual({
      name: 'audit',
      replicationFactor: 1,
      configs: { 'cleanup.policy': 'compact,delete', 'segment.ms': '60000' },
    });
  });

  test('takes a list in the brackets of kafka-configs', () => {
    expect(parseTopicSpec('a:::cleanup.policy=[compact,delete],segment.ms=5').configs).toEqual({
      'cleanup.policy': 'compact,delete',
      'segment.ms': '5',
    });
  });

  test.each([
    [':3', '--topic needs a name in front of the first colon, received ":3"'],
    ['a:0', 'PARTITIONS of --topic a:0 must be a whole number from 1, received "0"'],
    ['a:1:x', 'RF of --topic a:1:x must be a whole number from 1, received "x"'],
    ['a:1:1:compact', 'a config of --topic a:1:1:compact must be key=value, received "compact"'],
  ])('refuses %s', (text, message) => {
    expect(() => parseTopicSpec(text)).toThrow(message);
  });
});

describe('the data folder', () => {
  test('follows XDG, Windows, or the home folder', () => {
    expect(defaultDataDir({ XDG_DATA_HOME: '/x', HOME: '/h' }, 'linux')).toBe('/x/ottla/broker');
    expect(defaultDataDir({ XDG_DATA_HOME: 'relative', HOME: '/h' }, 'linux')).toBe('/h/.local/share/ottla/broker');
    const home = userInfo().homedir;
    expect(defaultDataDir({ HOME: '' }, 'linux')).toBe(`${home}/.local/share/ottla/broker`);
    expect(defaultDataDir({}, 'linux')).toBe(`${home}/.local/share/ottla/broker`);
    expect(defaultDataDir({ LOCALAPPDATA: '/l', HOME: '/h' }, 'win32')).toBe('/l/ottla/broker');
  });
});
