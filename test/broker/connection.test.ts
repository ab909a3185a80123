/** The network layer: order, framing, limits and backpressure, without any Kafka behind it. */
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { FrameHandler } from '../../src/broker/connection.ts';
import type { ResponseSink } from '../../src/broker/handler.ts';
import { type ConnectionLimits, ConnectionQuotas, Listener } from '../../src/broker/listener.ts';
import { NetworkMemory } from '../../src/broker/network-memory.ts';
import { tcpListen } from '../../src/broker/tcp-server.ts';
import { until } from './support.ts';

const LIMITS: ConnectionLimits = {
  maxRequestBytes: 1_000_000,
  maxConnections: 100,
  maxConnectionsPerIp: 100,
  maxConnectionsPerIpOverrides: new Map(),
  maxIdleMs: -1,
  backlog: 50,
};

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

async function listen(handleFrame: FrameHandler, limits: Partial<ConnectionLimits> = {}, memoryBytes = 1e9) {
  const memory = new NetworkMemory(memoryBytes);
  const listener = new Listener({
    listen: tcpListen,
    info: { name: 'PLAINTEXT', type: 'broker', securityProtocol: 'PLAINTEXT', boundHost: '127.0.0.1' },
    port: 0,
    quotas: new ConnectionQuotas({ ...LIMITS, ...limits }),
    memory,
    handleFrame,
    clock: systemClock,
    logger: silentLogger,
  });
  await listener.bind();
  listener.open();
  cleanUp.push(() => listener.close(0));
  return { listener, memory };
}

class Peer {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    cleanUp.push(() => {
      this.socket.destroy();
    });
  }
}

function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

const echo: FrameHandler = (request, _connection, sink) => sink.send([Buffer.from(`<${request}>`)]);

describe('requests of one connection', () => {
  test('are handled one after another, and answered in order, however late each answer comes', async () => {
    const sinks: ResponseSink[] = [];
    const seen: string[] = [];
    const { listener } = await listen((request, _connection, sink) => {
      seen.push(request.toString());
      sinks.push(sink);
    });
    const peer = new Peer(listener.port);
    peer.socket.write(Buffer.concat([frame('a'), frame('b'), frame('c')]));
    await until(() => seen.length === 1);
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      expect(seen).toEqual(['a', 'b', 'c'].slice(0, i + 1));
      sinks[i]?.send([Buffer.from(name)]);
    }
    await until(() => peer.received.length === 3);
    expect(peer.received.toString()).toBe('abc');
  });

  test('may arrive byte by byte or many in one piece', async () => {
    const { listener } = await listen(echo);
    const peer = new Peer(listener.port);
    for (const byte of frame('slow')) {
      peer.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    peer.socket.write(Buffer.concat(Array.from({ length: 5000 }, () => frame('x'))));
    await until(() => peer.received.length === '<slow>'.length + 5000 * 3);
    expect(peer.received.toString()).toBe(`<slow>${'<x>'.repeat(5000)}`);
  });

  test('are answered by several chunks in one piece, without an answer, or by closing', async () => {
    const { listener } = await listen((request, _connection, sink) => {
      const text = request.toString();
      if (text === 'chunks') sink.send([Buffer.from('1'), Buffer.alloc(70_000, 'x'), Buffer.from('2')]);
      else if (text === 'nothing') sink.nothing();
      else sink.disconnect('asked to');
    });
    const peer = new Peer(listener.port);
    peer.socket.write(Buffer.concat([frame('nothing'), frame('chunks')]));
    await until(() => peer.received.length === 70_002);
    expect(peer.received[0]).toBe(0x31);
    expect(peer.received[70_001]).toBe(0x32);
    peer.socket.write(frame('close'));
    await until(() => peer.isClosed);
  });
});

