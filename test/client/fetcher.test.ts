import { afterEach, describe, expect, test } from 'vitest';
import { Fetcher } from '../../src/client/fetcher.ts';
import { parseDuration } from '../../src/client/fetcher-config.ts';
import { type FetchRequest, fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../../src/protocol/messages/02-list-offsets.ts';
import { BatchBuilder } from '../../src/records/batch-builder.ts';
import { FakeCluster, LogLines, quickSettings } from './fake-cluster.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAg';
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

interface BatchSpec {
  readonly baseOffset: number;
  readonly values: readonly string[];
  readonly producerId?: number;
  /** A marker that ends a transaction. */
  readonly marker?: 'commit' | 'abort';
  /** A transaction's records. */
  readonly isTransactional?: boolean;
}

function batchOf(spec: BatchSpec): Buffer {
  const builder = new BatchBuilder();
  if (spec.marker !== undefined) {
    const key = Buffer.from([0, 0, 0, spec.marker === 'commit' ? 1 : 0]);
    builder.append(1, key, Buffer.alloc(6));
  }
  for (const value of spec.values) builder.append(1, null, Buffer.from(value));
  return builder.finish({
    baseOffset: spec.baseOffset,
    producerId: spec.producerId ?? -1,
    producerEpoch: spec.producerId === undefined ? -1 : 0,
    isControl: spec.marker !== undefined,
    isTransactional: spec.isTransactional ?? spec.marker !== undefined,
  });
}

interface Log {
  startOffset: number;
  endOffset: number;
  batches: Buffer[];
  aborted: { producerId: number; firstOffset: number; lastOffset: number }[];
  errorCode: number;
  preferredReadReplica: number;
}

/** A cluster whose partitions hold batches; sessions are the fetcher's to keep right. */
async function fetchCluster(brokers = 1, leaders = [1]) {
  const cluster = await FakeCluster.start(brokers);
  opened.push(cluster);
  const topic = { name: 't', topicId: TOPIC_ID, leaders };
  cluster.topics.push(topic);
  const logs: Log[] = leaders.map(() => ({
    startOffset: 0,
    endOffset: 0,
    batches: [],
    aborted: [],
    errorCode: 0,
    preferredReadReplica: -1,
  }));
  for (const broker of cluster.brokers) {
    const session = new Map<number, number>();
    let epoch = 0;
    broker.on(fetchRequest, fetchResponse, async (body) => {
      if (body.sessionEpoch === 0) {
        session.clear();
        epoch = 0;
      }
      if (body.sessionEpoch !== epoch) return { errorCode: 71, sessionId: 0 };
      epoch++;
      updateSession(session, body);
      const partitions = [...session].map(([index, offset]) =>
        fetched(logs[index], index, offset, leaders, broker.nodeId),
      );
      const answered = partitions.filter(
        (one) => one.records.length > 0 || one.errorCode !== 0 || one.preferredReadReplica >= 0,
      );
      if (answered.length === 0) await new Promise((resolve) => setTimeout(resolve, Math.min(body.maxWaitMs, 20)));
      const responses = answered.length === 0 ? [] : [{ topicId: TOPIC_ID, partitions: answered }];
      return { sessionId: 77, responses };
    });
    broker.on(listOffsetsRequest, listOffsetsResponse, (body) => ({
      topics: body.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => {
          const log = logs[partitionIndex];
          return { partitionIndex, offset: timestamp === -2 ? log?.startOffset : log?.endOffset, timestamp: -1 };
        }),
      })),
    }));
  }
  const put = (partition: number, spec: BatchSpec): void => {
    const log = logs[partition];
    if (log === undefined) throw new Error(`no partition ${partition}`);
    log.batches.push(batchOf(spec));
    log.endOffset = spec.baseOffset + Math.max(spec.values.length, 1);
  };
  return { cluster, logs, put, topic };
}

function updateSession(session: Map<number, number>, body: FetchRequest): void {
  for (const topic of body.forgottenTopicsData) for (const index of topic.partitions) session.delete(index);
  for (const topic of body.topics) {
    for (const { partition, fetchOffset } of topic.partitions) session.set(partition, fetchOffset);
  }
}

