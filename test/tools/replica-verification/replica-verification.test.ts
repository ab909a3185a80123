/** Goal: replicas that differ are found and named, those that agree are gone through up to the high watermark. */
import { describe, expect, test } from 'vitest';
import { BatchBuilder } from '../../../src/records/batch-builder.ts';
import { setBaseOffset } from '../../../src/records/record-batch.ts';
import { tool } from '../../../src/tools/replica-verification/command.ts';
import { Comparison } from '../../../src/tools/replica-verification/comparison.ts';
import { runInProcess } from '../../../src/tools/shared/tool.ts';
import { until } from '../../support/processes.ts';
import { runCaptured } from '../captured-io.ts';
import { TestIo } from '../test-io.ts';
import { ToolBench } from '../with-broker.ts';

function batchAt(baseOffset: number, ...values: string[]): Buffer {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(1000, null, Buffer.from(value));
  const bytes = Buffer.from(builder.finish());
  setBaseOffset(bytes, 0, baseOffset);
  return bytes;
}

const PARTITION = { topic: 't', partition: 0, replicas: [1, 2, 3] };

/** A round in which each replica has the given batches; the high watermark is the same for all. */
function round(comparison: Comparison, highWatermark: number, replicas: Record<number, Buffer[]>) {
  for (const [id, batches] of Object.entries(replicas)) {
    comparison.add('t-0', Number(id), { highWatermark, records: Buffer.concat(batches) });
  }
  return comparison.compare();
}

describe('comparing', () => {
  test('goes on behind what all replicas have; the lag is what is left up to the high watermark', () => {
    const comparison = new Comparison([PARTITION], new Map([['t-0', 0]]));
    const first = batchAt(0, 'a', 'b');
    const second = batchAt(2, 'c');
    expect(round(comparison, 3, { 1: [first, second], 2: [first], 3: [first, second] })).toEqual([]);
    expect(comparison.offsetOf('t-0')).toBe(2);
    expect(comparison.maxLag).toEqual({ lag: 1, partition: 't-0', offset: 2 });
    expect(comparison.progress).toEqual({ compared: 2, total: 3 });
    expect(round(comparison, 3, { 1: [second], 2: [second], 3: [second] })).toEqual([]);
    expect(comparison.maxLag).toEqual({ lag: 0, partition: 't-0', offset: 3 });
    expect(comparison.progress).toEqual({ compared: 3, total: 3 });
  });

  test('what lies behind the high watermark is not compared', () => {
    const comparison = new Comparison([PARTITION], new Map([['t-0', 0]]));
    expect(round(comparison, 1, { 1: [batchAt(0, 'a', 'b')], 2: [batchAt(0, 'x', 'y')], 3: [] })).toEqual([]);
    expect(comparison.offsetOf('t-0')).toBe(0);
  });

  test('other bytes are a checksum that differs, and the comparison goes on', () => {
    const comparison = new Comparison([PARTITION], new Map([['t-0', 0]]));
    const [good, bad] = [batchAt(0, 'a'), batchAt(0, 'b')];
    const found = round(comparison, 1, { 1: [good], 2: [bad], 3: [good] });
    expect(found).toMatchObject([
      { partition: 't-0', kind: 'checksum', offset: 0, first: { replica: 1 }, other: { replica: 2 } },
    ]);
    expect(found[0]?.first.value).not.toBe(found[0]?.other.value);
    expect(comparison.offsetOf('t-0')).toBe(1);
  });

  test('batches that end elsewhere are an offset that differs, and the comparison is over', () => {
    const comparison = new Comparison([PARTITION], new Map([['t-0', 0]]));
    const replicas = { 1: [batchAt(0, 'a', 'b')], 2: [batchAt(0, 'a')], 3: [batchAt(0, 'a')] };
    expect(round(comparison, 5, replicas)).toEqual([
      { partition: 't-0', kind: 'offset', offset: 0, first: { replica: 1, value: 1 }, other: { replica: 2, value: 0 } },
    ]);
  });

  test('a replica that cannot be asked holds its partition up', () => {
    const comparison = new Comparison([PARTITION], new Map([['t-0', 0]]));
    comparison.add('t-0', 3, { highWatermark: -1, records: null });
    expect(round(comparison, 2, { 1: [batchAt(0, 'a')], 2: [batchAt(0, 'a')] })).toEqual([]);
    expect(comparison.maxLag).toEqual({ lag: 2, partition: 't-0', offset: 0 });
  });
});

