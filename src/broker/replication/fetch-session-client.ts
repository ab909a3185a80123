import type { Uuid } from '../../base/uuid.ts';
import type { FetchRequestInput } from '../../protocol/messages/01-fetch.ts';

/** From where a partition is fetched; what a fetch session remembers of it (KIP-227). */
export interface FetchPosition {
  readonly fetchOffset: number;
  readonly logStartOffset: number;
  readonly currentLeaderEpoch: number;
  /** Epoch of the record before `fetchOffset`, -1 when there is none. */
  readonly lastFetchedEpoch: number;
}

/** A partition to be fetched; one object for as long as it is. */
export interface FetchTarget {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
}

type TopicInput = NonNullable<FetchRequestInput['topics']>[number];
type PartitionInput = NonNullable<TopicInput['partitions']>[number];
type ForgottenInput = NonNullable<FetchRequestInput['forgottenTopicsData']>[number];

/** The part of a Fetch request that a session decides. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: TopicInput[];
  readonly forgottenTopicsData: ForgottenInput[];
}

const NO_SESSION = 0;
const INITIAL_EPOCH = 0;
const MAX_EPOCH = 0x7fffffff;

/**
 * The fetcher's side of a fetch session (KIP-227): the first request names all partitions, later ones only those whose
 * position changed, that are new, or that are to be forgotten. A leader without room for sessions gets full requests.
 */
export class FetchSessionClient<T extends FetchTarget> {
  #sessionId = NO_SESSION;
  #epoch = INITIAL_EPOCH;
  /** What the leader knows, if it has the session. */
  #positions = new Map<T, FetchPosition>();

  /** The position with which a partition was last asked for, undefined when it is not fetched. */
  sentPosition(target: T): FetchPosition | undefined {
    return this.#positions.get(target);
  }

  /** The next request for all of `wanted`; undefined when there is nothing to ask and nothing to forget. */
  next(wanted: ReadonlyMap<T, FetchPosition>, partitionMaxBytes: number): SessionRequest | undefined {
    const before = this.#epoch === INITIAL_EPOCH ? undefined : this.#positions;
    const topics = new Batches<TopicInput, PartitionInput>((topicId, topic, partitions) => ({
      topicId,
      topic,
      partitions,
    }));
    for (const [target, position] of wanted) {
      const known = before?.get(target);
      if (known === position || (known !== undefined && isSame(known, position))) continue;
      topics.add(target, { partition: target.partition, ...position, partitionMaxBytes });
    }
    const forgotten = new Batches<ForgottenInput, number>((topicId, topic, partitions) => ({
      topicId,
      topic,
      partitions,
    }));
    for (const target of before?.keys() ?? []) {
      if (!wanted.has(target)) forgotten.add(target, target.partition);
    }
    if (wanted.size === 0 && forgotten.topics.length === 0) return undefined;
    this.#positions = new Map(wanted);
    return {
      sessionId: this.#sessionId,
      sessionEpoch: this.#epoch,
      topics: topics.topics,
      forgottenTopicsData: forgotten.topics,
    };
  }

  /** An answer without an error came. */
  succeeded(sessionId: number): void {
    this.#sessionId = sessionId;
    if (sessionId === NO_SESSION) this.#epoch = INITIAL_EPOCH;
    else this.#epoch = this.#epoch === MAX_EPOCH ? 1 : this.#epoch + 1;
  }

  /** No answer came, or one with an error: the next request begins anew, and ends the session if the leader has it. */
  failed(isSessionUnknown: boolean): void {
    if (isSessionUnknown) this.#sessionId = NO_SESSION;
    this.#epoch = INITIAL_EPOCH;
  }
}

function isSame(a: FetchPosition, b: FetchPosition): boolean {
  return (
    a.fetchOffset === b.fetchOffset &&
    a.logStartOffset === b.logStartOffset &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.lastFetchedEpoch === b.lastFetchedEpoch
  );
}

/** Collects partitions by topic. */
class Batches<T, P> {
  readonly topics: T[] = [];
  readonly #partitions = new Map<Uuid, P[]>();
  readonly #make: (topicId: Uuid, topic: string, partitions: P[]) => T;

  constructor(make: (topicId: Uuid, topic: string, partitions: P[]) => T) {
    this.#make = make;
  }

  add({ topicId, topic }: FetchTarget, partition: P): void {
    const known = this.#partitions.get(topicId);
    if (known !== undefined) {
      known.push(partition);
      return;
    }
    const partitions = [partition];
    this.#partitions.set(topicId, partitions);
    this.topics.push(this.#make(topicId, topic, partitions));
  }
}
