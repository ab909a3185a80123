/** OffsetCommit: checks of the group and of each partition, and the records to write. */
import { KafkaError } from '../../base/kafka-error.ts';
import type { Uuid } from '../../base/uuid.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { ClassicGroup } from '../classic/classic-group.ts';
import { rescheduleHeartbeat } from '../classic/rebalance.ts';
import { validateConsumerCommit } from '../consumer/offset-validation.ts';
import { newOffsetCommitRecord } from '../coordinator-records.ts';
import type { Group, ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';

/** Offsets to commit whose topics and partitions are known to exist. */
export interface OffsetsToCommit {
  readonly groupId: string;
  /** Empty for a consumer outside group management. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Negative for a consumer outside group management. */
  readonly generationIdOrMemberEpoch: number;
  /** -1 = as the broker is configured. */
  readonly retentionTimeMs: number;
  readonly topics: readonly TopicToCommit[];
}

export interface TopicToCommit {
  readonly name: string;
  readonly topicId: Uuid;
  readonly partitions: readonly {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    readonly committedLeaderEpoch: number;
    readonly committedMetadata: string | null;
  }[];
}

/** The answer for a topic. */
export interface CommittedTopic {
  readonly name: string;
  readonly topicId: Uuid;
  readonly partitions: { readonly partitionIndex: number; readonly errorCode: number }[];
}

export interface CommitDecision {
  readonly records: CoordinatorRecord[];
  readonly topics: CommittedTopic[];
}

/** From this version on an unknown group has an error of its own. */
const GROUP_ID_NOT_FOUND_VERSION = 9;

/**
 * Decides a commit. Throws KafkaError when the group refuses it as a whole (ILLEGAL_GENERATION,
 * UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, REBALANCE_IN_PROGRESS, GROUP_ID_NOT_FOUND). A commit of a member keeps its
 * session alive.
 */
export function commitOffsets(ctx: ShardContext, commit: OffsetsToCommit, apiVersion: number): CommitDecision {
  const group = ctx.groups.get(commit.groupId);
  if (group !== undefined) validateCommit(ctx, group, commit, apiVersion);
  else if (commit.generationIdOrMemberEpoch >= 0) {
    const isKnownError = apiVersion >= GROUP_ID_NOT_FOUND_VERSION;
    throw new KafkaError(isKnownError ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION');
  }
  const nowMs = ctx.clock.nowMs();
  return decide(ctx, commit, commit.retentionTimeMs === -1 ? null : nowMs + commit.retentionTimeMs);
}

function validateCommit(ctx: ShardContext, group: Group, commit: OffsetsToCommit, apiVersion: number): void {
  if (group.type === 'consumer') {
    validateConsumerCommit(group, commit, apiVersion);
    return;
  }
  if (group.type !== 'classic') {
    validateForeign(group, commit);
    return;
  }
  validateMembership(group, commit);
  const member = group.members.get(commit.memberId);
  const keepsSession = group.state === 'Stable' || group.state === 'PreparingRebalance';
  if (keepsSession && member !== undefined) rescheduleHeartbeat(ctx, group, member);
}

function validateMembership(group: ClassicGroup, commit: OffsetsToCommit): void {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = commit;
  // Outside group management: fine as long as nobody manages the group.
  if (generationId < 0 && group.isEmpty) return;
  if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
    group.validateMember(memberId, groupInstanceId);
    if (generationId !== group.generationId) throw new KafkaError('ILLEGAL_GENERATION');
  } else if (!group.isEmpty) {
    throw new KafkaError('UNKNOWN_MEMBER_ID');
  }
  // The member knows the new generation from JoinGroup but has no partitions of it yet.
  if (group.state === 'CompletingRebalance') throw new KafkaError('REBALANCE_IN_PROGRESS');
}

function validateForeign(group: Group, commit: OffsetsToCommit): void {
  if (commit.generationIdOrMemberEpoch >= 0 || !group.isEmpty) throw new KafkaError('UNKNOWN_MEMBER_ID');
}

function decide(ctx: ShardContext, commit: OffsetsToCommit, expireTimestampMs: number | null): CommitDecision {
  const commitTimestampMs = ctx.clock.nowMs();
  const records: CoordinatorRecord[] = [];
  const topics = commit.topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map((partition) => {
      const { partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch } = partition;
      const metadata = partition.committedMetadata ?? '';
      // Kafka counts characters here, whatever the configuration's name says.
      if (metadata.length > ctx.config.offsetMetadataMaxBytes) {
        return { partitionIndex, errorCode: ErrorCode.OFFSET_METADATA_TOO_LARGE };
      }
      const fields = { offset, leaderEpoch, metadata, commitTimestampMs, expireTimestampMs, topicId };
      records.push(newOffsetCommitRecord(commit.groupId, name, partitionIndex, fields));
      return { partitionIndex, errorCode: ErrorCode.NONE };
    }),
  }));
  return { records, topics };
}
