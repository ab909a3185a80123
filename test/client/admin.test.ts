import { afterEach, describe, expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { alterConsumerGroupOffsets, listConsumerGroupOffsets } from '../../src/client/admin/group-offsets.ts';
import { describeConsumerGroups } from '../../src/client/admin/groups.ts';
import { deleteRecords, listOffsets, OffsetSpec } from '../../src/client/admin/offsets.ts';
import { createTopics, deleteTopics, describeTopics, listTopics } from '../../src/client/admin/topics.ts';
import { KafkaClient } from '../../src/client/client.ts';
import { ApiKey } from '../../src/protocol/api-keys.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../../src/protocol/messages/02-list-offsets.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../src/protocol/messages/09-offset-fetch.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import { describeGroupsRequest, describeGroupsResponse } from '../../src/protocol/messages/15-describe-groups.ts';
import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from '../../src/protocol/messages/20-delete-topics.ts';
import { deleteRecordsRequest, deleteRecordsResponse } from '../../src/protocol/messages/21-delete-records.ts';
import {
  consumerGroupDescribeRequest,
  consumerGroupDescribeResponse,
} from '../../src/protocol/messages/69-consumer-group-describe.ts';
import {
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
} from '../../src/protocol/messages/75-describe-topic-partitions.ts';
import { FakeCluster, quickSettings } from './fake-cluster.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function clusterOf(brokers: number, more: Record<string, string> = {}) {
  const cluster = await FakeCluster.start(brokers);
  opened.push(cluster);
  const client = await KafkaClient.create('admin', quickSettings(cluster.bootstrap, more));
  opened.push(client);
  return { cluster, client };
}

const id = (letter: string): string => `${'A'.repeat(20)}${letter}g`;

/** Results with errors as their names. */
function names(results: ReadonlyMap<unknown, unknown>): unknown[] {
  return [...results].map(([key, value]) => [key, value instanceof KafkaError ? value.errorName : value]);
}

