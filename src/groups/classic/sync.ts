/** SyncGroup for classic groups. */
import { ErrorCode, errorCodeOf } from '../../protocol/error-codes.ts';
import type { SyncGroupRequest, SyncGroupResponseInput } from '../../protocol/messages/14-sync-group.ts';
import { syncConsumerGroup } from '../consumer/classic-members.ts';
import { coordinatorErrorCode } from '../group-errors.ts';
import type { Decision, ShardContext } from '../shard-context.ts';
import type { Reply } from '../types.ts';
import type { ClassicGroup } from './classic-group.ts';
import { newClassicGroupRecord } from './group-records.ts';
import {
  prepareRebalanceOrCompleteJoin,
  removePendingSync,
  rescheduleHeartbeat,
  resetAssignments,
} from './rebalance.ts';

const NO_BYTES = Buffer.alloc(0);

/** Answers a member with its assignment, as soon as the leader has sent it and it is stored. */
export function syncGroup(ctx: ShardContext, request: SyncGroupRequest, reply: Reply<SyncGroupResponseInput>): void {
  const group = ctx.groups.get(request.groupId);
  if (group?.type === 'consumer') {
    syncConsumerGroup(ctx, group, request, reply);
    return;
  }
  if (group === undefined || group.type !== 'classic' || group.isEmpty) {
    reply({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID });
    return;
  }
  const errorCode = validate(group, request);
  if (errorCode !== ErrorCode.NONE) {
    reply({ errorCode });
    return;
  }
  ctx.perform(sync(ctx, group, request, reply));
}

function validate(group: ClassicGroup, request: SyncGroupRequest): number {
  try {
    group.validateMember(request.memberId, request.groupInstanceId);
  } catch (error) {
    return errorCodeOf(error);
  }
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION;
  const isConsistent =
    agrees(request.protocolType, group.protocolType) && agrees(request.protocolName, group.protocolName);
  return isConsistent ? ErrorCode.NONE : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
}

function agrees(received: string | null, own: string | null): boolean {
  return received === null || own === null || received === own;
}

function sync(
  ctx: ShardContext,
  group: ClassicGroup,
  request: SyncGroupRequest,
  reply: Reply<SyncGroupResponseInput>,
): Decision {
  const member = group.validateMember(request.memberId, request.groupInstanceId);
  switch (group.state) {
    case 'PreparingRebalance':
      reply({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
      return null;
    case 'CompletingRebalance':
      // One that asks again gave up on its first request; that one must not wait for ever.
      member.awaitingSync?.({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
      member.awaitingSync = reply;
      removePendingSync(group, member.memberId);
      return group.isLeader(member.memberId) ? storeAssignments(ctx, group, request) : null;
    default: {
      removePendingSync(group, member.memberId);
      const { protocolType, protocolName } = group;
      reply({ protocolType, protocolName, assignment: member.assignment });
      return null;
    }
  }
}

function storeAssignments(ctx: ShardContext, group: ClassicGroup, request: SyncGroupRequest): Decision {
  const { generationId } = group;
  const assignments = new Map<string, Buffer>();
  for (const { memberId, assignment } of request.assignments) assignments.set(memberId, Buffer.from(assignment));
  return {
    records: [newClassicGroupRecord(group, assignments)],
    applyRecords: false,
    onWritten: (error) => {
      // The group may have moved on while the record was on its way.
      if (group.state !== 'CompletingRebalance' || group.generationId !== generationId) return;
      if (error !== undefined) {
        const errorCode = coordinatorErrorCode(error);
        resetAssignments(ctx, group, errorCode);
        const reason = `the assignment from leader ${request.memberId} could not be stored: ${error.errorName}`;
        ctx.perform(prepareRebalanceOrCompleteJoin(ctx, group, reason));
        return;
      }
      applyAssignments(ctx, group, assignments);
      group.transitionTo('Stable', ctx.clock.nowMs());
    },
  };
}

function applyAssignments(ctx: ShardContext, group: ClassicGroup, assignments: ReadonlyMap<string, Buffer>): void {
  const { protocolType, protocolName } = group;
  for (const member of group.members.values()) {
    member.assignment = assignments.get(member.memberId) ?? NO_BYTES;
    const { assignment } = member;
    if (group.completeSync(member, { protocolType, protocolName, assignment })) {
      // A session that ended while the member waited was let pass; a new one starts here.
      rescheduleHeartbeat(ctx, group, member);
    }
  }
}
