import { KafkaError } from '../../base/kafka-error.ts';
import { type ErrorName, errorInfo } from '../../protocol/error-codes.ts';
import type { ElectLeadersRequest, ElectLeadersResponseInput } from '../../protocol/messages/43-elect-leaders.ts';
import type { TopicImage } from '../metadata-image.ts';
import type { MetadataRecord } from '../metadata-record.ts';
import { NO_LEADER } from '../partition-registration.ts';
import type { ControllerState, Decision } from './controller-state.ts';
import { decidePartitionChange, type TopicRules, topicRules } from './partition-change.ts';
import { forEachPartition } from './partition-updates.ts';
import { apiError } from './topics.ts';

const PREFERRED = 0;
const UNCLEAN = 1;

type TopicResult = NonNullable<ElectLeadersResponseInput['replicaElectionResults']>[number];
type PartitionResult = NonNullable<TopicResult['partitionResult']>[number];

/**
 * ElectLeaders: for the named partitions, or for all of them; of all, those that need no election are left out of the
 * response. Throws KafkaError INVALID_REQUEST for an election type that does not exist.
 */
export function decideElectLeaders(
  state: ControllerState,
  request: ElectLeadersRequest,
): Decision<ElectLeadersResponseInput> {
  const { electionType, topicPartitions } = request;
  if (electionType !== PREFERRED && electionType !== UNCLEAN) {
    throw new KafkaError('INVALID_REQUEST', `Unknown election type ${electionType}`);
  }
  const records: MetadataRecord[] = [];
  const elect = (topicName: string, topic: TopicImage | undefined, ids: readonly number[]): PartitionResult[] => {
    const rules = topic === undefined ? undefined : topicRules(state, topic);
    return ids.map((partitionId) => {
      try {
        records.push(electLeader(state, topicName, rules, partitionId, electionType));
        return { partitionId, errorMessage: null };
      } catch (error) {
        return { partitionId, ...apiError(error) };
      }
    });
  };
  if (topicPartitions !== null) {
    const replicaElectionResults = topicPartitions.map(({ topic, partitions }) => ({
      topic,
      partitionResult: elect(topic, state.image.topic(topic), partitions),
    }));
    return { records, response: { replicaElectionResults } };
  }
  const replicaElectionResults: TopicResult[] = [];
  for (const topic of state.image.topics()) {
    // Not asked for by name: what has its leader is not worth a word.
    const ids = [...topic.partitions.keys()].filter((id) => isElectionNeeded(topic, id, electionType));
    replicaElectionResults.push({ topic: topic.name, partitionResult: elect(topic.name, topic, ids) });
  }
  return { records, response: { replicaElectionResults } };
}

function isElectionNeeded(topic: TopicImage, partitionId: number, electionType: number): boolean {
  const partition = topic.partitions[partitionId];
  if (partition === undefined) return true;
  return electionType === PREFERRED ? partition.leader !== partition.replicas[0] : partition.leader === NO_LEADER;
}

function electLeader(
  state: ControllerState,
  topicName: string,
  rules: TopicRules | undefined,
  partitionId: number,
  electionType: number,
): MetadataRecord {
  if (rules === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${topicName}`);
  const partition = rules.topic.partitions[partitionId];
  if (partition === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `No such partition as ${topicName}-${partitionId}`);
  }
  if (!isElectionNeeded(rules.topic, partitionId, electionType)) throw withDefaultText('ELECTION_NOT_NEEDED');
  const isPreferred = electionType === PREFERRED;
  const election = isPreferred ? 'preferred' : 'unclean';
  const record = decidePartitionChange(state, rules, partitionId, partition, { election });
  if (record !== undefined) return record;
  throw withDefaultText(isPreferred ? 'PREFERRED_LEADER_NOT_AVAILABLE' : 'ELIGIBLE_LEADERS_NOT_AVAILABLE');
}

function withDefaultText(errorName: ErrorName): KafkaError {
  return new KafkaError(errorName, errorInfo(errorName).message ?? undefined);
}

/** Partitions that are not led by their first replica get it back where it is in sync; at most `limit` of them. */
export function balanceLeaders(state: ControllerState, limit: number): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  forEachPartition(
    state,
    ({ leader, replicas }) => records.length < limit && leader !== replicas[0],
    (rules, partitionId, partition) => {
      const record = decidePartitionChange(state, rules, partitionId, partition, { election: 'preferred' });
      if (record !== undefined) records.push(record);
    },
  );
  return records;
}

/** Partitions without a leader get one that is not in sync where their topic allows it; at most `limit` of them. */
export function electUncleanLeaders(state: ControllerState, limit: number): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  forEachPartition(
    state,
    ({ leader }) => records.length < limit && leader === NO_LEADER,
    (rules, partitionId, partition) => {
      if (!rules.uncleanElection) return;
      const record = decidePartitionChange(state, rules, partitionId, partition, { election: 'unclean' });
      if (record !== undefined) records.push(record);
    },
  );
  return records;
}
