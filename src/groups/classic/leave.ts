/** LeaveGroup for classic groups. */
import { ErrorCode, errorCodeOf } from '../../protocol/error-codes.ts';
import type { LeaveGroupResponseInput } from '../../protocol/messages/13-leave-group.ts';
import { leaveConsumerGroup } from '../consumer/classic-members.ts';
import { coordinatorErrorCode } from '../group-errors.ts';
import type { Decision, ShardContext } from '../shard-context.ts';
import type { Reply } from '../types.ts';
import type { ClassicGroup } from './classic-group.ts';
import { clientReason } from './client-reason.ts';
import { dismissMember, maybeCompleteJoin, prepareRebalanceOrCompleteJoin } from './rebalance.ts';

/** A member that leaves, as LeaveGroup names it. */
export interface LeavingMember {
  /** Empty when an administrator removes a static member by its instance id. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly reason?: string | null;
}

/** Removes members on their own or an administrator's wish, each with its own error code. */
export function leaveGroup(
  ctx: ShardContext,
  groupId: string,
  leaving: readonly LeavingMember[],
  reply: Reply<LeaveGroupResponseInput>,
): void {
  const group = ctx.groups.get(groupId);
  if (group?.type === 'consumer') {
    leaveConsumerGroup(ctx, group, leaving, reply);
    return;
  }
  if (group === undefined || group.type !== 'classic') {
    reply({ members: leaving.map((member) => answer(member, ErrorCode.UNKNOWN_MEMBER_ID)) });
    return;
  }
  const members = leaving.map((member) => answer(member, removeMember(ctx, group, member)));
  const left = members.filter((member) => member.errorCode === ErrorCode.NONE);
  const decision = left.length === 0 ? null : rebalanceWithout(ctx, group, left);
  ctx.perform(decision, (error) => {
    reply(error === undefined ? { members } : { errorCode: coordinatorErrorCode(error) });
  });
}

function answer({ memberId, groupInstanceId }: LeavingMember, errorCode: number) {
  return { memberId, groupInstanceId, errorCode };
}

function removeMember(ctx: ShardContext, group: ClassicGroup, leaving: LeavingMember): number {
  const { memberId, groupInstanceId } = leaving;
  const why = `${memberId || groupInstanceId} leaves group ${group.groupId}`;
  ctx.logger.info(`${why}; ${clientReason(leaving.reason)}`);
  if (group.pendingMembers.has(memberId)) {
    group.removePending(memberId);
    return ErrorCode.NONE;
  }
  // Administrators name static members without their member ids (KIP-345).
  const currentMemberId = memberId === '' ? group.staticMembers.get(groupInstanceId ?? '') : memberId;
  if (currentMemberId === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  try {
    dismissMember(group, group.validateMember(currentMemberId, groupInstanceId));
    return ErrorCode.NONE;
  } catch (error) {
    return errorCodeOf(error);
  }
}

function rebalanceWithout(ctx: ShardContext, group: ClassicGroup, left: readonly LeavingMember[]): Decision {
  switch (group.state) {
    case 'Stable':
    case 'CompletingRebalance': {
      const ids = left.map((member) => member.memberId).join(', ');
      return prepareRebalanceOrCompleteJoin(ctx, group, `LeaveGroup of ${ids}`);
    }
    case 'PreparingRebalance':
      return maybeCompleteJoin(ctx, group);
    default:
      return null;
  }
}
