/** Goal: whatever a node asks the active controller arrives there, wherever that is now, and is answered once. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { KafkaError } from '../../src/base/kafka-error.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import { ActiveControllerChannel, type ControllerChannel } from '../../src/broker/controller-channel.ts';
import { type NodeAddress, NodeNetwork } from '../../src/broker/node-network.ts';
import { BrokerConfig } from '../../src/metadata/configs/broker-config.ts';
import { ControllerApi } from '../../src/metadata/controller/controller-api.ts';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { brokerHeartbeatRequest, brokerHeartbeatResponse } from '../../src/protocol/messages/63-broker-heartbeat.ts';
import { tcpConnector } from '../../src/raft/peer-connection.ts';
import { FakeBroker } from '../client/fake-broker.ts';
import { until } from '../support/processes.ts';

const NODE_ID = 7;
const HEARTBEAT = {
  brokerId: NODE_ID,
  brokerEpoch: 5,
  currentMetadataOffset: 3,
  wantFence: false,
  wantShutDown: false,
  offlineLogDirs: [],
  cordonedLogDirs: null,
};

/** A controller that never becomes active. */
function idleController(): ControllerApi {
  return new ControllerApi({
    nodeId: NODE_ID,
    clusterId: 'AAAAAAAAAAAAAAAAAAABAA',
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    config: new BrokerConfig(new Map()),
    append: () => {
      throw new Error('nothing is to be appended');
    },
    logEndOffset: () => 0,
    quorumNodeIds: () => [],
    kraftVersion: { level: () => 1, raise: () => {} },
  });
}

let leader: NodeAddress | undefined;
let network: NodeNetwork;
let channel: ActiveControllerChannel;
const fakes: FakeBroker[] = [];
const addresses = new Map<number, { host: string; port: number }>();

beforeEach(() => {
  leader = undefined;
  addresses.clear();
  network = new NodeNetwork({
    clock: systemClock,
    connector: tcpConnector,
    addressesOf: (nodeId) => [...(addresses.has(nodeId) ? [addresses.get(nodeId)] : [])].flatMap((one) => one ?? []),
  });
  const controller = idleController();
  channel = new ActiveControllerChannel({
    nodeId: NODE_ID,
    clock: systemClock,
    network,
    controller: () => controller,
    leader: () => leader,
  });
});

afterEach(async () => {
  channel.close();
  network.close();
  for (const fake of fakes.splice(0)) await fake.close();
});

/** A controller at the other end of a socket. */
async function remote(id: number): Promise<{ fake: FakeBroker; address: NodeAddress }> {
  const fake = await FakeBroker.start();
  fakes.push(fake);
  const address = { id, host: '127.0.0.1', port: fake.port };
  addresses.set(id, address);
  return { fake, address };
}

function heartbeat(timeoutMs?: number): Promise<Parameters<Parameters<ControllerChannel['heartbeat']>[1]>[0]> {
  return new Promise((resolve, reject) => channel.heartbeat(HEARTBEAT, resolve, reject, timeoutMs));
}

