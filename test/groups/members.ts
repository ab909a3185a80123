import { consumerProtocolSubscription } from '../../src/protocol/consumer-protocol.ts';
import { Writer } from '../../src/protocol/writer.ts';
import type { GroupHarness, Pending } from './group-harness.ts';

/** The bytes that a consumer puts into JoinGroup. */
export function subscription(
  topics: readonly string[],
  ownedPartitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[] = [],
): Buffer {
  const writer = new Writer();
  writer.int16(1);
  consumerProtocolSubscription.encode(writer, 1, { topics, ownedPartitions });
  return writer.finishWhole();
}

export interface MemberOptions {
  readonly groupId?: string;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly protocolType?: string;
  readonly protocols?: readonly { readonly name: string; readonly metadata: Uint8Array }[];
}

export const RANGE = { name: 'range', metadata: subscription(['orders']) };
export const ROUND_ROBIN = { name: 'roundrobin', metadata: subscription(['orders']) };

export function joinRequest(options: MemberOptions = {}) {
  return {
    groupId: options.groupId ?? 'group',
    memberId: options.memberId ?? '',
    groupInstanceId: options.groupInstanceId ?? null,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
    protocolType: options.protocolType ?? 'consumer',
    protocols: options.protocols ?? [RANGE],
  };
}

/** Joins as a client of today does: first for an id, then with it. */
export function joinWithId(harness: GroupHarness, options: MemberOptions = {}, version = 9) {
  const asked = harness.join(version, joinRequest(options)).now();
  return {
    memberId: asked.memberId,
    joined: harness.join(version, joinRequest({ ...options, memberId: asked.memberId })),
  };
}

type Joined = ReturnType<GroupHarness['join']> extends Pending<infer R> ? R : never;

/** Sends the SyncGroups of a generation, the leader's last, with each member's own id as its assignment. */
export function syncAll(harness: GroupHarness, members: readonly Joined[], groupId = 'group', version = 5) {
  const leaders = members.filter((member) => member.memberId === member.leader);
  const followers = members.filter((member) => member.memberId !== member.leader);
  const everyone = leaders[0]?.members ?? [];
  const assignments = everyone.map(({ memberId }) => ({ memberId, assignment: Buffer.from(memberId) }));
  const synced = new Map(
    [...followers, ...leaders].map((member) => {
      const { memberId, generationId, protocolType, protocolName } = member;
      const isLeader = memberId === member.leader;
      const body = { groupId, memberId, generationId, assignments: isLeader ? assignments : [] };
      const request = version >= 5 ? { ...body, protocolType, protocolName } : body;
      return [memberId, harness.sync(version, request)] as const;
    }),
  );
  return members.map((member) => {
    const answer = synced.get(member.memberId);
    if (answer === undefined) throw new Error(`no SyncGroup of ${member.memberId}`);
    return answer.now();
  });
}

/** A stable group of `count` dynamic members. */
export function stableGroup(harness: GroupHarness, count: number, options: MemberOptions = {}): Joined[] {
  const pending = Array.from({ length: count }, () => joinWithId(harness, options).joined);
  harness.clock.advance(3_000 * (count + 1));
  const joined = pending.map((each) => each.now());
  syncAll(harness, joined, options.groupId);
  return joined;
}

export function stateOf(harness: GroupHarness, groupId = 'group'): string | undefined {
  return harness.describe(6, { groups: [groupId] }).now().groups[0]?.groupState;
}
