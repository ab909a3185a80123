/**
 * Goal: several nodes are one cluster: each has its roles, brokers register with the active controller wherever it is,
 * what only that can do reaches it through any broker, and another takes over when it is gone.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BrokerServer } from '../../src/broker/broker-server.ts';
import { encodePrincipal } from '../../src/broker/forwarder.ts';
import { errorNameOf } from '../../src/protocol/error-codes.ts';
import { encodeRequest } from '../../src/protocol/header.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../src/protocol/messages/22-init-producer-id.ts';
import { describeConfigsRequest, describeConfigsResponse } from '../../src/protocol/messages/32-describe-configs.ts';
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { describeQuorumRequest, describeQuorumResponse } from '../../src/protocol/messages/55-describe-quorum.ts';
import { envelopeRequest, envelopeResponse } from '../../src/protocol/messages/58-envelope.ts';
import { describeClusterRequest, describeClusterResponse } from '../../src/protocol/messages/60-describe-cluster.ts';
import { brokerHeartbeatRequest, brokerHeartbeatResponse } from '../../src/protocol/messages/63-broker-heartbeat.ts';
import { until } from '../support/processes.ts';
import type { KafkaConnection } from '../support/raw-client.ts';
import { clusters, THREE_COMBINED } from './cluster-support.ts';

const { plan, startAll, connect, closeAll } = clusters();

const METADATA_VERSION = 12;
const CLUSTER_METADATA = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }];

async function quorum(connection: KafkaConnection) {
  const { topics } = await connection.send(describeQuorumRequest, describeQuorumResponse, 2, {
    topics: CLUSTER_METADATA,
  });
  const partition = topics[0]?.partitions[0];
  if (partition === undefined) throw new Error('DescribeQuorum was answered without the partition');
  return partition;
}

async function createTopic(connection: KafkaConnection, name: string): Promise<string> {
  const { topics } = await connection.send(createTopicsRequest, createTopicsResponse, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1 }],
    timeoutMs: 30_000,
  });
  return errorNameOf(topics[0]?.errorCode ?? 0);
}

async function unfencedBrokers(connection: KafkaConnection): Promise<number[]> {
  const { brokers } = await connection.send(metadataRequest, metadataResponse, METADATA_VERSION, { topics: [] });
  return brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b);
}

async function topicNames(connection: KafkaConnection): Promise<(string | null)[]> {
  const { topics } = await connection.send(metadataRequest, metadataResponse, METADATA_VERSION, { topics: null });
  return topics.map(({ name }) => name);
}

/** The nodes in the order: the active controller, then the others. */
async function byLeadership(nodes: ReadonlyMap<number, BrokerServer>): Promise<BrokerServer[]> {
  const [any] = nodes.values();
  if (any === undefined) throw new RangeError('there are no nodes');
  const { leaderId } = await quorum(await connect(any));
  return [...nodes.values()].sort((a, b) => Number(b.node.nodeId === leaderId) - Number(a.node.nodeId === leaderId));
}

