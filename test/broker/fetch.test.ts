/** Fetch: what is read and how much of it, waiting for data, sessions, epochs, errors. */
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';
import { type KafkaConnection, produceBatch } from '../support/raw-client.ts';
import { brokers } from './broker-support.ts';

const { start, connect, withTopic } = brokers();

interface Asked {
  version?: number;
  maxWaitMs?: number;
  minBytes?: number;
  maxBytes?: number;
  partitionMaxBytes?: number;
  fetchOffset?: number;
  currentLeaderEpoch?: number;
  lastFetchedEpoch?: number;
  sessionId?: number;
  sessionEpoch?: number;
  replicaId?: number;
  isolationLevel?: number;
  topics?: readonly { readonly topic?: string; readonly topicId?: string; readonly partitions: readonly number[] }[];
}

async function fetch(connection: KafkaConnection, asked: Asked = {}) {
  const { version = 11, topics = [{ topic: 't', partitions: [0] }] } = asked;
  return connection.send(fetchRequest, fetchResponse, version, {
    replicaId: asked.replicaId ?? -1,
    maxWaitMs: asked.maxWaitMs ?? 0,
    minBytes: asked.minBytes ?? 1,
    maxBytes: asked.maxBytes ?? 0x7fffffff,
    isolationLevel: asked.isolationLevel ?? 0,
    sessionId: asked.sessionId,
    sessionEpoch: asked.sessionEpoch,
    topics: topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map((partition) => ({
        partition,
        fetchOffset: asked.fetchOffset ?? 0,
        partitionMaxBytes: asked.partitionMaxBytes ?? 1 << 20,
        currentLeaderEpoch: asked.currentLeaderEpoch,
        lastFetchedEpoch: asked.lastFetchedEpoch,
      })),
    })),
  });
}

type Response = Awaited<ReturnType<typeof fetch>>;

function only(response: Response) {
  const partition = response.responses[0]?.partitions[0];
  if (partition === undefined) throw new Error('no partition in the response');
  return partition;
}

function valuesIn(response: Response): string[] {
  const values: string[] = [];
  forEachRecord(only(response).records ?? Buffer.alloc(0), (cursor) => {
    values.push(cursor.value()?.toString() ?? '');
  });
  return values;
}

