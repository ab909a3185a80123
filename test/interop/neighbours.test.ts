/**
 * Goal: nodes of the released Apache Kafka 4.4 and of ottla are members of one cluster, in every role: either is a
 * broker beside the other, replicates what the other leads, and leads the quorum that the other follows.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { TestCluster } from '../support/clusters.ts';
import { KafkaNode } from '../support/kafka-node.ts';
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

const LISTENERS = {
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
};
// So that tests are short: a removed leader is followed by the next one within a fraction of a second.
const QUICK_ELECTIONS = {
  'controller.quorum.election.timeout.ms': '300',
  'controller.quorum.election.backoff.max.ms': '300',
};

/** Properties of a node with one listener. */
function nodeProperties(id: number, role: 'broker' | 'controller', port: number, controllers: string) {
  const listener = `${role === 'broker' ? 'PLAINTEXT' : 'CONTROLLER'}://localhost:${port}`;
  return {
    'process.roles': role,
    'node.id': String(id),
    listeners: listener,
    'advertised.listeners': listener,
    'controller.quorum.bootstrap.servers': controllers,
    ...LISTENERS,
    ...QUICK_ELECTIONS,
  };
}

async function tool(name: string, bootstrap: string, args: readonly string[], input = ''): Promise<string> {
  const { stdout, stderr, code } = await ottla(name, ['--bootstrap-server', bootstrap, ...args], { input });
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${stderr} ${stdout}`);
  return stdout;
}

async function kafkaTool(name: string, bootstrap: string, args: readonly string[], input = ''): Promise<string> {
  const env = { HEAP: '-Xmx256m' };
  const all = [name, '--bootstrap-server', bootstrap, ...args];
  const { stdout, stderr, code } = await run(apacheKafka, all, { input, env, timeoutMs: 90_000 });
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${stderr} ${stdout}`);
  return stdout;
}

/** The replicas of the metadata log: id, directory id, and Leader, Follower or Observer. */
async function quorum(bootstrap: string) {
  const text = await tool('kafka-metadata-quorum', bootstrap, ['describe', '--replication']);
  const rows = text.split('\n').flatMap((line) => {
    const [id = '', directoryId = '', , , , , status = ''] = line.trim().split(/\s+/);
    return /^\d+$/.test(id) ? [{ id: Number(id), directoryId, status }] : [];
  });
  return new Map(rows.map((row) => [row.id, row]));
}

async function leaderOfQuorum(bootstrap: string): Promise<number | undefined> {
  return [...(await quorum(bootstrap)).values()].find(({ status }) => status === 'Leader')?.id;
}

async function removeController(bootstrap: string, id: number): Promise<void> {
  const directoryId = (await quorum(bootstrap)).get(id)?.directoryId ?? '';
  const key = ['--controller-id', String(id), '--controller-directory-id', directoryId];
  expect(await tool('kafka-metadata-quorum', bootstrap, ['remove-controller', ...key])).toContain(`controller ${id} `);
}

/** Waits until each partition has all its replicas in the ISR. */
async function untilInSync(bootstrap: string, topic: string): Promise<void> {
  const sorted = (ids: string | undefined): string => (ids ?? '').split(',').sort().join();
  await until(`all replicas of ${topic} are in sync`, async () => {
    const text = await tool('kafka-topics', bootstrap, ['--describe', '--topic', topic]);
    const partitions = [...text.matchAll(/Replicas: ([\d,]*)\tIsr: ([\d,]*)/g)];
    return partitions.length > 0 && partitions.every(([, replicas, isr]) => sorted(replicas) === sorted(isr));
  });
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));
const sorted = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .sort((a, b) => Number(a) - Number(b));

/** Writes through one node with acks=all; reads it through others, with ottla's consumer and with Kafka's. */
async function expectRecordsToPass(topic: string, write: string, read: string, count = 300): Promise<void> {
  const input = `${numbers(count).join('\n')}\n`;
  await kafkaTool('kafka-console-producer', write, ['--topic', topic, '--command-property', 'acks=all'], input);
  const args = ['--topic', topic, '--from-beginning', '--max-messages', String(count), '--timeout-ms', '30000'];
  expect(sorted(await tool('kafka-console-consumer', read, args))).toEqual(numbers(count));
  expect(sorted(await kafkaTool('kafka-console-consumer', read, args))).toEqual(numbers(count));
}

