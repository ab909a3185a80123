import { KafkaError } from '../../base/kafka-error.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponseInput,
} from '../../protocol/messages/37-create-partitions.ts';
import type { MetadataRecord } from '../metadata-record.ts';
import { NO_LEADER, type PartitionRegistration, partitionToRecord, RECOVERED } from '../partition-registration.ts';
import { type ControllerState, type Decision, defaultDirectory, isBrokerActive } from './controller-state.ts';
import { ReplicaPlacer, usableBrokers } from './replica-placement.ts';
import { apiError } from './topics.ts';

type PartitionsTopic = CreatePartitionsRequest['topics'][number];

const MAX_PARTITIONS_PER_REQUEST = 10_000;

/** A partition as it is created: the active ones of its replicas are in sync, the first of them leads. */
export function newPartition(state: ControllerState, replicas: readonly number[]): PartitionRegistration {
  const isr = replicas.filter((id) => isBrokerActive(state.image, id));
  return {
    replicas,
    directories: replicas.map((id) => defaultDirectory(state.image, id)),
    isr,
    removingReplicas: [],
    addingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader: isr[0] ?? NO_LEADER,
    leaderRecoveryState: RECOVERED,
    leaderEpoch: 0,
    partitionEpoch: 0,
  };
}

/** Throws KafkaError INVALID_REPLICA_ASSIGNMENT when these cannot be a partition's replicas. */
export function checkManualAssignment(
  state: ControllerState,
  replicas: readonly number[],
  replicationFactor: number | undefined,
): void {
  const refuse = (message: string): KafkaError =>
    new KafkaError('INVALID_REPLICA_ASSIGNMENT', `The manual partition assignment includes ${message}`);
  if (replicas.length === 0) throw refuse('an empty replica list.');
  let previous: number | undefined;
  for (const id of [...replicas].sort((a, b) => a - b)) {
    if (!state.image.brokers.has(id)) throw refuse(`broker ${id}, but no such broker is registered.`);
    if (id === previous) throw refuse(`the broker ${id} more than once.`);
    previous = id;
  }
  if (replicationFactor !== undefined && replicas.length !== replicationFactor) {
    throw refuse(
      `a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, ` +
        `which have ${replicationFactor} replica(s).`,
    );
  }
}

/** CreatePartitions: each topic gets its new partitions or is refused on its own. */
export function decideCreatePartitions(
  state: ControllerState,
  request: CreatePartitionsRequest,
): Decision<CreatePartitionsResponseInput> {
  const counts = new Map<string, number>();
  for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const wanted = request.topics.filter(({ name }) => counts.get(name) === 1);
  checkPartitionCount(state, wanted);
  const results: NonNullable<CreatePartitionsResponseInput['results']>[number][] = [];
  for (const [name, count] of counts) {
    if (count > 1) results.push({ name, ...apiError(new KafkaError('INVALID_REQUEST', 'Duplicate topic name.')) });
  }
  const records: MetadataRecord[] = [];
  for (const topic of wanted) {
    try {
      records.push(...addPartitions(state, topic));
      results.push({ name: topic.name, errorMessage: null });
    } catch (error) {
      results.push({ name: topic.name, ...apiError(error) });
    }
  }
  return { records: request.validateOnly ? [] : records, response: { results }, isAtomic: true };
}

function checkPartitionCount(state: ControllerState, topics: readonly PartitionsTopic[]): void {
  let additional = 0;
  for (const { name, count } of topics) {
    const topic = state.image.topic(name);
    if (topic !== undefined) additional += Math.max(0, count - topic.partitions.length);
  }
  if (additional > MAX_PARTITIONS_PER_REQUEST) {
    throw new KafkaError('POLICY_VIOLATION', 'Excessively large number of additional partitions per request.');
  }
}

function addPartitions(state: ControllerState, wanted: PartitionsTopic): MetadataRecord[] {
  const topic = state.image.topic(wanted.name);
  if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION');
  const present = topic.partitions.length;
  if (wanted.count === present) {
    throw new KafkaError('INVALID_PARTITIONS', `Topic already has ${present} partition(s).`);
  }
  if (wanted.count < present) {
    throw new KafkaError(
      'INVALID_PARTITIONS',
      `The topic ${wanted.name} currently has ${present} partition(s); ${wanted.count} would not be an increase.`,
    );
  }
  const replicationFactor = topic.partitions[0]?.replicas.length ?? 0;
  const assignments = chosenAssignments(state, wanted, wanted.count - present, present, replicationFactor);
  return assignments.map((replicas, i) => {
    const partition = newPartition(state, replicas);
    if (partition.isr.length === 0) {
      throw new KafkaError(
        'INVALID_REPLICATION_FACTOR',
        `Unable to replicate the partition ${replicationFactor} time(s): ` +
          'All brokers are currently fenced or in controlled shutdown.',
      );
    }
    return partitionToRecord(topic.id, present + i, partition, state.image.metadataVersion);
  });
}

function chosenAssignments(
  state: ControllerState,
  wanted: PartitionsTopic,
  additional: number,
  firstNew: number,
  replicationFactor: number,
): readonly (readonly number[])[] {
  if (wanted.assignments === null) {
    const usable = usableBrokers(state.image.brokers.values(), (id) => state.sessions.isShuttingDown(id));
    return new ReplicaPlacer(state.random, usable).place(additional, replicationFactor);
  }
  if (wanted.assignments.length !== additional) {
    throw new KafkaError(
      'INVALID_REPLICA_ASSIGNMENT',
      `Attempted to add ${additional} additional partition(s), but only ${wanted.assignments.length} ` +
        'assignment(s) were specified.',
    );
  }
  return wanted.assignments.map(({ brokerIds }, i) => {
    checkManualAssignment(state, brokerIds, replicationFactor);
    if (!brokerIds.some((id) => isBrokerActive(state.image, id))) {
      throw new KafkaError(
        'INVALID_REPLICA_ASSIGNMENT',
        `All brokers specified in the manual partition assignment for partition ${firstNew + i} ` +
          'are fenced or in controlled shutdown.',
      );
    }
    return brokerIds;
  });
}
