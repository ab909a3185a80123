/** Looking up and moving offsets: ListOffsets, OffsetForLeaderEpoch, DeleteRecords, DescribeProducers, DescribeLogDirs. */
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/00-produce.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../../src/protocol/messages/02-list-offsets.ts';
import { deleteRecordsRequest, deleteRecordsResponse } from '../../src/protocol/messages/21-delete-records.ts';
import {
  offsetForLeaderEpochRequest,
  offsetForLeaderEpochResponse,
} from '../../src/protocol/messages/23-offset-for-leader-epoch.ts';
import { describeLogDirsRequest, describeLogDirsResponse } from '../../src/protocol/messages/35-describe-log-dirs.ts';
import {
  describeProducersRequest,
  describeProducersResponse,
} from '../../src/protocol/messages/61-describe-producers.ts';
import { type KafkaConnection, readAll } from '../support/raw-client.ts';
import { batchOf, brokers } from './broker-support.ts';

const { withTopic } = brokers();

async function produce(connection: KafkaConnection, records: Buffer): Promise<void> {
  const { responses } = await connection.send(produceRequest, produceResponse, 9, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
  });
  expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
}

async function listOffset(connection: KafkaConnection, timestamp: number, version = 11, partitionIndex = 0) {
  const { topics } = await connection.send(listOffsetsRequest, listOffsetsResponse, version, {
    replicaId: -1,
    topics: [{ name: 't', partitions: [{ partitionIndex, timestamp }] }],
  });
  return topics[0]?.partitions[0];
}

describe('ListOffsets', () => {
  test('finds the earliest, latest, by time, and the largest timestamp', async () => {
    const { connection } = await withTopic();
    await produce(connection, batchOf(['a', 'b', 'c'], {}, 1000));
    await produce(connection, batchOf(['d'], {}, 5000));
    expect(await listOffset(connection, -2)).toMatchObject({ errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: 0 });
    expect(await listOffset(connection, -1)).toMatchObject({ errorCode: 0, offset: 4, timestamp: -1, leaderEpoch: 0 });
    expect(await listOffset(connection, 1001)).toMatchObject({ errorCode: 0, offset: 1, timestamp: 1001 });
    expect(await listOffset(connection, 2000)).toMatchObject({ errorCode: 0, offset: 3, timestamp: 5000 });
    expect(await listOffset(connection, 9000)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 });
    expect(await listOffset(connection, -3)).toMatchObject({ errorCode: 0, offset: 3, timestamp: 5000 });
    expect(await listOffset(connection, -4)).toMatchObject({ errorCode: 0, offset: 0 });
    expect(await listOffset(connection, -5)).toMatchObject({ errorCode: 0, offset: -1 });
    expect(await listOffset(connection, -1, 1)).toMatchObject({ errorCode: 0, offset: 4 });
  });

  test('refuses special timestamps that the version does not have, and unknown partitions', async () => {
    const { connection } = await withTopic();
    expect(await listOffset(connection, -3, 6)).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION });
    expect(await listOffset(connection, -7)).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION });
    const unknown = await listOffset(connection, -1, 11, 5);
    expect(unknown).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, offset: -1 });
  });

  test('a partition named twice is INVALID_REQUEST', async () => {
    const { connection } = await withTopic();
    const partition = { partitionIndex: 0, timestamp: -1 };
    const { topics } = await connection.send(listOffsetsRequest, listOffsetsResponse, 5, {
      replicaId: -1,
      topics: [{ name: 't', partitions: [partition, partition] }],
    });
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST,
    ]);
  });
});

test('OffsetForLeaderEpoch tells where an epoch ends', async () => {
  const { connection } = await withTopic();
  await produce(connection, batchOf(['a', 'b']));
  const ask = async (leaderEpoch: number, currentLeaderEpoch: number) => {
    const { topics } = await connection.send(offsetForLeaderEpochRequest, offsetForLeaderEpochResponse, 4, {
      replicaId: -2,
      topics: [{ topic: 't', partitions: [{ partition: 0, leaderEpoch, currentLeaderEpoch }] }],
    });
    return topics[0]?.partitions[0];
  };
  expect(await ask(0, 0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 2 });
  expect(await ask(5, 0)).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 });
  expect(await ask(0, 7)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_LEADER_EPOCH });
});

describe('DeleteRecords', () => {
  const remove = async (connection: KafkaConnection, offset: number, name = 't', partitionIndex = 0) => {
    const { topics } = await connection.send(deleteRecordsRequest, deleteRecordsResponse, 2, {
      timeoutMs: 5000,
      topics: [{ name, partitions: [{ partitionIndex, offset }] }],
    });
    return topics[0]?.partitions[0];
  };

  test('moves the log start, at most to the high watermark', async () => {
    const { connection } = await withTopic();
    await produce(connection, batchOf(['a', 'b', 'c']));
    expect(await remove(connection, 2)).toMatchObject({ errorCode: 0, lowWatermark: 2 });
    expect(await listOffset(connection, -2)).toMatchObject({ offset: 2 });
    expect(await remove(connection, 4)).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, lowWatermark: -1 });
    expect(await remove(connection, -1)).toMatchObject({ errorCode: 0, lowWatermark: 3 });
    await expect(readAll(connection, 't', 0)).rejects.toThrow('fetch failed with 1');
  });

  test('is refused for unknown partitions, internal and compacted topics', async () => {
    const topics = ['t', '__consumer_offsets', { name: 'compacted', configs: { 'cleanup.policy': 'compact' } }];
    const { connection } = await withTopic({ topics });
    expect(await remove(connection, 0, 't', 3)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
    const internal = await remove(connection, 0, '__consumer_offsets');
    expect(internal).toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION });
    expect(await remove(connection, 0, 'compacted')).toMatchObject({ errorCode: ErrorCode.POLICY_VIOLATION });
  });
});

test('DescribeProducers shows who wrote last', async () => {
  const { connection } = await withTopic();
  await produce(connection, batchOf(['a', 'b'], { producerId: 77, producerEpoch: 0, baseSequence: 0 }));
  const { topics } = await connection.send(describeProducersRequest, describeProducersResponse, 0, {
    topics: [
      { name: 't', partitionIndexes: [0, 9] },
      { name: 'a b', partitionIndexes: [0] },
    ],
  });
  expect(topics[0]?.partitions[0]?.activeProducers).toMatchObject([
    { producerId: 77, producerEpoch: 0, lastSequence: 1, currentTxnStartOffset: -1 },
  ]);
  expect(topics[0]?.partitions[1]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  expect(topics[1]?.partitions[0]?.errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION);
});

test('DescribeLogDirs shows the size of what is there', async () => {
  const { broker, connection } = await withTopic();
  const batch = batchOf(['abc']);
  await produce(connection, batch);
  const { results } = await connection.send(describeLogDirsRequest, describeLogDirsResponse, 4, { topics: null });
  expect(results).toMatchObject([
    {
      errorCode: 0,
      logDir: broker.dataDir,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, partitionSize: batch.length, offsetLag: 0 }] }],
    },
  ]);
  expect(results[0]?.totalBytes).toBeGreaterThan(0);
});