function fetched(log: Log | undefined, partitionIndex: number, offset: number, leaders: number[], broker: number) {
  if (log === undefined) throw new Error(`no partition ${partitionIndex}`);
  const empty = { partitionIndex, errorCode: log.errorCode, records: Buffer.alloc(0), preferredReadReplica: -1 };
  if (log.errorCode !== 0) return empty;
  if (log.preferredReadReplica >= 0 && leaders[partitionIndex] === broker) {
    return { ...empty, preferredReadReplica: log.preferredReadReplica };
  }
  const isReplica = leaders[partitionIndex] === broker || log.preferredReadReplica === broker;
  if (!isReplica) return { ...empty, errorCode: 6 };
  if (offset < log.startOffset || offset > log.endOffset) return { ...empty, errorCode: 1 };
  const from = log.batches.findIndex((one) => Number(one.readBigInt64BE(0)) + one.readInt32BE(23) >= offset);
  const records = from < 0 ? Buffer.alloc(0) : Buffer.concat(log.batches.slice(from, from + 2));
  const highWatermark = log.endOffset;
  const abortedTransactions = log.aborted.filter((one) => one.lastOffset >= offset);
  return {
    ...empty,
    records,
    highWatermark,
    lastStableOffset: highWatermark,
    logStartOffset: log.startOffset,
    abortedTransactions,
  };
}

async function fetcherOf(cluster: FakeCluster, settings: Record<string, string> = {}) {
  const logger = new LogLines();
  const more = { 'auto.offset.reset': 'earliest', 'fetch.max.wait.ms': '10', ...settings };
  const fetcher = await Fetcher.create(quickSettings(cluster.bootstrap, more), { environment: { logger } });
  opened.push(fetcher);
  return { fetcher, logger };
}

/** Polls until `count` values came, or none come any more. */
async function take(fetcher: Fetcher, count: number, maxRecords?: number): Promise<string[]> {
  const values: string[] = [];
  while (values.length < count) {
    const got = await fetcher.poll(
      500,
      (cursor, _topic, partition) => values.push(`${partition}@${cursor.offset}=${cursor.value()}`),
      maxRecords,
    );
    if (got === 0) break;
  }
  return values;
}

describe('records', () => {
  test('come in order of their offsets, from where auto.offset.reset says', async () => {
    const { cluster, put, logs } = await fetchCluster();
    put(0, { baseOffset: 0, values: ['a', 'b'] });
    put(0, { baseOffset: 5, values: ['c'] });
    put(0, { baseOffset: 6, values: ['d', 'e'] });
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([{ topic: 't', partition: 0 }]);
    expect(await take(fetcher, 5)).toEqual(['0@0=a', '0@1=b', '0@5=c', '0@6=d', '0@7=e']);
    expect(fetcher.position('t', 0)).toBe(8);
    expect(fetcher.highWatermark('t', 0)).toBe(8);
    expect(logs[0]?.endOffset).toBe(8);
  });

  test('before the wanted offset in its batch are passed over', async () => {
    const { cluster, put } = await fetchCluster();
    put(0, { baseOffset: 0, values: ['a', 'b', 'c'] });
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([{ topic: 't', partition: 0, offset: 2 }]);
    expect(await take(fetcher, 1)).toEqual(['0@2=c']);
  });

  test('are handed out up to a limit, or until the visitor has enough; none is lost', async () => {
    const { cluster, put } = await fetchCluster();
    put(0, { baseOffset: 0, values: ['a', 'b', 'c', 'd', 'e'] });
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([{ topic: 't', partition: 0 }]);
    expect(await take(fetcher, 2, 2)).toEqual(['0@0=a', '0@1=b']);
    const seen: string[] = [];
    await fetcher.poll(500, (cursor) => {
      seen.push(String(cursor.value()));
      return seen.length < 2;
    });
    expect(seen).toEqual(['c', 'd']);
    expect(fetcher.position('t', 0)).toBe(4);
    expect(await take(fetcher, 1)).toEqual(['0@4=e']);
  });

  test('of several partitions on several brokers all come', async () => {
    const { cluster, put } = await fetchCluster(2, [1, 2, 1]);
    for (const partition of [0, 1, 2]) put(partition, { baseOffset: 0, values: ['x', 'y'] });
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([0, 1, 2].map((partition) => ({ topic: 't', partition })));
    expect((await take(fetcher, 6)).sort()).toEqual(['0@0=x', '0@1=y', '1@0=x', '1@1=y', '2@0=x', '2@1=y']);
  });

  test('of a paused partition wait until it is resumed', async () => {
    const { cluster, put } = await fetchCluster(1, [1, 1]);
    put(0, { baseOffset: 0, values: ['a'] });
    put(1, { baseOffset: 0, values: ['b'] });
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([0, 1].map((partition) => ({ topic: 't', partition })));
    fetcher.pause([{ topic: 't', partition: 0 }]);
    expect(await take(fetcher, 1)).toEqual(['1@0=b']);
    fetcher.resume([{ topic: 't', partition: 0 }]);
    expect(await take(fetcher, 1)).toEqual(['0@0=a']);
  });

  test('that were fetched before a seek are forgotten', async () => {
    const { cluster, put } = await fetchCluster();
    put(0, { baseOffset: 0, values: ['a', 'b', 'c'] });
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([{ topic: 't', partition: 0 }]);
    expect(await take(fetcher, 1, 1)).toEqual(['0@0=a']);
    fetcher.seek('t', 0, 'earliest');
    expect(await take(fetcher, 3)).toEqual(['0@0=a', '0@1=b', '0@2=c']);
    fetcher.seek('t', 0, 1);
    expect(await take(fetcher, 1, 1)).toEqual(['0@1=b']);
  });

  test('that are damaged are told apart by their CRC', async () => {
    const { cluster, put, logs } = await fetchCluster();
    put(0, { baseOffset: 0, values: ['abcdefgh'] });
    const damaged = logs[0]?.batches[0];
    if (damaged !== undefined) damaged[70] = (damaged[70] ?? 0) ^ 1;
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([{ topic: 't', partition: 0 }]);
    await expect(take(fetcher, 1)).rejects.toThrow(
      /^Record batch for partition t-0 at offset 0 is invalid, cause: Record is corrupt \(stored crc = \d+, computed crc = \d+\)$/,
    );
  });
});

