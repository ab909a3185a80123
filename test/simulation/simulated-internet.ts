import { Duplex } from 'node:stream';
import type { Random } from '../../src/base/random.ts';
import type { AcceptedStream, ListenFunction, ListenOptions } from '../../src/broker/tcp-server.ts';
import type { Connector } from '../../src/raft/peer-connection.ts';
import type { ProcessClock, SimulatedClock } from './simulated-clock.ts';

/** How a simulated network treats what is sent. */
export interface LinkConditions {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** Chance that a piece of a stream takes `stallMs` longer, as when packets are lost and sent again. */
  readonly stallChance: number;
  readonly stallMs: number;
}

export const CALM_LINKS: LinkConditions = { minDelayMs: 0.1, maxDelayMs: 2, stallChance: 0, stallMs: 0 };

/** A process with a place in the network. */
export interface SimulatedProcess {
  readonly host: string;
  readonly clock: ProcessClock;
}

interface BoundPort {
  readonly process: SimulatedProcess;
  readonly options: ListenOptions;
}

function refused(code: string, where: string): Error {
  return Object.assign(new Error(`${code} ${where}`), { code });
}

/** What was written at one moment and travels together. */
interface Segment {
  readonly sentAtMs: number;
  readonly chunks: Uint8Array[];
  /** The sender has ended the stream behind this. */
  isLast: boolean;
}

/**
 * One end of a connection. A Duplex in type and events only: none of Node's buffering takes part, so that everything
 * happens on the simulated clock.
 */
export class SimulatedSocket extends Duplex implements AcceptedStream {
  readonly process: SimulatedProcess;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #network: SimulatedInternet;
  peer: SimulatedSocket | undefined;
  /** Before the connection is made, what is written waits. */
  isConnected = false;
  #segment: Segment | undefined;
  readonly #waiting: Segment[] = [];
  #arrivesAtMs = 0;
  #isReading = true;
  #received: Uint8Array[] = [];
  #hasEnded = false;

  constructor(network: SimulatedInternet, process: SimulatedProcess, localPort: number, host: string, port: number) {
    super();
    this.#network = network;
    this.process = process;
    this.localAddress = process.host;
    this.localPort = localPort;
    this.remoteAddress = host;
    this.remotePort = port;
  }

  override write(chunk: Uint8Array, encodingOrDone?: unknown, done?: unknown): boolean {
    const sent = typeof encodingOrDone === 'function' ? encodingOrDone : done;
    if (!this.destroyed && !this.process.clock.isDead) this.#send(chunk);
    if (typeof sent === 'function') sent();
    return true;
  }

