/**
 * Goal: a cluster of ottla becomes one of the released Apache Kafka, by the commands of docs/graduate.md, while a producer
 * writes and a group reads. In the end no process of ottla runs; nothing acknowledged is lost, doubled or out of order,
 * and the group goes on where it had committed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { identifyProcess } from '../../src/base/process-identity.ts';
import { TestCluster } from '../support/clusters.ts';
import { GroupMember, type Read } from '../support/group-member.ts';
import { KafkaNode } from '../support/kafka-node.ts';
import { apacheKafka, freePort, isMissing, ottla, removeFolder, temporaryFolder, until } from '../support/processes.ts';

const TOPIC = 'orders';
const GROUP = 'billing';
const PARTITIONS = [0, 1, 2, 3];
const OTTLA_IDS = [1, 2, 3];
const KAFKA_IDS = [10, 11];
/** Between two batches: a load that leaves two cores time for two JVMs. */
const PAUSE_MS = 10;

/** Runs one of our tools; it must succeed. Returns what it printed. */
async function tool(name: string, bootstrap: string, ...args: string[]): Promise<string> {
  const server = ['--bootstrap-server', bootstrap];
  // This tool takes the option behind the verb only.
  const all = name === 'kafka-cluster' ? [...args, ...server] : [...server, ...args];
  const { stdout, stderr, code } = await ottla(name, all, { timeoutMs: 90_000 });
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${stderr} ${stdout}`);
  return stdout;
}

/** The server.properties of docs/graduate.md. */
function kafkaProperties(id: number, port: number, controllerPort: number, controllers: string) {
  const listeners = `PLAINTEXT://localhost:${port},CONTROLLER://localhost:${controllerPort}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    listeners,
    'advertised.listeners': listeners,
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'controller.quorum.bootstrap.servers': controllers,
    'offsets.topic.replication.factor': '2',
  };
}

function client(bootstrap: string): Kafka {
  return new Kafka({
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    requestTimeout: 10_000,
    retry: { retries: 100, maxRetryTime: 1000 },
  });
}

