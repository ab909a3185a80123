/** Three brokers with replication factor 3: ottla's cluster against three nodes of Apache Kafka, with kcat as client. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUuid, systemRandom } from '../src/base/random.ts';
import { metadataRequest, metadataResponse } from '../src/protocol/messages/03-metadata.ts';
import { createTopicsRequest, createTopicsResponse } from '../src/protocol/messages/19-create-topics.ts';
import { TestCluster } from '../test/support/clusters.ts';
import {
  apacheKafka,
  BackgroundProcess,
  freePort,
  ottla,
  removeFolder,
  run,
  temporaryFolder,
  until,
} from '../test/support/processes.ts';
import { connectTo, type KafkaConnection, produceBatch } from '../test/support/raw-client.ts';
import { cpuSeconds, hasApacheKafka, median, type Row, residentMiB, type System, systems } from './support.ts';

const RECORDS = 300_000;
const PARTITIONS = 1000;

interface ThreeBrokers {
  /** From the command to three unfenced brokers, in ms. */
  readonly startMs: number;
  /** `host:port` and pid by node id 1, 2, 3. */
  readonly nodes: readonly { readonly address: string; readonly pid: number }[];
  stop(): Promise<void>;
}

async function seesThreeBrokers(address: string): Promise<boolean> {
  try {
    const connection = await connectTo(address);
    const answer = connection.send(metadataRequest, metadataResponse, 9, { topics: [] });
    const response = await Promise.race([answer, connection.closed]);
    connection.close();
    return response?.brokers.length === 3;
  } catch {
    return false;
  }
}

/** Kafka's own times in place of the launcher's quicker ones. */
const KAFKA_TIMES = [
  'broker.session.timeout.ms=9000',
  'broker.heartbeat.interval.ms=2000',
  'controller.quorum.election.timeout.ms=1000',
  'controller.quorum.election.backoff.max.ms=1000',
];

async function startOttla(): Promise<ThreeBrokers> {
  const started = performance.now();
  const overrides = KAFKA_TIMES.flatMap((override) => ['--override', override]);
  const cluster = await TestCluster.start(['--brokers', '3', ...overrides]);
  const startMs = performance.now() - started;
  const nodes = cluster.started.nodes.map(({ host, port, pid }) => ({ address: `${host}:${port}`, pid }));
  return { startMs, nodes, stop: () => cluster.purge() };
}