  #send(chunk: Uint8Array | undefined): void {
    const nowMs = this.#network.clock.monotonicMs();
    // As the kernel does: the caller may use its buffer again.
    const copy = chunk === undefined ? undefined : Buffer.from(chunk);
    const known = this.#segment;
    if (known !== undefined && known.sentAtMs === nowMs && !known.isLast) {
      if (copy === undefined) known.isLast = true;
      else known.chunks.push(copy);
      return;
    }
    const segment: Segment = { sentAtMs: nowMs, chunks: copy === undefined ? [] : [copy], isLast: copy === undefined };
    this.#segment = segment;
    if (this.isConnected) this.#deliver(segment);
    else this.#waiting.push(segment);
  }

  /** The connection is made. */
  opened(): void {
    this.isConnected = true;
    for (const segment of this.#waiting.splice(0)) this.#deliver(segment);
  }

  #deliver(segment: Segment): void {
    const { clock } = this.#network;
    const nowMs = clock.monotonicMs();
    // A stream keeps its order: nothing arrives before what was sent before it.
    this.#arrivesAtMs = Math.max(this.#arrivesAtMs, nowMs + this.#network.delayMs());
    clock.schedule(this.#arrivesAtMs - nowMs, () => this.#arrive(segment));
  }

  #arrive(segment: Segment): void {
    if (this.#segment === segment) this.#segment = undefined;
    const { peer } = this;
    if (peer === undefined) return;
    this.#network.whenOpen(this.process.host, peer.process.host, () => {
      if (peer.process.clock.isDead) {
        // Its machine is up again and knows nothing of this connection; while it is down nobody answers.
        if (this.#network.isUp(peer.process.host)) this.#network.later(() => this.reset('ECONNRESET'));
        return;
      }
      peer.process.clock.run(() => {
        for (const chunk of segment.chunks) peer.#take(chunk);
        if (segment.isLast) peer.#end();
      });
    });
  }

  #take(chunk: Uint8Array): void {
    if (this.destroyed) return;
    if (this.#isReading && this.#received.length === 0) this.#hand(chunk);
    else this.#received.push(chunk);
  }

  #hand(chunk: Uint8Array): void {
    const at = this.#network.splitAt(chunk.length);
    if (at === 0) {
      this.emit('data', chunk);
      return;
    }
    this.emit('data', chunk.subarray(0, at));
    if (this.destroyed) return;
    if (this.#isReading) this.emit('data', chunk.subarray(at));
    else this.#received.unshift(chunk.subarray(at));
  }

  #end(): void {
    if (this.destroyed) return;
    this.#hasEnded = true;
    if (this.#received.length === 0) this.#close();
  }

  override resume(): this {
    this.#isReading = true;
    if (this.#received.length > 0) this.process.clock.schedule(0, () => this.#drain());
    return this;
  }

  #drain(): void {
    while (this.#isReading && !this.destroyed) {
      const chunk = this.#received.shift();
      if (chunk === undefined) break;
      this.#hand(chunk);
    }
    if (this.#hasEnded && this.#received.length === 0 && !this.destroyed) this.#close();
  }

  override pause(): this {
    this.#isReading = false;
    return this;
  }

  /** The other side or the network ended the connection. */
  reset(code: string): void {
    this.process.clock.run(() => {
      if (this.destroyed) return;
      this.destroyed = true;
      this.emit('error', refused(code, `${this.remoteAddress}:${this.remotePort}`));
      this.#forget();
      this.emit('close');
    });
  }

  #close(): void {
    if (!this.destroyed) this.#send(undefined);
    this.destroyed = true;
    this.#forget();
    this.emit('close');
  }

  #forget(): void {
    this.#network.forget(this);
    this.#received = [];
  }

  override destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.#send(undefined);
    this.destroyed = true;
    this.#forget();
    this.process.clock.schedule(0, () => {
      if (error !== undefined) this.emit('error', error);
      this.emit('close');
    });
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  setNoDelay(): this {
    return this;
  }

  override cork(): void {}

  override uncork(): void {}
}

const FIRST_EPHEMERAL_PORT = 32_768;

/**
 * TCP between simulated processes: ordered streams that are slow, stall, break, and are cut between hosts. What is sent
 * over a cut arrives when it is mended, unless the connection has ended by then.
 */
export class SimulatedInternet {
  readonly clock: SimulatedClock;
  readonly #random: Random;
  conditions: LinkConditions = CALM_LINKS;
  readonly #ports = new Map<string, BoundPort>();
  readonly #sockets = new Set<SimulatedSocket>();
  readonly #cuts = new Set<string>();
  readonly #held = new Map<string, (() => void)[]>();
  readonly #down = new Set<string>();
  #nextPort = FIRST_EPHEMERAL_PORT;

