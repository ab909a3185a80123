/** Goal: a person at a terminal is asked for what a command line lacks; a script gets Kafka's error. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { tool as configs } from '../../../src/tools/configs/command.ts';
import { tool as consoleConsumer } from '../../../src/tools/console-consumer/command.ts';
import { tool as consumerGroups } from '../../../src/tools/consumer-groups/command.ts';
import { tool as getOffsets } from '../../../src/tools/get-offsets/command.ts';
import { tool as leaderElection } from '../../../src/tools/leader-election/command.ts';
import { tool as shareGroups } from '../../../src/tools/share-groups/command.ts';
import type { Tool } from '../../../src/tools/shared/tool.ts';
import { tool as topics } from '../../../src/tools/topics/command.ts';
import { runCaptured } from '../captured-io.ts';
import { ToolBench } from '../with-broker.ts';

interface Asked {
  readonly type: string;
  readonly message: string;
  readonly choices?: readonly string[];
}

/** What the person was asked, and what they will answer: a text, yes or no, or the start of a choice. */
const person = vi.hoisted(() => ({ asked: [] as Asked[], answers: [] as (string | boolean)[] }));

vi.mock('inquirer', () => ({
  default: {
    prompt: async ([question]: [Asked]) => {
      person.asked.push(question);
      const answer = person.answers.shift();
      if (answer === undefined) throw new Error(`there is no answer to ${JSON.stringify(question)}`);
      const chosen = question.choices?.find((choice) => choice.startsWith(String(answer)));
      return { answer: chosen ?? answer };
    },
  },
}));

const plain = (text: string) => text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '');

let bench: ToolBench;
beforeAll(async () => {
  bench = await ToolBench.start([
    { name: 'orders', partitions: 1 },
    { name: 'pay', partitions: 1 },
  ]);
  await bench.produce('orders', 0, 3);
  const offsets = bench.file('plan.csv', 'orders,0,2\n');
  await bench.run(consumerGroups, ['--reset-offsets', '--group', 'billing', '--from-file', offsets, '--execute']);
});
afterAll(() => bench.close());
beforeEach(() => {
  person.asked = [];
  person.answers = [];
});

const atTerminal = { terminal: true } as const;

async function committed(group: string): Promise<string> {
  const { stdout } = await bench.run(consumerGroups, ['--describe', '--group', group]);
  return (
    stdout
      .split('\n')
      .find((line) => line.includes('orders'))
      ?.split(/\s+/)[3] ?? ''
  );
}

describe('at a terminal', () => {
  test('the address is asked for, the local broker offered', async () => {
    person.answers = [bench.broker.bootstrapServers];
    const { stdout, exitCode } = await runCaptured(getOffsets, ['--topic', 'orders'], atTerminal);
    expect(exitCode).toBe(0);
    expect(plain(stdout)).toMatch(/orders +0 +3/);
    expect(person.asked).toMatchObject([{ type: 'input', default: 'localhost:9092' }]);
  });

  test('the console consumer offers the topics that are there, after it has asked where', async () => {
    person.answers = [bench.broker.bootstrapServers, 'orders'];
    const argv = ['--from-beginning', '--max-messages', '3'];
    const { stdout } = await runCaptured(consoleConsumer, argv, atTerminal);
    expect(stdout).toContain('v0\nv1\nv2\n');
    expect(person.asked[1]?.choices).toEqual(['orders', 'pay', '(another one)']);
  });

  test('an action is chosen', async () => {
    person.answers = ['list'];
    const { stdout } = await bench.run(topics, [], atTerminal);
    expect(stdout).toContain('orders');
  });

  test('kafka-configs asks for the entity and the change', async () => {
    person.answers = ['topic', 'pay', 'add-config', 'retention.ms=1000'];
    const { stdout, exitCode } = await bench.run(configs, ['--alter'], atTerminal);
    expect([exitCode, stdout]).toEqual([0, 'Completed updating config for topic pay.\n']);
  });

  test('kafka-leader-election asks for the kind and the partitions', async () => {
    person.answers = ['preferred', 'topic', 'orders', '0'];
    const { stdout } = await bench.run(leaderElection, [], atTerminal);
    expect(stdout).toBe('Valid replica already elected for partitions orders-0\n');
  });

  test('a plan of new offsets is shown, and carried out on a yes only', async () => {
    const argv = ['--reset-offsets', '--group', 'billing', '--topic', 'orders', '--to-earliest'];
    expect(await committed('billing')).toBe('2');
    person.answers = [false];
    const refused = await bench.run(consumerGroups, argv, atTerminal);
    expect(refused.stderr).toBe('');
    expect(plain(refused.stdout)).toMatch(/billing +orders +0 +0/);
    expect(await committed('billing')).toBe('2');
    person.answers = [true];
    await bench.run(consumerGroups, argv, atTerminal);
    expect(await committed('billing')).toBe('0');
  });

  test('the group, the scope and the scenario of a reset are asked for', async () => {
    person.answers = ['group', 'billing', 'all-topics', 'to-offset', '1', true];
    const { exitCode } = await bench.run(consumerGroups, ['--reset-offsets'], atTerminal);
    expect(exitCode).toBe(0);
    expect(await committed('billing')).toBe('1');
  });

  test('a group is deleted on a yes only', async () => {
    person.answers = [false];
    await bench.run(consumerGroups, ['--delete', '--group', 'billing'], atTerminal);
    expect(await committed('billing')).not.toBe('');
  });

  test('a tool that is not there asks nothing', async () => {
    const { exitCode } = await runCaptured(shareGroups, ['--list'], atTerminal);
    expect([exitCode, person.asked]).toEqual([1, []]);
  });
});

test('who wants JSON is asked nothing', async () => {
  const { exitCode } = await bench.run(consoleConsumer, ['--output', 'json'], atTerminal);
  expect([exitCode, person.asked]).toEqual([1, []]);
});

test.each<[string, Tool, string[], RegExp]>([
  ['no address', getOffsets, ['--topic', 't'], /^Missing required argument "\[bootstrap-server\]"\nOption /],
  ['no topic', consoleConsumer, [], /^/],
  ['no topic to read', consoleConsumer, ['--from-beginning'], /^Exactly one of the following arguments is required/],
  ['no action', topics, ['--topic', 't'], /^Command must include exactly one action/],
  ['no entity', configs, ['--alter', '--bootstrap-server', 'x:1'], /^At least one entity type must be specified\n$/],
  [
    'no kind of election',
    leaderElection,
    ['--topic', 't'],
    /^Missing required option\(s\): bootstrap-server, election-type\norg/,
  ],
  ['no group', consumerGroups, ['--delete', '--bootstrap-server', 'x:1'], /^Option \[delete\] takes one of these/],
])('through a pipe nobody is asked: %s', async (_what, tool, argv, message) => {
  const { exitCode, stderr } = await runCaptured(tool, argv);
  expect([exitCode, person.asked]).toEqual([1, []]);
  expect(stderr).toMatch(message);
});
