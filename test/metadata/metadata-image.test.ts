/** The image is what the records add up to; a snapshot of it is the image again; a real cluster's log can be replayed. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MetadataChanges } from '../../src/metadata/metadata-changes.ts';
import { MetadataImage } from '../../src/metadata/metadata-image.ts';
import { MetadataLoader } from '../../src/metadata/metadata-loader.ts';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecord,
  metadataRecord,
  printedRecordType,
} from '../../src/metadata/metadata-record.ts';
import { uuid } from './controller-harness.ts';

const TOPIC_ID = uuid(1);

function broker(brokerId: number, brokerEpoch: number): MetadataRecord {
  return metadataRecord(
    'RegisterBrokerRecord',
    {
      brokerId,
      brokerEpoch,
      incarnationId: uuid(100 + brokerId),
      endPoints: [{ name: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }],
      features: [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 33 }],
      rack: 'r1',
      logDirs: [uuid(brokerId)],
    },
    4,
  );
}

function partition(partitionId: number): MetadataRecord {
  const body = { replicas: [1, 2], isr: [1, 2], leader: 1, leaderEpoch: 0, partitionEpoch: 0 };
  const directories = [uuid(1), uuid(2)];
  return metadataRecord('PartitionRecord', { partitionId, topicId: TOPIC_ID, ...body, directories }, 2);
}

/** One of everything that leaves a trace. */
const ALL: readonly MetadataRecord[] = [
  metadataRecord('FeatureLevelRecord', { name: 'eligible.leader.replicas.version', featureLevel: 1 }),
  metadataRecord('FeatureLevelRecord', { name: 'metadata.version', featureLevel: 33 }),
  broker(1, 5),
  broker(2, 6),
  metadataRecord('BrokerRegistrationChangeRecord', { brokerId: 1, brokerEpoch: 5, fenced: -1 }),
  metadataRecord('BrokerRegistrationChangeRecord', { brokerId: 1, brokerEpoch: 5, cordonedLogDirs: [uuid(1)] }, 3),
  metadataRecord('BrokerRegistrationChangeRecord', { brokerId: 2, brokerEpoch: 6, inControlledShutdown: 1 }, 1),
  metadataRecord('RegisterControllerRecord', {
    controllerId: 3,
    incarnationId: uuid(7),
    endPoints: [{ name: 'CONTROLLER', host: 'localhost', port: 9093, securityProtocol: 0 }],
    features: [{ name: 'kraft.version', minSupportedVersion: 0, maxSupportedVersion: 1 }],
  }),
  metadataRecord('TopicRecord', { name: 't', topicId: TOPIC_ID }),
  partition(0),
  partition(1),
  metadataRecord(
    'PartitionChangeRecord',
    { partitionId: 1, topicId: TOPIC_ID, isr: [2], leader: 2, eligibleLeaderReplicas: [1] },
    2,
  ),
  metadataRecord('ConfigRecord', { resourceType: 2, resourceName: 't', name: 'segment.ms', value: '5' }),
  metadataRecord('ConfigRecord', { resourceType: 4, resourceName: '', name: 'min.insync.replicas', value: '2' }),
  metadataRecord('ClientQuotaRecord', {
    entity: [{ entityType: 'user', entityName: null }],
    key: 'producer_byte_rate',
    value: 5,
  }),
  metadataRecord('ProducerIdsRecord', { brokerId: 1, brokerEpoch: 5, nextProducerId: 3000 }),
  metadataRecord('AccessControlEntryRecord', {
    id: uuid(9),
    resourceType: 2,
    resourceName: 't',
    patternType: 3,
    principal: 'User:a',
    host: '*',
    operation: 3,
    permissionType: 3,
  }),
  metadataRecord('UserScramCredentialRecord', {
    name: 'alice',
    mechanism: 1,
    salt: Buffer.from('salt'),
    storedKey: Buffer.from('stored'),
    serverKey: Buffer.from('server'),
    iterations: 4096,
  }),
  metadataRecord('DelegationTokenRecord', { owner: 'User:a', requester: 'User:a', renewers: ['User:b'], tokenId: 'x' }),
];

function imageOf(records: readonly MetadataRecord[]): MetadataImage {
  const image = new MetadataImage();
  for (const record of records) image.apply(decodeMetadataRecord(encodeMetadataRecord(record)));
  return image;
}

test('a snapshot of an image is the same image, and starts with metadata.version', () => {
  const image = imageOf(ALL);
  const records = image.toRecords();
  expect(records[0]).toMatchObject({ body: { name: 'metadata.version', featureLevel: 33 } });
  const again = imageOf(records);
  expect(again.toRecords()).toEqual(records);
  expect(again.partition(TOPIC_ID, 1)).toEqual(image.partition(TOPIC_ID, 1));
  expect([...again.brokers]).toEqual([...image.brokers]);
  expect([...again.controllers]).toEqual([...image.controllers]);
});

