/** Goal: kcat, and so librdkafka, works against a broker unchanged: produce, consume, list, groups, queries, all codecs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackgroundProcess, isMissing, run, type ServedBroker, serve, until } from '../support/processes.ts';

describe.skipIf(isMissing('kcat'))('kcat', () => {
  let broker: ServedBroker;
  beforeAll(async () => {
    broker = await serve(['--topic', 'words:3']);
  });
  afterAll(async () => {
    await broker.stop();
  });

  const kcat = (args: string[], input?: string) =>
    run('kcat', ['-b', broker.bootstrap, ...args], input === undefined ? {} : { input });

  test('lists brokers, topics and partitions', async () => {
    const { stdout, code } = await kcat(['-L']);
    expect(code).toBe(0);
    expect(stdout).toContain(`broker 1 at ${broker.bootstrap}`);
    expect(stdout).toContain('topic "words" with 3 partitions');
    expect(stdout).toContain('partition 2, leader 1, replicas: 1, isrs: 1');
  });

  test('produces to a topic that does not exist yet and reads it back', async () => {
    expect((await kcat(['-P', '-t', 'made-on-use', '-K', ':'], 'a:1\nb:2\nc:3\n')).code).toBe(0);
    const { stdout } = await kcat(['-C', '-t', 'made-on-use', '-e', '-q', '-f', '%o %k=%s\n']);
    expect(stdout).toBe('0 a=1\n1 b=2\n2 c=3\n');
  });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('produces and consumes with %s', async (codec) => {
    const lines = Array.from({ length: 2000 }, (_, i) => `${codec} line number ${i} ${'x'.repeat(i % 200)}`);
    const topic = `codec-${codec}`;
    expect((await kcat(['-P', '-t', topic, '-p', '0', '-z', codec], `${lines.join('\n')}\n`)).code).toBe(0);
    const { stdout } = await kcat(['-C', '-t', topic, '-p', '0', '-e', '-q']);
    expect(stdout.trimEnd().split('\n')).toEqual(lines);
  });

  test('keeps headers, keys and timestamps', async () => {
    await kcat(['-P', '-t', 'with-headers', '-H', 'trace=abc', '-H', 'empty=', '-k', 'key'], 'value\n');
    const { stdout } = await kcat(['-C', '-t', 'with-headers', '-e', '-q', '-f', '%h|%k|%s|%T\n']);
    expect(stdout).toMatch(/^trace=abc,empty=\|key\|value\|\d{13}\n$/);
  });

  test('produces idempotently', async () => {
    const args = ['-P', '-t', 'idempotent', '-p', '0', '-X', 'enable.idempotence=true'];
    expect((await kcat(args, 'one\ntwo\nthree\n')).code).toBe(0);
    expect((await kcat(['-C', '-t', 'idempotent', '-e', '-q'])).stdout).toBe('one\ntwo\nthree\n');
  });

  test('queries offsets by timestamp', async () => {
    await kcat(['-P', '-t', 'queried', '-p', '0'], 'one\ntwo\n');
    expect((await kcat(['-Q', '-t', 'queried:0:-1'])).stdout).toContain('queried [0] offset 2');
    expect((await kcat(['-Q', '-t', 'queried:0:-2'])).stdout).toContain('queried [0] offset 0');
    expect((await kcat(['-Q', '-t', 'queried:0:1'])).stdout).toContain('queried [0] offset 0');
  });

  test('two members of a group share the partitions, and one takes all when the other leaves', async () => {
    const member = () =>
      new BackgroundProcess(
        'kcat',
        ['-b', broker.bootstrap, '-G', 'sharing', '-f', '%p:%s\n', '-u', '-X', 'auto.offset.reset=earliest', 'words'],
        {},
      );
    const first = member();
    const second = member();
    const assigned = (member: BackgroundProcess) =>
      [...member.stderr.matchAll(/assigned: (.*)/g)].at(-1)?.[1]?.match(/words \[\d\]/g)?.length ?? 0;
    await until(
      'both members have partitions',
      () => assigned(first) > 0 && assigned(first) + assigned(second) === 3 && assigned(second) > 0,
    );
    for (const partition of ['0', '1', '2']) await kcat(['-P', '-t', 'words', '-p', partition], `to ${partition}\n`);
    await until('all records arrived once', () => {
      const lines = `${first.stdout}${second.stdout}`.trim().split('\n').sort();
      return lines.length === 3 && lines.join() === '0:to 0,1:to 1,2:to 2';
    });
    await second.stop('SIGTERM');
    await until('the other member has all partitions', () => assigned(first) === 3);
    await first.stop('SIGTERM');
  });
});
