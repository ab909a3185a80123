/** Goal: a member of a classic group commits before it gives partitions up, and notices when the group forgot it. */
import { afterEach, describe, expect, test } from 'vitest';
import { GroupConsumer } from '../../../src/client/group-consumer.ts';
import { consumerProtocolAssignment } from '../../../src/protocol/consumer-protocol.ts';
import { ErrorCode } from '../../../src/protocol/error-codes.ts';
import { fetchRequest, fetchResponse } from '../../../src/protocol/messages/01-fetch.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../../../src/protocol/messages/02-list-offsets.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../../src/protocol/messages/09-offset-fetch.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { joinGroupRequest, joinGroupResponse } from '../../../src/protocol/messages/11-join-group.ts';
import { heartbeatRequest, heartbeatResponse } from '../../../src/protocol/messages/12-heartbeat.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../../src/protocol/messages/13-leave-group.ts';
import { syncGroupRequest, syncGroupResponse } from '../../../src/protocol/messages/14-sync-group.ts';
import { Writer } from '../../../src/protocol/writer.ts';
import { BatchBuilder } from '../../../src/records/batch-builder.ts';
import { FakeCluster, quickSettings } from '../fake-cluster.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAg';
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

function assignment(partitions: number[]): Buffer {
  const writer = new Writer();
  writer.int16(3);
  consumerProtocolAssignment.encode(writer, 3, { assignedPartitions: [{ topic: 't', partitions }] });
  return writer.finishWhole();
}

/** A coordinator with one member; what it says can be changed while it runs. */
class FakeGroup {
  cluster!: FakeCluster;
  /** What happened, in order. */
  readonly events: string[] = [];
  assigned = [0, 1];
  generationId = 0;
  heartbeatError = 0;
  committed: Record<number, number> = {};
  readonly values = ['a', 'b', 'c'];

  static async start(): Promise<FakeGroup> {
    const group = new FakeGroup();
    group.cluster = await FakeCluster.start(1);
    opened.push(group.cluster);
    group.cluster.topics.push({ name: 't', topicId: TOPIC_ID, leaders: [1, 1] });
    group.#script();
    return group;
  }

  #script(): void {
    const broker = this.cluster.broker(1);
    broker.on(findCoordinatorRequest, findCoordinatorResponse, (body) => ({
      coordinators: body.coordinatorKeys.map((key) => ({ key, nodeId: 1, host: '127.0.0.1', port: broker.port })),
    }));
    broker.on(joinGroupRequest, joinGroupResponse, (body) => {
      if (body.memberId === '')
        return { errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'test-1', protocolName: '' };
      this.events.push(`join ${body.protocols.map(({ name }) => name).join()}`);
      this.generationId++;
      this.heartbeatError = 0;
      const protocolName = 'range';
      return { generationId: this.generationId, protocolName, leader: 'another', memberId: body.memberId };
    });
    broker.on(syncGroupRequest, syncGroupResponse, () => ({ assignment: assignment(this.assigned) }));
    broker.on(heartbeatRequest, heartbeatResponse, () => ({ errorCode: this.heartbeatError }));
    broker.on(leaveGroupRequest, leaveGroupResponse, (body) => {
      this.events.push(`leave ${body.members.map(({ memberId }) => memberId).join()}`);
      return { members: body.members.map(({ memberId, groupInstanceId }) => ({ memberId, groupInstanceId })) };
    });
    this.#scriptOffsets();
    this.#scriptRecords();
  }

  #scriptOffsets(): void {
    const broker = this.cluster.broker(1);
    broker.on(offsetFetchRequest, offsetFetchResponse, (body) => ({
      groups: body.groups.map(({ groupId, topics }) => ({
        groupId,
        topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            committedOffset: this.committed[partitionIndex] ?? -1,
            metadata: '',
          })),
        })),
      })),
    }));
    broker.on(offsetCommitRequest, offsetCommitResponse, (body) => ({
      topics: body.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, committedOffset }) => {
          this.events.push(`commit ${partitionIndex}@${committedOffset} in ${body.generationIdOrMemberEpoch}`);
          this.committed[partitionIndex] = committedOffset;
          return { partitionIndex };
        }),
      })),
    }));
  }

  #scriptRecords(): void {
    const broker = this.cluster.broker(1);
    broker.on(listOffsetsRequest, listOffsetsResponse, (body) => ({
      topics: body.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, offset: 0 })),
      })),
    }));
    broker.on(fetchRequest, fetchResponse, async (body) => {
      const responses = body.topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map(({ partition, fetchOffset }) => ({
          partitionIndex: partition,
          highWatermark: this.values.length,
          records: this.#records(partition, fetchOffset),
        })),
      }));
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { responses };
    });
  }

  // Only partition 0 has records.
  #records(partition: number, fetchOffset: number): Buffer {
    if (partition !== 0 || fetchOffset >= this.values.length) return Buffer.alloc(0);
    const builder = new BatchBuilder();
    for (const value of this.values.slice(fetchOffset)) builder.append(1, null, Buffer.from(value));
    return builder.finish({ baseOffset: fetchOffset });
  }

  async consumer(more: Record<string, string> = {}): Promise<GroupConsumer> {
    const properties = quickSettings(this.cluster.bootstrap, {
      'group.id': 'g',
      'auto.offset.reset': 'earliest',
      'heartbeat.interval.ms': '5',
      'auto.commit.interval.ms': '60000',
      ...more,
    });
    const listener = {
      partitionsAssigned: (added: readonly { partition: number }[]) =>
        this.events.push(`assigned ${added.map(({ partition }) => partition).join()}`),
      partitionsRevoked: (revoked: readonly { partition: number }[]) =>
        this.events.push(`revoked ${revoked.map(({ partition }) => partition).join()}`),
    };
    const consumer = await GroupConsumer.create(properties, { topics: ['t'] }, { listener });
    opened.push(consumer);
    return consumer;
  }
}

