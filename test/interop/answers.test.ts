/**
 * Goal: a client cannot tell ottla from Apache Kafka 4.4. The same requests, good and bad, go to both over the raw
 * protocol, one after another, and the decoded answers are compared field by field.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, startBroker } from '../../src/index.ts';
import { apis } from '../../src/protocol/messages/all.ts';
import { BatchBuilder, type BatchOptions } from '../../src/records/batch-builder.ts';
import {
  apacheKafka,
  BackgroundProcess,
  freePort,
  isMissing,
  removeFolder,
  temporaryFolder,
  until,
} from '../support/processes.ts';
import { connectTo } from '../support/raw-client.ts';

type Body = Readonly<Record<string, unknown>>;
type Case = readonly [apiKey: number, version: number, body: Body];

const UNKNOWN_ID = 'kEkOrYngTSyEGigPJ1IRkg';

function batch(values: readonly string[], options: BatchOptions = {}, timestamp = 1_700_000_000_000): Buffer {
  const builder = new BatchBuilder();
  for (const [i, value] of values.entries()) builder.append(timestamp + i, null, Buffer.from(value));
  return builder.finish(options);
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}

interface ProduceOptions {
  version?: number;
  acks?: number;
  topic?: string;
  topicId?: string;
  partition?: number;
}

function produce(
  records: Buffer,
  { version = 9, acks = -1, topic = 'd1', topicId, partition = 0 }: ProduceOptions = {},
): Case {
  const topicData = [{ name: topic, topicId, partitionData: [{ index: partition, records }] }];
  return [0, version, { acks, timeoutMs: 1000, transactionalId: null, topicData }];
}

interface FetchOptions {
  version?: number;
  topic?: string;
  topicId?: string;
  body?: Body;
  partition?: Body;
}

function fetch({ version = 11, topic = 'd1', topicId, body = {}, partition = {} }: FetchOptions = {}): Case {
  const asked = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000, ...partition };
  const topics = [{ topic, topicId, partitions: [asked] }];
  return [1, version, { replicaId: -1, maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, ...body, topics }];
}

function listOffsets(
  timestamp: number,
  { version = 11, topic = 'd1', body = {}, partition = {} }: FetchOptions = {},
): Case {
  const partitions = [{ partitionIndex: 0, timestamp, ...partition }];
  return [2, version, { replicaId: -1, ...body, topics: [{ name: topic, partitions }] }];
}

const producer = (producerId: number, producerEpoch: number, baseSequence: number): BatchOptions => ({
  producerId,
  producerEpoch,
  baseSequence,
});

const PRODUCE: readonly Case[] = [
  produce(batch(['a', 'b'])),
  produce(batch(['c']), { version: 3 }),
  produce(batch(['c']), { version: 12, topic: 'none' }),
  produce(batch(['c']), { version: 13, topicId: UNKNOWN_ID }),
  produce(batch(['c']), { acks: 5 }),
  produce(batch(['x']), { partition: 9 }),
  produce(Buffer.alloc(0)),
  produce(Buffer.concat([batch(['a']), batch(['b'])])),
  produce(batch(['a']).subarray(0, 40)),
  produce(batch(['a']).subarray(0, 66)),
  produce(withByte(batch(['a']), 16, 1)),
  produce(withByte(batch(['a']), 16, 7)),
  produce(withByte(batch(['abc']), 69, 0xee)),
  produce(withByte(batch(['abc']), 60, 9)),
  produce(Buffer.concat([batch(['tail']), Buffer.alloc(5)])),
  produce(batch(['no key']), { topic: 'dc' }),
  produce(batch(['x'.repeat(1_100_000)])),
  produce(batch(['old'], {}, 5)),
  produce(batch(['x'], { codec: 'zstd' }), { version: 6 }),
  produce(batch(['x'], { codec: 'lz4' })),
  produce(batch(['x'], producer(77, 0, 5))),
  produce(batch(['x'], producer(78, 0, 0))),
  produce(batch(['x'], producer(78, 0, 0))),
  produce(batch(['x'], producer(78, 0, 7))),
  produce(batch(['x'], producer(78, 5, 3))),
  produce(batch(['x'], { ...producer(5, 0, 0), isTransactional: true })),
  produce(batch(['x'], { isControl: true })),
];

const READ: readonly Case[] = [
  fetch(),
  fetch({ version: 4 }),
  fetch({ version: 12 }),
  fetch({ partition: { fetchOffset: 99 } }),
  fetch({ partition: { fetchOffset: 1 } }),
  fetch({ partition: { fetchOffset: -1 } }),
  fetch({ topic: 'none' }),
  fetch({ partition: { partition: 7 } }),
  fetch({ version: 13, topicId: UNKNOWN_ID }),
  fetch({ partition: { currentLeaderEpoch: 9 } }),
  fetch({ body: { replicaId: 5 }, partition: { currentLeaderEpoch: 0 } }),
  fetch({ body: { replicaId: 5 } }),
  fetch({ body: { isolationLevel: 1 } }),
  fetch({ version: 12, partition: { lastFetchedEpoch: 0, fetchOffset: 2 } }),
  fetch({ version: 12, partition: { lastFetchedEpoch: 5, fetchOffset: 2 } }),
  fetch({ body: { sessionId: 12345, sessionEpoch: 3 } }),
  fetch({ body: { maxBytes: 1 }, partition: { partitionMaxBytes: 1 } }),
  fetch({ partition: { partitionMaxBytes: 0 } }),
  fetch({ body: { maxBytes: 0 } }),
  ...[-1, -2, -3, -4, -5, -6, -7, 1, 1_700_000_000_001, 9e15].map((timestamp) => listOffsets(timestamp)),
  listOffsets(-3, { version: 6 }),
  listOffsets(-1, { version: 1 }),
  listOffsets(-1, { topic: 'none' }),
  listOffsets(-1, { partition: { partitionIndex: 9 } }),
  listOffsets(-1, { partition: { currentLeaderEpoch: 4 } }),
  listOffsets(-2, { body: { replicaId: -2 } }),
  listOffsets(-1, { body: { replicaId: 3 } }),
  ...[0, 5, -1].map((leaderEpoch): Case => {
    return [23, 4, { replicaId: -2, topics: [{ topic: 'd1', partitions: [{ partition: 0, leaderEpoch }] }] }];
  }),
  [23, 4, { replicaId: -2, topics: [{ topic: 'none', partitions: [{ partition: 0 }] }] }],
];

function deleteRecords(name: string, partitionIndex: number, offset: number): Case {
  return [21, 2, { timeoutMs: 1000, topics: [{ name, partitions: [{ partitionIndex, offset }] }] }];
}

function metadata(version: number, body: Body): Case {
  return [3, version, { ...(version >= 4 ? { allowAutoTopicCreation: false } : {}), ...body }];
}

const initProducerId = { transactionalId: null, transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 };
const anyAcl = { resourceTypeFilter: 1, patternTypeFilter: 1, operation: 1, permissionType: 1 };
const newAcl = { resourceType: 2, resourceName: 't', resourcePatternType: 3, principal: 'User:x', host: '*' };
const quota = (component: Body): Case => [48, 1, { components: [component], strict: false }];

const REST: readonly Case[] = [
  deleteRecords('d1', 0, 1),
  deleteRecords('d1', 1, 100),
  deleteRecords('d1', 5, 0),
  deleteRecords('d1', 0, -2),
  deleteRecords('d1', 1, -1),
  deleteRecords('dc', 0, 0),
  deleteRecords('none', 0, 0),
  [22, 5, { ...initProducerId, producerEpoch: 3 }],
  [22, 5, { ...initProducerId, transactionalId: '' }],
  ...[0, 1, 4, 5, 8, 9, 10, 12, 13].map((version) => metadata(version, { topics: [{ name: 'd1' }] })),
  metadata(8, {
    topics: [{ name: 'd1' }],
    includeTopicAuthorizedOperations: true,
    includeClusterAuthorizedOperations: true,
  }),
  metadata(12, { topics: [{ name: null, topicId: UNKNOWN_ID }] }),
  ...['no', 'a b', '', '..'].map((name) => metadata(9, { topics: [{ name }] })),
  metadata(10, { topics: [{ name: 'd1', topicId: UNKNOWN_ID }] }),
  metadata(10, { topics: [{ name: null }] }),
  [60, 2, { endpointType: 1, includeClusterAuthorizedOperations: true }],
  [60, 1, { endpointType: 2 }],
  [60, 1, { endpointType: 7 }],
  [60, 0, {}],
  [61, 0, { topics: [{ name: 'd1', partitionIndexes: [0, 9] }] }],
  [61, 0, { topics: [{ name: 'none', partitionIndexes: [0] }] }],
  [61, 0, { topics: [{ name: 'a b', partitionIndexes: [0] }] }],
  [75, 0, { topics: [{ name: 'd1' }, { name: 'none' }, { name: 'a b' }] }],
  [75, 0, { topics: [{ name: 'd1' }], responsePartitionLimit: 1 }],
  [75, 0, { topics: [{ name: 'd1' }], cursor: { topicName: 'x', partitionIndex: 0 } }],
  [75, 0, { topics: [{ name: 'd1' }], cursor: { topicName: 'd1', partitionIndex: -3 } }],
  [75, 0, { topics: [{ name: 'd1' }], cursor: { topicName: 'd1', partitionIndex: 1 } }],
  [17, 1, { mechanism: 'PLAIN' }],
  [36, 2, { authBytes: Buffer.from('x') }],
  [29, 3, anyAcl],
  [30, 3, { creations: [{ ...newAcl, operation: 3, permissionType: 3 }] }],
  [31, 3, { filters: [anyAcl] }],
  [48, 1, { components: [], strict: false }],
  quota({ entityType: 'user', matchType: 2, match: null }),
  quota({ entityType: 'x', matchType: 2, match: null }),
  quota({ entityType: 'user', matchType: 0, match: null }),
  [50, 0, { users: null }],
  [50, 0, { users: [{ name: 'a' }, { name: 'b' }, { name: 'b' }] }],
  [64, 0, { brokerId: 99 }],
  [66, 1, { stateFilters: ['Nope', 'Ongoing'], producerIdFilters: [] }],
  [35, 4, { topics: [{ topic: 'd1', partitions: [0] }] }],
  [35, 4, { topics: [{ topic: 'none', partitions: [0] }] }],
  [18, 4, { clientSoftwareName: 'a b', clientSoftwareVersion: '1' }],
  [94, 0, { controllerId: 99 }],
];

/** What differs between any two clusters. */
const OWN = new Set(['sessionId', 'clusterId', 'port', 'topicId', 'logDir', 'totalBytes', 'usableBytes']);
const NONE = new Set<unknown>([null, 0, 'AAAAAAAAAAAAAAAAAAAAAA']);

