import type { ClusterSpec, NodeSpec } from './layout.ts';

/** Names of the listeners of every node. */
const BROKER_LISTENER = 'PLAINTEXT';
const CONTROLLER_LISTENER = 'CONTROLLER';

function extraListener(index: number): string {
  return `PLAINTEXT_${index + 2}`;
}

function voterAddresses(spec: ClusterSpec): string[] {
  return spec.nodes
    .filter((node) => node.controllerPort !== undefined)
    .map((node) => `${node.host}:${node.controllerPort}`);
}

/**
 * The voters that the quorum begins with, as `kafka-storage format --initial-controllers` takes them:
 * `id@host:port:directoryId,...`.
 */
export function initialControllers(spec: ClusterSpec): string {
  return spec.nodes
    .filter((node) => node.isInitialVoter)
    .map((node) => `${node.id}@${node.host}:${node.controllerPort}:${node.directoryId}`)
    .join(',');
}

/**
 * Quicker than Kafka's defaults: on one machine a message takes no time, and who tries a failover does not want to wait
 * nine seconds for it. docs/cluster.md lists them.
 */
const QUICK: Readonly<Record<string, string>> = {
  'controller.quorum.election.timeout.ms': '200',
  'controller.quorum.election.backoff.max.ms': '200',
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
};

/** A node's properties; what the user set wins. Apache Kafka can be started with the same file. */
export function nodeProperties(spec: ClusterSpec, node: NodeSpec, dataDir: string): Record<string, string> {
  const listeners: string[] = [];
  const extra = node.extraPorts ?? [];
  if (node.port !== undefined) listeners.push(`${BROKER_LISTENER}://${node.host}:${node.port}`);
  extra.forEach((port, i) => {
    listeners.push(`${extraListener(i)}://${node.host}:${port}`);
  });
  if (node.controllerPort !== undefined) listeners.push(`${CONTROLLER_LISTENER}://${node.host}:${node.controllerPort}`);
  const factor = String(spec.replicationFactor);
  const minIsr = String(Math.max(1, spec.replicationFactor - 1));
  return {
    'process.roles': node.roles.join(','),
    'node.id': String(node.id),
    listeners: listeners.join(','),
    'advertised.listeners': listeners.join(','),
    'controller.listener.names': CONTROLLER_LISTENER,
    'inter.broker.listener.name': BROKER_LISTENER,
    'listener.security.protocol.map': [CONTROLLER_LISTENER, BROKER_LISTENER, ...extra.map((_, i) => extraListener(i))]
      .map((name) => `${name}:PLAINTEXT`)
      .join(','),
    'controller.quorum.bootstrap.servers': voterAddresses(spec).join(','),
    ...QUICK,
    'log.dirs': dataDir,
    ...(node.rack === undefined ? {} : { 'broker.rack': node.rack }),
    'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    'default.replication.factor': factor,
    'offsets.topic.replication.factor': factor,
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': minIsr,
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': minIsr,
    ...spec.overrides,
    ...node.overrides,
  };
}

/** Java properties text: what stands for itself needs no escapes but the backslashes of Windows paths. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}`);
  return `${lines.join('\n')}\n`;
}