describe('transactions', () => {
  async function transactional(isolation: string) {
    const { cluster, put, logs } = await fetchCluster();
    put(0, { baseOffset: 0, values: ['plain'] });
    put(0, { baseOffset: 1, values: ['bad1', 'bad2'], producerId: 5, isTransactional: true });
    put(0, { baseOffset: 3, values: ['good'], producerId: 6, isTransactional: true });
    put(0, { baseOffset: 4, values: [], producerId: 5, marker: 'abort' });
    put(0, { baseOffset: 5, values: [], producerId: 6, marker: 'commit' });
    put(0, { baseOffset: 6, values: ['again'], producerId: 5, isTransactional: true });
    logs[0]?.aborted.push({ producerId: 5, firstOffset: 1, lastOffset: 4 });
    const { fetcher } = await fetcherOf(cluster, { 'isolation.level': isolation });
    fetcher.assign([{ topic: 't', partition: 0 }]);
    return fetcher;
  }

  test('read_committed leaves out what was aborted, and markers', async () => {
    const fetcher = await transactional('read_committed');
    expect(await take(fetcher, 3)).toEqual(['0@0=plain', '0@3=good', '0@6=again']);
  });

  test('read_uncommitted leaves out markers only', async () => {
    const fetcher = await transactional('read_uncommitted');
    expect(await take(fetcher, 5)).toEqual(['0@0=plain', '0@1=bad1', '0@2=bad2', '0@3=good', '0@6=again']);
  });
});

