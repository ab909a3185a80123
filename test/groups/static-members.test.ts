/** Goal: members with a group.instance.id keep their place over restarts, and only one process can have it (KIP-345). */
import { expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { GroupHarness } from './group-harness.ts';
import { joinRequest, RANGE, ROUND_ROBIN, stateOf, syncAll } from './members.ts';

function staticGroup(harness: GroupHarness, version = 9) {
  const pending = ['a', 'b'].map((groupInstanceId) => harness.join(version, joinRequest({ groupInstanceId })));
  harness.clock.advance(6_000);
  const joined = pending.map((each) => each.now());
  syncAll(harness, joined);
  const [leader, follower] = joined;
  if (leader === undefined || follower === undefined) throw new Error('two members were expected');
  return { leader, follower };
}

test('a static member joins without asking for an id first, and is named after its instance', () => {
  const { leader, follower } = staticGroup(new GroupHarness().load());
  expect(leader.memberId).toMatch(/^a-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(leader.members.map((member) => member.groupInstanceId)).toEqual(['a', 'b']);
  expect(follower.generationId).toBe(1);
});

test('a static follower that restarts takes over its assignment without a rebalance', () => {
  const harness = new GroupHarness().load();
  const { follower } = staticGroup(harness);
  const back = harness.join(9, joinRequest({ groupInstanceId: 'b' })).now();
  expect(back).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: false, members: [] });
  expect(back.memberId).not.toBe(follower.memberId);
  expect(stateOf(harness)).toBe('Stable');
  const synced = harness.sync(5, {
    groupId: 'group',
    memberId: back.memberId,
    groupInstanceId: 'b',
    generationId: 1,
    protocolType: 'consumer',
    protocolName: 'range',
  });
  expect(synced.now().assignment.toString()).toBe(follower.memberId);
});

test('a static leader that restarts is told to skip the assignment, in old versions under its old id', () => {
  const harness = new GroupHarness().load();
  const { leader } = staticGroup(harness);
  const back = harness.join(9, joinRequest({ groupInstanceId: 'a' })).now();
  expect(back).toMatchObject({ errorCode: 0, skipAssignment: true, leader: back.memberId });
  expect(back.members).toHaveLength(2);
  const again = harness.join(8, joinRequest({ groupInstanceId: 'a' })).now();
  expect(again).toMatchObject({ errorCode: 0, skipAssignment: false, leader: back.memberId, members: [] });
  expect(leader.memberId).not.toBe(again.memberId);
  expect(stateOf(harness)).toBe('Stable');
});

test('the process whose place was taken is fenced everywhere', () => {
  const harness = new GroupHarness().load();
  const { follower } = staticGroup(harness);
  harness.join(9, joinRequest({ groupInstanceId: 'b' }));
  const { memberId } = follower;
  const old = { groupId: 'group', memberId, groupInstanceId: 'b', generationId: 1 };
  const fenced = ErrorCode.FENCED_INSTANCE_ID;
  expect(harness.heartbeat(4, old).now().errorCode).toBe(fenced);
  expect(harness.sync(4, old).now().errorCode).toBe(fenced);
  expect(harness.join(9, joinRequest({ memberId, groupInstanceId: 'b' })).now().errorCode).toBe(fenced);
  const commit = harness.commitOffsets(9, {
    ...old,
    generationIdOrMemberEpoch: 1,
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 5 }] }],
  });
  expect(commit.now().topics[0]?.partitions[0]?.errorCode).toBe(fenced);
  const leave = harness.leave(5, { groupId: 'group', members: [{ memberId, groupInstanceId: 'b' }] });
  expect(leave.now().members[0]?.errorCode).toBe(fenced);
});

test('a restart while the member still waits answers the old request FENCED_INSTANCE_ID', () => {
  const harness = new GroupHarness().load();
  const first = harness.join(9, joinRequest({ groupInstanceId: 'a' }));
  const second = harness.join(9, joinRequest({ groupInstanceId: 'a' }));
  expect(first.now().errorCode).toBe(ErrorCode.FENCED_INSTANCE_ID);
  harness.clock.advance(6_000);
  expect(second.now().generationId).toBe(1);
});

test('a restart with other protocols that change the choice starts a rebalance', () => {
  const harness = new GroupHarness().load();
  const pending = ['a', 'b'].map((groupInstanceId) =>
    harness.join(9, joinRequest({ groupInstanceId, protocols: [RANGE, ROUND_ROBIN] })),
  );
  harness.clock.advance(6_000);
  syncAll(
    harness,
    pending.map((each) => each.now()),
  );
  harness.join(9, joinRequest({ groupInstanceId: 'b', protocols: [ROUND_ROBIN] }));
  expect(stateOf(harness)).toBe('PreparingRebalance');
});

test('a restart while assignments are awaited starts a rebalance', () => {
  const harness = new GroupHarness().load();
  const pending = ['a', 'b'].map((groupInstanceId) => harness.join(9, joinRequest({ groupInstanceId })));
  harness.clock.advance(6_000);
  expect(pending[0]?.now().generationId).toBe(1);
  harness.join(9, joinRequest({ groupInstanceId: 'b' }));
  expect(stateOf(harness)).toBe('PreparingRebalance');
});

test('a static member that is away stays a member until its session ends', () => {
  const harness = new GroupHarness().load();
  const { leader } = staticGroup(harness);
  const options = { groupInstanceId: 'a', memberId: leader.memberId, rebalanceTimeoutMs: 5_000 };
  const rejoined = harness.join(9, joinRequest(options));
  harness.clock.advance(60_000);
  expect(rejoined.now().members).toHaveLength(1);
});

test('an administrator removes static members by instance id', () => {
  const harness = new GroupHarness().load();
  staticGroup(harness);
  const left = harness.leave(5, {
    groupId: 'group',
    members: [{ groupInstanceId: 'a' }, { groupInstanceId: 'nobody' }, { groupInstanceId: 'b' }],
  });
  expect(left.now().members).toMatchObject([
    { memberId: '', groupInstanceId: 'a', errorCode: 0 },
    { memberId: '', groupInstanceId: 'nobody', errorCode: ErrorCode.UNKNOWN_MEMBER_ID },
    { memberId: '', groupInstanceId: 'b', errorCode: 0 },
  ]);
  expect(stateOf(harness)).toBe('Empty');
});

test('a new member id that cannot be stored is taken back', () => {
  const harness = new GroupHarness().load();
  const { follower } = staticGroup(harness);
  harness.appendError = new KafkaError('NOT_ENOUGH_REPLICAS');
  const back = harness.join(9, joinRequest({ groupInstanceId: 'b' })).now();
  expect(back.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  harness.appendError = undefined;
  const old = { groupId: 'group', memberId: follower.memberId, groupInstanceId: 'b', generationId: 1 };
  expect(harness.heartbeat(4, old).now().errorCode).toBe(0);
});