describe('three nodes with both roles', () => {
  test('are one quorum of three voters and three unfenced brokers, as each of them tells', async () => {
    const nodes = await startAll(THREE_COMBINED);
    const leaders = new Set<number>();
    for (const node of nodes.values()) {
      const connection = await connect(node);
      await until('all brokers are seen', async () => (await unfencedBrokers(connection)).join() === '1,2,3');
      const { leaderId, currentVoters, observers } = await quorum(connection);
      leaders.add(leaderId);
      expect(currentVoters.map(({ replicaId }) => replicaId).sort()).toEqual([1, 2, 3]);
      expect(observers).toEqual([]);
    }
    expect(leaders.size).toBe(1);
  });

  test('create topics through any of them, and all learn of it', async () => {
    const nodes = await startAll(THREE_COMBINED);
    const connections = await Promise.all([...nodes.values()].map((node) => connect(node)));
    for (const [i, connection] of connections.entries()) expect(await createTopic(connection, `t${i}`)).toBe('NONE');
    for (const connection of connections) {
      await until('the topics are known', async () => (await topicNames(connection)).sort().join() === 't0,t1,t2');
    }
  });

  test('keep their controller while they make the logs of 600 partitions', async () => {
    // The three share one event loop here.
    const properties = { 'controller.quorum.fetch.timeout.ms': '1000', 'broker.session.timeout.ms': '9000' };
    const { start, folder } = await plan(THREE_COMBINED.map((node) => ({ ...node, properties })));
    const nodes = await Promise.all(THREE_COMBINED.map(({ id }) => start(id)));
    const connections = await Promise.all(nodes.map((node) => connect(node)));
    const [connection] = connections;
    if (connection === undefined) throw new RangeError('no node was started');
    const { leaderEpoch } = await quorum(connection);
    const { topics } = await connection.send(createTopicsRequest, createTopicsResponse, 7, {
      topics: [{ name: 'many', numPartitions: 600, replicationFactor: 3 }],
      timeoutMs: 30_000,
    });
    expect(topics.map(({ errorCode, errorMessage }) => errorMessage ?? errorCode)).toEqual([0]);
    for (const one of connections) {
      await until('every replica is in sync', async () => {
        const { topics } = await one.send(metadataRequest, metadataResponse, 9, { topics: [{ name: 'many' }] });
        const partitions = topics[0]?.partitions ?? [];
        return partitions.length === 600 && partitions.every(({ isrNodes }) => isrNodes.length === 3);
      });
    }
    const logsOf = (id: number) => readdirSync(join(folder, String(id))).filter((name) => name.startsWith('many-'));
    await until('every log is there', async () => THREE_COMBINED.every(({ id }) => logsOf(id).length === 600));
    expect((await quorum(connection)).leaderEpoch).toBe(leaderEpoch);
  });

  test('refuse a bad request in the words of the controller, whichever of them is asked', async () => {
    const nodes = await startAll(THREE_COMBINED);
    for (const node of nodes.values()) {
      const connection = await connect(node);
      expect(await createTopic(connection, 'bad name')).toBe('INVALID_TOPIC_EXCEPTION');
    }
  });

  test('give out producer ids that no other gives', async () => {
    const nodes = await startAll(THREE_COMBINED);
    const ids = new Set<number>();
    for (const node of nodes.values()) {
      const connection = await connect(node);
      const { errorCode, producerId } = await connection.send(initProducerIdRequest, initProducerIdResponse, 4, {
        transactionalId: null,
        transactionTimeoutMs: 1000,
      });
      expect(errorNameOf(errorCode)).toBe('NONE');
      ids.add(producerId);
    }
    expect(ids.size).toBe(3);
  });

  test('take configs for a broker at that broker only, and check them there', async () => {
    const nodes = await startAll(THREE_COMBINED);
    const [active, other] = await byLeadership(nodes);
    if (active === undefined || other === undefined) throw new Error('there are three nodes');
    const connection = await connect(other);
    const alter = async (resourceName: string, value: string) => {
      const configs = [{ name: 'log.cleaner.threads', configOperation: 0, value }];
      const { responses } = await connection.send(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse, 1, {
        resources: [{ resourceType: 4, resourceName, configs }],
      });
      return errorNameOf(responses[0]?.errorCode ?? 0);
    };
    const own = String(other.node.nodeId);
    expect(await alter(own, '2')).toBe('NONE');
    expect(await alter(own, 'many')).toBe('INVALID_REQUEST');
    expect(await alter(String(active.node.nodeId), '2')).toBe('INVALID_REQUEST');
    await until('the broker has the config', async () => {
      const { results } = await connection.send(describeConfigsRequest, describeConfigsResponse, 4, {
        resources: [{ resourceType: 4, resourceName: own, configurationKeys: ['log.cleaner.threads'] }],
      });
      return results[0]?.configs[0]?.value === '2';
    });
  });

  test('go on with another controller when the active one stops, and with a stopped one that comes back', async () => {
    const { start } = await plan(THREE_COMBINED);
    const nodes = new Map(await Promise.all([1, 2, 3].map(async (id) => [id, await start(id)] as const)));
    const [active, other, third] = await byLeadership(nodes);
    if (active === undefined || other === undefined || third === undefined) throw new Error('there are three nodes');
    const epochBefore = (await quorum(await connect(other))).leaderEpoch;
    await active.close();
    const connection = await connect(other);
    expect(await createTopic(connection, 'after')).toBe('NONE');
    const { leaderId, leaderEpoch } = await quorum(connection);
    expect([other.node.nodeId, third.node.nodeId]).toContain(leaderId);
    expect(leaderEpoch).toBeGreaterThan(epochBefore);
    const again = await start(active.node.nodeId);
    const atAgain = await connect(again);
    expect(await topicNames(atAgain)).toEqual(['after']);
    await until('all brokers are back', async () => (await unfencedBrokers(connection)).join() === '1,2,3');
  });

  test('elect a controller without the one that is cut off, which joins them again when the cut is mended', async () => {
    const nodes = await startAll(THREE_COMBINED);
    const [active, other, third] = await byLeadership(nodes);
    if (active === undefined || other === undefined || third === undefined) throw new Error('there are three nodes');
    const cut = active.node.nodeId;
    active.cutOffFrom([other.node.nodeId, third.node.nodeId]);
    other.cutOffFrom([cut]);
    third.cutOffFrom([cut]);
    const connection = await connect(other);
    // Answered once there is a new active controller: the request looks for it.
    expect(await createTopic(connection, 'beyond')).toBe('NONE');
    expect((await quorum(connection)).leaderId).not.toBe(cut);
    await until('the lost broker is fenced', async () => !(await unfencedBrokers(connection)).includes(cut));
    for (const node of nodes.values()) node.cutOffFrom([]);
    await until('it is unfenced again', async () => (await unfencedBrokers(connection)).includes(cut));
    const lost = await connect(active);
    await until('it knows what it missed', async () => (await topicNames(lost)).includes('beyond'));
  });

  test('fence a broker that dies only when its session has passed at the new active controller', async () => {
    const nodes = await startAll(
      THREE_COMBINED.map((node) => ({ ...node, properties: { 'broker.session.timeout.ms': '1500' } })),
    );
    const [active, other, third] = await byLeadership(nodes);
    if (active === undefined || other === undefined || third === undefined) throw new Error('there are three nodes');
    const connection = await connect(other);
    // As dead as can be within one process: nobody hears of it any more.
    const dead = active.node.nodeId;
    active.cutOffFrom([other.node.nodeId, third.node.nodeId]);
    other.cutOffFrom([dead]);
    third.cutOffFrom([dead]);
    await until('another leads', async () => {
      const { leaderId } = await quorum(connection);
      return leaderId !== dead && leaderId >= 0;
    });
    const ledSinceMs = performance.now();
    expect(await unfencedBrokers(connection)).toContain(dead);
    await until('it is fenced', async () => !(await unfencedBrokers(connection)).includes(dead));
    // The new controller may have been active for as long as the question above took.
    expect(performance.now() - ledSinceMs).toBeGreaterThan(1000);
  });
});

