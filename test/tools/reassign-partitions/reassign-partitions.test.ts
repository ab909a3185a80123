/** Goal: kafka-reassign-partitions carries plans out and tells how far they are, in Kafka's words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.ts';
import type { LogDirDescription } from '../../../src/client/admin/cluster.ts';
import { Producer } from '../../../src/client/producer.ts';
import { startCluster } from '../../../src/index.ts';
import { tool } from '../../../src/tools/reassign-partitions/command.ts';
import { directoryMovesOf, isMoveDone, moveStateText } from '../../../src/tools/reassign-partitions/directory-moves.ts';
import { transferOf } from '../../../src/tools/reassign-partitions/transfer.ts';
import { runCaptured } from '../captured-io.ts';
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

describe('at a terminal', () => {
  const directory = (logDir: string, isFuture: boolean, sizeBytes: number): LogDirDescription => ({
    logDir,
    error: undefined,
    replicas: new Map([['t', new Map([[0, { isFuture, sizeBytes, offsetLag: 0 }]])]]),
    totalBytes: -1,
    usableBytes: -1,
    isCordoned: false,
  });
  const running = { topic: 't', partition: 0, replicas: [1, 2, 3], addingReplicas: [2, 3], removingReplicas: [] };

  test('what is added has arrived in part, or not yet; a broker that does not answer has nothing', () => {
    const directories = new Map<number, KafkaError | LogDirDescription[]>([
      [1, [directory('/a', false, 1000)]],
      [2, [directory('/a', false, 400)]],
      [3, new KafkaError('REQUEST_TIMED_OUT')],
    ]);
    expect(transferOf([running], [], directories)).toEqual({ replicas: 2, arrivedBytes: 400, totalBytes: 2000 });
  });

  test('what moves to another directory has arrived in part; what does not move does not count', () => {
    const moves = [1, 2].map((brokerId) => ({ topic: 't', partition: 0, brokerId, logDir: '/b' }));
    const directories = new Map([
      [1, [directory('/a', false, 1000), directory('/b', true, 300)]],
      [2, [directory('/b', false, 1000)]],
    ]);
    expect(transferOf([], moves, directories)).toEqual({ replicas: 1, arrivedBytes: 300, totalBytes: 1000 });
  });

  test('--verify tells how much of a running reassignment has arrived, through a pipe it does not', async () => {
    const cluster = await startCluster({ brokers: 2, topics: [{ name: 'big', partitions: 1, replicationFactor: 1 }] });
    try {
      const properties = new Map([['bootstrap.servers', cluster.bootstrapServers]]);
      const producer = await Producer.create(properties);
      await producer.connectTopic('big');
      const value = Buffer.alloc(100_000);
      for (let i = 0; i < 40; i++) producer.send('big', { partition: 0, timestampMs: 1, key: null, value });
      await producer.close();
      const path = bench.file(
        'big.json',
        JSON.stringify({ partitions: [{ topic: 'big', partition: 0, replicas: [1, 2] }] }),
      );
      const act = (argv: string[], terminal: boolean) => {
        const all = ['--bootstrap-server', cluster.bootstrapServers, ...argv, '--reassignment-json-file', path];
        return runCaptured(tool, all, { terminal });
      };
      // So slow that it is not over before it is looked at.
      expect((await act(['--execute', '--throttle', '1000'], false)).exitCode).toBe(0);
      const stdout = 'Status of partition reassignment:\nReassignment of partition big-0 is still in progress.\n\n';
      const line = expect.stringMatching(/^Moving 1 replica █*░+ \d+%, [\d,]+ of 4,\d{3} kB\n$/);
      expect(await act(['--verify'], true)).toEqual({ stdout, stderr: line, exitCode: 0 });
      expect(await act(['--verify'], false)).toEqual({ stdout, stderr: '', exitCode: 0 });
      const json = await act(['--verify', '--output', 'json'], true);
      expect([json.stderr, JSON.parse(json.stdout).partitions[0].isRunning]).toEqual(['', true]);
    } finally {
      await cluster.close();
    }
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
