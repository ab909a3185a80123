/** Three brokers that are controllers as well, of ottla or of Apache Kafka, with the same times. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUuid, systemRandom } from '../src/base/random.ts';
import { metadataRequest, metadataResponse } from '../src/protocol/messages/03-metadata.ts';
import { TestCluster } from '../test/support/clusters.ts';
import {
  apacheKafka,
  BackgroundProcess,
  freePort,
  removeFolder,
  run,
  temporaryFolder,
  until,
} from '../test/support/processes.ts';
import { connectTo } from '../test/support/raw-client.ts';
import type { System } from './support.ts';

export interface ThreeBrokers {
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

export function startThreeBrokers(system: System): Promise<ThreeBrokers> {
  return system === 'ottla' ? startOttla() : startApacheKafka();
}
