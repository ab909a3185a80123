import { Cluster } from '../../cluster/cluster.ts';
import { delay } from '../../cluster/node-process.ts';
import { clusterStatus } from '../../cluster/status.ts';
import type { VerbContext } from './command.ts';
import { Interruption } from './interruption.ts';
import { deathNotice, statusTable } from './print.ts';

const VIEW_MS = 1000;
const VIEW_PATIENCE_MS = 2000;
const POLL_MS = 100;

/**
 * Stays with a cluster until Ctrl-C: shows the nodes live on a terminal, tells of every node that ends, and takes all
 * down at the end. Other launchers may act on the cluster meanwhile; a node that they add is looked after as well.
 */
export async function superviseInForeground(started: Cluster, context: VerbContext): Promise<number> {
  const { io, directory, environment } = context;
  let cluster = started;
  const interruption = new Interruption(io);
  const hasView = io.terminal.stdout && context.output === 'text';
  let alive = new Set(cluster.runningIds());
  const notices: string[] = [];
  let nextViewMs = 0;
  while (!interruption.isThere) {
    cluster = Cluster.find(directory, environment) ?? cluster;
    const now = new Set(cluster.runningIds());
    for (const id of alive) {
      if (now.has(id)) continue;
      notices.push(deathNotice(cluster, id));
      if (!hasView) io.stderr.write(deathNotice(cluster, id));
    }
    alive = now;
    if (hasView && io.clock.monotonicMs() >= nextViewMs) {
      nextViewMs = io.clock.monotonicMs() + VIEW_MS;
      // A quorum that is lost is waited for; Ctrl-C is not to wait with it.
      const status = await interruption.cut(clusterStatus(cluster, VIEW_PATIENCE_MS));
      if (status === undefined) break;
      const table = await statusTable(status, io, true);
      io.stdout.write(`${table}${notices.slice(-3).join('')}Ctrl-C stops the cluster; try: ottla cluster kill 1\n`);
    }
    if (alive.size === 0) break;
    await interruption.cut(delay(io.clock, POLL_MS));
  }
  interruption.release();
  if (alive.size === 0 && !interruption.isThere) {
    io.stderr.write('ottla cluster: no node runs any more\n');
    return 1;
  }
  io.stderr.write('ottla cluster: stopping ...\n');
  await cluster.stop();
  return 0;
}
