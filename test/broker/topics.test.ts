/** Topics come and go while clients use them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from '../../src/protocol/messages/20-delete-topics.ts';
import { createPartitionsRequest, createPartitionsResponse } from '../../src/protocol/messages/37-create-partitions.ts';
import { type KafkaConnection, produceBatch, readAll } from '../support/raw-client.ts';
import { brokers } from './broker-support.ts';

const { connect, withTopic } = brokers();

async function deleteTopic(connection: KafkaConnection, name: string): Promise<number | undefined> {
  const { responses } = await connection.send(deleteTopicsRequest, deleteTopicsResponse, 5, {
    topicNames: [name],
    timeoutMs: 5000,
  });
  return responses[0]?.errorCode;
}

test('a deleted topic is gone at once: its folder is set aside, waiting fetches end, it can be made anew', async () => {
  const { broker, connection } = await withTopic();
  await produceBatch(connection, 't', 0, ['old']);
  const waiting = (await connect(broker)).send(fetchRequest, fetchResponse, 11, {
    maxWaitMs: 15_000,
    minBytes: 1,
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 1, partitionMaxBytes: 1000 }] }],
  });
  const started = performance.now();
  expect(await deleteTopic(connection, 't')).toBe(0);
  const { responses } = await waiting;
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(responses[0]?.partitions[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  await expect(produceBatch(connection, 't', 0, ['x'])).rejects.toThrow('produce failed with 3');
  expect(existsSync(join(broker.dataDir, 't-0'))).toBe(false);
  expect(readdirSync(broker.dataDir).some((name) => /^t-0\.[0-9a-f]{32}-delete$/.test(name))).toBe(true);

  await connection.send(createTopicsRequest, createTopicsResponse, 5, {
    topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }],
    timeoutMs: 5000,
  });
  expect(await produceBatch(connection, 't', 0, ['new'])).toBe(0);
  expect(await readAll(connection, 't', 0)).toEqual(['new']);
  expect(await deleteTopic(connection, 'none')).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
});

test('partitions that are added can be used when the answer arrives', async () => {
  const { connection } = await withTopic();
  const { results } = await connection.send(createPartitionsRequest, createPartitionsResponse, 3, {
    topics: [{ name: 't', count: 3, assignments: null }],
    timeoutMs: 5000,
  });
  expect(results[0]?.errorCode).toBe(0);
  expect(await produceBatch(connection, 't', 2, ['x'])).toBe(0);
});
