/** A broker's start and end: what it finds again, and what keeps it from starting, in plain words. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { offsetCommitRequest, offsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../src/protocol/messages/09-offset-fetch.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import { describeConfigsRequest, describeConfigsResponse } from '../../src/protocol/messages/32-describe-configs.ts';
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { type KafkaConnection, produceBatch, readAll } from '../support/raw-client.ts';
import { brokers } from './broker-support.ts';

const { start, connect } = brokers();
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ottla-test-'));
  folders.push(folder);
  return folder;
}

const TOPIC = 2;
const SET = 0;

async function commitOffset(connection: KafkaConnection, groupId: string, committedOffset: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await connection.send(findCoordinatorRequest, findCoordinatorResponse, 3, { key: groupId, keyType: 0 });
    const { topics } = await connection.send(offsetCommitRequest, offsetCommitResponse, 8, {
      groupId,
      generationIdOrMemberEpoch: -1,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset }] }],
    });
    const errorCode = topics[0]?.partitions[0]?.errorCode;
    if (errorCode === 0) return;
    if (attempt === 100) throw new Error(`the offset could not be committed: ${errorCode}`);
  }
}

async function committedOffset(connection: KafkaConnection, groupId: string): Promise<number | undefined> {
  const { topics } = await connection.send(offsetFetchRequest, offsetFetchResponse, 7, {
    groupId,
    topics: [{ name: 't', partitionIndexes: [0] }],
  });
  return topics[0]?.partitions[0]?.committedOffset;
}

describe('a restart', () => {
  test('finds records, topics, configs, offsets and identity again', async () => {
    const dataDir = newFolder();
    const first = await start({ dataDir, topics: [{ name: 't', partitions: 2 }, 'other'] });
    const connection = await connect(first);
    await produceBatch(connection, 't', 0, ['a', 'b']);
    await produceBatch(connection, 't', 1, ['c']);
    await commitOffset(connection, 'group', 2);
    await connection.send(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse, 1, {
      resources: [
        {
          resourceType: TOPIC,
          resourceName: 't',
          configs: [{ name: 'retention.ms', configOperation: SET, value: '123456789' }],
        },
      ],
    });
    await first.close();
    expect(existsSync(join(dataDir, '.kafka_cleanshutdown'))).toBe(true);
    expect(existsSync(join(dataDir, '.lock'))).toBe(false);

    const second = await start({ dataDir });
    expect(second.clusterId).toBe(first.clusterId);
    const again = await connect(second);
    expect(await readAll(again, 't', 0)).toEqual(['a', 'b']);
    expect(await readAll(again, 't', 1)).toEqual(['c']);
    expect(await produceBatch(again, 't', 0, ['d'])).toBe(2);
    expect(await committedOffset(again, 'group')).toBe(2);
    const { results } = await again.send(describeConfigsRequest, describeConfigsResponse, 4, {
      resources: [{ resourceType: TOPIC, resourceName: 't', configurationKeys: ['retention.ms'] }],
    });
    expect(results[0]?.configs[0]?.value).toBe('123456789');
  });

  test('a folder is formatted as Kafka formats it', async () => {
    const dataDir = newFolder();
    const broker = await start({ dataDir, clusterId: 'my-own-cluster' });
    const lines = readFileSync(join(dataDir, 'meta.properties'), 'utf8').split('\n');
    expect(lines[0]).toBe('#');
    expect(lines[1]).toMatch(/^#\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}$/);
    expect(lines.slice(2)).toEqual([
      'cluster.id=my-own-cluster',
      expect.stringMatching(/^directory\.id=[\w-]{22}$/),
      'node.id=1',
      'version=1',
      '',
    ]);
    expect(readdirSync(join(dataDir, '__cluster_metadata-0'))).toContain('00000000000000000000-0000000000.checkpoint');
    await broker.close();
  });
});

describe('a broker does not start', () => {
  const refused = async (options: Parameters<typeof start>[0], message: RegExp, errorName: string) => {
    await expect(start(options)).rejects.toThrow(message);
    await expect(start(options)).rejects.toMatchObject({ errorName });
  };

  test('on a folder that another one uses', async () => {
    const dataDir = newFolder();
    await start({ dataDir });
    await refused({ dataDir }, /in use|is using this directory/, 'KAFKA_STORAGE_ERROR');
  });

  test('on a port that is taken; the folder is free again afterwards', async () => {
    const { port } = await start();
    const dataDir = newFolder();
    await refused(
      { dataDir, port },
      new RegExp(`cannot listen on localhost:${port}: the port is in use`),
      'NETWORK_EXCEPTION',
    );
    await start({ dataDir });
  });

  test('on the folder of another node or cluster', async () => {
    const dataDir = newFolder();
    await (await start({ dataDir, clusterId: 'mine' })).close();
    await refused({ dataDir, config: { 'node.id': 5 } }, /belongs to node 1, but node.id is 5/, 'INVALID_CONFIG');
    await refused({ dataDir, clusterId: 'yours' }, /belongs to cluster mine/, 'INVALID_CONFIG');
  });

  test.each([
    ['garbage', 'hello', /version must be 1, received none/],
    ['no cluster id', 'version=1\nnode.id=1\ndirectory.id=nKK84nrPS5uyX13XK4QTZg\n', /it has no cluster.id/],
    [
      'a bad directory id',
      'version=1\ncluster.id=c\nnode.id=1\ndirectory.id=x\n',
      /directory.id must be a UUID, received "x"/,
    ],
  ])('on a meta.properties with %s', async (_what, content, message) => {
    const dataDir = newFolder();
    writeFileSync(join(dataDir, 'meta.properties'), content);
    await refused({ dataDir }, message, 'INVALID_CONFIG');
  });

  test('on a folder that cannot be written, or is none', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await refused({ dataDir: file }, /is not a folder/, 'KAFKA_STORAGE_ERROR');
    if (process.getuid?.() === 0) return;
    const readOnly = join(newFolder(), 'read-only');
    mkdirSync(readOnly);
    chmodSync(readOnly, 0o500);
    await refused({ dataDir: readOnly }, /is not writable/, 'KAFKA_STORAGE_ERROR');
  });

  test.each([
    [{ 'num.partitions': 'many' }, /num.partitions/],
    [{ listeners: 'nonsense' }, /nonsense is not of the form NAME:\/\/host:port/],
    [{ listeners: 'SSL://:0' }, /listener SSL uses SSL/],
    [{ 'log.retention.ms': 0 }, /log.retention.ms must be unlimited \(-1\) or, greater than or equal to 1/],
    [{ 'node.id': 1, 'broker.id': 2 }, /`node.id` and `broker.id` must be set to the same value/],
    [{ 'process.roles': 'broker' }, /controller.quorum.bootstrap.servers .* must name the controllers/],
    [{ 'advertised.listeners': 'PLAINTEXT://0.0.0.0:1' }, /cannot use the nonroutable meta-address 0.0.0.0/],
    [{ 'advertised.listeners': 'OTHER://x:1' }, /listeners has no listener OTHER/],
  ])('with %j', async (config, message) => {
    await refused({ config }, message, 'INVALID_CONFIG');
  });

  test('when a topic that it is to create is impossible', async () => {
    await refused({ topics: ['a b'] }, /topic a b cannot be created/, 'INVALID_TOPIC_EXCEPTION');
  });
});

test('an ephemeral broker leaves nothing behind', async () => {
  const broker = await start();
  expect(existsSync(broker.dataDir)).toBe(true);
  await broker.close();
  await broker.close();
  expect(existsSync(broker.dataDir)).toBe(false);
});
