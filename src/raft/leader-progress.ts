import type { RaftEndpoint, ReplicaKey } from './raft-types.ts';
import type { VoterSet } from './voter-set.ts';
import { matchesReplica, replicaName } from './voter-set.ts';

/** Observers that have not fetched for so long are forgotten; fixed in Kafka. */
const OBSERVER_SESSION_TIMEOUT_MS = 300_000;
/** How long ago an observer may have fetched and still be made a voter; fixed in Kafka. */
const CAUGHT_UP_WITHIN_MS = 3_600_000;
const CHECK_QUORUM_TIMEOUT_FACTOR = 1.5;

/** How far one replica has come, as its leader knows. Timestamps are ms since 1970, -1 while unknown. */
export interface ReplicaProgress {
  key: ReplicaKey;
  endpoints: readonly RaftEndpoint[];
  /** Everything below is durable there; undefined until its first fetch. */
  endOffset: number | undefined;
  lastFetchTimestamp: number;
  lastCaughtUpTimestamp: number;
  /** The leader's log end at the last fetch. */
  lastFetchLeaderEndOffset: number;
  /** Monotonic time of the last fetch. */
  lastFetchMs: number;
}

function newProgress(key: ReplicaKey, endpoints: readonly RaftEndpoint[]): ReplicaProgress {
  return {
    key,
    endpoints,
    endOffset: undefined,
    lastFetchTimestamp: -1,
    lastCaughtUpTimestamp: -1,
    lastFetchLeaderEndOffset: -1,
    lastFetchMs: Number.NEGATIVE_INFINITY,
  };
}

/** The time twice: for durations, and to be shown. */
export interface Instant {
  readonly monotonicMs: number;
  readonly timestampMs: number;
}

function byDescendingEndOffset(a: ReplicaProgress, b: ReplicaProgress): number {
  return (b.endOffset ?? -1) - (a.endOffset ?? -1) || a.key.id - b.key.id;
}

/**
 * What a leader knows of the others: where each replica's log ends, which makes the high watermark, and whether a
 * majority still fetches ("check quorum").
 */
export class LeaderProgress {
  readonly #localKey: ReplicaKey;
  readonly #epochStartOffset: number;
  readonly #fetchTimeoutMs: number;
  #voters = new Map<number, ReplicaProgress>();
  readonly #observers = new Map<string, ReplicaProgress>();
  #highWatermark: number | undefined;
  readonly #fetchedVoters = new Set<number>();
  #checkQuorumDeadlineMs: number;
  #beginQuorumEpochDeadlineMs: number;

  constructor(
    localKey: ReplicaKey,
    voters: VoterSet,
    epochStartOffset: number,
    fetchTimeoutMs: number,
    monotonicMs: number,
  ) {
    this.#localKey = localKey;
    this.#epochStartOffset = epochStartOffset;
    this.#fetchTimeoutMs = fetchTimeoutMs;
    this.#checkQuorumDeadlineMs = monotonicMs + fetchTimeoutMs * CHECK_QUORUM_TIMEOUT_FACTOR;
    this.#beginQuorumEpochDeadlineMs = monotonicMs;
    for (const node of voters.nodes) this.#voters.set(node.key.id, newProgress(node.key, node.endpoints));
  }

  /** undefined until a majority of the voters has reached this epoch. */
  get highWatermark(): number | undefined {
    return this.#highWatermark;
  }

