/** Goal: the console producer delivers every line, or says which ones it did not and ends with an error. */
import { afterEach, describe, expect, test } from 'vitest';
import { produceRequest, produceResponse } from '../../../src/protocol/messages/00-produce.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { forEachRecord } from '../../../src/records/record-cursor.ts';
import { tool } from '../../../src/tools/console-producer/command.ts';
import { FakeCluster } from '../../client/fake-cluster.ts';
import { runTool, TestIo } from '../test-io.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAg';
const clusters: FakeCluster[] = [];

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close();
});

/** A broker that keeps what is produced to `t`, or refuses every batch with an error code. */
async function startCluster(errorCode = 0) {
  const cluster = await FakeCluster.start(1);
  clusters.push(cluster);
  cluster.topics.push({ name: 't', topicId: TOPIC_ID, leaders: [1] });
  const values: string[] = [];
  const broker = cluster.broker(1);
  broker.on(initProducerIdRequest, initProducerIdResponse, () => ({ producerId: 7, producerEpoch: 0 }));
  broker.on(produceRequest, produceResponse, (body) => ({
    responses: body.topicData.map(({ topicId, partitionData }) => ({
      topicId,
      partitionResponses: partitionData.map(({ index, records }) => {
        const baseOffset = values.length;
        if (errorCode === 0) {
          forEachRecord(records ?? Buffer.alloc(0), (cursor) => values.push(cursor.value()?.toString() ?? 'null'));
        }
        return { index, errorCode, baseOffset };
      }),
    })),
  }));
  return { cluster, values, args: ['--bootstrap-server', cluster.bootstrap, '--topic', 't'] };
}

describe('delivery', () => {
  test('every line once and in order, over chunk borders and many batches', async () => {
    const { args, values } = await startCluster();
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i} ${'x'.repeat(i % 50)}`);
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 997) chunks.push(bytes.subarray(at, at + 997));
    const result = await runTool(tool, args, new TestIo(chunks));
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(values).toEqual(lines);
  });

  test('--sync does not wait for linger.ms', async () => {
    const { args, values } = await startCluster();
    const result = await runTool(tool, [...args, '--sync', '--timeout', '60000'], new TestIo('a\nb\n'));
    expect(result.code).toBe(0);
    expect(values).toEqual(['a', 'b']);
  });

  test('lines that the broker refuses are logged one by one, counted, and the exit code says so', async () => {
    const { args } = await startCluster(87);
    const result = await runTool(tool, args, new TestIo('first\nsecond line\n'));
    expect(result.code).toBe(1);
    expect(result.stderr.match(/key: null, value: (\d+) bytes with error/g)).toEqual([
      'key: null, value: 5 bytes with error',
      'key: null, value: 11 bytes with error',
    ]);
    expect(result.stderr.match(/^org\.apache\.kafka\.common\.InvalidRecordException: /gm)).toHaveLength(2);
    expect(result.stderr).toMatch(/\n2 of 2 records were not delivered\n$/);
  });

  test('with --sync the first failure ends the tool', async () => {
    const { args } = await startCluster(87);
    const result = await runTool(tool, [...args, '--sync'], new TestIo('first\nsecond\n'));
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^java\.util\.concurrent\.ExecutionException: org\.apache\.kafka\.common\./);
  });

  test('a record that is too large is logged and the others go through, with exit code 0 as in Kafka', async () => {
    const { args, values } = await startCluster();
    const tooLarge = 'x'.repeat(1_100_000);
    const result = await runTool(tool, args, new TestIo(`a\n${tooLarge}\nb\n`));
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('value: 1100000 bytes with error:');
    expect(result.stderr).toContain('RecordTooLargeException: The message is 1100088 bytes when serialized');
    expect(values).toEqual(['a', 'b']);
  });

  test('a line that is no record stops the tool; those before it are sent', async () => {
    const { args, values } = await startCluster();
    const line = [
      ...args,
      '--reader-property',
      'parse.key=true',
      '--reader-property',
      'key.separator==',
      '--timeout',
      '0',
    ];
    const result = await runTool(tool, line, new TestIo('k=1\nwrong\nk=2\n'));
    expect(result.code).toBe(1);
    expect(result.stderr).toBe(
      "org.apache.kafka.common.KafkaException: No key separator found on line number 2: 'wrong'\n",
    );
    expect(values).toEqual(['1']);
  });
});

describe('command line', () => {
  test.each([
    [['--bootstrap-server', 'localhost:1'], /^Missing required argument "\[topic\]"\nOption /],
    [['--topic', 't'], /^Error while validating the bootstrap address\n\nOption /],
    [
      ['--topic', 't', '--bootstrap-server', 'localhost'],
      /^Please provide valid host:port like host1:9091,host2:9092\n\n/,
    ],
    [
      ['--topic', 't', '--bootstrap-server', 'a:1', '--property', 'a=b', '--reader-property', 'a=b'],
      /^Options --reader-property and --property cannot be specified together\.\n/,
    ],
    [
      ['--topic', 't', '--bootstrap-server', 'a:1', '--batch-size', 'big'],
      /^Cannot parse argument 'big' of option batch-size\n$/,
    ],
    [
      ['--topic', 't', '--bootstrap-server', 'a:1', '--line-reader', 'no.Such'],
      /^java\.lang\.ClassNotFoundException: no\.Such\n$/,
    ],
    [
      ['--topic', 't', '--bootstrap-server', 'localhost:1', '--compression-codec', 'rar'],
      /^org\.apache\.kafka\.common\.config\.ConfigException: Invalid value rar for configuration compression\.type: /,
    ],
  ])('%j', async (argv, stderr) => {
    const result = await runTool(tool, argv);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(stderr);
  });
});
