import { afterEach, describe, expect, test } from 'vitest';
import { murmur2, partitionOfKey } from '../../src/client/partitioner.ts';
import { type BatchResult, Producer } from '../../src/client/producer.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/00-produce.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../src/protocol/messages/22-init-producer-id.ts';
import * as batch from '../../src/records/record-batch.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';
import type { FakeBroker } from './fake-broker.ts';
import { FakeCluster, LogLines, quickSettings } from './fake-cluster.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAg';
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

interface Taken {
  readonly broker: number;
  readonly partition: number;
  readonly values: string[];
  readonly sequence: number;
  readonly epoch: number;
  readonly acks: number;
}

/** A cluster that takes records; `refuse` may give an error code for a batch. */
async function produceCluster(brokers = 1, leaders = [1]) {
  const cluster = await FakeCluster.start(brokers);
  opened.push(cluster);
  const topic = { name: 't', topicId: TOPIC_ID, leaders };
  cluster.topics.push(topic);
  const taken: Taken[] = [];
  const state = {
    cluster,
    topic,
    taken,
    producerIds: 0,
    refuse: (_batch: Taken, _broker: FakeBroker): number | 'close' => 0,
  };
  for (const broker of cluster.brokers) {
    broker.on(initProducerIdRequest, initProducerIdResponse, () => ({
      producerId: 100 + state.producerIds++,
      producerEpoch: 0,
    }));
    broker.on(produceRequest, produceResponse, (body) => {
      const responses = body.topicData.map(({ name, topicId, partitionData }) => ({
        name,
        topicId,
        partitionResponses: partitionData.map(({ index, records }) => {
          const one = takenOf(records ?? Buffer.alloc(0), index, broker.nodeId, body.acks);
          const code = state.refuse(one, broker);
          if (code === 0) taken.push(one);
          return { index, errorCode: code === 'close' ? -2 : code, baseOffset: taken.length };
        }),
      }));
      const isClosing = responses.some((one) => one.partitionResponses.some((two) => two.errorCode === -2));
      if (isClosing) return 'close';
      return body.acks === 0 ? 'silence' : { responses };
    });
  }
  return state;
}

function takenOf(records: Buffer, partition: number, broker: number, acks: number): Taken {
  const values: string[] = [];
  forEachRecord(records, (cursor) => values.push(String(cursor.value())));
  expect(batch.hasValidCrc(records, 0)).toBe(true);
  const sequence = batch.baseSequence(records, 0);
  return { broker, partition, values, sequence, epoch: batch.producerEpoch(records, 0), acks };
}

async function producerOf(cluster: FakeCluster, settings: Record<string, string> = {}, logger = new LogLines()) {
  const results: BatchResult[] = [];
  const producer = await Producer.create(quickSettings(cluster.bootstrap, { 'linger.ms': '0', ...settings }), {
    onBatch: (result) => results.push(result),
    environment: { logger },
  });
  opened.push({ close: () => producer.client.close() });
  return { producer, results };
}

const record = (value: string, more: { key?: string; partition?: number } = {}) => ({
  key: more.key === undefined ? null : Buffer.from(more.key),
  value: Buffer.from(value),
  ...(more.partition === undefined ? {} : { partition: more.partition }),
});

// Goal: keys land where Java's clients put them. The numbers are those that Kafka's own tests expect.
describe('murmur2', () => {
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
    const padded = Buffer.from(`<<${text}>>`);
    expect(murmur2(padded, 2, padded.length - 2)).toBe(hash);
  });

  test('a partition is never negative', () => {
    expect(partitionOfKey(Buffer.from('21'), 0, 2, 10)).toBe((-973932308 & 0x7fffffff) % 10);
  });
});