describe('topics', () => {
  test('are listed by name, internal ones on request', async () => {
    const { cluster, client } = await clusterOf(1);
    cluster.topics.push({ name: 'b', topicId: id('b'), leaders: [1] }, { name: 'a', topicId: id('a'), leaders: [1] });
    cluster.topics.push({ name: '__x', topicId: id('x'), leaders: [1], isInternal: true });
    expect((await listTopics(client)).map((topic) => topic.name)).toEqual(['a', 'b']);
    const all = await listTopics(client, { listInternal: true });
    expect(all.map((topic) => [topic.name, topic.isInternal])).toEqual([
      ['__x', true],
      ['a', false],
      ['b', false],
    ]);
  });

  // Goal: a topic that the page limit cuts in two is whole again.
  test('are described page by page', async () => {
    const { cluster, client } = await clusterOf(1);
    const topic = (name: string, from: number, to: number) => ({
      name,
      topicId: id('p'),
      partitions: Array.from({ length: to - from }, (_, i) => ({
        partitionIndex: from + i,
        leaderId: 1,
        replicaNodes: [1, 9],
      })),
    });
    cluster.broker(1).on(describeTopicPartitionsRequest, describeTopicPartitionsResponse, (body) => {
      if (body.cursor === null)
        return { topics: [topic('a', 0, 3)], nextCursor: { topicName: 'a', partitionIndex: 3 } };
      return { topics: [topic('a', 3, 5), topic('b', 0, 1), { name: 'nix', errorCode: 3 }] };
    });
    const results = await describeTopics(client, ['a', 'b', 'nix', '']);
    expect(
      names(results)
        .map((one) => (Array.isArray(one) ? one[0] : one))
        .sort(),
    ).toEqual(['', 'a', 'b', 'nix']);
    const a = results.get('a');
    expect(a).toMatchObject({ name: 'a', partitions: [0, 1, 2, 3, 4].map((partition) => ({ partition })) });
    const first = a instanceof KafkaError ? undefined : a?.partitions[0];
    expect(first).toMatchObject({ leader: { id: 1 }, replicas: [{ id: 1 }, { id: 9, host: '', port: -1 }] });
    expect(results.get('nix')).toMatchObject({ errorName: 'UNKNOWN_TOPIC_OR_PARTITION' });
    expect(results.get('')).toMatchObject({ errorName: 'INVALID_TOPIC_EXCEPTION' });
  });

  test('of a broker without DescribeTopicPartitions are described by Metadata', async () => {
    const { cluster, client } = await clusterOf(1);
    cluster.topics.push({ name: 'a', topicId: id('a'), leaders: [1, 1] });
    const results = await describeTopics(client, ['a', 'nix']);
    expect(results.get('a')).toMatchObject({ partitions: [{ partition: 0 }, { partition: 1 }] });
    expect(results.get('nix')).toMatchObject({ errorName: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  test('each has its own result', async () => {
    const { cluster, client } = await clusterOf(1);
    cluster.broker(1).on(createTopicsRequest, createTopicsResponse, () => ({
      topics: [
        { name: 'a', topicId: id('a'), numPartitions: 3, replicationFactor: 1 },
        { name: 'b', errorCode: 36, errorMessage: "Topic 'b' already exists." },
      ],
    }));
    const results = await createTopics(client, [{ name: 'a', numPartitions: 3 }, { name: 'b' }, { name: 'c' }]);
    expect(names(results)).toEqual([
      ['a', { topicId: id('a'), numPartitions: 3, replicationFactor: 1 }],
      ['b', 'TOPIC_ALREADY_EXISTS'],
      ['c', 'UNKNOWN_SERVER_ERROR'],
    ]);
    expect(results.get('b')).toMatchObject({ message: "Topic 'b' already exists." });
    expect(cluster.broker(1).bodies(createTopicsRequest)[0]?.topics[1]).toMatchObject({
      numPartitions: -1,
      replicationFactor: -1,
    });
  });

  test('are changed by the controller: a broker that is not it sends the client on', async () => {
    const { cluster, client } = await clusterOf(2);
    cluster.controllerId = 2;
    const answer = (broker: number) => (body: { topics: { name: string | null }[] }) => ({
      responses: body.topics.map(({ name }) => ({ name, errorCode: broker === cluster.controllerId ? 0 : 41 })),
    });
    for (const broker of [1, 2]) cluster.broker(broker).on(deleteTopicsRequest, deleteTopicsResponse, answer(broker));
    for (let i = 0; i < 5; i++) expect(names(await deleteTopics(client, ['a']))).toEqual([['a', undefined]]);
    cluster.controllerId = 1;
    expect(names(await deleteTopics(client, ['a']))).toEqual([['a', undefined]]);
  });

  test('are deleted by name in versions that have no ids', async () => {
    const { cluster, client } = await clusterOf(1);
    cluster.broker(1).maxVersions.set(ApiKey.DeleteTopics, 4);
    cluster.broker(1).on(deleteTopicsRequest, deleteTopicsResponse, (body) => ({
      responses: body.topicNames.map((name) => ({ name })),
    }));
    expect(names(await deleteTopics(client, ['a', 'b']))).toEqual([
      ['a', undefined],
      ['b', undefined],
    ]);
  });
});

describe('calls to leaders', () => {
  const offsetsOf =
    (errorFor: (partition: number) => number, offset: number) =>
    (body: { topics: { name: string; partitions: { partitionIndex: number }[] }[] }) => ({
      topics: body.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errorFor(partitionIndex),
          offset,
        })),
      })),
    });

  // Goal: one partition in trouble neither fails the others nor has them asked again.
  test('follow leaders that move, and keep the results of the others', async () => {
    const { cluster, client } = await clusterOf(2);
    const topic = { name: 't', topicId: id('t'), leaders: [1, 2, 1] };
    cluster.topics.push(topic);
    cluster.broker(1).on(listOffsetsRequest, listOffsetsResponse, (body) => {
      topic.leaders[0] = 2;
      return offsetsOf((partition) => (partition === 0 ? 6 : 0), 11)(body);
    });
    cluster.broker(2).on(
      listOffsetsRequest,
      listOffsetsResponse,
      offsetsOf(() => 0, 22),
    );
    const queries = [0, 1, 2].map((partition) => ({ topic: 't', partition, timestamp: OffsetSpec.LATEST }));
    const results = await listOffsets(client, queries);
    expect(
      [...results].map(([key, value]) => [key, value instanceof KafkaError ? value.errorName : value.offset]),
    ).toEqual([
      ['t-0', 22],
      ['t-1', 22],
      ['t-2', 11],
    ]);
    const asked = cluster
      .broker(1)
      .bodies(listOffsetsRequest)
      .flatMap((body) => body.topics[0]?.partitions ?? []);
    expect(asked.map((one) => one.partitionIndex)).toEqual([0, 2]);
  });

  test('report an error that stays for its partition alone', async () => {
    const { cluster, client } = await clusterOf(1);
    cluster.topics.push({ name: 't', topicId: id('t'), leaders: [1, 1] });
    cluster.broker(1).on(deleteRecordsRequest, deleteRecordsResponse, (body) => ({
      topics: body.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, offset }) => ({
          partitionIndex,
          lowWatermark: offset,
          errorCode: partitionIndex === 1 ? 1 : 0,
        })),
      })),
    }));
    const results = await deleteRecords(client, [
      { topic: 't', partition: 0, beforeOffset: 7 },
      { topic: 't', partition: 1, beforeOffset: 99 },
    ]);
    expect(names(results)).toEqual([
      ['t-0', 7],
      ['t-1', 'OFFSET_OUT_OF_RANGE'],
    ]);
  });

  test('ask for an unknown topic until time is up', async () => {
    const { cluster, client } = await clusterOf(1);
    cluster.broker(1).on(
      listOffsetsRequest,
      listOffsetsResponse,
      offsetsOf(() => 0, 1),
    );
    const results = await listOffsets(client, [{ topic: 'nix', partition: 0, timestamp: -1 }], { timeoutMs: 80 });
    expect(results.get('nix-0')).toMatchObject({
      message: expect.stringMatching(
        /^Call\(callName=listOffsets\(api=METADATA\), .* timed out at \d+ after \d+ attempt\(s\)$/,
      ),
    });
  });
});

