import { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../protocol/schema.ts';
import { type Connector, PeerConnection, type PeerResult } from '../raft/peer-connection.ts';

/** Where a node is reached on one of its listeners. */
export interface NodeAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface NodeNetworkOptions {
  readonly clock: Clock;
  /** How a node is dialled: plain TCP, TLS, or a simulated network. */
  readonly connector: Connector;
  /** All that is known of where a node can be reached, on whatever listener; for {@link NodeNetwork.cutOffFrom}. */
  addressesOf(nodeId: number): readonly { readonly host: string; readonly port: number }[];
}

interface OpenStream {
  readonly stream: Duplex;
  readonly host: string;
  readonly port: number;
}

/** The largest response that is read: fetches ask for less, and one record batch may be larger than asked for. */
const DEFAULT_MAX_RESPONSE_BYTES = 256 * 1024 * 1024;

/**
 * All connections that this node opens to other nodes: the quorum's, the ones to the active controller, replica
 * fetchers, transaction markers. One place, so that a node can be cut off from others as by a broken network.
 */
export class NodeNetwork {
  readonly #options: NodeNetworkOptions;
  readonly #streams = new Set<OpenStream>();
  readonly #links = new Set<NodeLink>();
  #cutOff: ReadonlySet<number> = new Set();
  #isClosed = false;

  constructor(options: NodeNetworkOptions) {
    this.#options = options;
  }

  /** Dials any node; a stream to one that this node is cut off from, or of a closed network, fails. */
  readonly connector: Connector = (host, port, receive) => {
    if (this.#isClosed) return failedStream('this node is closed');
    if (this.#isCut(host, port)) return failedStream('the network is cut');
    const stream = this.#options.connector(host, port, receive);
    const open = { stream, host, port };
    this.#streams.add(open);
    stream.once('close', () => this.#streams.delete(open));
    return stream;
  };

  /**
   * A way to one node, whose address may change. Nothing is dialled before the first request. One request of a link is
   * handled at a time by the other side, so what must not wait for one another has links of its own.
   * @param destination where the node is now; undefined while that is not known
   * @param reusesMemory responses are valid only until `done` returns
   */
  link(clientId: string, destination: () => NodeAddress | undefined, reusesMemory = false): NodeLink {
    const { clock } = this.#options;
    const link = new NodeLink({
      clientId,
      destination,
      reusesMemory,
      clock,
      connector: this.connector,
      onClosed: () => this.#links.delete(link),
    });
    this.#links.add(link);
    return link;
  }

  /**
   * Drops all traffic to these nodes as a broken network does: open connections end, new ones fail. The list replaces
   * the one before. What the nodes send to us is theirs to drop.
   */
  cutOffFrom(nodeIds: readonly number[]): void {
    this.#cutOff = new Set(nodeIds);
    for (const { stream, host, port } of [...this.#streams]) {
      if (this.#isCut(host, port)) stream.destroy(new Error('the network is cut'));
    }
  }

  #isCut(host: string, port: number): boolean {
    for (const id of this.#cutOff) {
      for (const address of this.#options.addressesOf(id)) {
        if (address.port === port && address.host === host) return true;
      }
    }
    return false;
  }

  close(): void {
    this.#isClosed = true;
    for (const link of [...this.#links]) link.close();
    for (const { stream } of [...this.#streams]) stream.destroy();
  }
}

// Fails on the next turn: whoever asked for it must first have the chance to listen.
function failedStream(why: string): Duplex {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  stream.destroy(new Error(why));
  return stream;
}

interface NodeLinkOptions {
  readonly clientId: string;
  readonly destination: () => NodeAddress | undefined;
  readonly reusesMemory: boolean;
  readonly clock: Clock;
  readonly connector: Connector;
  readonly onClosed: () => void;
}

/** The way to one node: a connection that is opened when it is needed, and anew after it broke. */
export class NodeLink {
  readonly #options: NodeLinkOptions;
  #connection: PeerConnection | undefined;
  #address: NodeAddress | undefined;
  #isClosed = false;

  constructor(options: NodeLinkOptions) {
    this.#options = options;
  }

  /**
   * Sends a request in the highest version that both sides know, at least `minVersion`. `done` is called exactly once
   * and never before this returns. Errors: BROKER_NOT_AVAILABLE when the node is not known or cannot be reached, or the
   * connection broke; REQUEST_TIMED_OUT after `timeoutMs` (the connection is then closed); UNSUPPORTED_VERSION.
   */
  send<Q extends Fields, P extends Fields>(
    request: MessageSchema<Q>,
    response: MessageSchema<P>,
    body: InputFields<Q>,
    timeoutMs: number,
    done: (result: PeerResult<DecodedFields<P>>) => void,
    minVersion = 0,
  ): void {
    const connection = this.#open();
    if (connection === undefined) {
      const error = new KafkaError('BROKER_NOT_AVAILABLE', 'the node cannot be reached: its address is not known');
      this.#options.clock.schedule(0, () => done({ error }));
      return;
    }
    connection.send(request, response, body, timeoutMs, done, minVersion);
  }

  #open(): PeerConnection | undefined {
    const address = this.#isClosed ? undefined : this.#options.destination();
    if (this.#isThere(address) && this.#connection?.isClosed === false) return this.#connection;
    this.disconnect('the node has another address now');
    if (address === undefined) return undefined;
    const { clientId, connector, clock, reusesMemory } = this.#options;
    this.#address = address;
    this.#connection = new PeerConnection({
      host: address.host,
      port: address.port,
      clientId,
      connector,
      clock,
      maxResponseBytes: DEFAULT_MAX_RESPONSE_BYTES,
      reusesMemory,
      onClosed: () => {},
    });
    return this.#connection;
  }

  #isThere(address: NodeAddress | undefined): boolean {
    const known = this.#address;
    return address?.id === known?.id && address?.host === known?.host && address?.port === known?.port;
  }

  /** Ends the connection when it leads elsewhere than to where the node is now, as far as that is known. */
  disconnectIfMoved(): void {
    const address = this.#options.destination();
    if (address !== undefined && !this.#isThere(address)) this.disconnect('the node is another one now');
  }

  /** Ends the connection, if there is one; what was not answered fails with BROKER_NOT_AVAILABLE. */
  disconnect(why: string): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close(why);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.disconnect('this node is closed');
    this.#options.onClosed();
  }
}
