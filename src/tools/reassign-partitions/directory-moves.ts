import { KafkaError } from '../../base/kafka-error.ts';
import { alterReplicaLogDirs, describeLogDirs } from '../../client/admin/cluster.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution } from '../shared/admin-session.ts';
import { executionException } from '../shared/java-errors.ts';
import { ToolExit } from '../shared/tool.ts';
import type { ReassignRun } from './actions.ts';
import { ANY_LOG_DIR, commandFailed, type PlannedPartition } from './plan-file.ts';

/** A replica and the directory of its broker that it shall be in. */
export interface DirectoryMove {
  readonly topic: string;
  readonly partition: number;
  readonly brokerId: number;
  readonly logDir: string;
}

/** Where a replica is, and where it is being moved; undefined when it is nowhere or not moved. */
interface ReplicaDirectories {
  readonly current: string | undefined;
  readonly future: string | undefined;
}

/** How far a move is. */
export interface DirectoryMoveState extends ReplicaDirectories {
  readonly move: DirectoryMove;
}

const RETRY_MS = 100;

/** `topic-partition-broker`, as Kafka prints a replica. */
function replicaName({ topic, partition, brokerId }: Omit<DirectoryMove, 'logDir'>): string {
  return `${topic}-${partition}-${brokerId}`;
}

function byBroker<T extends Omit<DirectoryMove, 'logDir'>>(moves: readonly T[]): T[] {
  return [...moves].sort((a, b) => {
    if (a.brokerId !== b.brokerId) return a.brokerId - b.brokerId;
    return a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;
  });
}

/** The moves between directories that a plan asks for: replicas for which it names a directory. */
export function directoryMovesOf(plan: readonly PlannedPartition[]): DirectoryMove[] {
  return plan.flatMap(({ topic, partition, replicas, logDirs }) =>
    replicas.flatMap((brokerId, i) => {
      const logDir = logDirs[i] ?? ANY_LOG_DIR;
      return logDir === ANY_LOG_DIR ? [] : [{ topic, partition, brokerId, logDir }];
    }),
  );
}

async function directoriesOf(admin: KafkaClient, brokers: readonly number[]): Promise<Map<string, ReplicaDirectories>> {
  const found = new Map<string, ReplicaDirectories>();
  for (const [brokerId, directories] of await asExecution(describeLogDirs(admin, brokers))) {
    if (directories instanceof KafkaError) throw executionException(directories);
    for (const { logDir, replicas } of directories) {
      for (const [topic, partitions] of replicas) {
        for (const [partition, { isFuture }] of partitions) {
          const name = replicaName({ topic, partition, brokerId });
          const known = found.get(name) ?? { current: undefined, future: undefined };
          found.set(name, isFuture ? { ...known, future: logDir } : { ...known, current: logDir });
        }
      }
    }
  }
  return found;
}

/** How far each move of a plan is, in the order of brokers. */
export async function directoryMoveStates(
  admin: KafkaClient,
  plan: readonly PlannedPartition[],
): Promise<DirectoryMoveState[]> {
  const moves = byBroker(directoryMovesOf(plan));
  if (moves.length === 0) return [];
  const found = await directoriesOf(admin, [...new Set(moves.map(({ brokerId }) => brokerId))]);
  return moves.map((move) => {
    const { current, future } = found.get(replicaName(move)) ?? { current: undefined, future: undefined };
    // Kafka takes a replica that is only on its way for one that is lost.
    return { move, current, future: current === undefined ? undefined : future };
  });
}

/** Whether a move is over, one way or another; what is lost counts as moving no more. */
export function isMoveDone({ future }: DirectoryMoveState): boolean {
  return future === undefined;
}

/** The line of `--verify` for a move. */
export function moveStateText({ move, current, future }: DirectoryMoveState): string {
  const { topic, partition, brokerId, logDir } = move;
  const partitionText = `Partition ${topic}-${partition}`;
  if (current === undefined) {
    const why = 'There is likely an offline log directory on the broker.';
    return `${partitionText} is not found in any live log dir on broker ${brokerId}. ${why}\n`;
  }
  if (future !== undefined) {
    if (future === logDir) return `Reassignment of replica ${replicaName(move)} is still in progress.\n`;
    return `${partitionText} on broker ${brokerId} is being moved to log dir ${future} instead of ${logDir}.\n`;
  }
  if (current === logDir) return `Reassignment of replica ${replicaName(move)} completed successfully.\n`;
  return `${partitionText} on broker ${brokerId} is not being moved from log dir ${current} to ${logDir}.\n`;
}

/**
 * Starts moves between directories. A replica that is not on its broker yet is tried again until `--timeout` is over;
 * then, and when a broker refuses, the tool ends with Kafka's message.
 */
export async function startDirectoryMoves(
  { admin, line, io }: ReassignRun,
  moves: readonly DirectoryMove[],
): Promise<void> {
  const deadlineMs = io.clock.nowMs() + (line.longOf('timeout') ?? 10_000);
  let pending = byBroker(moves);
  while (pending.length > 0) {
    const results = await alterReplicaLogDirs(admin, pending);
    const waiting: DirectoryMove[] = [];
    for (const move of pending) {
      const error = results.get(replicaName(move));
      if (error instanceof KafkaError) {
        if (error.errorName !== 'REPLICA_NOT_AVAILABLE')
          throw commandFailed(`Failed to alter dir for ${replicaName(move)}`);
        waiting.push(move);
      } else if (line.output === 'text') {
        const { topic, partition, brokerId, logDir } = move;
        const what = `Successfully started moving log directory to ${logDir} for replica ${topic}-${partition}`;
        io.stdout.write(`${what} with broker ${brokerId} \n`);
      }
    }
    pending = waiting;
    if (pending.length === 0) return;
    if (io.clock.nowMs() >= deadlineMs) {
      const names = pending.map(replicaName).join(',');
      const what = `log directory move${pending.length === 1 ? '' : 's'}`;
      throw new ToolExit(1, { stdout: `Timed out before ${what} could be started for: ${names}\n` });
    }
    await admin.sleep(RETRY_MS);
  }
}