async function read(consumer: GroupConsumer, count: number): Promise<string[]> {
  const values: string[] = [];
  while (values.length < count) {
    await consumer.poll(1000, (cursor) => values.push(cursor.value()?.toString() ?? ''), count - values.length);
  }
  return values;
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries > 1000) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a member of a classic group', () => {
  test('reads from the committed offset, commits what it read and leaves', async () => {
    const group = await FakeGroup.start();
    group.committed = { 0: 1, 1: 0 };
    const consumer = await group.consumer();
    expect(await read(consumer, 1)).toEqual(['b']);
    await consumer.close();
    expect(group.committed).toEqual({ 0: 2, 1: 0 });
    expect(group.events).toEqual([
      'join range,cooperative-sticky',
      'assigned 0,1',
      'commit 0@2 in 1',
      'commit 1@0 in 1',
      'revoked 0,1',
      'leave test-1',
    ]);
  });

  test('commits before it joins again, and goes on with what it is given then', async () => {
    const group = await FakeGroup.start();
    const consumer = await group.consumer();
    expect(await read(consumer, 2)).toEqual(['a', 'b']);
    group.assigned = [0];
    group.heartbeatError = ErrorCode.REBALANCE_IN_PROGRESS;
    await until(() => group.generationId === 2 && consumer.owned.length === 1);
    expect(group.events.slice(2)).toEqual([
      'commit 0@2 in 1',
      'commit 1@0 in 1',
      'revoked 0,1',
      'join range,cooperative-sticky',
      'assigned 0',
    ]);
    expect(await read(consumer, 1)).toEqual(['c']);
  });

  test('does not commit what the group gave to others', async () => {
    const group = await FakeGroup.start();
    const consumer = await group.consumer();
    await read(consumer, 2);
    group.heartbeatError = ErrorCode.UNKNOWN_MEMBER_ID;
    await until(() => group.generationId === 2 && consumer.owned.length === 2);
    expect(group.events.slice(2)).toEqual(['revoked 0,1', 'join range,cooperative-sticky', 'assigned 0,1']);
    expect(group.committed).toEqual({});
  });

  test('without auto commit nothing is committed unless it is asked for', async () => {
    const group = await FakeGroup.start();
    const consumer = await group.consumer({ 'enable.auto.commit': 'false' });
    await read(consumer, 3);
    await consumer.commit([{ topic: 't', partition: 0, offset: 3 }]);
    await consumer.close();
    expect(group.events.filter((event) => event.startsWith('commit'))).toEqual(['commit 0@3 in 1']);
  });

  test('a static member stays in the group when it closes', async () => {
    const group = await FakeGroup.start();
    const consumer = await group.consumer({ 'group.instance.id': 'i' });
    await read(consumer, 1);
    await consumer.close();
    expect(group.events.filter((event) => event.startsWith('leave'))).toEqual([]);
  });

  test('a refusal that time does not mend ends the poll', async () => {
    const group = await FakeGroup.start();
    group.cluster.broker(1).on(joinGroupRequest, joinGroupResponse, () => ({
      errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
      protocolName: '',
    }));
    const consumer = await group.consumer();
    await expect(consumer.poll(5000, () => {})).rejects.toMatchObject({ errorName: 'GROUP_AUTHORIZATION_FAILED' });
  });
});
