/** Goal: groups change between the classic and the consumer protocol while their members go on (KIP-848). */
import { describe, expect, test } from 'vitest';
import { MIGRATION_POLICIES } from '../../../src/groups/group-config.ts';
import { consumerProtocolAssignment } from '../../../src/protocol/consumer-protocol.ts';
import { ErrorCode } from '../../../src/protocol/error-codes.ts';
import { Reader } from '../../../src/protocol/reader.ts';
import { Writer } from '../../../src/protocol/writer.ts';
import { GroupHarness } from '../group-harness.ts';
import { joinRequest, joinWithId, stableGroup, stateOf, subscription } from '../members.ts';
import { Consumer, describeGroup, ORDERS_ID, recordTypes, settle } from './consumers.ts';

function policy(name: string) {
  const found = MIGRATION_POLICIES.get(name);
  if (found === undefined) throw new Error(`no policy ${name}`);
  return { consumerMigrationPolicy: found };
}

function assignment(partitions: number[], userData: Buffer | null = null): Buffer {
  const writer = new Writer();
  writer.int16(1);
  const assignedPartitions = partitions.length === 0 ? [] : [{ topic: 'orders', partitions }];
  consumerProtocolAssignment.encode(writer, 1, { assignedPartitions, userData });
  return writer.finishWhole();
}

function partitionsIn(bytes: Buffer): number[] {
  const reader = new Reader(bytes);
  reader.int16();
  return consumerProtocolAssignment.decode(reader, 1).assignedPartitions.flatMap(({ partitions }) => partitions);
}

/** A stable classic group of one member that has `partitions`. */
function classicGroup(harness: GroupHarness, given: Buffer) {
  const { memberId, joined } = joinWithId(harness, { sessionTimeoutMs: 10_000 });
  harness.clock.advance(6_000);
  const { generationId } = joined.now();
  const assignments = [{ memberId, assignment: given }];
  const request = { groupId: 'group', memberId, generationId, protocolType: 'consumer', protocolName: 'range' };
  expect(harness.sync(5, { ...request, assignments }).now().errorCode).toBe(0);
  return { memberId, generationId };
}

/** A member of the classic protocol that does what the coordinator tells it, as a cooperative consumer does. */
class ClassicConsumer {
  readonly harness: GroupHarness;
  memberId: string;
  generationId = -1;
  owned: number[] = [];
  readonly groupInstanceId: string | null;

  constructor(harness: GroupHarness, memberId = '', groupInstanceId: string | null = null) {
    this.harness = harness;
    this.memberId = memberId;
    this.groupInstanceId = groupInstanceId;
  }

  join(version = 9) {
    const { memberId, groupInstanceId } = this;
    const ownedPartitions = this.owned.length === 0 ? [] : [{ topic: 'orders', partitions: this.owned }];
    const protocols = [{ name: 'cooperative-sticky', metadata: subscription(['orders'], ownedPartitions) }];
    const response = this.harness.join(version, joinRequest({ memberId, groupInstanceId, protocols })).now();
    this.memberId = response.memberId;
    if (response.errorCode === ErrorCode.NONE) this.generationId = response.generationId;
    return response;
  }

  sync() {
    const { memberId, generationId, groupInstanceId } = this;
    const request = { groupId: 'group', memberId, generationId, groupInstanceId };
    const response = this.harness
      .sync(5, { ...request, protocolType: 'consumer', protocolName: 'cooperative-sticky' })
      .now();
    if (response.errorCode === ErrorCode.NONE) this.owned = partitionsIn(Buffer.from(response.assignment));
    return response;
  }

  heartbeat(): number {
    const { memberId, generationId, groupInstanceId } = this;
    return this.harness.heartbeat(4, { groupId: 'group', memberId, generationId, groupInstanceId }).now().errorCode;
  }

  leave(): number {
    const { memberId, groupInstanceId } = this;
    const members = [{ memberId, groupInstanceId }];
    return this.harness.leave(5, { groupId: 'group', members }).now().members[0]?.errorCode ?? -1;
  }

  /** Rejoins as long as it is told to. */
  follow(): void {
    for (let i = 0; i < 5 && (this.generationId === -1 || this.heartbeat() !== ErrorCode.NONE); i++) {
      expect(this.join().errorCode).toBe(0);
      this.sync();
    }
  }
}

