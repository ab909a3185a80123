/** Goal: kafka-configs changes and shows the configs of a broker's entities, and prints what Kafka's prints. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tool } from '../../../src/tools/configs/command.ts';
import { ToolBench } from '../with-broker.ts';

let bench: ToolBench;
beforeAll(async () => {
  bench = await ToolBench.start([{ name: 'orders' }, { name: 'listed' }]);
});
afterAll(() => bench.close());

const configs = (...argv: string[]) => bench.run(tool, argv);

describe('topics', () => {
  test('a config is set, shown with where it comes from, and taken away again', async () => {
    const add = 'retention.ms=200000,cleanup.policy=[compact,delete]';
    expect(await configs('--alter', '--topic', 'orders', '--add-config', add)).toEqual({
      stdout: 'Completed updating config for topic orders.\n',
      stderr: '',
      exitCode: 0,
    });
    const describeLine = ['--describe', '--entity-type', 'topics', '--entity-name', 'orders'];
    expect((await configs(...describeLine)).stdout).toBe(
      'Dynamic configs for topic orders are:\n' +
        '  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete}\n' +
        '  retention.ms=200000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=200000}\n',
    );
    await configs('--alter', '--topic', 'orders', '--delete-config', 'cleanup.policy,retention.ms');
    expect((await configs(...describeLine)).stdout).toBe('Dynamic configs for topic orders are:\n');
  });

  test('--all shows what holds, with the defaults', async () => {
    const { stdout } = await configs('--describe', '--topic', 'orders', '--all');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('All configs for topic orders are:');
    expect(lines).toHaveLength(1 + 37);
    expect(lines).toContain(
      '  segment.bytes=1073741824 sensitive=false synonyms={DEFAULT_CONFIG:log.segment.bytes=1073741824}',
    );
  });

  test('configs come from a properties file, or from the line, not from both', async () => {
    const path = bench.file('topic.properties', 'segment.bytes=1048576\nretention.ms = 5000\n');
    const line = ['--alter', '--topic', 'listed', '--add-config-file', path];
    expect(await configs(...line, '--add-config', 'retention.ms=6000')).toMatchObject({
      stderr: 'Only one of --add-config or --add-config-file must be specified\n',
      exitCode: 1,
    });
    expect((await configs(...line)).exitCode).toBe(0);
    const { stdout } = await configs('--describe', '--topic', 'listed');
    expect([...stdout.matchAll(/^ {2}(\S+)/gm)].map((match) => match[1])).toEqual([
      'retention.ms=5000',
      'segment.bytes=1048576',
    ]);
  });

  test.each([
    ['foo=1', 'InvalidConfigurationException: Unknown topic config name: foo'],
    [
      'retention.ms=abc',
      'InvalidConfigurationException: Invalid value abc for configuration retention.ms: Not a number of type LONG',
    ],
  ])('%s is refused with the arguments and the reason', async (pair, reason) => {
    const { stdout, stderr, exitCode } = await configs('--alter', '--topic', 'orders', '--add-config', pair);
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toBe(
      `Error while executing config command with args '--bootstrap-server ${bench.broker.bootstrapServers} --alter --topic orders --add-config ${pair}'\n` +
        `java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.${reason}\n`,
    );
  });

  test('a topic that is not there is no failure of describe', async () => {
    expect(await configs('--describe', '--topic', 'nope')).toMatchObject({
      stdout: "The topic 'nope' doesn't exist and doesn't have dynamic config.\n",
      exitCode: 0,
    });
  });
});

describe('brokers', () => {
  test("one broker's configs and the defaults of all stand under their own headings", async () => {
    await configs('--alter', '--broker', '1', '--add-config', 'log.cleaner.threads=2');
    const set = await configs('--alter', '--broker-defaults', '--add-config', 'log.cleaner.backoff.ms=15001');
    expect(set.stdout).toBe('Completed updating default config for brokers in the cluster.\n');
    const { stdout } = await configs('--describe', '--entity-type', 'brokers');
    expect(stdout).toContain('Dynamic configs for broker 1 are:\n  log.cleaner.threads=2 sensitive=false synonyms={');
    expect(stdout).toContain(
      'Default configs for brokers in the cluster are:\n' +
        '  log.cleaner.backoff.ms=15001 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:log.cleaner.backoff.ms=15001}\n',
    );
  });

  test('what cannot change while it runs is refused', async () => {
    const { stderr, exitCode } = await configs('--alter', '--broker', '1', '--add-config', 'num.partitions=3');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('InvalidRequestException: Cannot update these configs dynamically: [num.partitions]\n');
  });
});

describe('quotas', () => {
  test('of a user, of a client, of both and of all users', async () => {
    const alter = async (...entity: string[]) => {
      const quota = 'consumer_byte_rate=2048,producer_byte_rate=1024';
      expect((await configs('--alter', ...entity, '--add-config', quota)).exitCode).toBe(0);
      return (await configs('--describe', ...entity)).stdout;
    };
    const quotas = 'consumer_byte_rate=2048.0, producer_byte_rate=1024.0\n';
    expect(await alter('--user', 'u1')).toBe(`Quota configs for user-principal 'u1' are ${quotas}`);
    expect(await alter('--client', 'c1')).toBe(`Quota configs for client-id 'c1' are ${quotas}`);
    expect(await alter('--user-defaults')).toBe(`Quota configs for the default user-principal are ${quotas}`);
    expect(await alter('--user', 'u1', '--client', 'c1')).toBe(
      `Quota configs for user-principal 'u1', client-id 'c1' are ${quotas}`,
    );
  });

  test('a name that is no quota is refused before the broker is asked', async () => {
    const { stderr, exitCode } = await configs('--alter', '--client', 'c1', '--add-config', 'foo=1');
    expect([stderr, exitCode]).toEqual([
      "Only quota configs can be added for 'clients' using --bootstrap-server. Unexpected config names: foo\n",
      1,
    ]);
  });
});

test('--output json is one document with the same facts', async () => {
  await configs('--alter', '--topic', 'orders', '--add-config', 'min.insync.replicas=1');
  const { stdout } = await configs('--describe', '--topic', 'orders', '--output', 'json');
  expect(JSON.stringify(JSON.parse(stdout))).toContain('"min.insync.replicas"');
});
