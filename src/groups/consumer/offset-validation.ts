/** Who may commit and fetch offsets of a consumer group (KIP-848). */
import { KafkaError } from '../../base/kafka-error.ts';
import type { OffsetsToCommit } from '../offsets/commit.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerGroupMember } from './consumer-member.ts';

/** From this version on a commit carries a member epoch. */
const MEMBER_EPOCH_VERSION = 9;

/**
 * Throws UNKNOWN_MEMBER_ID, UNSUPPORTED_VERSION, STALE_MEMBER_EPOCH or, for a member of the classic protocol,
 * ILLEGAL_GENERATION. A member may commit under an earlier epoch for
 * partitions that it has had since then (KIP-1251).
 */
export function validateConsumerCommit(group: ConsumerGroup, commit: OffsetsToCommit, apiVersion: number): void {
  const { memberId, generationIdOrMemberEpoch: received } = commit;
  if (received < 0 && group.isEmpty) return;
  const member = group.member(memberId);
  const isClassic = member.classicMemberMetadata !== null;
  if (apiVersion < MEMBER_EPOCH_VERSION && !isClassic) {
    const message = 'OffsetCommit version 9 or above must be used by members using the consumer group protocol';
    throw new KafkaError('UNSUPPORTED_VERSION', message);
  }
  if (received === member.memberEpoch) return;
  if (received > member.memberEpoch) {
    const message = `Received member epoch ${received} is newer than current member epoch ${member.memberEpoch}.`;
    throw new KafkaError(staleError(member), message);
  }
  for (const { name, topicId, partitions } of commit.topics) {
    for (const { partitionIndex } of partitions) {
      const epoch = assignmentEpoch(member, topicId, partitionIndex);
      if (epoch !== undefined && received >= epoch) continue;
      const what = `Partition ${name}-${partitionIndex}`;
      throw new KafkaError(staleError(member), `${what} is not assigned to the member since epoch ${received}.`);
    }
  }
}

// Members of the classic protocol know their epoch as the generation.
function staleError(member: ConsumerGroupMember) {
  return member.classicMemberMetadata === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION';
}

function assignmentEpoch(member: ConsumerGroupMember, topicId: string, partition: number): number | undefined {
  return (
    member.assignedPartitions.get(topicId)?.get(partition) ??
    member.partitionsPendingRevocation.get(topicId)?.get(partition)
  );
}

/** Throws UNKNOWN_MEMBER_ID or STALE_MEMBER_EPOCH when a member asks that is not what it believes to be. */
export function validateConsumerFetch(group: ConsumerGroup, memberId: string | null, memberEpoch: number): void {
  if (memberId === null && memberEpoch < 0) return;
  const member = group.member(memberId ?? '');
  if (member.memberEpoch === memberEpoch) return;
  const expected = `the expected member epoch ${member.memberEpoch}`;
  throw new KafkaError(staleError(member), `The received member epoch ${memberEpoch} does not match ${expected}.`);
}
