/** The one place where records change the state of groups, whether they were just written or are read at start-up. */

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { ClassicGroup } from './classic/classic-group.ts';
import { classicGroupOf } from './classic/group-records.ts';
import { ConsumerGroup } from './consumer/consumer-group.ts';
import { type DecodedRecord, decodeRecord } from './coordinator-records.ts';
import { ForeignGroup, foreignGroupType } from './foreign-group.ts';
import { OffsetStore, type StoredOffset } from './offsets/offset-store.ts';
import type { Group } from './shard-context.ts';
import type { CoordinatorRecord } from './types.ts';

/** An offset that was set by a record that may not be committed yet. */
export interface AppliedOffset {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: StoredOffset | null;
}

type OffsetRecord = Extract<DecodedRecord, { kind: 'offsetCommit' }>;
type ConsumerGroupRecord = Extract<DecodedRecord, { kind: 'consumer' }>;
type ForeignRecord = Extract<DecodedRecord, { kind: 'foreign' }>;

/** The groups and offsets of one partition of `__consumer_offsets`. */
export class GroupState {
  readonly groups = new Map<string, Group>();
  readonly offsets = new OffsetStore();
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Applies a record that stands at `recordOffset`, written by `producerId` in a transaction (-1 = in none). Returns the
   * offset that it set, for {@link showCommitted}. A record that is not understood is skipped: it must not keep the
   * other groups from being served.
   */
  apply(record: CoordinatorRecord, recordOffset: number, producerId: number): AppliedOffset | null {
    let decoded: DecodedRecord;
    try {
      decoded = decodeRecord(record.key, record.value);
    } catch (error) {
      this.#logger.error(
        `skipped the record at offset ${recordOffset} of __consumer_offsets: it is no such record`,
        error,
      );
      return null;
    }
    switch (decoded.kind) {
      case 'offsetCommit':
        return this.#applyOffset(decoded, recordOffset, producerId);
      case 'groupMetadata':
        this.#replace(decoded.groupId, decoded.value === null ? null : classicGroupOf(decoded.groupId, decoded.value));
        return null;
      case 'consumer':
        this.#applyConsumer(decoded);
        return null;
      case 'foreign':
        this.#applyForeign(decoded);
        return null;
      case 'unknown':
        this.#logger.warn(`skipped a record of ${decoded.what} in __consumer_offsets; it may be of a newer Kafka`);
        return null;
    }
  }

  /** Lets readers that do not wait for replication see an offset. */
  showCommitted({ groupId, topic, partition, offset }: AppliedOffset): void {
    this.offsets.commit(groupId, topic, partition, offset);
  }

  // Who commits offsets without joining has a group that consists of them alone.
  #applyOffset(record: OffsetRecord, recordOffset: number, producerId: number): AppliedOffset | null {
    const { groupId, topic, partition, value } = record;
    if (value === null) {
      this.offsets.put(groupId, topic, partition, null);
      return { groupId, topic, partition, offset: null };
    }
    if (!this.groups.has(groupId)) {
      this.groups.set(groupId, new ClassicGroup(groupId, { currentStateTimestampMs: this.#clock.nowMs() }));
    }
    const offset: StoredOffset = { ...value, recordOffset };
    if (producerId >= 0) {
      this.offsets.putPending(producerId, groupId, topic, partition, offset);
      return null;
    }
    this.offsets.put(groupId, topic, partition, offset);
    return { groupId, topic, partition, offset };
  }

  #applyConsumer({ groupId, record, isTombstone }: ConsumerGroupRecord): void {
    const present = this.groups.get(groupId);
    if (isTombstone && record.type === 'groupMetadata') {
      if (present?.type === 'consumer') this.#replace(groupId, null);
      return;
    }
    if (present?.type === 'consumer') present.replay(record);
    else if (!isTombstone && isReplaceable(present)) {
      const group = new ConsumerGroup(groupId);
      this.#replace(groupId, group);
      group.replay(record);
    }
  }

  #applyForeign({ groupId, recordType, key, isTombstone }: ForeignRecord): void {
    const type = foreignGroupType(recordType);
    const present = this.groups.get(groupId);
    if (present?.type === type) {
      present.replay(recordType, key, isTombstone);
      if (!present.hasRecords) this.#replace(groupId, null);
    } else if (!isTombstone && isReplaceable(present)) {
      const group = new ForeignGroup(groupId, type);
      this.#replace(groupId, group);
      group.replay(recordType, key, isTombstone);
    }
  }

  #replace(groupId: string, group: Group | null): void {
    this.groups.get(groupId)?.cancelTimers();
    if (group === null) this.groups.delete(groupId);
    else this.groups.set(groupId, group);
  }
}

// A group that consists of offsets alone is stored nowhere, so the records after it say what it really is.
function isReplaceable(group: Group | undefined): boolean {
  return group === undefined || (group.type === 'classic' && group.protocolType === null && group.isEmpty);
}
