/** Goal: a consumer group (KIP-848) moves partitions between its members without two of them having one at a time. */
import { expect, test } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.ts';
import { decodeRecord } from '../../../src/groups/coordinator-records.ts';
import { ErrorCode } from '../../../src/protocol/error-codes.ts';
import { GroupHarness } from '../group-harness.ts';
import { Consumer, describeGroup, ORDERS_ID, PAYMENTS_ID, recordTypes, settle } from './consumers.ts';

test('the only member gets everything at once, in the records that Kafka writes', () => {
  const harness = new GroupHarness().load();
  const a = new Consumer(harness, 'a');
  expect(a.beat()).toBe(0);
  expect(a.epoch).toBe(2);
  expect(a.partitions).toEqual(['orders-0', 'orders-1', 'orders-2', 'orders-3']);
  expect(harness.log).toHaveLength(1);
  expect(recordTypes(harness, 0)).toEqual([5, 3, 7, 6, 8]);
  expect(describeGroup(harness)).toMatchObject({
    groupState: 'Stable',
    groupEpoch: 2,
    assignmentEpoch: 2,
    assignorName: 'uniform',
    members: [{ memberId: 'a', clientId: 'client', clientHost: '/127.0.0.1', memberType: 1 }],
  });
  expect(harness.list(5, { typesFilter: ['consumer'] }).now().groups).toMatchObject([
    { groupId: 'group', protocolType: 'consumer', groupState: 'Stable', groupType: 'consumer' },
  ]);
});

test('a second member gets its share only when the first has let go of it', () => {
  const harness = new GroupHarness().load();
  const [a, b] = [new Consumer(harness, 'a'), new Consumer(harness, 'b')];
  a.beat();
  harness.clock.advance(1_000);
  b.beat();
  expect(b.partitions).toEqual([]);
  expect(describeGroup(harness)?.groupState).toBe('Reconciling');
  const before = a.partitions;
  expect(a.quietBeat()).toBe(0);
  expect(a.partitions).toHaveLength(2);
  expect(a.epoch).toBe(2);
  // Still owned by a, as far as the coordinator knows.
  a.owned = [{ topicId: ORDERS_ID, partitions: [0, 1, 2, 3] }];
  b.beat();
  expect(b.partitions).toEqual([]);
  a.owned = [{ topicId: ORDERS_ID, partitions: [0, 1] }];
  a.beat();
  expect(a.epoch).toBe(3);
  b.beat();
  expect([...a.partitions, ...b.partitions].sort()).toEqual(before);
  expect(b.partitions).toHaveLength(2);
  expect(describeGroup(harness)?.groupState).toBe('Stable');
});

test('a member that joins right after another waits for the assignment interval', () => {
  const harness = new GroupHarness().load();
  const [a, b] = [new Consumer(harness, 'a'), new Consumer(harness, 'b')];
  a.beat();
  b.beat();
  expect(b.epoch).toBe(2);
  expect(describeGroup(harness)?.groupState).toBe('Assigning');
  settle(harness, a, b);
  expect([a.partitions.length, b.partitions.length]).toEqual([2, 2]);
});

test('a member that leaves gives everything to the others; the last leaves an empty group', () => {
  const harness = new GroupHarness().load();
  const [a, b] = [new Consumer(harness, 'a'), new Consumer(harness, 'b')];
  a.beat();
  settle(harness, a, b);
  expect(b.leave()).toBe(0);
  settle(harness, a);
  expect(a.partitions).toHaveLength(4);
  expect(a.leave()).toBe(0);
  const { groupEpoch } = describeGroup(harness) ?? {};
  expect(describeGroup(harness)).toMatchObject({ groupState: 'Empty', assignmentEpoch: groupEpoch, members: [] });
  expect(harness.deleteGroups(3, { groupsNames: ['group'] }).now().results[0]?.errorCode).toBe(0);
  expect(harness.list(5, {}).now().groups).toEqual([]);
});

