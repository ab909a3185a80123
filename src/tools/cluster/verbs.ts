/** What the verbs of `ottla cluster` do; each returns its exit code and throws ClusterError when it cannot. */
import { Cluster } from '../../cluster/cluster.ts';
import { withLauncherLock } from '../../cluster/launcher-lock.ts';
import { ClusterError, ClusterLayout } from '../../cluster/layout.ts';
import { delay } from '../../cluster/node-process.ts';
import type { ClusterPlan } from '../../cluster/plan.ts';
import { type ClusterStatus, clusterStatus } from '../../cluster/status.ts';
import type { VerbContext } from './command.ts';
import { Interruption } from './interruption.ts';
import { startedJson, startedText, statusJson, statusTable } from './print.ts';
import { superviseInForeground } from './supervise.ts';

interface StartOptions {
  readonly brokers?: number;
  readonly controllers?: number;
  readonly port?: number;
  readonly rf?: number;
  readonly override: Record<string, string>;
  readonly detach?: boolean;
}

const WATCH_MS = 1000;
/** A view that is repeated need not wait for an election. */
const WATCH_PATIENCE_MS = 2000;

export async function start(context: VerbContext, options: StartOptions): Promise<number> {
  const { io, directory } = context;
  let interrupted = false;
  const unhook = io.onInterrupt(() => {
    interrupted = true;
  });
  const isCancelled = (): boolean => interrupted;
  const { cluster, wasRunning } = await withLauncherLock(directory, io.clock, isCancelled, () =>
    findOrMake(context, options, isCancelled),
  ).finally(unhook);
  io.stdout.write(context.output === 'json' ? startedJson(cluster) : startedText(cluster, wasRunning));
  if (options.detach === true || (wasRunning && !interrupted)) return 0;
  if (interrupted) {
    await cluster.stop();
    return 0;
  }
  return superviseInForeground(cluster, context);
}

/** The cluster in the folder with all its nodes running: the one that is there, or a new one. */
async function findOrMake(
  { directory, environment }: VerbContext,
  options: StartOptions,
  isCancelled: () => boolean,
): Promise<{ cluster: Cluster; wasRunning: boolean }> {
  const found = Cluster.find(directory, environment);
  const plan = planOf(options);
  if (found !== undefined && Object.keys(plan).length > 0) refuseOtherPlan(found, options);
  const cluster = found ?? (await Cluster.create(directory, plan, environment));
  const wasRunning = cluster.runningIds().length === cluster.nodes.length;
  try {
    await cluster.start(isCancelled);
  } catch (error) {
    // One that never ran holds nothing, and what was wrong with its options must not bind the next attempt.
    if (found === undefined) await cluster.purge();
    throw error;
  }
  return { cluster, wasRunning };
}

function planOf(options: StartOptions): ClusterPlan {
  return {
    ...(options.brokers === undefined ? {} : { brokers: options.brokers }),
    ...(options.controllers === undefined ? {} : { controllers: options.controllers }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.rf === undefined ? {} : { replicationFactor: options.rf }),
    ...(Object.keys(options.override).length === 0 ? {} : { overrides: options.override }),
  };
}

/** A cluster keeps the shape that it was made with; asking for another one must not be ignored in silence. */
function refuseOtherPlan(cluster: Cluster, options: StartOptions): void {
  const brokers = cluster.nodes.filter((node) => node.port !== undefined);
  const controllers = cluster.nodes.filter((node) => node.port === undefined);
  const wrong: string[] = [];
  if (options.brokers !== undefined && options.brokers !== brokers.length) wrong.push(`--brokers ${brokers.length}`);
  if (options.controllers !== undefined && options.controllers !== controllers.length) {
    wrong.push(`--controllers ${controllers.length}`);
  }
  if (options.port !== undefined && options.port !== 0 && options.port !== brokers[0]?.port)
    wrong.push(`--port ${brokers[0]?.port}`);
  if (options.rf !== undefined && options.rf !== cluster.spec.replicationFactor)
    wrong.push(`--rf ${cluster.spec.replicationFactor}`);
  for (const [name, value] of Object.entries(options.override)) {
    if (cluster.spec.overrides[name] !== value) wrong.push(`${name}=${cluster.spec.overrides[name] ?? '(not set)'}`);
  }
  if (wrong.length === 0) return;
  throw new ClusterError(
    `the cluster in ${cluster.layout.directory} was made with ${wrong.join(', ')}; ` +
      'start it without that option, take another --data-dir, or remove it with: ottla cluster purge',
  );
}

