/** Goal: kafka-consumer-groups acts on groups of a broker, and prints what Kafka's prints. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GroupConsumer } from '../../../src/client/group-consumer.ts';
import { tool } from '../../../src/tools/consumer-groups/command.ts';
import { tool as topics } from '../../../src/tools/topics/command.ts';
import { runTool } from '../test-io.ts';
import { ToolBench } from '../with-broker.ts';

let bench: ToolBench;
beforeAll(async () => {
  bench = await ToolBench.start([{ name: 'orders', partitions: 2 }]);
  await bench.produce('orders', 0, 5);
  await bench.produce('orders', 1, 3);
});
afterAll(() => bench.close());

const HEADER = '\nGROUP           TOPIC           PARTITION  NEW-OFFSET\n';
const groups = (...argv: string[]) => bench.run(tool, argv);

function planRows(group: string, ...offsets: number[]): string {
  const rows = offsets.map((offset, i) => `${group.padEnd(15)} orders          ${String(i).padEnd(10)} ${offset}\n`);
  return `${HEADER}${rows.join('')}`;
}

/** Sets the offsets of a group without members. */
async function commit(group: string, ...scenario: string[]): Promise<void> {
  const result = await groups('--reset-offsets', '--group', group, '--topic', 'orders', ...scenario, '--execute');
  expect([result.stderr, result.exitCode]).toEqual(['', 0]);
}

