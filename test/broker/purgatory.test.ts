/** Requests that wait: completed by what they wait for, by time, or dropped with their connection; each exactly once. */
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import type { PeerLink } from '../../src/broker/handler.ts';
import { Purgatory } from '../../src/broker/purgatory.ts';
import { ManualClock } from './support.ts';

class Waiting {
  isReadyNow = false;
  completions: boolean[] = [];

  isReady(): boolean {
    return this.isReadyNow;
  }

  complete(isExpired: boolean): void {
    this.completions.push(isExpired);
  }
}

const microtasks = () => new Promise<void>((resolve) => queueMicrotask(resolve));

test('a request that is ready is answered at once and not kept', () => {
  const purgatory = new Purgatory(new ManualClock(), silentLogger);
  const waiting = new Waiting();
  waiting.isReadyNow = true;
  purgatory.waitOrComplete(waiting, [{}], 1000);
  expect(waiting.completions).toEqual([false]);
  expect(purgatory.size).toBe(0);
});

test('touching one of several keys answers a request that has become ready, once, and frees its timer', async () => {
  const clock = new ManualClock();
  const purgatory = new Purgatory(clock, silentLogger);
  const [a, b] = [{}, {}];
  const waiting = new Waiting();
  purgatory.waitOrComplete(waiting, [a, b], 1000);
  purgatory.touch(a);
  await microtasks();
  expect(waiting.completions).toEqual([]);
  waiting.isReadyNow = true;
  purgatory.touch(a);
  purgatory.touch(b);
  expect(waiting.completions).toEqual([]);
  await microtasks();
  expect(waiting.completions).toEqual([false]);
  expect(clock.pendingTimers).toBe(0);
  expect(purgatory.size).toBe(0);
});

test('a request whose time is up is answered as it stands', () => {
  const clock = new ManualClock();
  const purgatory = new Purgatory(clock, silentLogger);
  const waiting = new Waiting();
  purgatory.waitOrComplete(waiting, [{}], 500);
  clock.advance(499);
  expect(waiting.completions).toEqual([]);
  clock.advance(1);
  expect(waiting.completions).toEqual([true]);
});

test('a request of a connection that went away is dropped without an answer', () => {
  const clock = new ManualClock();
  const purgatory = new Purgatory(clock, silentLogger);
  let close = (): void => {};
  const link: PeerLink = {
    isConnected: () => true,
    onClose: (run) => {
      close = run;
      return () => {};
    },
  };
  const waiting = new Waiting();
  purgatory.waitOrComplete(waiting, [{}], 500, link);
  close();
  clock.advance(1000);
  expect(waiting.completions).toEqual([]);
  expect(purgatory.size).toBe(0);
});

test('a shutdown answers all that waits', () => {
  const purgatory = new Purgatory(new ManualClock(), silentLogger);
  const all = [new Waiting(), new Waiting()];
  const key = {};
  for (const waiting of all) purgatory.waitOrComplete(waiting, [key], 500);
  purgatory.completeAll();
  expect(all.map(({ completions }) => completions)).toEqual([[true], [true]]);
});
