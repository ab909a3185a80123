import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { BufferPool } from '../../src/broker/buffer-pool.ts';
import { FrameReader, isBorrowed, receiveBuffer } from '../../src/broker/frame-reader.ts';
import { type AcceptedStream, type ByteReader, tcpListen } from '../../src/broker/tcp-server.ts';

function framed(bodies: readonly Buffer[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const size = Buffer.alloc(4);
      size.writeInt32BE(body.length);
      return [size, body];
    }),
  );
}

function receive(reader: ByteReader, stream: Buffer, nextLength: () => number): void {
  for (let at = 0; at < stream.length; ) {
    const target = reader.target();
    const count = stream.copy(target, 0, at, Math.min(stream.length, at + Math.min(target.length, nextLength())));
    reader.received(count);
    at += count;
  }
}

// Goal: frames come out the same however the stream is cut, and no two of them share memory that is used again.
describe('frames that are received into shared memory', () => {
  test('any cut gives the same frames', () => {
    const random = seededRandom(11);
    const bodies = Array.from({ length: 40 }, () => random.bytes(random.int(3) === 0 ? 0 : random.int(150_000)));
    const stream = framed(bodies);
    const pool = new BufferPool();
    for (const longest of [7000, 100_000, 1_000_000]) {
      const frames: Buffer[] = [];
      const reader = new FrameReader(200_000, pool, (frame) => {
        frames.push(Buffer.from(frame));
        if (!isBorrowed(frame)) pool.giveBack(frame);
      });
      receive(reader, stream, () => 1 + random.int(longest));
      expect(frames.length).toBe(bodies.length);
      expect(frames.every((frame, i) => frame.equals(bodies[i] ?? Buffer.alloc(0)))).toBe(true);
    }
  });

  test('a small frame is borrowed, one that spans reads is not', () => {
    const borrowed: boolean[] = [];
    const reader = new FrameReader(1000, new BufferPool(), (frame) => borrowed.push(isBorrowed(frame)));
    const stream = framed([Buffer.alloc(10), Buffer.alloc(20)]);
    receive(reader, stream, () => 20);
    expect(borrowed).toEqual([true, false]);
  });

  test('most of a large frame is read straight into its own buffer', () => {
    let frame: Buffer | undefined;
    const reader = new FrameReader(1_000_000, new BufferPool(), (whole) => {
      frame = whole;
    });
    const body = seededRandom(3).bytes(500_000);
    framed([body]).copy(reader.target(), 0, 0, 104);
    reader.received(104);
    const target = reader.target();
    expect(target.length).toBe(499_900);
    body.copy(target, 0, 100);
    reader.received(499_900);
    expect(frame?.equals(body)).toBe(true);
    expect(frame?.buffer).toBe(target.buffer);
  });

  test.each([
    ['above the limit', '00000065'],
    ['negative', 'ffffffff'],
  ])('a size %s is refused before its bytes come, whole or byte by byte', (_name, hex) => {
    for (const length of [4, 1]) {
      const reader = new FrameReader(100, new BufferPool(), () => {});
      expect(() => receive(reader, Buffer.from(hex, 'hex'), () => length)).toThrow(
        expect.objectContaining({ errorName: 'INVALID_REQUEST' }),
      );
    }
  });
});

describe('buffers that are used again', () => {
  test('one that was given back is lent again, one that was not is never lent twice', () => {
    const pool = new BufferPool();
    const first = pool.take(100_000);
    const second = pool.take(100_000);
    expect(second.buffer).not.toBe(first.buffer);
    pool.giveBack(first.subarray(10, 20));
    pool.giveBack(first);
    expect(pool.freeBytes).toBe(131_072);
    expect(pool.take(70_000).buffer).toBe(first.buffer);
    expect(pool.take(70_000).buffer).not.toBe(first.buffer);
  });

  test('foreign, small and very large buffers are left to the garbage collector', () => {
    const pool = new BufferPool();
    pool.giveBack(Buffer.alloc(100_000));
    pool.giveBack(pool.take(100));
    pool.giveBack(pool.take(5_000_000));
    expect(pool.freeBytes).toBe(0);
  });

  test('no more is kept than the limit', () => {
    const pool = new BufferPool(200_000);
    const lent = [pool.take(100_000), pool.take(100_000), pool.take(100_000)];
    for (const buffer of lent) pool.giveBack(buffer);
    expect(pool.freeBytes).toBe(131_072);
  });
});

// Goal: this version of Node still has what the sockets with shared buffers are made of; if not, it is slow, not broken.
test('a TCP connection reads into the given buffers, and its end and pauses are noticed', async () => {
  let accepted: AcceptedStream | undefined;
  const server = await tcpListen({
    host: '127.0.0.1',
    port: 0,
    backlog: 5,
    onStream: (stream) => {
      accepted = stream;
    },
    onError: () => {},
  });
  const client = connect(server.port, '127.0.0.1');
  client.write('before anybody reads');
  await expect.poll(() => accepted).toBeDefined();
  const stream = accepted;
  if (stream?.readInto === undefined) throw new Error('the sockets of this version of Node are not direct');
  const received: string[] = [];
  stream.readInto({
    target: () => receiveBuffer,
    received: (count) => received.push(receiveBuffer.toString('latin1', 0, count)),
  });
  stream.resume();
  await expect.poll(() => received.join('')).toBe('before anybody reads');
  stream.pause();
  client.write('while paused');
  const [echo] = await Promise.all([once(client, 'data'), stream.write('an answer')]);
  expect(String(echo[0])).toBe('an answer');
  expect(received.join('')).toBe('before anybody reads');
  stream.resume();
  await expect.poll(() => received.join('')).toBe('before anybody readswhile paused');
  client.end();
  await once(stream, 'close');
  server.close();
});
