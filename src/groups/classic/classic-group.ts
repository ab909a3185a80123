import { KafkaError } from '../../base/kafka-error.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { JoinGroupResponseInput } from '../../protocol/messages/11-join-group.ts';
import type { SyncGroupResponseInput } from '../../protocol/messages/14-sync-group.ts';
import { TimerSlot } from '../timer-slot.ts';
import type { Reply } from '../types.ts';
import { ClassicGroupMember, type MemberProtocol } from './classic-group-member.ts';
import { selectProtocol } from './protocol-selection.ts';
import { type ClassicGroupState, isValidTransition } from './states.ts';
import { CONSUMER_PROTOCOL_TYPE, subscribedTopicsOf } from './subscription.ts';

export interface ClassicGroupOptions {
  readonly state?: ClassicGroupState;
  readonly generationId?: number;
  readonly protocolType?: string | null;
  readonly protocolName?: string | null;
  readonly leaderId?: string | null;
  /** Null when the record that it was loaded from has none (written before Kafka 2.1). */
  readonly currentStateTimestampMs: number | null;
}

/**
 * A classic group: its members, who of them waits, and the state. Keeps its own counts right; when which transition
 * happens is decided in join.ts, sync.ts, leave.ts and rebalance.ts.
 */
export class ClassicGroup {
  readonly type = 'classic';
  readonly groupId: string;
  generationId: number;
  protocolType: string | null;
  protocolName: string | null;
  leaderId: string | null;
  currentStateTimestampMs: number | null;
  /** Whether the initial rebalance may be put off further. */
  newMemberAdded = false;
  /** Topics of the members' subscriptions; null when they are not known. */
  subscribedTopics: ReadonlySet<string> | null = null;
  readonly members = new Map<string, ClassicGroupMember>();
  /** Member id by group instance id. */
  readonly staticMembers = new Map<string, string>();
  /** Ids that were given out and not yet used (KIP-394), with what ends the wait. */
  readonly pendingMembers = new Map<string, TimerSlot>();
  readonly pendingSyncMembers = new Set<string>();
  readonly joinTimer = new TimerSlot();
  readonly syncTimer = new TimerSlot();
  #state: ClassicGroupState;
  #previousState: ClassicGroupState = 'Dead';
  #awaitingJoinCount = 0;
  /** How many members offer each protocol. */
  readonly #supportedProtocols = new Map<string, number>();

  constructor(groupId: string, options: ClassicGroupOptions) {
    this.groupId = groupId;
    this.#state = options.state ?? 'Empty';
    this.generationId = options.generationId ?? 0;
    this.protocolType = options.protocolType ?? null;
    this.protocolName = options.protocolName ?? null;
    this.leaderId = options.leaderId ?? null;
    this.currentStateTimestampMs = options.currentStateTimestampMs;
  }

  get state(): ClassicGroupState {
    return this.#state;
  }

  get previousState(): ClassicGroupState {
    return this.#previousState;
  }

  get awaitingJoinCount(): number {
    return this.#awaitingJoinCount;
  }

