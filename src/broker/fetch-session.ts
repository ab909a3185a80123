/**
 * Incremental fetch sessions (KIP-227): a client names its partitions once, later requests carry only what changed, and
 * responses only partitions that have something to say.
 */

import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { type Uuid, ZERO_UUID } from '../base/uuid.ts';
import type { ErrorName } from '../protocol/error-codes.ts';
import type { FetchRequest } from '../protocol/messages/01-fetch.ts';

export const NO_SESSION = 0;
const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
// Kafka's MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS.
const EVICTION_MS = 120_000;
const FIRST_VERSION_WITH_TOPIC_IDS = 13;

/** A partition as a fetcher asks for it, and what it was last told of it. */
export class FetchPartition {
  /** Undefined while the topic id is not known. */
  topicName: string | undefined;
  readonly topicId: Uuid;
  readonly partition: number;
  fetchOffset = 0;
  maxBytes = 0;
  /** -1 = not given. */
  currentLeaderEpoch = -1;
  lastFetchedEpoch = -1;
  followerLogStartOffset = -1;
  sentHighWatermark = -1;
  sentLogStartOffset = -1;

  constructor(topicName: string | undefined, topicId: Uuid, partition: number) {
    this.topicName = topicName;
    this.topicId = topicId;
    this.partition = partition;
  }

  update(request: FetchRequest['topics'][number]['partitions'][number]): void {
    this.fetchOffset = request.fetchOffset;
    this.maxBytes = request.partitionMaxBytes;
    this.currentLeaderEpoch = request.currentLeaderEpoch;
    this.lastFetchedEpoch = request.lastFetchedEpoch;
    this.followerLogStartOffset = request.logStartOffset;
  }
}

/** What a session looks at in a partition's answer. */
export interface FetchPartitionAnswer {
  readonly request: FetchPartition;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly recordsSizeBytes: number;
  readonly preferredReadReplica: number;
  readonly hasDivergingEpoch: boolean;
}

/** What one Fetch request asks for, its session considered. */
export interface FetchContext<A extends FetchPartitionAnswer = FetchPartitionAnswer> {
  /** Set when the session does not exist or is out of step: the whole answer is this error. */
  readonly error: ErrorName | undefined;
  readonly partitions: Iterable<FetchPartition>;
  /** Which of the answers to send, and the session to name in the response. Called once. */
  respond(answers: readonly A[]): { error: ErrorName | undefined; sessionId: number; answers: readonly A[] };
}

/** Partitions of a session: found by topic and number, in the order in which they are to be served. */
class PartitionSet {
  readonly #inOrder = new Set<FetchPartition>();
  readonly #byTopic = new Map<string, Map<number, FetchPartition>>();

  get size(): number {
    return this.#inOrder.size;
  }

  [Symbol.iterator](): Iterator<FetchPartition> {
    return this.#inOrder[Symbol.iterator]();
  }

  find(topicKey: string, partition: number): FetchPartition | undefined {
    return this.#byTopic.get(topicKey)?.get(partition);
  }

  add(partition: FetchPartition): void {
    const key = topicKeyOf(partition.topicName, partition.topicId);
    const ofTopic = this.#byTopic.get(key);
    if (ofTopic === undefined) this.#byTopic.set(key, new Map([[partition.partition, partition]]));
    else ofTopic.set(partition.partition, partition);
    this.#inOrder.add(partition);
  }

  remove(topicKey: string, index: number): void {
    const ofTopic = this.#byTopic.get(topicKey);
    const partition = ofTopic?.get(index);
    if (ofTopic === undefined || partition === undefined) return;
    ofTopic.delete(index);
    if (ofTopic.size === 0) this.#byTopic.delete(topicKey);
    this.#inOrder.delete(partition);
  }

  has(partition: FetchPartition): boolean {
    return this.#inOrder.has(partition);
  }

  moveToEnd(partition: FetchPartition): void {
    this.#inOrder.delete(partition);
    this.#inOrder.add(partition);
  }
}

// Names and ids live in separate sessions, so the two kinds of key never meet.
function topicKeyOf(topicName: string | undefined, topicId: Uuid): string {
  return topicId === ZERO_UUID ? (topicName ?? '') : topicId;
}