describe('--reset-offsets', () => {
  test('a dry run tells the plan and changes nothing; --execute creates the group', async () => {
    const line = ['--reset-offsets', '--group', 'fresh', '--topic', 'orders', '--to-latest'];
    expect(await groups(...line, '--dry-run')).toEqual({ stdout: planRows('fresh', 5, 3), stderr: '', exitCode: 0 });
    expect((await groups('--list')).stdout).not.toContain('fresh');
    expect((await groups(...line, '--execute')).stdout).toBe(planRows('fresh', 5, 3));
    expect((await groups('--list')).stdout.split('\n')).toContain('fresh');
  });

  // As Apache Kafka 4.4 prints these two; JSON is sorted.
  test("partitions come in the order of Java's hash map", async () => {
    const line = ['--reset-offsets', '--group', 'ordered', '--topic', 'pb', '--to-earliest', '--dry-run'];
    await bench.run(topics, ['--create', '--topic', 'pb', '--partitions', '2']);
    expect((await groups(...line, '--export')).stdout).toBe('pb,1,0\npb,0,0\n\n');
    const { stdout } = await groups(...line, '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject([{ partition: 0 }, { partition: 1 }]);
  });

  test('a plan with an offset below zero is refused with the usage', async () => {
    const path = bench.file('negative.csv', 'orders,0,-5\n');
    const { stderr, exitCode } = await groups('--reset-offsets', '--group', 'g', '--from-file', path, '--execute');
    expect(stderr).toMatch(/^Invalid negative offset\nOption +Desc/);
    expect(exitCode).toBe(1);
  });

  test('a file of settings that is not there, an address that is none', async () => {
    const failed = 'Executing consumer group command failed due to';
    expect(await groups('--list', '--command-config', '/no/such/file')).toEqual({
      stdout: `\nError: ${failed} java.nio.file.NoSuchFileException: /no/such/file\n`,
      stderr: 'java.lang.RuntimeException: java.nio.file.NoSuchFileException: /no/such/file\n',
      exitCode: 0,
    });
    const { stdout } = await runTool(tool, ['--bootstrap-server', 'nowhere', '--list']);
    expect(stdout).toBe(`\nError: ${failed} Failed to create new KafkaAdminClient\n`);
  });

  test.each([
    [['--to-earliest'], [0, 0]],
    [
      ['--to-offset', '2'],
      [2, 2],
    ],
    [
      ['--to-datetime', '1970-01-01T00:00:03.000'],
      [2, 2],
    ],
    [['--to-current'], [1, 1]],
    [
      ['--shift-by', '2'],
      [3, 3],
    ],
  ])('%j', async (scenario, offsets) => {
    await commit('scenarios', '--to-offset', '1');
    const line = ['--reset-offsets', '--group', 'scenarios', '--topic', 'orders', '--dry-run'];
    expect((await groups(...line, ...scenario)).stdout).toBe(planRows('scenarios', ...offsets));
  });

  test('what lies beyond the end is cut to it, with a warning', async () => {
    const line = ['--reset-offsets', '--group', 'far', '--topic', 'orders:1', '--to-offset', '50', '--dry-run'];
    const { stdout, stderr } = await groups(...line);
    expect(stdout).toBe(`${HEADER}far             orders          1          3\n`);
    expect(stderr).toMatch(
      /WARN New offset \(50\) is higher than latest offset for topic partition orders-1\. Value will be set to 3\. \(/,
    );
  });

  test('an exported plan is carried out by --from-file', async () => {
    await commit('exported', '--to-offset', '1');
    const line = ['--reset-offsets', '--group', 'exported', '--all-topics', '--to-latest', '--dry-run', '--export'];
    const { stdout } = await groups(...line);
    expect(stdout).toBe('orders,0,5\norders,1,3\n\n');
    const path = bench.file('plan.csv', 'orders,0,4\norders,1,2\n');
    const from = ['--reset-offsets', '--group', 'exported', '--from-file', path, '--execute'];
    expect((await groups(...from)).stdout).toBe(planRows('exported', 4, 2));
  });

  test('without --execute and --dry-run a warning says that nothing will happen', async () => {
    const { stderr } = await groups('--reset-offsets', '--group', 'warned', '--topic', 'orders', '--to-latest');
    expect(stderr).toMatch(/^WARN: No action will be performed as the --execute option is missing\./);
    expect((await groups('--list')).stdout).not.toContain('warned');
  });
});

describe('--describe', () => {
  test('of a group without members: the offsets, and a note on stderr', async () => {
    await commit('idle', '--to-offset', '1');
    const { stdout, stderr, exitCode } = await groups('--describe', '--group', 'idle');
    expect([stderr, exitCode]).toEqual(["\nConsumer group 'idle' has no active members.\n", 0]);
    expect(stdout.split('\n').map((line) => line.split(/ +/))).toEqual([
      [''],
      'GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID'.split(' '),
      ['idle', 'orders', '0', '1', '5', '4', '-', '-', '-'],
      ['idle', 'orders', '1', '1', '3', '2', '-', '-', '-'],
      [''],
    ]);
  });

  test('a group that is not there is a failure told on stdout, with exit code 0', async () => {
    const { stdout, stderr, exitCode } = await groups('--describe', '--group', 'nobody');
    const what = 'org.apache.kafka.common.errors.GroupIdNotFoundException: Group nobody not found.';
    expect(stdout).toBe(`\nError: Executing consumer group command failed due to ${what}\n`);
    expect([stderr.split('\n')[0], exitCode]).toEqual([`java.util.concurrent.ExecutionException: ${what}`, 0]);
  });
});

describe('a group with a member', () => {
  let member: GroupConsumer;
  beforeAll(async () => {
    member = await startMember('busy');
  });
  afterAll(() => member.close());

  test('has a member with its partitions, and a state', async () => {
    const { stdout } = await groups('--describe', '--group', 'busy', '--members', '--verbose');
    expect(stdout).toMatch(/\nbusy +\S+ \/(127\.0\.0\.1|0:0:0:0:0:0:0:1) +\S+ +2 +- +orders:0,1 /);
    const state = await groups('--describe', '--group', 'busy', '--state');
    expect(state.stdout).toContain(`\nbusy            ${`${bench.broker.bootstrapServers}  (1)`.padEnd(25)} range `);
    expect((await groups('--list', '--state', 'stable')).stdout).toMatch(/^GROUP +STATE +\nbusy +Stable +\n$/);
  });

  test('cannot be deleted or reset while it is in use', async () => {
    const deleted = await groups('--delete', '--group', 'busy');
    expect(deleted.stdout).toBe(
      '\nError: Deletion of some consumer groups failed:\n' +
        "* Group 'busy' could not be deleted due to: org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty.\n",
    );
    const reset = await groups('--reset-offsets', '--group', 'busy', '--topic', 'orders', '--to-latest', '--execute');
    expect(reset.stdout).toContain(
      "\nError: Assignments can only be reset if the group 'busy' is inactive, but the current state is Stable.\n",
    );
  });
});

/** A member of a classic group that has its assignment. */
async function startMember(group: string): Promise<GroupConsumer> {
  const properties = new Map([
    ['bootstrap.servers', bench.broker.bootstrapServers],
    ['group.id', group],
    ['auto.offset.reset', 'earliest'],
  ]);
  const member = await GroupConsumer.create(properties, { topics: ['orders'] });
  while (member.owned.length < 2) await member.poll(50, () => true);
  return member;
}

test('--delete-offsets takes one topic away from a group', async () => {
  await commit('partly', '--to-offset', '1');
  const { stdout } = await groups('--delete-offsets', '--group', 'partly', '--topic', 'orders:0');
  expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
    'Request succeeded for deleting offsets from group partly.',
    '',
    'TOPIC           PARTITION  STATUS',
    'orders          0          Successful',
    '',
  ]);
  const left = await groups('--reset-offsets', '--group', 'partly', '--all-topics', '--to-current', '--dry-run');
  expect(left.stdout).toBe(`${HEADER}partly          orders          1          1\n`);
});

test('--delete removes groups, and tells which were not there', async () => {
  await commit('gone', '--to-latest');
  const { stdout } = await groups('--delete', '--group', 'gone', '--group', 'never');
  expect(stdout).toContain("* Group 'never' could not be deleted due to: ");
  expect(stdout).toContain("These consumer groups were deleted successfully: 'gone'");
  expect((await groups('--list')).stdout.split('\n')).not.toContain('gone');
});
