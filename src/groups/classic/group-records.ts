import { newGroupMetadataRecord } from '../coordinator-records.ts';
import type { GroupMetadataValue } from '../records/offset-and-classic.ts';
import type { CoordinatorRecord } from '../types.ts';
import { ClassicGroup } from './classic-group.ts';
import { ClassicGroupMember } from './classic-group-member.ts';

const NO_BYTES = Buffer.alloc(0);

/** The record of a group that was just created and has nothing to store yet. */
export function newEmptyGroupRecord(group: ClassicGroup): CoordinatorRecord {
  return newGroupMetadataRecord(group.groupId, {
    protocol: null,
    leader: null,
    currentStateTimestamp: group.currentStateTimestampMs ?? -1,
  });
}

/** The record of a group as it is, with the given assignments instead of the members' own. */
export function newClassicGroupRecord(
  group: ClassicGroup,
  assignments?: ReadonlyMap<string, Uint8Array>,
): CoordinatorRecord {
  const protocolName = group.protocolName ?? '';
  return newGroupMetadataRecord(group.groupId, {
    protocolType: group.protocolType ?? '',
    generation: group.generationId,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: group.currentStateTimestampMs ?? -1,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: member.metadata(protocolName),
      assignment: assignments === undefined ? member.assignment : (assignments.get(member.memberId) ?? NO_BYTES),
    })),
  });
}

/** The group that a record describes: Stable with members, Empty without. Its timers do not run yet. */
export function classicGroupOf(groupId: string, value: GroupMetadataValue): ClassicGroup {
  const group = new ClassicGroup(groupId, {
    state: value.members.length === 0 ? 'Empty' : 'Stable',
    generationId: value.generation,
    protocolType: value.protocolType === '' ? null : value.protocolType,
    protocolName: value.protocol,
    leaderId: value.leader,
    currentStateTimestampMs: value.currentStateTimestamp === -1 ? null : value.currentStateTimestamp,
  });
  for (const stored of value.members) {
    const rebalanceTimeoutMs = stored.rebalanceTimeout === -1 ? stored.sessionTimeout : stored.rebalanceTimeout;
    const member = new ClassicGroupMember({
      memberId: stored.memberId,
      groupInstanceId: stored.groupInstanceId,
      clientId: stored.clientId,
      clientHost: stored.clientHost,
      rebalanceTimeoutMs,
      sessionTimeoutMs: stored.sessionTimeout,
      protocolType: value.protocolType,
      supportedProtocols: [{ name: value.protocol ?? '', metadata: Buffer.from(stored.subscription) }],
      assignment: Buffer.from(stored.assignment),
    });
    group.add(member, null);
  }
  group.refreshSubscribedTopics();
  return group;
}