describe('positions', () => {
  test('latest starts at the end', async () => {
    const { cluster, put } = await fetchCluster();
    put(0, { baseOffset: 0, values: ['old'] });
    const { fetcher } = await fetcherOf(cluster, { 'auto.offset.reset': 'latest' });
    fetcher.assign([{ topic: 't', partition: 0 }]);
    while (fetcher.position('t', 0) === undefined) expect(await fetcher.poll(20, () => true)).toBe(0);
    expect(fetcher.position('t', 0)).toBe(1);
    put(0, { baseOffset: 1, values: ['new'] });
    expect(await take(fetcher, 1)).toEqual(['0@1=new']);
  });

  test('a position that the log no longer has is set anew', async () => {
    const { cluster, put, logs } = await fetchCluster();
    put(0, { baseOffset: 10, values: ['a'] });
    if (logs[0] !== undefined) logs[0].startOffset = 10;
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([{ topic: 't', partition: 0, offset: 3 }]);
    expect(await take(fetcher, 1)).toEqual(['0@10=a']);
  });

  test('without a policy it is an error that says so', async () => {
    const { cluster, put, logs } = await fetchCluster();
    put(0, { baseOffset: 10, values: ['a'] });
    if (logs[0] !== undefined) logs[0].startOffset = 10;
    const { fetcher } = await fetcherOf(cluster, { 'auto.offset.reset': 'none' });
    fetcher.assign([{ topic: 't', partition: 0, offset: 3 }]);
    await expect(take(fetcher, 1)).rejects.toMatchObject({ errorName: 'OFFSET_OUT_OF_RANGE' });
    fetcher.assign([{ topic: 't', partition: 0, offset: undefined }]);
    fetcher.seek('t', 0, 10);
    expect(await take(fetcher, 1)).toEqual(['0@10=a']);
    const other = await fetcherOf(cluster, { 'auto.offset.reset': 'none' });
    other.fetcher.assign([{ topic: 't', partition: 0 }]);
    await expect(take(other.fetcher, 1)).rejects.toThrow('Undefined offset with no reset policy for partitions: [t-0]');
  });

  test.each([
    ['P1D', 86_400_000],
    ['PT1H', 3_600_000],
    ['P2DT3H4M5.5S', 2 * 86_400_000 + 3 * 3_600_000 + 4 * 60_000 + 5500],
    ['PT', undefined],
    ['P', undefined],
    ['-PT1H', undefined],
    ['1h', undefined],
  ])('a duration of %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
});

describe('leaders', () => {
  test('a leader that moved is followed', async () => {
    const { cluster, put, topic } = await fetchCluster(2, [1]);
    put(0, { baseOffset: 0, values: ['a'] });
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([{ topic: 't', partition: 0 }]);
    expect(await take(fetcher, 1)).toEqual(['0@0=a']);
    topic.leaders[0] = 2;
    cluster.leaderEpoch = 3;
    put(0, { baseOffset: 1, values: ['b'] });
    expect(await take(fetcher, 1)).toEqual(['0@1=b']);
    expect(cluster.broker(2).bodies(fetchRequest).length).toBeGreaterThan(0);
  });

  test('the replica that the leader prefers serves the records', async () => {
    const { cluster, put, logs } = await fetchCluster(2, [1]);
    put(0, { baseOffset: 0, values: ['a'] });
    if (logs[0] !== undefined) logs[0].preferredReadReplica = 2;
    const { fetcher } = await fetcherOf(cluster, { 'client.rack': 'r2' });
    fetcher.assign([{ topic: 't', partition: 0 }]);
    expect(await take(fetcher, 1)).toEqual(['0@0=a']);
    expect(cluster.broker(1).bodies(fetchRequest)[0]?.rackId).toBe('r2');
    expect(cluster.broker(2).bodies(fetchRequest).length).toBeGreaterThan(0);
  });

  test('a lost connection costs neither records nor order', async () => {
    const { cluster, put } = await fetchCluster();
    const { fetcher } = await fetcherOf(cluster);
    fetcher.assign([{ topic: 't', partition: 0 }]);
    const values: string[] = [];
    for (let i = 0; i < 20; i++) {
      put(0, { baseOffset: i, values: [`v${i}`] });
      if (i % 5 === 3) cluster.broker(1).dropConnections();
      values.push(...(await take(fetcher, 1)));
    }
    expect(values).toEqual(Array.from({ length: 20 }, (_, i) => `0@${i}=v${i}`));
  });
});

// Goal: KIP-227 is kept to: after the first request only changes go over the wire.
test('a session names only what changed', async () => {
  const { cluster, put } = await fetchCluster(1, [1, 1]);
  put(0, { baseOffset: 0, values: ['a'] });
  const { fetcher } = await fetcherOf(cluster);
  fetcher.assign([0, 1].map((partition) => ({ topic: 't', partition })));
  expect(await take(fetcher, 1)).toEqual(['0@0=a']);
  while (cluster.broker(1).bodies(fetchRequest).length < 6) await fetcher.poll(20, () => true);
  const requests = cluster.broker(1).bodies(fetchRequest);
  const named = requests.map((one) => one.topics.flatMap((topic) => topic.partitions.map((p) => p.partition)));
  expect(requests.map((one) => one.sessionEpoch)).toEqual(requests.map((_, i) => i));
  expect(named[0]?.sort()).toEqual([0, 1]);
  expect(named.slice(3).every((partitions) => partitions.length === 0)).toBe(true);
});