test('a member that is not heard of, or does not let go, is out', () => {
  const harness = new GroupHarness().load();
  const [a, b] = [new Consumer(harness, 'a'), new Consumer(harness, 'b')];
  a.beat();
  harness.clock.advance(1_000);
  b.beat();
  // a keeps its session but never says that it gave anything back.
  a.quietBeat();
  harness.clock.advance(29_000);
  a.quietBeat();
  b.beat();
  expect(b.partitions).toEqual([]);
  harness.clock.advance(1_000);
  expect(a.quietBeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  settle(harness, b);
  expect(b.partitions).toHaveLength(4);
  harness.clock.advance(45_000);
  expect(b.quietBeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  expect(describeGroup(harness)?.groupState).toBe('Empty');
});

test('epochs of the past and the future are fenced, a lost answer is not', () => {
  const harness = new GroupHarness().load();
  const [a, b] = [new Consumer(harness, 'a'), new Consumer(harness, 'b')];
  a.beat();
  settle(harness, a, b);
  const { epoch } = a;
  a.epoch = epoch + 1;
  expect(a.beat()).toBe(ErrorCode.FENCED_MEMBER_EPOCH);
  a.epoch = epoch - 1;
  expect(a.beat()).toBe(0);
  a.epoch = epoch - 1;
  a.owned = [{ topicId: ORDERS_ID, partitions: [0, 1, 2, 3] }];
  expect(a.beat()).toBe(ErrorCode.FENCED_MEMBER_EPOCH);
  const stranger = new Consumer(harness, 'c');
  stranger.epoch = 1;
  expect(stranger.beat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
});

test('a static member that goes away for a while comes back to its partitions under another id', () => {
  const harness = new GroupHarness().load();
  const a = new Consumer(harness, 'a', { instanceId: 'one' });
  const b = new Consumer(harness, 'b', { instanceId: 'two' });
  a.beat();
  settle(harness, a, b);
  const theirs = b.partitions;
  const tooEarly = new Consumer(harness, 'b2', { instanceId: 'two' });
  expect(tooEarly.beat()).toBe(ErrorCode.UNRELEASED_INSTANCE_ID);
  expect(b.leave(-2)).toBe(0);
  settle(harness, a);
  expect(a.partitions).toHaveLength(2);
  const back = new Consumer(harness, 'b2', { instanceId: 'two' });
  expect(back.beat()).toBe(0);
  expect(back.partitions).toEqual(theirs);
  expect(b.beat()).toBe(ErrorCode.FENCED_INSTANCE_ID);
  expect(describeGroup(harness)).toMatchObject({ groupState: 'Stable' });
});

test('partitions that are added are assigned', () => {
  const harness = new GroupHarness().load();
  const a = new Consumer(harness, 'a');
  a.beat();
  harness.topics.set('orders', { id: ORDERS_ID, partitions: 6 });
  settle(harness, a);
  expect(a.partitions).toHaveLength(6);
});

test('a change of topics that could not be written down is not forgotten', () => {
  const harness = new GroupHarness().load();
  const a = new Consumer(harness, 'a');
  a.beat();
  harness.clock.advance(1_000);
  harness.topics.set('orders', { id: ORDERS_ID, partitions: 6 });
  harness.appendError = new KafkaError('NOT_ENOUGH_REPLICAS');
  expect(a.beat()).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  expect(a.partitions).toHaveLength(4);
  harness.appendError = undefined;
  expect(a.beat()).toBe(0);
  expect(a.partitions).toHaveLength(6);
});

test('a member that changes its topics gives up the old ones first', () => {
  const harness = new GroupHarness().load();
  const options = { topics: ['orders'] };
  const a = new Consumer(harness, 'a', options);
  a.beat();
  options.topics = ['payments'];
  harness.clock.advance(1_000);
  a.beat();
  expect(a.partitions).toEqual([]);
  settle(harness, a);
  expect(a.partitions).toEqual(['payments-0', 'payments-1']);
});

test('the assignor that members ask for is used', () => {
  const harness = new GroupHarness().load();
  const topics = ['orders', 'payments'];
  const [a, b] = [
    new Consumer(harness, 'a', { topics, assignor: 'range' }),
    new Consumer(harness, 'b', { topics, assignor: 'range' }),
  ];
  a.beat();
  settle(harness, a, b);
  expect(a.partitions).toEqual(['orders-0', 'orders-1', 'payments-0']);
  expect(b.partitions).toEqual(['orders-2', 'orders-3', 'payments-1']);
  expect(describeGroup(harness)?.assignorName).toBe('range');
  expect(new Consumer(harness, 'c', { assignor: 'nonsense' }).beat()).toBe(ErrorCode.UNSUPPORTED_ASSIGNOR);
});

test('commits carry the member epoch', () => {
  const harness = new GroupHarness().load();
  const [a, b] = [new Consumer(harness, 'a'), new Consumer(harness, 'b')];
  a.beat();
  const commit = (memberId: string, epoch: number, partition: number, version = 10) => {
    const partitions = [{ partitionIndex: partition, committedOffset: 7, committedMetadata: '' }];
    const topics = [version >= 10 ? { topicId: ORDERS_ID, partitions } : { name: 'orders', partitions }];
    const request = { groupId: 'group', memberId, generationIdOrMemberEpoch: epoch, topics };
    return harness.commitOffsets(version, request).now().topics[0]?.partitions[0]?.errorCode;
  };
  expect(commit('a', 2, 0)).toBe(0);
  expect(commit('a', 3, 0)).toBe(ErrorCode.STALE_MEMBER_EPOCH);
  expect(commit('stranger', 2, 0)).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  expect(commit('a', 2, 0, 8)).toBe(ErrorCode.UNSUPPORTED_VERSION);
  settle(harness, a, b);
  const kept = a.owned[0]?.partitions[0] ?? -1;
  const lost = b.owned[0]?.partitions[0] ?? -1;
  expect(commit('a', 2, kept)).toBe(0);
  expect(commit('a', 2, lost)).toBe(ErrorCode.STALE_MEMBER_EPOCH);
  const fetch = (memberId: string | null, memberEpoch: number) =>
    harness.fetchOffsets(9, { groups: [{ groupId: 'group', memberId, memberEpoch, topics: null }] }).now().groups[0];
  expect(fetch('a', a.epoch)).toMatchObject({ errorCode: 0, topics: [{ name: 'orders' }] });
  expect(fetch('a', a.epoch - 1)?.errorCode).toBe(ErrorCode.STALE_MEMBER_EPOCH);
  expect(fetch(null, -1)?.errorCode).toBe(0);
});

test("requests that contradict themselves are refused in Kafka's words", () => {
  const harness = new GroupHarness().load();
  const refusal = (body: object, version = 1) => {
    const { errorCode, errorMessage } = harness
      .consumerHeartbeat(version, { groupId: 'group', memberId: 'm', ...body })
      .now();
    return [errorCode, errorMessage];
  };
  const invalid = ErrorCode.INVALID_REQUEST;
  expect(refusal({ memberId: '' })).toEqual([invalid, "MemberId can't be empty."]);
  expect(refusal({ groupId: '' })).toEqual([invalid, "GroupId can't be empty."]);
  expect(refusal({ memberEpoch: 0 })).toEqual([invalid, 'RebalanceTimeoutMs must be provided in first request.']);
  expect(refusal({ memberEpoch: 0, rebalanceTimeoutMs: 1 })).toEqual([
    invalid,
    'TopicPartitions must be empty when (re-)joining.',
  ]);
  expect(refusal({ memberEpoch: -2 })).toEqual([invalid, "InstanceId can't be null."]);
  expect(refusal({ memberEpoch: -3 })).toEqual([invalid, 'MemberEpoch is invalid.']);
  expect(refusal({ memberEpoch: 5 })).toEqual([ErrorCode.GROUP_ID_NOT_FOUND, 'Consumer group group not found.']);
});

test('a restart finds the group as it was, half way through a rebalance too', () => {
  const harness = new GroupHarness().load();
  const options = { topics: ['orders', 'payments'] };
  const consumers = ['a', 'b', 'c'].map((id) => new Consumer(harness, id, options));
  const state = (of: GroupHarness) => {
    const group = describeGroup(of);
    return { ...group, members: group?.members.sort((x, y) => (x.memberId < y.memberId ? -1 : 1)) };
  };
  for (const consumer of consumers) {
    consumer.beat();
    harness.clock.advance(1_000);
    for (const each of consumers) {
      if (each.epoch > 0) each.beat();
      expect(state(new GroupHarness().load(harness.log))).toEqual(state(harness));
    }
  }
  settle(harness, ...consumers);
  const restarted = new GroupHarness().load(harness.log);
  expect(state(restarted)).toEqual(state(harness));
  const successor = consumers.map((old) =>
    Object.assign(new Consumer(restarted, old.memberId, options), { epoch: old.epoch, owned: old.owned }),
  );
  for (const consumer of successor) expect(consumer.beat()).toBe(0);
  restarted.clock.advance(45_000);
  expect(describeGroup(restarted)?.groupState).toBe('Empty');
});

test('a group record keeps any 64 bits of a hash', () => {
  const { key } = harnessRecord(3);
  const value = Buffer.from('0000000000050100' + '08' + 'ffeeddccbbaa9988', 'hex');
  expect(decodeRecord(key, value)).toMatchObject({
    kind: 'consumer',
    record: { type: 'groupMetadata', value: { epoch: 5, metadataHash: 'ffeeddccbbaa9988' } },
  });
});

function harnessRecord(recordType: number) {
  const harness = new GroupHarness().load();
  new Consumer(harness, 'a', { topics: ['payments'] }).beat();
  expect(describeGroup(harness)?.members[0]?.assignment.topicPartitions[0]?.topicId).toBe(PAYMENTS_ID);
  const record = harness.log[0]?.records.find(({ key }) => key.readInt16BE(0) === recordType);
  if (record === undefined) throw new Error(`no record of type ${recordType} was written`);
  return record;
}