test('partition epochs rise with every change, leader epochs with every named leader', () => {
  const image = imageOf(ALL);
  expect(image.partition(TOPIC_ID, 1)).toMatchObject({
    leader: 2,
    leaderEpoch: 1,
    partitionEpoch: 1,
    isr: [2],
    elr: [1],
  });
  image.apply(metadataRecord('PartitionChangeRecord', { partitionId: 1, topicId: TOPIC_ID, isr: [1, 2] }, 2));
  expect(image.partition(TOPIC_ID, 1)).toMatchObject({ leader: 2, leaderEpoch: 1, partitionEpoch: 2 });
  image.apply(metadataRecord('ClearElrRecord', { topicName: '' }));
  expect(image.partition(TOPIC_ID, 1)).toMatchObject({ elr: [], partitionEpoch: 3 });
  expect(image.partition(TOPIC_ID, 0)).toMatchObject({ partitionEpoch: 0 });
});

test('a removed topic takes its partitions and configs along, and its name is free again', () => {
  const image = imageOf(ALL);
  expect([image.topicCount, image.partitionCount]).toEqual([1, 2]);
  image.apply(metadataRecord('RemoveTopicRecord', { topicId: TOPIC_ID }));
  expect([image.topicCount, image.partitionCount, image.configs(2, 't').size]).toEqual([0, 0, 0]);
  image.apply(metadataRecord('TopicRecord', { name: 't', topicId: uuid(2) }));
  expect(image.topic('t')?.id).toBe(uuid(2));
});

test('removals of quotas, credentials, ACLs, tokens, configs, features and nodes leave nothing', () => {
  const image = imageOf(ALL);
  const removals: MetadataRecord[] = [
    metadataRecord('RemoveTopicRecord', { topicId: TOPIC_ID }),
    metadataRecord('ClientQuotaRecord', {
      entity: [{ entityType: 'user', entityName: null }],
      key: 'producer_byte_rate',
      remove: true,
    }),
    metadataRecord('RemoveUserScramCredentialRecord', { name: 'alice', mechanism: 1 }),
    metadataRecord('RemoveAccessControlEntryRecord', { id: uuid(9) }),
    metadataRecord('RemoveDelegationTokenRecord', { tokenId: 'x' }),
    metadataRecord('ConfigRecord', { resourceType: 4, resourceName: '', name: 'min.insync.replicas', value: null }),
    metadataRecord('FeatureLevelRecord', { name: 'eligible.leader.replicas.version', featureLevel: 0 }),
    metadataRecord('UnregisterBrokerRecord', { brokerId: 1, brokerEpoch: 5 }),
    metadataRecord('UnregisterBrokerRecord', { brokerId: 2, brokerEpoch: 6 }),
    metadataRecord('UnregisterControllerRecord', { controllerId: 3 }),
  ];
  for (const record of removals) image.apply(record);
  expect(image.toRecords().map(({ type }) => type)).toEqual(['FeatureLevelRecord', 'ProducerIdsRecord']);
});

test('a copy goes its own way', () => {
  const image = imageOf(ALL);
  const copy = image.clone();
  const before = image.toRecords();
  expect(copy.toRecords()).toEqual(before);
  copy.apply(metadataRecord('PartitionChangeRecord', { partitionId: 0, topicId: TOPIC_ID, leader: 2 }, 2));
  copy.apply(metadataRecord('ConfigRecord', { resourceType: 2, resourceName: 't', name: 'segment.ms', value: '6' }));
  copy.apply(metadataRecord('UnregisterBrokerRecord', { brokerId: 1, brokerEpoch: 5 }));
  expect(image.toRecords()).toEqual(before);
});

test('changes name what was touched and keep what was there before', () => {
  const image = imageOf(ALL);
  const changes = new MetadataChanges();
  const before = image.partition(TOPIC_ID, 0);
  const other = uuid(2);
  const records: MetadataRecord[] = [
    metadataRecord('PartitionChangeRecord', { partitionId: 0, topicId: TOPIC_ID, leader: 2 }, 2),
    metadataRecord('PartitionChangeRecord', { partitionId: 0, topicId: TOPIC_ID, leader: 1 }, 2),
    metadataRecord('TopicRecord', { name: 'short', topicId: other }),
    metadataRecord('RemoveTopicRecord', { topicId: other }),
    metadataRecord('ConfigRecord', { resourceType: 4, resourceName: '2', name: 'num.io.threads', value: '4' }),
    metadataRecord('BrokerRegistrationChangeRecord', { brokerId: 1, brokerEpoch: 5, fenced: 1 }),
  ];
  for (const record of records) image.apply(record, changes);
  expect(changes.partitions.get(TOPIC_ID)?.get(0)).toBe(before);
  expect([changes.createdTopics.size, changes.deletedTopics.size]).toEqual([0, 0]);
  expect([...(changes.configs.get(4) ?? [])]).toEqual(['2']);
  expect([...changes.brokers]).toEqual([1]);
  image.apply(metadataRecord('RemoveTopicRecord', { topicId: TOPIC_ID }), changes);
  expect(changes.partitions.size).toBe(0);
  expect(changes.deletedTopics.get(TOPIC_ID)?.partitions.length).toBe(2);
});

