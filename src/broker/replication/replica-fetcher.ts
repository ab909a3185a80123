import type { Clock, Timer } from '../../base/clock.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import type { Logger } from '../../base/logger.ts';
import { ErrorCode, errorNameOf } from '../../protocol/error-codes.ts';
import { type FetchResponse, fetchRequest, fetchResponse } from '../../protocol/messages/01-fetch.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../../protocol/messages/02-list-offsets.ts';
import type { NodeLink } from '../node-network.ts';
import type { Partition } from '../partition.ts';
import { type FetchPosition, FetchSessionClient } from './fetch-session-client.ts';
import { appendFetched, beginFollowing, resetToLeader, truncateToLeader } from './follower-log.ts';
import type { ReplicationQuota } from './replication-quota.ts';

/** How a follower fetches; the names are those of the broker's settings without `replica.`. */
export interface FetchSettings {
  readonly fetchWaitMaxMs: number;
  readonly fetchMinBytes: number;
  /** Per partition. */
  readonly fetchMaxBytes: number;
  readonly fetchResponseMaxBytes: number;
  readonly fetchBackoffMs: number;
  readonly socketTimeoutMs: number;
}

export interface ReplicaFetcherOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The way to the leader's broker; the fetcher closes it. */
  readonly link: Pick<NodeLink, 'send' | 'disconnect' | 'close'>;
  readonly leaderId: number;
  readonly settings: FetchSettings;
  readonly quota: ReplicationQuota;
  /** Epoch of this broker's registration. */
  brokerEpoch(): number;
}

/** A partition that is fetched, and whether it may be asked for now. */
interface Followed {
  readonly leaderEpoch: number;
  /** Monotonic time before which it is left out, after an error. */
  notBeforeMs: number;
  /** Left out until the metadata brings a new leader epoch, or while the leader is asked where its log lies. */
  isSuspended: boolean;
  /** Whether the last answer brought it level with the leader; such a one is never throttled. */
  isInSync: boolean;
  /** Kept while nothing changed, so that requests need not be compared field by field. */
  position: FetchPosition | undefined;
}

type PartitionAnswer = FetchResponse['responses'][number]['partitions'][number];

/** Fetch with the follower's broker epoch (KIP-903), without which no leader takes it into the ISR. */
const MIN_FETCH_VERSION = 15;
/** ListOffsets with leader epochs. */
const MIN_LIST_OFFSETS_VERSION = 4;
const LATEST = -1;
const EARLIEST = -2;
/** How long a partition rests whose log could not be written. */
const STORAGE_BACKOFF_MS = 5000;
/** How long a fetcher whose partitions are all throttled waits before it looks at the quota again. */
const THROTTLED_MS = 100;

/**
 * Fetches from one broker all partitions that it leads and this broker follows: one request at a time, in a session.
 * A partition's log is where the truth is: it is always asked for from the log's end, and an answer is taken over only
 * if log end and leader epoch are still those of the request.
 */
export class ReplicaFetcher {
  readonly #options: ReplicaFetcherOptions;
  readonly #followed = new Map<Partition, Followed>();
  readonly #byTopicId = new Map<string, Map<number, Partition>>();
  #session = new FetchSessionClient<Partition>();
  #isInFlight = false;
  #isClosed = false;
  #timer: Timer | undefined;

  constructor(options: ReplicaFetcherOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#followed.size === 0;
  }

  has(partition: Partition): boolean {
    return this.#followed.has(partition);
  }

  /** Whether the partition is fetched no more, until its leader epoch changes, for a fault of its log that will not pass. */
  isSuspended(partition: Partition): boolean {
    return this.#followed.get(partition)?.isSuspended ?? false;
  }

