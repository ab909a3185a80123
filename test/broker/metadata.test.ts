/** Metadata and its kin: topics by name and id, creation on first use, paging, what each version shows. */
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { describeClusterRequest, describeClusterResponse } from '../../src/protocol/messages/60-describe-cluster.ts';
import {
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
} from '../../src/protocol/messages/75-describe-topic-partitions.ts';
import type { KafkaConnection } from '../support/raw-client.ts';
import { brokers } from './broker-support.ts';

const { start, connect, withTopic } = brokers();

async function metadata(
  connection: KafkaConnection,
  version: number,
  topics: { name?: string | null; topicId?: string }[] | null,
  allowAutoTopicCreation = false,
) {
  return connection.send(metadataRequest, metadataResponse, version, {
    topics,
    ...(version >= 4 ? { allowAutoTopicCreation } : {}),
  });
}

describe('Metadata', () => {
  test.each([0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13])('v%i shows the broker and the topic', async (version) => {
    const { broker, connection } = await withTopic({ clusterId: 'my-cluster' });
    const response = await metadata(connection, version, [{ name: 't' }]);
    expect(response.brokers).toMatchObject([{ nodeId: 1, host: 'localhost', port: broker.port }]);
    if (version >= 1) expect(response.controllerId).toBe(1);
    if (version >= 2) expect(response.clusterId).toBe('my-cluster');
    expect(response.topics).toMatchObject([
      { errorCode: 0, name: 't', partitions: [{ errorCode: 0, leaderId: 1, replicaNodes: [1], isrNodes: [1] }] },
    ]);
    if (version >= 10) expect(response.topics[0]?.topicId).not.toBe('AAAAAAAAAAAAAAAAAAAAAA');
  });

  test('all topics are null from v1 on, an empty list in v0', async () => {
    const { connection } = await withTopic({ topics: ['a', 'b'] });
    const names = async (version: number, topics: [] | null) =>
      (await metadata(connection, version, topics)).topics.map(({ name }) => name).sort();
    expect(await names(0, [])).toEqual(['a', 'b']);
    expect(await names(1, null)).toEqual(['a', 'b']);
    expect(await names(1, [])).toEqual([]);
  });

  test('topics are found by id from v12 on; an unknown id is UNKNOWN_TOPIC_ID', async () => {
    const { connection } = await withTopic();
    const topicId = (await metadata(connection, 12, [{ name: 't' }])).topics[0]?.topicId ?? '';
    const found = await metadata(connection, 12, [{ name: null, topicId }]);
    expect(found.topics).toMatchObject([{ errorCode: 0, name: 't', topicId }]);
    const unknown = await metadata(connection, 12, [{ name: null, topicId: 'kEkOrYngTSyEGigPJ1IRkg' }]);
    expect(unknown.topics).toMatchObject([{ errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null }]);
    const early = await metadata(connection, 10, [{ name: 't', topicId }]);
    expect(early.topics).toMatchObject([{ errorCode: ErrorCode.INVALID_REQUEST }]);
  });

  test('a missing topic is created on first use with the defaults of the broker, where that is allowed', async () => {
    const { connection } = await withTopic({ config: { 'num.partitions': 3 } });
    expect((await metadata(connection, 9, [{ name: 'not-wanted' }])).topics).toMatchObject([
      { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name: 'not-wanted', partitions: [] },
    ]);
    expect((await metadata(connection, 9, [{ name: 'wanted' }], true)).topics).toMatchObject([
      { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
    ]);
    let partitions = 0;
    for (let attempt = 0; attempt < 200 && partitions === 0; attempt++) {
      partitions = (await metadata(connection, 9, [{ name: 'wanted' }])).topics[0]?.partitions.length ?? 0;
    }
    expect(partitions).toBe(3);
    expect((await metadata(connection, 9, null)).topics.map(({ name }) => name).sort()).toEqual(['t', 'wanted']);
  });

  test('a name that no topic can have is INVALID_TOPIC_EXCEPTION; auto.create.topics.enable=false creates none', async () => {
    const { connection } = await withTopic({ config: { 'auto.create.topics.enable': false } });
    expect((await metadata(connection, 9, [{ name: 'a b' }], true)).topics).toMatchObject([
      { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION },
    ]);
    await metadata(connection, 9, [{ name: 'x' }], true);
    expect((await metadata(connection, 9, null)).topics.map(({ name }) => name)).toEqual(['t']);
  });

  test('an advertised listener is told as it is configured, any other as the client came', async () => {
    const broker = await start({ config: { listeners: 'PLAINTEXT://0.0.0.0:0' } });
    const own = await metadata(await connect({ ...broker, bootstrapServers: `127.0.0.1:${broker.port}` }), 9, []);
    expect(own.brokers).toMatchObject([{ host: '127.0.0.1', port: broker.port }]);
    const config = {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'advertised.listeners': 'PLAINTEXT://kafka.example.org:1234',
    };
    const hidden = await start({ config });
    const told = await metadata(await connect({ ...hidden, bootstrapServers: `127.0.0.1:${hidden.port}` }), 9, []);
    expect(told.brokers).toMatchObject([{ host: 'kafka.example.org', port: 1234 }]);
  });
});

describe('DescribeCluster', () => {
  test('tells the brokers, and refuses to speak for controllers', async () => {
    const broker = await start({ clusterId: 'c1' });
    const connection = await connect(broker);
    const response = await connection.send(describeClusterRequest, describeClusterResponse, 2, { endpointType: 1 });
    expect(response).toMatchObject({ errorCode: 0, clusterId: 'c1', controllerId: 1, endpointType: 1 });
    expect(response.brokers).toMatchObject([{ brokerId: 1, port: broker.port, isFenced: false }]);
    const wrong = await connection.send(describeClusterRequest, describeClusterResponse, 1, { endpointType: 2 });
    expect(wrong.errorCode).toBe(ErrorCode.MISMATCHED_ENDPOINT_TYPE);
    const unknown = await connection.send(describeClusterRequest, describeClusterResponse, 1, { endpointType: 9 });
    expect(unknown.errorCode).toBe(ErrorCode.UNSUPPORTED_ENDPOINT_TYPE);
  });
});

describe('DescribeTopicPartitions', () => {
  test('pages through topics and partitions by name', async () => {
    const topics = [
      { name: 'b', partitions: 3 },
      { name: 'a', partitions: 2 },
    ];
    const { connection } = await withTopic({ topics });
    const seen: string[] = [];
    let cursor: { topicName: string; partitionIndex: number } | null = null;
    for (let page = 0; page < 10; page++) {
      const response: Awaited<ReturnType<typeof ask>> = await ask(connection, cursor);
      for (const { name, partitions } of response.topics) {
        for (const { partitionIndex } of partitions) seen.push(`${name}-${partitionIndex}`);
      }
      cursor = response.nextCursor;
      if (cursor === null) break;
    }
    expect(seen).toEqual(['a-0', 'a-1', 'b-0', 'b-1', 'b-2']);
  });

  const ask = (connection: KafkaConnection, cursor: { topicName: string; partitionIndex: number } | null) =>
    connection.send(describeTopicPartitionsRequest, describeTopicPartitionsResponse, 0, {
      topics: [],
      responsePartitionLimit: 2,
      cursor,
    });

  test('of a missing topic says so', async () => {
    const { connection } = await withTopic();
    const response = await connection.send(describeTopicPartitionsRequest, describeTopicPartitionsResponse, 0, {
      topics: [{ name: 'none' }, { name: 't' }],
    });
    expect(response.topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['none', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      ['t', 0],
    ]);
  });
});

test('a topic that was created is there when the answer arrives', async () => {
  const { connection } = await withTopic();
  await connection.send(createTopicsRequest, createTopicsResponse, 7, {
    topics: [{ name: 'new', numPartitions: 2, replicationFactor: 1 }],
    timeoutMs: 5000,
  });
  const response = await metadata(connection, 9, [{ name: 'new' }]);
  expect(response.topics).toMatchObject([{ errorCode: 0, partitions: [{ leaderId: 1 }, { leaderId: 1 }] }]);
});
