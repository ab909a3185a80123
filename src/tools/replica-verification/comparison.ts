import { inHashMapOrder, topicPartitionHash } from '../../base/java-hash.ts';
import { partitionName, type TopicPartition } from '../../client/index.ts';
import { batchHeaders } from '../../client/replica-fetch.ts';

/** What one replica answered; no records and the high watermark -1 when it could not be asked. */
export interface ReplicaAnswer {
  readonly highWatermark: number;
  readonly records: Buffer | null;
}

/** A partition and the brokers that hold it. */
export interface ReplicatedPartition extends TopicPartition {
  readonly replicas: readonly number[];
}

/** Two replicas that hold different batches. */
export interface Difference {
  readonly partition: string;
  readonly kind: 'offset' | 'checksum';
  /** Last offset of the batch on the later replica. */
  readonly offset: number;
  /** The lowest replica and what it has: an offset or a checksum. */
  readonly first: { readonly replica: number; readonly value: number };
  readonly other: { readonly replica: number; readonly value: number };
}

/** The partition that is furthest behind the high watermark, as far as replicas agree. */
export interface MaxLag {
  readonly lag: number;
  readonly partition: string | null;
  readonly offset: number;
}

/** What is known of the partitions: how far all replicas agree, and the answers of the round that is under way. */
export class Comparison {
  readonly partitions: readonly ReplicatedPartition[];
  readonly #starts: ReadonlyMap<string, number>;
  readonly #offsets: Map<string, number>;
  readonly #highWatermarks = new Map<string, number>();
  readonly #answers = new Map<string, Map<number, ReplicaAnswer>>();
  // As in Kafka's tool, partition and offset stay as they were in a round that finds no lag at all.
  #maxLag: MaxLag = { lag: -1, partition: null, offset: -1 };

  /** @param offsets from where on each partition is compared, by name */
  constructor(partitions: readonly ReplicatedPartition[], offsets: ReadonlyMap<string, number>) {
    const byName = new Map(partitions.map((one) => [partitionName(one.topic, one.partition), one]));
    const hashOf = (name: string) => {
      const one = byName.get(name);
      return one === undefined ? 0 : topicPartitionHash(one.topic, one.partition);
    };
    this.partitions = inHashMapOrder(partitions, ({ topic, partition }) => partitionName(topic, partition), hashOf);
    this.#starts = offsets;
    this.#offsets = new Map(offsets);
  }

  get maxLag(): MaxLag {
    return this.#maxLag;
  }

  /** How many records all replicas agree on by now, and how many there are up to the high watermarks. */
  get progress(): { readonly compared: number; readonly total: number } {
    let [compared, total] = [0, 0];
    for (const [name, start] of this.#starts) {
      const offset = this.offsetOf(name);
      compared += offset - start;
      total += Math.max(offset, this.#highWatermarks.get(name) ?? offset) - start;
    }
    return { compared, total };
  }

  offsetOf(name: string): number {
    return this.#offsets.get(name) ?? 0;
  }

  /** Keeps what a replica answered until {@link compare}. */
  add(name: string, replica: number, answer: ReplicaAnswer): void {
    const answers = this.#answers.get(name) ?? new Map<number, ReplicaAnswer>();
    this.#answers.set(name, answers.set(replica, answer));
  }

  /**
   * Compares the batches of this round's answers up to the high watermark, and goes on behind those that all replicas
   * have. An offset that differs ends the comparison: it is the last one reported.
   */
  compare(): Difference[] {
    const found: Difference[] = [];
    this.#maxLag = { ...this.#maxLag, lag: -1 };
    for (const { topic, partition } of this.partitions) {
      const name = partitionName(topic, partition);
      const answers = [...(this.#answers.get(name) ?? [])].sort(([a], [b]) => a - b);
      found.push(...this.#comparePartition(name, answers));
      if (found.at(-1)?.kind === 'offset') break;
      const maxHighWatermark = Math.max(-1, ...answers.map(([, { highWatermark }]) => highWatermark));
      this.#highWatermarks.set(name, maxHighWatermark);
      const offset = this.offsetOf(name);
      if (maxHighWatermark - offset > this.#maxLag.lag) {
        this.#maxLag = { lag: maxHighWatermark - offset, partition: name, offset };
      }
    }
    this.#answers.clear();
    return found;
  }

  #comparePartition(name: string, answers: readonly (readonly [number, ReplicaAnswer])[]): Difference[] {
    const found: Difference[] = [];
    const replicas = answers.map(([replica, { highWatermark, records }]) => ({
      replica,
      highWatermark,
      batches: batchHeaders(records ?? Buffer.alloc(0)),
    }));
    for (;;) {
      let first: { replica: number; lastOffset: number; checksum: number } | undefined;
      let isInAll = true;
      for (const { replica, highWatermark, batches } of replicas) {
        const { value: batch } = batches.next();
        if (batch === undefined || batch.lastOffset >= highWatermark) {
          isInAll = false;
          continue;
        }
        const { lastOffset, checksum } = batch;
        first ??= { replica, lastOffset, checksum };
        const difference = (kind: 'offset' | 'checksum', ours: number, theirs: number): Difference => ({
          partition: name,
          kind,
          offset: lastOffset,
          first: { replica: first?.replica ?? replica, value: ours },
          other: { replica, value: theirs },
        });
        if (first.lastOffset !== lastOffset) return [...found, difference('offset', first.lastOffset, lastOffset)];
        if (first.checksum !== checksum) found.push(difference('checksum', first.checksum, checksum));
      }
      if (!isInAll || first === undefined) return found;
      this.#offsets.set(name, first.lastOffset + 1);
    }
  }
}