  /** Fetches the partition in its present leader epoch. Throws KAFKA_STORAGE_ERROR. */
  add(partition: Partition): void {
    beginFollowing(partition.log);
    this.#followed.set(partition, {
      leaderEpoch: partition.leaderEpoch,
      notBeforeMs: 0,
      isSuspended: false,
      isInSync: false,
      position: undefined,
    });
    const ofTopic = this.#byTopicId.get(partition.topicId);
    if (ofTopic === undefined) this.#byTopicId.set(partition.topicId, new Map([[partition.partition, partition]]));
    else ofTopic.set(partition.partition, partition);
    this.#wakeIn(0);
  }

  remove(partition: Partition): void {
    if (!this.#followed.delete(partition)) return;
    const ofTopic = this.#byTopicId.get(partition.topicId);
    if (ofTopic?.get(partition.partition) !== partition) return;
    ofTopic.delete(partition.partition);
    if (ofTopic.size === 0) this.#byTopicId.delete(partition.topicId);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#followed.clear();
    this.#byTopicId.clear();
    this.#options.link.close();
  }

  #wakeIn(delayMs: number): void {
    if (this.#isClosed || this.#isInFlight) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.schedule(delayMs, () => this.#fetch());
  }

  #fetch(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#isClosed || this.#isInFlight) return;
    const { settings, nodeId, brokerEpoch, link } = this.#options;
    const { wanted, nextMs } = this.#wanted();
    const request = this.#session.next(wanted, settings.fetchMaxBytes);
    if (request === undefined) {
      if (Number.isFinite(nextMs)) this.#wakeIn(Math.max(1, nextMs - this.#options.clock.monotonicMs()));
      return;
    }
    this.#isInFlight = true;
    // One that is left out now must be asked for again before a parked request would come back.
    const untilNextMs = Math.max(0, nextMs - this.#options.clock.monotonicMs());
    link.send(
      fetchRequest,
      fetchResponse,
      {
        replicaState: { replicaId: nodeId, replicaEpoch: brokerEpoch() },
        maxWaitMs: Math.ceil(Math.min(settings.fetchWaitMaxMs, untilNextMs)),
        minBytes: settings.fetchMinBytes,
        maxBytes: settings.fetchResponseMaxBytes,
        isolationLevel: 0,
        ...request,
      },
      settings.socketTimeoutMs,
      ({ response, error }) => {
        this.#isInFlight = false;
        if (this.#isClosed) return;
        if (response === undefined) this.#failed(error);
        else this.#answered(response);
      },
      MIN_FETCH_VERSION,
    );
  }

  #wanted(): { wanted: Map<Partition, FetchPosition>; nextMs: number } {
    const { clock, quota } = this.#options;
    const nowMs = clock.monotonicMs();
    const isQuotaExceeded = quota.isExceeded;
    const wanted = new Map<Partition, FetchPosition>();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [partition, followed] of this.#followed) {
      if (followed.isSuspended) continue;
      if (followed.notBeforeMs > nowMs) {
        nextMs = Math.min(nextMs, followed.notBeforeMs);
        continue;
      }
      if (isQuotaExceeded && !followed.isInSync && quota.isThrottled(partition.topic, partition.partition)) {
        nextMs = Math.min(nextMs, nowMs + THROTTLED_MS);
        continue;
      }
      wanted.set(partition, positionOf(partition, followed));
    }
    return { wanted, nextMs };
  }

  // The connection broke, or the leader does not answer: all wait.
  #failed(error: KafkaError): void {
    const { logger, leaderId, settings } = this.#options;
    logger.warn(`fetching from broker ${leaderId} failed: ${error.message}`);
    this.#session.failed(false);
    for (const followed of this.#followed.values()) this.#delay(followed);
    this.#wakeIn(settings.fetchBackoffMs);
  }

  #delay(followed: Followed): void {
    followed.notBeforeMs = this.#options.clock.monotonicMs() + this.#options.settings.fetchBackoffMs;
  }

  #answered(response: FetchResponse): void {
    const { errorCode, sessionId } = response;
    if (errorCode !== ErrorCode.NONE) {
      this.#options.logger.info(`broker ${this.#options.leaderId} ends the fetch session: ${errorNameOf(errorCode)}`);
      this.#session.failed(errorCode === ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
      // The broker may have been started anew and know nothing yet; it is not to be flooded.
      const isUnknown =
        errorCode !== ErrorCode.FETCH_SESSION_ID_NOT_FOUND && errorCode !== ErrorCode.INVALID_FETCH_SESSION_EPOCH;
      if (isUnknown) for (const followed of this.#followed.values()) this.#delay(followed);
      this.#fetch();
      return;
    }
    this.#session.succeeded(sessionId);
    for (const { topicId, partitions } of response.responses) {
      const ofTopic = this.#byTopicId.get(topicId);
      if (ofTopic === undefined) continue;
      for (const answer of partitions) {
        const partition = ofTopic.get(answer.partitionIndex);
        if (partition !== undefined) this.#take(partition, answer);
      }
    }
    this.#fetch();
  }

  #take(partition: Partition, answer: PartitionAnswer): void {
    const followed = this.#followed.get(partition);
    const sent = this.#session.sentPosition(partition);
    // Removed and added again, or asked for in another leader epoch, since the request was sent.
    if (followed === undefined || followed.isSuspended || sent === undefined) return;
    if (sent.currentLeaderEpoch !== followed.leaderEpoch || sent.fetchOffset !== partition.log.logEndOffset) return;
    const { errorCode } = answer;
    try {
      if (errorCode !== ErrorCode.NONE) this.#refused(partition, followed, errorCode);
      else if (answer.divergingEpoch.endOffset >= 0) this.#truncate(partition, followed, answer.divergingEpoch);
      else this.#append(partition, followed, answer);
    } catch (error) {
      this.#appendFailed(partition, followed, error);
    }
  }

  #append(partition: Partition, followed: Followed, answer: PartitionAnswer): void {
    const { sizeBytes, isHighWatermarkMoved } = appendFetched(partition.log, followed.leaderEpoch, answer);
    followed.position = undefined;
    followed.isInSync = partition.log.logEndOffset >= answer.highWatermark;
    if (sizeBytes > 0) {
      const { quota } = this.#options;
      if (quota.isThrottled(partition.topic, partition.partition)) quota.record(sizeBytes);
      // To the end, so that a leader without sessions serves all in turn.
      this.#followed.delete(partition);
      this.#followed.set(partition, followed);
    } else if ((answer.records?.length ?? 0) > 0) {
      // Of a leader epoch that the metadata has yet to tell.
      this.#delay(followed);
    }
    if (isHighWatermarkMoved) partition.moved();
  }

  #truncate(partition: Partition, followed: Followed, diverging: { epoch: number; endOffset: number }): void {
    const before = partition.log.logEndOffset;
    truncateToLeader(partition.log, diverging);
    followed.position = undefined;
    const { logEndOffset } = partition.log;
    const { logger } = this.#options;
    logger.info(
      `${partition}: truncated from ${before} to ${logEndOffset}, the leader's epoch ${diverging.epoch} ends at ${diverging.endOffset}`,
    );
    partition.moved();
  }

  #appendFailed(partition: Partition, followed: Followed, error: unknown): void {
    const { logger } = this.#options;
    followed.position = undefined;
    if (
      error instanceof KafkaError &&
      (error.errorName === 'CORRUPT_MESSAGE' || error.errorName === 'INVALID_RECORD')
    ) {
      // Perhaps read while the leader's log was being cut: the next fetch may be fine.
      logger.error(`${partition}: the leader sent what cannot be appended`, error);
      this.#delay(followed);
      return;
    }
    if (error instanceof KafkaError && error.errorName === 'KAFKA_STORAGE_ERROR') {
      // A disk that is full may be given room again. (Kafka takes its folder offline.)
      logger.error(`${partition}: what the leader sent cannot be written, trying again later`, error);
      followed.isSuspended = false;
      followed.notBeforeMs = this.#options.clock.monotonicMs() + STORAGE_BACKOFF_MS;
      this.#wakeIn(this.#options.settings.fetchBackoffMs);
      return;
    }
    logger.error(`${partition}: replication has stopped until its leader changes`, error);
    followed.isSuspended = true;
  }

  #refused(partition: Partition, followed: Followed, errorCode: number): void {
    const { logger } = this.#options;
    if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      this.#reset(partition, followed);
      return;
    }
    // The metadata will tell of the newer epoch, and with it the partition is added anew.
    if (errorCode === ErrorCode.FENCED_LEADER_EPOCH) {
      logger.info(`${partition}: the leader has a newer epoch than ${followed.leaderEpoch}`);
      followed.isSuspended = true;
      return;
    }
    logger.info(`${partition}: broker ${this.#options.leaderId} answered ${errorNameOf(errorCode)}, asking again`);
    this.#delay(followed);
  }

  #reset(partition: Partition, followed: Followed): void {
    followed.isSuspended = true;
    const again = (error: unknown): void => {
      this.#options.logger.warn(`${partition}: the leader's offsets are not known: ${String(error)}`);
      followed.isSuspended = false;
      this.#delay(followed);
      this.#wakeIn(this.#options.settings.fetchBackoffMs);
    };
    // Both at once: what comes later would wait behind a parked fetch of the same connection.
    let latest: number | undefined;
    let earliest: number | undefined;
    const found = (): void => {
      if (latest !== undefined && earliest !== undefined) this.#resetTo(partition, followed, latest, earliest);
    };
    this.#listOffset(partition, followed, LATEST, again, (offset) => {
      latest = offset;
      found();
    });
    this.#listOffset(partition, followed, EARLIEST, again, (offset) => {
      earliest = offset;
      found();
    });
  }

  #resetTo(partition: Partition, followed: Followed, latest: number, earliest: number): void {
    try {
      const before = partition.log.logEndOffset;
      resetToLeader(partition.log, latest, earliest);
      const { logEndOffset } = partition.log;
      this.#options.logger.warn(
        `${partition}: offset ${before} is out of the leader's range ${earliest} to ${latest}, fetching from ${logEndOffset}`,
      );
      followed.position = undefined;
      followed.isSuspended = false;
      partition.moved();
      this.#wakeIn(0);
    } catch (error) {
      this.#appendFailed(partition, followed, error);
    }
  }

  #listOffset(
    partition: Partition,
    followed: Followed,
    timestamp: number,
    failed: (error: unknown) => void,
    done: (offset: number) => void,
  ): void {
    const { link, nodeId, settings } = this.#options;
    const asked = { partitionIndex: partition.partition, currentLeaderEpoch: followed.leaderEpoch, timestamp };
    link.send(
      listOffsetsRequest,
      listOffsetsResponse,
      { replicaId: nodeId, topics: [{ name: partition.topic, partitions: [asked] }] },
      settings.socketTimeoutMs,
      ({ response, error }) => {
        if (this.#isClosed || this.#followed.get(partition) !== followed) return;
        const answer = response?.topics[0]?.partitions[0];
        if (answer === undefined) failed(error ?? 'the answer is empty');
        else if (answer.errorCode !== ErrorCode.NONE) failed(errorNameOf(answer.errorCode));
        else done(answer.offset);
      },
      MIN_LIST_OFFSETS_VERSION,
    );
  }
}

function positionOf(partition: Partition, followed: Followed): FetchPosition {
  const { logStartOffset, logEndOffset, latestEpoch = -1 } = partition.log;
  const known = followed.position;
  // Retention and truncation move the log without this fetcher.
  if (
    known !== undefined &&
    known.logStartOffset === logStartOffset &&
    known.fetchOffset === logEndOffset &&
    known.lastFetchedEpoch === latestEpoch
  ) {
    return known;
  }
  followed.position = {
    fetchOffset: logEndOffset,
    logStartOffset,
    currentLeaderEpoch: followed.leaderEpoch,
    lastFetchedEpoch: latestEpoch,
  };
  return followed.position;
}
