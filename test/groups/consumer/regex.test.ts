/** Goal: a member may subscribe by a pattern; topics are found for it without anybody waiting, new ones too. */
import { expect, test } from 'vitest';
import { ErrorCode } from '../../../src/protocol/error-codes.ts';
import { GroupHarness } from '../group-harness.ts';
import { Consumer, describeGroup, recordTypes, settle } from './consumers.ts';

/** Gives the coordinator the turn in which it resolves patterns. */
const resolve = (harness: GroupHarness): void => harness.clock.advance(0);

test('a pattern is resolved in a turn after the heartbeat, and the next heartbeats bring its partitions', () => {
  const harness = new GroupHarness().load();
  const a = new Consumer(harness, 'a', { regex: 'pay.*' });
  expect(a.beat()).toBe(0);
  expect(a.epoch).toBe(1);
  expect(a.partitions).toEqual([]);
  expect(recordTypes(harness, 0)).toEqual([5, 8]);
  resolve(harness);
  expect(recordTypes(harness, 1)).toEqual([16, 3]);
  harness.clock.advance(1_000);
  expect(a.beat()).toBe(0);
  expect(a.epoch).toBe(2);
  expect(a.partitions).toEqual(['payments-0', 'payments-1']);
  expect(describeGroup(harness)?.members[0]).toMatchObject({ subscribedTopicRegex: 'pay.*', subscribedTopicNames: [] });
});

test('topics that are created later are found, but topics are not looked through more often than every ten seconds', () => {
  const harness = new GroupHarness().load();
  const a = new Consumer(harness, 'a', { regex: 'pay.*' });
  settle(harness, a);
  expect(a.partitions).toEqual(['payments-0', 'payments-1']);
  harness.topics.set('payouts', { id: `${'q'.repeat(21)}A`, partitions: 1 });
  settle(harness, a);
  expect(a.partitions).toEqual(['payments-0', 'payments-1']);
  harness.clock.advance(8_000);
  settle(harness, a);
  expect(a.partitions).toEqual(['payments-0', 'payments-1', 'payouts-0']);
});

test('what is no pattern is refused', () => {
  const harness = new GroupHarness().load();
  const bad = new Consumer(harness, 'b', { regex: '(' });
  expect(bad.beat()).toBe(ErrorCode.INVALID_REGULAR_EXPRESSION);
  expect(harness.log).toEqual([]);
});

test('the last subscriber takes the pattern along', () => {
  const harness = new GroupHarness().load();
  const [a, b] = [new Consumer(harness, 'a', { regex: 'pay.*' }), new Consumer(harness, 'b', { regex: 'pay.*' })];
  settle(harness, a, b);
  expect([a.partitions.length, b.partitions.length]).toEqual([1, 1]);
  b.leave();
  expect(recordTypes(harness, -1)).toEqual([8, 7, 5, 3]);
  settle(harness, a);
  expect(a.partitions).toEqual(['payments-0', 'payments-1']);
  a.leave();
  expect(recordTypes(harness, -1)).toEqual([8, 7, 5, 16, 3, 6]);
});

test('a pattern that another member brought is known at once', () => {
  const harness = new GroupHarness().load();
  const options: { topics: string[]; regex?: string } = { topics: ['orders'] };
  const [a, b] = [new Consumer(harness, 'a', { regex: 'pay.*' }), new Consumer(harness, 'b', options)];
  settle(harness, a, b);
  expect(b.partitions).toHaveLength(4);
  const epoch = describeGroup(harness)?.groupEpoch ?? 0;
  options.regex = 'pay.*';
  harness.clock.advance(1_000);
  expect(b.beat()).toBe(0);
  expect(describeGroup(harness)?.groupEpoch).toBe(epoch + 1);
  expect(b.partitions).toEqual([]);
  settle(harness, a, b);
  expect([a.partitions.length, b.partitions.length]).toEqual([1, 1]);
});