describe('batches', () => {
  test('records of one turn go out as one batch, in order, with sequences', async () => {
    const { cluster, taken } = await produceCluster();
    const { producer, results } = await producerOf(cluster);
    expect(await producer.connectTopic('t')).toBe(1);
    for (const value of ['a', 'b', 'c']) producer.send('t', record(value));
    await producer.flush();
    producer.send('t', record('d'));
    await producer.flush();
    expect(taken.map((one) => one.values)).toEqual([['a', 'b', 'c'], ['d']]);
    expect(taken.map((one) => one.sequence)).toEqual([0, 3]);
    expect(results).toMatchObject([
      { topic: 't', partition: 0, recordCount: 3, error: undefined, baseOffset: 1, sizeBytes: 3 },
      { recordCount: 1, baseOffset: 2 },
    ]);
  });

  test('a full batch does not wait for linger.ms', async () => {
    const { cluster, taken } = await produceCluster();
    const { producer } = await producerOf(cluster, { 'linger.ms': '60000', 'batch.size': '200' });
    await producer.connectTopic('t');
    const source = Buffer.alloc(64, 'x');
    for (let i = 0; i < 10; i++) producer.sendSlice('t', -1, -1, source, 0, -1, 0, 64);
    while (taken.length < 4) await producer.client.sleep(1);
    await producer.flush();
    expect(taken.flatMap((one) => one.values).length).toBe(10);
    expect(Math.max(...taken.map((one) => one.values.length))).toBeLessThan(3);
  });

  test('slices of a source keep keys, values and nulls apart', async () => {
    const { cluster } = await produceCluster();
    const seen: unknown[] = [];
    cluster.broker(1).on(produceRequest, produceResponse, (body) => {
      const records = body.topicData[0]?.partitionData[0]?.records ?? Buffer.alloc(0);
      forEachRecord(records, (cursor) => seen.push([String(cursor.key()), String(cursor.value()), cursor.timestamp]));
      return { responses: [{ topicId: TOPIC_ID, partitionResponses: [{ index: 0 }] }] };
    });
    const { producer } = await producerOf(cluster);
    await producer.connectTopic('t');
    const source = Buffer.from('key1value1key2value2');
    producer.sendSlice('t', 0, 5, source, 0, 4, 4, 6);
    producer.sendSlice('t', 0, 6, source, 10, 4, 0, -1);
    producer.sendSlice('t', 0, 7, source, 0, -1, 14, 6);
    source.fill(0);
    await producer.flush();
    expect(seen).toEqual([
      ['key1', 'value1', 5],
      ['key2', 'null', 6],
      ['null', 'value2', 7],
    ]);
  });

  test('the partition is the one asked for, that of the key, or a sticky one', async () => {
    const { cluster, taken } = await produceCluster(1, [1, 1, 1, 1]);
    const { producer } = await producerOf(cluster);
    await producer.connectTopic('t');
    producer.send('t', record('chosen', { partition: 3, key: 'k' }));
    producer.send('t', record('keyed', { key: 'foobar' }));
    producer.send('t', record('s1'));
    producer.send('t', record('s2'));
    await producer.flush();
    const where = new Map(taken.flatMap((one) => one.values.map((value) => [value, one.partition] as const)));
    expect(where.get('chosen')).toBe(3);
    expect(where.get('keyed')).toBe((-790332482 & 0x7fffffff) % 4);
    expect(where.get('s1')).toBe(where.get('s2'));
    expect(() => producer.send('t', record('x', { partition: 4 }))).toThrow(
      'Partition 4 of topic t with partition count 4 is not present in metadata after 60000 ms.',
    );
  });

  test('acks=0 counts as done when it was sent', async () => {
    const { cluster, taken } = await produceCluster();
    const { producer, results } = await producerOf(cluster, { acks: '0' });
    await producer.connectTopic('t');
    producer.send('t', record('a'));
    await producer.flush();
    expect(results).toMatchObject([{ recordCount: 1, baseOffset: -1, error: undefined }]);
    while (taken.length === 0) await producer.client.sleep(1);
    expect(taken).toMatchObject([{ acks: 0, sequence: -1 }]);
  });
});

