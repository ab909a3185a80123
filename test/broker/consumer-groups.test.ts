/** Goal: consumer groups (KIP-848) work through a whole broker, hear of changed topics and configs, and outlive it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import { createPartitionsRequest, createPartitionsResponse } from '../../src/protocol/messages/37-create-partitions.ts';
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { updateFeaturesRequest, updateFeaturesResponse } from '../../src/protocol/messages/57-update-features.ts';
import {
  consumerGroupHeartbeatRequest,
  consumerGroupHeartbeatResponse,
} from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import {
  consumerGroupDescribeRequest,
  consumerGroupDescribeResponse,
} from '../../src/protocol/messages/69-consumer-group-describe.ts';
import type { KafkaConnection } from '../support/raw-client.ts';
import { brokers } from './broker-support.ts';

const { start, connect } = brokers();
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const config = { 'offsets.topic.num.partitions': 1, 'group.consumer.assignment.interval.ms': 0 };
const SAFE_DOWNGRADE = 2;
const GROUP_RESOURCE = 32;

/** Asks as clients do until the group has a coordinator. */
async function findCoordinator(connection: KafkaConnection): Promise<void> {
  for (let errorCode = -1; errorCode !== ErrorCode.NONE; ) {
    const body = { keyType: 0, coordinatorKeys: ['group'] };
    const found = await connection.send(findCoordinatorRequest, findCoordinatorResponse, 4, body);
    errorCode = found.coordinators[0]?.errorCode ?? -1;
  }
}

function heartbeat(connection: KafkaConnection, memberEpoch: number) {
  return connection.send(consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse, 1, {
    groupId: 'group',
    memberId: 'a',
    memberEpoch,
    ...(memberEpoch === 0 ? { rebalanceTimeoutMs: 30_000, subscribedTopicNames: ['t'], topicPartitions: [] } : {}),
  });
}

async function describe(connection: KafkaConnection, includeAuthorizedOperations = false) {
  const body = { groupIds: ['group', 'other'], includeAuthorizedOperations };
  return (await connection.send(consumerGroupDescribeRequest, consumerGroupDescribeResponse, 1, body)).groups;
}

test('a member joins, is described, and is there after a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ottla-'));
  folders.push(dataDir);
  const broker = await start({ dataDir, topics: ['t'], config });
  const connection = await connect(broker);
  await findCoordinator(connection);
  const joined = await heartbeat(connection, 0);
  expect(joined).toMatchObject({ errorCode: 0, memberId: 'a', memberEpoch: 2, heartbeatIntervalMs: 5_000 });
  expect(joined.assignment?.topicPartitions).toMatchObject([{ partitions: [0] }]);
  const before = await describe(connection, true);
  expect(before).toMatchObject([
    { groupId: 'group', groupState: 'Stable', authorizedOperations: 3400, members: [{ memberId: 'a' }] },
    { groupId: 'other', errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage: 'Group other not found.' },
  ]);
  await broker.close();
  const again = await connect(await start({ dataDir, config }));
  await findCoordinator(again);
  expect(await describe(again, true)).toEqual(before);
  expect(await heartbeat(again, 2)).toMatchObject({ errorCode: 0, memberEpoch: 2, assignment: null });
});

test('partitions that are added are assigned; configs of the group count at once', async () => {
  const connection = await connect(await start({ topics: ['t'], config }));
  await findCoordinator(connection);
  await heartbeat(connection, 0);
  await connection.send(createPartitionsRequest, createPartitionsResponse, 3, {
    topics: [{ name: 't', count: 3, assignments: null }],
    timeoutMs: 5_000,
  });
  const next = await heartbeat(connection, 2);
  expect(next).toMatchObject({ errorCode: 0, memberEpoch: 3 });
  expect(next.assignment?.topicPartitions).toMatchObject([{ partitions: [0, 1, 2] }]);
  const configs = [{ name: 'consumer.heartbeat.interval.ms', configOperation: 0, value: '9000' }];
  await connection.send(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse, 1, {
    resources: [{ resourceType: GROUP_RESOURCE, resourceName: 'group', configs }],
  });
  expect((await heartbeat(connection, 3)).heartbeatIntervalMs).toBe(9_000);
});

test('without group.version=1 the requests are not supported', async () => {
  const connection = await connect(await start({ topics: ['t'], config }));
  await findCoordinator(connection);
  const updated = await connection.send(updateFeaturesRequest, updateFeaturesResponse, 1, {
    featureUpdates: [{ feature: 'group.version', maxVersionLevel: 0, upgradeType: SAFE_DOWNGRADE }],
  });
  expect(updated.errorCode).toBe(0);
  expect((await heartbeat(connection, 0)).errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION);
  expect(await describe(connection)).toMatchObject([
    { groupId: 'group', errorCode: ErrorCode.UNSUPPORTED_VERSION },
    { groupId: 'other', errorCode: ErrorCode.UNSUPPORTED_VERSION },
  ]);
});

test('nor are they where group.coordinator.rebalance.protocols leaves consumer out', async () => {
  const connection = await connect(
    await start({ topics: ['t'], config: { ...config, 'group.coordinator.rebalance.protocols': 'classic' } }),
  );
  await findCoordinator(connection);
  expect((await heartbeat(connection, 0)).errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION);
});
