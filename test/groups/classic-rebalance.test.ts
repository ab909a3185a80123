/** Goal: a classic group goes through its generations as Kafka's coordinator lets it. */
import { expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { GroupHarness } from './group-harness.ts';
import { joinRequest, joinWithId, RANGE, ROUND_ROBIN, stableGroup, stateOf, subscription, syncAll } from './members.ts';

test('the first rebalance waits for more members, and again for each delay in which one came', () => {
  const harness = new GroupHarness().load();
  const first = joinWithId(harness).joined;
  harness.clock.advance(2_000);
  const second = joinWithId(harness).joined;
  harness.clock.advance(1_000);
  expect(first.response).toBeUndefined();
  harness.clock.advance(3_000);
  const [a, b] = [first.now(), second.now()];
  expect(a.generationId).toBe(1);
  expect(b.generationId).toBe(1);
  expect(a.leader).toBe(a.memberId);
  expect(b.leader).toBe(a.memberId);
  expect(a.members.map((member) => member.memberId).sort()).toEqual([a.memberId, b.memberId].sort());
  expect(b.members).toEqual([]);
  expect(a.protocolName).toBe('range');
  expect(a.protocolType).toBe('consumer');
});

test('everybody gets what the leader assigned, and the group is stable', () => {
  const harness = new GroupHarness().load();
  const pending = [joinWithId(harness).joined, joinWithId(harness).joined];
  harness.clock.advance(6_000);
  const members = pending.map((each) => each.now());
  expect(stateOf(harness)).toBe('CompletingRebalance');
  const synced = syncAll(harness, members);
  expect(synced.map((answer) => answer.assignment.toString())).toEqual(members.map((member) => member.memberId));
  expect(stateOf(harness)).toBe('Stable');
  const described = harness.describe(6, { groups: ['group'] }).now().groups[0];
  expect(described?.members.map((member) => member.clientHost)).toEqual(['/127.0.0.1', '/127.0.0.1']);
  expect(described?.protocolData).toBe('range');
});

test('a member that joins makes the others rejoin', () => {
  const harness = new GroupHarness().load();
  const [old] = stableGroup(harness, 1);
  const { memberId, generationId } = old ?? { memberId: '', generationId: 0 };
  const { joined: fresh } = joinWithId(harness);
  expect(harness.heartbeat(4, { groupId: 'group', memberId, generationId }).now().errorCode).toBe(
    ErrorCode.REBALANCE_IN_PROGRESS,
  );
  const rejoined = harness.join(9, joinRequest({ memberId }));
  expect(rejoined.now().generationId).toBe(2);
  expect(fresh.now().generationId).toBe(2);
  expect(rejoined.now().leader).toBe(memberId);
});

test('a member that does not rejoin in time is left out', () => {
  const harness = new GroupHarness().load();
  const options = { sessionTimeoutMs: 300_000, rebalanceTimeoutMs: 20_000 };
  const [a, b] = stableGroup(harness, 2, options);
  const rejoined = harness.join(9, joinRequest({ ...options, memberId: a?.memberId ?? '' }));
  harness.clock.advance(19_999);
  expect(rejoined.response).toBeUndefined();
  harness.clock.advance(1);
  expect(rejoined.now().members.map((member) => member.memberId)).toEqual([a?.memberId]);
  const late = { groupId: 'group', memberId: b?.memberId ?? '', generationId: 1 };
  expect(harness.heartbeat(4, late).now().errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
});

test('a member that leaves makes the others rejoin at once; the last one leaves the group empty', () => {
  const harness = new GroupHarness().load();
  const [a, b] = stableGroup(harness, 2);
  const left = harness.leave(5, { groupId: 'group', members: [{ memberId: a?.memberId ?? '', reason: 'done' }] });
  expect(left.now()).toMatchObject({ errorCode: 0, members: [{ memberId: a?.memberId, errorCode: 0 }] });
  const beat = { groupId: 'group', memberId: b?.memberId ?? '', generationId: 1 };
  expect(harness.heartbeat(4, beat).now().errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  expect(harness.join(9, joinRequest({ memberId: b?.memberId ?? '' })).now().generationId).toBe(2);
  harness.leave(2, { groupId: 'group', memberId: b?.memberId ?? '' });
  expect(stateOf(harness)).toBe('Empty');
});

test('a member whose session ends is removed and the rest goes on', () => {
  const harness = new GroupHarness().load();
  const [a, b] = stableGroup(harness, 2);
  const beat = { groupId: 'group', memberId: a?.memberId ?? '', generationId: 1 };
  harness.clock.advance(6_000);
  expect(harness.heartbeat(4, beat).now().errorCode).toBe(0);
  harness.clock.advance(4_000);
  expect(harness.heartbeat(4, beat).now().errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  const rejoined = harness.join(9, joinRequest({ memberId: a?.memberId ?? '' })).now();
  expect(rejoined.generationId).toBe(2);
  expect(rejoined.members.map((member) => member.memberId)).not.toContain(b?.memberId);
});

test('a leader that crashes before it assigns does not hold up the group', () => {
  const harness = new GroupHarness().load();
  const pending = [joinWithId(harness).joined, joinWithId(harness).joined];
  harness.clock.advance(6_000);
  const follower = pending[1]?.now();
  const synced = harness.sync(5, {
    groupId: 'group',
    memberId: follower?.memberId ?? '',
    generationId: 1,
    protocolType: 'consumer',
    protocolName: 'range',
  });
  harness.clock.advance(9_999);
  expect(synced.response).toBeUndefined();
  harness.clock.advance(1);
  expect(synced.now().errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  const alone = harness.join(9, joinRequest({ memberId: follower?.memberId ?? '' })).now();
  expect(alone).toMatchObject({ generationId: 2, leader: follower?.memberId });
});

test('who never sends SyncGroup is removed after the rebalance timeout', () => {
  const harness = new GroupHarness().load();
  const options = { sessionTimeoutMs: 300_000, rebalanceTimeoutMs: 15_000 };
  const pending = [joinWithId(harness, options).joined, joinWithId(harness, options).joined];
  harness.clock.advance(6_000);
  const leader = pending[0]?.now();
  if (leader === undefined) throw new Error('no leader');
  syncAll(harness, [leader]);
  expect(stateOf(harness)).toBe('Stable');
  harness.clock.advance(15_000);
  expect(stateOf(harness)).toBe('PreparingRebalance');
  expect(harness.join(9, joinRequest({ ...options, memberId: leader.memberId })).now().members).toHaveLength(1);
});

test('an id that was given out and never used expires and lets the rebalance go on', () => {
  const harness = new GroupHarness().load();
  const [a] = stableGroup(harness, 1);
  harness.join(9, joinRequest({ sessionTimeoutMs: 6_000 }));
  const rejoined = harness.join(9, joinRequest({ memberId: a?.memberId ?? '' }));
  expect(rejoined.response).toBeUndefined();
  harness.clock.advance(6_000);
  expect(rejoined.now().generationId).toBe(2);
});

test('generations and members of the past are fenced', () => {
  const harness = new GroupHarness().load();
  const [a] = stableGroup(harness, 1);
  const memberId = a?.memberId ?? '';
  const code = (generationId: number, member = memberId) =>
    harness.heartbeat(4, { groupId: 'group', memberId: member, generationId }).now().errorCode;
  expect(code(1)).toBe(0);
  expect(code(0)).toBe(ErrorCode.ILLEGAL_GENERATION);
  expect(code(1, 'stranger')).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  const sync = harness.sync(3, { groupId: 'group', memberId, generationId: 7 }).now();
  expect(sync.errorCode).toBe(ErrorCode.ILLEGAL_GENERATION);
  const other = { groupId: 'group', memberId, generationId: 1, protocolType: 'connect', protocolName: 'range' };
  expect(harness.sync(5, other).now().errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
});

test('the protocol that all can do and most want is chosen', () => {
  const harness = new GroupHarness().load();
  const sticky = { name: 'cooperative-sticky', metadata: subscription(['orders']) };
  const pending = [
    joinWithId(harness, { protocols: [sticky, RANGE] }).joined,
    joinWithId(harness, { protocols: [sticky, RANGE] }).joined,
    joinWithId(harness, { protocols: [RANGE, sticky] }).joined,
  ];
  harness.clock.advance(12_000);
  expect(pending.map((each) => each.now().protocolName)).toEqual(Array(3).fill('cooperative-sticky'));
  const refused = harness.join(9, joinRequest({ protocols: [ROUND_ROBIN] })).now();
  expect(refused.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  const foreign = harness.join(9, joinRequest({ protocolType: 'connect' })).now();
  expect(foreign.errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
});

test('a follower that rejoins unchanged hears the generation; the leader forces a new one', () => {
  const harness = new GroupHarness().load();
  const [leader, follower] = stableGroup(harness, 2);
  expect(harness.join(9, joinRequest({ memberId: follower?.memberId ?? '' })).now().generationId).toBe(1);
  expect(stateOf(harness)).toBe('Stable');
  expect(harness.join(9, joinRequest({ memberId: leader?.memberId ?? '' })).response).toBeUndefined();
  expect(stateOf(harness)).toBe('PreparingRebalance');
});

test('session timeouts outside the bounds, empty and unknown groups are refused', () => {
  const harness = new GroupHarness().load();
  const code = (options: Parameters<typeof joinRequest>[0]) => harness.join(9, joinRequest(options)).now().errorCode;
  expect(code({ sessionTimeoutMs: 5_999 })).toBe(ErrorCode.INVALID_SESSION_TIMEOUT);
  expect(code({ sessionTimeoutMs: 1_800_001 })).toBe(ErrorCode.INVALID_SESSION_TIMEOUT);
  expect(code({ groupId: '' })).toBe(ErrorCode.INVALID_GROUP_ID);
  expect(code({ memberId: 'who' })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  expect(code({ protocols: [] })).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  const beat = harness.heartbeat(4, { groupId: 'none', memberId: 'who', generationId: 1 });
  expect(beat.now().errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  const leave = harness.leave(5, { groupId: 'none', members: [{ memberId: 'who' }] }).now();
  expect(leave).toMatchObject({ errorCode: 0, members: [{ memberId: 'who', errorCode: ErrorCode.UNKNOWN_MEMBER_ID }] });
});

test('group.max.size keeps further members out', () => {
  const harness = new GroupHarness({ groupMaxSize: 2 }).load();
  stableGroup(harness, 2);
  expect(harness.join(9, joinRequest()).now().errorCode).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
});

test("an assignment that cannot be stored is nobody's, and the members try again", () => {
  const harness = new GroupHarness().load();
  const pending = [joinWithId(harness).joined, joinWithId(harness).joined];
  harness.clock.advance(6_000);
  harness.commitsAtOnce = false;
  const [leader, follower] = pending.map((each) => each.now());
  const ids = (member: typeof leader) => ({
    groupId: 'group',
    memberId: member?.memberId ?? '',
    generationId: 1,
    protocolType: 'consumer',
    protocolName: 'range',
  });
  const waiting = [harness.sync(5, ids(follower)), harness.sync(5, ids(leader))];
  expect(waiting.map((each) => each.response)).toEqual([undefined, undefined]);
  // offsets.commit.timeout.ms passes without the replicas.
  harness.clock.advance(5_000);
  expect(waiting.map((each) => each.now().errorCode)).toEqual(Array(2).fill(ErrorCode.COORDINATOR_NOT_AVAILABLE));
  expect(stateOf(harness)).toBe('PreparingRebalance');
});

test('a request that is sent again replaces the first, which does not wait for ever', () => {
  const harness = new GroupHarness().load();
  const { memberId, joined } = joinWithId(harness);
  const again = harness.join(9, joinRequest({ memberId }));
  expect(joined.now().errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  harness.clock.advance(3_000);
  expect(again.now().generationId).toBe(1);
});

test('when everybody is gone no timer is left but that of the expiry', () => {
  const harness = new GroupHarness().load();
  const before = harness.clock.timerCount;
  const members = stableGroup(harness, 3);
  harness.leave(5, { groupId: 'group', members: members.map(({ memberId }) => ({ memberId })) });
  expect(stateOf(harness)).toBe('Empty');
  expect(harness.clock.timerCount).toBe(before);
});
