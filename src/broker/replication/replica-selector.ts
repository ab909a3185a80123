import type { ReplicaState } from './replica-state.ts';

/** A replica that could serve a consumer, as `replica.selector.class` sees it (KIP-392). */
export interface ReplicaView {
  readonly id: number;
  readonly rack: string | null;
  readonly logEndOffset: number;
  readonly msSinceCaughtUp: number;
}

/** Chooses the replica that a consumer is to read from; the leader's own id when it is to stay. */
export type ReplicaSelector = (rackId: string, leader: ReplicaView, replicas: readonly ReplicaView[]) => number;

const RACK_AWARE = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';

/** The selector that `replica.selector.class` names; undefined = consumers read from leaders. */
export function replicaSelector(className: string | null): ReplicaSelector | undefined {
  return className === RACK_AWARE ? selectByRack : undefined;
}

/** One in the consumer's rack: the leader if it is there, else the one that is furthest, and caught up last. */
export const selectByRack: ReplicaSelector = (rackId, leader, replicas) => {
  if (rackId === '' || leader.rack === rackId) return leader.id;
  let best: ReplicaView | undefined;
  for (const replica of replicas) {
    if (replica.rack === rackId && (best === undefined || isBetter(replica, best))) best = replica;
  }
  return best?.id ?? leader.id;
};

function isBetter(a: ReplicaView, b: ReplicaView): boolean {
  if (a.logEndOffset !== b.logEndOffset) return a.logEndOffset > b.logEndOffset;
  if (a.msSinceCaughtUp !== b.msSinceCaughtUp) return a.msSinceCaughtUp < b.msSinceCaughtUp;
  return a.id > b.id;
}

/** What {@link preferredReadReplica} is asked for. */
export interface PreferredReplicaQuestion {
  readonly leaderId: number;
  readonly rackId: string;
  readonly fetchOffset: number;
  readonly nowMs: number;
  /** The broker when clients can reach it now. */
  reachable(brokerId: number): { readonly rack: string | null } | undefined;
}

/** What a leader knows that the choice depends on. */
interface Led {
  readonly isr: readonly number[];
  readonly followers: ReadonlyMap<number, ReplicaState>;
}

/**
 * The replica that a consumer had better read from; undefined = the leader. Only members of the ISR that hold the offset
 * are asked for: a consumer would fall behind with a replica that lags.
 */
export function preferredReadReplica(
  select: ReplicaSelector,
  led: Led,
  logEndOffset: number,
  question: PreferredReplicaQuestion,
): number | undefined {
  const { leaderId, rackId, fetchOffset, nowMs, reachable } = question;
  const replicas: ReplicaView[] = [];
  for (const { brokerId: id, logEndOffset: end, logStartOffset, lastCaughtUpTimeMs } of led.followers.values()) {
    const broker = reachable(id);
    if (broker === undefined || !led.isr.includes(id) || end < fetchOffset || logStartOffset > fetchOffset) continue;
    replicas.push({ id, rack: broker.rack, logEndOffset: end, msSinceCaughtUp: nowMs - lastCaughtUpTimeMs });
  }
  const leader = { id: leaderId, rack: reachable(leaderId)?.rack ?? null, logEndOffset, msSinceCaughtUp: 0 };
  const chosen = select(rackId, leader, replicas);
  return chosen === leaderId ? undefined : chosen;
}
