/** Goal: offsets and groups live as long as offsets.retention.minutes says, and not longer (KIP-211). */
import { expect, test } from 'vitest';
import { GroupHarness } from './group-harness.ts';
import { stableGroup } from './members.ts';

const HOUR_MS = 3_600_000;
const CHECK_MS = 600_000;
const config = { offsetsRetentionMs: HOUR_MS, offsetsRetentionCheckIntervalMs: CHECK_MS };

function commit(harness: GroupHarness, topic: string, body: object = {}, version = 9): void {
  harness.commitOffsets(version, {
    groupId: 'group',
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] }],
    ...body,
  });
}

function topicsLeft(harness: GroupHarness): string[] | undefined {
  const answer = harness.fetchOffsets(8, { groups: [{ groupId: 'group', topics: null }] }).now();
  return answer.groups[0]?.topics.map(({ name }) => name).sort();
}

function groupsLeft(harness: GroupHarness): string[] {
  return harness
    .list(5, {})
    .now()
    .groups.map(({ groupId }) => groupId);
}

test('offsets without group management expire a while after their commit, and the group with the last', () => {
  const harness = new GroupHarness(config).load();
  commit(harness, 'orders');
  harness.clock.advance(HOUR_MS / 2);
  commit(harness, 'payments');
  harness.clock.advance(HOUR_MS / 2 + CHECK_MS);
  expect(topicsLeft(harness)).toEqual(['payments']);
  harness.clock.advance(HOUR_MS / 2);
  expect(topicsLeft(harness)).toEqual([]);
  expect(groupsLeft(harness)).toEqual([]);
});

test('while a group has members only offsets of topics that nobody subscribes to expire', () => {
  const harness = new GroupHarness(config).load();
  const [member] = stableGroup(harness, 1, { sessionTimeoutMs: 1_800_000 });
  const of = { memberId: member?.memberId ?? '', generationIdOrMemberEpoch: 1 };
  commit(harness, 'orders', of);
  commit(harness, 'payments', of);
  for (let i = 0; i < 8; i++) {
    harness.clock.advance(HOUR_MS / 4);
    harness.heartbeat(4, { groupId: 'group', memberId: of.memberId, generationId: 1 });
  }
  expect(topicsLeft(harness)).toEqual(['orders']);
});

test('the offsets of a group expire together, counted from when its last member left', () => {
  const harness = new GroupHarness(config).load();
  const [member] = stableGroup(harness, 1, { sessionTimeoutMs: 1_800_000 });
  const memberId = member?.memberId ?? '';
  commit(harness, 'orders', { memberId, generationIdOrMemberEpoch: 1 });
  harness.clock.advance(HOUR_MS / 2 - 60_000);
  harness.leave(5, { groupId: 'group', members: [{ memberId }] });
  harness.clock.advance(HOUR_MS - CHECK_MS);
  expect(topicsLeft(harness)).toEqual(['orders']);
  harness.clock.advance(2 * CHECK_MS);
  expect(topicsLeft(harness)).toEqual([]);
  expect(groupsLeft(harness)).toEqual([]);
});

test('a retention that the client asked for counts for its offset', () => {
  const harness = new GroupHarness(config).load();
  commit(harness, 'orders', { retentionTimeMs: 3 * HOUR_MS }, 4);
  commit(harness, 'payments', { retentionTimeMs: 1_000 }, 4);
  harness.clock.advance(CHECK_MS);
  expect(topicsLeft(harness)).toEqual(['orders']);
  harness.clock.advance(2 * HOUR_MS);
  expect(topicsLeft(harness)).toEqual(['orders']);
  harness.clock.advance(HOUR_MS);
  expect(topicsLeft(harness)).toEqual([]);
});

test('a group that nobody ever joined for good is forgotten', () => {
  const harness = new GroupHarness(config).load();
  harness.join(9, {
    groupId: 'group',
    sessionTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  });
  expect(groupsLeft(harness)).toEqual(['group']);
  harness.clock.advance(CHECK_MS);
  expect(groupsLeft(harness)).toEqual([]);
});

test('offsets of a deleted topic go at once, those of a topic created under its name since stay', () => {
  const harness = new GroupHarness(config).load();
  commit(harness, 'orders');
  commit(harness, 'payments');
  const id = (name: string) => harness.topics.get(name)?.id ?? '';
  const another = `${'x'.repeat(21)}A`;
  harness.coordinator.onTopicsDeleted([
    { name: 'orders', id: id('orders') },
    { name: 'payments', id: another },
  ]);
  expect(topicsLeft(harness)).toEqual(['payments']);
});
