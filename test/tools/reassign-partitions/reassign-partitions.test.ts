/** Goal: kafka-reassign-partitions carries plans out and tells how far they are, in Kafka's words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tool } from '../../../src/tools/reassign-partitions/command.ts';
import { directoryMovesOf, isMoveDone, moveStateText } from '../../../src/tools/reassign-partitions/directory-moves.ts';
import { ToolBench } from '../with-broker.ts';

let bench: ToolBench;
beforeAll(async () => {
  bench = await ToolBench.start([{ name: 'orders', partitions: 2 }]);
});
afterAll(() => bench.close());

const planFile = (...partitions: object[]) => bench.file('plan.json', JSON.stringify({ version: 1, partitions }));
const on = (partition: number, ...replicas: number[]) => ({ topic: 'orders', partition, replicas });

describe('on one broker', () => {
  test('a plan that changes nothing is started and is done', async () => {
    const path = planFile(on(0, 1), on(1, 1));
    const executed = await bench.run(tool, ['--execute', '--reassignment-json-file', path]);
    const dir = JSON.stringify(bench.broker.dataDir);
    const current = [0, 1].map((i) => `{"topic":"orders","partition":${i},"replicas":[1],"log_dirs":[${dir}]}`).join();
    expect(executed).toEqual({
      stdout:
        `Current partition replica assignment\n\n{"version":1,"partitions":[${current}]}\n\n` +
        'Save this to use as the --reassignment-json-file option during rollback\n' +
        'Successfully started partition reassignments for orders-0,orders-1\n',
      stderr: '',
      exitCode: 0,
    });
    expect((await bench.run(tool, ['--verify', '--reassignment-json-file', path])).stdout).toBe(
      'Status of partition reassignment:\n' +
        'Reassignment of partition orders-0 is completed.\nReassignment of partition orders-1 is completed.\n\n' +
        'Clearing broker-level throttles on broker 1\nClearing topic-level throttles on topic orders\n',
    );
    expect((await bench.run(tool, ['--list'])).stdout).toBe('No partition reassignments found.\n');
  });

  test('throttles are set, and told', async () => {
    const path = planFile(on(0, 1));
    const throttles = ['--throttle', '5000', '--replica-alter-log-dirs-throttle', '6000'];
    const { stdout } = await bench.run(tool, ['--execute', '--reassignment-json-file', path, ...throttles]);
    expect(stdout.split('\n').slice(5)).toEqual([
      'Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.',
      'The inter-broker throttle limit was set to 5000 B/s',
      'The replica-alter-dir throttle limit was set to 6000 B/s',
      'Successfully started partition reassignment for orders-0',
      '',
    ]);
  });

  test('cancelling what does not run says so, the second time without a line end', async () => {
    const path = planFile(on(0, 1));
    const argv = ['--cancel', '--reassignment-json-file', path];
    expect((await bench.run(tool, [...argv, '--preserve-throttles'])).stdout).toBe(
      'None of the specified partition reassignments are active.\nNone of the specified partition moves are active.',
    );
  });

  test('a plan that differs from what is there is told by --verify', async () => {
    const path = planFile({ ...on(0, 1), log_dirs: ['/elsewhere'] }, on(1, 1, 2));
    const { stdout } = await bench.run(tool, ['--verify', '--reassignment-json-file', path, '--preserve-throttles']);
    expect(stdout).toBe(
      'Status of partition reassignment:\nReassignment of partition orders-0 is completed.\n' +
        'There is no active reassignment of partition orders-1, but replica set is 1 rather than 1,2.\n' +
        `Partition orders-0 on broker 1 is not being moved from log dir ${bench.broker.dataDir} to /elsewhere.\n`,
    );
  });

  test.each([
    [[on(0, 9)], 'Error: Unknown broker id 9'],
    [
      [on(0, 1, 1)],
      'Error: Partition replica lists may not contain duplicate entries: orders-0 contains multiple entries for 1',
    ],
    [
      [{ topic: 'nope', partition: 0, replicas: [1] }],
      'Error: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: Topic nope not found.',
    ],
    [
      [{ ...on(0, 1), log_dirs: ['any', 'any'] }],
      'Error: Size of replicas list [1] is different from size of log dirs list [any, any] for partition orders-0',
    ],
  ])('%j is refused on stdout', async (partitions, message) => {
    const { stdout, exitCode } = await bench.run(tool, [
      '--execute',
      '--reassignment-json-file',
      planFile(...partitions),
    ]);
    expect([stdout.split('\n')[0], exitCode]).toEqual([message, 1]);
  });
});

describe('moves between directories', () => {
  const plan = [{ topic: 't', partition: 0, replicas: [1, 2], logDirs: ['any', '/b'] }];
  const [move] = directoryMovesOf(plan);

  test('are asked for by naming a directory', () => {
    expect(directoryMovesOf(plan)).toEqual([{ topic: 't', partition: 0, brokerId: 2, logDir: '/b' }]);
  });

  test.each([
    ['/b', undefined, 'Reassignment of replica t-0-2 completed successfully.'],
    ['/a', '/b', 'Reassignment of replica t-0-2 is still in progress.'],
    ['/a', '/c', 'Partition t-0 on broker 2 is being moved to log dir /c instead of /b.'],
    ['/a', undefined, 'Partition t-0 on broker 2 is not being moved from log dir /a to /b.'],
    [
      undefined,
      undefined,
      'Partition t-0 is not found in any live log dir on broker 2. There is likely an offline log directory on the broker.',
    ],
  ])('from %s to %s: %s', (current, future, text) => {
    if (move === undefined) throw new Error('no move');
    const state = { move, current, future };
    expect(moveStateText(state)).toBe(`${text}\n`);
    expect(isMoveDone(state)).toBe(future === undefined);
  });
});
