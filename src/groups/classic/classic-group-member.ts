import type { JoinGroupResponseInput } from '../../protocol/messages/11-join-group.ts';
import type { SyncGroupResponseInput } from '../../protocol/messages/14-sync-group.ts';
import { TimerSlot } from '../timer-slot.ts';
import type { Reply } from '../types.ts';

/** An assignment strategy that a member offers, most wanted first, with the member's data for it. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface ClassicGroupMemberOptions {
  readonly memberId: string;
  /** Null for a dynamic member (KIP-345). */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly protocolType: string;
  readonly supportedProtocols: readonly MemberProtocol[];
  readonly assignment?: Buffer;
}

const NO_BYTES = Buffer.alloc(0);

/** A member of a classic group. */
export class ClassicGroupMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly protocolType: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  supportedProtocols: readonly MemberProtocol[];
  /** What the leader gave it in the current generation; empty until then. */
  assignment: Buffer;
  /** Whether it joined and never yet got an answer: it cannot send heartbeats, as it does not know its id. */
  isNew = false;
  /** The JoinGroup that waits for the rebalance. Only ClassicGroup sets it, as it counts them. */
  awaitingJoin: Reply<JoinGroupResponseInput> | null = null;
  /** The SyncGroup that waits for the leader's assignment. */
  awaitingSync: Reply<SyncGroupResponseInput> | null = null;
  readonly heartbeatTimer = new TimerSlot();

  constructor(options: ClassicGroupMemberOptions) {
    this.memberId = options.memberId;
    this.groupInstanceId = options.groupInstanceId;
    this.clientId = options.clientId;
    this.clientHost = options.clientHost;
    this.protocolType = options.protocolType;
    this.rebalanceTimeoutMs = options.rebalanceTimeoutMs;
    this.sessionTimeoutMs = options.sessionTimeoutMs;
    this.supportedProtocols = options.supportedProtocols;
    this.assignment = options.assignment ?? NO_BYTES;
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null;
  }

  /** A member that waits for a rebalance needs no heartbeat, unless it is new. */
  get hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.awaitingJoin !== null || this.awaitingSync !== null);
  }

  /** Its data for a protocol; empty when it does not offer it. */
  metadata(protocolName: string): Buffer {
    return this.supportedProtocols.find((protocol) => protocol.name === protocolName)?.metadata ?? NO_BYTES;
  }

  /** Whether it already offers exactly these protocols with the same data. */
  matches(protocols: readonly MemberProtocol[]): boolean {
    const own = this.supportedProtocols;
    return (
      own.length === protocols.length &&
      own.every((protocol, i) => {
        const other = protocols[i];
        return other !== undefined && protocol.name === other.name && protocol.metadata.equals(other.metadata);
      })
    );
  }

  /** The protocol that it wants most of those that every member can do. */
  vote(candidates: ReadonlySet<string>): string | undefined {
    return this.supportedProtocols.find((protocol) => candidates.has(protocol.name))?.name;
  }
}

/** The protocols of a JoinGroup, copied out of the request's frame; of equal names the first counts. */
export function copyProtocols(protocols: readonly MemberProtocol[]): MemberProtocol[] {
  const copies = new Map<string, MemberProtocol>();
  for (const { name, metadata } of protocols) {
    if (!copies.has(name)) copies.set(name, { name, metadata: Buffer.from(metadata) });
  }
  return [...copies.values()];
}
