/** Which offsets and groups are too old to be kept (offsets.retention.minutes). */
import type { ClassicGroup } from '../classic/classic-group.ts';
import type { ConsumerGroup } from '../consumer/consumer-group.ts';
import { newGroupMetadataTombstone, newOffsetCommitTombstone } from '../coordinator-records.ts';
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';
import type { StoredOffset } from './offset-store.ts';

/**
 * Tombstones for what has expired: offsets of topics that nobody subscribes to, and groups without members and offsets.
 * Groups of kinds that this coordinator does not run are left alone.
 */
export function expiredRecords(ctx: ShardContext): CoordinatorRecord[] {
  const records: CoordinatorRecord[] = [];
  for (const group of ctx.groups.values()) {
    if (group.type !== 'classic' && group.type !== 'consumer') continue;
    const isWithoutOffsets = expireOffsets(ctx, group, records);
    if (!isWithoutOffsets || !group.isEmpty) continue;
    if (group.type === 'consumer') records.push(...group.tombstones());
    else records.push(newGroupMetadataTombstone(group.groupId));
  }
  return records;
}

// Whether no offset of the group is left.
function expireOffsets(ctx: ShardContext, group: ClassicGroup | ConsumerGroup, records: CoordinatorRecord[]): boolean {
  const { groupId } = group;
  const offsets = ctx.offsets.ofGroup(groupId);
  if (offsets === undefined) return !ctx.offsets.hasPendingOfGroup(groupId);
  const sinceMs = retentionStart(group);
  if (sinceMs === null) return false;
  const nowMs = ctx.clock.nowMs();
  let isAllExpired = true;
  for (const [topic, slots] of offsets) {
    for (const [partition, { latest }] of slots) {
      if (latest === null) continue;
      const isExpired = !group.isSubscribedTo(topic) && hasExpired(ctx, latest, sinceMs(latest), nowMs);
      if (isExpired && !ctx.offsets.hasPending(groupId, topic, partition)) {
        records.push(newOffsetCommitTombstone(groupId, topic, partition));
      } else {
        isAllExpired = false;
      }
    }
  }
  return isAllExpired && !ctx.offsets.hasPendingOfGroup(groupId);
}

/**
 * From when the retention of an offset counts; null when the group's offsets do not expire now (KIP-211): since the
 * group has been empty, or since the commit for consumers that use no group management, and for topics that the
 * consumers of a stable group do not subscribe to.
 */
function retentionStart(group: ClassicGroup | ConsumerGroup): ((offset: StoredOffset) => number) | null {
  const sinceCommit = (offset: StoredOffset): number => offset.commitTimestampMs;
  if (group.type === 'consumer') return sinceCommit;
  if (group.protocolType === null) return sinceCommit;
  if (group.isEmpty) return (offset) => group.currentStateTimestampMs ?? offset.commitTimestampMs;
  const knowsTopics = group.usesConsumerProtocol && group.subscribedTopics !== null;
  return knowsTopics && group.state === 'Stable' ? sinceCommit : null;
}

function hasExpired(ctx: ShardContext, offset: StoredOffset, sinceMs: number, nowMs: number): boolean {
  if (offset.expireTimestampMs !== null) return nowMs >= offset.expireTimestampMs;
  return nowMs - sinceMs >= ctx.config.offsetsRetentionMs;
}