class FetchSession {
  readonly id: number;
  readonly isPrivileged: boolean;
  readonly usesTopicIds: boolean;
  readonly partitions: PartitionSet;
  readonly createdMs: number;
  lastUsedMs: number;
  epoch = INITIAL_EPOCH + 1;
  /** As of the last use; a session that goes on being used is judged by what it was then, as in Kafka. */
  size = 0;
  canBeEvictedByAll = false;
  canBeEvictedByPrivileged = false;

  constructor(id: number, isPrivileged: boolean, usesTopicIds: boolean, partitions: PartitionSet, nowMs: number) {
    this.id = id;
    this.isPrivileged = isPrivileged;
    this.usesTopicIds = usesTopicIds;
    this.partitions = partitions;
    this.createdMs = nowMs;
    this.lastUsedMs = nowMs;
    this.touch(nowMs);
  }

  touch(nowMs: number): void {
    this.lastUsedMs = nowMs;
    this.size = this.partitions.size;
    this.canBeEvictedByAll = nowMs - this.createdMs > EVICTION_MS;
    this.canBeEvictedByPrivileged = !this.isPrivileged || this.canBeEvictedByAll;
  }
}

function nextEpoch(epoch: number): number {
  return epoch === 0x7fffffff ? 1 : epoch + 1;
}

/** All fetch sessions of a broker. */
export class FetchSessionCache {
  readonly #maxSessions: number;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sessions = new Map<number, FetchSession>();

  /** @param maxSessions `max.incremental.fetch.session.cache.slots` */
  constructor(maxSessions: number, clock: Clock, random: Random) {
    this.#maxSessions = maxSessions;
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /**
   * The context of a request. `topicNameOf` resolves topic ids (version 13 and later); a session keeps asking for those
   * that are not known yet.
   */
  newContext<A extends FetchPartitionAnswer>(
    request: FetchRequest,
    apiVersion: number,
    isFollower: boolean,
    topicNameOf: (id: Uuid) => string | undefined,
  ): FetchContext<A> {
    const usesTopicIds = apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS;
    if (request.sessionEpoch === INITIAL_EPOCH || request.sessionEpoch === FINAL_EPOCH) {
      if (request.sessionId !== NO_SESSION) this.#sessions.delete(request.sessionId);
      const partitions = new PartitionSet();
      mergeRequest(partitions, request, usesTopicIds, topicNameOf);
      if (request.sessionEpoch === FINAL_EPOCH) return sessionless(partitions);
      return this.#full(partitions, usesTopicIds, isFollower);
    }
    const session = this.#sessions.get(request.sessionId);
    if (session === undefined) return failed('FETCH_SESSION_ID_NOT_FOUND');
    if (session.epoch !== request.sessionEpoch) return failed('INVALID_FETCH_SESSION_EPOCH');
    if (session.usesTopicIds !== usesTopicIds) return failed('FETCH_SESSION_TOPIC_ID_ERROR');
    return this.#incremental(session, request, topicNameOf);
  }

  #full<A extends FetchPartitionAnswer>(
    partitions: PartitionSet,
    usesTopicIds: boolean,
    isFollower: boolean,
  ): FetchContext<A> {
    return {
      error: undefined,
      partitions,
      respond: (answers) => {
        for (const { request, highWatermark, logStartOffset, hasDivergingEpoch } of answers) {
          request.sentHighWatermark = hasDivergingEpoch ? -1 : highWatermark;
          request.sentLogStartOffset = logStartOffset;
        }
        return { error: undefined, sessionId: this.#create(partitions, usesTopicIds, isFollower), answers };
      },
    };
  }

  #incremental<A extends FetchPartitionAnswer>(
    session: FetchSession,
    request: FetchRequest,
    topicNameOf: (id: Uuid) => string | undefined,
  ): FetchContext<A> {
    mergeRequest(session.partitions, request, session.usesTopicIds, topicNameOf);
    for (const topic of request.forgottenTopicsData) {
      const key = session.usesTopicIds ? topic.topicId : topic.topic;
      for (const partition of topic.partitions) session.partitions.remove(key, partition);
    }
    if (session.partitions.size === 0) {
      this.#sessions.delete(session.id);
      return sessionless(session.partitions);
    }
    session.touch(this.#clock.nowMs());
    session.epoch = nextEpoch(session.epoch);
    const expectedEpoch = session.epoch;
    for (const partition of session.partitions) {
      if (partition.topicName === undefined) partition.topicName = topicNameOf(partition.topicId);
    }
    return {
      error: undefined,
      partitions: session.partitions,
      respond: (answers) => {
        // The client may have sent the request again on another connection while this one waited.
        if (session.epoch !== expectedEpoch) {
          return { error: 'INVALID_FETCH_SESSION_EPOCH', sessionId: session.id, answers: [] };
        }
        return { error: undefined, sessionId: session.id, answers: selectChanged(session, answers) };
      },
    };
  }

  #create(partitions: PartitionSet, usesTopicIds: boolean, isPrivileged: boolean): number {
    const nowMs = this.#clock.nowMs();
    if (this.#sessions.size >= this.#maxSessions && !this.#evictFor(partitions.size, isPrivileged, nowMs)) {
      return NO_SESSION;
    }
    let id: number;
    do id = 1 + this.#random.int(0x7ffffffe);
    while (this.#sessions.has(id));
    this.#sessions.set(id, new FetchSession(id, isPrivileged, usesTopicIds, partitions, nowMs));
    return id;
  }

  // A stale session goes first; else a new one may replace one that has been there for a while and is worth less:
  // a consumer's before a follower's, and then the one with fewer partitions.
  #evictFor(size: number, isPrivileged: boolean, nowMs: number): boolean {
    let oldest: FetchSession | undefined;
    let cheapest: FetchSession | undefined;
    for (const session of this.#sessions.values()) {
      if (oldest === undefined || session.lastUsedMs < oldest.lastUsedMs) oldest = session;
      const isEvictable = isPrivileged ? session.canBeEvictedByPrivileged : session.canBeEvictedByAll;
      if (isEvictable && (cheapest === undefined || compareValue(session, cheapest) < 0)) cheapest = session;
    }
    if (oldest === undefined) return false;
    if (nowMs - oldest.lastUsedMs > EVICTION_MS) return this.#sessions.delete(oldest.id);
    if (cheapest === undefined || compareValue({ isPrivileged, size, id: 0 }, cheapest) < 0) return false;
    return this.#sessions.delete(cheapest.id);
  }
}