describe.skipIf(isMissing(apacheKafka, 'java'))('Apache Kafka and ottla in one cluster', () => {
  const cleanUps: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  const folderFor = (): string => {
    const folder = temporaryFolder();
    cleanUps.push(() => removeFolder(folder));
    return folder;
  };
  const startKafka = async (...args: Parameters<typeof KafkaNode.start>): Promise<KafkaNode> => {
    const node = await KafkaNode.start(...args);
    cleanUps.push(() => node.stop('SIGKILL'));
    return node;
  };
  /** `ottla serve` with all that it is told in a file. */
  const startOttla = async (clusterId: string, properties: Record<string, string>): Promise<string> => {
    const folder = folderFor();
    const path = join(folder, 'node.properties');
    const lines = Object.entries({ ...properties, 'log.dirs': join(folder, 'data') });
    writeFileSync(path, lines.map(([name, value]) => `${name}=${value}\n`).join(''));
    const args = ['serve', '--config', path, '--cluster-id', clusterId, '--output', 'json'];
    const node = new BackgroundProcess(process.execPath, [join(repository, 'bin/ottla'), ...args]);
    cleanUps.push(async () => void (await node.stop('SIGKILL')));
    await node.untilPrinted(/"event":"ready"/);
    return path;
  };

  test("a Kafka broker joins ottla's cluster, then a Kafka controller, which comes to lead it", async () => {
    const controllerPort = await freePort();
    const futureLeader = `localhost:${controllerPort}`;
    const cluster = await TestCluster.start();
    cleanUps.push(() => cluster.purge());
    const { bootstrap } = cluster;
    const { clusterId, controllerBootstrapServers } = cluster.started;
    const controllers = `${controllerBootstrapServers},${futureLeader}`;

    const brokerPort = await freePort();
    const kafkaBroker = `localhost:${brokerPort}`;
    const brokerProperties = nodeProperties(10, 'broker', brokerPort, controllers);
    await startKafka({ folder: folderFor(), clusterId, properties: brokerProperties });
    expect((await quorum(bootstrap)).get(10)?.status).toBe('Observer');
    const placed = ['--replica-assignment', '1:10,10:2', '--config', 'min.insync.replicas=2'];
    await tool('kafka-topics', kafkaBroker, ['--create', '--topic', 'mixed', ...placed]);
    await expectRecordsToPass('mixed', kafkaBroker, bootstrap);
    await untilInSync(bootstrap, 'mixed');

    const controllerProperties = nodeProperties(20, 'controller', controllerPort, controllers);
    const format = ['--no-initial-controllers'];
    const controller = await startKafka({ folder: folderFor(), clusterId, properties: controllerProperties, format });
    const addController = ['--command-config', controller.propertiesPath, 'add-controller'];
    expect(await kafkaTool('kafka-metadata-quorum', bootstrap, addController)).toContain('Added controller 20 ');
    expect((await quorum(bootstrap)).get(20)?.status).toBe('Follower');
    for (const id of [1, 2, 3]) await removeController(bootstrap, id);
    await until('the Kafka controller leads', async () => (await leaderOfQuorum(bootstrap)) === 20);
    await tool('kafka-topics', bootstrap, [
      '--create',
      '--topic',
      'later',
      '--partitions',
      '4',
      '--replication-factor',
      '3',
    ]);
    await expectRecordsToPass('later', bootstrap, kafkaBroker);
    expect((await cluster.status()).withoutLeader).toBe(0);
    expect(controller.log).not.toMatch(/fatal fault|FATAL/i);
  }, 600_000);

  test("an ottla broker joins Kafka's cluster, then an ottla controller, which comes to lead it", async () => {
    const clusterId = 'b3R0bGEtYW5kLWthZmthLQ';
    const [brokerPort, controllerPort, futurePort, ottlaPort] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const controllers = `localhost:${controllerPort},localhost:${futurePort}`;
    const listeners = `PLAINTEXT://localhost:${brokerPort},CONTROLLER://localhost:${controllerPort}`;
    const bootstrap = `localhost:${brokerPort}`;
    const kafka = await startKafka({
      folder: folderFor(),
      clusterId,
      properties: {
        ...nodeProperties(1, 'broker', brokerPort, controllers),
        'process.roles': 'broker,controller',
        listeners,
        'advertised.listeners': listeners,
        'offsets.topic.replication.factor': '1',
      },
      format: ['--standalone'],
    });
    const ottlaBroker = `localhost:${ottlaPort}`;
    await startOttla(clusterId, nodeProperties(50, 'broker', ottlaPort, controllers));
    expect((await quorum(bootstrap)).get(50)?.status).toBe('Observer');
    const placed = ['--replica-assignment', '1:50,50:1', '--config', 'min.insync.replicas=2'];
    await tool('kafka-topics', ottlaBroker, ['--create', '--topic', 'mixed', ...placed]);
    await expectRecordsToPass('mixed', ottlaBroker, bootstrap);
    await untilInSync(bootstrap, 'mixed');

    const path = await startOttla(clusterId, nodeProperties(51, 'controller', futurePort, controllers));
    await until('it observes the log', async () => (await quorum(bootstrap)).get(51)?.status === 'Observer');
    const addController = ['--command-config', path, 'add-controller'];
    expect(await kafkaTool('kafka-metadata-quorum', bootstrap, addController)).toContain('Added controller 51 ');
    await removeController(bootstrap, 1);
    await until('the ottla controller leads', async () => (await leaderOfQuorum(ottlaBroker)) === 51);
    await tool('kafka-topics', bootstrap, [
      '--create',
      '--topic',
      'later',
      '--partitions',
      '2',
      '--replication-factor',
      '2',
    ]);
    await expectRecordsToPass('later', bootstrap, ottlaBroker);
    await untilInSync(ottlaBroker, 'later');
    expect(kafka.log).not.toMatch(/fatal fault|FATAL/i);
  }, 600_000);
});
