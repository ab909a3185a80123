import { KafkaError } from '../../base/kafka-error.ts';
import { describeLogDirs } from '../../client/admin/cluster.ts';
import type { PartitionReassignment } from '../../client/admin/partitions.ts';
import { describeTopics, type TopicDescription } from '../../client/admin/topics.ts';
import { type KafkaClient, partitionName, type TopicPartition } from '../../client/index.ts';
import { asExecution } from '../shared/admin-session.ts';
import { executionException } from '../shared/java-errors.ts';
import { ANY_LOG_DIR, type PlannedPartition } from './plan-file.ts';

/** Where the replicas of a partition are. */
export interface CurrentPartition extends TopicPartition {
  readonly replicas: readonly number[];
}

/** An assignment in the form of a `--reassignment-json-file`, on one line. */
export function assignmentJson(partitions: readonly PlannedPartition[]): string {
  const sorted = [...partitions].sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
  return JSON.stringify({
    version: 1,
    partitions: sorted.map(({ topic, partition, replicas, logDirs }) => ({
      topic,
      partition,
      replicas,
      log_dirs: logDirs,
    })),
  });
}

function partitionsOf({ name, partitions }: TopicDescription): CurrentPartition[] {
  return partitions.map(({ partition, replicas }) => ({
    topic: name,
    partition,
    replicas: replicas.map(({ id }) => id),
  }));
}

/** All partitions of topics. Throws for one that is not there. */
export async function partitionsOfTopics(admin: KafkaClient, topics: readonly string[]): Promise<CurrentPartition[]> {
  const partitions: CurrentPartition[] = [];
  if (topics.length === 0) return partitions;
  for (const [topic, result] of await asExecution(describeTopics(admin, topics))) {
    if (result instanceof KafkaError) {
      const isUnknown = result.errorName === 'UNKNOWN_TOPIC_OR_PARTITION';
      throw executionException(isUnknown ? new KafkaError(result.errorName, `Topic ${topic} not found.`) : result);
    }
    partitions.push(...partitionsOf(result));
  }
  return partitions;
}

/** The partitions of a plan as they are now. Throws for one that is not there. */
export async function currentPartitions(
  admin: KafkaClient,
  plan: readonly PlannedPartition[],
): Promise<CurrentPartition[]> {
  const wanted = new Set(plan.map(({ topic, partition }) => partitionName(topic, partition)));
  const all = await partitionsOfTopics(admin, [...new Set(plan.map(({ topic }) => topic))]);
  const found = all.filter(({ topic, partition }) => wanted.has(partitionName(topic, partition)));
  for (const { topic, partition } of found) wanted.delete(partitionName(topic, partition));
  if (wanted.size > 0) {
    const text = `Unable to find partition: ${[...wanted].join(', ')}`;
    throw executionException(new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', text));
  }
  return found;
}

/** The same with the directories of the replicas. */
export async function logDirsOf(
  admin: KafkaClient,
  partitions: readonly CurrentPartition[],
): Promise<PlannedPartition[]> {
  const brokers = [...new Set(partitions.flatMap(({ replicas }) => replicas))];
  const directories = new Map<string, string>();
  for (const [broker, dirs] of await asExecution(describeLogDirs(admin, brokers))) {
    if (dirs instanceof KafkaError) throw executionException(dirs);
    for (const { logDir, replicas } of dirs) {
      for (const [topic, infos] of replicas) {
        for (const [partition, { isFuture }] of infos) {
          if (!isFuture) directories.set(`${partitionName(topic, partition)}-${broker}`, logDir);
        }
      }
    }
  }
  return partitions.map(({ topic, partition, replicas }) => ({
    topic,
    partition,
    replicas,
    logDirs: replicas.map((id) => directories.get(`${partitionName(topic, partition)}-${id}`) ?? ANY_LOG_DIR),
  }));
}

/** How far a planned partition is. */
export interface PlannedState {
  readonly partition: PlannedPartition;
  readonly current: readonly number[];
  readonly isRunning: boolean;
}

/** How far each partition of a plan is; one that does not exist has no replicas. */
export async function stateOf(
  admin: KafkaClient,
  plan: readonly PlannedPartition[],
  running: readonly PartitionReassignment[],
): Promise<PlannedState[]> {
  const byName = new Map(running.map((one) => [partitionName(one.topic, one.partition), one.replicas]));
  const others = plan.filter(({ topic, partition }) => !byName.has(partitionName(topic, partition)));
  const topics = [...new Set(others.map(({ topic }) => topic))];
  const described = topics.length === 0 ? new Map() : await asExecution(describeTopics(admin, topics));
  return plan.map((partition) => {
    const replicas = byName.get(partitionName(partition.topic, partition.partition));
    if (replicas !== undefined) return { partition, current: replicas, isRunning: true };
    const topic: TopicDescription | KafkaError | undefined = described.get(partition.topic);
    if (topic instanceof KafkaError && topic.errorName !== 'UNKNOWN_TOPIC_OR_PARTITION')
      throw executionException(topic);
    const info =
      topic === undefined || topic instanceof KafkaError
        ? undefined
        : topic.partitions.find((one) => one.partition === partition.partition);
    return { partition, current: info?.replicas.map(({ id }) => id) ?? [], isRunning: false };
  });
}