/** Writes 0, 1, 2, … to each partition until told to stop; remembers the offset at which each was acknowledged. */
function keepProducing(bootstrap: string) {
  const acknowledged = PARTITIONS.map((): number[] => []);
  const producer = client(bootstrap).producer({ idempotent: true, maxInFlightRequests: 1, metadataMaxAge: 1000 });
  let isStopping = false;
  const sendOne = async (partition: number, value: number): Promise<void> => {
    const messages = [{ key: `key-${partition}`, value: String(value), partition }];
    const [result] = await producer.send({ topic: TOPIC, acks: -1, messages });
    acknowledged[partition]?.push(Number(result?.baseOffset));
  };
  const done = (async () => {
    await producer.connect();
    for (let next = 0; !isStopping; next++) {
      // kafkajs forgets a record, and says nothing, when its partition moves to a broker that has answered already.
      await Promise.all(PARTITIONS.map((partition) => sendOne(partition, next)));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await producer.disconnect();
  })();
  done.catch(() => {});
  return {
    acknowledged,
    count: () => acknowledged[0]?.length ?? 0,
    /** Waits until more is acknowledged than now: the writes go on. */
    async progress(after: string): Promise<void> {
      const before = this.count();
      await until(`writes flow after ${after}`, () => this.count() > before + 20, 60_000);
    },
    async stop(): Promise<void> {
      isStopping = true;
      await done;
    },
  };
}

/** In order and without a gap. After a rebalance a group may read again what it had not committed, never skip. */
function expectInOrder(reads: readonly Read[], firstOffset: number): void {
  let next = firstOffset;
  for (const { offset, value } of reads) {
    expect(offset).toBeLessThanOrEqual(next);
    expect(value).toBe(String(offset));
    next = offset + 1;
  }
}

describe.skipIf(isMissing(apacheKafka, 'java'))('from ottla to Apache Kafka', () => {
  const cleanUps: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function startOttla(): Promise<TestCluster> {
    const cluster = await TestCluster.start(['--rf', '2']);
    cleanUps.push(() => cluster.purge());
    return cluster;
  }

  /** Two nodes of Kafka, each broker and controller, that join ottla's cluster. */
  async function startKafka({ started }: TestCluster, ports: readonly number[]): Promise<KafkaNode[]> {
    const starting = KAFKA_IDS.map(async (id, i) => {
      const folder = temporaryFolder();
      cleanUps.push(() => removeFolder(folder));
      const properties = kafkaProperties(id, ports[i] ?? 0, await freePort(), started.controllerBootstrapServers);
      const format = ['--no-initial-controllers'];
      const node = await KafkaNode.start({ folder, clusterId: started.clusterId, properties, format });
      cleanUps.push(() => node.stop('SIGKILL'));
      return node;
    });
    return Promise.all(starting);
  }

  async function quorum(bootstrap: string) {
    const text = await tool('kafka-metadata-quorum', bootstrap, 'describe', '--replication');
    return text.split('\n').flatMap((line) => {
      const [id = '', directoryId = '', , , , , status = ''] = line.trim().split(/\s+/);
      return /^\d+$/.test(id) ? [{ id: Number(id), directoryId, status }] : [];
    });
  }

  /** Every partition of every topic, `__consumer_offsets` among them, goes to Kafka's brokers. */
  async function movePartitions(bootstrap: string): Promise<void> {
    const folder = temporaryFolder();
    cleanUps.push(() => removeFolder(folder));
    const names = (await tool('kafka-topics', bootstrap, '--list')).trim().split('\n');
    expect(names).toContain('__consumer_offsets');
    const topicsFile = join(folder, 'topics.json');
    writeFileSync(topicsFile, JSON.stringify({ version: 1, topics: names.map((topic) => ({ topic })) }));
    const to = ['--topics-to-move-json-file', topicsFile, '--broker-list', KAFKA_IDS.join(), '--generate'];
    const plan = (await tool('kafka-reassign-partitions', bootstrap, ...to)).trim().split('\n').at(-1) ?? '';
    const planFile = join(folder, 'plan.json');
    writeFileSync(planFile, plan);
    const reassign = ['--reassignment-json-file', planFile];
    await tool('kafka-reassign-partitions', bootstrap, ...reassign, '--execute');
    const verify = () => tool('kafka-reassign-partitions', bootstrap, ...reassign, '--verify');
    await until('all partitions are moved', async () => !/still in progress/.test(await verify()), 90_000);
    const described = await tool('kafka-topics', bootstrap, '--describe');
    const leaders = [...described.matchAll(/Leader: (\S+)\tReplicas: (\S+)\tIsr: (\S+)/g)];
    expect(leaders.length).toBeGreaterThan(PARTITIONS.length);
    for (const [line, leader, replicas, isr] of leaders) {
      expect(KAFKA_IDS, line).toContain(Number(leader));
      for (const ids of [replicas, isr]) expect(ids?.split(',').map(Number).sort(), line).toEqual(KAFKA_IDS);
    }
  }

  /** Kafka's nodes become voters, ottla's stop to be voters, the active controller last. */
  async function moveQuorum(bootstrap: string, kafka: readonly KafkaNode[]): Promise<void> {
    for (const { propertiesPath } of kafka) {
      await tool('kafka-metadata-quorum', bootstrap, '--command-config', propertiesPath, 'add-controller');
    }
    const isLeader = ({ status }: { status: string }): boolean => status === 'Leader';
    const voters = (await quorum(bootstrap)).filter(({ id }) => OTTLA_IDS.includes(id));
    for (const { id, directoryId } of [...voters.filter((one) => !isLeader(one)), ...voters.filter(isLeader)]) {
      const key = ['--controller-id', String(id), '--controller-directory-id', directoryId];
      await tool('kafka-metadata-quorum', bootstrap, 'remove-controller', ...key);
    }
    await until('a node of Kafka leads the quorum', async () => {
      const found = await quorum(bootstrap);
      expect(found.filter(({ status }) => status !== 'Observer').every(({ id }) => KAFKA_IDS.includes(id))).toBe(true);
      return KAFKA_IDS.includes(found.find(isLeader)?.id ?? -1);
    });
  }

  function joinGroup(bootstrap: string): GroupMember {
    const folder = temporaryFolder();
    const propertiesPath = join(folder, 'consumer.properties');
    writeFileSync(propertiesPath, 'metadata.max.age.ms=1000\n');
    const member = new GroupMember(bootstrap, GROUP, TOPIC, propertiesPath);
    cleanUps.push(
      () => removeFolder(folder),
      () => member.leave(),
    );
    return member;
  }

  async function committed(bootstrap: string): Promise<number[]> {
    const text = await tool('kafka-consumer-groups', bootstrap, '--describe', '--group', GROUP);
    const offsets = PARTITIONS.map((partition) => new RegExp(`${TOPIC} +${partition} +(\\d+) `).exec(text)?.[1]);
    return offsets.map(Number);
  }

  async function contents(bootstrap: string, partition: number): Promise<string[]> {
    const from = ['--topic', TOPIC, '--partition', String(partition), '--offset', 'earliest', '--timeout-ms', '5000'];
    return (await tool('kafka-console-consumer', bootstrap, ...from)).trim().split('\n');
  }

  test('under load: every acknowledged record is there once and in order, and the group goes on', async () => {
    const cluster = await startOttla();
    const ports = [await freePort(), await freePort()];
    const kafkaServers = ports.map((port) => `localhost:${port}`).join();
    const count = String(PARTITIONS.length);
    await tool('kafka-topics', cluster.bootstrap, '--create', '--topic', TOPIC, '--partitions', count);
    const load = keepProducing(`${cluster.bootstrap},${kafkaServers}`);
    const first = joinGroup(`${cluster.bootstrap},${kafkaServers}`);
    await first.untilRead(PARTITIONS);

    const kafka = await startKafka(cluster, ports);
    await load.progress('nodes of Kafka joined');
    await movePartitions(cluster.bootstrap);
    await load.progress('all partitions moved');
    await moveQuorum(cluster.bootstrap, kafka);
    await load.progress('the quorum moved');
    await cluster.verb('stop');
    for (const { pid } of cluster.started.nodes) expect(identifyProcess(pid)).toBeUndefined();
    await load.progress('the last node of ottla stopped');
    for (const id of OTTLA_IDS) {
      await tool('kafka-cluster', kafkaServers, 'unregister', '--id', String(id));
      await tool('kafka-cluster', kafkaServers, 'unregister-controller', '--id', String(id));
    }
    await tool('kafka-features', kafkaServers, 'upgrade', '--release-version', '4.4');
    await load.progress('nothing of ottla is known any more');

    await first.leave();
    const offsets = await committed(kafkaServers);
    const second = joinGroup(kafkaServers);
    await second.untilRead(PARTITIONS);
    await load.stop();
    const total = load.count();
    await second.untilRead(PARTITIONS, total - 1);

    const wanted = Array.from({ length: total }, (_, i) => i);
    for (const partition of PARTITIONS) {
      expect(load.acknowledged[partition], `acknowledged in ${partition}`).toEqual(wanted);
      expect(await contents(kafkaServers, partition), `in ${partition}`).toEqual(wanted.map(String));
      expectInOrder(first.reads(partition), 0);
      expect(first.reads(partition).at(-1)?.offset).toBe((offsets[partition] ?? 0) - 1);
      expect(second.reads(partition)[0]?.offset).toBe(offsets[partition]);
      expectInOrder(second.reads(partition), offsets[partition] ?? 0);
    }
    for (const { log } of kafka) expect(log).not.toMatch(/fatal fault|FATAL/i);
  }, 400_000);
});