describe('calls to coordinators', () => {
  const coordinatorAt = (cluster: FakeCluster, of: (key: string) => number): void => {
    for (const broker of cluster.brokers) {
      broker.on(findCoordinatorRequest, findCoordinatorResponse, (body) => ({
        coordinators: body.coordinatorKeys.map((key) => ({ key, nodeId: of(key), host: '127.0.0.1', port: 1 })),
        ...(body.coordinatorKeys.length === 0 ? { nodeId: of(body.key), host: '127.0.0.1', port: 1 } : {}),
      }));
    }
  };

  test('find the coordinator of each group, and find it anew when it moved', async () => {
    const { cluster, client } = await clusterOf(2);
    let home = 1;
    coordinatorAt(cluster, (key) => (key === 'moves' ? home : 2));
    for (const broker of cluster.brokers) {
      broker.on(offsetFetchRequest, offsetFetchResponse, (body) => {
        home = 2;
        return {
          groups: body.groups.map(({ groupId }) => ({
            groupId,
            errorCode: groupId === 'moves' && broker.nodeId === 1 ? 16 : 0,
            topics: [
              {
                name: 't',
                partitions: [
                  { partitionIndex: 0, committedOffset: broker.nodeId },
                  { partitionIndex: 1, committedOffset: -1 },
                ],
              },
            ],
          })),
        };
      });
    }
    const groups = new Map([
      ['moves', undefined],
      ['stays', undefined],
    ]);
    const results = await listConsumerGroupOffsets(client, groups);
    for (const group of ['moves', 'stays']) {
      const offsets = results.get(group);
      if (!(offsets instanceof Map)) throw new Error(`${group}: ${String(offsets)}`);
      expect(offsets.get('t-0')?.committed?.offset).toBe(2);
      expect(offsets.get('t-1')?.committed).toBeNull();
    }
  });

  test('ask group by group where the broker is old', async () => {
    const { cluster, client } = await clusterOf(1);
    cluster.broker(1).maxVersions.set(ApiKey.FindCoordinator, 2).set(ApiKey.OffsetFetch, 5);
    cluster.broker(1).on(findCoordinatorRequest, findCoordinatorResponse, () => ({ nodeId: 1 }));
    cluster.broker(1).on(offsetFetchRequest, offsetFetchResponse, (body) => ({
      topics: [{ name: body.groupId, partitions: [{ partitionIndex: 0, committedOffset: 4, metadata: 'm' }] }],
    }));
    const results = await listConsumerGroupOffsets(
      client,
      new Map([
        ['g1', undefined],
        ['g2', undefined],
      ]),
    );
    expect([...results.keys()]).toEqual(['g1', 'g2']);
    expect(
      cluster
        .broker(1)
        .bodies(offsetFetchRequest)
        .map((body) => body.groupId),
    ).toEqual(['g1', 'g2']);
  });

  test('throw when the group as a whole refuses', async () => {
    const { cluster, client } = await clusterOf(1);
    coordinatorAt(cluster, () => 1);
    cluster.broker(1).on(offsetCommitRequest, offsetCommitResponse, (body) => ({
      topics: body.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: partitionIndex === 1 ? 3 : 0,
        })),
      })),
    }));
    const offsets = [0, 1].map((partition) => ({ topic: 't', partition, offset: 5 }));
    expect(names(await alterConsumerGroupOffsets(client, 'g', offsets))).toEqual([
      ['t-0', undefined],
      ['t-1', 'UNKNOWN_TOPIC_OR_PARTITION'],
    ]);
    cluster.broker(1).on(findCoordinatorRequest, findCoordinatorResponse, (body) => ({
      coordinators: body.coordinatorKeys.map((key) => ({ key, nodeId: -1, errorCode: 30 })),
    }));
    const refused = alterConsumerGroupOffsets(client, 'g', offsets);
    await expect(refused).rejects.toMatchObject({ errorName: 'GROUP_AUTHORIZATION_FAILED' });
  });

  test('describe a group by the request that fits its protocol', async () => {
    const { cluster, client } = await clusterOf(1);
    coordinatorAt(cluster, () => 1);
    cluster.broker(1).on(consumerGroupDescribeRequest, consumerGroupDescribeResponse, (body) => ({
      groups: body.groupIds.map((groupId) =>
        groupId === 'new'
          ? { groupId, groupState: 'Stable', groupEpoch: 3 }
          : { groupId, errorCode: 69, errorMessage: 'no' },
      ),
    }));
    cluster.broker(1).on(describeGroupsRequest, describeGroupsResponse, (body) => ({
      groups: body.groups.map((groupId) => ({
        groupId,
        ...(groupId === 'old'
          ? { groupState: 'Empty', protocolType: 'consumer' }
          : { errorCode: 69, errorMessage: `Group ${groupId} not found.` }),
      })),
    }));
    const results = await describeConsumerGroups(client, ['new', 'old', 'none']);
    expect(results.get('new')).toMatchObject({ groupType: 'consumer', state: 'Stable', groupEpoch: 3 });
    expect(results.get('old')).toMatchObject({ groupType: 'classic', state: 'Empty', isSimpleConsumerGroup: false });
    expect(results.get('none')).toMatchObject({ errorName: 'GROUP_ID_NOT_FOUND', message: 'Group none not found.' });
  });
});