test('a record for what is not there stops the replay', () => {
  const image = imageOf(ALL);
  const records: MetadataRecord[] = [
    metadataRecord('PartitionChangeRecord', { partitionId: 9, topicId: TOPIC_ID, leader: 2 }, 2),
    metadataRecord('PartitionRecord', { partitionId: 0, topicId: uuid(8) }, 2),
    metadataRecord('RemoveTopicRecord', { topicId: uuid(8) }),
    metadataRecord('TopicRecord', { name: 't', topicId: uuid(8) }),
    metadataRecord('BrokerRegistrationChangeRecord', { brokerId: 1, brokerEpoch: 4, fenced: 1 }),
    metadataRecord('ClearElrRecord', { topicName: 'nope' }),
  ];
  for (const record of records) expect(() => image.apply(record), record.type).toThrow();
});

test('a record of an unknown type, version or frame is never skipped', () => {
  for (const bytes of [[1, 200, 1, 0, 0], [1, 20, 9, 0], [2, 20, 0, 0], [1, 20, 0, 0, 7], [1], []]) {
    expect(() => decodeMetadataRecord(Buffer.from(bytes)), bytes.join()).toThrow();
  }
});

function commit(loader: MetadataLoader, baseOffset: number, records: readonly MetadataRecord[]): void {
  loader.handleCommit([{ baseOffset, epoch: 1, values: records.map(encodeMetadataRecord) }]);
}

test('records of a transaction appear together at its end, or not at all', () => {
  const loader = new MetadataLoader();
  const begin = metadataRecord('BeginTransactionRecord', { name: 'x' });
  const feature = metadataRecord('FeatureLevelRecord', { name: 'metadata.version', featureLevel: 33 });
  commit(loader, 0, [begin, feature]);
  expect([loader.image.features.size, loader.isInTransaction]).toEqual([0, true]);
  expect(() => loader.snapshotValues()).toThrow();
  commit(loader, 2, [metadataRecord('EndTransactionRecord', {})]);
  expect([loader.image.metadataVersion, loader.isInTransaction, loader.lastAppliedOffset]).toEqual([33, false, 2]);
  commit(loader, 3, [begin, broker(1, 5), metadataRecord('AbortTransactionRecord', { reason: null })]);
  expect(loader.image.brokers.size).toBe(0);
  expect(() => commit(loader, 6, [metadataRecord('EndTransactionRecord', {})])).toThrow();
});

test('a snapshot that is loaded replaces the image, and the difference is told', () => {
  const loader = new MetadataLoader();
  commit(loader, 0, ALL);
  const published: MetadataChanges[] = [];
  loader.addPublisher((_, changes) => published.push(changes));
  const image = loader.image;
  const later = imageOf(ALL);
  later.apply(metadataRecord('RemoveTopicRecord', { topicId: TOPIC_ID }));
  later.apply(metadataRecord('TopicRecord', { name: 'new', topicId: uuid(2) }));
  later.apply(
    metadataRecord('PartitionRecord', { partitionId: 0, topicId: uuid(2), replicas: [1], isr: [1], leader: 1 }, 2),
  );
  loader.handleLoadSnapshot(later.toRecords().map(encodeMetadataRecord), 500, 4);
  expect(loader.image).toBe(image);
  expect([loader.lastAppliedOffset, loader.lastAppliedEpoch]).toEqual([499, 4]);
  expect(image.toRecords()).toEqual(later.toRecords());
  expect([...(published[0]?.createdTopics ?? [])]).toEqual([uuid(2)]);
  expect([...(published[0]?.deletedTopics.keys() ?? [])]).toEqual([TOPIC_ID]);
  expect([...(published[0]?.configs.get(2) ?? [])]).toEqual(['t']);
});

