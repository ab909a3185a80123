/** Produce answers as Kafka does, version by version: what is accepted, what is refused with which error. */
import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/00-produce.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../src/protocol/messages/22-init-producer-id.ts';
import * as recordBatch from '../../src/records/record-batch.ts';
import { type KafkaConnection, readAll } from '../support/raw-client.ts';
import { batchOf, brokers } from './broker-support.ts';

const { withTopic } = brokers();

async function send(
  connection: KafkaConnection,
  records: Buffer | null,
  { version = 9, acks = -1, name = 't', topicId = undefined as string | undefined, index = 0 } = {},
) {
  const response = await connection.send(produceRequest, produceResponse, version, {
    acks,
    timeoutMs: 1000,
    topicData: [{ name, topicId, partitionData: [{ index, records }] }],
  });
  const answer = response.responses[0]?.partitionResponses[0];
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

async function topicIdOf(connection: KafkaConnection, name: string): Promise<string> {
  const { topics } = await connection.send(metadataRequest, metadataResponse, 12, { topics: [{ name }] });
  return topics[0]?.topicId ?? '';
}

describe('Produce', () => {
  test.each([3, 5, 7, 8, 9, 10, 11, 12])('v%i appends and says where', async (version) => {
    const { connection } = await withTopic();
    expect(await send(connection, batchOf(['a', 'b']), { version })).toMatchObject({ errorCode: 0, baseOffset: 0 });
    const second = await send(connection, batchOf(['c']), { version, acks: 1 });
    expect(second).toMatchObject({ errorCode: 0, baseOffset: 2, logAppendTimeMs: -1 });
    expect(await readAll(connection, 't', 0)).toEqual(['a', 'b', 'c']);
  });

  test('v13 names the topic by its id, and an unknown id is UNKNOWN_TOPIC_ID', async () => {
    const { connection } = await withTopic();
    const topicId = await topicIdOf(connection, 't');
    expect(await send(connection, batchOf(['a']), { version: 13, topicId })).toMatchObject({ errorCode: 0 });
    const unknown = await send(connection, batchOf(['a']), { version: 13, topicId: 'kEkOrYngTSyEGigPJ1IRkg' });
    expect(unknown.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID);
  });

  test('acks=0 is not answered; the next request is', async () => {
    const { connection } = await withTopic();
    const unanswered = send(connection, batchOf(['quiet']), { acks: 0 });
    unanswered.catch(() => {});
    expect(await send(connection, batchOf(['loud']))).toMatchObject({ errorCode: 0, baseOffset: 1 });
  });

  test('acks=0 that fails closes the connection', async () => {
    const { connection } = await withTopic();
    await expect(send(connection, batchOf(['x']), { acks: 0, name: 'none' })).rejects.toThrow('closed');
  });

  test.each([
    ['an unknown topic', { name: 'none' }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['an unknown partition', { index: 7 }, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['acks=2', { acks: 2 }, 'INVALID_REQUIRED_ACKS'],
  ] as const)('to %s is refused', async (_what, options, error) => {
    const { connection } = await withTopic();
    const answer = await send(connection, batchOf(['a']), options);
    expect(answer).toMatchObject({ errorCode: ErrorCode[error], baseOffset: -1, logStartOffset: -1 });
  });

  test.each([
    ['nothing', () => Buffer.alloc(0), 'INVALID_RECORD'],
    ['two batches', () => Buffer.concat([batchOf(['a']), batchOf(['b'])]), 'INVALID_RECORD'],
    ['a batch that is cut off', () => batchOf(['a']).subarray(0, 40), 'INVALID_RECORD'],
    ['an old magic', () => withByte(batchOf(['a']), recordBatch.MAGIC_AT, 1), 'INVALID_RECORD'],
    ['a wrong CRC', () => withByte(batchOf(['abc']), 70, 0xee), 'CORRUPT_MESSAGE'],
  ] as const)('of %s is refused', async (_what, make, error) => {
    const { connection } = await withTopic();
    expect(await send(connection, make())).toMatchObject({ errorCode: ErrorCode[error], baseOffset: -1 });
    expect(await readAll(connection, 't', 0)).toEqual([]);
  });

  test('over max.message.bytes is MESSAGE_TOO_LARGE', async () => {
    const { connection } = await withTopic({ topics: [{ name: 't', configs: { 'max.message.bytes': '200' } }] });
    const answer = await send(connection, batchOf(['x'.repeat(300)]));
    expect(answer.errorCode).toBe(ErrorCode.MESSAGE_TOO_LARGE);
  });

  test('to an internal topic is for nobody but the admin client', async () => {
    const { connection } = await withTopic({ topics: ['t', '__consumer_offsets'] });
    const answer = await send(connection, batchOf(['x']), { name: '__consumer_offsets' });
    expect(answer.errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION);
  });

  test('a record without key is refused for a compacted topic, and named', async () => {
    const { connection } = await withTopic({ topics: [{ name: 't', configs: { 'cleanup.policy': 'compact' } }] });
    const answer = await send(connection, batchOf(['a', 'b']));
    expect(answer.errorCode).toBe(ErrorCode.INVALID_RECORD);
    expect(answer.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([0, 1]);
    expect(answer.errorMessage).toBeTruthy();
  });

  test('stamps records with the broker time where the topic says so', async () => {
    const configs = { 'message.timestamp.type': 'LogAppendTime' };
    const { connection } = await withTopic({ topics: [{ name: 't', configs }] });
    const answer = await send(connection, batchOf(['a']));
    expect(Math.abs(answer.logAppendTimeMs - Date.now())).toBeLessThan(60_000);
  });

  test('a transactional batch without a transactional id is refused as a whole', async () => {
    const { connection } = await withTopic();
    const batch = batchOf(['a'], { producerId: 5, producerEpoch: 0, baseSequence: 0, isTransactional: true });
    expect((await send(connection, batch)).errorCode).toBe(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  });
});

describe('an idempotent producer', () => {
  test('gets an id, may send a batch twice, and not leave one out', async () => {
    const { connection } = await withTopic();
    const { producerId, producerEpoch, errorCode } = await connection.send(
      initProducerIdRequest,
      initProducerIdResponse,
      5,
      { transactionalId: null, transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 },
    );
    expect({ errorCode, producerEpoch }).toEqual({ errorCode: 0, producerEpoch: 0 });
    const batch = (baseSequence: number, value: string) =>
      batchOf([value], { producerId, producerEpoch, baseSequence });
    expect(await send(connection, batch(0, 'a'))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await send(connection, batch(1, 'b'))).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect(await send(connection, batch(1, 'b'))).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect((await send(connection, batch(5, 'f'))).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(await readAll(connection, 't', 0)).toEqual(['a', 'b']);
  });

  test('two producers get different ids', async () => {
    const { connection } = await withTopic();
    const ask = () =>
      connection.send(initProducerIdRequest, initProducerIdResponse, 4, {
        transactionalId: null,
        producerId: -1,
        producerEpoch: -1,
      });
    const [a, b] = [await ask(), await ask()];
    expect(a.producerId).not.toBe(b.producerId);
  });
});

function withByte(batch: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(batch);
  copy[at] = value;
  return copy;
}
