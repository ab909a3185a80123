import { KafkaError } from '../../base/kafka-error.ts';
import { randomUuid } from '../../base/random.ts';
import type { Uuid } from '../../base/uuid.ts';
import { ZERO_UUID } from '../../base/uuid.ts';
import { errorCodeOf } from '../../protocol/error-codes.ts';
import type { CreateTopicsRequest, CreateTopicsResponseInput } from '../../protocol/messages/19-create-topics.ts';
import type { DeleteTopicsRequest, DeleteTopicsResponseInput } from '../../protocol/messages/20-delete-topics.ts';
import { isSensitive } from '../configs/config-definition.ts';
import { TOPIC_TABLE } from '../configs/config-tables.ts';
import { effectiveTopicConfig } from '../configs/topic-config.ts';
import { RESOURCE_TOPIC } from '../metadata-image.ts';
import { type MetadataRecord, metadataRecord } from '../metadata-record.ts';
import { partitionToRecord } from '../partition-registration.ts';
import { checkTopicName, hasCollisionCharacters, unifyCollisionCharacters } from '../topic-name.ts';
import { decideConfigChange } from './config-changes.ts';
import { type ControllerState, controllerLayers, type Decision, isBrokerActive } from './controller-state.ts';
import { checkManualAssignment, newPartition } from './partitions.ts';
import { ReplicaPlacer, usableBrokers } from './replica-placement.ts';

type CreatableTopic = CreateTopicsRequest['topics'][number];
type CreatableTopicResult = NonNullable<CreateTopicsResponseInput['topics']>[number];
type DeletableTopicResult = NonNullable<DeleteTopicsResponseInput['responses']>[number];

const METADATA_TOPIC = '__cluster_metadata';
/** Most partitions that one request may create. */
const MAX_PARTITIONS_PER_REQUEST = 10_000;

/** The code and text of an expected failure as responses carry them; other errors are thrown on. */
export function apiError(error: unknown): { errorCode: number; errorMessage: string | null } {
  if (!(error instanceof KafkaError)) throw error;
  return { errorCode: errorCodeOf(error), errorMessage: error.message === error.errorName ? null : error.message };
}

/**
 * CreateTopics: each topic is created or refused on its own. Throws KafkaError POLICY_VIOLATION when the request as a
 * whole asks for too many partitions.
 * @param isForwarded whether a broker has checked the request before
 */
export function decideCreateTopics(
  state: ControllerState,
  request: CreateTopicsRequest,
  isForwarded: boolean,
): Decision<CreateTopicsResponseInput> {
  const counts = new Map<string, number>();
  for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const isWanted = ({ name }: CreatableTopic): boolean => counts.get(name) === 1 && name !== METADATA_TOPIC;
  const wanted = request.topics.filter(isWanted);
  checkPartitionCount(state, wanted);
  const collisions = collidingNames(state, wanted);
  const records: MetadataRecord[] = [];
  const topics: CreatableTopicResult[] = wanted.map((topic) => {
    try {
      const created = createTopic(state, topic, collisions, isForwarded);
      records.push(...created.records);
      return created.response;
    } catch (error) {
      return { name: topic.name, ...apiError(error), configs: [] };
    }
  });
  for (const [name, count] of counts) {
    if (count > 1) topics.push(refusedTopic(name, 'Duplicate topic name.'));
    else if (name === METADATA_TOPIC) {
      topics.push(refusedTopic(name, `Creation of internal topic ${METADATA_TOPIC} is prohibited.`));
    }
  }
  return { records: request.validateOnly ? [] : records, response: { topics }, isAtomic: true };
}

function refusedTopic(name: string, message: string): CreatableTopicResult {
  return { name, ...apiError(new KafkaError('INVALID_REQUEST', message)), configs: [] };
}

function checkPartitionCount(state: ControllerState, topics: readonly CreatableTopic[]): void {
  let total = 0;
  for (const { numPartitions, assignments } of topics) {
    if (assignments.length > 0) total += assignments.length;
    else if (numPartitions === -1) total += state.config.number('num.partitions');
    else if (numPartitions > 0) total += numPartitions;
  }
  if (total > MAX_PARTITIONS_PER_REQUEST) {
    throw new KafkaError('POLICY_VIOLATION', 'Excessively large number of partitions per request.');
  }
}

/** Existing topics by their name with periods made underscores; only those that one of the new names may collide with. */
function collidingNames(state: ControllerState, topics: readonly CreatableTopic[]): Map<string, string> {
  const collisions = new Map<string, string>();
  if (!topics.some(({ name }) => hasCollisionCharacters(name))) return collisions;
  for (const { name } of state.image.topics()) {
    if (hasCollisionCharacters(name)) collisions.set(unifyCollisionCharacters(name), name);
  }
  return collisions;
}

