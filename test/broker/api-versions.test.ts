/** What a broker says it serves, and how it turns down what it does not: as Kafka 4.4 does, byte for byte. */
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ALL_HANDLERS } from '../../src/broker/all-handlers.ts';
import { DispatchTable } from '../../src/broker/dispatch.ts';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { apiVersionsRequest, apiVersionsResponse } from '../../src/protocol/messages/18-api-versions.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { brokers } from './broker-support.ts';
import { until } from './support.ts';

const { start, connect: connectTo } = brokers();

/** Sends bytes as one frame; what came back until the connection closed or `enough` bytes were there. */
async function exchange(port: number, body: Buffer, enough = Number.POSITIVE_INFINITY) {
  const socket = connect(port, '127.0.0.1');
  let received = Buffer.alloc(0);
  let isClosed = false;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('error', () => {});
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  socket.write(Buffer.concat([size, body]));
  await until(() => isClosed || received.length >= enough);
  socket.destroy();
  return { received, isClosed };
}

function header(apiKey: number, apiVersion: number, isFlexible = false): Buffer {
  const writer = new Writer();
  writer.int16(apiKey);
  writer.int16(apiVersion);
  writer.int32(7);
  writer.nullableString('test');
  if (isFlexible) writer.uvarint(0);
  return writer.finishWhole();
}

describe('ApiVersions', () => {
  test('lists exactly what is handled, ascending, Produce from 0', async () => {
    const connection = await connectTo(await start());
    for (const version of [0, 1, 2, 3, 4, 5]) {
      const response = await connection.send(apiVersionsRequest, apiVersionsResponse, version, {
        clientSoftwareName: 'x',
        clientSoftwareVersion: '1',
      });
      expect(response.errorCode).toBe(0);
      const expected = new DispatchTable(ALL_HANDLERS).advertised('broker');
      expect(response.apiKeys.map(({ apiKey }) => apiKey)).toEqual(expected.map(({ apiKey }) => apiKey));
      expect(response.apiKeys[0]).toMatchObject({ apiKey: 0, minVersion: 0, maxVersion: 13 });
      const names = response.supportedFeatures.map(({ name }) => name);
      if (version < 3) expect(names).toEqual([]);
      else if (version === 3) expect(names).toEqual(['metadata.version']);
      else expect(names).toContain('kraft.version');
    }
  });

  test('advertises no range that Kafka 4.4 does not', () => {
    const path = new URL('../../../shared/reference/api-keys.md', import.meta.url);
    if (!existsSync(path)) return;
    const kafka = new Map(
      [...readFileSync(path, 'utf8').matchAll(/^\| (\d+) \| \w+ \| [^|]* \| ([\d-]+) \| ([\d-]+) \|/gm)].map((row) => [
        Number(row[1]),
        { broker: row[2], controller: row[3] },
      ]),
    );
    const table = new DispatchTable(ALL_HANDLERS);
    const differing = (['broker', 'controller'] as const).flatMap((type) =>
      table.advertised(type).flatMap(({ apiKey, minVersion, maxVersion }) => {
        const ours = minVersion === maxVersion ? `${minVersion}` : `${minVersion}-${maxVersion}`;
        const theirs = kafka.get(apiKey)?.[type];
        return ours === theirs ? [] : [`${type} ${apiKey}: ${ours}, Kafka ${theirs}`];
      }),
    );
    expect(differing).toEqual([]);
  });

  test('of a version that does not exist is answered in the layout of version 0', async () => {
    const { port } = await start();
    const { received } = await exchange(port, header(18, 6, true), 20);
    const writer = new Writer();
    writer.int32(16);
    writer.int32(7);
    writer.int16(ErrorCode.UNSUPPORTED_VERSION);
    writer.int32(1);
    for (const value of [18, 0, 5]) writer.int16(value);
    expect(received.toString('hex')).toBe(writer.finishWhole().toString('hex'));
  });

  test.each([
    ['another cluster', { clusterId: 'other', nodeId: 1 }, 'REBOOTSTRAP_REQUIRED'],
    ['another node', { clusterId: 'c1', nodeId: 2 }, 'REBOOTSTRAP_REQUIRED'],
    ['a cluster without node', { clusterId: 'c1' }, 'INVALID_REQUEST'],
    ['a node without cluster', { nodeId: 1 }, 'INVALID_REQUEST'],
    ['no software name', { clientSoftwareName: '' }, 'INVALID_REQUEST'],
  ] as const)('v5 for %s is refused without keys and tags', async (_what, wanted, error) => {
    const connection = await connectTo(await start({ clusterId: 'c1' }));
    const response = await connection.send(apiVersionsRequest, apiVersionsResponse, 5, {
      clientSoftwareName: 'x',
      clientSoftwareVersion: '1',
      ...wanted,
    });
    expect(response).toMatchObject({ errorCode: ErrorCode[error], apiKeys: [], supportedFeatures: [] });
  });

  test('v5 for this very node is answered', async () => {
    const connection = await connectTo(await start({ clusterId: 'c1' }));
    const wanted = { clientSoftwareName: 'x', clientSoftwareVersion: '1', clusterId: 'c1', nodeId: 1 };
    const response = await connection.send(apiVersionsRequest, apiVersionsResponse, 5, wanted);
    expect(response.errorCode).toBe(0);
  });
});

describe('a request that is not served closes the connection without an answer', () => {
  test.each([
    ['an unknown key', header(999, 0)],
    ['a key that is gone', header(4, 0)],
    ['Produce v2', header(0, 2)],
    ['Metadata v99', header(3, 99)],
    ['a request of controllers', header(52, 0, true)],
    ['an empty frame', Buffer.alloc(0)],
    ['a cut header', header(18, 0).subarray(0, 9)],
    ['a body that ends too early', Buffer.concat([header(3, 1), Buffer.from([0, 0, 0, 5])])],
    ['an array of two thousand million', Buffer.concat([header(3, 1), Buffer.from([0x7f, 0xff, 0xff, 0xff])])],
  ])('%s', async (_what, body) => {
    const broker = await start();
    const { received, isClosed } = await exchange(broker.port, body);
    expect({ received: received.length, isClosed }).toEqual({ received: 0, isClosed: true });
    const connection = await connectTo(broker);
    const response = await connection.send(apiVersionsRequest, apiVersionsResponse, 0, {});
    expect(response.errorCode).toBe(0);
  });
});
