/** Goal: assignors share partitions as Kafka's of the same name do. */
import { describe, expect, test } from 'vitest';
import { type AssignorMember, findAssignor } from '../../../src/client/group/assignors.ts';

function member(
  memberId: string,
  topics: string[],
  owned: string[] = [],
  groupInstanceId: string | null = null,
): AssignorMember {
  const ownedPartitions = owned.map((name) => {
    const at = name.lastIndexOf('-');
    return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
  });
  return { memberId, groupInstanceId, topics, ownedPartitions, generationId: 1 };
}

function assign(assignor: string, members: AssignorMember[], counts: Record<string, number>) {
  const found = findAssignor(`org.apache.kafka.clients.consumer.${assignor}`);
  if (found === undefined) throw new Error(`no ${assignor}`);
  const assignment = found.assign(members, new Map(Object.entries(counts)));
  const names = [...assignment].map(([id, partitions]) => [
    id,
    partitions.map((at) => `${at.topic}-${at.partition}`).sort(),
  ]);
  return Object.fromEntries(names);
}

describe('range', () => {
  test('the first members get one partition more of each topic', () => {
    const members = [member('b', ['x', 'y']), member('a', ['x', 'y'])];
    expect(assign('RangeAssignor', members, { x: 3, y: 3 })).toEqual({
      a: ['x-0', 'x-1', 'y-0', 'y-1'],
      b: ['x-2', 'y-2'],
    });
  });

  test('only subscribers of a topic, and nothing of a topic that does not exist', () => {
    const members = [member('a', ['x', 'gone']), member('b', ['x', 'y'])];
    expect(assign('RangeAssignor', members, { x: 2, y: 2 })).toEqual({ a: ['x-0'], b: ['x-1', 'y-0', 'y-1'] });
  });

  test('static members come first, in the order of their instance ids', () => {
    const members = [member('a', ['x']), member('z', ['x'], [], 'i2'), member('y', ['x'], [], 'i1')];
    expect(assign('RangeAssignor', members, { x: 2 })).toEqual({ a: [], y: ['x-0'], z: ['x-1'] });
  });

  test('more members than partitions', () => {
    expect(assign('RangeAssignor', [member('a', ['x']), member('b', ['x'])], { x: 1 })).toEqual({ a: ['x-0'], b: [] });
  });
});

test('round robin goes over all partitions in turn', () => {
  const members = [member('a', ['x', 'y']), member('b', ['x', 'y']), member('c', ['y'])];
  expect(assign('RoundRobinAssignor', members, { x: 3, y: 2 })).toEqual({
    a: ['x-0', 'x-2'],
    b: ['x-1', 'y-0'],
    c: ['y-1'],
  });
});

describe('sticky', () => {
  test('members keep what they own, a new one gets its share', () => {
    const members = [
      member('a', ['x'], ['x-1', 'x-3']),
      member('b', ['x'], ['x-0', 'x-2', 'x-4', 'x-5']),
      member('c', ['x']),
    ];
    const result = assign('StickyAssignor', members, { x: 6 });
    expect(result['a']).toEqual(['x-1', 'x-3']);
    expect(result['b']).toHaveLength(2);
    expect(result['c']).toHaveLength(2);
  });

  test('cooperative: a partition that moves stays out until its owner gave it up', () => {
    const members = [member('a', ['x'], ['x-0', 'x-1']), member('b', ['x'])];
    const first = assign('CooperativeStickyAssignor', members, { x: 2 });
    expect(first).toEqual({ a: ['x-0'], b: [] });
    const second = assign('CooperativeStickyAssignor', [member('a', ['x'], ['x-0']), member('b', ['x'])], { x: 2 });
    expect(second).toEqual({ a: ['x-0'], b: ['x-1'] });
  });

  test('all partitions are given out once and loads differ by one at most', () => {
    for (let members = 1; members <= 6; members++) {
      for (let count = 0; count <= 13; count++) {
        const group = Array.from({ length: members }, (_, i) =>
          member(`m${i}`, ['x'], i === 0 ? Array.from({ length: count }, (_unused, p) => `x-${p}`) : []),
        );
        const lists: string[][] = Object.values(assign('StickyAssignor', group, { x: count }));
        expect(new Set(lists.flat()).size).toBe(count);
        const sizes = lists.map((list) => list.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    }
  });
});