describe('a broken peer', () => {
  test.each([
    ['a negative size', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a size over socket.request.max.bytes', Buffer.from([0x7f, 0xff, 0xff, 0xff])],
  ])('%s closes that connection and no other', async (_what, bytes) => {
    const { listener } = await listen(echo);
    const good = new Peer(listener.port);
    const bad = new Peer(listener.port);
    bad.socket.write(bytes);
    await until(() => bad.isClosed);
    good.socket.write(frame('ok'));
    await until(() => good.received.toString() === '<ok>');
  });

  test('a handler that throws closes the connection, and its memory is given back', async () => {
    const { listener, memory } = await listen(() => {
      throw new Error('no such request');
    });
    const peer = new Peer(listener.port);
    peer.socket.write(frame('x'));
    await until(() => peer.isClosed);
    expect(memory.usedBytes).toBe(0);
    expect(listener.connectionCount).toBe(0);
  });

  test('one that never reads its answers is not read from any more', async () => {
    let handled = 0;
    const { listener, memory } = await listen((_request, _connection, sink) => {
      handled++;
      sink.send([Buffer.alloc(1_000_000)]);
    });
    const peer = new Peer(listener.port);
    peer.socket.pause();
    peer.socket.write(Buffer.concat(Array.from({ length: 500 }, () => frame('give'))));
    let before = -1;
    await until(() => {
      const isSteady = handled > 0 && handled === before && memory.usedBytes > 0;
      before = handled;
      return isSteady;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(handled).toBeLessThan(50);
    expect(memory.usedBytes).toBeLessThan(3_000_000);
    peer.socket.destroy();
    await until(() => memory.usedBytes === 0);
  });
});

describe('limits', () => {
  test('when the memory for requests is used up others are read only after it is given back', async () => {
    const sinks: ResponseSink[] = [];
    const { listener } = await listen((_request, _connection, sink) => sinks.push(sink), {}, 100);
    const first = new Peer(listener.port);
    first.socket.write(frame('x'.repeat(200)));
    await until(() => sinks.length === 1);
    const second = new Peer(listener.port);
    second.socket.write(frame('y'));
    await until(() => sinks.length === 2);
    // The second connection noticed on its first request that there is no room: its next request must wait.
    sinks[1]?.send([Buffer.from('1')]);
    second.socket.write(frame('z'));
    await until(() => second.received.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(sinks.length).toBe(2);
    sinks[0]?.send([Buffer.from('1')]);
    await until(() => sinks.length === 3);
  });

  test('max.connections and max.connections.per.ip refuse further connections until one goes', async () => {
    const { listener } = await listen(echo, { maxConnectionsPerIp: 2 });
    const peers = [new Peer(listener.port), new Peer(listener.port)];
    await until(() => listener.connectionCount === 2);
    const refused = new Peer(listener.port);
    await until(() => refused.isClosed);
    peers[0]?.socket.destroy();
    await until(() => listener.connectionCount === 1);
    const later = new Peer(listener.port);
    later.socket.write(frame('hi'));
    await until(() => later.received.toString() === '<hi>');
  });

  test('connections.max.idle.ms closes those that are silent, but none that waits for its answer', async () => {
    let sink: ResponseSink | undefined;
    const { listener } = await listen(
      (_request, _connection, s) => {
        sink = s;
      },
      { maxIdleMs: 60 },
    );
    const waiting = new Peer(listener.port);
    waiting.socket.write(frame('wait'));
    await until(() => sink !== undefined);
    const silent = new Peer(listener.port);
    await until(() => silent.isClosed);
    expect(waiting.isClosed).toBe(false);
    sink?.send([Buffer.from('done')]);
    await until(() => waiting.received.toString() === 'done');
  });

  test('a port in use is told in plain words', async () => {
    const { listener } = await listen(echo);
    const second = new Listener({
      listen: tcpListen,
      info: { name: 'PLAINTEXT', type: 'broker', securityProtocol: 'PLAINTEXT', boundHost: '127.0.0.1' },
      port: listener.port,
      quotas: new ConnectionQuotas(LIMITS),
      memory: new NetworkMemory(1e9),
      handleFrame: echo,
      clock: systemClock,
      logger: silentLogger,
    });
    await expect(second.bind()).rejects.toThrow(`cannot listen on 127.0.0.1:${listener.port}: the port is in use`);
  });

  test('a listener on localhost serves both loopback addresses on one port', async () => {
    const listener = new Listener({
      listen: tcpListen,
      info: { name: 'PLAINTEXT', type: 'broker', securityProtocol: 'PLAINTEXT', boundHost: 'localhost' },
      port: 0,
      quotas: new ConnectionQuotas(LIMITS),
      memory: new NetworkMemory(1e9),
      handleFrame: echo,
      clock: systemClock,
      logger: silentLogger,
    });
    await listener.bind();
    listener.open();
    cleanUp.push(() => listener.close(0));
    const peer = new Peer(listener.port);
    peer.socket.write(frame('v4'));
    await until(() => peer.received.toString() === '<v4>');
  });
});
