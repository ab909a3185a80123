import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { FrameReader, isBorrowed } from './frame-reader.ts';
import type { ConnectionInfo, PeerLink, ResponseSink } from './handler.ts';
import type { NetworkMemory } from './network-memory.ts';
import type { AcceptedStream, ByteReader } from './tcp-server.ts';

const PRODUCE = 0;

/** Handles one request frame; answers through the sink, now or later, at most once. */
export type FrameHandler = (frame: Buffer, connection: ConnectionInfo, sink: ResponseSink, link: PeerLink) => void;

export interface ConnectionOptions {
  readonly socket: AcceptedStream;
  readonly info: ConnectionInfo;
  readonly maxRequestBytes: number;
  readonly memory: NetworkMemory;
  readonly handleFrame: FrameHandler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onClosed: (connection: Connection) => void;
}

/**
 * One client's connection. As in Kafka's network layer, one request of a connection is handled at a time: the next is
 * looked at when the answer was handed to the socket and the peer took most of it. That keeps the answers in order and
 * bounds what a peer that does not read can make us hold to one response and what one read brought of further requests.
 */
export class Connection implements PeerLink, ByteReader {
  readonly info: ConnectionInfo;
  readonly #options: ConnectionOptions;
  readonly #socket: AcceptedStream;
  readonly #reader: FrameReader;
  readonly #closeListeners = new Set<() => void>();
  #frames: Buffer[] = [];
  #isHandling = false;
  #isDraining = false;
  #isPaused = false;
  #isInLoop = false;
  #isClosed = false;
  #heldBytes = 0;
  #lastActiveMs: number;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.info = options.info;
    this.#lastActiveMs = options.clock.monotonicMs();
    const { maxRequestBytes, memory } = options;
    this.#reader = new FrameReader(maxRequestBytes, memory.buffers, (frame) => this.#receive(frame));
    const socket = options.socket;
    socket.setNoDelay(true);
    if (socket.readInto === undefined) socket.on('data', (chunk) => this.#onData(chunk));
    else socket.readInto(this);
    socket.on('drain', () => this.#onDrain());
    // A peer that resets the connection is an ordinary event; 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => this.#onClose());
    // One that was held until the broker was ready is paused.
    socket.resume();
  }

  isConnected(): boolean {
    return !this.#isClosed;
  }

  onClose(run: () => void): () => void {
    if (this.#isClosed) {
      run();
      return () => {};
    }
    this.#closeListeners.add(run);
    return () => this.#closeListeners.delete(run);
  }

  /** Milliseconds since bytes came or went; 0 while a request is being handled. */
  idleMs(nowMs: number): number {
    return this.#isHandling ? 0 : nowMs - this.#lastActiveMs;
  }

  /** Closes at once; what was not sent is lost. */
  close(reason?: string): void {
    if (this.#isClosed) return;
    if (reason !== undefined) this.#options.logger.warn(`closing the connection ${this.info.id}: ${reason}`);
    this.#socket.destroy();
    this.#onClose();
  }

  /** Closes after what was written has been sent. */
  closeWhenSent(): void {
    if (!this.#isClosed) this.#socket.destroySoon();
  }

  // A stream that brings its own buffers.
  #onData(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#isClosed; ) {
      const count = chunk.copy(this.#reader.target(), 0, at);
      this.received(count);
      at += count;
    }
  }

  target(): Buffer {
    return this.#reader.target();
  }

  received(count: number): void {
    this.#lastActiveMs = this.#options.clock.monotonicMs();
    try {
      this.#reader.received(count);
    } catch (error) {
      this.close(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#next();
    this.#keepWaiting();
  }

  // What could not be handled at once must not stay in the buffer that all connections receive in.
  #keepWaiting(): void {
    const frames = this.#frames;
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i];
      if (frame === undefined || !isBorrowed(frame)) break;
      frames[i] = this.#copy(frame);
    }
  }

  #copy(frame: Buffer): Buffer {
    const copy = this.#options.memory.buffers.take(frame.length);
    frame.copy(copy);
    return copy;
  }

