/** Goal: a partition that moves to this broker brings its groups along, and one that moves away leaves nobody waiting. */
import { expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { buildCoordinatorBatch } from '../../src/groups/coordinator-batch.ts';
import { newOffsetCommitRecord } from '../../src/groups/coordinator-records.ts';
import type { CoordinatorRecord } from '../../src/groups/types.ts';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { buildEndTransactionMarker } from '../../src/records/control-record.ts';
import { GroupHarness } from './group-harness.ts';
import { joinRequest, joinWithId, stableGroup, stateOf } from './members.ts';

const OFFSET = {
  leaderEpoch: -1,
  metadata: '',
  commitTimestampMs: 1,
  expireTimestampMs: null,
  topicId: `${'o'.repeat(21)}A`,
};

function loadRecords(harness: GroupHarness, groupId: string, ...batches: Buffer[]): void {
  const loader = harness.coordinator.onElection(harness.coordinator.partitionFor(groupId), 1);
  let offset = 0;
  for (const batch of batches) {
    batch.writeBigInt64BE(BigInt(offset), 0);
    offset += 100;
    loader.replayBatches(batch);
  }
  loader.finish();
}

/** A record whose key is a type and a group id, perhaps with a member, as all those of other kinds of groups are. */
function foreignRecord(recordType: number, groupId: string, memberId?: string, value: Buffer | null = Buffer.alloc(3)) {
  const writer = new Writer();
  writer.int16(recordType);
  writer.string(groupId);
  if (memberId !== undefined) writer.string(memberId);
  return { key: writer.finishWhole(), value };
}

function offsetOf(harness: GroupHarness, groupId: string, requireStable = false) {
  const groups = [{ groupId, topics: [{ name: 'orders', partitionIndexes: [0] }] }];
  return harness.fetchOffsets(8, { groups, requireStable }).now().groups[0]?.topics[0]?.partitions[0];
}

test('a broker that does not lead the partition, loads it, or is going down says so', () => {
  const harness = new GroupHarness();
  const codes = () => ({
    join: harness.join(9, joinRequest()).now().errorCode,
    sync: harness.sync(3, { groupId: 'group' }).now().errorCode,
    heartbeat: harness.heartbeat(4, { groupId: 'group' }).now().errorCode,
    leave: harness.leave(5, { groupId: 'group' }).now().errorCode,
    describe: harness.describe(6, { groups: ['group'] }).now().groups[0]?.errorCode,
    fetch: harness.fetchOffsets(8, { groups: [{ groupId: 'group', topics: null }] }).now().groups[0]?.errorCode,
    oldFetch: harness.fetchOffsets(1, { groupId: 'group', topics: [{ name: 'orders', partitionIndexes: [0] }] }).now()
      .topics[0]?.partitions[0]?.errorCode,
    remove: harness.deleteGroups(3, { groupsNames: ['group'] }).now().results[0]?.errorCode,
    removeOffsets: harness.deleteOffsets(0, { groupId: 'group' }).now().errorCode,
  });
  const all = (code: number) => Object.fromEntries(Object.keys(codes()).map((name) => [name, code]));
  expect(codes()).toEqual(all(ErrorCode.NOT_COORDINATOR));
  expect(harness.list(5, {}).now()).toMatchObject({ errorCode: 0, groups: [] });
  const loader = harness.coordinator.onElection(harness.coordinator.partitionFor('group'), 1);
  expect(codes()).toEqual({ ...all(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS), heartbeat: 0 });
  expect(harness.list(5, {}).now().errorCode).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
  loader.finish();
  expect(codes().join).toBe(ErrorCode.MEMBER_ID_REQUIRED);
  harness.coordinator.shutdown();
  expect(codes()).toEqual(all(ErrorCode.COORDINATOR_NOT_AVAILABLE));
});

test('a partition that moves away answers whoever waits, and its timers are gone', () => {
  const harness = new GroupHarness();
  const timers = harness.clock.timerCount;
  harness.load();
  const { joined } = joinWithId(harness);
  const members = stableGroup(harness, 1, { groupId: 'other' });
  expect(members).toHaveLength(1);
  const { joined: waiting } = joinWithId(harness, { groupId: 'third' });
  harness.commitsAtOnce = false;
  const commit = harness.commitOffsets(9, {
    groupId: 'simple',
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] }],
  });
  for (let partition = 0; partition < 3; partition++) harness.coordinator.onResignation(partition);
  expect(joined.response).toBeDefined();
  expect(waiting.now().errorCode).toBe(ErrorCode.NOT_COORDINATOR);
  expect(commit.now().topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.NOT_COORDINATOR);
  expect(harness.clock.timerCount).toBe(timers);
  harness.commit(new KafkaError('NOT_LEADER_OR_FOLLOWER'));
});

test('an assignment that is on its way when the partition moves away is answered NOT_COORDINATOR', () => {
  const harness = new GroupHarness().load();
  const { joined } = joinWithId(harness);
  harness.clock.advance(3_000);
  harness.commitsAtOnce = false;
  const { memberId, generationId } = joined.now();
  const synced = harness.sync(3, { groupId: 'group', memberId, generationId });
  harness.coordinator.onResignation(harness.coordinator.partitionFor('group'));
  expect(synced.now().errorCode).toBe(ErrorCode.NOT_COORDINATOR);
});

