import type { Random } from '../../base/random.ts';
import { randomUuid } from '../../base/random.ts';
import { isUuid } from '../../base/uuid.ts';
import { ClusterError, type ClusterSpec, type NodeSpec } from '../layout.ts';
import { DEFAULT_PORT, makeNode } from '../plan.ts';
import { claimPorts } from '../ports.ts';
import type { ComposeFile, ComposeService } from './file.ts';
import { keepsData, kindOf, nodeIdOf, propertiesOf, topicsOf } from './images.ts';

/** A topic that the file wants to be there. */
export interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** A compose file, understood. */
export interface ComposePlan {
  readonly spec: ClusterSpec;
  /** Service name by node id. */
  readonly serviceNames: ReadonlyMap<number, string>;
  readonly topics: readonly WantedTopic[];
  /** What cannot be honoured, one sentence a key. */
  readonly remarks: readonly string[];
  /** Whether any broker keeps its data in a volume, so that `down` leaves it. */
  readonly keepsData: boolean;
}

/** Properties that the launcher decides itself, because addresses inside containers mean nothing outside. */
const LAUNCHER_PROPERTIES = new Set([
  ...['node.id', 'broker.id', 'process.roles', 'listeners', 'advertised.listeners', 'listener.security.protocol.map'],
  ...[
    'inter.broker.listener.name',
    'security.inter.broker.protocol',
    'controller.listener.names',
    'log.dirs',
    'log.dir',
  ],
  ...['controller.quorum.voters', 'controller.quorum.bootstrap.servers', 'zookeeper.connect', 'broker.rack'],
  ...['zookeeper.connection.timeout.ms', 'port', 'host.name', 'advertised.host.name', 'advertised.port'],
]);

/** Properties of Kafka that ask for what ottla does not have: security, plug-ins, tiered storage. */
const UNSERVED =
  /^(?:listener\.name\.|sasl\.|ssl\.|authorizer\.class|super\.users|metric\.reporters|principal\.builder|remote\.log\.)/;

/** Keys of a service that change nothing for a process without a container. */
const HARMLESS_KEYS = new Set([
  ...[
    'image',
    'environment',
    'env_file',
    'ports',
    'container_name',
    'hostname',
    'depends_on',
    'restart',
    'healthcheck',
  ],
  ...[
    'networks',
    'expose',
    'volumes',
    'platform',
    'labels',
    'profiles',
    'stop_grace_period',
    'pull_policy',
    'command',
    'entrypoint',
  ],
]);

/** What a project was before its file was changed. */
export interface FormerProject {
  readonly spec: ClusterSpec;
  /** Service name by node id. */
  readonly serviceNames: ReadonlyMap<number, string>;
}

/**
 * Decides the nodes that a compose file's Kafka services become. Nodes of `former` keep what their data folders know of
 * them. Throws ClusterError when the file has no broker, or the services that are controllers are other ones than before.
 */
export async function planCompose(file: ComposeFile, random: Random, former?: FormerProject): Promise<ComposePlan> {
  const remarks: string[] = [];
  const brokers = file.services.filter((service) => {
    const { name, profiles } = service;
    if (profiles.length > 0 && !profiles.some((profile) => file.activeProfiles.includes(profile))) {
      remarks.push(`${name}: not run; none of its profiles is active: ${profiles.join(', ')} (COMPOSE_PROFILES)`);
      return false;
    }
    const kind = kindOf(service);
    if (kind === 'zookeeper')
      remarks.push(`${service.name}: no process is needed; the brokers are their own quorum (KRaft)`);
    if (kind === 'command')
      remarks.push(`${service.name}: not run; its command is: ${service.command?.trim().replaceAll(/\s+/g, ' ')}`);
    if (kind === 'other') remarks.push(`${service.name}: not run; ${service.image || 'its image'} is no Kafka broker`);
    return kind === 'broker';
  });
  if (brokers.length === 0) throw new ClusterError('the file has no service with a Kafka broker image');

  const nodes: NodeSpec[] = [];
  const serviceNames = new Map<number, string>();
  for (const service of brokers) {
    const id = freeId(nodes, nodeIdOf(service, propertiesOf(service).properties));
    serviceNames.set(id, service.name);
    const old = former?.spec.nodes.find((node) => node.id === id && former.serviceNames.get(id) === service.name);
    nodes.push(await planNode(service, { id, role: roleOf(service, brokers.length, nodes), old }, random, remarks));
  }
  if (former !== undefined) checkSameVoters(former.spec.nodes, nodes);
  const clusterId =
    former?.spec.clusterId ?? brokers.map(clusterIdOf).find((found) => found !== undefined) ?? randomUuid(random);
  const brokerCount = nodes.filter((node) => node.port !== undefined).length;
  return {
    spec: { version: 1, clusterId, nodes, replicationFactor: 1, overrides: internalTopics(Math.min(3, brokerCount)) },
    serviceNames,
    topics: brokers.flatMap(topicsOf).map(parseTopic),
    remarks,
    keepsData: brokers.some(keepsData),
  };
}

/** Without a word in the file a cluster of several brokers replicates its internal topics, as Kafka's defaults do. */
function internalTopics(factor: number): Record<string, string> {
  return {
    'offsets.topic.replication.factor': String(factor),
    'transaction.state.log.replication.factor': String(factor),
    'transaction.state.log.min.isr': String(Math.max(1, factor - 1)),
  };
}

function freeId(nodes: readonly NodeSpec[], wanted: number | undefined): number {
  const used = new Set(nodes.map((node) => node.id));
  if (wanted !== undefined && !used.has(wanted)) return wanted;
  for (let id = 1; ; id++) if (!used.has(id)) return id;
}

