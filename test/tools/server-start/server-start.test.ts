/** Goal: kafka-server-start answers what is no start as Kafka's script and its kafka.Kafka do, and a person with help. */
import { expect, test } from 'vitest';
import { tool } from '../../../src/tools/server-start/command.ts';
import { runCaptured } from '../captured-io.ts';

/** What kafka.Kafka of Kafka 4.4 prints. */
const KAFKA_HELP = `USAGE: java [options] kafka.Kafka server.properties [--override property=value]*
Option               Description                                         
------               -----------                                         
--override <String>  Optional property that should override values set in
                       server.properties file (e.g. Key=value)           
--version            Print version information and exit.                 
`;

test.each([[['--help']], [['server.properties', '--help']]])(
  '%j through a pipe is the help of kafka.Kafka',
  async (argv) => {
    expect(await runCaptured(tool, argv)).toEqual({ stdout: '', stderr: KAFKA_HELP, exitCode: 1 });
  },
);

test('without arguments through a pipe it is the usage of the script', async () => {
  const usage = 'USAGE: kafka-server-start [-daemon] server.properties [--override property=value]*\n';
  expect(await runCaptured(tool, [])).toEqual({ stdout: usage, stderr: '', exitCode: 1 });
});

test.each([[['--version']], [['server.properties', '--version']]])('%j is the version', async (argv) => {
  expect(await runCaptured(tool, argv)).toEqual({ stdout: '4.4.0\n', stderr: '', exitCode: 0 });
});

test.each([[[]], [['--help']]])('%j at a terminal is help for people', async (argv) => {
  const { stdout, stderr, exitCode } = await runCaptured(tool, argv, { terminal: true });
  expect([stderr, exitCode]).toEqual(['', 0]);
  expect(stdout).toContain('Examples:\n');
  expect(stdout).toContain('\nUsage: kafka-server-start server.properties [options]\n');
  expect(stdout).toContain('--override <value>');
});

test('-daemon is refused with what to do instead', async () => {
  const { stderr, exitCode } = await runCaptured(tool, ['-daemon', 'server.properties']);
  expect([stderr, exitCode]).toEqual([expect.stringContaining('ottla cluster start --brokers 1 --detach'), 1]);
});
