import { UNASSIGNED_DIRECTORY } from '../base/uuid.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import type { PartitionRegistration } from '../metadata/partition-registration.ts';
import { type BrokerRegistration, hasOnlineDirectory } from '../metadata/registrations.ts';
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

  /** Whether a broker is registered, fenced or not, and has the request's listener. */
  reachable(id: number, context: RequestContext): boolean {
    return this.#image.brokers.get(id)?.listeners.some(({ name }) => name === context.listener.name) ?? false;
  }

  /** Those of `ids` that are unfenced and have the request's listener. */
  aliveOnly(ids: readonly number[], context: RequestContext): number[] {
    return ids.filter((id) => this.isAlive(id) && this.reachable(id, context));
  }

  /** Replicas that are down, fenced, without the request's listener, or in a directory that failed. */
  offlineReplicas(partition: PartitionRegistration, context: RequestContext): number[] {
    return partition.replicas.filter((id, i) => {
      const broker = this.#image.brokers.get(id);
      if (broker === undefined || broker.fenced || !this.reachable(id, context)) return true;
      return !hasOnlineDirectory(broker, partition.directories[i] ?? UNASSIGNED_DIRECTORY);
    });
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