function checkSameVoters(before: readonly NodeSpec[], after: readonly NodeSpec[]): void {
  const voters = (nodes: readonly NodeSpec[]): string =>
    nodes.flatMap(({ id, directoryId, isInitialVoter }) => (isInitialVoter ? [`${id} ${directoryId}`] : [])).join();
  if (voters(before) === voters(after)) return;
  throw new ClusterError(
    'the file names other controllers than those that the data is of; remove it first: ottla compose down -v',
  );
}

interface Role {
  readonly isBroker: boolean;
  readonly isController: boolean;
}

// Files with ZooKeeper say no roles: there the first three brokers (or the only one) make up the quorum.
function roleOf(service: ComposeService, brokers: number, before: readonly NodeSpec[]): Role {
  const roles = propertiesOf(service).properties.get('process.roles');
  if (roles !== undefined) return { isBroker: roles.includes('broker'), isController: roles.includes('controller') };
  return { isBroker: true, isController: before.length < (brokers >= 3 ? 3 : 1) };
}

interface Place {
  readonly id: number;
  readonly role: Role;
  /** What the service was before its file was changed. */
  readonly old: NodeSpec | undefined;
}

async function planNode(
  service: ComposeService,
  { id, role, old }: Place,
  random: Random,
  remarks: string[],
): Promise<NodeSpec> {
  const { properties, unknown } = propertiesOf(service);
  for (const name of unknown) remarks.push(`${service.name}: the variable ${name} is not understood`);
  for (const key of service.keys)
    if (!HARMLESS_KEYS.has(key) && !(key === 'network_mode' && service.isOnHostNetwork))
      remarks.push(`${service.name}: ${key} has no effect without a container`);
  const protocols = properties.get('listener.security.protocol.map') ?? '';
  if (/SSL|SASL/.test(protocols))
    remarks.push(`${service.name}: listener.security.protocol.map: all listeners are PLAINTEXT here`);
  for (const name of properties.keys()) {
    if (UNSERVED.test(name)) remarks.push(`${service.name}: ${name} has no effect; there is no such thing in ottla`);
  }
  const published = publishedPorts(service, properties, remarks);
  const [first, ...extra] = role.isBroker ? await claimPorts(published.length > 0 ? published : [0]) : [];
  if (role.isBroker && published.length === 0)
    remarks.push(`${service.name}: publishes no port; it listens on localhost:${first}`);
  const [controllerPort] = role.isController ? await claimPorts([old?.controllerPort ?? 0]) : [];
  const made = makeNode(id, first, controllerPort, random, true);
  const node = old === undefined ? made : { ...made, directoryId: old.directoryId };
  const rack = properties.get('broker.rack') ?? service.environment['KAFKA_BROKER_RACK'];
  const overrides = Object.fromEntries([...properties].filter(([name]) => !LAUNCHER_PROPERTIES.has(name)));
  return { ...node, ...(rack === undefined ? {} : { rack }), extraPorts: extra, overrides };
}

/** Ports of this machine on which clients are to find the broker. */
function publishedPorts(
  service: ComposeService,
  properties: ReadonlyMap<string, string>,
  remarks: string[],
): readonly number[] {
  const controllerNames = (properties.get('controller.listener.names') ?? '').split(',').map((name) => name.trim());
  const listeners = listenerPorts(properties.get('listeners'));
  const portsOf = (isController: boolean): number[] =>
    listeners.filter(({ name }) => controllerNames.includes(name) === isController).map(({ port }) => port);
  const controllers = new Set(portsOf(true));
  const clients = new Set(portsOf(false));
  if (service.isOnHostNetwork) return clients.size > 0 ? [...clients] : [DEFAULT_PORT];
  // Some images listen where they are told to advertise themselves.
  for (const { port } of listenerPorts(properties.get('advertised.listeners'))) clients.add(port);
  return service.ports.flatMap(({ host, container }) => {
    if (controllers.has(container)) return [];
    // Where the listeners are known, another port is something else's: JMX, a debugger, a metrics agent.
    if (clients.size === 0 || clients.has(container)) return [host];
    remarks.push(`${service.name}: ports: ${container} is no listener's; nothing answers there`);
    return [];
  });
}

/** Of a list such as `PLAINTEXT://:9092,CONTROLLER://kafka:9093`. */
function listenerPorts(text = ''): { name: string; port: number }[] {
  return text.split(',').flatMap((listener) => {
    const [, name, port] = /^\s*([\w-]+):\/\/.*:(\d+)\s*$/.exec(listener) ?? [];
    return name === undefined ? [] : [{ name, port: Number(port) }];
  });
}

function clusterIdOf(service: ComposeService): string | undefined {
  const { environment } = service;
  const id = environment['CLUSTER_ID'] ?? environment['KAFKA_KRAFT_CLUSTER_ID'] ?? environment['KAFKA_CLUSTER_ID'];
  return id !== undefined && isUuid(id) ? id : undefined;
}

function parseTopic(text: string): WantedTopic {
  const [name = '', partitions = '1', replicas = '1', policy] = text.split(':').map((part) => part.trim());
  if (name === '' || !/^\d+$/.test(partitions) || !/^\d+$/.test(replicas)) {
    throw new ClusterError(`KAFKA_CREATE_TOPICS has name:partitions:replicas, received ${JSON.stringify(text)}`);
  }
  const configs: Record<string, string> = policy === undefined ? {} : { 'cleanup.policy': policy };
  return { name, partitions: Number(partitions), replicationFactor: Number(replicas), configs };
}
