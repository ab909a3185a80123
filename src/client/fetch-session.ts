import type { Uuid } from '../base/uuid.ts';
import { ErrorCode } from '../protocol/error-codes.ts';
import type { FetcherConfig } from './fetcher-config.ts';

/** What a fetch session remembers of a partition. */
export interface SessionPartition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly fetchOffset: number;
  readonly currentLeaderEpoch: number;
  readonly partitionMaxBytes: number;
}

/** The part of a Fetch request that the session decides. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly toSend: readonly SessionPartition[];
  readonly toForget: readonly SessionPartition[];
}

const NO_SESSION = 0;
const INITIAL_EPOCH = 0;
const MAX_EPOCH = 0x7fffffff;

/**
 * A fetch session with one broker (KIP-227): the broker remembers the partitions, requests name only what changed. One
 * request is under way at a time.
 */
export class FetchSession {
  #id = NO_SESSION;
  #epoch = INITIAL_EPOCH;
  #partitions = new Map<string, SessionPartition>();

  /** The request that fetches exactly `wanted`. */
  next(wanted: ReadonlyMap<string, SessionPartition>): SessionRequest {
    const before = this.#partitions;
    this.#partitions = new Map(wanted);
    if (this.#epoch === INITIAL_EPOCH) {
      return { sessionId: this.#id, sessionEpoch: INITIAL_EPOCH, toSend: [...wanted.values()], toForget: [] };
    }
    const toSend: SessionPartition[] = [];
    const toForget: SessionPartition[] = [];
    for (const [name, partition] of wanted) {
      const known = before.get(name);
      if (known !== undefined && known.topicId !== partition.topicId) toForget.push(known);
      if (known === undefined || !isSame(known, partition)) toSend.push(partition);
    }
    for (const [name, known] of before) {
      if (!wanted.has(name)) toForget.push(known);
    }
    return { sessionId: this.#id, sessionEpoch: this.#epoch, toSend, toForget };
  }

  /** Takes the answer's session fields; false when the broker lost the session and the fetch must be made anew. */
  answered(errorCode: number, sessionId: number): boolean {
    if (errorCode !== ErrorCode.NONE) {
      // An unknown id is gone; with a wrong epoch the old session is closed by naming it in a new full request.
      if (errorCode === ErrorCode.FETCH_SESSION_ID_NOT_FOUND) this.#id = NO_SESSION;
      this.#epoch = INITIAL_EPOCH;
      return false;
    }
    if (sessionId === NO_SESSION) {
      this.#id = NO_SESSION;
      this.#epoch = INITIAL_EPOCH;
    } else {
      this.#id = sessionId;
      this.#epoch = this.#epoch === MAX_EPOCH ? 1 : this.#epoch + 1;
    }
    return true;
  }

  /** The connection was lost: whether the broker saw the request is not known. */
  reset(): void {
    this.#epoch = INITIAL_EPOCH;
  }
}

function isSame(a: SessionPartition, b: SessionPartition): boolean {
  return (
    a.fetchOffset === b.fetchOffset &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.partitionMaxBytes === b.partitionMaxBytes &&
    a.topicId === b.topicId
  );
}

/** The body of a Fetch request. */
export function fetchBody(config: FetcherConfig, session: SessionRequest) {
  const topics = new Map<string, { topic: string; topicId: Uuid; partitions: SessionPartition[] }>();
  for (const one of session.toSend) {
    const topic = topics.get(one.topicId + one.topic) ?? { topic: one.topic, topicId: one.topicId, partitions: [] };
    topic.partitions.push(one);
    topics.set(one.topicId + one.topic, topic);
  }
  return {
    maxWaitMs: config.maxWaitMs,
    minBytes: config.minBytes,
    maxBytes: config.maxBytes,
    isolationLevel: config.isReadCommitted ? 1 : 0,
    sessionId: session.sessionId,
    sessionEpoch: session.sessionEpoch,
    topics: [...topics.values()],
    forgottenTopicsData: session.toForget.map(({ topic, topicId, partition }) => ({
      topic,
      topicId,
      partitions: [partition],
    })),
    rackId: config.rackId,
  };
}