  get isEmpty(): boolean {
    return this.#state === 'Empty';
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  get canRebalance(): boolean {
    return isValidTransition(this.#state, 'PreparingRebalance');
  }

  get hasAllMembersJoined(): boolean {
    return this.members.size === this.#awaitingJoinCount && this.pendingMembers.size === 0;
  }

  /** The longest that a rebalance may take, in ms: the largest wish of the members. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs);
    return longest;
  }

  /** The only way to another state. Throws when the table of states does not have the step. */
  transitionTo(state: ClassicGroupState, nowMs: number): void {
    if (!isValidTransition(this.#state, state)) {
      throw new Error(`group ${this.groupId} cannot go from ${this.#state} to ${state}`);
    }
    this.#previousState = this.#state;
    this.#state = state;
    this.currentStateTimestampMs = nowMs;
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId;
  }

  /** Whether a member with these protocols can be in the group. */
  supportsProtocols(protocolType: string, protocols: readonly { readonly name: string }[]): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0;
    if (this.protocolType !== protocolType) return false;
    return protocols.some(({ name }) => (this.#supportedProtocols.get(name) ?? 0) === this.members.size);
  }

  add(member: ClassicGroupMember, awaitingJoin: Reply<JoinGroupResponseInput> | null): void {
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId);
    if (this.members.size === 0) this.protocolType = member.protocolType;
    this.leaderId ??= member.memberId;
    this.members.set(member.memberId, member);
    this.#countProtocols(member, 1);
    this.#setAwaitingJoin(member, awaitingJoin);
    this.removePending(member.memberId);
  }

  /** Forgets a member, pending or not, and its timers. The first of the others becomes leader when it was. */
  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) {
      this.members.delete(memberId);
      this.#countProtocols(member, -1);
      this.#setAwaitingJoin(member, null);
      member.heartbeatTimer.cancel();
      if (member.groupInstanceId !== null) this.staticMembers.delete(member.groupInstanceId);
    }
    if (this.isLeader(memberId)) this.leaderId = this.members.keys().next().value ?? null;
    this.removePending(memberId);
    this.pendingSyncMembers.delete(memberId);
  }

  removePending(memberId: string): void {
    this.pendingMembers.get(memberId)?.cancel();
    this.pendingMembers.delete(memberId);
  }

  updateMember(
    member: ClassicGroupMember,
    protocols: readonly MemberProtocol[],
    rebalanceTimeoutMs: number,
    sessionTimeoutMs: number,
    awaitingJoin: Reply<JoinGroupResponseInput> | null,
  ): void {
    this.#countProtocols(member, -1);
    member.supportedProtocols = protocols;
    this.#countProtocols(member, 1);
    member.rebalanceTimeoutMs = rebalanceTimeoutMs;
    member.sessionTimeoutMs = sessionTimeoutMs;
    this.#setAwaitingJoin(member, awaitingJoin);
  }

  /** Gives a static member a new member id; whoever still waits under the old one is fenced (KIP-345). */
  replaceStaticMember(groupInstanceId: string, oldMemberId: string, newMemberId: string): ClassicGroupMember {
    const old = this.members.get(oldMemberId);
    if (old === undefined) throw new Error(`group ${this.groupId} has no member ${oldMemberId} to replace`);
    const fenced = ErrorCode.FENCED_INSTANCE_ID;
    this.completeJoin(old, { memberId: oldMemberId, errorCode: fenced });
    this.completeSync(old, { errorCode: fenced });
    old.heartbeatTimer.cancel();
    this.members.delete(oldMemberId);
    const member = new ClassicGroupMember({ ...old, groupInstanceId, memberId: newMemberId });
    this.members.set(newMemberId, member);
    if (this.isLeader(oldMemberId)) this.leaderId = newMemberId;
    this.staticMembers.set(groupInstanceId, newMemberId);
    return member;
  }

  /**
   * Makes sure that the leader is a member that joined; another one takes over when it did not (KIP-345: a static
   * leader that is away stays a member). False when nobody joined, or there is no leader.
   */
  electJoinedLeader(): boolean {
    if (this.leaderId === null) return false;
    if (this.members.get(this.leaderId)?.awaitingJoin) return true;
    for (const member of this.members.values()) {
      if (member.awaitingJoin === null) continue;
      this.leaderId = member.memberId;
      return true;
    }
    return false;
  }

  /**
   * Throws UNKNOWN_MEMBER_ID when the group has no such member, FENCED_INSTANCE_ID when the static member has another
   * member id by now.
   */
  validateMember(memberId: string, groupInstanceId: string | null): ClassicGroupMember {
    if (groupInstanceId !== null) {
      const current = this.staticMembers.get(groupInstanceId);
      if (current === undefined) throw new KafkaError('UNKNOWN_MEMBER_ID');
      if (current !== memberId) throw new KafkaError('FENCED_INSTANCE_ID');
    }
    const member = this.members.get(memberId);
    if (member === undefined) throw new KafkaError('UNKNOWN_MEMBER_ID');
    return member;
  }

  /** The protocol of the next generation; only for a group with members. */
  selectProtocol(): string | null {
    const candidates = new Set<string>();
    for (const [name, count] of this.#supportedProtocols) {
      if (count === this.members.size) candidates.add(name);
    }
    return selectProtocol(this.members.values(), candidates);
  }

  /** Opens the next generation: Empty without members, else CompletingRebalance with a protocol. */
  initNextGeneration(nowMs: number): void {
    this.generationId++;
    const isEmpty = this.members.size === 0;
    this.protocolName = isEmpty ? null : this.selectProtocol();
    this.refreshSubscribedTopics();
    this.transitionTo(isEmpty ? 'Empty' : 'CompletingRebalance', nowMs);
    this.pendingSyncMembers.clear();
  }

  refreshSubscribedTopics(): void {
    this.subscribedTopics = subscribedTopicsOf(this);
  }

  /** Whether deleting or expiring offsets of the topic would take them from a member; unknown counts as yes. */
  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics?.has(topic) ?? this.usesConsumerProtocol;
  }

  /** What the leader gets to see of the members. */
  describeForLeader(): { memberId: string; groupInstanceId: string | null; metadata: Buffer }[] {
    const protocolName = this.protocolName ?? '';
    return [...this.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: member.metadata(protocolName),
    }));
  }

  /** Answers a waiting JoinGroup; false when none waits. */
  completeJoin(member: ClassicGroupMember, response: JoinGroupResponseInput): boolean {
    const reply = member.awaitingJoin;
    if (reply === null) return false;
    this.#setAwaitingJoin(member, null);
    reply(response);
    return true;
  }

  /** Answers a waiting SyncGroup; false when none waits. */
  completeSync(member: ClassicGroupMember, response: SyncGroupResponseInput): boolean {
    const reply = member.awaitingSync;
    if (reply === null) return false;
    member.awaitingSync = null;
    reply(response);
    return true;
  }

  cancelTimers(): void {
    this.joinTimer.cancel();
    this.syncTimer.cancel();
    for (const timer of this.pendingMembers.values()) timer.cancel();
    for (const member of this.members.values()) member.heartbeatTimer.cancel();
  }

  #setAwaitingJoin(member: ClassicGroupMember, reply: Reply<JoinGroupResponseInput> | null): void {
    const previous = member.awaitingJoin;
    if (previous !== null) this.#awaitingJoinCount--;
    if (reply !== null) this.#awaitingJoinCount++;
    member.awaitingJoin = reply;
    // A member that asks again gave up on its first request; that one must not wait for ever.
    if (previous !== null && reply !== null) {
      previous({ memberId: member.memberId, errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
    }
  }

  #countProtocols(member: ClassicGroupMember, by: number): void {
    for (const { name } of member.supportedProtocols) {
      const count = (this.#supportedProtocols.get(name) ?? 0) + by;
      if (count === 0) this.#supportedProtocols.delete(name);
      else this.#supportedProtocols.set(name, count);
    }
  }
}
