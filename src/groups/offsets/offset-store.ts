import type { OffsetCommitFields } from '../coordinator-records.ts';

/** A committed offset and where its record stands in the log. */
export interface StoredOffset extends OffsetCommitFields {
  readonly recordOffset: number;
}

/** The offset of one group for one partition. */
export interface OffsetSlot {
  /** As the newest record says, committed or not; what decisions are made on. Null = none. */
  latest: StoredOffset | null;
  /** As far as it is replicated; what readers that do not wait may see. */
  committed: StoredOffset | null;
}

type ByPartition = Map<number, OffsetSlot>;
export type OffsetsByTopic = ReadonlyMap<string, ReadonlyMap<number, OffsetSlot>>;

interface PendingOffset {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: StoredOffset;
}

const pendingKey = (groupId: string, topic: string, partition: number): string =>
  JSON.stringify([groupId, topic, partition]);

/** The offsets of all groups of one partition of `__consumer_offsets`, those of open transactions beside them. */
export class OffsetStore {
  readonly #groups = new Map<string, Map<string, ByPartition>>();
  /** By producer id: what its open transaction commits. */
  readonly #pending = new Map<number, Map<string, PendingOffset>>();
  /** The producers whose open transactions touch an offset. */
  readonly #openTransactions = new Map<string, Set<number>>();
  /** Offsets of open transactions by group. */
  readonly #openCounts = new Map<string, number>();

  /** All offsets of a group by topic and partition; slots without any offset do not occur. */
  ofGroup(groupId: string): OffsetsByTopic | undefined {
    return this.#groups.get(groupId);
  }

  groupIds(): Iterable<string> {
    return this.#groups.keys();
  }

  get(groupId: string, topic: string, partition: number): OffsetSlot | undefined {
    return this.#groups.get(groupId)?.get(topic)?.get(partition);
  }

  hasOffset(groupId: string, topic: string, partition: number): boolean {
    return (this.get(groupId, topic, partition)?.latest ?? null) !== null;
  }

  /** Sets or (null) removes an offset; call `commit` on the returned slot's value when its record is committed. */
  put(groupId: string, topic: string, partition: number, offset: StoredOffset | null): void {
    const slot = this.#slot(groupId, topic, partition);
    slot.latest = offset;
    if (offset === null) this.#dropPending(groupId, topic, partition);
    this.#removeIfUnused(groupId, topic, partition, slot);
  }

  /** Shows readers that do not wait what `put` set before. */
  commit(groupId: string, topic: string, partition: number, offset: StoredOffset | null): void {
    if (offset === null && this.get(groupId, topic, partition) === undefined) return;
    const slot = this.#slot(groupId, topic, partition);
    slot.committed = offset;
    this.#removeIfUnused(groupId, topic, partition, slot);
  }

  /** Keeps an offset that counts only once its transaction commits. */
  putPending(producerId: number, groupId: string, topic: string, partition: number, offset: StoredOffset): void {
    const key = pendingKey(groupId, topic, partition);
    let ofProducer = this.#pending.get(producerId);
    if (ofProducer === undefined) {
      ofProducer = new Map();
      this.#pending.set(producerId, ofProducer);
    }
    ofProducer.set(key, { groupId, topic, partition, offset });
    let producers = this.#openTransactions.get(key);
    if (producers === undefined) {
      producers = new Set();
      this.#openTransactions.set(key, producers);
      this.#openCounts.set(groupId, (this.#openCounts.get(groupId) ?? 0) + 1);
    }
    producers.add(producerId);
  }

  /** Ends a producer's transaction. Of a pending and a plain commit the one that was written later counts. */
  endTransaction(producerId: number, isCommit: boolean): void {
    const ofProducer = this.#pending.get(producerId);
    if (ofProducer === undefined) return;
    this.#pending.delete(producerId);
    for (const [key, { groupId, topic, partition, offset }] of ofProducer) {
      this.#closeTransaction(key, groupId, producerId);
      if (!isCommit) continue;
      const present = this.get(groupId, topic, partition)?.latest ?? null;
      if (present !== null && present.recordOffset >= offset.recordOffset) continue;
      this.put(groupId, topic, partition, offset);
      this.commit(groupId, topic, partition, offset);
    }
  }

  hasPending(groupId: string, topic: string, partition: number): boolean {
    return this.#openCounts.has(groupId) && this.#openTransactions.has(pendingKey(groupId, topic, partition));
  }

  hasPendingOfGroup(groupId: string): boolean {
    return this.#openCounts.has(groupId);
  }

  /** Every offset of open transactions, of all groups or of one. */
  *pendingOffsets(groupId?: string): Iterable<PendingOffset> {
    for (const ofProducer of this.#pending.values()) {
      for (const pending of ofProducer.values()) {
        if (groupId === undefined || pending.groupId === groupId) yield pending;
      }
    }
  }

  #slot(groupId: string, topic: string, partition: number): OffsetSlot {
    let topics = this.#groups.get(groupId);
    if (topics === undefined) {
      topics = new Map();
      this.#groups.set(groupId, topics);
    }
    let partitions = topics.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      topics.set(topic, partitions);
    }
    let slot = partitions.get(partition);
    if (slot === undefined) {
      slot = { latest: null, committed: null };
      partitions.set(partition, slot);
    }
    return slot;
  }

  #removeIfUnused(groupId: string, topic: string, partition: number, slot: OffsetSlot): void {
    if (slot.latest !== null || slot.committed !== null) return;
    const topics = this.#groups.get(groupId);
    const partitions = topics?.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) topics?.delete(topic);
    if (topics?.size === 0) this.#groups.delete(groupId);
  }

  // A tombstone ends what open transactions would have committed for the partition.
  #dropPending(groupId: string, topic: string, partition: number): void {
    if (!this.hasPending(groupId, topic, partition)) return;
    const key = pendingKey(groupId, topic, partition);
    for (const producerId of [...(this.#openTransactions.get(key) ?? [])]) {
      this.#pending.get(producerId)?.delete(key);
      this.#closeTransaction(key, groupId, producerId);
    }
  }

  #closeTransaction(key: string, groupId: string, producerId: number): void {
    const producers = this.#openTransactions.get(key);
    if (producers === undefined) return;
    producers.delete(producerId);
    if (producers.size > 0) return;
    this.#openTransactions.delete(key);
    const count = (this.#openCounts.get(groupId) ?? 0) - 1;
    if (count > 0) this.#openCounts.set(groupId, count);
    else this.#openCounts.delete(groupId);
  }
}
