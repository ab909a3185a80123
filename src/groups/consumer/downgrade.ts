/** How a consumer group of which all members speak the classic protocol becomes a classic group (KIP-848). */
import { ClassicGroup } from '../classic/classic-group.ts';
import { ClassicGroupMember } from '../classic/classic-group-member.ts';
import { newClassicGroupRecord } from '../classic/group-records.ts';
import { prepareRebalance, rescheduleHeartbeat } from '../classic/rebalance.ts';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/subscription.ts';
import type { GroupWrite, ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';
import { assignmentBytes } from './classic-assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerGroupMember } from './consumer-member.ts';

/** Whether only members of the classic protocol would be left, and the group may change over. */
export function canDowngradeWithout(
  ctx: ShardContext,
  group: ConsumerGroup,
  leaving: readonly ConsumerGroupMember[],
): boolean {
  const others = group.members.size - leaving.length;
  const leavingClassic = leaving.filter((member) => member.classicMemberMetadata !== null).length;
  return others > 0 && group.classicMemberCount - leavingClassic === others && mayDowngrade(ctx, others);
}

/** The same for a member of the classic protocol that takes the place of a static one of the consumer protocol. */
export function canDowngradeReplacing(
  ctx: ShardContext,
  group: ConsumerGroup,
  replaced: ConsumerGroupMember | undefined,
): boolean {
  const { size } = group.members;
  const isLast = replaced?.classicMemberMetadata === null && group.classicMemberCount === size - 1;
  return isLast && mayDowngrade(ctx, size);
}

function mayDowngrade({ config }: ShardContext, memberCount: number): boolean {
  return config.consumerMigrationPolicy.canDowngrade && memberCount <= config.groupMaxSize;
}

export interface DowngradeOptions {
  readonly leaving: readonly ConsumerGroupMember[];
  /** The member that takes a static one's place, and that one's id. */
  readonly joining: { readonly member: ConsumerGroupMember; readonly replacedId: string } | null;
  /** Null when the assignment can stay as it is. */
  readonly rebalanceReason: string | null;
  /** What is to be written before. */
  readonly records: readonly CoordinatorRecord[];
}

/** Decides the change: tombstones of the consumer group, the record of the classic one in its last target assignment. */
export function downgrade(ctx: ShardContext, group: ConsumerGroup, options: DowngradeOptions): GroupWrite {
  const { joining, rebalanceReason } = options;
  const { groupId } = group;
  const classic = classicGroupOf(ctx, group, options);
  const memberIds = [...group.members.keys()].map((id) => (id === joining?.replacedId ? joining.member.memberId : id));
  return {
    records: [...options.records, ...group.tombstones(memberIds), newClassicGroupRecord(classic)],
    // The record tells less than is known here: of each member only the data for the chosen assignor.
    applyRecords: false,
    onApplied: () => {
      group.cancelTimers();
      ctx.groups.set(groupId, classic);
      for (const member of classic.members.values()) rescheduleHeartbeat(ctx, classic, member);
      ctx.logger.info(`group ${groupId} is a classic group now`);
      if (rebalanceReason !== null) ctx.perform(prepareRebalance(ctx, classic, rebalanceReason));
    },
  };
}

function classicGroupOf(ctx: ShardContext, group: ConsumerGroup, { leaving, joining }: DowngradeOptions): ClassicGroup {
  const classic = new ClassicGroup(group.groupId, {
    state: 'Stable',
    generationId: group.groupEpoch,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    currentStateTimestampMs: ctx.clock.nowMs(),
  });
  const members = [...group.members.values()].filter(
    (member) => !leaving.includes(member) && member.memberId !== joining?.replacedId,
  );
  if (joining !== null) members.push(joining.member);
  for (const member of members) classic.add(classicMemberOf(member), null);
  classic.protocolName = classic.selectProtocol();
  classic.refreshSubscribedTopics();
  for (const member of classic.members.values()) {
    const id = member.memberId === joining?.member.memberId ? joining.replacedId : member.memberId;
    const metadata = member.metadata(classic.protocolName ?? '');
    member.assignment = assignmentBytes(group.targetAssignment(id), metadata, ctx.metadata);
  }
  return classic;
}

function classicMemberOf(member: ConsumerGroupMember): ClassicGroupMember {
  const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, classicMemberMetadata } = member;
  return new ClassicGroupMember({
    memberId,
    groupInstanceId: instanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    sessionTimeoutMs: classicMemberMetadata?.sessionTimeoutMs ?? 0,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    supportedProtocols: classicMemberMetadata?.supportedProtocols ?? [],
  });
}
