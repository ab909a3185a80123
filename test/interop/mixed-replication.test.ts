/**
 * Goal: a broker of ours in a cluster of Apache Kafka's: it follows Kafka's partitions and Kafka follows ours, the logs
 * are the same byte for byte, leaders change both ways, and a reassignment keeps to its throttle.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  apacheKafka,
  BackgroundProcess,
  freePort,
  isMissing,
  ottla,
  removeFolder,
  repository,
  run,
  temporaryFolder,
  until,
} from '../support/processes.ts';

describe.skipIf(isMissing(apacheKafka, 'java', 'kcat'))('a broker of ours under a controller of Kafka’s', () => {
  let folder: string;
  let kafka: BackgroundProcess;
  let ours: BackgroundProcess | undefined;
  let bootstrap: string;
  const properties = () => join(folder, 'ours.properties');

  beforeAll(async () => {
    folder = temporaryFolder();
    const port = await freePort();
    const ownPort = await freePort();
    bootstrap = `localhost:${port}`;
    kafka = new BackgroundProcess(apacheKafka, ['broker', join(folder, 'kafka'), String(port)], {
      env: { HEAP: '-Xmx512m' },
    });
    await until('Kafka is up', () => /Kafka Server started/.test(kafka.stdout + kafka.stderr), 120_000);
    const [, clusterId = ''] =
      /cluster\.id=(.*)/.exec(readFileSync(join(folder, 'kafka/data/meta.properties'), 'utf8')) ?? [];
    const lines = [
      'process.roles=broker',
      'node.id=2',
      `listeners=PLAINTEXT://localhost:${ownPort}`,
      `advertised.listeners=PLAINTEXT://localhost:${ownPort}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      `controller.quorum.bootstrap.servers=localhost:${port + 1}`,
      `log.dirs=${folder}/ours-a,${folder}/ours-b`,
    ];
    writeFileSync(properties(), `${lines.join('\n')}\n`);
    const formatted = await ottla('kafka-storage', ['format', '-t', clusterId.trim(), '-c', properties()]);
    expect(formatted.code).toBe(0);
    await startOurs();
  }, 180_000);
  afterAll(async () => {
    await ours?.stop('SIGKILL');
    kafka.child.kill('SIGKILL');
    removeFolder(folder);
  });

  async function startOurs(): Promise<void> {
    const args = [join(repository, 'bin/ottla'), 'serve', '--output', 'json', '--config', properties()];
    ours = new BackgroundProcess(process.execPath, args);
    await ours.untilPrinted(/"event":"ready"/, 60_000);
  }

  const topics = (...args: string[]) => ottla('kafka-topics', ['--bootstrap-server', bootstrap, ...args]);

  async function produce(topic: string, from: number, to: number, acks: string): Promise<void> {
    const input = Array.from({ length: to - from }, (_value, i) => `${from + i}\n`).join('');
    const { code, stderr } = await run('kcat', ['-P', '-b', bootstrap, '-t', topic, '-p', '0', '-X', `acks=${acks}`], {
      input,
    });
    expect(code, stderr).toBe(0);
  }

  function logOf(topic: string, broker: 'kafka' | 'ours'): Buffer {
    const homes = broker === 'kafka' ? ['kafka/data'] : ['ours-a', 'ours-b'];
    const found = homes.map((home) => join(folder, home)).find((home) => readdirSync(home).includes(`${topic}-0`));
    if (found === undefined) return Buffer.alloc(0);
    return readFileSync(join(found, `${topic}-0`, '00000000000000000000.log'));
  }

  const untilState = (topic: string, state: RegExp, timeoutMs = 60_000) =>
    until(
      `${topic} is ${state}`,
      async () => state.test((await topics('--describe', '--topic', topic)).stdout),
      timeoutMs,
    );

  const untilSame = (topic: string) =>
    until(`both have the same log of ${topic}`, () => logOf(topic, 'kafka').equals(logOf(topic, 'ours')));

  test('each follows the other, and acks=all waits for both', async () => {
    for (const [topic, replicas] of [
      ['led-by-kafka', '1:2'],
      ['led-by-us', '2:1'],
    ] as const) {
      const { stderr } = await topics(
        ...['--create', '--topic', topic, '--replica-assignment', replicas, '--config', 'min.insync.replicas=2'],
      );
      expect(stderr).toBe('');
      await produce(topic, 0, 20_000, 'all');
      await untilSame(topic);
      expect(logOf(topic, 'ours').length).toBeGreaterThan(100_000);
    }
  }, 120_000);

  test('after kill -9 Kafka leads on; we come back, catch up and lead again', async () => {
    await ours?.stop('SIGKILL');
    await untilState('led-by-us', /Leader: 1\b.*Isr: 1\s/);
    await produce('led-by-us', 20_000, 20_100, '1');
    await startOurs();
    await untilState('led-by-us', /Isr: 1,2\b/);
    const election = ['--election-type', 'preferred', '--all-topic-partitions'];
    expect((await ottla('kafka-leader-election', ['--bootstrap-server', bootstrap, ...election])).code).toBe(0);
    await untilState('led-by-us', /Leader: 2\b/);
    await produce('led-by-us', 20_100, 20_200, 'all');
    await untilSame('led-by-us');
    const { stdout } = await run('kcat', ['-C', '-b', bootstrap, '-t', 'led-by-us', '-o', 'beginning', '-e', '-q']);
    expect(stdout.trim().split('\n').map(Number)).toEqual(Array.from({ length: 20_200 }, (_value, i) => i));
  }, 180_000);

  test('a reassignment moves a partition to us and back within its throttle', async () => {
    await topics('--create', '--topic', 'moved', '--replica-assignment', '1');
    const sizeBytes = 12_000_000;
    const line = `${'r'.repeat(999)}\n`;
    await run('kcat', ['-P', '-b', bootstrap, '-t', 'moved', '-p', '0'], { input: line.repeat(sizeBytes / 1000) });
    for (const [from, to] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const plan = { version: 1, partitions: [{ topic: 'moved', partition: 0, replicas: [to] }] };
      const file = join(folder, 'plan.json');
      writeFileSync(file, JSON.stringify(plan));
      const reassign = (...args: string[]) =>
        ottla('kafka-reassign-partitions', [
          ...['--bootstrap-server', bootstrap, '--reassignment-json-file', file],
          ...args,
        ]);
      const startMs = performance.now();
      expect((await reassign('--execute', '--throttle', '2000000')).code).toBe(0);
      await untilState('moved', new RegExp(`Leader: ${to}\\tReplicas: ${to}\\tIsr: ${to}\\s`));
      // Bytes of the first second may come at once.
      expect(performance.now() - startMs, `from ${from} to ${to}`).toBeGreaterThan(3000);
      expect((await reassign('--verify')).stdout).toMatch(/Reassignment of partition moved-0 is completed/);
      await until('the old replica is gone', () => logOf('moved', from === 1 ? 'kafka' : 'ours').length === 0);
    }
    const { stdout } = await run('kcat', ['-C', '-b', bootstrap, '-t', 'moved', '-o', 'beginning', '-e', '-q']);
    expect(stdout.length).toBe(sizeBytes);
  }, 120_000);

  test('a controlled shutdown hands our partitions to Kafka first', async () => {
    await untilState('led-by-us', /Leader: 2\b/);
    const done = await ours?.stop();
    expect(done?.code).toBe(0);
    expect((await topics('--describe', '--topic', 'led-by-us')).stdout).toMatch(/Leader: 1\b/);
  }, 60_000);
});