describe('a request to the active controller', () => {
  test('goes to the leader of the quorum, under the bare id of the node', async () => {
    const { fake, address } = await remote(1);
    const clientIds: (string | null)[] = [];
    fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, (_body, header) => {
      clientIds.push(header.clientId);
      return { isCaughtUp: true, isFenced: false };
    });
    leader = address;
    expect(await heartbeat()).toMatchObject({ isCaughtUp: true, isFenced: false });
    expect(clientIds).toEqual(['7']);
    expect(fake.bodies(brokerHeartbeatRequest)[0]).toMatchObject({ brokerId: NODE_ID, currentMetadataOffset: 3 });
  });

  test('waits until there is a leader', async () => {
    const answer = heartbeat();
    const { fake, address } = await remote(1);
    fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, () => ({ isFenced: false }));
    leader = address;
    channel.leaderChanged();
    expect(await answer).toMatchObject({ isFenced: false });
  });

  test('is repeated while the leader is not active yet', async () => {
    const { fake, address } = await remote(1);
    let asked = 0;
    fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, () => {
      asked++;
      return asked < 3 ? { errorCode: ErrorCode.NOT_CONTROLLER } : { isFenced: false };
    });
    leader = address;
    expect(await heartbeat()).toMatchObject({ isFenced: false });
    expect(asked).toBe(3);
  });

  test('that has no error for the whole is repeated when every topic says so', async () => {
    const { fake, address } = await remote(1);
    let asked = 0;
    fake.on(createTopicsRequest, createTopicsResponse, ({ topics }) => {
      asked++;
      const errorCode = asked === 1 ? ErrorCode.NOT_CONTROLLER : ErrorCode.INVALID_TOPIC_EXCEPTION;
      return { topics: topics.map(({ name }) => ({ name, errorCode })) };
    });
    leader = address;
    const topic = { name: 'bad name', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    const request = { topics: [topic], timeoutMs: 1000, validateOnly: false };
    const response = await new Promise<{ topics?: readonly { errorCode?: number | undefined }[] | undefined }>(
      (resolve, reject) => channel.createTopics(request, resolve, reject),
    );
    expect(response.topics?.[0]?.errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION);
    expect(asked).toBe(2);
  });

  test('that a frozen leader leaves unanswered is taken to the next leader', async () => {
    const old = await remote(1);
    old.fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, () => 'silence');
    leader = old.address;
    const answer = heartbeat();
    await until('the old leader was asked', () => old.fake.bodies(brokerHeartbeatRequest).length === 1);
    const next = await remote(2);
    next.fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, () => ({ isFenced: false }));
    leader = next.address;
    channel.leaderChanged();
    expect(await answer).toMatchObject({ isFenced: false });
    await until('the old connection is closed', () => old.fake.sockets.size === 0);
  });

  test('survives that the connection breaks', async () => {
    const { fake, address } = await remote(1);
    let asked = 0;
    fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, () => (++asked < 3 ? 'close' : { isFenced: false }));
    leader = address;
    expect(await heartbeat()).toMatchObject({ isFenced: false });
    expect(fake.connections).toBe(3);
  });

  test('fails with the error that the controller gives', async () => {
    const { fake, address } = await remote(1);
    fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, () => ({ errorCode: ErrorCode.STALE_BROKER_EPOCH }));
    leader = address;
    await expect(heartbeat()).rejects.toMatchObject({ errorName: 'STALE_BROKER_EPOCH' });
  });

  test('fails when its time is over, with or without a leader', async () => {
    await expect(heartbeat(50)).rejects.toMatchObject({ errorName: 'REQUEST_TIMED_OUT' });
    const { fake, address } = await remote(1);
    fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, () => 'silence');
    leader = address;
    await expect(heartbeat(50)).rejects.toMatchObject({ errorName: 'REQUEST_TIMED_OUT' });
  });

  test('fails when the node is closed, once', async () => {
    const errors: KafkaError[] = [];
    channel.heartbeat(
      HEARTBEAT,
      () => {
        throw new Error('nobody can have answered');
      },
      (error) => errors.push(error),
    );
    channel.close();
    await expect(heartbeat()).rejects.toMatchObject({ errorName: 'BROKER_NOT_AVAILABLE' });
    expect(errors.map(({ errorName }) => errorName)).toEqual(['BROKER_NOT_AVAILABLE']);
  });
});

describe('a node that is cut off from others', () => {
  test('loses its connections to them and gets no new ones, until the cut is mended; others it still reaches', async () => {
    const [near, far] = [await remote(1), await remote(2)];
    for (const { fake } of [near, far]) {
      fake.on(brokerHeartbeatRequest, brokerHeartbeatResponse, () => ({ isFenced: false }));
    }
    leader = far.address;
    await heartbeat();
    expect(far.fake.connections).toBe(1);
    network.cutOffFrom([2]);
    await until('the connection is gone', () => far.fake.sockets.size === 0);
    await expect(heartbeat(100)).rejects.toMatchObject({ errorName: 'REQUEST_TIMED_OUT' });
    expect(far.fake.connections).toBe(1);
    leader = near.address;
    await heartbeat(5000);
    leader = far.address;
    network.cutOffFrom([]);
    await heartbeat(5000);
    expect(far.fake.connections).toBe(2);
  });
});
