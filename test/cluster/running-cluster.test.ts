/** Goal: a test suite gets a real cluster, can break it and mend it, and leaves nothing behind, however it ends. */

import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identifyProcess } from '../../src/base/process-identity.ts';
import { describeTopics } from '../../src/client/admin/topics.ts';
import { KafkaClient } from '../../src/client/index.ts';
import { ClusterError, type RunningCluster, startCluster } from '../../src/index.ts';
import { removeFolder, temporaryFolder, until } from '../support/processes.ts';

/** Leader and replicas of a topic's first partition, as the cluster's brokers say. */
async function partitionOf(cluster: RunningCluster, topic: string) {
  const client = await KafkaClient.create('admin', new Map([['bootstrap.servers', cluster.bootstrapServers]]));
  try {
    const description = (await describeTopics(client, [topic])).get(topic);
    if (description === undefined || description instanceof Error) throw description ?? new Error('no answer');
    const [first] = description.partitions;
    return {
      leader: first?.leader?.id,
      replicas: first?.replicas.map(({ id }) => id).sort(),
      isr: first?.isr.map(({ id }) => id).sort(),
    };
  } finally {
    client.close();
  }
}

describe('a cluster of two brokers and a controller', () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    cluster = await startCluster({
      brokers: 2,
      controllers: 1,
      config: { 'broker.session.timeout.ms': 1000, 'broker.heartbeat.interval.ms': 200 },
      topics: [
        'orders',
        { name: 'audit', partitions: 1, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } },
      ],
    });
  });
  afterAll(() => cluster.close());

  test('tells its nodes, and has the topics that were asked for', async () => {
    expect(cluster.nodes.map(({ id, roles, state }) => ({ id, roles, state }))).toEqual([
      { id: 1, roles: ['broker'], state: 'running' },
      { id: 2, roles: ['broker'], state: 'running' },
      { id: 3, roles: ['controller'], state: 'running' },
    ]);
    expect(cluster.bootstrapServers.split(',')).toHaveLength(2);
    expect(await partitionOf(cluster, 'orders')).toMatchObject({ replicas: [1, 2] });
    expect((await partitionOf(cluster, 'audit')).replicas).toHaveLength(1);
  });

  test('the other broker leads when one is killed, and it is back when it is started', async () => {
    const { leader = 0 } = await partitionOf(cluster, 'orders');
    await cluster.kill(leader);
    expect(cluster.nodes.find(({ id }) => id === leader)).toMatchObject({ state: 'stopped', pid: undefined });
    await until('the other one leads', async () => (await partitionOf(cluster, 'orders')).leader === 3 - leader);
    await cluster.start(leader);
    await until('both are in sync', async () => (await partitionOf(cluster, 'orders')).isr?.length === 2);
  });

  test('a restarted broker is another process, and takes part again', async () => {
    const before = cluster.nodes[0]?.pid;
    await cluster.restart(1);
    expect(cluster.nodes[0]).toMatchObject({ state: 'running' });
    expect(cluster.nodes[0]?.pid).not.toBe(before);
    await until('both are in sync', async () => (await partitionOf(cluster, 'orders')).isr?.length === 2);
  });

  test('a node that is frozen, or a call that names none, is told', async () => {
    await cluster.pause(2);
    expect(cluster.nodes[1]?.state).toBe('paused');
    await cluster.resume(2);
    expect(cluster.nodes[1]?.state).toBe('running');
    await expect(cluster.kill(9)).rejects.toThrow(new ClusterError('there is no node 9; the cluster has 1, 2, 3'));
  });

  test('cuts hold until they are healed', async () => {
    await cluster.partition([[1], [2, 3]]);
    await until('node 1 is out', async () => (await partitionOf(cluster, 'orders')).isr?.join() === '2');
    await cluster.heal();
    await until('node 1 is back', async () => (await partitionOf(cluster, 'orders')).isr?.length === 2);
  });

  test('nothing is left of a cluster that was closed, and closing twice is harmless', async () => {
    const { dataDir, nodes } = cluster;
    await Promise.all([cluster.close(), cluster.close()]);
    expect(existsSync(dataDir)).toBe(false);
    expect(nodes.map(({ pid }) => identifyProcess(pid ?? -1))).toEqual([undefined, undefined, undefined]);
  });
});

test('a cluster in a folder of its own is found there again, and no other shape is pretended', async () => {
  const folder = temporaryFolder();
  const first = await startCluster({ brokers: 1, dataDir: folder, topics: ['kept'] });
  await first.close();
  await expect(startCluster({ brokers: 2, dataDir: folder })).rejects.toThrow('has brokers 1, asked for 2');
  const second = await startCluster({ brokers: 1, dataDir: folder, topics: ['kept'] });
  try {
    expect(second.clusterId).toBe(first.clusterId);
    expect((await partitionOf(second, 'kept')).leader).toBe(1);
  } finally {
    await second.close();
    removeFolder(folder);
  }
});

test('a topic that cannot be created fails the start, and leaves no node', async () => {
  const folder = temporaryFolder();
  const topics = [{ name: 'wide', replicationFactor: 2 }];
  await expect(startCluster({ brokers: 1, dataDir: folder, ephemeral: true, topics })).rejects.toThrow(
    /topic wide cannot be created: .*replication factor/,
  );
  expect(existsSync(folder)).toBe(false);
});

test('the nodes of a test process that is killed end with it', async () => {
  const folder = temporaryFolder();
  const script = join(folder, 'suite.mjs');
  const library = join(import.meta.dirname, '..', '..', 'dist', 'index.js');
  const dataDir = join(folder, 'cluster');
  writeFileSync(
    script,
    `import { startCluster } from ${JSON.stringify(library)};
     const cluster = await startCluster({ brokers: 1, dataDir: ${JSON.stringify(dataDir)} });
     process.stdout.write(String(cluster.nodes[0].pid));
     setInterval(() => {}, 1000);`,
  );
  const suite = execFile(process.execPath, [script]);
  let pid = '';
  suite.stdout?.on('data', (text: string) => {
    pid += text;
  });
  await until('the cluster runs', async () => pid !== '');
  expect(identifyProcess(Number(pid))).toBeDefined();
  suite.kill('SIGKILL');
  await until('the node ended', async () => identifyProcess(Number(pid)) === undefined);
  removeFolder(folder);
});
