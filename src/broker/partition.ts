import type { Clock } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import {
  type AppendOptions,
  type AppendResult,
  EARLIEST_LOCAL_TIMESTAMP,
  EARLIEST_TIMESTAMP,
  type EpochAndOffset,
  LATEST_TIMESTAMP,
  type ReadResult,
  type TimestampAndOffset,
} from '../log/partition-log-types.ts';
import type { PartitionRegistration } from '../metadata/partition-registration.ts';
import { ReplicaState } from './replica-state.ts';

/** How far a fetch may look into the log. */
export type FetchIsolation = 'logEnd' | 'highWatermark' | 'lastStableOffset';

/** What a partition needs of its broker. */
export interface PartitionEnvironment {
  readonly nodeId: number;
  readonly clock: Clock;
  /** `replica.lag.time.max.ms`. */
  readonly replicaLagTimeMaxMs: number;
  /** `min.insync.replicas` of a topic. */
  minInsyncReplicas(topic: string): number;
  /** Whether the high watermark must not move while the ISR is smaller than that (KIP-966). */
  isElrEnabled(): boolean;
  /** Called when the high watermark, the log's end or start, or the leadership moved. */
  changed(partition: Partition): void;
}

/** What one partition's part of a fetch found. */
export interface PartitionRead {
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly divergingEpoch: EpochAndOffset | undefined;
  /** Undefined when the epochs diverge. */
  readonly records: ReadResult | undefined;
}

const NO_EPOCH = -1;

/**
 * One partition of which this broker is a replica, as leader or follower. The metadata log says which
 * ({@link becomeLeader}, {@link becomeFollower}); the high watermark is what all of the ISR have.
 */
