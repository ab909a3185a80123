/** Replicas are spread over racks and brokers; nobody is left out and nobody gets much more than others. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { ReplicaPlacer, usableBrokers } from '../../src/metadata/controller/replica-placement.ts';
import type { BrokerRegistration } from '../../src/metadata/registrations.ts';
import { uuid } from './controller-harness.ts';

function broker(id: number, rack: string | null = null, more: Partial<BrokerRegistration> = {}): BrokerRegistration {
  return {
    id,
    epoch: id,
    incarnationId: uuid(id),
    listeners: [],
    supportedFeatures: new Map(),
    rack,
    fenced: false,
    inControlledShutdown: false,
    isMigratingZkBroker: false,
    directories: [uuid(id)],
    cordonedDirectories: null,
    ...more,
  };
}

function counts(lists: number[][], pick: (replicas: number[]) => number[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const id of lists.flatMap(pick)) found.set(id, (found.get(id) ?? 0) + 1);
  return found;
}

test.each([1, 2, 3, 4, 5])('no broker twice in a partition, leaders spread evenly (seed %d)', (seed) => {
  const brokers = [1, 2, 3, 4, 5].map((id) => broker(id));
  const placed = new ReplicaPlacer(seededRandom(seed), brokers).place(50, 3);
  for (const replicas of placed) expect(new Set(replicas).size).toBe(3);
  const leaders = counts(placed, (replicas) => replicas.slice(0, 1));
  expect([...leaders.values()]).toEqual([10, 10, 10, 10, 10]);
});

test.each([1, 2, 3])('as many racks as there are, each partition in all of them (seed %d)', (seed) => {
  const brokers = [1, 2, 3, 4, 5, 6].map((id) => broker(id, `rack${id % 3}`));
  const placed = new ReplicaPlacer(seededRandom(seed), brokers).place(30, 3);
  for (const replicas of placed) expect(new Set(replicas.map((id) => id % 3)).size).toBe(3);
  const all = counts(placed, (replicas) => replicas);
  expect(Math.max(...all.values()) - Math.min(...all.values())).toBeLessThanOrEqual(3);
});

test('more replicas than racks: racks are used again, brokers are not', () => {
  const brokers = [1, 2, 3, 4].map((id) => broker(id, id <= 2 ? 'a' : 'b'));
  for (const replicas of new ReplicaPlacer(seededRandom(1), brokers).place(20, 3)) {
    expect(new Set(replicas).size).toBe(3);
    expect(new Set(replicas.map((id) => (id <= 2 ? 'a' : 'b'))).size).toBe(2);
  }
});

test('fenced brokers lead nothing and come last', () => {
  const brokers = [broker(1), broker(2), broker(3, null, { fenced: true })];
  for (const replicas of new ReplicaPlacer(seededRandom(3), brokers).place(20, 3)) expect(replicas[2]).toBe(3);
});

test('who shuts down or has only cordoned directories gets nothing', () => {
  const cordoned = broker(3, null, { cordonedDirectories: [uuid(3)] });
  const usable = usableBrokers([broker(1), broker(2), cordoned], (id) => id === 2);
  expect(usable.map(({ id }) => id)).toEqual([1]);
});

test.each([
  [[], 1, 'All brokers are currently fenced, or have all their log directories cordoned.'],
  [
    [broker(1, null, { fenced: true })],
    1,
    'All brokers are currently fenced, or have all their log directories cordoned.',
  ],
  [[broker(1)], 0, 'Invalid replication factor 0: the replication factor must be positive.'],
  [
    [broker(1)],
    2,
    'The target replication factor of 2 cannot be reached because only 1 broker(s) are registered or some brokers have ' +
      'all their log directories cordoned.',
  ],
])('placement that cannot be says why (%#)', (brokers, replicationFactor, message) => {
  expect(() => new ReplicaPlacer(seededRandom(1), brokers).place(1, replicationFactor)).toThrow(message);
});
