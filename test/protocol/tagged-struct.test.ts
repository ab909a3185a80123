/** Goal: a nullable struct in a tag is laid out as Kafka's generated code does it, seen in records that Kafka wrote. */
import { expect, test } from 'vitest';
import { consumerGroupMemberMetadataValue } from '../../src/groups/records/consumer.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { Writer } from '../../src/protocol/writer.ts';

const MEMBER = {
  clientId: 'console-consumer',
  clientHost: '/127.0.0.1',
  subscribedTopicNames: ['comp'],
  subscribedTopicRegex: '',
  rebalanceTimeoutMs: 300_000,
  instanceId: null,
  rackId: null,
  serverAssignor: null,
};
// The value of a record of __consumer_offsets, written by Apache Kafka 4.4, behind its version.
const KAFKA_BYTES = Buffer.from(
  '000011636f6e736f6c652d636f6e73756d65720b2f3132372e302e302e310205636f6d7001000493e00001000100',
  'hex',
);

test('a null struct in a tag is written as Kafka writes it, and read back', () => {
  const writer = new Writer();
  consumerGroupMemberMetadataValue.encode(writer, 0, { ...MEMBER, classicMemberMetadata: null });
  expect(writer.finishWhole().toString('hex')).toBe(KAFKA_BYTES.toString('hex'));
  expect(consumerGroupMemberMetadataValue.decode(new Reader(KAFKA_BYTES), 0)).toMatchObject({
    ...MEMBER,
    classicMemberMetadata: null,
  });
});

test('a struct in a tag that is there comes back whole', () => {
  const classicMemberMetadata = {
    sessionTimeoutMs: 45_000,
    supportedProtocols: [{ name: 'range', metadata: Buffer.from([1, 2]) }],
  };
  const writer = new Writer();
  consumerGroupMemberMetadataValue.encode(writer, 0, { ...MEMBER, classicMemberMetadata });
  const decoded = consumerGroupMemberMetadataValue.decode(new Reader(writer.finishWhole()), 0);
  expect(decoded).toMatchObject({ ...MEMBER, classicMemberMetadata });
});
