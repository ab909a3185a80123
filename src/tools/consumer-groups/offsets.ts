import { KafkaError } from '../../base/kafka-error.ts';
import { listConsumerGroupOffsets, type OffsetAndMetadata } from '../../client/admin/group-offsets.ts';
import { listOffsets } from '../../client/admin/offsets.ts';
import { describeTopics, type TopicDescription } from '../../client/admin/topics.ts';
import { namedError } from '../../client/errors.ts';
import { partitionName, type Result, type TopicPartition } from '../../client/types.ts';
import { logLine } from '../shared/java-log.ts';
import { futureException, type GroupsContext, runtimeException, throwableText } from './context.ts';

/** A committed offset and where it belongs. */
export interface Committed extends TopicPartition {
  readonly committed: OffsetAndMetadata;
}

async function orRuntimeException<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw runtimeException(futureException(error));
  }
}

function valueOrThrow<T>(result: Result<T> | undefined): T | undefined {
  if (result instanceof KafkaError) throw runtimeException(futureException(result));
  return result;
}

/** What the group has committed, by `topic-partition`. */
export async function committedOffsets(context: GroupsContext, groupId: string): Promise<Map<string, Committed>> {
  const { client, timeoutMs } = context;
  const groups = new Map([[groupId, undefined]]);
  const results = await orRuntimeException(listConsumerGroupOffsets(client, groups, { timeoutMs }));
  const found = new Map<string, Committed>();
  for (const [name, { topic, partition, committed }] of valueOrThrow(results.get(groupId)) ?? []) {
    if (committed !== null) found.set(name, { topic, partition, committed });
  }
  return found;
}

/** Offsets at a time in ms or an OffsetSpec, by `topic-partition`; -1 when there is none. */
export async function logOffsets(
  context: GroupsContext,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<Map<string, number>> {
  const offsets = new Map<string, number>();
  if (partitions.length === 0) return offsets;
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition, timestamp }));
  const { client, timeoutMs } = context;
  const results = await orRuntimeException(listOffsets(client, asked, { timeoutMs }));
  for (const [name, result] of results) {
    refuseInvalidTopic(context, name, result);
    const found = valueOrThrow(result);
    if (found !== undefined) offsets.set(name, found.offset);
  }
  return offsets;
}

// Java's admin client reports a name that cannot be a topic's in words of its own when it looks for the leader.
function refuseInvalidTopic({ client, io }: GroupsContext, name: string, result: unknown): void {
  if (!(result instanceof KafkaError) || result.errorName !== 'INVALID_TOPIC_EXCEPTION') return;
  const topic = name.slice(0, name.lastIndexOf('-'));
  const text = `Received invalid topic error for topic ${topic} in \`Metadata\` response`;
  logLine(io, 'ERROR', `${client.config.logPrefix}${text}`, LEADER_LOGGER);
  io.stderr.write(`${throwableText(namedError('INVALID_TOPIC_EXCEPTION'))}\n`);
  const message = `Failed to fetch metadata for partition ${name} due to invalid topic \`${topic}\``;
  throw runtimeException(futureException(namedError('INVALID_TOPIC_EXCEPTION', message)));
}

const LEADER_LOGGER = 'org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy';

/** Descriptions of the topics of `partitions`. A topic that does not exist is an error. */
export async function topicsOf(
  context: GroupsContext,
  partitions: readonly TopicPartition[],
): Promise<TopicDescription[]> {
  const names = [...new Set(partitions.map(({ topic }) => topic))];
  if (names.length === 0) return [];
  const { client, timeoutMs } = context;
  const results = await orRuntimeException(describeTopics(client, names, { timeoutMs }));
  return [...results.values()].flatMap((result) => valueOrThrow(result) ?? []);
}

/** Names (`topic-partition`) of all partitions of the topics, and of those that have a leader. */
export function partitionNames(topics: readonly TopicDescription[]): { all: Set<string>; withLeader: Set<string> } {
  const all = new Set<string>();
  const withLeader = new Set<string>();
  for (const topic of topics) {
    for (const { partition, leader } of topic.partitions) {
      const name = partitionName(topic.name, partition);
      all.add(name);
      if (leader !== null) withLeader.add(name);
    }
  }
  return { all, withLeader };
}