interface SessionValue {
  readonly isPrivileged: boolean;
  readonly size: number;
  readonly id: number;
}

function compareValue(a: SessionValue, b: SessionValue): number {
  if (a.isPrivileged !== b.isPrivileged) return a.isPrivileged ? 1 : -1;
  return a.size - b.size || a.id - b.id;
}

function mergeRequest(
  partitions: PartitionSet,
  request: FetchRequest,
  usesTopicIds: boolean,
  topicNameOf: (id: Uuid) => string | undefined,
): void {
  for (const topic of request.topics) {
    const topicId = usesTopicIds ? topic.topicId : ZERO_UUID;
    const topicName = usesTopicIds ? topicNameOf(topic.topicId) : topic.topic;
    const key = topicKeyOf(topicName, topicId);
    for (const asked of topic.partitions) {
      let partition = partitions.find(key, asked.partition);
      if (partition === undefined) {
        partition = new FetchPartition(topicName, topicId, asked.partition);
        partitions.add(partition);
      }
      partition.update(asked);
    }
  }
}

function sessionless<A extends FetchPartitionAnswer>(partitions: PartitionSet): FetchContext<A> {
  return {
    error: undefined,
    partitions,
    respond: (answers) => ({ error: undefined, sessionId: NO_SESSION, answers }),
  };
}

function failed<A extends FetchPartitionAnswer>(error: ErrorName): FetchContext<A> {
  return { error, partitions: [], respond: () => ({ error, sessionId: NO_SESSION, answers: [] }) };
}

function selectChanged<A extends FetchPartitionAnswer>(session: FetchSession, answers: readonly A[]): A[] {
  return answers.filter((answer) => {
    const { request } = answer;
    if (!session.partitions.has(request)) return false;
    const hasRecords = answer.recordsSizeBytes > 0;
    const isError = answer.errorCode !== 0;
    const mustRespond =
      hasRecords ||
      isError ||
      answer.highWatermark !== request.sentHighWatermark ||
      answer.logStartOffset !== request.sentLogStartOffset ||
      answer.preferredReadReplica >= 0 ||
      answer.hasDivergingEpoch;
    // After an error the next good answer must be sent even if nothing moved. A follower whose log diverges takes over
    // nothing but where to cut it.
    request.sentHighWatermark = isError || answer.hasDivergingEpoch ? -1 : answer.highWatermark;
    request.sentLogStartOffset = answer.logStartOffset;
    // Served partitions queue up behind the others, so that all get their turn within the size limit.
    if (hasRecords) session.partitions.moveToEnd(request);
    return mustRespond;
  });
}