function checkNewName(state: ControllerState, name: string, collisions: ReadonlyMap<string, string>): void {
  if (state.image.topic(name) !== undefined) {
    throw new KafkaError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`);
  }
  const collision = hasCollisionCharacters(name) ? collisions.get(unifyCollisionCharacters(name)) : undefined;
  if (collision !== undefined) {
    throw new KafkaError('INVALID_TOPIC_EXCEPTION', `Topic '${name}' collides with existing topic: ${collision}`);
  }
  checkTopicName(name);
}

function createTopic(
  state: ControllerState,
  topic: CreatableTopic,
  collisions: ReadonlyMap<string, string>,
  isForwarded: boolean,
): Decision<CreatableTopicResult> {
  checkNewName(state, topic.name, collisions);
  const configs = creationConfigs(topic);
  const changes = [...configs].map(([name, value]) => ({ name, value }));
  const configRecords = decideConfigChange(state, RESOURCE_TOPIC, topic.name, { changes, isNew: true, isForwarded });
  const assignments = topic.assignments.length > 0 ? manualAssignments(state, topic) : placedAssignments(state, topic);
  const topicId = randomUuid(state.random);
  const records: MetadataRecord[] = [metadataRecord('TopicRecord', { name: topic.name, topicId }), ...configRecords];
  for (const [partitionId, replicas] of assignments.entries()) {
    records.push(partitionToRecord(topicId, partitionId, newPartition(state, replicas), state.image.metadataVersion));
  }
  const response = {
    name: topic.name,
    topicId,
    errorMessage: null,
    numPartitions: assignments.length,
    replicationFactor: assignments[0]?.length ?? 0,
    configs: shownConfigs(state, configs),
  };
  return { records, response };
}

function creationConfigs(topic: CreatableTopic): Map<string, string> {
  const nullNames = topic.configs.filter(({ value }) => value === null).map(({ name }) => name);
  if (nullNames.length > 0) {
    throw new KafkaError('INVALID_CONFIG', `Null value not supported for topic configs: ${nullNames.join(',')}`);
  }
  return new Map(topic.configs.map(({ name, value }) => [name, value ?? '']));
}

function manualAssignments(state: ControllerState, topic: CreatableTopic): number[][] {
  if (topic.replicationFactor !== -1) {
    throw new KafkaError(
      'INVALID_REQUEST',
      'A manual partition assignment was specified, but replication factor was not set to -1.',
    );
  }
  if (topic.numPartitions !== -1) {
    throw new KafkaError(
      'INVALID_REQUEST',
      'A manual partition assignment was specified, but numPartitions was not set to -1.',
    );
  }
  const refuse = (message: string): KafkaError => new KafkaError('INVALID_REPLICA_ASSIGNMENT', message);
  const byPartition = new Map<number, number[]>();
  let replicationFactor: number | undefined;
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (byPartition.has(partitionIndex)) {
      throw refuse(`Found multiple manual partition assignments for partition ${partitionIndex}`);
    }
    checkManualAssignment(state, brokerIds, replicationFactor);
    replicationFactor = brokerIds.length;
    if (!brokerIds.some((id) => isBrokerActive(state.image, id))) {
      throw refuse(
        `All brokers specified in the manual partition assignment for partition ${partitionIndex} ` +
          'are fenced or in controlled shutdown.',
      );
    }
    byPartition.set(partitionIndex, brokerIds);
  }
  return Array.from({ length: byPartition.size }, (_, partition) => {
    const replicas = byPartition.get(partition);
    if (replicas === undefined) throw refuse('partitions should be a consecutive 0-based integer sequence');
    return replicas;
  });
}

function placedAssignments(state: ControllerState, topic: CreatableTopic): number[][] {
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0) {
    throw new KafkaError(
      'INVALID_REPLICATION_FACTOR',
      'Replication factor must be larger than 0, or -1 to use the default value.',
    );
  }
  if (topic.numPartitions < -1 || topic.numPartitions === 0) {
    throw new KafkaError('INVALID_PARTITIONS', 'Number of partitions was set to an invalid non-positive value.');
  }
  const partitionCount = topic.numPartitions === -1 ? state.config.number('num.partitions') : topic.numPartitions;
  const replicationFactor =
    topic.replicationFactor === -1 ? state.config.number('default.replication.factor') : topic.replicationFactor;
  const refuse = (why: string): KafkaError =>
    new KafkaError(
      'INVALID_REPLICATION_FACTOR',
      `Unable to replicate the partition ${replicationFactor} time(s): ${why}`,
    );
  const usable = usableBrokers(state.image.brokers.values(), (id) => state.sessions.isShuttingDown(id));
  let assignments: number[][];
  try {
    assignments = new ReplicaPlacer(state.random, usable).place(partitionCount, replicationFactor);
  } catch (error) {
    if (error instanceof KafkaError && error.errorName === 'INVALID_REPLICATION_FACTOR') throw refuse(error.message);
    throw error;
  }
  if (assignments.some((replicas) => !replicas.some((id) => isBrokerActive(state.image, id)))) {
    throw refuse('All brokers are currently fenced or in controlled shutdown.');
  }
  return assignments;
}

/** The configs that a topic with these configs of its own has in force, as the response lists them. */
function shownConfigs(state: ControllerState, own: ReadonlyMap<string, string>): CreatableTopicResult['configs'] {
  const layers = controllerLayers(state);
  return [...TOPIC_TABLE.values()]
    .filter((definition) => !definition.internal || own.has(definition.name))
    .map((definition) => {
      const { value, source } = effectiveTopicConfig(definition.name, own, layers);
      const isHidden = isSensitive(definition);
      return {
        name: definition.name,
        value: isHidden ? null : value,
        readOnly: false,
        configSource: source,
        isSensitive: isHidden,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * DeleteTopics by name and by id. Throws KafkaError TOPIC_DELETION_DISABLED (INVALID_REQUEST before version 3) when
 * delete.topic.enable is false.
 */
export function decideDeleteTopics(
  state: ControllerState,
  request: DeleteTopicsRequest,
  apiVersion: number,
): Decision<DeleteTopicsResponseInput> {
  if (!state.config.boolean('delete.topic.enable')) {
    if (apiVersion < 3) {
      throw new KafkaError('INVALID_REQUEST', 'This version does not support topic deletion.');
    }
    throw new KafkaError('TOPIC_DELETION_DISABLED');
  }
  const responses: DeletableTopicResult[] = [];
  const refuse = (name: string | null, topicId: Uuid, error: KafkaError): void => {
    responses.push({ name, topicId, ...apiError(error) });
  };
  const invalid = (message: string): KafkaError => new KafkaError('INVALID_REQUEST', message);
  const names: string[] = [...request.topicNames];
  const ids: Uuid[] = [];
  for (const { name, topicId } of request.topics) {
    if (name === null && topicId === ZERO_UUID) {
      refuse(null, ZERO_UUID, invalid('Neither topic name nor id were specified.'));
    } else if (name === null) ids.push(topicId);
    else if (topicId === ZERO_UUID) names.push(name);
    else refuse(name, topicId, invalid('You may not specify both topic name and topic id.'));
  }
  const uniqueNames = withoutRepeated(names, (name) => refuse(name, ZERO_UUID, invalid('Duplicate topic name.')));
  const repeatedIds = new Set<Uuid>();
  const uniqueIds = withoutRepeated(ids, (id) => {
    repeatedIds.add(id);
    refuse(null, id, invalid('Duplicate topic id.'));
  });
  const doomed = new Map<Uuid, string>();
  for (const id of uniqueIds) {
    const topic = state.image.topicById(id);
    if (topic === undefined) {
      refuse(null, id, new KafkaError('UNKNOWN_TOPIC_ID', 'This server does not host this topic ID.'));
    } else doomed.set(id, topic.name);
  }
  for (const name of uniqueNames) {
    const id = state.image.topic(name)?.id;
    if (id === undefined) {
      const message = 'This server does not host this topic-partition.';
      refuse(name, ZERO_UUID, new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', message));
    } else if (doomed.has(id) || repeatedIds.has(id)) {
      doomed.delete(id);
      repeatedIds.add(id);
      refuse(name, id, invalid('The provided topic name maps to an ID that was already supplied.'));
    } else doomed.set(id, name);
  }
  for (const [topicId, name] of doomed) responses.push({ name, topicId, errorMessage: null });
  const records = [...doomed.keys()].map((topicId) => metadataRecord('RemoveTopicRecord', { topicId }));
  return { records, response: { responses }, isAtomic: true };
}

/** The values that stand once; `repeated` is called once for each of the others. */
function withoutRepeated<T>(values: readonly T[], repeated: (value: T) => void): T[] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const unique: T[] = [];
  for (const [value, count] of counts) {
    if (count === 1) unique.push(value);
    else repeated(value);
  }
  return unique;
}