  get voters(): ReplicaProgress[] {
    return [...this.#voters.values()];
  }

  get localKey(): ReplicaKey {
    return this.#localKey;
  }

  observers(now: Instant): ReplicaProgress[] {
    for (const [name, observer] of this.#observers) {
      const isGone = now.monotonicMs - observer.lastFetchMs >= OBSERVER_SESSION_TIMEOUT_MS;
      if (isGone && !matchesReplica(observer.key, this.#localKey)) this.#observers.delete(name);
    }
    return [...this.#observers.values()];
  }

  /** The leader's own log is durable up to `endOffset`; whether that moved the high watermark. */
  updateLocal(endOffset: number, voters: VoterSet): boolean {
    const local = this.#getOrCreate(this.#localKey);
    local.endOffset = Math.max(local.endOffset ?? 0, endOffset);
    this.#updateVoters(voters);
    return this.#updateHighWatermark();
  }

  /** A replica fetches from `endOffset`: everything before it is durable there. Whether the high watermark moved. */
  updateReplica(key: ReplicaKey, endOffset: number, leaderEndOffset: number, now: Instant): boolean {
    const replica = this.#getOrCreate(key);
    if (endOffset >= leaderEndOffset) {
      replica.lastCaughtUpTimestamp = Math.max(replica.lastCaughtUpTimestamp, now.timestampMs);
    } else if (replica.lastFetchLeaderEndOffset > 0 && endOffset >= replica.lastFetchLeaderEndOffset) {
      replica.lastCaughtUpTimestamp = Math.max(replica.lastCaughtUpTimestamp, replica.lastFetchTimestamp);
    }
    replica.lastFetchLeaderEndOffset = leaderEndOffset;
    replica.lastFetchTimestamp = Math.max(replica.lastFetchTimestamp, now.timestampMs);
    replica.lastFetchMs = now.monotonicMs;
    replica.endOffset = endOffset;
    this.noteFetch(key, now);
    return this.#isVoter(key) && this.#updateHighWatermark();
  }

  /** A replica fetches (the log or a snapshot): counts for "check quorum". */
  noteFetch(key: ReplicaKey, now: Instant): void {
    if (this.#isVoter(key)) this.#fetchedVoters.add(key.id);
    const majority = (this.#voters.size >> 1) + 1;
    const needed = this.#voters.has(this.#localKey.id) ? majority - 1 : majority;
    if (this.#fetchedVoters.size < needed) return;
    this.#fetchedVoters.clear();
    this.#checkQuorumDeadlineMs = now.monotonicMs + this.#fetchTimeoutMs * CHECK_QUORUM_TIMEOUT_FACTOR;
  }

  /** Ms until the leader must step down since no majority fetches; Infinity for a lone voter. */
  timeUntilCheckQuorumMs(monotonicMs: number): number {
    const isAlone = this.#voters.size === 1 && this.#voters.has(this.#localKey.id);
    return isAlone ? Number.POSITIVE_INFINITY : Math.max(0, this.#checkQuorumDeadlineMs - monotonicMs);
  }

  timeUntilBeginQuorumEpochMs(monotonicMs: number): number {
    return Math.max(0, this.#beginQuorumEpochDeadlineMs - monotonicMs);
  }

  resetBeginQuorumEpoch(monotonicMs: number): void {
    this.#beginQuorumEpochDeadlineMs = monotonicMs + this.#fetchTimeoutMs / 2;
  }

  /** Voters that must be told (again) that this node leads: those which have not fetched lately. */
  votersToRemind(monotonicMs: number): ReplicaKey[] {
    const intervalMs = this.#fetchTimeoutMs / 2;
    return this.voters
      .filter((one) => one.key.id !== this.#localKey.id && monotonicMs - one.lastFetchMs >= intervalMs)
      .map((one) => one.key);
  }

  /** The other voters, the one with the longest log first. */
  successors(): ReplicaKey[] {
    return this.voters
      .filter((one) => !matchesReplica(one.key, this.#localKey))
      .sort(byDescendingEndOffset)
      .map((one) => one.key);
  }

  /** Whether an observer may become a voter: it has fetched up to the log end, and within the last hour. */
  isCaughtUp(key: ReplicaKey, now: Instant): boolean {
    const observer = this.#observers.get(replicaName(key));
    if (observer === undefined) return false;
    return observer.lastCaughtUpTimestamp > 0 && now.monotonicMs - observer.lastFetchMs < CAUGHT_UP_WITHIN_MS;
  }

  #isVoter(key: ReplicaKey): boolean {
    const voter = this.#voters.get(key.id);
    return voter !== undefined && matchesReplica(voter.key, key);
  }

  #getOrCreate(key: ReplicaKey): ReplicaProgress {
    const voter = this.#voters.get(key.id);
    if (voter !== undefined && matchesReplica(voter.key, key)) return voter;
    const name = replicaName(key);
    let observer = this.#observers.get(name);
    if (observer === undefined) {
      observer = newProgress(key, []);
      this.#observers.set(name, observer);
    }
    return observer;
  }

  #updateVoters(voters: VoterSet): void {
    const old = new Map(this.#voters);
    const updated = new Map<number, ReplicaProgress>();
    for (const { key, endpoints } of voters.nodes) {
      const before = old.get(key.id);
      const isSame = before !== undefined && matchesReplica(before.key, key);
      const progress = (isSame ? before : this.#observers.get(replicaName(key))) ?? newProgress(key, endpoints);
      if (isSame) old.delete(key.id);
      this.#observers.delete(replicaName(key));
      progress.key = key;
      progress.endpoints = endpoints;
      updated.set(key.id, progress);
    }
    this.#voters = updated;
    for (const progress of old.values()) {
      progress.endpoints = [];
      this.#fetchedVoters.delete(progress.key.id);
      this.#observers.set(replicaName(progress.key), progress);
    }
  }

  // The largest offset that a majority holds; only once it includes a record of this leader's own epoch (Raft, 5.4.2).
  #updateHighWatermark(): boolean {
    const sorted = this.voters.sort(byDescendingEndOffset);
    const candidate = sorted[this.#voters.size >> 1]?.endOffset;
    if (candidate === undefined || candidate <= this.#epochStartOffset) return false;
    if (this.#highWatermark !== undefined && candidate <= this.#highWatermark) return false;
    this.#highWatermark = candidate;
    return true;
  }
}