test('controller.quorum.voters makes a static quorum, which elects another leader too', async () => {
  const { start } = await plan([...THREE_COMBINED, { id: 10, roles: 'broker' }], true);
  const nodes = new Map(await Promise.all([1, 2, 3, 10].map(async (id) => [id, await start(id)] as const)));
  const observer = nodes.get(10);
  if (observer === undefined) throw new Error('node 10 was started');
  const connection = await connect(observer);
  const { leaderId, currentVoters, observers } = await quorum(connection);
  expect(currentVoters.map(({ replicaId }) => replicaId).sort()).toEqual([1, 2, 3]);
  expect(observers.map(({ replicaId }) => replicaId)).toEqual([10]);
  expect(await createTopic(connection, 'before')).toBe('NONE');
  await nodes.get(leaderId)?.close();
  expect(await createTopic(connection, 'after')).toBe('NONE');
  expect((await quorum(connection)).leaderId).not.toBe(leaderId);
});

describe('nodes with one role', () => {
  const NODES = [
    { id: 1, roles: 'controller' },
    { id: 10, roles: 'broker' },
    { id: 11, roles: 'broker' },
  ];

  test('a controller, and brokers that observe its log and register with it', async () => {
    const nodes = await startAll(NODES);
    const broker = nodes.get(10);
    if (broker === undefined) throw new Error('broker 10 was started');
    const connection = await connect(broker);
    await until('both brokers are seen', async () => (await unfencedBrokers(connection)).join() === '10,11');
    const { leaderId, currentVoters, observers } = await quorum(connection);
    expect(leaderId).toBe(1);
    expect(currentVoters.map(({ replicaId }) => replicaId)).toEqual([1]);
    expect(observers.map(({ replicaId }) => replicaId).sort()).toEqual([10, 11]);
    expect(await createTopic(connection, 't')).toBe('NONE');
  });

  test('a broker may start before its controller', async () => {
    const { start } = await plan(NODES);
    const early = start(10);
    await start(1);
    const connection = await connect(await early);
    expect(await unfencedBrokers(connection)).toContain(10);
  });

  test('the controller tells of itself as such, and knows the brokers', async () => {
    const nodes = await startAll(NODES);
    const controller = nodes.get(1);
    if (controller === undefined) throw new Error('controller 1 was started');
    const connection = await connect(controller, 'CONTROLLER');
    const describe = () => connection.send(describeClusterRequest, describeClusterResponse, 1, { endpointType: 2 });
    await until('the controller is registered', async () => (await describe()).brokers.length === 1);
    const { controllerId, brokers } = await describe();
    expect(controllerId).toBe(1);
    expect(brokers.map(({ brokerId, port }) => [brokerId, port])).toEqual([[1, controller.port('CONTROLLER')]]);
  });

  test('a broker that is stopped is fenced at once, and its restart is quick', async () => {
    const sessions = { 'broker.session.timeout.ms': '60000' };
    const { start } = await plan(NODES.map((node) => ({ ...node, properties: sessions })));
    await start(1);
    const [first, second] = await Promise.all([start(10), start(11)]);
    const connection = await connect(second);
    await until('both brokers are seen', async () => (await unfencedBrokers(connection)).join() === '10,11');
    await first.close();
    expect(await unfencedBrokers(connection)).toEqual([11]);
    await start(10);
    await until('it is back', async () => (await unfencedBrokers(connection)).join() === '10,11');
  });

  test('a start that waits for a controller in vain ends when it is told to', async () => {
    const { start } = await plan([
      { id: 10, roles: 'broker', properties: { 'controller.quorum.bootstrap.servers': 'localhost:1' } },
    ]);
    const failed = expect(start(10)).rejects.toMatchObject({ errorName: 'SHUTDOWN_IN_PROGRESS' });
    await closeAll();
    await failed;
  });
});

