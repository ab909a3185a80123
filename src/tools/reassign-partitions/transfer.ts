import { KafkaError } from '../../base/kafka-error.ts';
import { describeCluster, describeLogDirs, type LogDirDescription } from '../../client/admin/cluster.ts';
import type { PartitionReassignment } from '../../client/admin/partitions.ts';
import { partitionName } from '../../client/index.ts';
import { tellProgress } from '../shared/progress.ts';
import type { ReassignRun } from './actions.ts';
import type { DirectoryMove } from './directory-moves.ts';

/** A person who asks how far a plan is must not wait for a broker that does not answer. */
const PATIENCE_MS = 2000;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** How much has come of the replicas that are under way. */
export interface Transfer {
  readonly replicas: number;
  readonly arrivedBytes: number;
  readonly totalBytes: number;
}

/** Bytes of a partition's replicas: by broker, and of those that move to another directory of their broker. */
class PartitionSizes {
  readonly #current = new Map<number, number>();
  readonly #future = new Map<number, number>();

  add(broker: number, isFuture: boolean, sizeBytes: number): void {
    (isFuture ? this.#future : this.#current).set(broker, sizeBytes);
  }

  /** How far a replica is that the other brokers' are copied to. */
  added(broker: number): Omit<Transfer, 'replicas'> {
    return reached(this.#current.get(broker), Math.max(0, ...this.#current.values()));
  }

  /** How far a replica is that is copied to another directory. */
  moved(broker: number): Omit<Transfer, 'replicas'> | undefined {
    const size = this.#future.get(broker);
    return size === undefined ? undefined : reached(size, this.#current.get(broker) ?? size);
  }
}

/** What was deleted since by retention never comes, and what came since is not known of all: neither is more than all. */
function reached(sizeBytes = 0, totalBytes: number): Omit<Transfer, 'replicas'> {
  return { arrivedBytes: Math.min(sizeBytes, totalBytes), totalBytes };
}

function sizesOf(
  directories: ReadonlyMap<number, KafkaError | readonly LogDirDescription[]>,
): Map<string, PartitionSizes> {
  const sizes = new Map<string, PartitionSizes>();
  for (const [broker, dirs] of directories) {
    if (dirs instanceof KafkaError) continue;
    for (const [topic, partitions] of dirs.flatMap(({ replicas }) => [...replicas])) {
      for (const [partition, { isFuture, sizeBytes }] of partitions) {
        const name = partitionName(topic, partition);
        const found = sizes.get(name) ?? new PartitionSizes();
        found.add(broker, isFuture, sizeBytes);
        sizes.set(name, found);
      }
    }
  }
  return sizes;
}

/** How far the replicas are that reassignments add, and those that moves bring to another directory. */
export function transferOf(
  running: readonly PartitionReassignment[],
  moves: readonly DirectoryMove[],
  directories: ReadonlyMap<number, KafkaError | readonly LogDirDescription[]>,
): Transfer {
  const sizes = sizesOf(directories);
  const parts = [
    ...running.flatMap(({ topic, partition, addingReplicas }) =>
      addingReplicas.map((id) => sizes.get(partitionName(topic, partition))?.added(id)),
    ),
    ...moves.map(({ topic, partition, brokerId }) => sizes.get(partitionName(topic, partition))?.moved(brokerId)),
  ].filter((part) => part !== undefined);
  const sum = (of: 'arrivedBytes' | 'totalBytes') => parts.reduce((bytes, part) => bytes + part[of], 0);
  return { replicas: parts.length, arrivedBytes: sum('arrivedBytes'), totalBytes: sum('totalBytes') };
}

/** Tells a person at a terminal how far replicas are that are still under way; nothing when that cannot be found out. */
export async function tellTransfer(
  { admin, io }: ReassignRun,
  running: readonly PartitionReassignment[],
  moves: readonly DirectoryMove[],
): Promise<void> {
  if (!io.terminal.stderr || running.length + moves.length === 0) return;
  const findOut = async (): Promise<Transfer> => {
    const { nodes } = await describeCluster(admin);
    return transferOf(
      running,
      moves,
      await describeLogDirs(
        admin,
        nodes.map(({ id }) => id),
      ),
    );
  };
  const transfer = await Promise.race([findOut(), admin.sleep(PATIENCE_MS)]).catch(() => undefined);
  if (transfer === undefined || transfer.totalBytes === 0) return;
  const { replicas, arrivedBytes, totalBytes } = transfer;
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(totalBytes / 10) / 3)));
  const inUnit = (bytes: number) => Math.floor(bytes / 1000 ** power);
  const what = `Moving ${replicas} replica${replicas === 1 ? '' : 's'}`;
  await tellProgress(io, { what, unit: UNITS[power] ?? '', total: inUnit(totalBytes) }, inUnit(arrivedBytes));
}
