/** Goal: no peer can make the coordinator keep without bound what it sends, or find it half way through a change. */
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { ReplyQueue } from '../../src/groups/reply-queue.ts';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { GroupHarness } from './group-harness.ts';
import { joinRequest, RANGE, subscription } from './members.ts';

test('of the ids that are given out and never used the oldest are forgotten', () => {
  const harness = new GroupHarness().load();
  const timers = harness.clock.timerCount;
  const first = harness.join(9, joinRequest()).now().memberId;
  let last = '';
  for (let i = 0; i < 10_000; i++) last = harness.join(9, joinRequest()).now().memberId;
  expect(harness.clock.timerCount - timers).toBe(10_000);
  expect(harness.join(9, joinRequest({ memberId: first })).now().errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  expect(harness.join(9, joinRequest({ memberId: last })).response).toBeUndefined();
});

test('what a member sends is copied, not kept as a part of its frame', () => {
  const harness = new GroupHarness().load();
  const metadata = Buffer.from(subscription(['orders']));
  const request = {
    ...joinRequest({ protocols: [{ name: 'range', metadata }] }),
    protocols: [{ name: 'range', metadata }],
    reason: null,
  };
  const answers: number[] = [];
  harness.coordinator.joinGroup(request, { apiVersion: 3, clientId: 'c', clientHost: '/1' }, ({ members }) =>
    answers.push(Buffer.compare(Buffer.from(members?.[0]?.metadata ?? []), subscription(['orders']))),
  );
  metadata.fill(0xff);
  harness.clock.advance(3_000);
  expect(answers).toEqual([0]);
});

test('a protocol that is named twice counts once', () => {
  const harness = new GroupHarness().load();
  const joined = harness.join(3, { ...joinRequest({ protocols: [RANGE, RANGE] }) });
  harness.clock.advance(3_000);
  expect(joined.now()).toMatchObject({ errorCode: 0, protocolName: 'range' });
});

test('a request that comes in with an answer finds the group after the change that gave the answer', () => {
  const harness = new GroupHarness().load();
  const states: (string | undefined)[] = [];
  const context = { apiVersion: 3, clientId: 'c', clientHost: '/1' };
  const describeAfterAnswer = () => {
    states.push(
      harness
        .describe(6, { groups: ['group'] })
        .now()
        .groups[0]?.members.length.toString(),
    );
    states.push(harness.describe(6, { groups: ['group'] }).now().groups[0]?.groupState);
  };
  for (let i = 0; i < 2; i++) {
    const protocols = [{ name: 'range', metadata: Buffer.alloc(0) }];
    harness.coordinator.joinGroup({ ...joinRequest(), protocols, reason: null }, context, describeAfterAnswer);
  }
  harness.clock.advance(6_000);
  expect(states).toEqual(['2', 'CompletingRebalance', '2', 'CompletingRebalance']);
});

test('answers wait for the end of the operation, go out once, and one that fails does not keep back the others', () => {
  const queue = new ReplyQueue(silentLogger);
  const given: string[] = [];
  const reply = queue.wrap<string>((response) => given.push(response));
  queue.run(() => {
    queue.wrap(() => {
      throw new Error('the connection is gone');
    })('lost');
    queue.run(() => reply('first'));
    expect(given).toEqual([]);
    reply('second');
  });
  expect(given).toEqual(['first']);
});