/** Three combined nodes of Apache Kafka, formatted as one dynamic quorum before the clock starts. */
async function startApacheKafka(): Promise<ThreeBrokers> {
  const folder = temporaryFolder();
  const clusterId = randomUuid(systemRandom);
  const ids = [1, 2, 3];
  const ports = new Map<number, number>();
  for (const id of ids) ports.set(id, await freePort());
  const port = (id: number) => ports.get(id) ?? 0;
  const voters = ids.map((id) => `${id}@localhost:${port(id) + 1}:${randomUuid(systemRandom)}`).join(',');
  const propertiesOf = (id: number) => [
    `node.id=${id}`,
    'process.roles=broker,controller',
    `controller.quorum.bootstrap.servers=${ids.map((other) => `localhost:${port(other) + 1}`).join(',')}`,
    'offsets.topic.replication.factor=3',
    'default.replication.factor=3',
  ];
  for (const id of ids) {
    const directory = join(folder, `n${id}`);
    mkdirSync(directory);
    const listeners = `PLAINTEXT://localhost:${port(id)},CONTROLLER://localhost:${port(id) + 1}`;
    const all = [
      ...propertiesOf(id),
      `listeners=${listeners}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      `log.dirs=${join(directory, 'data')}`,
    ];
    writeFileSync(join(directory, 'format.properties'), all.join('\n'));
    const format = [
      'format',
      '-t',
      clusterId,
      '-c',
      join(directory, 'format.properties'),
      '--initial-controllers',
      voters,
    ];
    const { code, stderr } = await run(apacheKafka, ['kafka-storage', ...format]);
    if (code !== 0) throw new Error(`kafka-storage format failed: ${stderr}`);
  }
  const started = performance.now();
  const processes = ids.map((id) => {
    const args = ['broker', join(folder, `n${id}`), String(port(id)), ...propertiesOf(id)];
    return new BackgroundProcess(apacheKafka, args, { env: { HEAP: '-Xmx1g -Xms256m' } });
  });
  const nodes = ids.map((id, i) => ({ address: `localhost:${port(id)}`, pid: processes[i]?.child.pid ?? 0 }));
  await until(
    'three Apache Kafka brokers are unfenced',
    async () => (await Promise.all(nodes.map(({ address }) => seesThreeBrokers(address)))).every(Boolean),
    120_000,
  );
  return {
    startMs: performance.now() - started,
    nodes,
    stop: async () => {
      await Promise.all(processes.map((process) => process.stop('SIGKILL')));
      removeFolder(folder);
    },
  };
}

interface Measured {
  startMs: number;
  memoryMiB: number;
  cpuPerGB: number;
  produceMBps: number;
  createMs: number;
  moveMs: number;
  writesAgainMs: number;
}

async function createTopic(connection: KafkaConnection, name: string, partitions: number): Promise<void> {
  const topics = [{ name, numPartitions: partitions, replicationFactor: 3 }];
  const response = await connection.send(createTopicsRequest, createTopicsResponse, 5, { topics, timeoutMs: 60_000 });
  if (response.topics[0]?.errorCode !== 0)
    throw new Error(`creating ${name} failed: ${response.topics[0]?.errorMessage}`);
}

async function leadersOf(connection: KafkaConnection, topic: string) {
  const response = await connection.send(metadataRequest, metadataResponse, 9, { topics: [{ name: topic }] });
  return response.topics[0]?.partitions ?? [];
}

/** Moves every replica list of a topic around by one, with kafka-reassign-partitions, until it verifies. */
async function moveAll(bootstrap: string, topic: string, partitions: number): Promise<number> {
  const folder = temporaryFolder();
  const file = join(folder, 'plan.json');
  const plan = Array.from({ length: partitions }, (_, partition) => ({
    topic,
    partition,
    replicas: [1, 2, 3].map((id) => ((id + partition) % 3) + 1),
  }));
  writeFileSync(file, JSON.stringify({ version: 1, partitions: plan }));
  const args = ['--bootstrap-server', bootstrap, '--reassignment-json-file', file];
  const started = performance.now();
  const executed = await ottla('kafka-reassign-partitions', [...args, '--execute'], { timeoutMs: 120_000 });
  if (executed.code !== 0) throw new Error(`the reassignment failed: ${executed.stderr}${executed.stdout.slice(-500)}`);
  await until(
    'the reassignment is complete',
    async () => !/still in progress/.test((await ottla('kafka-reassign-partitions', [...args, '--verify'])).stdout),
    120_000,
  );
  removeFolder(folder);
  return performance.now() - started;
}

/** kill -9 of a partition's leader; until an acks=all write to it succeeds again. */
async function failover(brokers: ThreeBrokers, connection: KafkaConnection): Promise<number> {
  const leader = (await leadersOf(connection, 'replicated'))[0]?.leaderId ?? -1;
  const survivor = brokers.nodes[leader % 3];
  process.kill(brokers.nodes[leader - 1]?.pid ?? 0, 'SIGKILL');
  const killed = performance.now();
  await until(
    'writes flow again',
    async () => {
      try {
        const asked = await connectTo(survivor?.address ?? '');
        const now = (await leadersOf(asked, 'replicated'))[0]?.leaderId ?? -1;
        asked.close();
        const address = brokers.nodes[now - 1]?.address;
        if (now === leader || now < 0 || address === undefined) return false;
        const to = await connectTo(address);
        await produceBatch(to, 'replicated', 0, ['again']);
        to.close();
        return true;
      } catch {
        return false;
      }
    },
    60_000,
  );
  return performance.now() - killed;
}

async function measure(system: System): Promise<Measured> {
  const brokers = system === 'ottla' ? await startOttla() : await startApacheKafka();
  try {
    const bootstrap = brokers.nodes.map(({ address }) => address).join(',');
    const memoryMiB = brokers.nodes.reduce((sum, { pid }) => sum + residentMiB(pid), 0);
    const connection = await connectTo(brokers.nodes[0]?.address ?? '');
    await createTopic(connection, 'replicated', 3);
    const input = Buffer.from(`${'r'.repeat(1023)}\n`.repeat(RECORDS));
    const cpu = () => brokers.nodes.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
    const produce = ['-P', '-b', bootstrap, '-t', 'replicated', '-X', 'acks=all'];
    await run('kcat', produce, { input: input.subarray(0, 30_000_000), timeoutMs: 120_000 });
    const cpuBefore = cpu();
    const started = performance.now();
    const { code, stderr } = await run('kcat', produce, { input, timeoutMs: 300_000 });
    if (code !== 0) throw new Error(`kcat failed: ${stderr}`);
    const produceMBps = input.length / 1e3 / (performance.now() - started);
    const cpuPerGB = (cpu() - cpuBefore) / (input.length / 1e9);
    const creating = performance.now();
    await createTopic(connection, 'many', PARTITIONS);
    const createMs = performance.now() - creating;
    const moveMs = await moveAll(bootstrap, 'many', PARTITIONS);
    const writesAgainMs = await failover(brokers, connection);
    connection.close();
    return { startMs: brokers.startMs, memoryMiB, cpuPerGB, produceMBps, createMs, moveMs, writesAgainMs };
  } finally {
    await brokers.stop();
  }
}

export async function clusterOfThree(runs: number): Promise<Row[]> {
  const found: Record<System, Measured[]> = { ottla: [], kafka: [] };
  for (let i = 0; i < runs; i++) for (const system of systems) found[system].push(await measure(system));
  const both = (pick: (measured: Measured) => number) => ({
    ottla: median(found.ottla.map(pick)),
    ...(hasApacheKafka ? { kafka: median(found.kafka.map(pick)) } : {}),
  });
  return [
    { name: 'command to three unfenced brokers', unit: 'ms', ...both((m) => m.startMs), goal: { atMost: 1 / 8 } },
    { name: 'resident memory of three brokers', unit: 'MiB', ...both((m) => m.memoryMiB), goal: { atMost: 1 / 4 } },
    {
      name: 'CPU of three brokers to take a GB, acks=all',
      unit: 's',
      ...both((m) => m.cpuPerGB),
      goal: { atMost: 0.5 },
    },
    { name: 'produced with acks=all, kcat', unit: 'MB/s', ...both((m) => m.produceMBps), goal: { atLeast: 1.5 } },
    { name: `create ${PARTITIONS} partitions, 3 replicas`, unit: 'ms', ...both((m) => m.createMs) },
    { name: `reassign ${PARTITIONS} partitions`, unit: 'ms', ...both((m) => m.moveMs) },
    {
      name: "kill -9 of a leader until writes flow, Kafka's default settings",
      unit: 'ms',
      ...both((m) => m.writesAgainMs),
      goal: { atMost: 1 },
    },
  ];
}
