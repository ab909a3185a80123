import { KafkaError } from '../../base/kafka-error.ts';
import { describeCluster } from '../../client/admin/cluster.ts';
import {
  alterPartitionReassignments,
  listPartitionReassignments,
  type PartitionReassignment,
} from '../../client/admin/partitions.ts';
import { type KafkaClient, partitionName } from '../../client/index.ts';
import { asExecution } from '../shared/admin-session.ts';
import { javaMessageOf } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { withProgress } from '../shared/progress.ts';
import { ToolExit, type ToolIo } from '../shared/tool.ts';
import { assignmentJson, currentPartitions, logDirsOf, partitionsOfTopics, stateOf } from './assignments.ts';
import type { ReassignLine } from './command.ts';
import {
  directoryMoveStates,
  directoryMovesOf,
  isMoveDone,
  moveStateText,
  startDirectoryMoves,
} from './directory-moves.ts';
import { placeReplicas } from './placement.ts';
import {
  ANY_LOG_DIR,
  checkPlan,
  commandFailed,
  operationFailed,
  type PlannedPartition,
  readBrokers,
  readPlan,
  readTopics,
} from './plan-file.ts';
import { clearThrottles, throttleMoves } from './throttles.ts';
import { tellTransfer } from './transfer.ts';

/** What every action gets. */
export interface ReassignRun {
  readonly admin: KafkaClient;
  readonly line: ReassignLine;
  readonly io: ToolIo;
}

function terse(message: string): ToolExit {
  return new ToolExit(1, { stdout: `${message}\n` });
}

function byName<T extends { readonly topic: string; readonly partition: number }>(partitions: readonly T[]): T[] {
  return [...partitions].sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
}

function names(partitions: readonly { readonly topic: string; readonly partition: number }[]): string {
  return byName(partitions)
    .map(({ topic, partition }) => partitionName(topic, partition))
    .join(',');
}

function planOf({ line, io }: ReassignRun): PlannedPartition[] {
  return readPlan(line.valueOf('reassignment-json-file') ?? '', io.cwd);
}

async function generate(run: ReassignRun): Promise<void> {
  const { admin, line, io } = run;
  const brokerIds = readBrokers(line.valueOf('broker-list') ?? '');
  const topics = readTopics(line.valueOf('topics-to-move-json-file') ?? '', io.cwd);
  const current = await partitionsOfTopics(admin, topics);
  const isRackAware = !line.has('disable-rack-aware');
  const { nodes } = await asExecution(describeCluster(admin));
  const brokers = nodes
    .filter(({ id }) => brokerIds.includes(id))
    .map(({ id, rack }) => ({ id, rack: isRackAware ? rack : null }));
  const rackless = brokers.filter(({ rack }) => rack === null).length;
  if (isRackAware && rackless > 0 && rackless < brokers.length) {
    throw operationFailed(
      'Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment ' +
        'without rack information.',
    );
  }
  const proposed: PlannedPartition[] = topics.flatMap((topic) => {
    const own = byName(current.filter((partition) => partition.topic === topic));
    const placed = placeReplicas(brokers, own.length, own[0]?.replicas.length ?? 0, io.random);
    return placed.map((replicas, partition) => ({
      topic,
      partition,
      replicas,
      logDirs: replicas.map(() => ANY_LOG_DIR),
    }));
  });
  const withDirs = await logDirsOf(admin, current);
  if (line.output === 'json') {
    printJson(io, { current: JSON.parse(assignmentJson(withDirs)), proposed: JSON.parse(assignmentJson(proposed)) });
    return;
  }
  io.stdout.write(`Current partition replica assignment\n${assignmentJson(withDirs)}\n\n`);
  io.stdout.write(`Proposed partition reassignment configuration\n${assignmentJson(proposed)}\n`);
}

const EXISTING =
  'Cannot execute because there is an existing partition assignment.  Use --additional to override this and create a ' +
  'new partition assignment in addition to the existing one. The --additional flag can also be used to change the ' +
  'throttle by resubmitting the current reassignment.';

async function checkBrokers(admin: KafkaClient, plan: readonly PlannedPartition[]): Promise<void> {
  const { nodes } = await asExecution(describeCluster(admin));
  const known = nodes.map(({ id }) => id);
  const unknown = plan.flatMap(({ replicas }) => replicas).find((id) => !known.includes(id));
  if (unknown !== undefined) throw commandFailed(`Unknown broker id ${unknown}`);
}

async function execute(run: ReassignRun): Promise<void> {
  const { admin, line, io } = run;
  const plan = planOf(run);
  checkPlan(plan);
  const running = await asExecution(listPartitionReassignments(admin));
  if (running.length > 0 && !line.has('additional')) throw terse(EXISTING);
  await checkBrokers(admin, plan);
  const current = await currentPartitions(admin, plan);
  const before = assignmentJson(await logDirsOf(admin, current));
  if (line.output === 'text') {
    io.stdout.write(`Current partition replica assignment\n\n${before}\n\n`);
    io.stdout.write('Save this to use as the --reassignment-json-file option during rollback\n');
  }
  const directoryMoves = directoryMovesOf(plan);
  await throttleMoves(run, plan, current, running, directoryMoves);
  const allowReplicationFactorChange = !line.has('disallow-replication-factor-change');
  const results = await withProgress(io, { what: 'Starting reassignments' }, () =>
    asExecution(alterPartitionReassignments(admin, plan, { allowReplicationFactorChange })),
  );
  throwFailures('Error reassigning partition(s):', plan, results);
  if (line.output === 'text')
    io.stdout.write(`Successfully started partition reassignment${plan.length === 1 ? '' : 's'} for ${names(plan)}\n`);
  await startDirectoryMoves(run, directoryMoves);
  if (line.output === 'json') {
    printJson(io, { before: JSON.parse(before), started: names(plan).split(','), directoryMoves });
  }
}

