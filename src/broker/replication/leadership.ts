import type { Clock } from '../../base/clock.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import { type PartitionRegistration, RECOVERED } from '../../metadata/partition-registration.ts';
import { type BrokerRegistration, isActive } from '../../metadata/registrations.ts';
import type { AlterPartitionOutcome, IsrUpdate } from './alter-partition-sender.ts';
import { ReplicaState } from './replica-state.ts';

/** What a leader needs of its broker. */
export interface LeadershipEnvironment {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `replica.lag.time.max.ms`. */
  readonly replicaLagTimeMaxMs: number;
  /** `min.insync.replicas` of a topic. */
  minInsyncReplicas(topic: string): number;
  /** Epoch of this broker's registration. */
  brokerEpoch(): number;
  /** A broker as the metadata has it. */
  broker(id: number): BrokerRegistration | undefined;
}

/** The partition that is led, as far as its leadership needs to know it. */
export interface LedPartition {
  readonly topic: string;
  readonly log: PartitionLog;
  toString(): string;
  /** Asks the controller for another ISR; `done` is called once, never before this returns. */
  alterIsr(update: IsrUpdate, done: (outcome: AlterPartitionOutcome) => void): void;
  /** The high watermark or the ISR moved. */
  moved(): void;
}

/** An ISR that the controller was asked for and has not answered yet. */
interface PendingIsr {
  readonly update: IsrUpdate;
  /** All that may be in the ISR, whatever the controller decides: nothing counts as replicated before these have it. */
  readonly maximalIsr: readonly number[];
}

/** Errors that say that the change was not made, and that what we know of the partition is right. */
const REFUSED: ReadonlySet<string> = new Set(['OPERATION_NOT_ATTEMPTED', 'INELIGIBLE_REPLICA']);
/** Errors after which the metadata has news for us: it ends the pending state, not we. */
const OUTDATED: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'FENCED_LEADER_EPOCH',
  'INVALID_UPDATE_VERSION',
  'INVALID_REQUEST',
  'NEW_LEADER_ELECTED',
]);
const RETRY_MS = 50;

/**
 * What a broker knows while it leads a partition: how far each follower is, who is in sync, and so the high watermark
 * (Kafka's Partition with KIP-497, KIP-903, KIP-966). Begins with {@link adopt} and ends with {@link end}.
 */
export class Leadership {
  readonly #partition: LedPartition;
  readonly #environment: LeadershipEnvironment;
  readonly #followers = new Map<number, ReplicaState>();
  #isr: readonly number[] = [];
  #pending: PendingIsr | undefined;
  #leaderEpoch = -1;
  #partitionEpoch = -1;
  #epochStartOffset = 0;
  #isEnded = false;

  constructor(partition: LedPartition, environment: LeadershipEnvironment) {
    this.#partition = partition;
    this.#environment = environment;
  }

  /** Replicas other than the leader. */
  get followers(): ReadonlyMap<number, ReplicaState> {
    return this.#followers;
  }

  /** The ISR that the controller has confirmed. */
  get isr(): readonly number[] {
    return this.#isr;
  }

  get maximalIsr(): readonly number[] {
    return this.#pending?.maximalIsr ?? this.#isr;
  }

  get isChangingIsr(): boolean {
    return this.#pending !== undefined;
  }

  get partitionEpoch(): number {
    return this.#partitionEpoch;
  }

  /** Where the log ended when the present leader epoch began. */
  get epochStartOffset(): number {
    return this.#epochStartOffset;
  }

