import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiKey, apiNames } from '../../src/protocol/api-keys.ts';
import {
  decodeWhole,
  encodeRequest,
  encodeResponse,
  readRequestHeader,
  readResponseHeader,
  skipTags,
} from '../../src/protocol/header.ts';
import { apis } from '../../src/protocol/messages/all.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { realFrames } from './real-frames.ts';

type Direction = 'request' | 'response';

/** Decodes a frame without its size, and gives the frame that encoding its content makes. */
function decodeFrame(apiKey: number, version: number, direction: Direction, frame: Buffer) {
  const api = apis.get(apiKey);
  if (api === undefined) throw new Error(`no API ${apiKey}`);
  const reader = new Reader(frame);
  if (direction === 'request') {
    const header = readRequestHeader(reader);
    expect(header).toMatchObject({ apiKey, apiVersion: version });
    if (api.request.isFlexible(version)) skipTags(reader);
    const body = decodeWhole(api.request, version, reader);
    const again = encodeRequest(api.request, version, header.correlationId, header.clientId, body);
    return { body, again: Buffer.concat(again).subarray(4) };
  }
  const correlationId = readResponseHeader(api.response, version, reader);
  const body = decodeWhole(api.response, version, reader);
  return { body, again: Buffer.concat(encodeResponse(api.response, version, correlationId, body)).subarray(4) };
}

// Goal: what real clients and brokers sent is understood to the last byte, and written the same way.
describe('frames of Apache Kafka and kafkajs', () => {
  test.each(realFrames.map((frame) => [`${apiNames.get(frame[0])} v${frame[1]} ${frame[2]}`, frame] as const))(
    '%s',
    (_name, [apiKey, version, direction, hex]) => {
      const { again } = decodeFrame(apiKey, version, direction, Buffer.from(hex, 'hex'));
      expect(again.toString('hex')).toBe(hex);
    },
  );

  const bodyOf = (apiKey: number, version: number, direction: Direction): unknown => {
    const frame = realFrames.find((one) => one[0] === apiKey && one[1] === version && one[2] === direction);
    return decodeFrame(apiKey, version, direction, Buffer.from(frame?.[3] ?? '', 'hex')).body;
  };

  test('a flexible ApiVersions request says who asks', () => {
    expect(bodyOf(ApiKey.ApiVersions, 5, 'request')).toMatchObject({
      clientSoftwareName: 'apache-kafka-java',
      clientSoftwareVersion: '4.4.0',
    });
  });

  test('a Produce request carries its records as they are', () => {
    const body = bodyOf(ApiKey.Produce, 13, 'request');
    expect(body).toMatchObject({ transactionalId: null, acks: -1, topicData: [{ partitionData: [{ index: 0 }] }] });
    expect(bodyOf(ApiKey.Produce, 7, 'request')).toMatchObject({ acks: -1, topicData: [{ name: 'vec' }] });
  });

  test('a JoinGroup request of either age offers its protocols', () => {
    expect(bodyOf(ApiKey.JoinGroup, 5, 'request')).toMatchObject({
      groupId: 'g',
      protocolType: 'consumer',
      protocols: [{ name: 'RoundRobinAssigner' }],
    });
    expect(bodyOf(ApiKey.JoinGroup, 9, 'request')).toMatchObject({
      groupId: 'gg',
      protocols: [{ name: 'range' }, { name: 'cooperative-sticky' }],
    });
  });

  test('a topic is described with its leader', () => {
    expect(bodyOf(ApiKey.DescribeTopicPartitions, 0, 'response')).toMatchObject({
      topics: [{ name: 'vec2', partitions: [{ partitionIndex: 0, leaderId: 1, isrNodes: [1] }] }],
      nextCursor: null,
    });
  });
});

const samples = join(import.meta.dirname, '../../../shared/reference/traffic/samples/hex.jsonl');

interface HexSample {
  readonly api: keyof typeof ApiKey;
  readonly v: number;
  readonly dir: Direction;
  readonly hex: string;
}

// Goal: the requests between the nodes of a cluster, which no client sends, are right too.
describe.runIf(existsSync(samples))('frames between nodes', () => {
  const lines = existsSync(samples) ? readFileSync(samples, 'utf8').trim().split('\n') : [];
  const frames: HexSample[] = lines.map((line) => JSON.parse(line));
  test.each(frames.map((frame) => [`${frame.api} v${frame.v} ${frame.dir}`, frame] as const))('%s', (_name, frame) => {
    const { again } = decodeFrame(ApiKey[frame.api], frame.v, frame.dir, Buffer.from(frame.hex, 'hex'));
    expect(again.toString('hex')).toBe(frame.hex);
  });
});
