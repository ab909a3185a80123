/** Goal: assignors give away every partition once, evenly, and move no more than they must. */
import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import { ASSIGNORS, type GroupSpec, type MemberSpec } from '../../../src/groups/consumer/assignor.ts';

type Assignment = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<number>>>;

const size = (partitions: ReadonlyMap<string, ReadonlySet<number>> | undefined): number =>
  [...(partitions?.values() ?? [])].reduce((sum, each) => sum + each.size, 0);

function randomGroup(random: Random, isHomogeneous: boolean) {
  const counts = new Map(
    Array.from({ length: 1 + random.int(4) }, (_, i) => [`${'t'.repeat(20)}${i}A`, random.int(9)]),
  );
  const members = Array.from({ length: 1 + random.int(6) }, (_, i): MemberSpec => {
    const topics = [...counts.keys()].filter(() => isHomogeneous || random.int(2) === 0);
    return { memberId: `m${i}`, instanceId: null, subscribedTopicIds: new Set(topics), current: new Map() };
  });
  return { counts, members };
}

function groupOf(members: readonly MemberSpec[], counts: ReadonlyMap<string, number>): GroupSpec {
  const topics = new Set(members.map(({ subscribedTopicIds }) => [...subscribedTopicIds].sort().join()));
  return {
    members,
    isHomogeneous: topics.size <= 1,
    partitionCount: (topicId) => counts.get(topicId) ?? 0,
    isAssigned: (topicId, partition) => members.some(({ current }) => current.get(topicId)?.has(partition) ?? false),
  };
}

function expectComplete(members: readonly MemberSpec[], counts: ReadonlyMap<string, number>, result: Assignment): void {
  for (const [topicId, count] of counts) {
    const owners = members.flatMap(({ memberId }) => [...(result.get(memberId)?.get(topicId) ?? [])]);
    const isWanted = members.some((member) => member.subscribedTopicIds.has(topicId));
    expect(owners.sort((a, b) => a - b)).toEqual(isWanted ? Array.from({ length: count }, (_, i) => i) : []);
  }
  for (const { memberId, subscribedTopicIds } of members) {
    for (const topicId of result.get(memberId)?.keys() ?? []) expect(subscribedTopicIds.has(topicId)).toBe(true);
  }
}

describe.each([...ASSIGNORS])('%s', (name, assign) => {
  test.each(Array.from({ length: 40 }, (_, i) => i))('seed %i', (seed) => {
    const random = seededRandom(seed);
    const isHomogeneous = seed % 2 === 0;
    const { counts, members } = randomGroup(random, isHomogeneous);
    const result = assign(groupOf(members, counts));
    expectComplete(members, counts, result);
    const sizes = members.map(({ memberId }) => size(result.get(memberId)));
    if (name === 'uniform' && isHomogeneous) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    // Nothing moves when nothing changed, and without a member only what it had does when all can share evenly.
    const settled = members.map((member) => ({ ...member, current: result.get(member.memberId) ?? new Map() }));
    expect(assign(groupOf(settled, counts))).toEqual(result);
    const fewer = settled.slice(1);
    if (fewer.length === 0) return;
    const next = assign(groupOf(fewer, counts));
    expectComplete(fewer, counts, next);
    if (name !== 'uniform' || !isHomogeneous) return;
    for (const { memberId, current } of fewer) {
      for (const [topicId, partitions] of current) {
        for (const partition of partitions) expect(next.get(memberId)?.get(topicId)?.has(partition)).toBe(true);
      }
    }
  });
});

