/**
 * How long it takes to encode and decode messages: `node scripts/run-ts.mjs bench/protocol.ts`. Prints nanoseconds a
 * message, and what it costs to compile schemas, which adds to every tool's start.
 */

import { produceRequest, produceResponse } from '../src/protocol/messages/00-produce.ts';
import { fetchRequest, fetchResponse } from '../src/protocol/messages/01-fetch.ts';
import { metadataRequest, metadataResponse } from '../src/protocol/messages/03-metadata.ts';
import { joinGroupRequest } from '../src/protocol/messages/11-join-group.ts';
import { Reader } from '../src/protocol/reader.ts';
import type { Fields, InputFields, MessageSchema } from '../src/protocol/schema.ts';
import { Writer } from '../src/protocol/writer.ts';

const MIN_ROUND_MS = 150;
const ROUNDS = 5;
const TOPIC_ID = 'Yms0QfFMSyuwO8WpP3xzkg';

/** CPU time of this process in ms: other work on the machine does not blur it much. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function nanosecondsEach(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    let count = 0;
    let spentMs = 0;
    const start = cpuMs();
    for (; spentMs < MIN_ROUND_MS; spentMs = cpuMs() - start) {
      for (let i = 0; i < 100; i++) run();
      count += 100;
    }
    best = Math.min(best, (spentMs * 1e6) / count);
  }
  return best;
}

function measure<F extends Fields>(
  name: string,
  schema: MessageSchema<F>,
  version: number,
  value: InputFields<F>,
): void {
  const encode = (): Buffer => {
    const writer = new Writer();
    schema.encode(writer, version, value);
    return writer.finishWhole();
  };
  const bytes = encode();
  const toChunks = (): void => {
    const writer = new Writer();
    schema.encode(writer, version, value);
    writer.finish();
  };
  const encoding = nanosecondsEach(toChunks);
  const decoding = nanosecondsEach(() => schema.decode(new Reader(bytes), version));
  const row = [`${name} v${version}`.padEnd(44), String(bytes.length).padStart(8)];
  for (const figure of [encoding, decoding]) row.push(figure.toFixed(0).padStart(10));
  process.stdout.write(`${row.join(' ')}\n`);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const records = Buffer.alloc(16_384, 1);

function produceOf(partitions: number) {
  const partitionData = numbers(partitions).map((index) => ({ index, records }));
  return { acks: -1, timeoutMs: 30_000, topicData: [{ name: 'a-topic', topicId: TOPIC_ID, partitionData }] };
}

function produceAnswerOf(partitions: number) {
  const partitionResponses = numbers(partitions).map((index) => ({
    index,
    baseOffset: 1e6 + index,
    logStartOffset: 0,
  }));
  return { responses: [{ name: 'a-topic', topicId: TOPIC_ID, partitionResponses }] };
}

function fetchOf(partitions: number) {
  const asked = numbers(partitions).map((partition) => ({
    partition,
    fetchOffset: 1e6,
    currentLeaderEpoch: 3,
    partitionMaxBytes: 1_048_576,
  }));
  return {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 52_428_800,
    topics: [{ topic: 'a', topicId: TOPIC_ID, partitions: asked }],
  };
}

function fetchAnswerOf(partitions: number) {
  const answered = numbers(partitions).map((partitionIndex) => ({
    partitionIndex,
    highWatermark: 1e6,
    lastStableOffset: 1e6,
    logStartOffset: 0,
    abortedTransactions: null,
    records,
  }));
  return { responses: [{ topic: 'a', topicId: TOPIC_ID, partitions: answered }] };
}

function metadataOf(topics: number) {
  return {
    clusterId: 'a-cluster',
    brokers: numbers(3).map((nodeId) => ({ nodeId, host: 'localhost', port: 9092 + nodeId })),
    topics: numbers(topics).map((i) => ({
      name: `some.topic.name-${i}`,
      topicId: TOPIC_ID,
      partitions: numbers(3).map((partitionIndex) => ({
        partitionIndex,
        leaderId: 1,
        leaderEpoch: 4,
        replicaNodes: [1, 2, 3],
        isrNodes: [1, 2, 3],
      })),
    })),
  };
}

process.stdout.write(
  `${'message'.padEnd(44)} ${'bytes'.padStart(8)} ${'encode ns'.padStart(10)} ${'decode ns'.padStart(10)}\n`,
);
for (const version of [3, 9, 13]) {
  for (const partitions of [1, 100]) {
    const withName = version < 13 ? produceOf(partitions) : produceOf(partitions);
    measure(`Produce request, ${partitions} partitions`, produceRequest, version, withName);
  }
}
for (const partitions of [1, 100])
  measure(`Produce response, ${partitions} partitions`, produceResponse, 13, produceAnswerOf(partitions));
for (const version of [11, 17]) {
  for (const partitions of [1, 100])
    measure(`Fetch request, ${partitions} partitions`, fetchRequest, version, fetchOf(partitions));
  for (const partitions of [1, 100])
    measure(`Fetch response, ${partitions} partitions`, fetchResponse, version, fetchAnswerOf(partitions));
}
measure('Metadata request, all topics', metadataRequest, 13, { topics: null });
for (const version of [5, 13]) measure('Metadata response, 1000 topics', metadataResponse, version, metadataOf(1000));
for (const version of [5, 9]) {
  measure('JoinGroup request', joinGroupRequest, version, {
    groupId: 'a-group',
    sessionTimeoutMs: 45_000,
    rebalanceTimeoutMs: 300_000,
    memberId: 'consumer-a-group-1-3f2b6c1e-9f0a-4a51-9d8e-0a1b2c3d4e5f',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(60) }],
  });
}

const start = cpuMs();
const { apis } = await import('../src/protocol/messages/all.ts');
const loadedMs = cpuMs() - start;
let compiled = 0;
const compileStart = cpuMs();
for (const { request, response } of apis.values()) {
  for (const schema of [request, response]) {
    if (schema.versions.max < schema.versions.min) continue;
    schema.encode(new Writer(), schema.versions.max, {});
    compiled++;
  }
}
const each = (cpuMs() - compileStart) / compiled;
process.stdout.write(
  `loading all schemas ${loadedMs.toFixed(1)} ms, compiling one ${(each * 1000).toFixed(0)} microseconds\n`,
);
