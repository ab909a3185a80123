/** ListGroups, DescribeGroups and DeleteGroups for the groups of one partition. */
import type { KafkaError } from '../base/kafka-error.ts';
import { ErrorCode, errorCodeOf } from '../protocol/error-codes.ts';
import type { DescribeGroupsResponseInput } from '../protocol/messages/15-describe-groups.ts';
import type { ListGroupsResponseInput } from '../protocol/messages/16-list-groups.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import { newGroupMetadataTombstone } from './coordinator-records.ts';
import { offsetTombstones, validateDeleteGroup } from './offsets/deletion.ts';
import type { Group, ShardContext } from './shard-context.ts';
import type { CoordinatorRecord } from './types.ts';

type ListedGroup = NonNullable<ListGroupsResponseInput['groups']>[number];
type DescribedGroup = NonNullable<DescribeGroupsResponseInput['groups']>[number];

/** From this version on an unknown group has an error of its own (KIP-1043). */
const GROUP_ID_NOT_FOUND_VERSION = 6;

/** Names of states and types to list, in lower case; an empty set lets all pass. */
export interface GroupFilter {
  readonly states: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

export function listGroups(ctx: ShardContext, filter: GroupFilter): ListedGroup[] {
  const listed: ListedGroup[] = [];
  for (const group of ctx.groups.values()) {
    if (filter.states.size > 0 && !filter.states.has(group.state.toLowerCase())) continue;
    if (filter.types.size > 0 && !filter.types.has(group.type)) continue;
    const protocolType = group.type === 'classic' ? (group.protocolType ?? '') : group.type;
    listed.push({ groupId: group.groupId, protocolType, groupState: group.state, groupType: group.type });
  }
  return listed;
}

/** What is known of a classic group. Metadata of members is shown while the group is Stable. */
export function describeGroup(ctx: ShardContext, groupId: string, apiVersion: number): DescribedGroup {
  const group = ctx.groups.get(groupId);
  if (group?.type === 'classic') return describeClassicGroup(group);
  if (apiVersion < GROUP_ID_NOT_FOUND_VERSION) return { groupId, groupState: 'Dead' };
  return {
    groupId,
    groupState: 'Dead',
    errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
    errorMessage: group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`,
  };
}

function describeClassicGroup(group: ClassicGroup): DescribedGroup {
  const protocolName = group.state === 'Stable' ? group.protocolName : null;
  return {
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: protocolName ?? '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberAssignment: member.assignment,
      ...(protocolName === null ? {} : { memberMetadata: member.metadata(protocolName) }),
    })),
  };
}

/** Decides the deletion of groups, each with its own error code; a group must have no members. */
export function deleteGroups(
  ctx: ShardContext,
  groupIds: readonly string[],
): { records: CoordinatorRecord[]; results: { groupId: string; errorCode: number }[] } {
  const records: CoordinatorRecord[] = [];
  const results = groupIds.map((groupId) => {
    const group = ctx.groups.get(groupId);
    if (group === undefined) return { groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND };
    try {
      validateDeleteGroup(group);
    } catch (error) {
      return { groupId, errorCode: errorCodeOf(error) };
    }
    records.push(...offsetTombstones(ctx, groupId), ...groupTombstones(group));
    return { groupId, errorCode: ErrorCode.NONE };
  });
  return { records, results };
}

function groupTombstones(group: Group): CoordinatorRecord[] {
  return group.type === 'classic' ? [newGroupMetadataTombstone(group.groupId)] : group.tombstones();
}

/** The results when the write failed: nothing was deleted. */
export function failedDeletions(groupIds: readonly string[], error: KafkaError) {
  return groupIds.map((groupId) => ({ groupId, errorCode: errorCodeOf(error) }));
}
