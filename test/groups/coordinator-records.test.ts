/** Goal: records of `__consumer_offsets` are byte for byte Kafka's, in all versions that were ever written. */
import { expect, test } from 'vitest';
import { ZERO_UUID } from '../../src/base/uuid.ts';
import { buildCoordinatorBatch } from '../../src/groups/coordinator-batch.ts';
import {
  decodeRecord,
  newGroupMetadataRecord,
  newGroupMetadataTombstone,
  newOffsetCommitRecord,
  newOffsetCommitTombstone,
} from '../../src/groups/coordinator-records.ts';
import { groupMetadataValue, offsetCommitValue } from '../../src/groups/records/offset-and-classic.ts';
import { Writer } from '../../src/protocol/writer.ts';
import * as batch from '../../src/records/record-batch.ts';

const TOPIC_ID = '_EkOrYngTSyEGigPJ1IRkg';
const FIELDS = {
  offset: 3,
  leaderEpoch: 0,
  metadata: 'meta',
  commitTimestampMs: 1_795_554_559_565,
  expireTimestampMs: null,
  topicId: TOPIC_ID,
};

test('an offset commit is what Kafka 4.4 writes', () => {
  const { key, value } = newOffsetCommitRecord('g-classic', 'plain', 0, FIELDS);
  const text = (string: string) => Buffer.from(string).toString('hex');
  expect(key.toString('hex')).toBe(`00010009${text('g-classic')}0005${text('plain')}00000000`);
  const topicId = Buffer.from(TOPIC_ID, 'base64url').toString('hex');
  expect(value?.toString('hex')).toBe(
    `0004${'0'.repeat(15)}30000000005${text('meta')}000001a20f64464d010010${topicId}`,
  );
});

test('records read back as they were written', () => {
  const { key, value } = newOffsetCommitRecord('g', 't', 7, FIELDS);
  expect(decodeRecord(key, value)).toEqual({
    kind: 'offsetCommit',
    groupId: 'g',
    topic: 't',
    partition: 7,
    value: FIELDS,
  });
  const tombstone = newOffsetCommitTombstone('g', 't', 7);
  expect(decodeRecord(tombstone.key, tombstone.value)).toMatchObject({ kind: 'offsetCommit', value: null });
  const group = newGroupMetadataRecord('g', { generation: 4, protocol: null, leader: null, currentStateTimestamp: 9 });
  expect(group.value?.readInt16BE(0)).toBe(3);
  expect(decodeRecord(group.key, group.value)).toMatchObject({
    kind: 'groupMetadata',
    groupId: 'g',
    value: { generation: 4, protocolType: '', protocol: null, leader: null, currentStateTimestamp: 9, members: [] },
  });
  const groupTombstone = newGroupMetadataTombstone('g');
  expect(decodeRecord(groupTombstone.key, groupTombstone.value)).toMatchObject({ kind: 'groupMetadata', value: null });
});

test('a retention that the client asked for needs version 1, which has no leader epoch and no topic id', () => {
  const { key, value } = newOffsetCommitRecord('g', 't', 0, { ...FIELDS, expireTimestampMs: 77 });
  expect(value?.readInt16BE(0)).toBe(1);
  expect(decodeRecord(key, value)).toMatchObject({
    value: { offset: 3, leaderEpoch: -1, expireTimestampMs: 77, topicId: ZERO_UUID },
  });
});

test('every version of the values can be read', () => {
  const key = newOffsetCommitRecord('g', 't', 0, FIELDS).key;
  for (let version = 0; version <= 4; version++) {
    const writer = new Writer();
    writer.int16(version);
    offsetCommitValue.encode(writer, version, { offset: 5, metadata: 'm', commitTimestamp: 6 });
    expect(decodeRecord(key, writer.finishWhole())).toMatchObject({ value: { offset: 5, commitTimestampMs: 6 } });
  }
  const groupKey = newGroupMetadataTombstone('g').key;
  for (let version = 0; version <= 4; version++) {
    const writer = new Writer();
    writer.int16(version);
    const members = [{ memberId: 'm', sessionTimeout: 1, subscription: Buffer.from('s') }];
    groupMetadataValue.encode(writer, version, { protocolType: 'consumer', protocol: 'range', leader: 'm', members });
    expect(decodeRecord(groupKey, writer.finishWhole())).toMatchObject({ value: { members: [{ memberId: 'm' }] } });
  }
});

test('the oldest offset commits, with record type 0, can be read', () => {
  const writer = new Writer();
  writer.int16(0);
  writer.string('g');
  writer.string('t');
  writer.int32(2);
  const value = new Writer();
  value.int16(0);
  value.int64(11);
  value.string('m');
  value.int64(22);
  expect(decodeRecord(writer.finishWhole(), value.finishWhole())).toMatchObject({
    kind: 'offsetCommit',
    groupId: 'g',
    partition: 2,
    value: { offset: 11, metadata: 'm', commitTimestampMs: 22, expireTimestampMs: null },
  });
});

test('records of newer types and versions are told apart from broken ones', () => {
  expect(decodeRecord(Buffer.from([0, 99]), Buffer.from([0, 0]))).toEqual({ kind: 'unknown', what: 'type 99' });
  const { key } = newOffsetCommitTombstone('g', 't', 0);
  const newer = Buffer.from([0, 5, 1, 2, 3]);
  expect(decodeRecord(key, newer)).toEqual({ kind: 'unknown', what: 'type 1 in version 5' });
  expect(() => decodeRecord(key, Buffer.from([0, 4]))).toThrow('ends early');
  expect(() => decodeRecord(Buffer.from([0]), null)).toThrow('ends early');
});

test('a batch outside a transaction has base sequence 0, inside one its producer', () => {
  const records = [newOffsetCommitRecord('g', 't', 0, FIELDS)];
  const plain = buildCoordinatorBatch(records, 1_000);
  expect([batch.producerId(plain, 0), batch.producerEpoch(plain, 0), batch.baseSequence(plain, 0)]).toEqual([
    -1, -1, 0,
  ]);
  expect(batch.isTransactional(plain, 0)).toBe(false);
  const transactional = buildCoordinatorBatch(records, 1_000, { producerId: 5, producerEpoch: 2 });
  expect(batch.isTransactional(transactional, 0)).toBe(true);
  expect(batch.producerId(transactional, 0)).toBe(5);
  expect(batch.baseSequence(transactional, 0)).toBe(-1);
});
