/** Incremental fetch sessions behave as KIP-227 and Kafka's cache do: epochs, what is answered, and eviction. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { ZERO_UUID } from '../../src/base/uuid.ts';
import { type FetchContext, type FetchPartitionAnswer, FetchSessionCache } from '../../src/broker/fetch-session.ts';
import { type FetchRequestInput, fetchRequest } from '../../src/protocol/messages/01-fetch.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { ManualClock } from './support.ts';

const VERSION = 12;

function decoded(body: FetchRequestInput) {
  const writer = new Writer();
  fetchRequest.encode(writer, VERSION, body);
  return fetchRequest.decode(new Reader(writer.finishWhole()), VERSION);
}

function asking(sessionId: number, sessionEpoch: number, topic: string, partitions: readonly number[]) {
  return decoded({
    sessionId,
    sessionEpoch,
    topics:
      partitions.length === 0
        ? []
        : [{ topic, partitions: partitions.map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1 })) }],
  });
}

function setUp(slots = 10) {
  const clock = new ManualClock();
  const cache = new FetchSessionCache(slots, clock, seededRandom(1));
  const context = (request: ReturnType<typeof decoded>, isFollower = false) =>
    cache.newContext(request, VERSION, isFollower, () => undefined);
  return { clock, cache, context };
}

function answers(
  context: FetchContext,
  overrides: Partial<Record<keyof Omit<FetchPartitionAnswer, 'request'>, number>> = {},
): FetchPartitionAnswer[] {
  return [...context.partitions].map((request) => ({
    request,
    errorCode: 0,
    highWatermark: 5,
    logStartOffset: 0,
    recordsSizeBytes: 0,
    preferredReadReplica: -1,
    hasDivergingEpoch: false,
    ...overrides,
  })) as FetchPartitionAnswer[];
}

function respond(context: FetchContext, list: FetchPartitionAnswer[]) {
  const { error, sessionId, answers: sent } = context.respond(list);
  return { error, sessionId, sent: sent.map(({ request }) => request.partition) };
}

describe('a session', () => {
  test('is created by a full fetch, answers only what changed, and keeps the order of who was served', () => {
    const { context } = setUp();
    const full = context(asking(0, 0, 't', [0, 1, 2]));
    const { sessionId, sent } = respond(full, answers(full));
    expect(sessionId).toBeGreaterThan(0);
    expect(sent).toEqual([0, 1, 2]);

    const unchanged = context(asking(sessionId, 1, 't', []));
    expect(respond(unchanged, answers(unchanged))).toEqual({ error: undefined, sessionId, sent: [] });

    const withData = context(asking(sessionId, 2, 't', []));
    const list = answers(withData).map((answer) =>
      answer.request.partition === 0 ? { ...answer, recordsSizeBytes: 10 } : answer,
    );
    expect(respond(withData, list).sent).toEqual([0]);
    expect([...context(asking(sessionId, 3, 't', [])).partitions].map(({ partition }) => partition)).toEqual([1, 2, 0]);
  });

  test('answers a partition again after an error even when nothing moved', () => {
    const { context } = setUp();
    const full = context(asking(0, 0, 't', [0]));
    const { sessionId } = respond(full, answers(full));
    const failing = context(asking(sessionId, 1, 't', []));
    expect(respond(failing, answers(failing, { errorCode: 6, highWatermark: -1 })).sent).toEqual([0]);
    const good = context(asking(sessionId, 2, 't', []));
    expect(respond(good, answers(good)).sent).toEqual([0]);
  });

  test('refuses an unknown id, a wrong epoch and a change between names and ids', () => {
    const { cache, context } = setUp();
    expect(context(asking(77, 1, 't', [])).error).toBe('FETCH_SESSION_ID_NOT_FOUND');
    const full = context(asking(0, 0, 't', [0]));
    const { sessionId } = respond(full, answers(full));
    expect(context(asking(sessionId, 5, 't', [])).error).toBe('INVALID_FETCH_SESSION_EPOCH');
    const byId = cache.newContext(asking(sessionId, 1, 't', []), 13, false, () => undefined);
    expect(byId.error).toBe('FETCH_SESSION_TOPIC_ID_ERROR');
  });

  test('answers INVALID_FETCH_SESSION_EPOCH to a request that was overtaken while it waited', () => {
    const { context } = setUp();
    const full = context(asking(0, 0, 't', [0]));
    const { sessionId } = respond(full, answers(full));
    const first = context(asking(sessionId, 1, 't', []));
    context(asking(sessionId, 2, 't', []));
    expect(respond(first, answers(first)).error).toBe('INVALID_FETCH_SESSION_EPOCH');
  });

  test('is closed by the final epoch, and by forgetting its last partition', () => {
    const { cache, context } = setUp();
    const full = context(asking(0, 0, 't', [0]));
    const { sessionId } = respond(full, answers(full));
    const forgotten = context(
      decoded({ sessionId, sessionEpoch: 1, forgottenTopicsData: [{ topic: 't', partitions: [0] }] }),
    );
    expect(respond(forgotten, answers(forgotten))).toEqual({ error: undefined, sessionId: 0, sent: [] });
    const second = context(asking(0, 0, 't', [0]));
    const { sessionId: secondId } = respond(second, answers(second));
    const final = context(asking(secondId, -1, 't', [0]));
    expect(respond(final, answers(final)).sessionId).toBe(0);
    expect(cache.size).toBe(0);
  });

  test('remembers partitions that it was not told again and takes new offsets of those it was', () => {
    const { context } = setUp();
    const full = context(asking(0, 0, 't', [0, 1]));
    const { sessionId } = respond(full, answers(full));
    const next = context(
      decoded({
        sessionId,
        sessionEpoch: 1,
        topics: [{ topic: 't', partitions: [{ partition: 1, fetchOffset: 9, partitionMaxBytes: 1 }] }],
      }),
    );
    expect(
      [...next.partitions].map(({ partition, fetchOffset, topicId }) => [partition, fetchOffset, topicId]),
    ).toEqual([
      [0, 0, ZERO_UUID],
      [1, 9, ZERO_UUID],
    ]);
  });
});

describe('a full cache', () => {
  function create(context: (request: ReturnType<typeof decoded>, isFollower?: boolean) => FetchContext, size: number) {
    const partitions = Array.from({ length: size }, (_, i) => i);
    return (isFollower = false) => {
      const full = context(asking(0, 0, 't', partitions), isFollower);
      return respond(full, answers(full)).sessionId;
    };
  }

  test('gives no session while all are young and in use, but a follower replaces a consumer', () => {
    const { context, cache } = setUp(1);
    expect(create(context, 1)()).toBeGreaterThan(0);
    expect(create(context, 5)()).toBe(0);
    expect(create(context, 1)(true)).toBeGreaterThan(0);
    expect(cache.size).toBe(1);
  });

  test('lets a session go that was not used for two minutes', () => {
    const { clock, context } = setUp(1);
    create(context, 5)();
    clock.advance(120_001);
    expect(create(context, 1)()).toBeGreaterThan(0);
  });
});
