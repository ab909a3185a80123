/**
 * Goal: the data folder is Kafka's. Apache Kafka starts on what ottla wrote and serves all of it, ottla starts on what
 * Apache Kafka wrote, and kafka-dump-log finds nothing wrong in any file.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  apacheKafka,
  BackgroundProcess,
  freePort,
  isMissing,
  ottla,
  removeFolder,
  run,
  serve,
  temporaryFolder,
  until,
} from '../support/processes.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

describe.skipIf(isMissing(apacheKafka, 'java', 'kcat'))('the data folder', () => {
  const folders: string[] = [];
  const processes: BackgroundProcess[] = [];
  beforeAll(() => run(apacheKafka, ['install'], { timeoutMs: 110_000 }));
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((process) => process.stop('SIGKILL')));
    for (const folder of folders.splice(0)) removeFolder(folder);
  });

  function folder(): string {
    const made = temporaryFolder();
    folders.push(made);
    return made;
  }

  async function startApacheKafka(directory: string): Promise<{ bootstrap: string; process: BackgroundProcess }> {
    const port = await freePort();
    const process = new BackgroundProcess(apacheKafka, [
      'broker',
      directory,
      String(port),
      'group.initial.rebalance.delay.ms=0',
    ]);
    processes.push(process);
    const bootstrap = `localhost:${port}`;
    await until(
      'Apache Kafka answers',
      async () => {
        if (process.exit !== undefined)
          throw new Error(`Apache Kafka ended: ${process.stdout.slice(-3000)} ${process.stderr.slice(-3000)}`);
        return (await run('kcat', ['-b', bootstrap, '-L', '-m', '2'])).code === 0;
      },
      150_000,
    );
    return { bootstrap, process };
  }

  /** Fills a broker with topics, records in all codecs, configs and a group's offsets; returns what must be there later. */
  async function fill(bootstrap: string): Promise<{ contents: string; topics: string }> {
    const tool = (name: string, args: string[]) => ottla(name, ['--bootstrap-server', bootstrap, ...args]);
    for (const codec of CODECS) {
      const config = ['--config', 'segment.bytes=1048576', '--config', 'retention.ms=86400000'];
      expect(
        (await tool('kafka-topics', ['--create', '--topic', `kept-${codec}`, '--partitions', '2', ...config])).stderr,
      ).toBe('');
      const input = Array.from({ length: 5000 }, (_, i) => `${i}:${codec} ${'y'.repeat(i % 500)}`).join('\n');
      expect(
        (
          await run(
            'kcat',
            ['-b', bootstrap, '-P', '-t', `kept-${codec}`, '-K', ':', '-z', codec, '-X', 'enable.idempotence=true'],
            { input },
          )
        ).code,
      ).toBe(0);
    }
    const consume = ['--topic', 'kept-none', '--group', 'kept-group', '--from-beginning', '--max-messages', '5000'];
    expect((await tool('kafka-console-consumer', consume)).code).toBe(0);
    return { contents: await contentsOf(bootstrap), topics: await describeTopics(bootstrap) };
  }

  async function contentsOf(bootstrap: string): Promise<string> {
    const parts: string[] = [];
    for (const codec of CODECS) {
      for (const partition of ['0', '1']) {
        const read = ['-C', '-t', `kept-${codec}`, '-p', partition, '-e', '-q', '-f', '%t %p %o %k %s %T\n'];
        parts.push((await run('kcat', ['-b', bootstrap, ...read])).stdout);
      }
    }
    return parts.join('');
  }

  /** Topic ids, partitions, configs and leaders, without the leader epochs and hosts that a restart changes. */
  async function describeTopics(bootstrap: string): Promise<string> {
    const { stdout } = await ottla('kafka-topics', [
      '--bootstrap-server',
      bootstrap,
      '--describe',
      '--exclude-internal',
    ]);
    // The order of a topic's configs is a hash table's.
    const sortConfigs = (line: string) =>
      line.replace(/(?<=Configs: ).*/, (configs) => configs.split(',').sort().join());
    return stdout.split('\n').map(sortConfigs).sort().join('\n');
  }

  async function committed(bootstrap: string): Promise<string> {
    const { stdout } = await ottla('kafka-consumer-groups', [
      '--bootstrap-server',
      bootstrap,
      '--describe',
      '--group',
      'kept-group',
      '--offsets',
    ]);
    return stdout
      .replaceAll(/ +/g, ' ')
      .split('\n')
      .filter((line) => line.includes('kept-none'))
      .sort()
      .join('\n');
  }

  async function dumpEveryFile(dataDir: string): Promise<void> {
    for (const name of readdirSync(dataDir)) {
      if (!/-\d+$/.test(name)) continue;
      const files = readdirSync(join(dataDir, name)).filter((file) =>
        /\.(log|index|timeindex|snapshot|checkpoint)$/.test(file),
      );
      const wanted =
        name.startsWith('kept-') || name === '__cluster_metadata-0'
          ? files
          : files.filter((file) => file.endsWith('.log') && name === '__consumer_offsets-0');
      if (wanted.length === 0) continue;
      const decoder = name === '__cluster_metadata-0' ? ['--cluster-metadata-decoder'] : ['--deep-iteration'];
      const paths = wanted.map((file) => join(dataDir, name, file)).join(',');
      const { stdout, stderr } = await run(apacheKafka, ['kafka-dump-log', ...decoder, '--files', paths], {
        timeoutMs: 110_000,
      });
      const complaints = `${stdout}\n${stderr}`
        .split('\n')
        .filter(
          (line) =>
            /isvalid: false|Exception|Mismatch|mismatch|corrupt|not found|Non-monotonic|Found timestamp/i.test(line) &&
            !line.startsWith('|'),
        );
      expect(complaints, name).toEqual([]);
    }
  }

  test('Apache Kafka starts on a folder that ottla wrote and serves every record, offset, topic id and config', async () => {
    const directory = folder();
    const dataDir = join(directory, 'data');
    const ours = await serve([], { dataDir });
    const { contents, topics } = await fill(ours.bootstrap);
    const offsets = await committed(ours.bootstrap);
    expect(contents.split('\n')).toHaveLength(5 * 5000 + 1);
    expect((await ours.stop()).code).toBe(0);
    await dumpEveryFile(dataDir);

    const { bootstrap, process } = await startApacheKafka(directory);
    expect(await contentsOf(bootstrap)).toBe(contents);
    expect(await describeTopics(bootstrap)).toBe(topics);
    expect(await committed(bootstrap)).toBe(offsets);
    const complaints = process.stdout
      .split('\n')
      .filter((line) => / ERROR |Exception|Found invalid|Corruption/.test(line));
    expect(complaints).toEqual([]);
    await process.stop('SIGTERM');

    const back = await serve([], { dataDir });
    expect(await contentsOf(back.bootstrap)).toBe(contents);
    await back.stop();
  }, 300_000);

  test('ottla starts on a folder that Apache Kafka wrote and serves every record, offset, topic id and config', async () => {
    const directory = folder();
    const { bootstrap, process } = await startApacheKafka(directory);
    const { contents, topics } = await fill(bootstrap);
    const offsets = await committed(bootstrap);
    await process.stop('SIGTERM');
    const ours = await serve([], { dataDir: join(directory, 'data') });
    expect(await contentsOf(ours.bootstrap)).toBe(contents);
    expect(await describeTopics(ours.bootstrap)).toBe(topics);
    expect(await committed(ours.bootstrap)).toBe(offsets);
    expect((await ours.stop()).code).toBe(0);
  }, 300_000);
});
