/** OffsetFetch for one group. */
import { type Uuid, ZERO_UUID } from '../../base/uuid.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { ShardContext } from '../shard-context.ts';
import type { StoredOffset } from './offset-store.ts';

/** Partitions whose offsets are asked for. */
export interface TopicToFetch {
  readonly name: string;
  /** The zero UUID when the client named the topic. */
  readonly topicId: Uuid;
  readonly partitionIndexes: readonly number[];
}

export interface FetchedTopic {
  readonly name: string;
  readonly topicId: Uuid;
  readonly partitions: FetchedPartition[];
}

export interface FetchedPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly metadata: string;
  readonly errorCode: number;
}

/**
 * The offsets of the given partitions, -1 where there is none. With `requireStable` the newest ones, and
 * UNSTABLE_OFFSET_COMMIT where an open transaction may change them (KIP-447); else what is replicated.
 */
export function fetchOffsets(
  ctx: ShardContext,
  groupId: string,
  topics: readonly TopicToFetch[],
  requireStable: boolean,
): FetchedTopic[] {
  const stored = ctx.groups.has(groupId) ? ctx.offsets.ofGroup(groupId) : undefined;
  return topics.map(({ name, topicId, partitionIndexes }) => {
    const slots = stored?.get(name);
    const partitions = partitionIndexes.map((partitionIndex) => {
      if (requireStable && ctx.offsets.hasPending(groupId, name, partitionIndex)) return unstable(partitionIndex);
      const slot = slots?.get(partitionIndex);
      const offset = (requireStable ? slot?.latest : slot?.committed) ?? null;
      return offset === null || isOfAnotherTopic(offset, topicId)
        ? none(partitionIndex)
        : found(partitionIndex, offset);
    });
    return { name, topicId, partitions };
  });
}

/** As {@link fetchOffsets}, for every partition that the group has an offset of. Topic ids are the zero UUID. */
export function fetchAllOffsets(ctx: ShardContext, groupId: string, requireStable: boolean): FetchedTopic[] {
  if (!ctx.groups.has(groupId)) return [];
  const topics: FetchedTopic[] = [];
  for (const [name, slots] of ctx.offsets.ofGroup(groupId) ?? []) {
    const partitions: FetchedPartition[] = [];
    for (const [partitionIndex, slot] of slots) {
      const offset = requireStable ? slot.latest : slot.committed;
      if (offset === null) continue;
      const isUnstable = requireStable && ctx.offsets.hasPending(groupId, name, partitionIndex);
      partitions.push(isUnstable ? unstable(partitionIndex) : found(partitionIndex, offset));
    }
    if (partitions.length > 0) topics.push({ name, topicId: ZERO_UUID, partitions });
  }
  return topics;
}

// A topic that was deleted and created anew must not inherit offsets.
function isOfAnotherTopic(offset: StoredOffset, topicId: Uuid): boolean {
  return offset.topicId !== ZERO_UUID && topicId !== ZERO_UUID && offset.topicId !== topicId;
}

function found(partitionIndex: number, { offset, leaderEpoch, metadata }: StoredOffset): FetchedPartition {
  return { partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata, errorCode: 0 };
}

function none(partitionIndex: number, errorCode: number = ErrorCode.NONE): FetchedPartition {
  return { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode };
}

function unstable(partitionIndex: number): FetchedPartition {
  return none(partitionIndex, ErrorCode.UNSTABLE_OFFSET_COMMIT);
}