export class Partition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly log: PartitionLog;
  readonly #environment: PartitionEnvironment;
  #registration: PartitionRegistration;
  #isLeader = false;
  #leaderEpochStartOffset: number | undefined;
  readonly #followers = new Map<number, ReplicaState>();

  constructor(
    environment: PartitionEnvironment,
    topic: string,
    topicId: Uuid,
    partition: number,
    log: PartitionLog,
    registration: PartitionRegistration,
  ) {
    this.#environment = environment;
    this.topic = topic;
    this.topicId = topicId;
    this.partition = partition;
    this.log = log;
    this.#registration = registration;
  }

  get registration(): PartitionRegistration {
    return this.#registration;
  }

  get isLeader(): boolean {
    return this.#isLeader;
  }

  get leaderEpoch(): number {
    return this.#registration.leaderEpoch;
  }

  /** Replicas other than the leader, while this broker leads. */
  get followers(): ReadonlyMap<number, ReplicaState> {
    return this.#followers;
  }

  /** This broker leads from now on, or goes on leading with another ISR. True when the leader epoch is new. */
  becomeLeader(registration: PartitionRegistration): boolean {
    const isNewEpoch = !this.#isLeader || registration.leaderEpoch !== this.#registration.leaderEpoch;
    this.#registration = registration;
    if (isNewEpoch) {
      this.#isLeader = true;
      this.#leaderEpochStartOffset = this.log.logEndOffset;
      this.log.assignEpochStart(registration.leaderEpoch, this.log.logEndOffset);
    }
    this.#trackFollowers(isNewEpoch);
    this.#maybeAdvanceHighWatermark();
    this.#environment.changed(this);
    return isNewEpoch;
  }

  /** Another broker leads, or none. True when the leader epoch is new. */
  becomeFollower(registration: PartitionRegistration): boolean {
    const isNewEpoch = this.#isLeader || registration.leaderEpoch !== this.#registration.leaderEpoch;
    this.#registration = registration;
    this.#isLeader = false;
    this.#leaderEpochStartOffset = undefined;
    this.#followers.clear();
    this.#environment.changed(this);
    return isNewEpoch;
  }

  #trackFollowers(isNewEpoch: boolean): void {
    const { nodeId, clock } = this.#environment;
    for (const id of this.#followers.keys()) if (!this.#registration.replicas.includes(id)) this.#followers.delete(id);
    for (const id of this.#registration.replicas) {
      if (id === nodeId || (!isNewEpoch && this.#followers.has(id))) continue;
      // Those in the ISR count as caught up until they have had the time to fetch.
      const isInSync = this.#registration.isr.includes(id);
      this.#followers.set(id, new ReplicaState(id, isInSync ? clock.nowMs() : 0));
    }
  }

  /**
   * The log, when this broker may serve a request that knows the leader epoch `currentLeaderEpoch` (-1 = not given).
   * Throws FENCED_LEADER_EPOCH when the request's epoch is old, UNKNOWN_LEADER_EPOCH when it is newer than ours, and
   * NOT_LEADER_OR_FOLLOWER.
   */
  logFor(currentLeaderEpoch: number, mustLead: boolean): PartitionLog {
    const { leaderEpoch } = this;
    if (currentLeaderEpoch !== NO_EPOCH && currentLeaderEpoch !== leaderEpoch) {
      const name = currentLeaderEpoch < leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH';
      throw new KafkaError(name, `${this} has leader epoch ${leaderEpoch}, received ${currentLeaderEpoch}`);
    }
    if (mustLead && !this.#isLeader) throw this.#notLeader();
    return this.log;
  }

  #notLeader(): KafkaError {
    return new KafkaError('NOT_LEADER_OR_FOLLOWER', `broker ${this.#environment.nodeId} does not lead ${this}`);
  }

  /** min.insync.replicas, but no more than there are replicas. */
  get effectiveMinInsyncReplicas(): number {
    return Math.min(this.#environment.minInsyncReplicas(this.topic), this.#registration.replicas.length);
  }

  /**
   * Appends as leader; `batches` belong to the log from then on. Throws NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS
   * (only with `acks` -1) and whatever the log has against the batch.
   */
  append(batches: readonly Buffer[], acks: number, options: AppendOptions): AppendResult {
    if (!this.#isLeader) throw this.#notLeader();
    if (acks === -1) {
      const minimum = this.effectiveMinInsyncReplicas;
      const { isr } = this.#registration;
      if (isr.length < minimum) {
        const ids = isr.join(',');
        throw new KafkaError('NOT_ENOUGH_REPLICAS', `the ISR of ${this} is [${ids}], min.insync.replicas ${minimum}`);
      }
    }
    const only = batches.length === 1 ? batches[0] : undefined;
    const result =
      only === undefined
        ? this.log.appendBatchesAsLeader(batches, this.leaderEpoch, options)
        : this.log.appendAsLeader(only, this.leaderEpoch, options);
    this.#maybeAdvanceHighWatermark();
    this.#environment.changed(this);
    return result;
  }

  /** Whether all of the ISR have everything below `offset`: undefined = not yet, else the error or NONE to answer. */
  acknowledgement(offset: number): 'NONE' | 'NOT_LEADER_OR_FOLLOWER' | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' | undefined {
    if (!this.#isLeader) return 'NOT_LEADER_OR_FOLLOWER';
    if (this.log.highWatermark < offset) return undefined;
    const isEnough = this.#registration.isr.length >= this.effectiveMinInsyncReplicas;
    return isEnough ? 'NONE' : 'NOT_ENOUGH_REPLICAS_AFTER_APPEND';
  }

  endOffset(isolation: FetchIsolation): number {
    if (isolation === 'logEnd') return this.log.logEndOffset;
    return isolation === 'highWatermark' ? this.log.highWatermark : this.log.lastStableOffset;
  }

  /**
   * Reads for a fetch whose leader epoch was checked ({@link logFor}). `lastFetchedEpoch` -1 = not given. Throws
   * OFFSET_OUT_OF_RANGE.
   */
  read(
    fetchOffset: number,
    lastFetchedEpoch: number,
    isolation: FetchIsolation,
    maxBytes: number,
    minOneMessage: boolean,
  ): PartitionRead {
    const { log } = this;
    const divergingEpoch = this.#divergingEpoch(fetchOffset, lastFetchedEpoch);
    const { highWatermark, lastStableOffset, logStartOffset } = log;
    const records =
      divergingEpoch === undefined
        ? log.read(fetchOffset, maxBytes, this.endOffset(isolation), minOneMessage)
        : undefined;
    return { highWatermark, lastStableOffset, logStartOffset, divergingEpoch, records };
  }

  #divergingEpoch(fetchOffset: number, lastFetchedEpoch: number): EpochAndOffset | undefined {
    if (lastFetchedEpoch === NO_EPOCH) return undefined;
    const end = this.log.endOffsetForEpoch(lastFetchedEpoch);
    if (end === undefined) {
      throw new KafkaError('OFFSET_OUT_OF_RANGE', `${this} does not know the end of epoch ${lastFetchedEpoch}`);
    }
    return end.leaderEpoch < lastFetchedEpoch || end.endOffset < fetchOffset ? end : undefined;
  }

  /**
   * A follower fetched. Throws UNKNOWN_LEADER_EPOCH or NOT_LEADER_OR_FOLLOWER when `replicaId` is no replica that the
   * metadata as known here names.
   */
  followerFetched(
    replicaId: number,
    fetchOffset: number,
    logStartOffset: number,
    brokerEpoch: number,
    knowsLeaderEpoch: boolean,
  ): void {
    const follower = this.#followers.get(replicaId);
    if (follower === undefined) {
      const name = knowsLeaderEpoch ? 'UNKNOWN_LEADER_EPOCH' : 'NOT_LEADER_OR_FOLLOWER';
      throw new KafkaError(name, `broker ${replicaId} is no replica of ${this}`);
    }
    const lowWatermarkBefore = this.lowWatermark;
    const { logEndOffset } = this.log;
    follower.update(fetchOffset, logStartOffset, this.#environment.clock.nowMs(), logEndOffset, brokerEpoch);
    const moved = this.#maybeAdvanceHighWatermark();
    if (moved || this.lowWatermark !== lowWatermarkBefore) this.#environment.changed(this);
  }

  /** The smallest log start offset of leader and followers: records below are gone everywhere. */
  get lowWatermark(): number {
    let lowest = this.log.logStartOffset;
    for (const follower of this.#followers.values()) lowest = Math.min(lowest, follower.logStartOffset);
    return lowest;
  }

  // Counts the ISR and those that are about to join it, so that they have all below the high watermark when they do.
  #maybeAdvanceHighWatermark(): boolean {
    const { isr } = this.#registration;
    const { clock, replicaLagTimeMaxMs } = this.#environment;
    if (this.#environment.isElrEnabled() && isr.length < this.effectiveMinInsyncReplicas) return false;
    const { logEndOffset, highWatermark } = this.log;
    let lowest = logEndOffset;
    for (const follower of this.#followers.values()) {
      const counts =
        isr.includes(follower.brokerId) || follower.isCaughtUp(logEndOffset, clock.nowMs(), replicaLagTimeMaxMs);
      if (counts) lowest = Math.min(lowest, follower.logEndOffset);
    }
    return lowest > highWatermark && this.log.updateHighWatermark(lowest) > highWatermark;
  }

  /**
   * ListOffsets. `isolation` undefined = a replica asks, which sees the whole log. Throws OFFSET_NOT_AVAILABLE while a
   * new leader's high watermark lags behind the start of its epoch.
   */
  offsetForTimestamp(
    timestamp: number,
    isolation: FetchIsolation | undefined,
    currentLeaderEpoch: number,
    mustLead: boolean,
  ): TimestampAndOffset | undefined {
    const log = this.logFor(currentLeaderEpoch, mustLead);
    const lastFetchable = this.endOffset(isolation ?? 'logEnd');
    const epochStart = this.#leaderEpochStartOffset;
    const isLagging = isolation !== undefined && epochStart !== undefined && epochStart > log.highWatermark;
    if (timestamp === LATEST_TIMESTAMP) {
      if (isLagging) throw offsetNotAvailable(this);
      return { timestamp: -1, offset: lastFetchable, leaderEpoch: this.leaderEpoch };
    }
    const found = log.offsetForTimestamp(timestamp);
    if (timestamp === EARLIEST_TIMESTAMP || timestamp === EARLIEST_LOCAL_TIMESTAMP) return found;
    if (found !== undefined && found.offset < lastFetchable) return found;
    if (isLagging) throw offsetNotAvailable(this);
    return undefined;
  }

  /** DeleteRecords; `offset` -1 = up to the high watermark. Returns the offset that the low watermark is to reach. */
  deleteRecords(offset: number): number {
    if (!this.#isLeader) throw this.#notLeader();
    if (!this.log.config.cleanupPolicy.includes('delete') && this.log.config.cleanupPolicy.includes('compact')) {
      throw new KafkaError('POLICY_VIOLATION', `records of ${this} cannot be deleted: its cleanup.policy is compact`);
    }
    const target = offset === -1 ? this.log.highWatermark : offset;
    if (target < 0) throw new KafkaError('OFFSET_OUT_OF_RANGE', `offset ${offset} of ${this} is not valid`);
    if (this.log.advanceLogStartOffset(target)) this.#environment.changed(this);
    return target;
  }

  toString(): string {
    return `${this.topic}-${this.partition}`;
  }
}

function offsetNotAvailable(partition: Partition): KafkaError {
  return new KafkaError(
    'OFFSET_NOT_AVAILABLE',
    `the high watermark of ${partition} is behind its leader's first offset`,
  );
}