  #receive(frame: Buffer): void {
    this.#hold(frame.length);
    this.#frames.push(frame);
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#options.memory.take(bytes);
  }

  #release(bytes: number): void {
    this.#heldBytes -= bytes;
    this.#options.memory.giveBack(bytes);
  }

  // A loop, not recursion: a handler that answers at once must not deepen the stack with every pipelined request.
  #next(): void {
    if (this.#isInLoop) return;
    this.#isInLoop = true;
    while (!this.#isClosed && !this.#isHandling && !this.#isDraining) {
      const frame = this.#frames.shift();
      if (frame === undefined) break;
      this.#handle(frame);
    }
    this.#isInLoop = false;
    this.#adjustReading();
  }

  #handle(frame: Buffer): void {
    this.#isHandling = true;
    let isAnswered = false;
    const finish = (send: () => void): void => {
      if (isAnswered || this.#isClosed) return;
      isAnswered = true;
      this.#isHandling = false;
      this.#lastActiveMs = this.#options.clock.monotonicMs();
      this.#release(frame.length);
      send();
      this.#next();
    };
    const sink: ResponseSink = {
      send: (chunks) => finish(() => this.#write(chunks)),
      nothing: () => finish(() => {}),
      disconnect: (reason) => finish(() => this.close(reason)),
    };
    // Produce appends before it returns and keeps nothing; other handlers may keep parts of the request.
    const isProduce = frame.length >= 2 && frame.readInt16BE(0) === PRODUCE;
    try {
      this.#options.handleFrame(isBorrowed(frame) && !isProduce ? Buffer.from(frame) : frame, this.info, sink, this);
    } catch (error) {
      this.close(error instanceof Error ? error.message : String(error));
    }
    if (isProduce) this.#options.memory.buffers.giveBack(frame);
  }

  #write(chunks: readonly Uint8Array[]): void {
    const socket = this.#socket;
    let sizeBytes = 0;
    for (const chunk of chunks) sizeBytes += chunk.length;
    this.#hold(sizeBytes);
    const sent = (): void => {
      if (this.#isClosed) return;
      this.#lastActiveMs = this.#options.clock.monotonicMs();
      this.#release(sizeBytes);
      for (const chunk of chunks) this.#options.memory.buffers.giveBack(chunk);
    };
    if (chunks.length > 1) socket.cork();
    let hasRoom = true;
    const last = chunks.length - 1;
    for (let i = 0; i <= last; i++) {
      const chunk = chunks[i];
      if (chunk !== undefined) hasRoom = i === last ? socket.write(chunk, sent) : socket.write(chunk);
    }
    if (chunks.length > 1) {
      socket.uncork();
      hasRoom = !socket.writableNeedDrain;
    }
    if (!hasRoom) this.#isDraining = true;
  }

  #onDrain(): void {
    this.#isDraining = false;
    this.#next();
  }

  #adjustReading(): void {
    if (this.#isClosed) return;
    // While an answer drains the socket is read on until a request comes: to stop and start for each costs system calls.
    if (this.#frames.length > 0) {
      this.#pause();
      return;
    }
    if (this.#options.memory.isExhausted) {
      this.#pause();
      this.#options.memory.whenAvailable(this.#resume);
      return;
    }
    this.#resume();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  readonly #resume = (): void => {
    if (!this.#isPaused || this.#isClosed || this.#frames.length > 0) return;
    this.#isPaused = false;
    this.#socket.resume();
  };

  #onClose(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#frames = [];
    this.#options.memory.forget(this.#resume);
    this.#release(this.#heldBytes);
    for (const run of [...this.#closeListeners]) run();
    this.#closeListeners.clear();
    this.#options.onClosed(this);
  }
}