test('against a broker it reports the lag again and again, until Ctrl-C', async () => {
  const bench = await ToolBench.start([{ name: 'orders', partitions: 2 }]);
  try {
    await bench.produce('orders', 1, 3);
    const io = new TestIo();
    const argv = ['--broker-list', bench.broker.bootstrapServers, '--topics-include', 'ord.*', '--time', '-2'];
    const running = runInProcess(tool, [...argv, '--report-interval-ms', '1', '--max-wait-ms', '5'], io);
    await until('two reports', async () => io.stdout.text.split('max lag').length > 2);
    io.interrupt('SIGINT');
    expect(await running).toBe(130);
    const [started, report] = io.stdout.text.split('\n');
    expect(started).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: verification process is started$/);
    expect(report).toMatch(/: max lag is \d for partition orders-[01] at offset \d among 2 partitions$/);
    expect(io.stderr.text).toMatch(
      /^\[.*\] WARN This tool is deprecated .*\(org\.apache\.kafka\.tools\.ReplicaVerificationTool\)\n$/,
    );
    const none = await runCaptured(tool, ['--broker-list', bench.broker.bootstrapServers, '--topics-include', 'nope']);
    expect(none.stderr).toMatch(/ERROR No topics found\. \[topics-include\] if specified, is either filtering out all/);
    expect(none.exitCode).toBe(1);
  } finally {
    await bench.close();
  }
});

test('at a terminal it shows how far the replicas are compared, new records included; not with --output json', async () => {
  const bench = await ToolBench.start([{ name: 'orders', partitions: 2 }]);
  class TerminalIo extends TestIo {
    override readonly terminal = { stdin: true, stdout: true, stderr: true };
  }
  try {
    await bench.produce('orders', 1, 3);
    const [text, json] = [new TerminalIo(), new TerminalIo()];
    const argv = ['--broker-list', bench.broker.bootstrapServers, '--time', '-2', '--max-wait-ms', '5'];
    const runs = [
      runInProcess(tool, [...argv, '--report-interval-ms', '100'], text),
      runInProcess(tool, [...argv, '--report-interval-ms', '100', '--output', 'json'], json),
    ];
    await until('all are compared', () =>
      text.stderr.text.includes('Comparing ████████████████████ 100%, 3 of 3 records'),
    );
    await bench.produce('orders', 0, 2);
    await until('new ones are', () => text.stderr.text.includes('100%, 5 of 5 records'));
    await until('a report has a line of its own', () => text.stderr.text.includes('\r\x1b[K'));
    text.interrupt('SIGINT');
    json.interrupt('SIGINT');
    expect(await Promise.all(runs)).toEqual([130, 130]);
    expect(text.stdout.text).toMatch(/^(\S+ \S+: (verification process is started|max lag is .*)\n)+$/);
    expect(text.stderr.text.endsWith('\x1b[2K')).toBe(true);
    expect(json.stderr.text).not.toContain('Comparing');
  } finally {
    await bench.close();
  }
});

test.each([['rv(', 'java.lang.RuntimeException: rv( is an invalid regex']])(
  'the pattern %s is refused',
  async (pattern, trace) => {
    const bench = await ToolBench.start([]);
    try {
      const argv = ['--broker-list', bench.broker.bootstrapServers, '--topics-include', pattern];
      const { stderr, exitCode } = await runCaptured(tool, argv);
      expect([stderr.split('\n')[2], exitCode]).toEqual([trace, 1]);
    } finally {
      await bench.close();
    }
  },
);
