import type { Clock } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { FrameHandler } from './connection.ts';
import type { ListenerType } from './handler.ts';
import { type ConnectionLimits, ConnectionQuotas, Listener } from './listener.ts';
import type { ListenerConfig } from './listener-config.ts';
import type { NetworkMemory } from './network-memory.ts';
import type { ListenFunction } from './tcp-server.ts';

// queued.max.request.bytes is unlimited by default in Kafka, whose heap then sets the limit; ours must not grow so far.
const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024;

/** How many bytes all connections together may hold. */
export function networkMemoryBytes(config: BrokerConfig): number {
  const configured = config.number('queued.max.request.bytes');
  return configured > 0 ? configured : DEFAULT_MEMORY_BYTES;
}

function connectionLimits(config: BrokerConfig): ConnectionLimits {
  const overrides = new Map<string, number>();
  for (const part of (config.stringOrNull('max.connections.per.ip.overrides') ?? '').split(',')) {
    const at = part.lastIndexOf(':');
    if (at > 0) overrides.set(part.slice(0, at).trim(), Number(part.slice(at + 1)));
  }
  return {
    maxRequestBytes: config.number('socket.request.max.bytes'),
    maxConnections: config.number('max.connections'),
    maxConnectionsPerIp: config.number('max.connections.per.ip'),
    maxConnectionsPerIpOverrides: overrides,
    maxIdleMs: config.number('connections.max.idle.ms'),
    backlog: config.number('socket.listen.backlog.size'),
  };
}

export interface NetworkOptions {
  readonly listeners: readonly ListenerConfig[];
  /** How ports are bound. */
  readonly listen: ListenFunction;
  readonly config: BrokerConfig;
  readonly memory: NetworkMemory;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** All listeners of a node. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #quotas: ConnectionQuotas;
  readonly #listeners: readonly Listener[];
  /** What the requests are handed to; set before {@link open}. */
  handleFrame: FrameHandler = () => {
    throw new KafkaError('BROKER_NOT_AVAILABLE', 'this node is not open yet');
  };

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#quotas = new ConnectionQuotas(connectionLimits(options.config));
    const { listen, memory, clock, logger } = options;
    const handleFrame: FrameHandler = (frame, connection, sink, link) =>
      this.handleFrame(frame, connection, sink, link);
    this.#listeners = options.listeners.map((info) => {
      return new Listener({ info, port: info.port, listen, quotas: this.#quotas, memory, handleFrame, clock, logger });
    });
  }

  /** Binds all ports, or none. */
  async bind(): Promise<void> {
    try {
      for (const listener of this.#listeners) await listener.bind();
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  /** Begins to serve the listeners of one kind. */
  open(type: ListenerType): void {
    for (const listener of this.#listeners) if (listener.info.type === type) listener.open();
  }

  /** The port that a listener is bound to. */
  portOf(listenerName: string): number {
    return this.#listeners.find(({ info }) => info.name === listenerName)?.port ?? 0;
  }

  /** Limits on connections may change at run time. */
  updateLimits(): void {
    this.#quotas.limits = connectionLimits(this.#options.config);
  }

  /** Takes no more connections; of one kind of listener, or of all. */
  stopAccepting(type?: ListenerType): void {
    for (const listener of this.#of(type)) listener.stopAccepting();
  }

  async close(graceMs?: number, type?: ListenerType): Promise<void> {
    await Promise.all(this.#of(type).map((listener) => listener.close(graceMs)));
  }

  #of(type: ListenerType | undefined): Listener[] {
    return this.#listeners.filter(({ info }) => type === undefined || info.type === type);
  }
}