export async function status(context: VerbContext, isWatching: boolean): Promise<number> {
  const { io } = context;
  const show = async (found: ClusterStatus): Promise<void> =>
    io.stdout.write(context.output === 'json' ? statusJson(found) : await statusTable(found, io, isWatching));
  if (!isWatching) {
    await show(await clusterStatus(context.open()));
    return 0;
  }
  const interruption = new Interruption(io);
  try {
    while (!interruption.isThere && !io.stdout.closed) {
      const found = await interruption.cut(clusterStatus(context.open(), WATCH_PATIENCE_MS));
      if (found === undefined) break;
      await show(found);
      await interruption.cut(delay(io.clock, WATCH_MS));
    }
    return 0;
  } finally {
    interruption.release();
  }
}

export async function stop(context: VerbContext, id: number | undefined): Promise<number> {
  const cluster = context.open();
  if (id === undefined) await cluster.stop();
  else await cluster.stopNode(cluster.node(id).id);
  return done(context, id === undefined ? 'stopped' : `node ${id} stopped`);
}

export async function kill(context: VerbContext, id: number): Promise<number> {
  await context.open().process(id).kill();
  return done(context, `node ${id} killed`);
}

export async function restart(context: VerbContext, id: number): Promise<number> {
  await context.open().restartNode(id);
  return done(context, `node ${id} restarted`);
}

export async function pause(context: VerbContext, id: number): Promise<number> {
  context.open().process(id).pause();
  return done(context, `node ${id} paused`);
}

export async function resume(context: VerbContext, id: number): Promise<number> {
  context.open().process(id).resume();
  return done(context, `node ${id} resumed`);
}

export async function partition(context: VerbContext, groups: readonly (readonly number[])[]): Promise<number> {
  await context.open().partition(groups);
  return done(context, `cut: ${groups.map((group) => group.join(',')).join(' / ')}`);
}

export async function heal(context: VerbContext): Promise<number> {
  await context.open().heal();
  return done(context, 'healed');
}

export async function addBroker(context: VerbContext, port: number): Promise<number> {
  const node = await context.open().addBroker(port);
  return done(context, `node ${node.id} added on ${node.host}:${node.port}`, { node });
}

export async function logs(
  context: VerbContext,
  id: number,
  options: { lines: number; follow?: boolean },
): Promise<number> {
  const { io } = context;
  const cluster = context.open();
  const process = cluster.process(id);
  io.stdout.write(`${process.lastLines(options.lines)}\n`);
  if (options.follow !== true) return 0;
  const { fileSystem } = context.environment;
  const path = cluster.layout.logPath(id);
  let at = fileSystem.exists(path) ? fileSystem.fileSizeBytes(path) : 0;
  let stopped = false;
  io.onInterrupt(() => {
    stopped = true;
  });
  while (!stopped && !io.stdout.closed) {
    await delay(io.clock, 200);
    const size = fileSystem.exists(path) ? fileSystem.fileSizeBytes(path) : 0;
    if (size <= at) continue;
    const file = fileSystem.open(path, 'read');
    const chunk = Buffer.alloc(size - at);
    at += file.read(chunk, 0, chunk.length, at);
    file.close();
    io.stdout.write(chunk);
  }
  return 0;
}

export async function purge(context: VerbContext, isSure: boolean): Promise<number> {
  const { io } = context;
  const { directory, environment } = context;
  new ClusterLayout(directory, environment.fileSystem).checkExists();
  if (!isSure && io.terminal.stdin && io.terminal.stdout) {
    const { default: inquirer } = await import('inquirer');
    const message = `Remove the cluster in ${directory} with all its data?`;
    const { remove } = await inquirer.prompt<{ remove: boolean }>([
      { type: 'confirm', name: 'remove', message, default: false },
    ]);
    if (!remove) return 1;
  }
  await Cluster.purgeFolder(directory, environment);
  return done(context, `removed ${directory}`);
}

function done(context: VerbContext, text: string, details: Record<string, unknown> = {}): number {
  context.io.stdout.write(context.output === 'json' ? `${JSON.stringify({ event: text, ...details })}\n` : `${text}\n`);
  return 0;
}