test('members that were loaded go on with heartbeats, and expire without', () => {
  const first = new GroupHarness().load();
  const members = stableGroup(first, 2);
  const second = new GroupHarness().load(first.log);
  expect(stateOf(second)).toBe('Stable');
  second.clock.advance(9_000);
  const beat = { groupId: 'group', memberId: members[0]?.memberId ?? '', generationId: 1 };
  expect(second.heartbeat(4, beat).now().errorCode).toBe(0);
  second.clock.advance(1_000);
  expect(second.heartbeat(4, beat).now().errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
});

test('a loaded group that is larger than group.max.size rebalances down', () => {
  const first = new GroupHarness().load();
  const [a, b] = stableGroup(first, 2);
  const second = new GroupHarness({ groupMaxSize: 1 }).load(first.log);
  expect(stateOf(second)).toBe('PreparingRebalance');
  const kept = second.join(9, joinRequest({ memberId: a?.memberId ?? '' }));
  const refused = second.join(9, joinRequest({ memberId: b?.memberId ?? '' }));
  expect(refused.now().errorCode).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
  second.clock.advance(60_000);
  expect(kept.now().members).toHaveLength(1);
});

test('offsets of a transaction count when its marker says so, in the order in which they were written', () => {
  const harness = new GroupHarness();
  const commit = (offset: number, producerId?: number) =>
    buildCoordinatorBatch(
      [newOffsetCommitRecord('group', 'orders', 0, { ...OFFSET, offset })],
      1,
      producerId === undefined ? undefined : { producerId, producerEpoch: 0 },
    );
  const marker = (producerId: number, isCommit: boolean) =>
    buildEndTransactionMarker(1, { producerId, producerEpoch: 0, isCommit, coordinatorEpoch: 0 });
  loadRecords(harness, 'group', commit(1), commit(2, 7), marker(7, true));
  expect(offsetOf(harness, 'group')?.committedOffset).toBe(2);
  loadRecords(harness, 'group', commit(1), commit(2, 7), marker(7, false));
  expect(offsetOf(harness, 'group')?.committedOffset).toBe(1);
  loadRecords(harness, 'group', commit(2, 7), commit(3), marker(7, true));
  expect(offsetOf(harness, 'group')?.committedOffset).toBe(3);
  loadRecords(harness, 'group', commit(1), commit(2, 7));
  expect(offsetOf(harness, 'group')?.committedOffset).toBe(1);
  expect(offsetOf(harness, 'group', true)?.errorCode).toBe(ErrorCode.UNSTABLE_OFFSET_COMMIT);
  harness.coordinator.onTransactionMarker(harness.coordinator.partitionFor('group'), 7, true);
  expect(offsetOf(harness, 'group', true)).toMatchObject({ committedOffset: 2, errorCode: 0 });
});

test('groups of other kinds that Apache Kafka left are listed, protected and can be deleted', () => {
  const harness = new GroupHarness();
  const records: CoordinatorRecord[] = [
    newOffsetCommitRecord('group', 'orders', 0, { ...OFFSET, offset: 5 }),
    foreignRecord(19, 'group', 'member'),
    foreignRecord(17, 'group'),
    foreignRecord(22, 'group', 'member'),
  ];
  loadRecords(harness, 'group', buildCoordinatorBatch(records, 1));
  expect(harness.list(5, {}).now().groups).toMatchObject([
    { groupId: 'group', protocolType: 'streams', groupState: 'Stable', groupType: 'streams' },
  ]);
  expect(harness.join(9, joinRequest()).now().errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  expect(offsetOf(harness, 'group')?.committedOffset).toBe(5);
  const described = harness.describe(6, { groups: ['group'] }).now().groups[0];
  expect(described?.errorMessage).toBe('Group group is not a classic group.');
  const remove = () => harness.deleteGroups(3, { groupsNames: ['group'] }).now().results[0]?.errorCode;
  expect(remove()).toBe(ErrorCode.NON_EMPTY_GROUP);
  // Its members cannot send heartbeats here, so their sessions end.
  harness.clock.advance(45_000);
  expect(harness.list(5, { statesFilter: ['empty'] }).now().groups).toHaveLength(1);
  expect(remove()).toBe(0);
  expect(harness.list(5, {}).now().groups).toEqual([]);
  expect(harness.log.at(-1)?.records.every(({ value }) => value === null)).toBe(true);
});

test('an empty group of another kind becomes a classic group when a member joins, a share group does not', () => {
  const harness = new GroupHarness();
  loadRecords(harness, 'group', buildCoordinatorBatch([foreignRecord(17, 'group')], 1));
  expect(harness.join(9, joinRequest()).now().errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED);
  expect(stateOf(harness)).toBe('Empty');
  loadRecords(
    harness,
    'group',
    buildCoordinatorBatch(
      harness.log.flatMap(({ records }) => records),
      1,
    ),
  );
  expect(stateOf(harness)).toBe('Empty');
  loadRecords(harness, 'group', buildCoordinatorBatch([foreignRecord(11, 'group')], 1));
  expect(harness.join(9, joinRequest()).now().errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
});

test('records that nobody understands do not keep the others from being loaded', () => {
  const harness = new GroupHarness();
  const good = newOffsetCommitRecord('group', 'orders', 0, { ...OFFSET, offset: 5 });
  const records: CoordinatorRecord[] = [
    { key: Buffer.from([0]), value: null },
    { key: Buffer.from([0, 99, 1]), value: Buffer.from([0, 0]) },
    { key: good.key, value: Buffer.from([0, 9, 9, 9]) },
    { key: Buffer.from([0, 2, 0, 50, 1]), value: Buffer.alloc(0) },
    good,
  ];
  loadRecords(harness, 'group', buildCoordinatorBatch(records, 1));
  expect(offsetOf(harness, 'group')?.committedOffset).toBe(5);
});
