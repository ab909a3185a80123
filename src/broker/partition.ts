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
import type { AlterPartitionOutcome, IsrUpdate } from './replication/alter-partition-sender.ts';
import { Leadership, type LeadershipEnvironment } from './replication/leadership.ts';
import type { ReplicaState } from './replication/replica-state.ts';

/** How far a fetch may look into the log. */
export type FetchIsolation = 'logEnd' | 'highWatermark' | 'lastStableOffset';

/** What a partition needs of its broker. */
export interface PartitionEnvironment extends LeadershipEnvironment {
  /** Asks the controller for another ISR; `done` is called once, never before this returns. */
  alterIsr(partition: Partition, update: IsrUpdate, done: (outcome: AlterPartitionOutcome) => void): void;
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
  #leadership: Leadership | undefined;

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
    return this.#leadership !== undefined;
  }

  /** What is known while this broker leads. */
  get leadership(): Leadership | undefined {
    return this.#leadership;
  }

  get leaderEpoch(): number {
    return this.#registration.leaderEpoch;
  }

  /** Those in sync, as far as is known here: a leader hears of changes that it asked for before the metadata has them. */
  get isr(): readonly number[] {
    return this.#leadership?.isr ?? this.#registration.isr;
  }

  /** A leader's newest may come from the controller's answer and be ahead of {@link registration}. */
  get partitionEpoch(): number {
    return this.#leadership?.partitionEpoch ?? this.#registration.partitionEpoch;
  }

  /**
   * This broker leads from now on, or goes on leading with another ISR. True when the leader epoch is new. Throws
   * KAFKA_STORAGE_ERROR; then nothing has changed.
   */
  becomeLeader(registration: PartitionRegistration): boolean {
    if (registration.partitionEpoch < this.partitionEpoch) return false;
    const leadership = this.#leadership ?? new Leadership(this, this.#environment);
    const isNewEpoch = leadership.adopt(registration);
    this.#registration = registration;
    this.#leadership = leadership;
    this.#environment.changed(this);
    return isNewEpoch;
  }

  /** Another broker leads, or none. True when the leader epoch is new. */
  becomeFollower(registration: PartitionRegistration): boolean {
    if (registration.partitionEpoch < this.partitionEpoch) return false;
    const isNewEpoch = this.isLeader || registration.leaderEpoch > this.#registration.leaderEpoch;
    this.#registration = registration;
    this.#leadership?.end();
    this.#leadership = undefined;
    this.#environment.changed(this);
    return isNewEpoch;
  }

  alterIsr(update: IsrUpdate, done: (outcome: AlterPartitionOutcome) => void): void {
    this.#environment.alterIsr(this, update, done);
  }

  /** Says that offsets of the log have moved: requests that wait for it are looked at. */
  moved(): void {
    this.#environment.changed(this);
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
    if (mustLead && !this.isLeader) throw this.#notLeader();
    return this.log;
  }

  #notLeader(): KafkaError {
    return new KafkaError('NOT_LEADER_OR_FOLLOWER', `broker ${this.#environment.nodeId} does not lead ${this}`);
  }

  /**
   * Appends as leader; `batches` belong to the log from then on. Throws NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS
   * (only with `acks` -1) and whatever the log has against the batch.
   */
  append(batches: readonly Buffer[], acks: number, options: AppendOptions): AppendResult {
    const leadership = this.#leadership;
    if (leadership === undefined) throw this.#notLeader();
    if (acks === -1) {
      const { isr, minInsyncReplicas: minimum } = leadership;
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
    leadership.advanceHighWatermark();
    this.#environment.changed(this);
    return result;
  }

  /** Whether all of the ISR have everything below `offset`: undefined = not yet, else the error or NONE to answer. */
  acknowledgement(offset: number): 'NONE' | 'NOT_LEADER_OR_FOLLOWER' | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' | undefined {
    return this.#leadership === undefined ? 'NOT_LEADER_OR_FOLLOWER' : this.#leadership.acknowledgement(offset);
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
    allocate?: (sizeBytes: number) => Buffer,
  ): PartitionRead {
    const { log } = this;
    const divergingEpoch = this.#divergingEpoch(fetchOffset, lastFetchedEpoch);
    const { highWatermark, lastStableOffset, logStartOffset } = log;
    const records =
      divergingEpoch === undefined
        ? log.read(fetchOffset, maxBytes, this.endOffset(isolation), minOneMessage, allocate)
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
   * The follower that fetches. Throws NOT_LEADER_OR_FOLLOWER, or UNKNOWN_LEADER_EPOCH when `replicaId` is no replica as
   * far as the metadata is known here.
   */
  followerOrThrow(replicaId: number, knowsLeaderEpoch: boolean): ReplicaState {
    if (this.#leadership === undefined) throw this.#notLeader();
    return this.#leadership.followerOrThrow(replicaId, knowsLeaderEpoch);
  }

  /** A follower has everything below `fetchOffset`. Throws NOT_LEADER_OR_FOLLOWER. */
  followerFetched(follower: ReplicaState, fetchOffset: number, logStartOffset: number, brokerEpoch: number): void {
    if (this.#leadership === undefined) throw this.#notLeader();
    this.#leadership.followerFetched(follower, fetchOffset, logStartOffset, brokerEpoch);
  }

  /** The smallest log start offset of the living replicas. Throws NOT_LEADER_OR_FOLLOWER. */
  get lowWatermark(): number {
    if (this.#leadership === undefined) throw this.#notLeader();
    return this.#leadership.lowWatermark;
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
    const epochStart = this.#leadership?.epochStartOffset;
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
    if (!this.isLeader) throw this.#notLeader();
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