describe('reading', () => {
  test.each([4, 5, 6, 7, 9, 11, 12])('v%i gives records, high watermark and log start', async (version) => {
    const { connection } = await withTopic();
    await produceBatch(connection, 't', 0, ['a', 'b']);
    const response = await fetch(connection, { version });
    expect(valuesIn(response)).toEqual(['a', 'b']);
    expect(only(response)).toMatchObject({ errorCode: 0, highWatermark: 2, lastStableOffset: 2 });
    expect(only(response).abortedTransactions).toBeNull();
  });

  test('read_committed comes with a list of aborted transactions, be it empty', async () => {
    const { connection } = await withTopic();
    await produceBatch(connection, 't', 0, ['a']);
    expect(only(await fetch(connection, { isolationLevel: 1 })).abortedTransactions).toEqual([]);
  });

  test('v13 names topics by id; an unknown id is told per partition', async () => {
    const { connection } = await withTopic();
    await produceBatch(connection, 't', 0, ['a']);
    const { topics } = await connection.send(metadataRequest, metadataResponse, 12, { topics: [{ name: 't' }] });
    const topicId = topics[0]?.topicId ?? '';
    const known = await fetch(connection, { version: 18, topics: [{ topicId, partitions: [0] }] });
    expect(valuesIn(known)).toEqual(['a']);
    const unknownId = 'kEkOrYngTSyEGigPJ1IRkg';
    const unknown = await fetch(connection, { version: 18, topics: [{ topicId: unknownId, partitions: [0] }] });
    expect(unknown.responses[0]?.topicId).toBe(unknownId);
    expect(only(unknown).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID);
  });

  test('the first batch comes whole however small the limits, the second only if it fits', async () => {
    const { connection } = await withTopic();
    await produceBatch(connection, 't', 0, ['x'.repeat(1000)]);
    await produceBatch(connection, 't', 0, ['y'.repeat(1000)]);
    expect(valuesIn(await fetch(connection, { maxBytes: 10 }))).toHaveLength(1);
    expect(valuesIn(await fetch(connection, { partitionMaxBytes: 10 }))).toHaveLength(1);
    expect(valuesIn(await fetch(connection, { partitionMaxBytes: 1500 }))).toHaveLength(1);
    expect(valuesIn(await fetch(connection, { partitionMaxBytes: 5000 }))).toHaveLength(2);
  });

  test.each([{ partitionMaxBytes: 0 }, { maxBytes: 0 }])(
    'the first batch comes with a limit of nothing, %o',
    async (limit) => {
      const { connection } = await withTopic();
      await produceBatch(connection, 't', 0, ['a']);
      await produceBatch(connection, 't', 0, ['b']);
      expect(valuesIn(await fetch(connection, limit))).toEqual(['a']);
    },
  );

  test('a response limit is shared by the partitions', async () => {
    const { connection } = await withTopic({ topics: [{ name: 't', partitions: 2 }] });
    await produceBatch(connection, 't', 0, ['x'.repeat(1000)]);
    await produceBatch(connection, 't', 1, ['y'.repeat(1000)]);
    const response = await fetch(connection, { maxBytes: 1500, topics: [{ topic: 't', partitions: [0, 1] }] });
    const sizes = response.responses[0]?.partitions.map(({ records }) => records?.length ?? 0) ?? [];
    expect(sizes[0]).toBeGreaterThan(1000);
    expect(sizes[1]).toBe(0);
  });

  test.each([
    ['an offset beyond the end', { fetchOffset: 9 }, 'OFFSET_OUT_OF_RANGE'],
    ['an unknown topic', { topics: [{ topic: 'none', partitions: [0] }] }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['an unknown partition', { topics: [{ topic: 't', partitions: [4] }] }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['a leader epoch to come', { currentLeaderEpoch: 5 }, 'UNKNOWN_LEADER_EPOCH'],
    ['a replica that is none', { replicaId: 9, currentLeaderEpoch: 0 }, 'UNKNOWN_LEADER_EPOCH'],
  ] as const)('%s is told at once', async (_what, asked, error) => {
    const { connection } = await withTopic();
    const started = performance.now();
    const response = await fetch(connection, { maxWaitMs: 5000, ...asked });
    expect(performance.now() - started).toBeLessThan(2500);
    expect(only(response)).toMatchObject({ errorCode: ErrorCode[error], highWatermark: -1 });
  });

  test('a follower learns where its log parts from the leader’s; an epoch newer than all is out of range', async () => {
    const { broker, connection } = await withTopic({ ephemeral: false });
    await produceBatch(connection, 't', 0, ['a']);
    const same = await fetch(connection, { version: 12, lastFetchedEpoch: 0, fetchOffset: 1 });
    expect(only(same).divergingEpoch).toMatchObject({ epoch: -1, endOffset: -1 });
    const newer = await fetch(connection, { version: 12, lastFetchedEpoch: 3, fetchOffset: 1 });
    expect(only(newer).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
    await broker.close();
    const again = await start({ dataDir: broker.dataDir, ephemeral: true });
    const second = await connect(again);
    await produceBatch(second, 't', 0, ['b', 'c']);
    const diverging = await fetch(second, { version: 12, lastFetchedEpoch: 0, fetchOffset: 3 });
    expect(only(diverging).divergingEpoch).toMatchObject({ epoch: 0, endOffset: 1 });
    expect(only(diverging).records).toHaveLength(0);
    const fenced = await fetch(second, { version: 12, currentLeaderEpoch: 0 });
    expect(only(fenced).errorCode).toBe(ErrorCode.FENCED_LEADER_EPOCH);
  });
});

describe('waiting', () => {
  test('a fetch is answered as soon as records arrive', async () => {
    const { broker, connection } = await withTopic();
    const waiting = fetch(connection, { maxWaitMs: 10_000 });
    const producer = await connect(broker);
    await produceBatch(producer, 't', 0, ['late']);
    const started = performance.now();
    expect(valuesIn(await waiting)).toEqual(['late']);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('it waits until minBytes are there', async () => {
    const { broker, connection } = await withTopic();
    const producer = await connect(broker);
    let isAnswered = false;
    const waiting = fetch(connection, { maxWaitMs: 10_000, minBytes: 1500 }).then((response) => {
      isAnswered = true;
      return response;
    });
    await produceBatch(producer, 't', 0, ['x'.repeat(1000)]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAnswered).toBe(false);
    await produceBatch(producer, 't', 0, ['x'.repeat(1000)]);
    expect(valuesIn(await waiting)).toHaveLength(2);
  });

  test('it ends with what there is after maxWaitMs', async () => {
    const { connection } = await withTopic();
    const started = performance.now();
    const response = await fetch(connection, { maxWaitMs: 150 });
    expect(performance.now() - started).toBeGreaterThan(140);
    expect(only(response).records).toHaveLength(0);
  });

  test('it ends when its topic is deleted, or the broker is closed', async () => {
    const { broker, connection } = await withTopic();
    const waiting = fetch(connection, { maxWaitMs: 15_000 });
    waiting.catch(() => {});
    const started = performance.now();
    await broker.close();
    await waiting.catch(() => undefined);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('sessions', () => {
  test('carry only what is new', async () => {
    const { broker, connection } = await withTopic({ topics: [{ name: 't', partitions: 3 }] });
    const full = await fetch(connection, { sessionEpoch: 0, topics: [{ topic: 't', partitions: [0, 1, 2] }] });
    expect(full.sessionId).toBeGreaterThan(0);
    expect(full.responses[0]?.partitions).toHaveLength(3);
    const { sessionId } = full;
    const nothing = await fetch(connection, { sessionId, sessionEpoch: 1, topics: [] });
    expect(nothing.responses).toEqual([]);
    await produceBatch(await connect(broker), 't', 1, ['new']);
    const some = await fetch(connection, { sessionId, sessionEpoch: 2, topics: [], maxWaitMs: 5000 });
    expect(some.responses[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([1]);
    const wrong = await fetch(connection, { sessionId, sessionEpoch: 9, topics: [] });
    expect(wrong.errorCode).toBe(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
    const unknown = await fetch(connection, { sessionId: sessionId + 1, sessionEpoch: 1, topics: [] });
    expect(unknown.errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
  });
});
