/** Goal: the small tools that look at offsets, groups and disk print what Kafka's print, in its formats. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tool as consumerGroups } from '../../../src/tools/consumer-groups/command.ts';
import { tool as deleteRecords } from '../../../src/tools/delete-records/command.ts';
import { tool as getOffsets } from '../../../src/tools/get-offsets/command.ts';
import { tool as groups } from '../../../src/tools/groups/command.ts';
import { tool as logDirs } from '../../../src/tools/log-dirs/command.ts';
import { ToolBench } from '../with-broker.ts';

let bench: ToolBench;
beforeAll(async () => {
  bench = await ToolBench.start([
    { name: 'orders', partitions: 3 },
    { name: 'audit' },
    { name: 'purged', partitions: 2 },
  ]);
  await bench.produce('orders', 0, 5);
  await bench.produce('orders', 2, 3);
  await bench.produce('purged', 0, 4);
});
afterAll(() => bench.close());

describe('kafka-get-offsets', () => {
  test.each([
    ['the ends', ['--topic', 'orders'], 'orders:0:5\norders:1:0\norders:2:3\n'],
    ['the starts', ['--topic', 'orders', '--time', 'earliest'], 'orders:0:0\norders:1:0\norders:2:0\n'],
    ['a time; what has no record so late is left out', ['--topic', 'orders', '--time', '4000'], 'orders:0:3\n'],
    [
      'the latest timestamp; an empty partition has none',
      ['--topic', 'orders', '--time', '-3'],
      'orders:0:4\norders:2:2\n',
    ],
    ['some partitions', ['--topic', 'orders|audit', '--partitions', '1,2'], 'orders:1:0\norders:2:3\n'],
    ['a range without its end', ['--topic-partitions', 'orders:1-2'], 'orders:1:0\n'],
    ['patterns with partitions', ['--topic-partitions', 'aud.*,orders:0-2'], 'audit:0:0\norders:0:5\norders:1:0\n'],
  ])('%s', async (_, argv, stdout) => {
    expect(await bench.run(getOffsets, argv)).toEqual({ stdout, stderr: '', exitCode: 0 });
  });

  test.each([
    [['--topic', 'nope'], 'Could not match any topic-partitions with the specified filters'],
    [
      ['--topic', 'orders', '--topic-partitions', 'x'],
      '--topic-partitions cannot be used with --topic or --partitions',
    ],
    [
      ['--time', 'foo'],
      'Malformed time argument foo. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp',
    ],
  ])('%j is refused', async (argv, message) => {
    const { stdout, stderr, exitCode } = await bench.run(getOffsets, argv);
    expect([stdout, stderr.split('\n')[0], exitCode]).toEqual(['', `Error occurred: ${message}`, 1]);
  });
});

describe('kafka-delete-records', () => {
  const plan = (...partitions: { topic: string; partition: number; offset: number }[]) =>
    bench.file('delete.json', JSON.stringify({ partitions, version: 1 }));
  const run = (path: string) => bench.run(deleteRecords, ['--offset-json-file', path]);

  test('the low watermark goes up, to the end with -1', async () => {
    const path = plan({ topic: 'purged', partition: 0, offset: 2 }, { topic: 'purged', partition: 1, offset: -1 });
    const { stdout, exitCode } = await run(path);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'Executing records delete operation',
      'Records delete operation completed:',
    ]);
    expect(stdout.split('\n').slice(2).sort()).toEqual([
      '',
      'partition: purged-0\tlow_watermark: 2',
      'partition: purged-1\tlow_watermark: 0',
    ]);
    expect(exitCode).toBe(0);
    const starts = await bench.run(getOffsets, ['--topic', 'purged', '--time', 'earliest']);
    expect(starts.stdout).toBe('purged:0:2\npurged:1:0\n');
  });

  test('an offset behind the end is an error of its partition, told on both streams, with exit code 0', async () => {
    const { stdout, stderr, exitCode } = await run(plan({ topic: 'purged', partition: 0, offset: 99 }));
    expect(stdout).toMatch(
      /\npartition: purged-0\terror: org\.apache\.kafka\.common\.errors\.OffsetOutOfRangeException: /,
    );
    expect(stderr).toMatch(/ERROR .*purged-0 failed due to an unexpected error OFFSET_OUT_OF_RANGE \(/);
    expect(exitCode).toBe(0);
  });

  test.each([
    [
      '{"partitions":[{"topic":"a","partition":0,"offset":1},{"topic":"a","partition":0,"offset":2}]}',
      'Offset json file contains duplicate topic partitions: a-0',
    ],
    ['no json', 'The input string is not a valid JSON'],
    ['{"version":1}', 'Missing partitions field'],
  ])('%s is refused', async (text, message) => {
    const { stderr, exitCode } = await run(bench.file('bad.json', text));
    expect([stderr.split('\n')[0], exitCode]).toEqual([message, 1]);
  });
});

describe('kafka-log-dirs', () => {
  test('tells of every partition of the topics asked for, in one JSON line after two others', async () => {
    const { stdout, exitCode } = await bench.run(logDirs, ['--describe', '--topic-list', 'orders']);
    const [querying, received, json = ''] = stdout.split('\n');
    expect([querying, received, exitCode]).toEqual([
      'Querying brokers for log directories information',
      'Received log directory information from brokers 1',
      0,
    ]);
    const document = JSON.parse(json) as {
      version: number;
      brokers: {
        broker: number;
        logDirs: { logDir: string; error: null; partitions: { partition: string; size: number }[] }[];
      }[];
    };
    expect(document).toMatchObject({
      version: 1,
      brokers: [{ broker: 1, logDirs: [{ error: null, logDir: bench.broker.dataDir }] }],
    });
    const sizes = new Map(document.brokers[0]?.logDirs[0]?.partitions.map(({ partition, size }) => [partition, size]));
    expect([...sizes.keys()].sort()).toEqual(['orders-0', 'orders-1', 'orders-2']);
    expect(sizes.get('orders-1')).toBe(0);
    expect(sizes.get('orders-0')).toBeGreaterThan(sizes.get('orders-2') ?? Number.POSITIVE_INFINITY);
  });

  test('a broker that is not there is refused', async () => {
    expect(await bench.run(logDirs, ['--describe', '--broker-list', '1,7'])).toEqual({
      stdout: '',
      stderr: 'ERROR: The given brokers do not exist from --broker-list: 7. Current existent brokers: 1\n',
      exitCode: 1,
    });
  });
});

describe('kafka-groups', () => {
  beforeAll(async () => {
    const line = ['--reset-offsets', '--group', 'a-group', '--topic', 'orders', '--to-latest', '--execute'];
    expect((await bench.run(consumerGroups, line)).exitCode).toBe(0);
  });

  test('lists groups in columns; rows have one blank more than the heading', async () => {
    const { stdout } = await bench.run(groups, ['--list']);
    const cells = (...texts: string[]) => texts.map((text) => text.padEnd(20)).join(' ');
    expect(stdout).toBe(`${cells('GROUP', 'TYPE', 'PROTOCOL')}\n${cells('a-group', 'Classic', '')} \n`);
  });

  test.each([
    [['--consumer'], 1],
    [['--group-type', 'CLASSIC'], 1],
    [['--share'], 0],
    [['--protocol', 'other'], 0],
  ])('%j', async (argv, count) => {
    const { stdout } = await bench.run(groups, ['--list', ...argv]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1 + count);
  });

  test('two filters are refused', async () => {
    const { stderr, exitCode } = await bench.run(groups, ['--list', '--consumer', '--share']);
    expect([stderr.split('\n')[0], exitCode]).toEqual(['Option "[consumer]" can\'t be used with option "[share]"', 1]);
  });
});
