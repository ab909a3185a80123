import { KafkaError } from '../../base/kafka-error.ts';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponseInput,
} from '../../protocol/messages/45-alter-partition-reassignments.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponseInput,
} from '../../protocol/messages/46-list-partition-reassignments.ts';
import type { MetadataImage, TopicImage } from '../metadata-image.ts';
import type { MetadataRecord } from '../metadata-record.ts';
import { isReassigning, type PartitionRegistration } from '../partition-registration.ts';
import type { ControllerState, Decision } from './controller-state.ts';
import { decidePartitionChange, type TopicRules, topicRules } from './partition-change.ts';
import { checkManualAssignment } from './partitions.ts';
import { apiError } from './topics.ts';

/** AlterPartitionReassignments (KIP-455): starts, changes or, with no replicas, cancels reassignments. */
export function decideAlterPartitionReassignments(
  state: ControllerState,
  request: AlterPartitionReassignmentsRequest,
): Decision<AlterPartitionReassignmentsResponseInput> {
  const records: MetadataRecord[] = [];
  const { allowReplicationFactorChange } = request;
  const responses = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, replicas }) => {
      try {
        const { rules, partition } = findPartition(state, name, partitionIndex);
        const record =
          replicas === null
            ? cancel(state, rules, partitionIndex, partition)
            : reassign(state, rules, partitionIndex, partition, replicas, allowReplicationFactorChange);
        if (record !== undefined) records.push(record);
        return { partitionIndex, errorMessage: null };
      } catch (error) {
        return { partitionIndex, ...apiError(error) };
      }
    }),
  }));
  return { records, response: { allowReplicationFactorChange, errorMessage: null, responses }, isAtomic: true };
}

function findPartition(
  state: ControllerState,
  topicName: string,
  partitionId: number,
): { rules: TopicRules; partition: PartitionRegistration } {
  const topic = state.image.topic(topicName);
  if (topic === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find a topic named ${topicName}.`);
  }
  const partition = topic.partitions[partitionId];
  if (partition === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find partition ${topicName}:${partitionId}.`);
  }
  return { rules: topicRules(state, topic), partition };
}

function cancel(
  state: ControllerState,
  rules: TopicRules,
  partitionId: number,
  partition: PartitionRegistration,
): MetadataRecord | undefined {
  if (!isReassigning(partition)) throw new KafkaError('NO_REASSIGNMENT_IN_PROGRESS');
  const isOriginal = (id: number): boolean => !partition.addingReplicas.includes(id);
  const replicas = partition.replicas.filter(isOriginal);
  let isr = partition.isr.filter(isOriginal);
  if (isr.length === 0) {
    const [first] = replicas;
    if (first === undefined) {
      throw new KafkaError(
        'INVALID_REPLICA_ASSIGNMENT',
        'Invalid replica assignment: addingReplicas contains all replicas.',
      );
    }
    if (!rules.uncleanElection) {
      throw new KafkaError(
        'INVALID_REPLICA_ASSIGNMENT',
        `Unable to revert partition assignment for ${rules.topic.name}:${partitionId} because it would require ` +
          'an unclean leader election.',
      );
    }
    isr = [first];
  }
  return decidePartitionChange(state, rules, partitionId, partition, {
    election: rules.uncleanElection ? 'unclean' : 'online',
    isr,
    replicas,
    removingReplicas: [],
    addingReplicas: [],
  });
}

function reassign(
  state: ControllerState,
  rules: TopicRules,
  partitionId: number,
  partition: PartitionRegistration,
  target: readonly number[],
  allowReplicationFactorChange: boolean,
): MetadataRecord | undefined {
  checkManualAssignment(state, target, undefined);
  const replicationFactor = partition.replicas.filter((id) => !partition.removingReplicas.includes(id)).length;
  if (!allowReplicationFactorChange && replicationFactor !== target.length) {
    throw new KafkaError(
      'INVALID_REPLICATION_FACTOR',
      `The replication factor is changed from ${replicationFactor} to ${target.length}`,
    );
  }
  const rising = (a: number, b: number): number => a - b;
  const removing = partition.replicas.filter((id) => !target.includes(id)).sort(rising);
  // What a reassignment that goes on was adding is not among the original replicas. Kafka leaves its adding replicas as
  // they are when this one adds none: then they may be wanted in the ISR and out of it, and it never ends.
  const isOriginal = (id: number): boolean => partition.replicas.includes(id) && !partition.addingReplicas.includes(id);
  const adding = target.filter((id) => !isOriginal(id)).sort(rising);
  return decidePartitionChange(state, rules, partitionId, partition, {
    replicas: [...target, ...removing],
    removingReplicas: removing,
    addingReplicas: adding,
  });
}

/** ListPartitionReassignments: of the named partitions, or of all. */
export function listPartitionReassignments(
  image: MetadataImage,
  request: ListPartitionReassignmentsRequest,
): ListPartitionReassignmentsResponseInput {
  const topics: NonNullable<ListPartitionReassignmentsResponseInput['topics']>[number][] = [];
  const list = (topic: TopicImage, ids: Iterable<number>): void => {
    const partitions = [...ids].flatMap((partitionIndex) => {
      const partition = topic.partitions[partitionIndex];
      if (partition === undefined || !isReassigning(partition)) return [];
      const { replicas, addingReplicas, removingReplicas } = partition;
      return [{ partitionIndex, replicas, addingReplicas, removingReplicas }];
    });
    if (partitions.length > 0) topics.push({ name: topic.name, partitions });
  };
  if (request.topics === null) for (const topic of image.topics()) list(topic, topic.partitions.keys());
  for (const { name, partitionIndexes } of request.topics ?? []) {
    const topic = image.topic(name);
    if (topic !== undefined) list(topic, partitionIndexes);
  }
  return { errorMessage: null, topics };
}
