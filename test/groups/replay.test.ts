/** Goal: whatever clients do, a restart that replays the log finds the same groups and offsets. */
import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { GroupHarness, type Pending } from './group-harness.ts';
import { joinRequest, RANGE, ROUND_ROBIN } from './members.ts';

const GROUPS = ['alpha', 'beta', 'gamma', 'delta'];
const TOPICS = ['orders', 'payments'];
const STEPS = 300;

interface Member {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  memberId: string;
  generationId: number;
}

/** Members that do what comes to mind; answers are looked at later, as on a network. */
class Crowd {
  readonly #harness: GroupHarness;
  readonly #random: Random;
  #isCalm = false;
  #members: Member[] = [];
  #joins: { readonly member: Member; readonly answer: ReturnType<GroupHarness['join']> }[] = [];

  constructor(harness: GroupHarness, random: Random) {
    this.#harness = harness;
    this.#random = random;
  }

  step(): void {
    this.#readAnswers();
    const actions = [
      () => this.#join(),
      () => this.#join(),
      () => this.#rejoin(),
      () => this.#leave(),
      () => this.#commit(),
      () => this.#commit(),
      () => this.#deleteOffsets(),
      () => this.#harness.deleteGroups(3, { groupsNames: [this.#pick(GROUPS)] }),
      () => this.#harness.clock.advance(this.#random.int(5_000)),
      () => this.#heartbeatAll(),
    ];
    this.#pick(actions)();
  }

  /** Lets everybody do only what the coordinator asks for, until all groups are at rest. */
  settle(): void {
    this.#isCalm = true;
    for (let i = 0; i < 60; i++) {
      this.#readAnswers();
      for (const member of [...this.#members]) {
        const { groupId, memberId, groupInstanceId, generationId } = member;
        const beat = this.#harness.heartbeat(4, { groupId, memberId, groupInstanceId, generationId }).now();
        if (beat.errorCode === ErrorCode.REBALANCE_IN_PROGRESS) this.#send(member);
        else if (beat.errorCode !== 0) this.#members = this.#members.filter((each) => each !== member);
      }
      this.#harness.clock.advance(2_000);
    }
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#random.int(from.length)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  }

  #join(): void {
    const groupInstanceId = this.#random.int(3) === 0 ? `static-${this.#random.int(3)}` : null;
    const member = { groupId: this.#pick(GROUPS), groupInstanceId, memberId: '', generationId: -1 };
    const version = this.#random.int(2) === 0 ? 3 : 9;
    this.#send(member, groupInstanceId === null ? version : 9);
  }

  #rejoin(): void {
    if (this.#members.length > 0) this.#send(this.#pick(this.#members));
  }

  #send(member: Member, version = 9): void {
    if (this.#joins.some((join) => join.member === member)) return;
    const protocols = this.#random.int(2) === 0 ? [RANGE] : [ROUND_ROBIN, RANGE];
    const { groupId, memberId, groupInstanceId } = member;
    const body = joinRequest({ groupId, memberId, groupInstanceId, protocols, rebalanceTimeoutMs: 8_000 });
    this.#joins.push({ member, answer: this.#harness.join(version, body) });
  }

  #readAnswers(): void {
    const joins = this.#joins;
    this.#joins = [];
    for (const join of joins) {
      const { member } = join;
      const response = join.answer.response;
      if (response === undefined) this.#joins.push(join);
      else if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
        member.memberId = response.memberId;
        this.#send(member);
      } else if (response.errorCode !== 0) {
        this.#members = this.#members.filter((each) => each !== member);
      } else this.#sync(member, response);
    }
  }

  #sync(member: Member, joined: ReturnType<ReturnType<GroupHarness['join']>['now']>): void {
    member.memberId = joined.memberId;
    member.generationId = joined.generationId;
    if (!this.#members.includes(member)) this.#members.push(member);
    const assignments = joined.members.map(({ memberId }) => ({
      memberId,
      assignment: Buffer.from(`${joined.generationId} ${memberId}`),
    }));
    const { groupId, memberId, groupInstanceId, generationId } = member;
    if (!this.#isCalm && this.#random.int(10) === 0) return;
    this.#harness.sync(3, { groupId, memberId, groupInstanceId, generationId, assignments });
  }

  #leave(): void {
    if (this.#members.length === 0) return;
    const member = this.#pick(this.#members);
    this.#members = this.#members.filter((each) => each !== member);
    const { groupId, memberId, groupInstanceId } = member;
    this.#harness.leave(5, { groupId, members: [{ memberId, groupInstanceId }] });
  }

  #commit(): void {
    const isMember = this.#members.length > 0 && this.#random.int(3) > 0;
    const member = isMember ? this.#pick(this.#members) : undefined;
    this.#harness.commitOffsets(this.#random.int(5) + 4, {
      groupId: member?.groupId ?? this.#pick(GROUPS),
      memberId: member?.memberId ?? '',
      generationIdOrMemberEpoch: member?.generationId ?? -1,
      retentionTimeMs: this.#random.int(4) === 0 ? 10_000 : -1,
      topics: [
        {
          name: this.#pick(TOPICS),
          partitions: [
            { partitionIndex: this.#random.int(2), committedOffset: this.#random.int(1000), committedMetadata: '' },
          ],
        },
      ],
    });
  }

  #deleteOffsets(): void {
    this.#harness.deleteOffsets(0, {
      groupId: this.#pick(GROUPS),
      topics: [{ name: this.#pick(TOPICS), partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }],
    });
  }

  #heartbeatAll(): void {
    for (const { groupId, memberId, groupInstanceId, generationId } of this.#members) {
      if (this.#random.int(20) > 0) this.#harness.heartbeat(4, { groupId, memberId, groupInstanceId, generationId });
    }
  }
}

/** All that should be the same after a restart. */
function persistentState(harness: GroupHarness) {
  const groups = harness.list(5, {}).now().groups;
  const described = harness.describe(6, { groups: groups.map(({ groupId }) => groupId).sort() }).now().groups;
  const asked = GROUPS.map((groupId) => ({ groupId, topics: null }));
  const fetched: Pending<{ groups: { groupId: string; topics: { name: string; partitions: unknown[] }[] }[] }> =
    harness.fetchOffsets(8, { groups: asked, requireStable: true });
  const offsets = fetched.now().groups.map((group) => ({
    ...group,
    topics: group.topics
      .map((topic) => ({ ...topic, partitions: topic.partitions.map((each) => JSON.stringify(each)).sort() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
  const members = described.map((group) => ({
    ...group,
    members: [...group.members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1)),
  }));
  return { groups: members, offsets };
}

/** Members that the groups of all runs had at their ends: without them little would be compared. */
let comparedMembers = 0;

test.each(Array.from({ length: 25 }, (_, i) => i + 1))('seed %i', (seed) => {
  const config = { offsetsRetentionMs: 60_000, offsetsRetentionCheckIntervalMs: 7_000 };
  const harness = new GroupHarness(config, seed).load();
  const crowd = new Crowd(harness, seededRandom(seed));
  for (let i = 0; i < STEPS; i++) crowd.step();
  crowd.settle();
  const live = persistentState(harness);
  for (const group of live.groups) expect(['Stable', 'Empty']).toContain(group.groupState);
  comparedMembers += live.groups.reduce((sum, { members }) => sum + members.length, 0);
  const restarted = new GroupHarness(config, seed).load(harness.log);
  expect(persistentState(restarted)).toEqual(live);
});

test('the runs above ended with members', () => {
  expect(comparedMembers).toBeGreaterThan(50);
});
