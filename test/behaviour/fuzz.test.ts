/**
 * Goal: no bytes of a peer crash the broker, make its memory grow without bound or disturb other connections. Sends
 * random, mutated and truncated frames from a seed; a failing seed is named and can be given by OTTLA_FUZZ_SEED.
 */

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { encodeRequest } from '../../src/protocol/header.ts';
import { apis } from '../../src/protocol/messages/all.ts';
import { type ServedBroker, serve, until } from '../support/processes.ts';
import { connectTo, type KafkaConnection, produceBatch, readAll } from '../support/raw-client.ts';

const SEED = Number(process.env['OTTLA_FUZZ_SEED'] ?? 20261124);
const FRAMES = Number(process.env['OTTLA_FUZZ_FRAMES'] ?? 6000);

let broker: ServedBroker;
let bystander: KafkaConnection;
beforeAll(async () => {
  broker = await serve(['--topic', 'fuzzed:2']);
  bystander = await connectTo(broker.bootstrap);
});
afterAll(async () => {
  bystander.close();
  await broker.stop('SIGKILL');
});

function residentBytes(): number {
  const pages = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${broker.ready.pid}/status`, 'utf8'))?.[1] ?? 0);
  return pages * 1024;
}

/** A valid request of a random API and version, with default values. */
function validFrame(random: Random): Buffer {
  const all = [...apis.values()];
  const api = all[random.int(all.length)];
  if (api === undefined) throw new RangeError('there is no API');
  const { min, max } = api.request.versions;
  const version = min + random.int(max - min + 1);
  return Buffer.concat(encodeRequest(api.request, version, random.int(1 << 30), 'fuzz', {}));
}

function mutate(frame: Buffer, random: Random): Buffer {
  switch (random.int(6)) {
    case 0: {
      for (let i = random.int(8); i >= 0; i--) frame[4 + random.int(Math.max(1, frame.length - 4))] = random.int(256);
      return frame;
    }
    case 1: {
      const cut = frame.subarray(0, 4 + random.int(frame.length - 3));
      cut.writeInt32BE(cut.length - 4, 0);
      return cut;
    }
    case 2: {
      const longer = Buffer.concat([frame, random.bytes(random.int(64))]);
      longer.writeInt32BE(longer.length - 4, 0);
      return longer;
    }
    case 3: {
      // A length somewhere in the body that promises far more than there is.
      if (frame.length > 16) frame.writeInt32BE(0x7fffff00, 12 + random.int(frame.length - 16));
      return frame;
    }
    case 4: {
      const noise = random.bytes(4 + random.int(200));
      noise.writeInt32BE(noise.length - 4, 0);
      if (noise.length > 8) noise.writeInt16BE(random.int(96), 4);
      if (noise.length > 8) noise.writeInt16BE(random.int(14), 6);
      return noise;
    }
    default:
      return random.bytes(random.int(100));
  }
}

/** Sends bytes on a connection of their own and gives the broker a moment to close it. */
async function send(bytes: Buffer): Promise<void> {
  const at = broker.bootstrap.lastIndexOf(':');
  const socket = connect(Number(broker.bootstrap.slice(at + 1)), broker.bootstrap.slice(0, at));
  socket.on('error', () => {});
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('data', () => socket.destroy());
    socket.on('connect', () => socket.end(bytes));
    socket.setTimeout(500, () => socket.destroy());
  });
}

test(`after ${FRAMES} broken frames (seed ${SEED}) the broker lives, its memory is bounded, others are served`, async () => {
  const random = seededRandom(SEED);
  const before = residentBytes();
  let sent = 0;
  const values: string[] = [];
  while (sent < FRAMES) {
    const connections = Array.from({ length: 20 }, () => {
      const frames: Buffer[] = [];
      for (let i = 0; i < 10; i++)
        frames.push(random.int(4) === 0 ? validFrame(random) : mutate(validFrame(random), random));
      sent += frames.length;
      return send(Buffer.concat(frames));
    });
    await Promise.all(connections);
    values.push(`bystander ${sent}`);
    await produceBatch(bystander, 'fuzzed', 0, [`bystander ${sent}`]);
    expect(broker.process.exit, broker.process.stderr).toBeUndefined();
  }
  expect(await readAll(bystander, 'fuzzed', 0)).toEqual(values);
  await until('memory is back within bounds', () => residentBytes() - before < 200 * 1024 * 1024);
}, 120_000);

test('sizes that nobody means are refused before anything is allocated for them', async () => {
  const before = residentBytes();
  for (const size of [-1, 0x7fffffff, 104_857_601]) {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(size, 0);
    await send(bytes);
  }
  expect(residentBytes() - before).toBeLessThan(50 * 1024 * 1024);
  await produceBatch(bystander, 'fuzzed', 1, ['still here']);
});