  /** min.insync.replicas, but no more than there are replicas. */
  get minInsyncReplicas(): number {
    return Math.min(this.#environment.minInsyncReplicas(this.#partition.topic), this.#followers.size + 1);
  }

  /** Takes over what the metadata says; true when it begins a new leader epoch. Throws KAFKA_STORAGE_ERROR. */
  adopt(registration: PartitionRegistration): boolean {
    const { log } = this.#partition;
    const isNewEpoch = registration.leaderEpoch > this.#leaderEpoch;
    // Followers may have records of epochs that this log has never seen; its own epoch tells them where to cut.
    if (isNewEpoch) log.assignEpochStart(registration.leaderEpoch, log.logEndOffset);
    const isFirst = this.#leaderEpoch < 0;
    this.#track(registration, isFirst);
    // The same epoch was learned from the answer to our own request: a change that was asked for since then stays.
    const isNews = isNewEpoch || registration.partitionEpoch !== this.#partitionEpoch;
    if (isNews) {
      this.#isr = registration.isr;
      this.#pending = undefined;
    }
    if (isNewEpoch) {
      this.#epochStartOffset = log.logEndOffset;
      if (!isFirst) this.#resetFollowers(registration);
    }
    this.#leaderEpoch = registration.leaderEpoch;
    this.#partitionEpoch = registration.partitionEpoch;
    this.advanceHighWatermark();
    return isNewEpoch;
  }

  #track(registration: PartitionRegistration, isFirst: boolean): void {
    const { nodeId, clock } = this.#environment;
    for (const id of this.#followers.keys()) if (!registration.replicas.includes(id)) this.#followers.delete(id);
    for (const id of registration.replicas) {
      if (id === nodeId || this.#followers.has(id)) continue;
      const isInSync = isFirst && registration.isr.includes(id);
      this.#followers.set(id, new ReplicaState(id, isInSync ? clock.nowMs() : 0));
    }
  }

  #resetFollowers(registration: PartitionRegistration): void {
    const nowMs = this.#environment.clock.nowMs();
    for (const follower of this.#followers.values()) {
      follower.epochBegan(registration.isr.includes(follower.brokerId), nowMs, this.#epochStartOffset);
    }
  }

  /** Another broker leads: answers of the controller that are still to come mean nothing any more. */
  end(): void {
    this.#isEnded = true;
    this.#pending = undefined;
  }

  /**
   * The follower that fetches. Throws UNKNOWN_LEADER_EPOCH or NOT_LEADER_OR_FOLLOWER when `replicaId` is no replica as
   * far as is known here.
   */
  followerOrThrow(replicaId: number, knowsLeaderEpoch: boolean): ReplicaState {
    const follower = this.#followers.get(replicaId);
    if (follower !== undefined) return follower;
    // Of a reassignment that this broker has not heard of yet: the follower is to ask again.
    const name = knowsLeaderEpoch ? 'UNKNOWN_LEADER_EPOCH' : 'NOT_LEADER_OR_FOLLOWER';
    throw new KafkaError(name, `broker ${replicaId} is no replica of ${this.#partition}`);
  }

  /** A follower fetched. Throws NOT_LEADER_OR_FOLLOWER when a newer incarnation of that broker is known. */
  followerFetched(follower: ReplicaState, fetchOffset: number, logStartOffset: number, brokerEpoch: number): void {
    const known = this.#aliveBrokerEpoch(follower.brokerId);
    if (brokerEpoch !== -1 && known !== undefined && known > brokerEpoch) {
      const whose = `broker ${follower.brokerId} of epoch ${brokerEpoch}`;
      throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `${whose} fetches, but its epoch is ${known} now`);
    }
    const lowWatermarkBefore = this.lowWatermark;
    const { clock } = this.#environment;
    follower.update(fetchOffset, logStartOffset, clock.nowMs(), this.#partition.log.logEndOffset, brokerEpoch);
    this.#maybeExpandIsr(follower);
    const moved = this.advanceHighWatermark();
    if (moved || this.lowWatermark !== lowWatermarkBefore) this.#partition.moved();
  }

  #aliveBrokerEpoch(id: number): number | undefined {
    const broker = this.#environment.broker(id);
    return broker === undefined || broker.fenced ? undefined : broker.epoch;
  }

  /** The smallest log start offset of leader and living followers: records below are gone everywhere. */
  get lowWatermark(): number {
    let lowest = this.#partition.log.logStartOffset;
    for (const { brokerId, logStartOffset } of this.#followers.values()) {
      if (logStartOffset < lowest && this.#aliveBrokerEpoch(brokerId) !== undefined) lowest = logStartOffset;
    }
    return lowest;
  }

  /**
   * Moves the high watermark to what all of the ISR have, and those that are about to join it: they must have all below
   * it when they do. It stays while the ISR is too small for acks=all, as then records may still be lost (KIP-966).
   */
  advanceHighWatermark(): boolean {
    if (this.#isr.length < this.minInsyncReplicas) return false;
    const { log } = this.#partition;
    const { clock, replicaLagTimeMaxMs } = this.#environment;
    const { logEndOffset, highWatermark } = log;
    let lowest = logEndOffset;
    const { maximalIsr } = this;
    for (const follower of this.#followers.values()) {
      if (follower.logEndOffset >= lowest) continue;
      const counts =
        maximalIsr.includes(follower.brokerId) ||
        (follower.isCaughtUp(logEndOffset, clock.nowMs(), replicaLagTimeMaxMs) && this.#isEligible(follower));
      if (counts) lowest = follower.logEndOffset;
    }
    return lowest > highWatermark && log.updateHighWatermark(lowest) > highWatermark;
  }

  // Unfenced, not on its way out, and the incarnation that fetches is the one that the metadata knows (KIP-903).
  #isEligible(follower: ReplicaState): boolean {
    const broker = this.#environment.broker(follower.brokerId);
    if (!isActive(broker)) return false;
    const { brokerEpoch } = follower;
    return brokerEpoch !== undefined && (brokerEpoch === -1 || brokerEpoch === broker.epoch);
  }

  #maybeExpandIsr(follower: ReplicaState): void {
    if (this.#pending !== undefined || this.#isr.includes(follower.brokerId)) return;
    const { highWatermark } = this.#partition.log;
    if (follower.logEndOffset < highWatermark || follower.logEndOffset < this.#epochStartOffset) return;
    if (!this.#isEligible(follower)) return;
    const isr = [...this.#isr, follower.brokerId].sort((a, b) => a - b);
    this.#environment.logger.info(`${this.#partition}: the ISR [${this.#isr}] is to become [${isr}]`);
    this.#propose(isr, isr);
  }

  /** Has those put out of the ISR that have not caught up for `replica.lag.time.max.ms`. */
  maybeShrinkIsr(): void {
    if (this.#pending !== undefined) return;
    const { clock, nodeId, replicaLagTimeMaxMs, logger } = this.#environment;
    const { logEndOffset } = this.#partition.log;
    const nowMs = clock.nowMs();
    const isr = this.#isr.filter(
      (id) => id === nodeId || this.#followers.get(id)?.isCaughtUp(logEndOffset, nowMs, replicaLagTimeMaxMs) === true,
    );
    if (isr.length === this.#isr.length) return;
    logger.info(
      `${this.#partition}: the ISR [${this.#isr}] is to become [${isr}], others did not catch up with ${logEndOffset}`,
    );
    // The change may fail: until it is made, all of the present ISR count.
    this.#propose(isr, this.#isr);
  }

  #propose(isr: readonly number[], maximalIsr: readonly number[]): void {
    const { nodeId, brokerEpoch } = this.#environment;
    const update: IsrUpdate = {
      leaderEpoch: this.#leaderEpoch,
      partitionEpoch: this.#partitionEpoch,
      leaderRecoveryState: RECOVERED,
      isr: isr.map((brokerId) => ({
        brokerId,
        brokerEpoch: brokerId === nodeId ? brokerEpoch() : (this.#followers.get(brokerId)?.brokerEpoch ?? -1),
      })),
    };
    const pending = { update, maximalIsr };
    this.#pending = pending;
    this.#submit(pending);
  }

  #submit(pending: PendingIsr): void {
    this.#partition.alterIsr(pending.update, (outcome) => {
      // The metadata was faster, or somebody else leads.
      if (this.#isEnded || this.#pending !== pending) return;
      if (outcome.error === undefined) this.#altered(outcome.isr, outcome.leaderEpoch, outcome.partitionEpoch);
      else this.#refused(pending, outcome.error);
    });
  }

  #altered(isr: readonly number[], leaderEpoch: number, partitionEpoch: number): void {
    if (leaderEpoch !== this.#leaderEpoch || partitionEpoch < this.#partitionEpoch) return;
    this.#isr = isr;
    this.#partitionEpoch = partitionEpoch;
    this.#pending = undefined;
    this.#environment.logger.info(`${this.#partition}: the ISR is [${isr}] now, partition epoch ${partitionEpoch}`);
    this.advanceHighWatermark();
    this.#partition.moved();
  }

  #refused(pending: PendingIsr, errorName: string): void {
    const { logger, clock } = this.#environment;
    if (OUTDATED.has(errorName)) return;
    if (REFUSED.has(errorName)) {
      this.#pending = undefined;
      return;
    }
    logger.warn(`${this.#partition}: the ISR could not be changed (${errorName}), trying again`);
    clock.schedule(RETRY_MS, () => {
      if (!this.#isEnded && this.#pending === pending) this.#submit(pending);
    });
  }

  /** Whether all of the ISR have everything below `offset`: undefined = not yet, else the error or NONE to answer. */
  acknowledgement(offset: number): 'NONE' | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' | undefined {
    if (this.#partition.log.highWatermark < offset) return undefined;
    return this.maximalIsr.length >= this.minInsyncReplicas ? 'NONE' : 'NOT_ENOUGH_REPLICAS_AFTER_APPEND';
  }
}
