/** Goal: groups work through the handlers of a whole broker, and outlive it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../src/protocol/messages/09-offset-fetch.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import { joinGroupRequest, joinGroupResponse } from '../../src/protocol/messages/11-join-group.ts';
import { heartbeatRequest, heartbeatResponse } from '../../src/protocol/messages/12-heartbeat.ts';
import { syncGroupRequest, syncGroupResponse } from '../../src/protocol/messages/14-sync-group.ts';
import { describeGroupsRequest, describeGroupsResponse } from '../../src/protocol/messages/15-describe-groups.ts';
import { brokers } from '../broker/broker-support.ts';
import type { KafkaConnection } from '../support/raw-client.ts';
import { joinRequest } from './members.ts';

const { start, connect } = brokers();
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const config = { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 2 };

async function findCoordinator(connection: KafkaConnection, version: number, keyType = 0, key = 'group') {
  const body = version >= 4 ? { keyType, coordinatorKeys: [key] } : { keyType, key };
  return await connection.send(findCoordinatorRequest, findCoordinatorResponse, version, body);
}

/** Asks as clients do until __consumer_offsets is there. */
async function coordinatorOf(connection: KafkaConnection) {
  for (;;) {
    const [coordinator] = (await findCoordinator(connection, 4)).coordinators;
    if (coordinator?.errorCode === ErrorCode.NONE) return coordinator;
    expect(coordinator?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  }
}

test('the coordinator is found in every version; the first to ask makes __consumer_offsets', async () => {
  const broker = await start({ config });
  const connection = await connect(broker);
  const coordinator = await coordinatorOf(connection);
  expect(`${coordinator.host}:${coordinator.port}`).toBe(broker.bootstrapServers);
  for (let version = 0; version <= 6; version++) {
    const response = await findCoordinator(connection, version);
    const found = version >= 4 ? response.coordinators[0] : response;
    expect(found).toMatchObject({ errorCode: 0, nodeId: broker.nodeId, port: broker.port });
  }
  const old = await findCoordinator(connection, 3);
  expect(old.errorMessage).toBe('NONE');
  const unknownType = await findCoordinator(connection, 3, 7);
  expect(unknownType).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST, nodeId: -1, host: '', port: -1 });
});

test('coordinators that this broker does not have are not available', async () => {
  const connection = await connect(await start({ config }));
  const code = async (version: number, keyType: number, key: string) =>
    (await findCoordinator(connection, version, keyType, key)).coordinators[0]?.errorCode;
  expect(await code(5, 2, `g:${'t'.repeat(21)}A:0`)).toBe(ErrorCode.INVALID_REQUEST);
  expect(await code(6, 2, `g:${'t'.repeat(21)}A:0`)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  expect(await code(6, 2, 'no key')).toBe(ErrorCode.INVALID_REQUEST);
});

test('a stable group and its offsets outlive the broker', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ottla-groups-'));
  folders.push(dataDir);
  const first = await start({ dataDir, config, topics: [{ name: 'orders', partitions: 2 }] });
  const connection = await connect(first);
  await coordinatorOf(connection);
  const joined = await connection.send(joinGroupRequest, joinGroupResponse, 3, joinRequest());
  const { memberId, generationId } = joined;
  const assignments = [{ memberId, assignment: Buffer.from('all of it') }];
  const sync = { groupId: 'group', memberId, generationId, assignments };
  const synced = await connection.send(syncGroupRequest, syncGroupResponse, 2, sync);
  expect(synced.assignment.toString()).toBe('all of it');
  const partitions = [{ partitionIndex: 1, committedOffset: 42, committedMetadata: 'note' }];
  const commit = {
    groupId: 'group',
    memberId,
    generationIdOrMemberEpoch: generationId,
    topics: [{ name: 'orders', partitions }],
  };
  const committed = await connection.send(offsetCommitRequest, offsetCommitResponse, 9, commit);
  expect(committed.topics[0]?.partitions[0]?.errorCode).toBe(0);
  await first.close();

  const again = await connect(await start({ dataDir, config }));
  await coordinatorOf(again);
  const beat = await again.send(heartbeatRequest, heartbeatResponse, 4, { groupId: 'group', memberId, generationId });
  expect(beat.errorCode).toBe(0);
  const described = await again.send(describeGroupsRequest, describeGroupsResponse, 6, {
    groups: ['group'],
    includeAuthorizedOperations: true,
  });
  expect(described.groups[0]).toMatchObject({
    groupState: 'Stable',
    members: [{ memberId }],
    authorizedOperations: 3400,
  });
  const groups = [{ groupId: 'group', topics: null }];
  const fetched = await again.send(offsetFetchRequest, offsetFetchResponse, 9, { groups, requireStable: true });
  expect(fetched.groups[0]?.topics).toMatchObject([
    { name: 'orders', partitions: [{ partitionIndex: 1, committedOffset: 42, metadata: 'note' }] },
  ]);
});
