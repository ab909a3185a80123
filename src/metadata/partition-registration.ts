import { KafkaError } from '../base/kafka-error.ts';
import { MIGRATING_DIRECTORY, type Uuid } from '../base/uuid.ts';
import { type MetadataRecordBody, type MetadataRecordOf, metadataRecord } from './metadata-record.ts';
import { partitionRecordVersion } from './record-versions.ts';

/** Leader of a partition that has none. */
export const NO_LEADER = -1;
/** `leader` of a PartitionChangeRecord that leaves the leader as it is. */
export const NO_LEADER_CHANGE = -2;
/** Whether the leader was elected from the ISR or has to recover after an unclean election. */
export const RECOVERED = 0;
export const RECOVERING = 1;

/**
 * What the metadata says of one partition. Never changed in place: a change makes a new one, so that images can share
 * them and a holder can compare. Lists that are equal are mostly the same object, to keep 100,000 partitions small.
 */
export interface PartitionRegistration {
  /** Broker ids; the first is the preferred leader. */
  readonly replicas: readonly number[];
  /** Id of the log directory of each replica, in the order of `replicas`. */
  readonly directories: readonly Uuid[];
  /** Broker ids that are in sync. */
  readonly isr: readonly number[];
  /** Of a reassignment that is under way. */
  readonly removingReplicas: readonly number[];
  readonly addingReplicas: readonly number[];
  /** Eligible leader replicas (KIP-966). */
  readonly elr: readonly number[];
  /** The last known leader, when ISR and ELR have become empty. */
  readonly lastKnownElr: readonly number[];
  /** Broker id, -1 when there is none. */
  readonly leader: number;
  /** 0 recovered, 1 recovering. */
  readonly leaderRecoveryState: number;
  /** Goes up by one with each change that names a leader. */
  readonly leaderEpoch: number;
  /** Goes up by one with each change. */
  readonly partitionEpoch: number;
}

const NONE: readonly never[] = [];
const MAX_SHARED_LISTS = 20_000;
const sharedLists = new Map<string, readonly (number | string)[]>();

// A cluster has few different replica lists, and decoding makes a new array each time.
function shared<T extends number | string>(list: readonly T[] | null): readonly T[] {
  if (list === null || list.length === 0) return NONE;
  const key = list.join();
  const known = sharedLists.get(key);
  if (known !== undefined && typeof known[0] === typeof list[0]) return known as readonly T[];
  if (sharedLists.size >= MAX_SHARED_LISTS) sharedLists.clear();
  sharedLists.set(key, list);
  return list;
}

function checkedDirectories(directories: readonly Uuid[] | null, replicaCount: number): readonly Uuid[] {
  if (directories === null || directories.length === 0) {
    return shared(new Array<Uuid>(replicaCount).fill(MIGRATING_DIRECTORY));
  }
  if (directories.length !== replicaCount) {
    throw new KafkaError(
      'INVALID_REQUEST',
      `a partition record has ${replicaCount} replicas but ${directories.length} directories`,
    );
  }
  return shared(directories);
}

/** The partition that a PartitionRecord creates. */
export function partitionFromRecord(record: MetadataRecordBody<'PartitionRecord'>): PartitionRegistration {
  return {
    replicas: shared(record.replicas),
    directories: checkedDirectories(record.directories, record.replicas.length),
    isr: shared(record.isr),
    removingReplicas: shared(record.removingReplicas),
    addingReplicas: shared(record.addingReplicas),
    elr: shared(record.eligibleLeaderReplicas),
    lastKnownElr: shared(record.lastKnownElr),
    leader: record.leader,
    leaderRecoveryState: record.leaderRecoveryState,
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
  };
}

/** The partition after a PartitionChangeRecord. Each raises partitionEpoch; one that names a leader also leaderEpoch. */
export function changedPartition(
  previous: PartitionRegistration,
  change: MetadataRecordBody<'PartitionChangeRecord'>,
): PartitionRegistration {
  const namesLeader = change.leader !== NO_LEADER_CHANGE;
  const replicas = change.replicas === null ? previous.replicas : shared(change.replicas);
  return {
    replicas,
    directories: checkedDirectories(change.directories ?? previous.directories, replicas.length),
    isr: change.isr === null ? previous.isr : shared(change.isr),
    removingReplicas: change.removingReplicas === null ? previous.removingReplicas : shared(change.removingReplicas),
    addingReplicas: change.addingReplicas === null ? previous.addingReplicas : shared(change.addingReplicas),
    elr: change.eligibleLeaderReplicas === null ? previous.elr : shared(change.eligibleLeaderReplicas),
    lastKnownElr: change.lastKnownElr === null ? previous.lastKnownElr : shared(change.lastKnownElr),
    leader: namesLeader ? change.leader : previous.leader,
    leaderRecoveryState: change.leaderRecoveryState < 0 ? previous.leaderRecoveryState : change.leaderRecoveryState,
    leaderEpoch: namesLeader ? previous.leaderEpoch + 1 : previous.leaderEpoch,
    partitionEpoch: previous.partitionEpoch + 1,
  };
}

/** The partition after a ClearElrRecord. */
export function withoutElr(previous: PartitionRegistration): PartitionRegistration {
  if (previous.elr.length === 0 && previous.lastKnownElr.length === 0) return previous;
  return { ...previous, elr: NONE, lastKnownElr: NONE, partitionEpoch: previous.partitionEpoch + 1 };
}

/** The record that creates the partition in its present state. */
export function partitionToRecord(
  topicId: Uuid,
  partitionId: number,
  partition: PartitionRegistration,
  metadataVersion: number,
): MetadataRecordOf<'PartitionRecord'> {
  const version = partitionRecordVersion(metadataVersion);
  const elr = version >= 2 && partition.elr.length > 0 ? [...partition.elr] : null;
  const lastKnownElr = version >= 2 && partition.lastKnownElr.length > 0 ? [...partition.lastKnownElr] : null;
  return metadataRecord(
    'PartitionRecord',
    {
      partitionId,
      topicId,
      replicas: partition.replicas,
      isr: partition.isr,
      removingReplicas: partition.removingReplicas,
      addingReplicas: partition.addingReplicas,
      leader: partition.leader,
      leaderRecoveryState: partition.leaderRecoveryState,
      leaderEpoch: partition.leaderEpoch,
      partitionEpoch: partition.partitionEpoch,
      directories: version >= 1 ? partition.directories : [],
      eligibleLeaderReplicas: elr,
      lastKnownElr,
    },
    version,
  );
}

/** Whether a reassignment of the partition is under way. */
export function isReassigning(partition: PartitionRegistration): boolean {
  return partition.removingReplicas.length > 0 || partition.addingReplicas.length > 0;
}

/** Whether two partitions say the same. */
export function samePartition(a: PartitionRegistration, b: PartitionRegistration): boolean {
  return (
    a.leader === b.leader &&
    a.leaderEpoch === b.leaderEpoch &&
    a.partitionEpoch === b.partitionEpoch &&
    a.leaderRecoveryState === b.leaderRecoveryState &&
    sameList(a.replicas, b.replicas) &&
    sameList(a.directories, b.directories) &&
    sameList(a.isr, b.isr) &&
    sameList(a.removingReplicas, b.removingReplicas) &&
    sameList(a.addingReplicas, b.addingReplicas) &&
    sameList(a.elr, b.elr) &&
    sameList(a.lastKnownElr, b.lastKnownElr)
  );
}

/** Whether two lists hold the same in the same order. */
export function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}
