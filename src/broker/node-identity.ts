import { hostname } from 'node:os';
import { TOLERATED_FEATURES } from '../metadata/features.ts';
import type { Endpoint } from '../metadata/registrations.ts';
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
