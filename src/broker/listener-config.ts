import { KafkaError } from '../base/kafka-error.ts';
import type { ListenerInfo, ListenerType } from './handler.ts';

/** One entry of `listeners`. */
export interface ListenerConfig extends ListenerInfo {
  /** 0 = any free port. */
  readonly port: number;
  /** From advertised.listeners; undefined when that does not name the listener. */
  readonly advertised: { readonly host: string; readonly port: number } | undefined;
}

interface ParsedListener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const SECURITY_PROTOCOLS: readonly ListenerInfo['securityProtocol'][] = [
  'PLAINTEXT',
  'SSL',
  'SASL_PLAINTEXT',
  'SASL_SSL',
];

const ENDPOINT = /^([A-Za-z0-9_.-]+):\/\/(?:\[([^\]]*)\]|([^[\]:/]*)):(-?\d+)$/;

/** The number of a security protocol, as registrations carry it. */
export function securityProtocolId(protocol: ListenerInfo['securityProtocol']): number {
  return SECURITY_PROTOCOLS.indexOf(protocol);
}

function invalid(option: string, value: string, why: string): KafkaError {
  return new KafkaError('INVALID_CONFIG', `Invalid value ${value} for configuration ${option}: ${why}`);
}

function parseEndpoints(option: string, text: string): ParsedListener[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.map((part) => {
    const match = ENDPOINT.exec(part);
    const port = Number(match?.[4] ?? -1);
    if (match === null || port < 0 || port > 65_535) {
      throw invalid(option, text, `${part} is not of the form NAME://host:port`);
    }
    return { name: (match[1] ?? '').toUpperCase(), host: match[2] ?? match[3] ?? '', port };
  });
}

function protocolOf(name: string, map: ReadonlyMap<string, string>): ListenerInfo['securityProtocol'] {
  const wanted = map.get(name) ?? name;
  const protocol = SECURITY_PROTOCOLS.find((known) => known === wanted);
  if (protocol === undefined) {
    throw new KafkaError('INVALID_CONFIG', `no security protocol is defined for listener ${name}`);
  }
  if (protocol !== 'PLAINTEXT') {
    throw new KafkaError('INVALID_CONFIG', `listener ${name} uses ${protocol}; only PLAINTEXT listeners can be served`);
  }
  return protocol;
}

function parseProtocolMap(text: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const part of text.split(',')) {
    const [name, protocol] = part.split(':').map((side) => side.trim().toUpperCase());
    if (name !== undefined && name !== '' && protocol !== undefined) map.set(name, protocol);
  }
  return map;
}

/** What the listeners of a broker are made from, as text of Kafka's options. */
export interface ListenerOptionTexts {
  /** `process.roles`. */
  readonly roles: ReadonlySet<'broker' | 'controller'>;
  readonly listeners: string;
  readonly advertisedListeners: string | undefined;
  readonly controllerListenerNames: readonly string[];
  readonly securityProtocolMap: string;
}

/** Reads `listeners` and what belongs to it. Throws KafkaError INVALID_CONFIG. */
export function parseListeners(texts: ListenerOptionTexts): ListenerConfig[] {
  const controllerNames = texts.controllerListenerNames.map((name) => name.toUpperCase());
  const protocols = parseProtocolMap(texts.securityProtocolMap);
  // As Kafka: a controller listener without an entry is PLAINTEXT as long as the map is the default one.
  for (const name of controllerNames) if (!protocols.has(name)) protocols.set(name, 'PLAINTEXT');
  const advertised = new Map(
    parseEndpoints('advertised.listeners', texts.advertisedListeners ?? '').map((endpoint) => [
      endpoint.name,
      endpoint,
    ]),
  );
  const seen = new Set<string>();
  const listeners = parseEndpoints('listeners', texts.listeners).map((endpoint): ListenerConfig => {
    if (seen.has(endpoint.name))
      throw invalid('listeners', texts.listeners, 'each listener must have a different name');
    seen.add(endpoint.name);
    const type: ListenerType = controllerNames.includes(endpoint.name) ? 'controller' : 'broker';
    return {
      name: endpoint.name,
      type,
      securityProtocol: protocolOf(endpoint.name, protocols),
      // 0.0.0.0 is how Kafka's examples say "every address"; so is an empty host.
      boundHost: endpoint.host === '0.0.0.0' || endpoint.host === '::' ? '' : endpoint.host,
      port: endpoint.port,
      advertised: advertised.get(endpoint.name),
    };
  });
  for (const name of advertised.keys()) {
    if (!seen.has(name)) {
      throw invalid('advertised.listeners', texts.advertisedListeners ?? '', `listeners has no listener ${name}`);
    }
  }
  if ([...advertised.values()].some(({ host }) => host === '0.0.0.0')) {
    throw new KafkaError(
      'INVALID_CONFIG',
      'requirement failed: advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.',
    );
  }
  checkRoles(texts, listeners);
  return listeners;
}

function checkRoles({ roles, listeners: text }: ListenerOptionTexts, listeners: readonly ListenerConfig[]): void {
  const hasBroker = listeners.some(({ type }) => type === 'broker');
  const hasController = listeners.some(({ type }) => type === 'controller');
  if (roles.has('broker') !== hasBroker) {
    const why = hasBroker
      ? 'a node whose process.roles is controller has only those that controller.listener.names names'
      : 'there must be a listener that is no controller listener';
    throw invalid('listeners', text, why);
  }
  if (!roles.has('controller') && hasController) {
    throw invalid('listeners', text, 'a node whose process.roles is broker has no controller listener');
  }
}
