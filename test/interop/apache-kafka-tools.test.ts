/** Goal: Apache Kafka's own tools, so its Java clients, work against a broker unchanged. A JVM start takes over a second. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  apacheKafka,
  BackgroundProcess,
  isMissing,
  run,
  type ServedBroker,
  serve,
  until,
} from '../support/processes.ts';

describe.skipIf(isMissing(apacheKafka, 'java'))("Apache Kafka's tools", () => {
  let broker: ServedBroker;
  beforeAll(async () => {
    broker = await serve();
    await run(apacheKafka, ['install'], { timeoutMs: 110_000 });
  });
  afterAll(async () => {
    await broker.stop();
  });

  const kafka = (tool: string, args: string[], input = '') =>
    run(apacheKafka, [tool, '--bootstrap-server', broker.bootstrap, ...args], { input });

  test('kafka-topics creates, lists, describes, alters and deletes', async () => {
    const created = await kafka('kafka-topics', ['--create', '--topic', 'first_kafka_topic', '--partitions', '3']);
    expect(created.stdout).toContain('Created topic first_kafka_topic.');
    expect((await kafka('kafka-topics', ['--list'])).stdout).toContain('first_kafka_topic');
    await kafka('kafka-topics', ['--alter', '--topic', 'first_kafka_topic', '--partitions', '4']);
    const { stdout } = await kafka('kafka-topics', ['--describe', '--topic', 'first_kafka_topic']);
    expect(stdout).toMatch(/PartitionCount: 4\tReplicationFactor: 1/);
    expect(stdout).toMatch(/Partition: 3\tLeader: 1\tReplicas: 1\tIsr: 1/);
    expect((await kafka('kafka-topics', ['--delete', '--topic', 'first_kafka_topic'])).code).toBe(0);
    expect((await kafka('kafka-topics', ['--list'])).stdout).not.toContain('first_kafka_topic');
  });

  test('the console producer and consumer pass lines on, and the group shows up', async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}`);
    await kafka('kafka-topics', ['--create', '--topic', 'lines', '--partitions', '1']);
    const produced = await kafka('kafka-console-producer', ['--topic', 'lines'], `${lines.join('\n')}\n`);
    expect(produced.stderr).toBe('');
    const consume = ['--topic', 'lines', '--group', 'readers', '--from-beginning', '--max-messages', '1000'];
    expect((await kafka('kafka-console-consumer', consume)).stdout.trimEnd().split('\n')).toEqual(lines);
    const described = await kafka('kafka-consumer-groups', ['--describe', '--group', 'readers']);
    expect(described.stdout).toMatch(/readers\s+lines\s+0\s+1000\s+1000\s+0/);
    const reset = ['--reset-offsets', '--to-offset', '990', '--topic', 'lines', '--group', 'readers', '--execute'];
    await kafka('kafka-consumer-groups', reset);
    const again = await kafka('kafka-console-consumer', [
      '--topic',
      'lines',
      '--group',
      'readers',
      '--max-messages',
      '10',
    ]);
    expect(again.stdout.trimEnd().split('\n')).toEqual(lines.slice(990));
  });

  test('kafka-configs and kafka-get-offsets', async () => {
    await kafka('kafka-topics', ['--create', '--topic', 'configured']);
    const topic = ['--entity-type', 'topics', '--entity-name', 'configured'];
    const altered = await kafka('kafka-configs', ['--alter', ...topic, '--add-config', 'retention.ms=60000']);
    expect(altered.stdout).toContain('Completed updating config for topic configured.');
    expect((await kafka('kafka-configs', ['--describe', ...topic])).stdout).toContain('retention.ms=60000');
    await kafka('kafka-console-producer', ['--topic', 'configured'], 'a\nb\n');
    expect((await kafka('kafka-get-offsets', ['--topic', 'configured'])).stdout).toBe('configured:0:2\n');
  });

  test('the verifiable producer and consumer agree', async () => {
    await kafka('kafka-topics', ['--create', '--topic', 'verified', '--partitions', '2']);
    const produced = await kafka('kafka-verifiable-producer', [
      '--topic',
      'verified',
      '--max-messages',
      '5000',
      '--throughput',
      '-1',
    ]);
    expect(produced.stdout).toMatch(/"name":"tool_data".*|"sent":5000/);
    expect(produced.stdout.match(/"name":"producer_send_success"/g)).toHaveLength(5000);
    const args = ['kafka-verifiable-consumer', '--bootstrap-server', broker.bootstrap, '--topic', 'verified'];
    const consumer = new BackgroundProcess(apacheKafka, [...args, '--group-id', 'verifying', '--max-messages', '5000']);
    await until('it has read all', () => {
      const counts = [
        ...consumer.stdout.matchAll(
          /"name":"records_consumed".*?"count":(\d+)|"count":(\d+).*?"name":"records_consumed"/g,
        ),
      ];
      return counts.reduce((sum, match) => sum + Number(match[1] ?? match[2]), 0) >= 5000;
    });
    await consumer.stop('SIGTERM');
  });

  test('consumers of group.protocol=consumer share a topic, and who is killed is out when its session ends', async () => {
    await kafka('kafka-topics', ['--create', '--topic', 'next', '--partitions', '4']);
    const group = ['--entity-type', 'groups', '--entity-name', 'next'];
    await kafka('kafka-configs', ['--alter', ...group, '--add-config', 'consumer.session.timeout.ms=45000']);
    await kafka('kafka-console-producer', ['--topic', 'next'], 'one\ntwo\nthree\n');
    const servers = ['--bootstrap-server', broker.bootstrap, '--topic', 'next'];
    const property = ['--command-property', 'group.protocol=consumer'];
    const console = ['kafka-console-consumer', ...servers, '--group', 'next', '--from-beginning', ...property];
    const reader = new BackgroundProcess(apacheKafka, console);
    await until('it has read all', () => reader.stdout.trim().split('\n').length === 3);
    const verifiable = ['kafka-verifiable-consumer', ...servers, '--group-id', 'next', '--group-protocol', 'consumer'];
    const killed = new BackgroundProcess(apacheKafka, verifiable);
    const assigned =
      /"partitions_assigned","partitions":\[\{"topic":"next","partition":2\},\{"topic":"next","partition":3\}\]/;
    await until('the second has its share', () => assigned.test(killed.stdout));
    const members = async (): Promise<string> =>
      (await kafka('kafka-consumer-groups', ['--describe', '--group', 'next', '--members', '--verbose'])).stdout;
    expect(await members()).toMatch(/console-consumer 2 +3 +next:0,1 +3 +next:0,1/);
    await killed.stop('SIGKILL');
    const deadline = performance.now() + 90_000;
    while (!/console-consumer 4 +4 +next:0,1,2,3/.test(await members())) {
      if (performance.now() > deadline) throw new Error(`the killed member is still there: ${await members()}`);
    }
    await reader.stop('SIGTERM');
  }, 170_000);

  test('the perf tests run to their end', async () => {
    await kafka('kafka-topics', ['--create', '--topic', 'perf', '--partitions', '1']);
    const properties = `bootstrap.servers=${broker.bootstrap}`;
    const produced = await run(apacheKafka, [
      ...['kafka-producer-perf-test', '--topic', 'perf', '--num-records', '200000', '--record-size', '100'],
      ...['--throughput', '-1', '--producer-props', properties],
    ]);
    expect(produced.stdout).toMatch(/200000 records sent/);
    const consumed = await kafka('kafka-consumer-perf-test', ['--topic', 'perf', '--num-records', '200000']);
    expect(consumed.stdout.trimEnd().split('\n').at(-1)?.split(', ')[4]).toBe('200000');
  });
});