test('100,000 partitions share the lists that are equal', () => {
  const values: Buffer[] = [];
  for (let t = 0; t < 100; t++) {
    const topicId = uuid(1000 + t);
    values.push(encodeMetadataRecord(metadataRecord('TopicRecord', { name: `topic-${t}`, topicId })));
    for (let partitionId = 0; partitionId < 1000; partitionId++) {
      const replicas = [1, 2, 3].map((id) => ((id + partitionId) % 3) + 1);
      const directories = replicas.map((id) => uuid(id));
      const body = {
        partitionId,
        topicId,
        replicas,
        isr: replicas,
        leader: replicas[0] ?? 1,
        leaderEpoch: 0,
        partitionEpoch: 0,
      };
      values.push(encodeMetadataRecord(metadataRecord('PartitionRecord', { ...body, directories }, 2)));
    }
  }
  const loader = new MetadataLoader();
  loader.handleCommit([{ baseOffset: 0, epoch: 1, values }]);
  expect(loader.image.partitionCount).toBe(100_000);
  const first = loader.image.topic('topic-0')?.partitions[0];
  // Equal lists are one object.
  expect(loader.image.topic('topic-99')?.partitions[0]?.replicas).toBe(first?.replicas);
  expect(first?.isr).toBe(first?.replicas);
});

const REFERENCE = new URL('../../../shared/reference/traffic/metadata-log/', import.meta.url);

/** Record values of a log segment or snapshot of the metadata log, control batches left out, with the dump's lines. */
function readRecords(file: string): { offset: number; value: Buffer }[] {
  const bytes = readFileSync(new URL(file, REFERENCE));
  const found: { offset: number; value: Buffer }[] = [];
  for (let at = 0; at + 61 <= bytes.length; ) {
    const baseOffset = Number(bytes.readBigInt64BE(at));
    const end = at + 12 + bytes.readInt32BE(at + 8);
    const isControl = (bytes.readInt16BE(at + 21) & 0x20) !== 0;
    let position = at + 61;
    const varint = (): number => {
      let raw = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[position++] ?? 0;
        raw |= (byte & 0x7f) << shift;
        if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
      }
    };
    for (let i = 0, count = bytes.readInt32BE(at + 57); i < count; i++) {
      const next = varint();
      const start = position;
      position++;
      varint();
      const offsetDelta = varint();
      const keyLength = varint();
      position += Math.max(0, keyLength);
      const valueLength = varint();
      if (!isControl)
        found.push({ offset: baseOffset + offsetDelta, value: bytes.subarray(position, position + valueLength) });
      position = start + next;
    }
    at = end;
  }
  return found;
}

test.runIf(existsSync(REFERENCE))(
  'every record of a real log decodes to what kafka-dump-log printed, and encodes to the same bytes',
  () => {
    const dump = readFileSync(new URL('00000000000000000000.log.txt', REFERENCE), 'utf8');
    const printed = new Map<number, { type: string; version: number; data: Record<string, unknown> }>();
    for (const [, offset, json] of dump.matchAll(/\| offset: (\d+) .*payload: (\{.*\})/g)) {
      printed.set(Number(offset), JSON.parse(json ?? ''));
    }
    const records = readRecords('00000000000000000000.log');
    expect(records.length).toBeGreaterThan(190);
    for (const { offset, value } of records) {
      const record = decodeMetadataRecord(value);
      expect(encodeMetadataRecord(record)).toEqual(value);
      const expected = printed.get(offset);
      if (expected === undefined) continue;
      expect([printedRecordType(record.type), record.version]).toEqual([expected.type, expected.version]);
      expect(record.body).toMatchObject(expected.data);
    }
  },
);

test.runIf(existsSync(REFERENCE))(
  "a real cluster's log and snapshot add up to images whose snapshots are the same again",
  () => {
    for (const file of ['00000000000000000000.log', '00000000000000001840-0000000005.checkpoint']) {
      const loader = new MetadataLoader();
      for (const { offset, value } of readRecords(file)) {
        loader.handleCommit([{ baseOffset: offset, epoch: 1, values: [value] }]);
      }
      const records = loader.image.toRecords();
      expect(records.length).toBeGreaterThan(20);
      expect(imageOf(records).toRecords()).toEqual(records);
    }
    const snapshot = new MetadataLoader();
    snapshot.handleLoadSnapshot(
      readRecords('00000000000000001840-0000000005.checkpoint').map(({ value }) => value),
      1840,
      5,
    );
    expect([...snapshot.image.brokers.keys()]).toEqual([1, 2, 3, 4, 5]);
    expect(snapshot.image.topic('t1')?.partitions[0]).toMatchObject({
      replicas: [4, 5, 2],
      leader: 2,
      leaderEpoch: 7,
      partitionEpoch: 30,
    });
    expect(snapshot.image.nextProducerId).toBe(2000);
    expect(Object.fromEntries(snapshot.image.configs(4, ''))).toEqual({
      'log.cleaner.threads': '2',
      'min.insync.replicas': '2',
    });
  },
);