function comparable(value: unknown, key = ''): unknown {
  if (value instanceof Buffer) return `<${value.length} bytes>`;
  if (Array.isArray(value)) return value.map((element) => comparable(element));
  if (OWN.has(key) && !NONE.has(value)) return '*';
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, comparable(field, name)]));
}

async function answer(bootstrap: string, [apiKey, version, body]: Case): Promise<unknown> {
  const api = apis.get(apiKey);
  if (api === undefined) throw new Error(`there is no API ${apiKey}`);
  const connection = await connectTo(bootstrap);
  try {
    return comparable(await connection.send(api.request, api.response, version, body));
  } catch (error) {
    return String(error);
  } finally {
    connection.close();
  }
}

describe.skipIf(isMissing(apacheKafka))('answers are those of Apache Kafka 4.4', () => {
  let ours: Broker;
  let kafka: BackgroundProcess;
  let theirs: string;
  const folder = temporaryFolder();

  beforeAll(async () => {
    ours = await startBroker();
    const port = await freePort();
    theirs = `localhost:${port}`;
    kafka = new BackgroundProcess(apacheKafka, ['broker', folder, String(port)]);
    const topics = [
      { name: 'd1', numPartitions: 2, replicationFactor: 1 },
      { name: 'dc', numPartitions: 1, replicationFactor: 1, configs: [{ name: 'cleanup.policy', value: 'compact' }] },
    ];
    const create: Case = [19, 7, { topics, timeoutMs: 10_000 }];
    for (const bootstrap of [ours.bootstrapServers, theirs]) {
      await untilAnswered(bootstrap, create);
      // Kafka's answer to CreateTopics comes before its broker leads the partitions.
      await untilAnswered(bootstrap, fetch({ topic: 'd1', partition: { partition: 1 } }));
      await untilAnswered(bootstrap, fetch({ topic: 'd1' }));
      await untilAnswered(bootstrap, fetch({ topic: 'dc' }));
    }
  }, 300_000);

  afterAll(async () => {
    await ours?.close();
    await kafka?.stop();
    removeFolder(folder);
  }, 60_000);

  /** Asks until there is an answer without an error code. */
  async function untilAnswered(bootstrap: string, request: Case): Promise<void> {
    const [apiKey] = request;
    await until(
      `${bootstrap} answers API ${apiKey} without an error`,
      async () => {
        const text = JSON.stringify(await answer(bootstrap, request).catch(String));
        return /"errorCode":0/.test(text) && !/"errorCode":[^0]/.test(text);
      },
      120_000,
    );
  }

  test.each([
    ['to what is produced', PRODUCE],
    ['to what is read', READ],
    ['to everything else', REST],
  ])(
    '%s',
    async (_what, cases) => {
      for (const request of cases) {
        const [apiKey, version] = request;
        const [our, their] = [await answer(ours.bootstrapServers, request), await answer(theirs, request)];
        expect
          .soft(our, `${apis.get(apiKey)?.request.name} v${version} ${JSON.stringify(comparable(request[2]))}`)
          .toEqual(their);
      }
    },
    120_000,
  );
});