function throwFailures(
  title: string,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
  results: ReadonlyMap<string, KafkaError | undefined>,
): void {
  const lines = byName(partitions).flatMap(({ topic, partition }) => {
    const name = partitionName(topic, partition);
    const error = results.get(name);
    return error instanceof KafkaError ? [`${name}: ${javaMessageOf(error)}`] : [];
  });
  if (lines.length > 0) throw terse([title, ...lines].join('\n'));
}

async function verify(run: ReassignRun): Promise<void> {
  const { admin, line, io } = run;
  const plan = planOf(run);
  const running = await asExecution(listPartitionReassignments(admin));
  const states = await stateOf(admin, byName(plan), running);
  const documents: unknown[] = [];
  if (line.output === 'text') io.stdout.write('Status of partition reassignment:\n');
  for (const { partition, current, isRunning } of states) {
    const name = partitionName(partition.topic, partition.partition);
    const target = partition.replicas.join(',');
    const isDone = !isRunning && current.join(',') === target;
    documents.push({ partition: name, replicas: current, isRunning, isDone });
    if (line.output === 'json') continue;
    if (isRunning) io.stdout.write(`Reassignment of partition ${name} is still in progress.\n`);
    else if (isDone) io.stdout.write(`Reassignment of partition ${name} is completed.\n`);
    else {
      const text = `replica set is ${current.join(',')} rather than ${target}.`;
      io.stdout.write(`There is no active reassignment of partition ${name}, but ${text}\n`);
    }
  }
  const moves = await directoryMoveStates(admin, plan);
  if (line.output === 'json') printJson(io, { partitions: documents, directoryMoves: moves });
  else {
    io.stdout.write(moves.length === 0 ? '\n' : moves.map(moveStateText).join(''));
    const planned = new Set(plan.map(({ topic, partition }) => partitionName(topic, partition)));
    const ours = running.filter(({ topic, partition }) => planned.has(partitionName(topic, partition)));
    const underWay = moves.filter((state) => !isMoveDone(state)).map(({ move }) => move);
    await tellTransfer(run, ours, underWay);
  }
  const isOver = running.length === 0 && moves.every(isMoveDone);
  if (isOver && !line.has('preserve-throttles')) await clearThrottles(run, plan);
}

async function cancel(run: ReassignRun): Promise<void> {
  const { admin, line, io } = run;
  const plan = planOf(run);
  const running = (await asExecution(listPartitionReassignments(admin, plan))).filter(
    ({ addingReplicas, removingReplicas }) => addingReplicas.length > 0 || removingReplicas.length > 0,
  );
  if (running.length > 0) {
    const cancellations = running.map(({ topic, partition }) => ({ topic, partition, replicas: null }));
    const results = await asExecution(alterPartitionReassignments(admin, cancellations));
    const failed = [...results.values()].filter((result) => result instanceof KafkaError).length;
    throwFailures(`Error cancelling partition reassignment${failed === 1 ? '' : 's'} for:`, running, results);
  }
  const cancelled = running.length === 0 ? [] : names(running).split(',');
  if (line.output === 'text') {
    const done = `Successfully cancelled partition reassignment${running.length === 1 ? '' : 's'} for: ${cancelled.join(',')}\n`;
    io.stdout.write(running.length > 0 ? done : 'None of the specified partition reassignments are active.\n');
  }
  // A move is cancelled by moving the replica to where it is.
  const active = (await directoryMoveStates(admin, plan)).flatMap(({ move, current, future }) =>
    future === undefined || current === undefined ? [] : [{ ...move, logDir: current }],
  );
  if (active.length > 0) await startDirectoryMoves(run, active);
  // Kafka's tool has no line end here.
  else if (line.output === 'text') io.stdout.write('None of the specified partition moves are active.');
  if (line.output === 'json') printJson(io, { cancelled, directoryMoves: active });
  if (!line.has('preserve-throttles')) await clearThrottles(run, plan);
}

function reassignmentLine({
  topic,
  partition,
  replicas,
  addingReplicas,
  removingReplicas,
}: PartitionReassignment): string {
  const adding = addingReplicas.length === 0 ? '' : ` adding: ${addingReplicas.join(',')}.`;
  const removing = removingReplicas.length === 0 ? '' : ` removing: ${removingReplicas.join(',')}.`;
  return `${partitionName(topic, partition)}: replicas: ${replicas.join(',')}.${adding}${removing}\n`;
}

async function list({ admin, line, io }: ReassignRun): Promise<void> {
  const running = byName(await asExecution(listPartitionReassignments(admin)));
  if (line.output === 'json') printJson(io, running);
  else if (running.length === 0) io.stdout.write('No partition reassignments found.\n');
  else io.stdout.write(`Current partition reassignments:\n${running.map(reassignmentLine).join('')}`);
}

/** The actions by their options. */
export const ACTION_RUNS = { generate, execute, verify, cancel, list } as const;
