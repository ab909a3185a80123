import { ErrorCode, type ErrorName } from '../../protocol/error-codes.ts';
import type { AlterPartitionRequest, AlterPartitionResponseInput } from '../../protocol/messages/56-alter-partition.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponseInput,
} from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import type { MetadataRecord } from '../metadata-record.ts';
import {
  changedPartition,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
  RECOVERED,
  RECOVERING,
} from '../partition-registration.ts';
import { checkBrokerEpoch } from './brokers.ts';
import type { ControllerState, Decision } from './controller-state.ts';
import { decidePartitionChange, type TopicRules, topicRules } from './partition-change.ts';
import { updatePartitions } from './partition-updates.ts';

type PartitionData = AlterPartitionRequest['topics'][number]['partitions'][number];
type PartitionAnswer = NonNullable<NonNullable<AlterPartitionResponseInput['topics']>[number]['partitions']>[number];
interface IsrMember {
  readonly brokerId: number;
  readonly brokerEpoch: number;
}

/**
 * AlterPartition: a leader reports who is in sync. Throws KafkaError STALE_BROKER_EPOCH; partitions are refused one by
 * one.
 */
export function decideAlterPartition(
  state: ControllerState,
  request: AlterPartitionRequest,
  apiVersion: number,
): Decision<AlterPartitionResponseInput> {
  checkBrokerEpoch(state, request.brokerId, request.brokerEpoch);
  const records: MetadataRecord[] = [];
  const topics = request.topics.map(({ topicId, partitions }) => {
    const topic = state.image.topicById(topicId);
    if (topic === undefined) {
      const errorCode = ErrorCode.UNKNOWN_TOPIC_ID;
      return { topicId, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) };
    }
    const rules = topicRules(state, topic);
    return {
      topicId,
      partitions: partitions.map((data) => alterPartition(state, rules, request.brokerId, data, apiVersion, records)),
    };
  });
  return { records, response: { topics } };
}

function alterPartition(
  state: ControllerState,
  rules: TopicRules,
  leaderId: number,
  data: PartitionData,
  apiVersion: number,
  records: MetadataRecord[],
): PartitionAnswer {
  const { partitionIndex } = data;
  const isr: readonly IsrMember[] =
    apiVersion >= 3 ? data.newIsrWithEpochs : data.newIsr.map((brokerId) => ({ brokerId, brokerEpoch: -1 }));
  const partition = rules.topic.partitions[partitionIndex];
  if (partition === undefined) return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
  const problem = alterPartitionProblem(state, leaderId, partition, data, isr);
  if (problem !== undefined) return { partitionIndex, errorCode: ErrorCode[problem] };
  const record = decidePartitionChange(state, rules, partitionIndex, partition, {
    election: rules.uncleanElection ? 'unclean' : 'online',
    isr: isr.map(({ brokerId }) => brokerId),
    leaderRecoveryState: data.leaderRecoveryState,
  });
  let after = partition;
  if (record !== undefined) {
    records.push(record);
    after = changedPartition(partition, record.body);
    const { leader } = record.body;
    // The change completed a reassignment that leaves the old leader out; it has to look up the metadata.
    if (leader !== leaderId && leader !== NO_LEADER_CHANGE) {
      return { partitionIndex, errorCode: ErrorCode.NEW_LEADER_ELECTED };
    }
  }
  return {
    partitionIndex,
    leaderId: after.leader,
    leaderEpoch: after.leaderEpoch,
    isr: after.isr,
    leaderRecoveryState: after.leaderRecoveryState,
    partitionEpoch: after.partitionEpoch,
  };
}

function alterPartitionProblem(
  state: ControllerState,
  leaderId: number,
  partition: PartitionRegistration,
  data: PartitionData,
  isr: readonly IsrMember[],
): ErrorName | undefined {
  // Who knows more than we do has another controller.
  if (data.leaderEpoch > partition.leaderEpoch || data.partitionEpoch > partition.partitionEpoch) {
    return 'NOT_CONTROLLER';
  }
  if (data.leaderEpoch < partition.leaderEpoch) return 'FENCED_LEADER_EPOCH';
  if (leaderId !== partition.leader) return 'INVALID_REQUEST';
  if (data.partitionEpoch < partition.partitionEpoch) return 'INVALID_UPDATE_VERSION';
  const ids = isr.map(({ brokerId }) => brokerId);
  if (ids.length === 0 || new Set(ids).size !== ids.length) return 'INVALID_REQUEST';
  if (!ids.every((id) => partition.replicas.includes(id))) return 'INVALID_REQUEST';
  if (!ids.includes(partition.leader)) return 'INVALID_REQUEST';
  const { leaderRecoveryState } = data;
  if (leaderRecoveryState !== RECOVERED && leaderRecoveryState !== RECOVERING) return 'INVALID_REQUEST';
  if (leaderRecoveryState === RECOVERING && ids.length > 1) return 'INVALID_REQUEST';
  if (leaderRecoveryState === RECOVERING && partition.leaderRecoveryState === RECOVERED) return 'INVALID_REQUEST';
  return isr.every((member) => isEligible(state, member)) ? undefined : 'INELIGIBLE_REPLICA';
}

function isEligible(state: ControllerState, { brokerId, brokerEpoch }: IsrMember): boolean {
  const broker = state.image.brokers.get(brokerId);
  if (broker === undefined || broker.fenced || broker.inControlledShutdown) return false;
  return brokerEpoch === -1 || brokerEpoch === broker.epoch;
}

/** AssignReplicasToDirs (KIP-858): a broker says in which of its directories replicas lie. */
export function decideAssignReplicasToDirs(
  state: ControllerState,
  request: AssignReplicasToDirsRequest,
): Decision<AssignReplicasToDirsResponseInput> {
  const { brokerId } = request;
  const broker = checkBrokerEpoch(state, brokerId, request.brokerEpoch);
  const records: MetadataRecord[] = [];
  const inOfflineDirectory = new Set<PartitionRegistration>();
  const directories = request.directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => {
      const topic = state.image.topicById(topicId);
      const rules = topic === undefined ? undefined : topicRules(state, topic);
      const assign = (partitionIndex: number): ErrorName => {
        if (rules === undefined) return 'UNKNOWN_TOPIC_ID';
        const partition = rules.topic.partitions[partitionIndex];
        if (partition === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
        if (!partition.replicas.includes(brokerId)) return 'NOT_LEADER_OR_FOLLOWER';
        const target = { directory: { brokerId, directoryId: id } };
        const record = decidePartitionChange(state, rules, partitionIndex, partition, target);
        if (record !== undefined) records.push(record);
        if (broker.directories.length > 0 && !broker.directories.includes(id)) inOfflineDirectory.add(partition);
        return 'NONE';
      };
      return {
        topicId,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: ErrorCode[assign(partitionIndex)],
        })),
      };
    }),
  }));
  if (inOfflineDirectory.size > 0) {
    const filter = (partition: PartitionRegistration): boolean => inOfflineDirectory.has(partition);
    records.push(...updatePartitions(state, { removed: brokerId }, filter));
  }
  return { records, response: { directories } };
}
