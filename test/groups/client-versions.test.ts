/** Goal: what old and new clients send works end to end in the bytes of their versions. */
import { describe, expect, test } from 'vitest';
import { GroupHarness } from './group-harness.ts';
import { joinRequest, joinWithId, stateOf, syncAll } from './members.ts';

const ORDERS_ID = `${'o'.repeat(21)}A`;

interface VersionSet {
  readonly name: string;
  readonly join: number;
  readonly sync: number;
  readonly heartbeat: number;
  readonly leave: number;
  readonly commit: number;
  readonly fetch: number;
}

const VERSION_SETS: readonly VersionSet[] = [
  { name: 'the oldest', join: 0, sync: 0, heartbeat: 0, leave: 0, commit: 2, fetch: 1 },
  { name: 'librdkafka of 2019', join: 3, sync: 1, heartbeat: 1, leave: 1, commit: 3, fetch: 2 },
  { name: 'kafkajs', join: 5, sync: 3, heartbeat: 3, leave: 3, commit: 5, fetch: 4 },
  { name: 'Java 2.8', join: 7, sync: 5, heartbeat: 4, leave: 4, commit: 8, fetch: 7 },
  { name: 'Java 4.4', join: 9, sync: 5, heartbeat: 4, leave: 5, commit: 10, fetch: 10 },
];

function join(harness: GroupHarness, version: number) {
  return version < 4 ? harness.join(version, joinRequest()) : joinWithId(harness, {}, version).joined;
}

function commit(harness: GroupHarness, version: number, memberId: string, generation: number) {
  const partitions = [{ partitionIndex: 1, committedOffset: 12, committedMetadata: 'm' }];
  const topics = [version >= 10 ? { topicId: ORDERS_ID, partitions } : { name: 'orders', partitions }];
  const request = { groupId: 'group', memberId, generationIdOrMemberEpoch: generation, topics };
  return harness.commitOffsets(version, request).now().topics[0];
}

function fetch(harness: GroupHarness, version: number) {
  const partitionIndexes = [1];
  if (version < 8) {
    const request = { groupId: 'group', topics: [{ name: 'orders', partitionIndexes }] };
    return harness.fetchOffsets(version, request).now().topics[0];
  }
  const topics = [version >= 10 ? { topicId: ORDERS_ID, partitionIndexes } : { name: 'orders', partitionIndexes }];
  return harness.fetchOffsets(version, { groups: [{ groupId: 'group', topics }] }).now().groups[0]?.topics[0];
}

describe.each(VERSION_SETS)('$name', (versions) => {
  test('two members join, get assignments, commit, fetch and leave', () => {
    const harness = new GroupHarness().load();
    const pending = [join(harness, versions.join), join(harness, versions.join)];
    harness.clock.advance(7_000);
    const members = pending.map((each) => each.now());
    expect(members.map(({ errorCode, protocolName }) => [errorCode, protocolName])).toEqual(
      Array(2).fill([0, 'range']),
    );
    expect(members[0]?.members.map(({ memberId }) => memberId)).toEqual(members.map(({ memberId }) => memberId));
    const synced = syncAll(harness, members, 'group', versions.sync);
    expect(synced.map(({ assignment }) => assignment.toString())).toEqual(members.map(({ memberId }) => memberId));
    const memberId = members[1]?.memberId ?? '';
    const beat = harness.heartbeat(versions.heartbeat, { groupId: 'group', memberId, generationId: 1 }).now();
    expect(beat.errorCode).toBe(0);
    expect(commit(harness, versions.commit, memberId, 1)).toMatchObject({ partitions: [{ errorCode: 0 }] });
    expect(fetch(harness, versions.fetch)).toMatchObject({
      partitions: [{ partitionIndex: 1, committedOffset: 12, metadata: 'm', errorCode: 0 }],
    });
    for (const member of members) {
      const named = versions.leave < 3 ? { memberId: member.memberId } : { members: [{ memberId: member.memberId }] };
      const left = harness.leave(versions.leave, { groupId: 'group', ...named }).now();
      expect([left.errorCode, left.members[0]?.errorCode ?? 0]).toEqual([0, 0]);
    }
    expect(stateOf(harness)).toBe('Empty');
  });
});

test('up to version 2 of LeaveGroup the error of the one member is the answer', () => {
  const harness = new GroupHarness().load();
  expect(harness.leave(2, { groupId: 'group', memberId: 'nobody' }).now().errorCode).toBe(25);
});

test('a refused JoinGroup has an empty protocol name up to version 6 and none from 7 on', () => {
  const harness = new GroupHarness().load();
  expect(harness.join(6, joinRequest({ memberId: 'x' })).now().protocolName).toBe('');
  expect(harness.join(7, joinRequest({ memberId: 'x' })).now().protocolName).toBeNull();
});
