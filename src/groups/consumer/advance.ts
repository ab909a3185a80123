/** How a group follows what a member says of itself: its epoch, its target assignment, and the member's own next step. */
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import {
  type ConsumerGroupMember,
  hasSameAssignment,
  hasSameMetadata,
  hasSameTopics,
  isReconciledTo,
} from './consumer-member.ts';
import {
  newCurrentAssignmentRecord,
  newGroupEpochRecord,
  newMemberMetadataRecord,
  newPartitionMetadataTombstone,
} from './consumer-records.ts';
import { type OwnedPartitions, reconcile } from './reconcile.ts';
import { updateRegularExpressions } from './regex-subscription.ts';
import { assignorOf, existingTopicIds, type GroupDraft, type Target } from './target-assignment.ts';

/** What a member says. */
export interface Step {
  /** The member before and after what it said of itself. */
  readonly member: ConsumerGroupMember;
  readonly wanted: ConsumerGroupMember;
  /** The id of the static member whose place it takes. */
  readonly replacedId: string | null;
  /** Null when it does not say. */
  readonly owned: OwnedPartitions | null;
}

/** The group with what the member said. */
export interface Announced {
  readonly draft: GroupDraft;
  readonly hasSubscriptionChanged: boolean;
  /** Patterns to resolve when the records are written. */
  readonly toResolve: readonly string[] | undefined;
}

/**
 * Decides the records of what a member says of itself, and the group's next epoch when that matters to the assignment.
 * Throws INVALID_REGULAR_EXPRESSION.
 */
export function announce(ctx: ShardContext, group: ConsumerGroup, step: Step, records: CoordinatorRecord[]): Announced {
  const { member, wanted, replacedId } = step;
  const { groupId } = group;
  if (!hasSameMetadata(member, wanted)) records.push(newMemberMetadataRecord(groupId, wanted));
  const haveNamesChanged = !hasSameTopics(member, wanted);
  const regex = updateRegularExpressions(ctx, group, member, wanted, records);
  const members = membersAfter(group, step);
  // Members of the classic protocol wait for no pattern: what theirs had been is gone at once.
  const isClassic = wanted.classicMemberMetadata !== null;
  const mustBump =
    haveNamesChanged ||
    (regex.isUpdated && (regex.isResolved || isClassic)) ||
    (!isClassic && assignorOf(ctx, group.members) !== assignorOf(ctx, members));
  const groupEpoch = nextEpoch(ctx, group, members, mustBump, records);
  const replacement = replacedId === null ? null : { oldId: replacedId, newId: wanted.memberId };
  return {
    draft: { group, groupEpoch, members, replacement },
    hasSubscriptionChanged: haveNamesChanged || regex.isUpdated,
    toResolve: regex.toResolve,
  };
}

// Copied only when it matters to the others what this member says.
function membersAfter(
  group: ConsumerGroup,
  { member, wanted, replacedId }: Step,
): ReadonlyMap<string, ConsumerGroupMember> {
  if (group.members.get(wanted.memberId) === member && hasSameMetadata(member, wanted)) return group.members;
  const members = new Map(group.members);
  if (replacedId !== null) members.delete(replacedId);
  return members.set(wanted.memberId, wanted);
}

// Topics are looked at again only when one changed since, as the fingerprint of many takes time.
function nextEpoch(
  ctx: ShardContext,
  group: ConsumerGroup,
  members: ReadonlyMap<string, ConsumerGroupMember>,
  mustBump: boolean,
  records: CoordinatorRecord[],
): number {
  const { topicChanges } = ctx.metadata;
  if (!mustBump && group.comparedTopicChanges === topicChanges) return group.groupEpoch;
  const topics =
    members === group.members
      ? group.subscribedTopics
      : [...members.values()].flatMap((each) => [...group.topicsOf(each)]);
  const hash = ctx.topicHashes.groupHash(topics);
  let { groupEpoch } = group;
  if (mustBump || hash !== group.metadataHash) {
    groupEpoch++;
    records.push(newGroupEpochRecord(group.groupId, groupEpoch, hash));
    ctx.logger.info(`group ${group.groupId} is in epoch ${groupEpoch}`);
  }
  // What is not written yet, and may never be, is compared again.
  if (hash === group.metadataHash) group.comparedTopicChanges = topicChanges;
  if (group.hasPartitionMetadataRecord) records.push(newPartitionMetadataTombstone(group.groupId));
  return groupEpoch;
}

/** The member after its next step towards `target`. Throws FENCED_MEMBER_EPOCH. */
export function moveMember(
  ctx: ShardContext,
  { draft, hasSubscriptionChanged }: Announced,
  { wanted, owned }: Step,
  target: Target,
  records: CoordinatorRecord[],
): ConsumerGroupMember {
  const { group } = draft;
  if (!hasSubscriptionChanged && isReconciledTo(wanted, target.epoch)) return wanted;
  const next = reconcile({
    member: wanted,
    targetEpoch: target.epoch,
    target: target.partitions,
    subscribedTopicIds: existingTopicIds(group.topicsOf(wanted), ctx.metadata),
    hasSubscriptionChanged,
    owned,
    partitionEpoch: (topicId, partition) => group.partitionEpoch(topicId, partition),
  });
  if (!hasSameAssignment(next, wanted)) records.push(newCurrentAssignmentRecord(group.groupId, next));
  return next;
}
