import type { Clock, Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import { Connection, type FrameHandler } from './connection.ts';
import type { ConnectionInfo, ListenerInfo } from './handler.ts';
import type { NetworkMemory } from './network-memory.ts';
import type { AcceptedStream, ListenFunction, ListeningServer } from './tcp-server.ts';

/** Limits that all listeners of a broker share. */
export interface ConnectionLimits {
  /** `socket.request.max.bytes`. */
  readonly maxRequestBytes: number;
  /** `max.connections`. */
  readonly maxConnections: number;
  /** `max.connections.per.ip`. */
  readonly maxConnectionsPerIp: number;
  /** `max.connections.per.ip.overrides`: by address or host name. */
  readonly maxConnectionsPerIpOverrides: ReadonlyMap<string, number>;
  /** `connections.max.idle.ms`; -1 = never. */
  readonly maxIdleMs: number;
  /** `socket.listen.backlog.size`. */
  readonly backlog: number;
}

/** Counts connections over all listeners of a broker. */
export class ConnectionQuotas {
  limits: ConnectionLimits;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(limits: ConnectionLimits) {
    this.limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** Counts a connection; the reason when there may be no further one. */
  admit(address: string): string | undefined {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    const { maxConnections, maxConnectionsPerIp, maxConnectionsPerIpOverrides } = this.limits;
    const perIp = maxConnectionsPerIpOverrides.get(address) ?? maxConnectionsPerIp;
    if (ofAddress >= perIp) return `${address} has ${perIp} connections, as many as max.connections.per.ip allows`;
    if (this.#total >= maxConnections) return `there are ${maxConnections} connections, max.connections allows no more`;
    this.#byAddress.set(address, ofAddress + 1);
    this.#total++;
    return undefined;
  }

  leave(address: string): void {
    const ofAddress = (this.#byAddress.get(address) ?? 1) - 1;
    if (ofAddress === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, ofAddress);
    this.#total--;
  }
}

export interface ListenerOptions {
  readonly info: ListenerInfo;
  /** 0 = any free port. */
  readonly port: number;
  /** How a port is bound. */
  readonly listen: ListenFunction;
  readonly quotas: ConnectionQuotas;
  readonly memory: NetworkMemory;
  readonly handleFrame: FrameHandler;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MAX_IDLE_SWEEP_MS = 30_000;

/** Java shows an IPv4 peer of a dual-stack socket by its IPv4 address; so do group descriptions. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

/**
 * One entry of `listeners`: accepts connections on a port. A listener on `localhost` serves both loopback addresses,
 * since which of them the name means is up to the client.
 */
export class Listener {
  readonly info: ListenerInfo;
  readonly #options: ListenerOptions;
  readonly #servers: ListeningServer[] = [];
  readonly #connections = new Set<Connection>();
  #port = 0;
  #connectionCount = 0;
  #sweepTimer: Timer | undefined;
  #isClosed = false;
  /** Sockets that came before {@link open}; undefined from then on. */
  #held: AcceptedStream[] | undefined = [];

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.info = options.info;
  }

  /** The port it is bound to. */
  get port(): number {
    return this.#port;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Binds the port; connections are held unread until {@link open}. Throws KafkaError with a plain message when the port
   * is in use or not allowed.
   */
  async bind(): Promise<void> {
    this.#port = await this.#bind(this.info.boundHost).catch((error: NodeJS.ErrnoException) => {
      throw this.#bindError(error);
    });
  }

  /** Begins to serve. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const socket of held) if (!socket.destroyed) this.#accept(socket);
    this.#scheduleSweep();
  }

  async #bind(host: string): Promise<number> {
    const { port } = this.#options;
    if (host === 'localhost') {
      const bound = await this.#listen('127.0.0.1', port);
      // The machine may have no IPv6, or the port may be taken there: the name then means 127.0.0.1 alone.
      await this.#listen('::1', bound).catch(() => undefined);
      return bound;
    }
    if (host !== '') return this.#listen(host, port);
    return this.#listen('::', port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EAFNOSUPPORT' && error.code !== 'EADDRNOTAVAIL') throw error;
      return this.#listen('0.0.0.0', port);
    });
  }

  async #listen(host: string, port: number): Promise<number> {
    const { listen, quotas, logger } = this.#options;
    const server = await listen({
      host,
      port,
      backlog: quotas.limits.backlog,
      onStream: (socket) => {
        if (this.#held === undefined) this.#accept(socket);
        else this.#hold(socket);
      },
      onError: (error) => logger.warn(`listener ${this.info.name}: ${error.message}`),
    });
    this.#servers.push(server);
    return server.port;
  }

  #bindError(error: NodeJS.ErrnoException): KafkaError {
    const where = `${this.info.boundHost === '' ? '0.0.0.0' : this.info.boundHost}:${this.#options.port}`;
    const why =
      error.code === 'EADDRINUSE'
        ? 'the port is in use'
        : error.code === 'EACCES'
          ? 'this user may not bind the port'
          : error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL'
            ? 'the host is not an address of this machine'
            : error.message;
    return new KafkaError('NETWORK_EXCEPTION', `cannot listen on ${where}: ${why}`, { cause: error });
  }

  #hold(socket: AcceptedStream): void {
    if (this.#held === undefined || this.#held.length >= this.#options.quotas.limits.backlog) {
      socket.destroy();
      return;
    }
    socket.pause();
    // Whether it is still there shows when it is let in.
    socket.on('error', () => {});
    this.#held.push(socket);
  }

  #accept(socket: AcceptedStream): void {
    const address = plainAddress(socket.remoteAddress);
    const refusal = this.#isClosed ? 'the broker is stopping' : this.#options.quotas.admit(address);
    if (refusal !== undefined) {
      if (!this.#isClosed) this.#options.logger.warn(`refusing a connection of ${address}: ${refusal}`);
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const connection = new Connection({
      socket,
      info: this.#connectionInfo(socket, address),
      maxRequestBytes: this.#options.quotas.limits.maxRequestBytes,
      memory: this.#options.memory,
      handleFrame: this.#options.handleFrame,
      clock: this.#options.clock,
      logger: this.#options.logger,
      onClosed: (closed: Connection) => {
        this.#connections.delete(closed);
        this.#options.quotas.leave(address);
      },
    });
    this.#connections.add(connection);
  }

  #connectionInfo(socket: AcceptedStream, remoteAddress: string): ConnectionInfo {
    const localAddress = plainAddress(socket.localAddress);
    const localPort = socket.localPort ?? this.#port;
    const remotePort = socket.remotePort ?? 0;
    return {
      id: `${localAddress}:${localPort}-${remoteAddress}:${remotePort}-${this.#connectionCount++}`,
      localAddress,
      localPort,
      remoteAddress,
      remotePort,
      listener: this.info,
      clientSoftwareName: 'unknown',
      clientSoftwareVersion: 'unknown',
    };
  }

  #scheduleSweep(): void {
    const { maxIdleMs } = this.#options.quotas.limits;
    if (maxIdleMs < 0 || this.#isClosed) return;
    const delayMs = Math.min(MAX_IDLE_SWEEP_MS, Math.max(10, maxIdleMs / 4));
    this.#sweepTimer = this.#options.clock.schedule(delayMs, () => {
      this.#closeIdle(maxIdleMs);
      this.#scheduleSweep();
    });
  }

  #closeIdle(maxIdleMs: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const connection of this.#connections) {
      if (connection.idleMs(nowMs) > maxIdleMs) connection.close();
    }
  }

  /** Accepts no more connections; those that are there live on. */
  stopAccepting(): void {
    this.#isClosed = true;
    this.#sweepTimer?.cancel();
    for (const server of this.#servers) server.close();
    for (const socket of this.#held ?? []) socket.destroy();
    this.#held = undefined;
  }

  /** Closes the port and all connections, after what was written to them is sent, at most `graceMs` later. */
  async close(graceMs = 200): Promise<void> {
    this.stopAccepting();
    if (this.#connections.size === 0) return;
    for (const connection of this.#connections) connection.closeWhenSent();
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.schedule(graceMs, () => {
        for (const connection of [...this.#connections]) connection.close();
        resolve();
      });
      const check = (): void => {
        if (this.#connections.size > 0) {
          this.#options.clock.schedule(1, check);
          return;
        }
        timer.cancel();
        resolve();
      };
      check();
    });
  }
}
