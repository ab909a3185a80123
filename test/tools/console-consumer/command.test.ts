/** Goal: what is wrong with the command line of the console consumer is told as Kafka's tool tells it. */
import { describe, expect, test } from 'vitest';
import { tool } from '../../../src/tools/console-consumer/command.ts';
import { runTool } from '../test-io.ts';

async function refusal(...argv: string[]): Promise<string> {
  const { code, stderr } = await runTool(tool, ['--bootstrap-server', '127.0.0.1:1', ...argv]);
  expect(code).toBe(1);
  return stderr.replace(/^The consumer rebalance protocol.*\n/, '').replace(/^\[[^\]]+\] /, '');
}

const UNKNOWN = 'ERROR Unknown error when running consumer:  (org.apache.kafka.tools.consumer.ConsoleConsumer)\n';

describe('refused', () => {
  test.each([
    [
      ['--topic', ''],
      'java.lang.IllegalArgumentException: Topic collection to subscribe to cannot contain null or empty topic',
    ],
    [['--include', ''], 'java.lang.IllegalArgumentException: Topic pattern to subscribe to cannot be empty'],
    [['--include', '*'], "java.util.regex.PatternSyntaxException: Dangling meta character '*' near index 0\n*\n^"],
    [
      ['--topic', 't', '--command-property', 'max.poll.records=0'],
      'org.apache.kafka.common.config.ConfigException: Invalid value 0 for configuration max.poll.records: Value must be at least 1',
    ],
    [
      ['--topic', 't', '--command-property', 'heartbeat.interval.ms=60000'],
      'org.apache.kafka.common.KafkaException: Failed to construct kafka consumer\n' +
        'Caused by: java.lang.IllegalArgumentException: Heartbeat must be set lower than the session timeout',
    ],
    [
      ['--topic', 't', '--command-property', 'auto.offset.reset=foo'],
      'org.apache.kafka.common.config.ConfigException: Invalid value foo for configuration auto.offset.reset: Invalid value `foo` for configuration ' +
        "auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.",
    ],
  ])('%j', async (argv, trace) => {
    expect(await refusal(...argv)).toBe(`${UNKNOWN}${trace}\n`);
  });

  test('an address without a port is found by the constructor, which says so', async () => {
    const { code, stderr } = await runTool(tool, ['--bootstrap-server', 'localhost', '--topic', 't']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'org.apache.kafka.common.KafkaException: Failed to construct kafka consumer\n' +
        'Caused by: org.apache.kafka.common.config.ConfigException: Invalid url in bootstrap.servers: localhost\n',
    );
  });

  test('a file of formatter properties that is not there, with the usage', async () => {
    expect(await refusal('--topic', 't', '--formatter-config', '/no/such/file')).toMatch(
      /^\/no\/such\/file\nOption +Desc/,
    );
  });
});
