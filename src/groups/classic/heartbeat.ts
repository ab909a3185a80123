/** Heartbeat for classic groups. */
import { ErrorCode, errorCodeOf } from '../../protocol/error-codes.ts';
import type { HeartbeatRequest } from '../../protocol/messages/12-heartbeat.ts';
import { heartbeatConsumerGroup } from '../consumer/classic-members.ts';
import type { ShardContext } from '../shard-context.ts';
import type { ClassicGroupMember } from './classic-group-member.ts';
import { rescheduleHeartbeat } from './rebalance.ts';

/** Keeps a member's session alive; the error code of the answer tells it to rejoin. */
export function heartbeat(ctx: ShardContext, request: HeartbeatRequest): number {
  const group = ctx.groups.get(request.groupId);
  if (group?.type === 'consumer') return heartbeatConsumerGroup(ctx, group, request);
  if (group === undefined || group.type !== 'classic') return ErrorCode.UNKNOWN_MEMBER_ID;
  let member: ClassicGroupMember;
  try {
    member = group.validateMember(request.memberId, request.groupInstanceId);
  } catch (error) {
    return errorCodeOf(error);
  }
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION;
  if (group.isEmpty) return ErrorCode.UNKNOWN_MEMBER_ID;
  rescheduleHeartbeat(ctx, group, member);
  return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}
