import { consumerProtocolAssignment, consumerProtocolSubscription } from '../../protocol/consumer-protocol.ts';
import { Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import type { KafkaClient } from '../client.ts';
import type { TopicPartition } from '../types.ts';
import type { Assignor, AssignorMember } from './assignors.ts';

// Both structures begin with their version; older readers ignore what later versions append.
const SUBSCRIPTION_VERSION = 3;
const ASSIGNMENT_VERSION = 3;

function grouped(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const numbers = topics.get(topic);
    if (numbers === undefined) topics.set(topic, [partition]);
    else numbers.push(partition);
  }
  return [...topics].map(([topic, numbers]) => ({ topic, partitions: numbers }));
}

function flat(topics: readonly { topic: string; partitions: readonly number[] }[]): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}

/** What a member says of itself in JoinGroup. */
export function encodeSubscription(
  topics: readonly string[],
  owned: readonly TopicPartition[],
  generationId: number,
  rackId: string | null,
): Buffer {
  const writer = new Writer();
  writer.int16(SUBSCRIPTION_VERSION);
  const body = { topics: topics.toSorted(), ownedPartitions: grouped(owned), generationId, rackId };
  consumerProtocolSubscription.encode(writer, SUBSCRIPTION_VERSION, body);
  return writer.finishWhole();
}

function decodeSubscription(metadata: Buffer) {
  const reader = new Reader(metadata);
  const version = Math.min(reader.int16(), SUBSCRIPTION_VERSION);
  return consumerProtocolSubscription.decode(reader, version);
}

/** The partitions of an answer to SyncGroup; none when the leader left this member out. */
export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return [];
  const reader = new Reader(assignment);
  const version = Math.min(reader.int16(), ASSIGNMENT_VERSION);
  return flat(consumerProtocolAssignment.decode(reader, version).assignedPartitions);
}

function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const writer = new Writer();
  writer.int16(ASSIGNMENT_VERSION);
  consumerProtocolAssignment.encode(writer, ASSIGNMENT_VERSION, { assignedPartitions: grouped(partitions) });
  return writer.finishWhole();
}

interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Buffer;
}

/** The leader's part of a rebalance: what SyncGroup carries for every member. */
export async function assignPartitions(client: KafkaClient, assignor: Assignor, joined: readonly JoinedMember[]) {
  const members = joined.map(({ memberId, groupInstanceId, metadata }): AssignorMember => {
    const { topics, ownedPartitions, generationId } = decodeSubscription(metadata);
    return { memberId, groupInstanceId, topics, ownedPartitions: flat(ownedPartitions), generationId };
  });
  const topics = [...new Set(members.flatMap((member) => member.topics))];
  const { clock } = client.environment;
  const metadata = await client.fetchMetadata(topics, clock.nowMs() + client.config.requestTimeoutMs);
  const counts = new Map(metadata.topics.map((topic) => [topic.name ?? '', topic.partitions.length]));
  const assignment = assignor.assign(members, counts);
  return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: encodeAssignment(partitions) }));
}
