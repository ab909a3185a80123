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