  constructor(clock: SimulatedClock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  delayMs(): number {
    const { minDelayMs, maxDelayMs, stallChance, stallMs } = this.conditions;
    const delayMs = minDelayMs + this.#random.float() * (maxDelayMs - minDelayMs);
    return stallChance > 0 && this.#random.float() < stallChance ? delayMs + stallMs : delayMs;
  }

  /** Where a piece is torn in two; 0 = it stays whole. */
  splitAt(length: number): number {
    return length > 1 && this.#random.int(32) === 0 ? 1 + this.#random.int(length - 1) : 0;
  }

  later(run: () => void): void {
    this.clock.schedule(this.delayMs(), run);
  }

  /** Runs at once, or when the way from one host to the other is mended. */
  whenOpen(from: string, to: string, run: () => void): void {
    const way = `${from}>${to}`;
    const held = this.#held.get(way);
    if (held === undefined && !this.#cuts.has(way)) run();
    else if (held === undefined) this.#held.set(way, [run]);
    else held.push(run);
  }

  /** Cuts one direction. */
  cut(from: string, to: string): void {
    if (from !== to) this.#cuts.add(`${from}>${to}`);
  }

  /** Cuts a host off from `others`, both ways. */
  isolate(host: string, others: Iterable<string>): void {
    for (const other of others) {
      this.cut(host, other);
      this.cut(other, host);
    }
  }

  /** Mends all cuts; what was held is delivered, in its order. */
  heal(): void {
    this.#cuts.clear();
    for (const [way, held] of [...this.#held]) {
      this.later(() => {
        if (this.#cuts.has(way)) return;
        this.#held.delete(way);
        for (const run of held) run();
      });
    }
  }

  get hasCuts(): boolean {
    return this.#cuts.size > 0;
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  isUp(host: string): boolean {
    return !this.#down.has(host);
  }

  setUp(host: string): void {
    this.#down.delete(host);
  }

  /** A process ended. With `isMachine` its whole machine: nobody tells the others. */
  processEnded(process: SimulatedProcess, isMachine: boolean): void {
    for (const [address, bound] of this.#ports) if (bound.process.clock === process.clock) this.#ports.delete(address);
    if (isMachine) this.#down.add(process.host);
    for (const socket of [...this.#sockets]) {
      if (socket.process.clock !== process.clock) continue;
      this.#sockets.delete(socket);
      const { peer } = socket;
      if (!isMachine && peer !== undefined) {
        this.later(() => this.whenOpen(process.host, peer.process.host, () => peer.reset('ECONNRESET')));
      }
    }
  }

  forget(socket: SimulatedSocket): void {
    this.#sockets.delete(socket);
  }

  /** Breaks one connection, whichever; both ends hear of it, each in its time. */
  breakOne(): void {
    const sockets = [...this.#sockets];
    const socket = sockets[this.#random.int(Math.max(1, sockets.length))];
    if (socket === undefined) return;
    this.later(() => socket.reset('ECONNRESET'));
    this.later(() => socket.peer?.reset('ECONNRESET'));
  }

  /** How a process binds ports. */
  listenOf(process: SimulatedProcess): ListenFunction {
    return (options) => {
      const port = options.port === 0 ? this.#nextPort++ : options.port;
      const address = `${options.host}:${port}`;
      if (this.#ports.has(address)) return Promise.reject(refused('EADDRINUSE', address));
      const bound = { process, options };
      this.#ports.set(address, bound);
      return Promise.resolve({
        port,
        close: () => {
          if (this.#ports.get(address) === bound) this.#ports.delete(address);
        },
      });
    };
  }

  /** How a process dials. */
  connectorOf(process: SimulatedProcess): Connector {
    return (host, port) => {
      const localPort = this.#nextPort++;
      const socket = new SimulatedSocket(this, process, localPort, host, port);
      this.#sockets.add(socket);
      this.later(() => this.whenOpen(process.host, host, () => this.#accept(socket, host, port)));
      return socket;
    };
  }

  #accept(socket: SimulatedSocket, host: string, port: number): void {
    if (socket.destroyed || socket.process.clock.isDead || !this.isUp(host)) return;
    const bound = this.#ports.get(`${host}:${port}`);
    if (bound === undefined) {
      this.later(() => this.whenOpen(host, socket.process.host, () => socket.reset('ECONNREFUSED')));
      return;
    }
    const accepted = new SimulatedSocket(this, bound.process, port, socket.process.host, socket.localPort);
    accepted.peer = socket;
    socket.peer = accepted;
    accepted.isConnected = true;
    this.#sockets.add(accepted);
    bound.process.clock.run(() => bound.options.onStream(accepted));
    this.later(() => {
      this.whenOpen(host, socket.process.host, () => {
        if (!socket.process.clock.isDead) socket.opened();
      });
    });
  }
}
