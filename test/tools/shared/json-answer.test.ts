/** Goal: with `--output json` stdout is one JSON document whatever happens, and Kafka's words are still on stderr. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tool as configs } from '../../../src/tools/configs/command.ts';
import { tool as consoleConsumer } from '../../../src/tools/console-consumer/command.ts';
import { tool as consumerGroups } from '../../../src/tools/consumer-groups/command.ts';
import { printJson } from '../../../src/tools/shared/json-output.ts';
import { runGuarded } from '../../../src/tools/shared/run-guarded.ts';
import { type Tool, ToolExit, type ToolIo } from '../../../src/tools/shared/tool.ts';
import { tool as storage } from '../../../src/tools/storage/command.ts';
import { tool as topics } from '../../../src/tools/topics/command.ts';
import { TestIo } from '../test-io.ts';
import { ToolBench } from '../with-broker.ts';

async function answerOf(tool: Tool, argv: readonly string[]) {
  const io = new TestIo();
  const exitCode = await runGuarded(tool, [...argv, '--output', 'json'], io);
  return { exitCode, document: JSON.parse(io.stdout.text) as unknown, stderr: io.stderr.text };
}

function toolThat(run: (io: ToolIo) => Promise<number> | number): Tool {
  return { name: 'kafka-test', summary: 'a tool', answersInJson: true, run: async (_argv, io) => run(io) };
}

describe('a tool that answers in JSON', () => {
  test('prints its document alone on stdout; what it says besides goes to stderr', async () => {
    const tool = toolThat((io) => {
      io.stdout.write('WARNING: mind the gap\n');
      printJson(io, { created: 'orders' });
      return 0;
    });
    expect(await answerOf(tool, [])).toEqual({
      exitCode: 0,
      document: { created: 'orders' },
      stderr: 'WARNING: mind the gap\n',
    });
  });

  test('prints the reason when it fails, and keeps its exit code', async () => {
    const tool = toolThat(() => {
      throw new ToolExit(3, { stderr: 'no such thing\njava.lang.Exception: no such thing\n\n' });
    });
    const { exitCode, document, stderr } = await answerOf(tool, []);
    expect([exitCode, document]).toEqual([3, { error: 'no such thing' }]);
    expect(stderr).toContain('java.lang.Exception');
  });

  test('prints the reason of a failure that nobody expected', async () => {
    const tool = toolThat(() => {
      throw new Error('broken');
    });
    expect((await answerOf(tool, [])).document).toEqual({ error: 'java.lang.RuntimeException: broken' });
  });

  test('prints an empty document when there was nothing to do', async () => {
    expect(
      (
        await answerOf(
          toolThat(() => 0),
          [],
        )
      ).document,
    ).toEqual({});
  });

  test('asks nobody, at a terminal too', async () => {
    const io = new TestIo();
    Object.assign(io.terminal, { stdin: true, stdout: true, stderr: true });
    const tool = toolThat((inner) => {
      printJson(inner, inner.terminal);
      return 0;
    });
    await runGuarded(tool, ['--output=json'], io);
    expect(JSON.parse(io.stdout.text)).toEqual({ stdin: false, stdout: false, stderr: false });
  });

  test('is still one document when it is guarded twice, as ottla does with a bundled tool', async () => {
    const plain = toolThat((io) => {
      printJson(io, [1]);
      return 0;
    });
    const bundled = { ...plain, run: (argv: readonly string[], io: ToolIo) => runGuarded(plain, argv, io) };
    expect((await answerOf(bundled, [])).document).toEqual([1]);
  });

  test('leaves help and version as they are', async () => {
    const io = new TestIo();
    await runGuarded(topics, ['--version', '--output', 'json'], io);
    expect(io.stdout.text).toBe('4.4.0\n');
  });
});

describe('failures of real tools', () => {
  let bench: ToolBench;
  beforeAll(async () => {
    bench = await ToolBench.start([{ name: 'orders', partitions: 1 }]);
  });
  afterAll(() => bench.close());

  test.each<[string, Tool, string[], unknown]>([
    ['a topic that is not there', topics, ['--describe', '--topic', 'x'], "Topic 'x' does not exist as expected"],
    ['a topic that exists', topics, ['--create', '--topic', 'orders'], "Topic 'orders' already exists."],
    ['no action', topics, [], expect.stringMatching(/^Command must include exactly one action/)],
    ['an unknown option', topics, ['--nonsense'], 'nonsense is not a recognized option'],
    ['a group that is not there', consumerGroups, ['--describe', '--group', 'g'], expect.stringMatching(/g not found/)],
    [
      'a config value',
      configs,
      ['--alter', '--topic', 'orders', '--add-config', 'retention.ms=x'],
      expect.stringMatching(/InvalidConfigurationException: Invalid value x for configuration retention.ms/),
    ],
  ])('%s', async (_what, tool, argv, reason) => {
    const { document } = await answerOf(tool, ['--bootstrap-server', bench.broker.bootstrapServers, ...argv]);
    expect(document).toEqual({ error: reason });
  });

  test('records are lines of JSON, and notes stay off stdout', async () => {
    await bench.produce('orders', 0, 2);
    const argv = ['--topic', 'orders', '--from-beginning', '--max-messages', '2', '--property', 'print.key=true'];
    const { stdout, stderr } = await bench.run(consoleConsumer, [...argv, '--output', 'json']);
    const values = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { value: string }).value);
    expect(values).toEqual(['v0', 'v1']);
    expect(stderr).toContain('Option --property is deprecated');
  });

  test('a subcommand that argparse refuses', async () => {
    const { exitCode, document } = await answerOf(storage, ['nonsense']);
    expect(exitCode).toBe(1);
    expect(document).toEqual({ error: expect.stringMatching(/invalid choice/) });
  });

  test('dependencies of features', async () => {
    const { document } = await answerOf(storage, [
      'feature-dependencies',
      '--feature',
      'eligible.leader.replicas.version=1',
    ]);
    expect(document).toEqual([
      { feature: 'eligible.leader.replicas.version', level: 1, requires: { 'metadata.version': 23 } },
    ]);
  });
});
