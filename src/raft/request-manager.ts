import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { RaftApi, RaftApis, RaftDestination, RaftResult, RaftTransport } from './raft-types.ts';

/** A connection with a request on its way, or one that waits after a failure. No entry = ready. */
interface ConnectionState {
  /** Identifies the request that is on its way; undefined while backing off. */
  inFlight: object | undefined;
  /** Monotonic; when a request times out, or the back-off ends. */
  deadlineMs: number;
}

/** Whether a request was sent, and how long to wait before the destination can be used again (ms). */
export interface SendResult {
  readonly isSent: boolean;
  readonly waitMs: number;
}

/**
 * At most one request at a time to each node, a back-off after failures, and the servers to ask for a node that does
 * not know who leads.
 */
export class RequestManager {
  readonly #transport: RaftTransport;
  readonly #bootstrapServers: () => readonly RaftDestination[];
  readonly #retryBackoffMs: number;
  readonly #requestTimeoutMs: number;
  readonly #random: Random;
  readonly #clock: Clock;
  /** Called after each result was handled, when the connection can be used again. */
  readonly #onSettled: () => void;
  readonly #connections = new Map<number, ConnectionState>();

  constructor(
    transport: RaftTransport,
    bootstrapServers: () => readonly RaftDestination[],
    timing: { readonly retryBackoffMs: number; readonly requestTimeoutMs: number },
    random: Random,
    clock: Clock,
    onSettled: () => void,
  ) {
    this.#onSettled = onSettled;
    this.#clock = clock;
    this.#transport = transport;
    this.#bootstrapServers = bootstrapServers;
    this.#retryBackoffMs = timing.retryBackoffMs;
    this.#requestTimeoutMs = timing.requestTimeoutMs;
    this.#random = random;
  }

  /**
   * Sends unless the destination is busy or backing off. `handle` gets the result unless the connections were reset or
   * the request timed out before; it returns false to make the connection back off.
   */
  trySend<A extends RaftApi>(
    destination: RaftDestination,
    api: A,
    makeRequest: () => RaftApis[A]['request'],
    handle: (result: RaftResult<A>) => boolean,
  ): SendResult {
    const sentAtMs = this.#clock.monotonicMs();
    if (!this.isReady(destination.id)) {
      return { isSent: false, waitMs: this.#remainingMs(destination.id) };
    }
    const inFlight = {};
    const { id } = destination;
    this.#connections.set(id, { inFlight, deadlineMs: sentAtMs + this.#requestTimeoutMs });
    const isExpected = (): boolean => this.#connections.get(id)?.inFlight === inFlight;
    this.#transport.send(destination, api, makeRequest(), this.#requestTimeoutMs, (result) => {
      if (!isExpected()) return;
      const isSuccess = handle(result);
      // The handler may have reset all connections.
      if (isExpected()) {
        if (isSuccess) this.#connections.delete(id);
        else this.#backOff(id);
      }
      this.#onSettled();
    });
    return { isSent: true, waitMs: this.#requestTimeoutMs };
  }

  #backOff(id: number): void {
    this.#connections.set(id, { inFlight: undefined, deadlineMs: this.#clock.monotonicMs() + this.#retryBackoffMs });
  }

  #remainingMs(id: number): number {
    const nowMs = this.#clock.monotonicMs();
    return Math.max(0, (this.#connections.get(id)?.deadlineMs ?? nowMs) - nowMs);
  }

  /** Whether the destination has nothing on its way and is not backing off. */
  isReady(id: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const connection = this.#connections.get(id);
    if (connection === undefined) return true;
    if (nowMs < connection.deadlineMs) return false;
    this.#connections.delete(id);
    return true;
  }

  isBackingOff(id: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const connection = this.#connections.get(id);
    return connection !== undefined && connection.inFlight === undefined && nowMs < connection.deadlineMs;
  }

  hasTimedOut(id: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const connection = this.#connections.get(id);
    return connection?.inFlight !== undefined && nowMs >= connection.deadlineMs;
  }

  hasAnyInFlight(): boolean {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, connection] of this.#connections) {
      if (nowMs >= connection.deadlineMs) this.#connections.delete(id);
      else if (connection.inFlight !== undefined) return true;
    }
    return false;
  }

  /** A bootstrap server that can be asked now, beginning at a random one; undefined while anything is on its way. */
  findReadyBootstrapServer(): RaftDestination | undefined {
    const servers = this.#bootstrapServers();
    if (servers.length === 0 || this.hasAnyInFlight()) return undefined;
    const start = this.#random.int(servers.length);
    for (let i = 0; i < servers.length; i++) {
      const server = servers[(start + i) % servers.length];
      if (server !== undefined && this.isReady(server.id)) return server;
    }
    return undefined;
  }

  /** Ms until a bootstrap server can be asked. */
  backoffBeforeBootstrapServerMs(): number {
    const nowMs = this.#clock.monotonicMs();
    let waitMs = this.#retryBackoffMs;
    for (const [id, connection] of this.#connections) {
      if (nowMs >= connection.deadlineMs) this.#connections.delete(id);
      else if (connection.inFlight !== undefined) return connection.deadlineMs - nowMs;
      else waitMs = Math.min(waitMs, connection.deadlineMs - nowMs);
    }
    const servers = this.#bootstrapServers();
    if (servers.length === 0) return Number.POSITIVE_INFINITY;
    return servers.some((server) => this.isReady(server.id)) ? 0 : waitMs;
  }

  reset(id: number): void {
    this.#connections.delete(id);
  }

  resetAll(): void {
    this.#connections.clear();
  }
}