describe('failures', () => {
  // Goal: with idempotence, order and content survive whatever fails on the way.
  test('batches that are sent again keep their order and sequences', async () => {
    const state = await produceCluster();
    let failures = 0;
    let next = 0;
    state.refuse = (one) => {
      if (one.sequence !== next) return 45;
      if (failures++ % 3 === 0) return failures % 2 === 0 ? 7 : 19;
      next += one.values.length;
      return 0;
    };
    const { producer, results } = await producerOf(state.cluster);
    await producer.connectTopic('t');
    for (let i = 0; i < 30; i++) {
      producer.send('t', record(`v${i}`));
      if (i % 4 === 0) await producer.client.sleep(1);
    }
    await producer.flush();
    expect(state.taken.flatMap((one) => one.values)).toEqual(Array.from({ length: 30 }, (_, i) => `v${i}`));
    expect(results.every((result) => result.error === undefined)).toBe(true);
  });

  test('a leader that moved is found and gets the batch', async () => {
    const state = await produceCluster(2, [1]);
    state.refuse = (_one, broker) => {
      if (broker.nodeId === 2) return 0;
      state.topic.leaders = [2];
      state.cluster.leaderEpoch = 5;
      return 6;
    };
    const { producer } = await producerOf(state.cluster);
    await producer.connectTopic('t');
    producer.send('t', record('a'));
    await producer.flush();
    expect(state.taken).toMatchObject([{ broker: 2, values: ['a'], sequence: 0 }]);
  });

  test('a connection that is lost in the middle costs nothing', async () => {
    const state = await produceCluster();
    let isFirst = true;
    state.refuse = () => {
      if (!isFirst) return 0;
      isFirst = false;
      return 'close';
    };
    const { producer, results } = await producerOf(state.cluster);
    await producer.connectTopic('t');
    producer.send('t', record('a'));
    await producer.flush();
    expect(state.taken).toMatchObject([{ values: ['a'] }]);
    expect(results).toMatchObject([{ error: undefined }]);
  });

  test('an error that stays is reported for its batch alone, and the next starts a new epoch', async () => {
    const state = await produceCluster();
    state.refuse = (one) => (one.values.includes('bad') ? 87 : 0);
    const { producer, results } = await producerOf(state.cluster);
    await producer.connectTopic('t');
    for (const value of ['good', 'bad', 'fine']) {
      producer.send('t', record(value));
      await producer.flush();
    }
    expect(results.map((result) => result.error?.errorName)).toEqual([undefined, 'INVALID_RECORD', undefined]);
    expect(state.taken).toMatchObject([
      { values: ['good'], sequence: 0, epoch: 0 },
      { values: ['fine'], sequence: 0, epoch: 1 },
    ]);
  });

  test('a duplicate is a success', async () => {
    const state = await produceCluster();
    state.refuse = () => 46;
    const { producer, results } = await producerOf(state.cluster);
    await producer.connectTopic('t');
    producer.send('t', record('a'));
    await producer.flush();
    expect(results).toMatchObject([{ error: undefined, baseOffset: -1 }]);
  });

  test('what is not delivered within delivery.timeout.ms fails in the words of Kafka', async () => {
    const state = await produceCluster();
    state.refuse = () => 19;
    const settings = { 'delivery.timeout.ms': '150', 'request.timeout.ms': '100' };
    const { producer, results } = await producerOf(state.cluster, settings);
    await producer.connectTopic('t');
    producer.send('t', record('a'));
    await producer.flush();
    expect(results).toHaveLength(1);
    expect(results[0]?.error?.errorName).toMatch(/REQUEST_TIMED_OUT|NOT_ENOUGH_REPLICAS/);
  });

  test('a topic that does not exist is named after max.block.ms', async () => {
    const { cluster } = await produceCluster();
    const logger = new LogLines();
    const { producer } = await producerOf(cluster, { 'max.block.ms': '60' }, logger);
    await expect(producer.connectTopic('nix')).rejects.toThrow('Topic nix not present in metadata after 60 ms.');
    expect(logger.warnings[0]).toMatch(
      /^\[Producer clientId=test\] The metadata response from the cluster reported a recoverable issue with correlation id \d+ : \{nix=UNKNOWN_TOPIC_OR_PARTITION\}$/,
    );
  });

  test('a record that is too large is refused', async () => {
    const { cluster } = await produceCluster();
    const { producer } = await producerOf(cluster, { 'max.request.size': '1000' });
    await producer.connectTopic('t');
    const tooLarge = expect.objectContaining({ errorName: 'MESSAGE_TOO_LARGE' });
    expect(() => producer.send('t', record('x'.repeat(1000)))).toThrow(tooLarge);
    producer.send('t', record('x'.repeat(900)));
    await producer.flush();
  });
});

// Goal: a fast source cannot fill the memory.
test('buffer.memory holds the source back until batches are done', async () => {
  const state = await produceCluster();
  const { producer } = await producerOf(state.cluster, { 'buffer.memory': '5000', 'batch.size': '1000' });
  await producer.connectTopic('t');
  const source = Buffer.alloc(100, 'x');
  let count = 0;
  let waits = 0;
  while (count < 500) {
    count++;
    if (producer.sendSlice('t', -1, -1, source, 0, -1, 0, 100)) continue;
    waits++;
    await producer.drained();
  }
  await producer.flush();
  expect(waits).toBeGreaterThan(5);
  expect(state.taken.flatMap((one) => one.values)).toHaveLength(500);
});

describe('settings', () => {
  const create = (settings: Record<string, string>): Promise<unknown> =>
    Producer.create(quickSettings('localhost:9092', settings)).then((producer) => producer.close(0));

  test.each([
    [
      { 'max.in.flight.requests.per.connection': '9' },
      /^To use the idempotent producer, max\.in\.flight\.requests\.per\.connection must be set to at most 5\. Current value is 9\.$/,
    ],
    [{ 'enable.idempotence': 'true', acks: '1' }, /^Must set acks to all in order to use the idempotent producer/],
    [{ acks: '2' }, /^Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1$/],
    [{ 'linger.ms': '-1' }, /^Invalid value -1 for configuration linger.ms: Value must be at least 0$/],
    [{ 'batch.size': 'big' }, /^Invalid value big for configuration batch.size: Not a number of type INT$/],
    [
      { 'delivery.timeout.ms': '10' },
      /^delivery.timeout.ms should be equal to or larger than linger.ms \+ request.timeout.ms$/,
    ],
  ])('%j is refused', async (settings, message) => {
    await expect(create(settings)).rejects.toThrow(message);
  });
});
