/** Three brokers with replication factor 3: ottla's cluster against three nodes of Apache Kafka, with kcat as client. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ottla, removeFolder, run, temporaryFolder, until } from '../test/support/processes.ts';
import { connectTo } from '../test/support/raw-client.ts';
import { createTopic } from './failover.ts';
import { cpuSeconds, hasApacheKafka, median, type Row, residentMiB, type System, systems } from './support.ts';
import { startThreeBrokers } from './three-brokers.ts';

const RECORDS = 300_000;
const PARTITIONS = 1000;

interface Measured {
  startMs: number;
  memoryMiB: number;
  cpuPerGB: number;
  produceMBps: number;
  createMs: number;
  moveMs: number;
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

async function measure(system: System): Promise<Measured> {
  const brokers = await startThreeBrokers(system);
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
    connection.close();
    return { startMs: brokers.startMs, memoryMiB, cpuPerGB, produceMBps, createMs, moveMs };
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
  ];
}
