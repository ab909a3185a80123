/** What members of the classic protocol send and get in bytes: subscriptions and assignments. */
import type { Uuid } from '../../base/uuid.ts';
import {
  type ConsumerProtocolSubscription,
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../protocol/consumer-protocol.ts';
import { Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import type { GroupMetadataView } from '../types.ts';
import { toTopicPartitions } from './consumer-member.ts';

type Partitions = Parameters<typeof toTopicPartitions>[0];

/** A subscription in bytes; throws when they are none. What newer versions add is not read. */
export function readSubscription(bytes: Buffer): ConsumerProtocolSubscription {
  const reader = new Reader(bytes);
  const version = Math.min(reader.int16(), consumerProtocolSubscription.versions.max);
  return consumerProtocolSubscription.decode(reader, version);
}

/** An assignment as SyncGroup carries it, in the version of the member's subscription. Topics that are gone are left out. */
export function assignmentBytes(partitions: Partitions, subscription: Buffer, metadata: GroupMetadataView): Buffer {
  const version = Math.min(new Reader(subscription).int16(), consumerProtocolAssignment.versions.max);
  const assignedPartitions = toTopicPartitions(partitions).flatMap((each) => {
    const topic = metadata.topicName(each.topicId);
    return topic === undefined ? [] : [{ topic, partitions: each.partitions }];
  });
  const writer = new Writer();
  writer.int16(version);
  consumerProtocolAssignment.encode(writer, version, { assignedPartitions });
  return writer.finishWhole();
}

/** The partitions of an assignment in bytes, and whether an assignor of somebody's own put data beside them. */
export function readAssignment(
  bytes: Buffer,
  metadata: GroupMetadataView,
): { partitions: Map<Uuid, Set<number>>; hasUserData: boolean } {
  const assigned = new Map<Uuid, Set<number>>();
  // Who has not synced yet has none.
  if (bytes.length === 0) return { partitions: assigned, hasUserData: false };
  const reader = new Reader(bytes);
  const version = Math.min(reader.int16(), consumerProtocolAssignment.versions.max);
  const { assignedPartitions, userData } = consumerProtocolAssignment.decode(reader, version);
  for (const { topic, partitions } of assignedPartitions) {
    const id = metadata.topicId(topic);
    if (id !== undefined) assigned.set(id, new Set(partitions));
  }
  return { partitions: assigned, hasUserData: userData !== null && userData.length > 0 };
}
