/** Goal: configs of a group stand before the broker's, within the broker's bounds. */
import { expect, test } from 'vitest';
import { ErrorCode } from '../../../src/protocol/error-codes.ts';
import { GroupHarness } from '../group-harness.ts';
import { Consumer, describeGroup } from './consumers.ts';

function heartbeatInterval(harness: GroupHarness): number {
  return harness
    .consumerHeartbeat(1, {
      groupId: 'group',
      memberId: 'a',
      memberEpoch: 0,
      rebalanceTimeoutMs: 30_000,
      subscribedTopicNames: ['orders'],
      topicPartitions: [],
    })
    .now().heartbeatIntervalMs;
}

test('the heartbeat interval is the group’s, else the broker’s', () => {
  const harness = new GroupHarness({ consumerHeartbeatIntervalMs: 6_000 }).load();
  expect(heartbeatInterval(harness)).toBe(6_000);
  harness.groupConfigs.set('group', new Map([['consumer.heartbeat.interval.ms', '7000']]));
  expect(heartbeatInterval(harness)).toBe(7_000);
  harness.groupConfigs.set('group', new Map([['consumer.heartbeat.interval.ms', '1000000']]));
  expect(heartbeatInterval(harness)).toBe(15_000);
});

test('the session timeout of the group counts', () => {
  const harness = new GroupHarness().load();
  harness.groupConfigs.set('group', new Map([['consumer.session.timeout.ms', '50000']]));
  const a = new Consumer(harness, 'a');
  a.beat();
  harness.clock.advance(49_999);
  expect(describeGroup(harness)?.members).toHaveLength(1);
  harness.clock.advance(1);
  expect(describeGroup(harness)?.members).toHaveLength(0);
});

test('without an assignment interval nobody waits for it', () => {
  const harness = new GroupHarness().load();
  harness.groupConfigs.set('group', new Map([['consumer.assignment.interval.ms', '0']]));
  const [a, b] = [new Consumer(harness, 'a'), new Consumer(harness, 'b')];
  a.beat();
  b.beat();
  expect(describeGroup(harness)?.groupState).toBe('Reconciling');
  expect(b.epoch).toBe(3);
});

test('only assignors that the broker offers can be asked for; the first is the default', () => {
  const harness = new GroupHarness({ consumerAssignors: ['range'] }).load();
  new Consumer(harness, 'a').beat();
  expect(describeGroup(harness)?.assignorName).toBe('range');
  expect(new Consumer(harness, 'b', { assignor: 'uniform' }).beat()).toBe(ErrorCode.UNSUPPORTED_ASSIGNOR);
});

test('asking for what is the default anyway moves nothing', () => {
  const harness = new GroupHarness().load();
  const options: { assignor?: string } = {};
  const a = new Consumer(harness, 'a', options);
  a.beat();
  options.assignor = 'uniform';
  harness.clock.advance(1_000);
  a.beat();
  expect(a.epoch).toBe(2);
});

test('another assignor moves the group on', () => {
  const harness = new GroupHarness().load();
  const options: { assignor?: string } = {};
  const a = new Consumer(harness, 'a', options);
  a.beat();
  expect(a.epoch).toBe(2);
  options.assignor = 'range';
  harness.clock.advance(1_000);
  a.beat();
  expect(a.epoch).toBe(3);
  expect(describeGroup(harness)?.assignorName).toBe('range');
});

test('a group that is full takes nobody else', () => {
  const harness = new GroupHarness({ consumerMaxSize: 1 }).load();
  expect(new Consumer(harness, 'a').beat()).toBe(0);
  expect(new Consumer(harness, 'b').beat()).toBe(ErrorCode.GROUP_MAX_SIZE_REACHED);
});
