import { KafkaError } from '../../base/kafka-error.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import { deleteGroupsRequest, deleteGroupsResponse } from '../../protocol/messages/42-delete-groups.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, namedError } from '../errors.ts';
import { keyedCall } from '../keyed-call.ts';
import { CoordinatorType, lookUpCoordinators } from '../lookups.ts';
import type { CallOptions, Results } from '../types.ts';
import { describeConsumerGroups } from './describe-groups.ts';
import { groupCall } from './group-call.ts';

/** Deletes groups of any type; success is undefined. */
export function deleteGroups(
  client: KafkaClient,
  groupIds: readonly string[],
  options: CallOptions & { readonly callName?: string } = {},
): Promise<Results<string, undefined>> {
  return keyedCall<string, undefined>(client, {
    name: options.callName ?? 'deleteConsumerGroups',
    api: 'DELETE_GROUPS',
    lookupApi: 'FIND_COORDINATOR',
    keys: new Map(groupIds.map((groupId) => [groupId, groupId])),
    timeoutMs: options.timeoutMs,
    lookup: lookUpCoordinators(CoordinatorType.GROUP),
    attempt: async (connection, mine, timeoutMs) => {
      const body = { groupsNames: [...mine.keys()] };
      const response = await connection.send(deleteGroupsRequest, deleteGroupsResponse, body, { timeoutMs });
      return new Map(response.results.map((one) => [one.groupId, errorOf(one.errorCode, one.errorMessage)]));
    },
  });
}

interface LeavingMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly reason: string;
}

const DEFAULT_LEAVE_REASON = 'member was removed by an admin';

/**
 * Removes members by instance id, or all members when `instanceIds` is undefined. Results by instance id, or member id
 * where a member has none. Throws when the group as a whole refuses.
 */
export async function removeMembersFromConsumerGroup(
  client: KafkaClient,
  groupId: string,
  instanceIds?: readonly string[] | undefined,
  options: CallOptions & { readonly reason?: string } = {},
): Promise<Results<string, undefined>> {
  const given = options.reason === undefined || options.reason === '' ? '' : `: ${options.reason}`;
  const reason = `${DEFAULT_LEAVE_REASON}${given}`;
  const members =
    instanceIds?.map((id) => ({ memberId: '', groupInstanceId: id, reason })) ??
    (await membersOf(client, groupId, reason, options));
  return groupCall(client, 'removeMembersFromConsumerGroup', 'LEAVE_GROUP', groupId, options, async (...args) => {
    const [connection, timeoutMs] = args;
    const bounds = { timeoutMs, minVersion: 3 };
    const response = await connection.send(leaveGroupRequest, leaveGroupResponse, { groupId, members }, bounds);
    const left = response.members.map((one) => [one.groupInstanceId ?? one.memberId, errorOf(one.errorCode)] as const);
    return errorOf(response.errorCode) ?? new Map(left);
  });
}

async function membersOf(
  client: KafkaClient,
  groupId: string,
  reason: string,
  options: CallOptions,
): Promise<LeavingMember[]> {
  const group = (await describeConsumerGroups(client, [groupId], options)).get(groupId);
  if (group === undefined || group instanceof KafkaError) throw group ?? namedError('GROUP_ID_NOT_FOUND');
  return group.members.map(({ memberId, groupInstanceId }) =>
    groupInstanceId === null ? { memberId, groupInstanceId, reason } : { memberId: '', groupInstanceId, reason },
  );
}
