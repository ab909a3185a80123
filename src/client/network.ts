import { KafkaError } from '../base/kafka-error.ts';
import { ExponentialBackoff } from './backoff.ts';
import type { ClientConfig } from './client-config.ts';
import type { Connection } from './connection.ts';
import type { ClientEnvironment } from './environment.ts';
import { disconnectError } from './errors.ts';
import { openConnection } from './open-connection.ts';
import type { Node } from './types.ts';

/** What is known of the way to one node. */
interface Link {
  node: Node;
  connection: Connection | undefined;
  opening: Promise<Connection> | undefined;
  /** Failures in a row. */
  failures: number;
  /** Monotonic time before which no new attempt is made. */
  retryAtMs: number;
}

/** The connections of a client: one a node, made when first needed, with Kafka's backoff between attempts. */
export class Network {
  readonly #config: ClientConfig;
  readonly #environment: ClientEnvironment;
  readonly #reconnectBackoff: ExponentialBackoff;
  readonly #setupTimeout: ExponentialBackoff;
  readonly #links = new Map<number, Link>();
  #isClosed = false;

  constructor(config: ClientConfig, environment: ClientEnvironment) {
    const { random } = environment;
    this.#config = config;
    this.#environment = environment;
    this.#reconnectBackoff = new ExponentialBackoff(config.reconnectBackoffMs, config.reconnectBackoffMaxMs, random);
    this.#setupTimeout = new ExponentialBackoff(
      config.values.number('socket.connection.setup.timeout.ms'),
      config.values.number('socket.connection.setup.timeout.max.ms'),
      random,
    );
  }

  /** The open connection to a node, if there is one. */
  ready(node: Node): Connection | undefined {
    const link = this.#links.get(node.id);
    if (link === undefined || !isSamePlace(link.node, node)) return undefined;
    return link.connection;
  }

  /** How many ms must pass before the node may be tried again; 0 when it may be tried now. */
  backoffMs(node: Node): number {
    const link = this.#links.get(node.id);
    if (link === undefined || link.connection !== undefined) return 0;
    return Math.max(0, link.retryAtMs - this.#environment.clock.monotonicMs());
  }

  /**
   * The connection to a node, opened when there is none. Rejects with KafkaError: a disconnection (the caller should
   * heed {@link backoffMs} before it tries again) or an authentication failure.
   */
  connect(node: Node): Promise<Connection> {
    if (this.#isClosed) return Promise.reject(disconnectError('The client is closed.'));
    const link = this.#link(node);
    if (link.connection !== undefined) return Promise.resolve(link.connection);
    link.opening ??= this.#open(link);
    return link.opening;
  }

  /** The node with an open connection and the fewest requests under way, else one that may be tried, else undefined. */
  leastLoaded(nodes: readonly Node[]): Node | undefined {
    let best: Node | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const node of nodes) {
      const count = this.ready(node)?.inFlightCount ?? Number.POSITIVE_INFINITY;
      if (count < fewest) [best, fewest] = [node, count];
    }
    if (best !== undefined) return best;
    const triable = nodes.filter((node) => this.backoffMs(node) === 0);
    return triable[this.#environment.random.int(Math.max(triable.length, 1))];
  }

  /** Makes a connection that was opened to a bootstrap address serve the node that turned out to live there. */
  adopt(bootstrap: Node, node: Node): void {
    const from = this.#links.get(bootstrap.id);
    const connection = from?.connection;
    if (from === undefined || connection === undefined || this.#links.get(node.id)?.connection !== undefined) return;
    this.#links.delete(bootstrap.id);
    const link: Link = { ...from, node };
    this.#links.set(node.id, link);
    connection.node = node;
    connection.onClose = () => this.#lost(link, connection);
  }

  close(): void {
    this.#isClosed = true;
    for (const link of this.#links.values()) link.connection?.close();
    this.#links.clear();
  }

  #link(node: Node): Link {
    const known = this.#links.get(node.id);
    if (known !== undefined) {
      if (isSamePlace(known.node, node)) return known;
      known.connection?.close(disconnectError(`node ${node.id} moved to ${node.host}:${node.port}`));
    }
    const link: Link = { node, connection: undefined, opening: undefined, failures: 0, retryAtMs: 0 };
    this.#links.set(node.id, link);
    return link;
  }

  async #open(link: Link): Promise<Connection> {
    try {
      const setupTimeoutMs = this.#setupTimeout.delayMs(link.failures);
      const connection = await openConnection(link.node, this.#config, this.#environment, setupTimeoutMs);
      if (this.#isClosed) {
        connection.close();
        throw disconnectError('The client is closed.');
      }
      link.failures = 0;
      link.connection = connection;
      connection.onClose = () => this.#lost(link, connection);
      return connection;
    } catch (error) {
      this.#backOff(link);
      throw error instanceof KafkaError ? error : disconnectError(String(error), error);
    } finally {
      link.opening = undefined;
    }
  }

  #lost(link: Link, connection: Connection): void {
    if (link.connection !== connection) return;
    link.connection = undefined;
    this.#backOff(link);
  }

  #backOff(link: Link): void {
    link.retryAtMs = this.#environment.clock.monotonicMs() + this.#reconnectBackoff.delayMs(link.failures);
    link.failures++;
  }
}

function isSamePlace(a: Node, b: Node): boolean {
  return a.host === b.host && a.port === b.port;
}
