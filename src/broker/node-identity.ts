import { hostname } from 'node:os';
import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import { TOLERATED_FEATURES } from '../metadata/features.ts';
import type { Endpoint } from '../metadata/registrations.ts';
import type { NodeConfig } from './config.ts';
import type { ListenerType } from './handler.ts';
import { type ListenerConfig, securityProtocolId } from './listener-config.ts';

/**
 * A node's listeners of one kind as it registers them. One without an advertised address is registered under the host
 * that it is bound to, or this machine's name when it is bound to all addresses, as Kafka does.
 */
export function registeredEndpoints(
  listeners: readonly ListenerConfig[],
  type: ListenerType,
  portOf: (listenerName: string) => number,
): Endpoint[] {
  return listeners
    .filter((listener) => listener.type === type)
    .map(({ name, boundHost, advertised, securityProtocol }) => ({
      name,
      host: advertised?.host || boundHost || hostname(),
      port: advertised?.port || portOf(name),
      securityProtocol: securityProtocolId(securityProtocol),
      unknownTaggedFields: undefined,
    }));
}

/** The feature levels at which this node can take part, as registrations carry them. */
export function registeredFeatures() {
  return [...TOLERATED_FEATURES].map(([name, { min, max }]) => ({
    name,
    minSupportedVersion: min,
    maxSupportedVersion: max,
  }));
}

type PortOf = (listenerName: string) => number;

/** What a controller registers itself with. */
export function controllerRegistration(node: NodeConfig, incarnationId: Uuid, portOf: PortOf) {
  return {
    controllerId: node.nodeId,
    incarnationId,
    zkMigrationReady: false,
    listeners: registeredEndpoints(node.listeners, 'controller', portOf),
    features: registeredFeatures(),
  };
}

/** What a broker registers itself with, as far as its configuration does not say it. */
export interface BrokerIdentity {
  readonly clusterId: string;
  /** Random for each start of the process. */
  readonly incarnationId: Uuid;
  /** Directory ids. */
  readonly logDirs: Uuid[];
  /** Epoch that ended with a clean stop, -1 after any other. */
  readonly previousBrokerEpoch: number;
  readonly portOf: PortOf;
}

export function brokerRegistration(node: NodeConfig, { portOf, ...identity }: BrokerIdentity) {
  return {
    ...identity,
    brokerId: node.nodeId,
    listeners: registeredEndpoints(node.listeners, 'broker', portOf),
    features: registeredFeatures(),
    rack: node.rack,
    isMigratingZkBroker: false,
  };
}

/** The first broker listener, or else the first of all. Throws INVALID_CONFIG when there is none. */
export function firstListener(listeners: readonly ListenerConfig[]): ListenerConfig {
  const listener = listeners.find(({ type }) => type === 'broker') ?? listeners[0];
  if (listener === undefined) throw new KafkaError('INVALID_CONFIG', 'there is no listener');
  return listener;
}

/** `host:port` of a listener for clients on this machine. */
export function clientAddress({ name, boundHost, advertised }: ListenerConfig, portOf: PortOf): string {
  const host = advertised?.host || boundHost || 'localhost';
  return `${host.includes(':') ? `[${host}]` : host}:${advertised?.port || portOf(name)}`;
}