describe('upgrade', () => {
  test('a classic group becomes a consumer group, its members keep what they have until they let go of it', () => {
    const harness = new GroupHarness().load();
    const { memberId, generationId } = classicGroup(harness, assignment([0, 1, 2, 3]));
    const consumer = new Consumer(harness, 'a');
    expect(consumer.beat()).toBe(0);
    // Tombstone of the classic group, the group as it was, then what the new member brings.
    expect(recordTypes(harness, -1)).toEqual([2, 5, 3, 7, 6, 8, 5, 3, 7, 7, 6, 8]);
    expect(consumer.partitions).toEqual([]);
    expect(describeGroup(harness)).toMatchObject({ groupState: 'Reconciling', groupEpoch: generationId + 1 });
    expect(
      describeGroup(harness)
        ?.members.map(({ memberType }) => memberType)
        .sort(),
    ).toEqual([0, 1]);
    const old = new ClassicConsumer(harness, memberId);
    Object.assign(old, { generationId, owned: [0, 1, 2, 3] });
    expect(old.heartbeat()).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  test('members of both protocols share the partitions', () => {
    const harness = new GroupHarness().load();
    const old = new ClassicConsumer(harness);
    const consumer = new Consumer(harness, 'a');
    consumer.beat();
    harness.clock.advance(1_000);
    expect(old.join().errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED);
    expect(old.join()).toMatchObject({ errorCode: 0, leader: '', protocolName: 'cooperative-sticky', members: [] });
    old.sync();
    expect(old.owned).toEqual([]);
    settle(harness, consumer);
    old.follow();
    expect(consumer.partitions).toHaveLength(2);
    expect(old.owned).toHaveLength(2);
    expect(describeGroup(harness)?.groupState).toBe('Stable');
    const restarted = new GroupHarness().load(harness.log);
    expect(describeGroup(restarted)).toEqual(describeGroup(harness));
  });

  test('who waits for the classic group is told to join anew', () => {
    const harness = new GroupHarness().load();
    classicGroup(harness, assignment([0, 1, 2, 3]));
    const { joined } = joinWithId(harness);
    expect(joined.response).toBeUndefined();
    expect(new Consumer(harness, 'a').beat()).toBe(0);
    expect(joined.now().errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  test.each(['disabled', 'downgrade'])('policy %s refuses it, as Kafka does, with GROUP_ID_NOT_FOUND', (name) => {
    const harness = new GroupHarness(policy(name)).load();
    classicGroup(harness, assignment([0, 1, 2, 3]));
    expect(new Consumer(harness, 'a').beat()).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
    expect(stateOf(harness)).toBe('Stable');
  });

  test('data of an assignor of somebody’s own, another protocol type and too many members refuse it', () => {
    const withData = new GroupHarness().load();
    classicGroup(withData, assignment([0], Buffer.from('mine')));
    expect(new Consumer(withData, 'a').beat()).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
    const connect = new GroupHarness().load();
    stableGroup(connect, 1, { protocolType: 'connect' });
    expect(new Consumer(connect, 'a').beat()).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
    const small = new GroupHarness({ consumerMaxSize: 1 }).load();
    stableGroup(small, 2);
    expect(new Consumer(small, 'a').beat()).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
  });

  test('the members of the classic group keep their own session timeouts', () => {
    const harness = new GroupHarness().load();
    const { memberId } = classicGroup(harness, assignment([0, 1, 2, 3]));
    const consumer = new Consumer(harness, 'a');
    consumer.beat();
    harness.clock.advance(9_999);
    expect(describeGroup(harness)?.members.map((member) => member.memberId)).toContain(memberId);
    harness.clock.advance(1);
    expect(describeGroup(harness)?.members.map((member) => member.memberId)).toEqual(['a']);
  });

  test('an empty classic group changes over whatever the policy says', () => {
    const harness = new GroupHarness(policy('disabled')).load();
    const { memberId } = classicGroup(harness, assignment([]));
    harness.leave(5, { groupId: 'group', members: [{ memberId }] });
    expect(new Consumer(harness, 'a').beat()).toBe(0);
    expect(recordTypes(harness, -1)).toEqual([2, 5, 3, 7, 6, 8]);
  });
});

describe('downgrade', () => {
  test('when the last member of the consumer protocol leaves, the others are a classic group that rebalances', () => {
    const harness = new GroupHarness().load();
    const consumer = new Consumer(harness, 'a');
    const old = new ClassicConsumer(harness);
    consumer.beat();
    old.join();
    old.join();
    old.sync();
    settle(harness, consumer);
    old.follow();
    settle(harness, consumer);
    expect(consumer.leave()).toBe(0);
    expect(recordTypes(harness, -1)).toEqual([8, 8, 7, 7, 6, 5, 5, 4, 3, 2]);
    expect(stateOf(harness)).toBe('PreparingRebalance');
    expect(harness.list(5, {}).now().groups).toMatchObject([{ groupId: 'group', groupType: 'classic' }]);
    const restarted = new GroupHarness().load(harness.log);
    const members = restarted.describe(6, { groups: ['group'] }).now().groups[0]?.members ?? [];
    expect(members.map((member) => member.memberId)).toEqual([old.memberId]);
    expect(partitionsIn(Buffer.from(members[0]?.memberAssignment ?? [])).sort()).toEqual(old.owned.sort());
  });

  test.each(['disabled', 'upgrade'])('policy %s keeps the consumer group', (name) => {
    const harness = new GroupHarness(policy('bidirectional')).load();
    const consumer = new Consumer(harness, 'a');
    const old = new ClassicConsumer(harness);
    consumer.beat();
    old.join();
    old.join();
    const other = new GroupHarness(policy(name)).load(harness.log);
    const leaving = Object.assign(new Consumer(other, 'a'), { epoch: consumer.epoch });
    expect(leaving.leave()).toBe(0);
    expect(describeGroup(other)?.members.map((member) => member.memberId)).toEqual([old.memberId]);
  });

  test('a static member that comes back with the classic protocol turns the group', () => {
    const harness = new GroupHarness().load();
    const consumer = new Consumer(harness, 'a', { instanceId: 'one' });
    settle(harness, consumer);
    expect(consumer.partitions).toHaveLength(4);
    const old = new ClassicConsumer(harness, '', 'one');
    expect(old.join()).toMatchObject({ errorCode: 0 });
    expect(stateOf(harness)).toBe('Stable');
    const [member] = harness.describe(6, { groups: ['group'] }).now().groups[0]?.members ?? [];
    expect(member?.groupInstanceId).toBe('one');
    expect(partitionsIn(Buffer.from(member?.memberAssignment ?? []))).toEqual([0, 1, 2, 3]);
    expect(consumer.beat()).toBe(ErrorCode.GROUP_ID_NOT_FOUND);
  });
});

describe('a member of the classic protocol in a consumer group', () => {
  function mixed() {
    const harness = new GroupHarness().load();
    const consumer = new Consumer(harness, 'a');
    const old = new ClassicConsumer(harness);
    consumer.beat();
    old.join();
    old.join();
    old.sync();
    settle(harness, consumer);
    old.follow();
    return { harness, consumer, old };
  }

  test('may not join where migration is disabled', () => {
    const harness = new GroupHarness(policy('disabled')).load();
    new Consumer(harness, 'a').beat();
    expect(new ClassicConsumer(harness).join().errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  });

  test('must offer an assignor that all of them can do, and be of protocol type consumer', () => {
    const { harness } = mixed();
    const protocols = [{ name: 'own', metadata: subscription(['orders']) }];
    expect(harness.join(9, joinRequest({ protocols })).now().errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    const request = joinRequest({ protocolType: 'connect' });
    expect(harness.join(9, request).now().errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  });

  test('is refused with wrong generations, protocols and ids', () => {
    const { harness, old, consumer } = mixed();
    const { memberId, generationId } = old;
    const beat = (change: object) =>
      harness.heartbeat(4, { groupId: 'group', memberId, generationId, ...change }).now().errorCode;
    expect(beat({})).toBe(0);
    expect(beat({ generationId: generationId + 1 })).toBe(ErrorCode.ILLEGAL_GENERATION);
    expect(beat({ memberId: 'nobody' })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(beat({ memberId: consumer.memberId })).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    const sync = (protocolName: string) =>
      harness.sync(5, { groupId: 'group', memberId, generationId, protocolType: 'consumer', protocolName }).now();
    expect(sync('range').errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    expect(sync('cooperative-sticky').errorCode).toBe(0);
  });

  test('is out when its session ends, when it does not rejoin and when it does not sync in time', () => {
    const silent = mixed();
    silent.harness.clock.advance(9_999);
    silent.consumer.beat();
    expect(describeGroup(silent.harness)?.members).toHaveLength(2);
    silent.harness.clock.advance(1);
    expect(describeGroup(silent.harness)?.members).toHaveLength(1);
    const lazy = mixed();
    const third = new Consumer(lazy.harness, 'c');
    lazy.harness.clock.advance(1_000);
    third.beat();
    for (let i = 0; i < 9; i++) {
      expect(lazy.old.heartbeat()).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
      lazy.harness.clock.advance(7_000);
      lazy.consumer.beat();
      third.beat();
    }
    expect(lazy.old.heartbeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  test('commits and fetches offsets with its generation', () => {
    const { harness, old } = mixed();
    const commit = (generationId: number) =>
      harness
        .commitOffsets(8, {
          groupId: 'group',
          memberId: old.memberId,
          generationIdOrMemberEpoch: generationId,
          topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 3, committedMetadata: '' }] }],
        })
        .now().topics[0]?.partitions[0]?.errorCode;
    expect(commit(old.generationId)).toBe(0);
    expect(commit(old.generationId + 1)).toBe(ErrorCode.ILLEGAL_GENERATION);
  });

  test('leaves by LeaveGroup, as every member of the group can', () => {
    const { harness, old, consumer } = mixed();
    expect(old.leave()).toBe(0);
    expect(old.leave()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    settle(harness, consumer);
    expect(consumer.partitions).toHaveLength(4);
    expect(consumer.owned[0]?.topicId).toBe(ORDERS_ID);
  });
});
