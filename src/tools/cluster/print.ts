import type { Cluster } from '../../cluster/cluster.ts';
import type { NodeSpec } from '../../cluster/layout.ts';
import type { ClusterStatus, NodeStatus } from '../../cluster/status.ts';
import type { ToolIo } from '../shared/tool.ts';

/** One JSON object with all that a program needs to use the cluster. */
export function startedJson(cluster: Cluster): string {
  const nodes = cluster.nodes.map((node) => ({
    id: node.id,
    roles: node.roles,
    host: node.host,
    port: node.port ?? null,
    controllerPort: node.controllerPort ?? null,
    pid: cluster.process(node.id).identity()?.pid ?? null,
    dataDir: cluster.layout.dataDir(node.id),
    rack: node.rack ?? null,
  }));
  const started = {
    event: 'ready',
    clusterId: cluster.spec.clusterId,
    bootstrapServers: cluster.bootstrapServers,
    controllerBootstrapServers: cluster.controllerBootstrapServers,
    nodes,
  };
  return `${JSON.stringify(started)}\n`;
}

export function startedText(cluster: Cluster, wasRunning: boolean): string {
  const count = cluster.nodes.filter((node) => node.port !== undefined).length;
  const what = wasRunning ? 'is running already' : 'ready';
  return `ottla: cluster of ${count} ${count === 1 ? 'broker' : 'brokers'} ${what} on ${cluster.bootstrapServers} (data in ${cluster.layout.directory})\n`;
}

export function statusJson(status: ClusterStatus): string {
  return `${JSON.stringify({
    ...status,
    problem: status.problem ?? null,
    nodes: status.nodes.map(({ node, ...rest }) => ({ ...node, ...rest })),
  })}\n`;
}

const HEADINGS = [
  'NODE',
  'ROLES',
  'ADDRESS',
  'RACK',
  'PID',
  'STATE',
  'LEADS',
  'FOLLOWS',
  'OUT OF SYNC',
  'METADATA LAG',
];

function address(node: NodeSpec): string {
  return node.port === undefined ? `${node.host}:${node.controllerPort}` : `${node.host}:${node.port}`;
}

function stateOf(status: NodeStatus): string {
  const cut = status.cutOffFrom.length > 0 ? `, cut off from ${status.cutOffFrom.join(',')}` : '';
  if (status.state === 'running' && status.isFenced === true) return `fenced${cut}`;
  return `${status.state}${cut}`;
}

function row(status: NodeStatus): string[] {
  const { node } = status;
  const isBroker = node.port !== undefined;
  const roles = node.roles.map((role) =>
    role === 'controller' && status.isActiveController ? 'active controller' : role,
  );
  return [
    String(node.id),
    roles.join(', '),
    address(node),
    node.rack ?? '-',
    status.pid === undefined ? '-' : String(status.pid),
    stateOf(status),
    isBroker ? String(status.partitionsLed) : '-',
    isBroker ? String(status.partitionsFollowed) : '-',
    isBroker ? String(status.partitionsOutOfSync) : '-',
    status.metadataLag === undefined ? '-' : String(status.metadataLag),
  ];
}

function summary(status: ClusterStatus): string {
  const unaware = status.unaware.length === 0 ? '' : `, unknown to node ${status.unaware.join(', ')}`;
  if (status.problem !== undefined) return `No broker knows an active controller: ${status.problem}\n`;
  return (
    `${status.topics} topics, ${status.partitions} partitions, ${status.underReplicated} under-replicated, ` +
    `${status.withoutLeader} without a leader; controller ${status.activeController} in epoch ${status.controllerEpoch}${unaware}\n`
  );
}

/** The status as a table: with colour and lines on a terminal, in plain columns through a pipe. */
export async function statusTable(status: ClusterStatus, io: ToolIo, isRepeated: boolean): Promise<string> {
  const rows = status.nodes.map(row);
  if (!io.terminal.stdout) {
    const widths = HEADINGS.map((heading, i) =>
      Math.max(heading.length, ...rows.map((cells) => (cells[i] ?? '').length)),
    );
    const line = (cells: readonly string[]) =>
      `${cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`;
    return `${line(HEADINGS)}${rows.map(line).join('')}${summary(status)}`;
  }
  const [{ default: Table }, { default: chalk }] = await Promise.all([import('cli-table3'), import('chalk')]);
  const table = new Table({
    head: HEADINGS.map((heading) => chalk.bold(heading)),
    style: { head: [], border: ['grey'] },
  });
  status.nodes.forEach((node, i) => {
    const colour =
      node.state === 'stopped'
        ? chalk.red
        : node.state === 'paused' || node.isFenced === true
          ? chalk.yellow
          : chalk.green;
    table.push((rows[i] ?? []).map((cell, column) => (HEADINGS[column] === 'STATE' ? colour(cell) : cell)));
  });
  const isBad =
    status.problem !== undefined || status.unaware.length > 0 || status.underReplicated > 0 || status.withoutLeader > 0;
  const text = `${table.toString()}\n${isBad ? chalk.yellow(summary(status)) : summary(status)}`;
  // Home and clear: a repeated view stays in its place.
  return isRepeated ? `\u001b[H\u001b[2J${text}` : text;
}

/** How a node's death is told: when nobody asked for it, with its last words. */
export function deathNotice(cluster: Cluster, id: number): string {
  const said = cluster
    .process(id)
    .lastLines()
    .split('\n')
    .map((line) => `  ${line}\n`)
    .join('');
  return `node ${id} ended; it said last (${cluster.layout.logPath(id)}):\n${said}`;
}
