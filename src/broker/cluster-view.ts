import type { MetadataImage } from '../metadata/metadata-image.ts';
import type { BrokerRegistration } from '../metadata/registrations.ts';
import type { RequestContext } from './handler.ts';
import type { ListenerConfig } from './listener-config.ts';

/** A broker as clients are told of it. */
export interface BrokerNode {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/**
 * The cluster as a client sees it over one listener: where each broker can be reached.
 *
 * A listener of this broker that has no advertised address is told to each client under the address by which that client
 * came: whatever name or port mapping led it here, that address works. Only `localhost` keeps its name, since it was
 * the name that was configured.
 */
export class ClusterView {
  readonly #image: MetadataImage;
  readonly #nodeId: number;
  readonly #listeners: ReadonlyMap<string, ListenerConfig>;

  constructor(image: MetadataImage, nodeId: number, listeners: readonly ListenerConfig[]) {
    this.#image = image;
    this.#nodeId = nodeId;
    this.#listeners = new Map(listeners.map((listener) => [listener.name, listener]));
  }

  /** Brokers that are registered, unfenced and reachable by the request's listener, by ascending id. */
  aliveBrokers(context: RequestContext): BrokerNode[] {
    const nodes: BrokerNode[] = [];
    for (const broker of this.#image.brokers.values()) {
      if (broker.fenced) continue;
      const node = this.#nodeOf(broker, context);
      if (node !== undefined) nodes.push(node);
    }
    return nodes.sort((a, b) => a.nodeId - b.nodeId);
  }

  /** The broker, when it is unfenced and reachable by the request's listener. */
  aliveBroker(id: number, context: RequestContext): BrokerNode | undefined {
    const broker = this.#image.brokers.get(id);
    return broker === undefined || broker.fenced ? undefined : this.#nodeOf(broker, context);
  }

  isAlive(id: number): boolean {
    const broker = this.#image.brokers.get(id);
    return broker !== undefined && !broker.fenced;
  }

  /** The broker, fenced or not. */
  node(broker: BrokerRegistration, context: RequestContext): BrokerNode | undefined {
    return this.#nodeOf(broker, context);
  }

  #nodeOf(broker: BrokerRegistration, context: RequestContext): BrokerNode | undefined {
    const endpoint = broker.listeners.find(({ name }) => name === context.listener.name);
    if (endpoint === undefined) return undefined;
    const { id: nodeId, rack } = broker;
    const own = nodeId === this.#nodeId ? this.#listeners.get(context.listener.name) : undefined;
    if (own === undefined || own.advertised !== undefined) {
      return { nodeId, host: endpoint.host, port: endpoint.port, rack };
    }
    const { localAddress, localPort } = context.connection;
    const host = own.boundHost === 'localhost' || localAddress === '::1' ? 'localhost' : localAddress;
    return { nodeId, host, port: localPort, rack };
  }
}
