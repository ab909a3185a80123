/** Goal: a group whose log has followers answers each request when its records are on all of them, not later. */
import { expect, test } from 'vitest';
import { ErrorCode, errorNameOf } from '../../src/protocol/error-codes.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { clusters, THREE_COMBINED } from '../broker/cluster-support.ts';
import { until } from '../support/processes.ts';
import type { KafkaConnection } from '../support/raw-client.ts';

const { startAll, connect } = clusters();

async function commit(connection: KafkaConnection, committedOffset: number): Promise<string> {
  const { topics } = await connection.send(offsetCommitRequest, offsetCommitResponse, 8, {
    groupId: 'group',
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset }] }],
  });
  return errorNameOf(topics[0]?.partitions[0]?.errorCode ?? ErrorCode.NONE);
}

test('commits that a client sends without waiting for answers are all confirmed by the followers', async () => {
  // A commit that nobody confirms is refused by then.
  const properties = {
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '3',
    'offsets.commit.timeout.ms': '1000',
  };
  const nodes = await startAll(THREE_COMBINED.map((node) => ({ ...node, properties })));
  const [any] = nodes.values();
  if (any === undefined) throw new RangeError('no node was started');
  const first = await connect(any);
  const created = await first.send(createTopicsRequest, createTopicsResponse, 7, {
    topics: [{ name: 'orders', numPartitions: 1, replicationFactor: 3 }],
    timeoutMs: 30_000,
  });
  expect(created.topics[0]?.errorCode).toBe(ErrorCode.NONE);
  let coordinatorId = -1;
  await until('the group has a coordinator', async () => {
    const body = { keyType: 0, coordinatorKeys: ['group'] };
    const found = await first.send(findCoordinatorRequest, findCoordinatorResponse, 4, body);
    coordinatorId = found.coordinators[0]?.nodeId ?? -1;
    return coordinatorId >= 0;
  });
  const coordinator = nodes.get(coordinatorId);
  if (coordinator === undefined) throw new RangeError(`there is no node ${coordinatorId}`);
  const connection = await connect(coordinator);
  await until('a commit is taken', async () => (await commit(connection, 0)) === 'NONE');

  const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => commit(connection, i + 1)));
  expect(outcomes).toEqual(outcomes.map(() => 'NONE'));
});