describe('envelopes on the controller listener', () => {
  const NODES = [{ id: 1, roles: 'broker,controller' }];
  const body = { topics: [{ name: 'enveloped', numPartitions: 1, replicationFactor: 1 }], timeoutMs: 1000 };
  const inner = (apiVersion = 7) =>
    Buffer.concat(encodeRequest(createTopicsRequest, apiVersion, 77, 'somebody', body)).subarray(4);
  const principal = encodePrincipal({ type: 'User', name: 'ANONYMOUS' });

  const send = async (envelope: {
    requestData: Buffer;
    requestPrincipal: Buffer | null;
    clientHostAddress: Buffer;
  }) => {
    const node = (await startAll(NODES)).get(1);
    if (node === undefined) throw new Error('node 1 was started');
    const connection = await connect(node, 'CONTROLLER');
    return connection.send(envelopeRequest, envelopeResponse, 0, envelope);
  };

  test('are answered with the response as the client is to have it', async () => {
    const { errorCode, responseData } = await send({
      requestData: inner(),
      requestPrincipal: principal,
      clientHostAddress: Buffer.from([10, 0, 0, 7]),
    });
    expect(errorNameOf(errorCode)).toBe('NONE');
    expect(Buffer.from(responseData ?? []).readInt32BE(0)).toBe(77);
    expect(Buffer.from(responseData ?? []).includes('enveloped')).toBe(true);
  });

  test.each([
    ['no principal', { requestPrincipal: null }, 'PRINCIPAL_DESERIALIZATION_FAILURE'],
    ['a principal that is cut off', { requestPrincipal: Buffer.from([0, 0, 5]) }, 'PRINCIPAL_DESERIALIZATION_FAILURE'],
    ['an address of three bytes', { clientHostAddress: Buffer.from([1, 2, 3]) }, 'INVALID_REQUEST'],
    ['a request that is cut off', { requestData: Buffer.from([0, 19, 0, 7]) }, 'INVALID_REQUEST'],
    [
      'a request that is not forwarded',
      { requestData: Buffer.from([0, 18, 0, 0, 0, 0, 0, 1, 255, 255]) },
      'INVALID_REQUEST',
    ],
    ['a version that does not exist', { requestData: inner(7).fill(99, 3, 4) }, 'UNSUPPORTED_VERSION'],
  ])('with %s are refused', async (_what, wrong, errorName) => {
    const whole = { requestData: inner(), requestPrincipal: principal, clientHostAddress: Buffer.from([127, 0, 0, 1]) };
    const { errorCode, responseData } = await send({ ...whole, ...wrong });
    expect(errorNameOf(errorCode)).toBe(errorName);
    expect(responseData).toBeNull();
  });

  test('a controller that is not active says so of the envelope', async () => {
    const nodes = await startAll(THREE_COMBINED);
    const [, other] = await byLeadership(nodes);
    if (other === undefined) throw new Error('there are three nodes');
    const connection = await connect(other, 'CONTROLLER');
    const envelope = {
      requestData: inner(),
      requestPrincipal: principal,
      clientHostAddress: Buffer.from([127, 0, 0, 1]),
    };
    const { errorCode } = await connection.send(envelopeRequest, envelopeResponse, 0, envelope);
    expect(errorNameOf(errorCode)).toBe('NOT_CONTROLLER');
    const heartbeat = await connection.send(brokerHeartbeatRequest, brokerHeartbeatResponse, 1, { brokerId: 1 });
    expect(errorNameOf(heartbeat.errorCode)).toBe('NOT_CONTROLLER');
  });
});
