/** Goal: offsets are stored for those who may, found again in every version, and deleted when asked. */
import { expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { GroupHarness } from './group-harness.ts';
import { joinRequest, joinWithId, stableGroup, stateOf } from './members.ts';

const ORDERS_ID = `${'o'.repeat(21)}A`;

interface CommitOptions {
  readonly groupId?: string;
  readonly memberId?: string;
  readonly generation?: number;
  readonly topic?: string;
  readonly partition?: number;
  readonly metadata?: string | null;
}

function commitRequest(offset: number, options: CommitOptions = {}) {
  return {
    groupId: options.groupId ?? 'group',
    memberId: options.memberId ?? '',
    generationIdOrMemberEpoch: options.generation ?? -1,
    topics: [
      {
        name: options.topic ?? 'orders',
        partitions: [
          {
            partitionIndex: options.partition ?? 0,
            committedOffset: offset,
            committedLeaderEpoch: 3,
            committedMetadata: options.metadata ?? null,
          },
        ],
      },
    ],
  };
}

function commit(harness: GroupHarness, offset: number, options: CommitOptions = {}, version = 9): number | undefined {
  return harness.commitOffsets(version, commitRequest(offset, options)).now().topics[0]?.partitions[0]?.errorCode;
}

function fetched(harness: GroupHarness, groupId = 'group', requireStable = false) {
  const topics = [{ name: 'orders', partitionIndexes: [0] }];
  const answer = harness.fetchOffsets(8, { groups: [{ groupId, topics }], requireStable });
  return answer.response?.groups[0]?.topics[0]?.partitions[0];
}

test('a consumer without group management commits and fetches', () => {
  const harness = new GroupHarness().load();
  expect(commit(harness, 42, { metadata: 'note' })).toBe(0);
  expect(fetched(harness)).toMatchObject({ committedOffset: 42, committedLeaderEpoch: 3, metadata: 'note' });
  expect(stateOf(harness)).toBe('Empty');
  expect(harness.list(5, {}).now().groups).toMatchObject([
    { groupId: 'group', protocolType: '', groupState: 'Empty', groupType: 'classic' },
  ]);
});

test('a partition without an offset, and an unknown group, are answered -1', () => {
  const harness = new GroupHarness().load();
  expect(fetched(harness)).toMatchObject({ committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 0 });
});

test('only members of the current generation commit while a group has members', () => {
  const harness = new GroupHarness().load();
  const [member] = stableGroup(harness, 1);
  const memberId = member?.memberId ?? '';
  expect(commit(harness, 1, { memberId, generation: 1 })).toBe(0);
  expect(commit(harness, 2, { memberId, generation: 0 })).toBe(ErrorCode.ILLEGAL_GENERATION);
  expect(commit(harness, 2, { memberId: 'stranger', generation: 1 })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  expect(commit(harness, 2)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  expect(fetched(harness)?.committedOffset).toBe(1);
});

test('a commit while joining counts for the generation that ends, while assignments are awaited it must wait', () => {
  const harness = new GroupHarness().load();
  const [member] = stableGroup(harness, 1);
  const memberId = member?.memberId ?? '';
  const { joined } = joinWithId(harness);
  expect(stateOf(harness)).toBe('PreparingRebalance');
  expect(commit(harness, 7, { memberId, generation: 1 })).toBe(0);
  harness.join(9, joinRequest({ memberId }));
  expect(joined.now().generationId).toBe(2);
  expect(commit(harness, 8, { memberId, generation: 2 })).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  expect(commit(harness, 8, { memberId, generation: 1 })).toBe(ErrorCode.ILLEGAL_GENERATION);
});

test('commits keep a session alive', () => {
  const harness = new GroupHarness().load();
  const [member] = stableGroup(harness, 1);
  for (let i = 0; i < 3; i++) {
    harness.clock.advance(9_000);
    expect(commit(harness, i, { memberId: member?.memberId ?? '', generation: 1 })).toBe(0);
  }
  harness.clock.advance(10_000);
  expect(stateOf(harness)).toBe('Empty');
});

test('a generation of an unknown group is refused, from version 9 on by an error of its own', () => {
  const harness = new GroupHarness().load();
  const options = { memberId: 'm', generation: 4 };
  expect(commit(harness, 1, options, 8)).toBe(ErrorCode.ILLEGAL_GENERATION);
  expect(commit(harness, 1, options, 9)).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
});

test('topics and partitions that do not exist, and long metadata, are refused one by one', () => {
  const harness = new GroupHarness({ offsetMetadataMaxBytes: 10 }).load();
  const partitions = (...indexes: number[]) =>
    indexes.map((partitionIndex) => ({ partitionIndex, committedOffset: 1, committedMetadata: null }));
  const answer = harness.commitOffsets(9, {
    groupId: 'group',
    topics: [
      { name: 'orders', partitions: partitions(0, 4) },
      { name: 'gone', partitions: partitions(0) },
      { name: 'payments', partitions: [{ partitionIndex: 1, committedOffset: 1, committedMetadata: 'x'.repeat(11) }] },
    ],
  });
  const codes = answer
    .now()
    .topics.map(({ name, partitions: each }) => [
      name,
      ...each.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode]),
    ]);
  expect(codes).toEqual([
    ['orders', [4, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION], [0, 0]],
    ['gone', [0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]],
    ['payments', [1, ErrorCode.OFFSET_METADATA_TOO_LARGE]],
  ]);
});

test('version 10 names topics by id, and an offset does not pass to another topic of the same name', () => {
  const harness = new GroupHarness().load();
  const topics = [
    { topicId: ORDERS_ID, partitions: [{ partitionIndex: 0, committedOffset: 9, committedMetadata: '' }] },
  ];
  const unknown = [{ ...topics[0], topicId: `${'u'.repeat(21)}A` }];
  const answer = harness.commitOffsets(10, { groupId: 'group', topics: [...topics, ...unknown] }).now();
  expect(answer.topics).toMatchObject([
    { topicId: unknown[0]?.topicId, partitions: [{ errorCode: ErrorCode.UNKNOWN_TOPIC_ID }] },
    { topicId: ORDERS_ID, partitions: [{ errorCode: 0 }] },
  ]);
  const fetch = (topicId: string) =>
    harness.fetchOffsets(10, { groups: [{ groupId: 'group', topics: [{ topicId, partitionIndexes: [0] }] }] }).now()
      .groups[0]?.topics[0];
  expect(fetch(ORDERS_ID)).toMatchObject({ topicId: ORDERS_ID, partitions: [{ committedOffset: 9 }] });
  expect(fetch(`${'u'.repeat(21)}A`)?.partitions[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID);
  const newId = `${'n'.repeat(21)}A`;
  harness.topics.set('orders', { id: newId, partitions: 4 });
  expect(fetch(newId)?.partitions[0]?.committedOffset).toBe(-1);
  const all = harness.fetchOffsets(10, { groups: [{ groupId: 'group', topics: null }] }).now();
  expect(all.groups[0]?.topics).toMatchObject([{ topicId: newId, partitions: [{ committedOffset: 9 }] }]);
});

test('all offsets of several groups come in one answer', () => {
  const harness = new GroupHarness().load();
  commit(harness, 1, { groupId: 'one' });
  commit(harness, 2, { groupId: 'two', partition: 3 });
  commit(harness, 3, { groupId: 'two', topic: 'payments', partition: 1 });
  const groups = ['one', 'two', 'none'].map((groupId) => ({ groupId, topics: null }));
  const answer = harness.fetchOffsets(8, { groups }).now();
  expect(answer.groups).toMatchObject([
    { groupId: 'one', topics: [{ name: 'orders', partitions: [{ committedOffset: 1 }] }] },
    {
      groupId: 'two',
      topics: [
        { name: 'orders', partitions: [{ partitionIndex: 3, committedOffset: 2 }] },
        { name: 'payments', partitions: [{ partitionIndex: 1, committedOffset: 3 }] },
      ],
    },
    { groupId: 'none', topics: [], errorCode: 0 },
  ]);
});

test('what is not replicated is not told, unless the client wants to wait for it', () => {
  const harness = new GroupHarness().load();
  commit(harness, 1);
  harness.commitsAtOnce = false;
  const pending = harness.commitOffsets(9, commitRequest(2));
  expect(pending.response).toBeUndefined();
  expect(fetched(harness)?.committedOffset).toBe(1);
  const waiting = harness.fetchOffsets(8, {
    groups: [{ groupId: 'group', topics: [{ name: 'orders', partitionIndexes: [0] }] }],
    requireStable: true,
  });
  expect(waiting.response).toBeUndefined();
  harness.commit();
  expect(pending.now().topics[0]?.partitions[0]?.errorCode).toBe(0);
  expect(waiting.now().groups[0]?.topics[0]?.partitions[0]?.committedOffset).toBe(2);
  expect(fetched(harness)?.committedOffset).toBe(2);
});

test('a log that refuses and replicas that do not come are told as Kafka tells them', () => {
  const harness = new GroupHarness().load();
  const refusals = [
    ['NOT_ENOUGH_REPLICAS', ErrorCode.COORDINATOR_NOT_AVAILABLE],
    ['NOT_LEADER_OR_FOLLOWER', ErrorCode.NOT_COORDINATOR],
    ['KAFKA_STORAGE_ERROR', ErrorCode.NOT_COORDINATOR],
    ['MESSAGE_TOO_LARGE', ErrorCode.UNKNOWN_SERVER_ERROR],
  ] as const;
  for (const [errorName, code] of refusals) {
    harness.appendError = new KafkaError(errorName);
    expect(commit(harness, 1)).toBe(code);
  }
  harness.appendError = undefined;
  harness.commitsAtOnce = false;
  const pending = harness.commitOffsets(9, commitRequest(2));
  harness.clock.advance(5_000);
  expect(pending.now().topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  expect(fetched(harness)?.committedOffset).toBe(-1);
});

test('offsets of topics that nobody subscribes to can be deleted', () => {
  const harness = new GroupHarness().load();
  const [member] = stableGroup(harness, 1);
  const options = { memberId: member?.memberId ?? '', generation: 1 };
  commit(harness, 1, options);
  commit(harness, 2, { ...options, topic: 'payments' });
  const answer = harness.deleteOffsets(0, {
    groupId: 'group',
    topics: [
      { name: 'orders', partitions: [{ partitionIndex: 0 }] },
      { name: 'payments', partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] },
    ],
  });
  expect(answer.now().topics).toMatchObject([
    {
      name: 'payments',
      partitions: [{ partitionIndex: 9, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }, { errorCode: 0 }],
    },
    { name: 'orders', partitions: [{ errorCode: ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC }] },
  ]);
  const left = harness.fetchOffsets(8, { groups: [{ groupId: 'group', topics: null }] }).now();
  expect(left.groups[0]?.topics.map(({ name }) => name)).toEqual(['orders']);
  expect(harness.deleteOffsets(0, { groupId: 'none' }).now().errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
});

test('a group is deleted with its offsets once it has no members', () => {
  const harness = new GroupHarness().load();
  const [member] = stableGroup(harness, 1);
  const memberId = member?.memberId ?? '';
  commit(harness, 1, { memberId, generation: 1 });
  const remove = () =>
    harness
      .deleteGroups(3, { groupsNames: ['group', 'none', 'group'] })
      .now()
      .results.map((each) => each.errorCode);
  expect(remove()).toEqual([ErrorCode.NON_EMPTY_GROUP, ErrorCode.GROUP_ID_NOT_FOUND]);
  harness.leave(5, { groupId: 'group', members: [{ memberId }] });
  expect(remove()).toEqual([0, ErrorCode.GROUP_ID_NOT_FOUND]);
  expect(harness.list(5, {}).now().groups).toEqual([]);
  expect(fetched(harness)?.committedOffset).toBe(-1);
});

test('groups are listed by state and type, whatever the case', () => {
  const harness = new GroupHarness().load();
  stableGroup(harness, 1);
  commit(harness, 1, { groupId: 'simple' });
  const names = (filters: { statesFilter?: string[]; typesFilter?: string[] }) =>
    harness
      .list(5, filters)
      .now()
      .groups.map(({ groupId }) => groupId);
  expect(names({ statesFilter: ['sTable'] })).toEqual(['group']);
  expect(names({ statesFilter: ['Empty', 'Stable'], typesFilter: ['CLASSIC'] }).sort()).toEqual(['group', 'simple']);
  expect(names({ typesFilter: ['consumer'] })).toEqual([]);
  expect(names({ typesFilter: ['nonsense'] })).toEqual([]);
});

test('an unknown group is Dead, from version 6 on with an error', () => {
  const harness = new GroupHarness().load();
  const describe = (version: number) => harness.describe(version, { groups: ['none'] }).now().groups[0];
  expect(describe(5)).toMatchObject({ groupState: 'Dead', errorCode: 0 });
  expect(describe(6)).toMatchObject({
    groupState: 'Dead',
    errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
    errorMessage: 'Group none not found.',
  });
});