describe('as Apache Kafka 4.4 assigned, record for record', () => {
  const ORDERS = 's9KDOH0fRoCQy7PefOXx9A';
  const PAYMENTS = 'GOKOYWEZQs6PxMzRP0bBGw';
  const CLICKS = 'OgpHdETjSNGyIgfk_7oE2w';
  const counts = new Map([
    [ORDERS, 4],
    [PAYMENTS, 20],
    [CLICKS, 3],
  ]);
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  /** Assigns to members one after another, each starting from what the ones before have; texts as records list them. */
  function steps(name: string, subscriptions: readonly ReadonlyMap<string, readonly string[]>[]) {
    const assign = ASSIGNORS.get(name);
    if (assign === undefined) throw new Error(`no assignor ${name}`);
    let last: Assignment = new Map();
    return subscriptions.map((group) => {
      const members = [...group].map(([memberId, topics]): MemberSpec => {
        const current = last.get(memberId) ?? new Map();
        return { memberId, instanceId: null, subscribedTopicIds: new Set(topics), current };
      });
      last = assign(groupOf(members, counts));
      return Object.fromEntries(
        [...last].map(([id, topics]) => [id, [...topics].map(([topic, p]) => [topic, [...p]])]),
      );
    });
  }

  test('uniform, equal subscriptions: two join, one leaves', () => {
    const both = [ORDERS, PAYMENTS];
    const members = (...ids: string[]) => new Map(ids.map((id) => [id, both]));
    const groups = [members('a'), members('a', 'b'), members('a', 'b', 'd'), members('a', 'd')];
    expect(steps('uniform', groups)).toEqual([
      {
        a: [
          [PAYMENTS, range(0, 19)],
          [ORDERS, range(0, 3)],
        ],
      },
      {
        a: [
          [PAYMENTS, range(0, 7)],
          [ORDERS, range(0, 3)],
        ],
        b: [[PAYMENTS, [...range(16, 19), ...range(8, 15)]]],
      },
      {
        a: [
          [PAYMENTS, range(0, 3)],
          [ORDERS, range(0, 3)],
        ],
        b: [[PAYMENTS, [...range(16, 19), ...range(8, 11)]]],
        d: [[PAYMENTS, [...range(4, 7), ...range(12, 15)]]],
      },
      {
        a: [
          [PAYMENTS, [...range(0, 3), ...range(8, 11)]],
          [ORDERS, range(0, 3)],
        ],
        d: [[PAYMENTS, [...range(16, 19), ...range(4, 7), ...range(12, 15)]]],
      },
    ]);
  });

  test('uniform, different subscriptions: five join, one leaves', () => {
    const wanted: readonly (readonly [string, readonly string[]])[] = [
      ['m0', [ORDERS]],
      ['m1', [PAYMENTS]],
      ['m2', [ORDERS, PAYMENTS]],
      ['m3', [ORDERS, PAYMENTS, CLICKS]],
      ['m4', [CLICKS]],
    ];
    const groups = [1, 2, 3, 4, 5].map((size) => new Map(wanted.slice(0, size)));
    const results = steps('uniform', [...groups, new Map(wanted.filter(([id]) => id !== 'm3'))]);
    expect(results[2]).toEqual({
      m0: [[ORDERS, range(0, 3)]],
      m1: [[PAYMENTS, range(0, 9)]],
      m2: [[PAYMENTS, [...range(16, 19), ...range(10, 15)]]],
    });
    expect(results[3]).toMatchObject({
      m1: [[PAYMENTS, range(0, 7)]],
      m2: [[PAYMENTS, [16, 17, ...range(10, 15)]]],
      m3: [
        [PAYMENTS, [18, 19, 8, 9]],
        [CLICKS, range(0, 2)],
      ],
    });
    expect(results[4]).toEqual({
      m0: [[ORDERS, range(0, 3)]],
      m1: [[PAYMENTS, range(0, 6)]],
      m2: [[PAYMENTS, [16, ...range(10, 15)]]],
      m3: [[PAYMENTS, [17, 18, 19, 7, 8, 9]]],
      m4: [[CLICKS, range(0, 2)]],
    });
    expect(results[5]).toEqual({
      m0: [[ORDERS, range(0, 3)]],
      m1: [[PAYMENTS, [0, 1, 2, 18, ...range(3, 7), 9]]],
      m2: [[PAYMENTS, [16, 17, 19, 8, ...range(10, 15)]]],
      m4: [[CLICKS, range(0, 2)]],
    });
  });

  test('range', () => {
    const groups = [new Map(['a', 'b'].map((id) => [id, [ORDERS, PAYMENTS]]))];
    expect(steps('range', groups)).toEqual([
      {
        a: [
          [PAYMENTS, range(0, 9)],
          [ORDERS, [0, 1]],
        ],
        b: [
          [PAYMENTS, range(10, 19)],
          [ORDERS, [2, 3]],
        ],
      },
    ]);
  });
});
