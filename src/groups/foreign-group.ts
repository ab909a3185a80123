import { TimerSlot } from './timer-slot.ts';
import type { CoordinatorRecord } from './types.ts';

export type ForeignGroupType = 'share' | 'streams';

const SHARE_RECORDS = [10, 11, 12, 13, 14, 15];
/** Record types whose key names a member: its metadata, target and current assignment. */
const MEMBER_RECORDS = new Set([10, 13, 14, 19, 21, 22]);
/** Record types that say that a member exists. */
const MEMBER_METADATA_RECORDS = new Set([10, 19]);

interface StoredKey {
  readonly recordType: number;
  readonly key: Buffer;
}

/** The kind of group that a record type belongs to. */
export function foreignGroupType(recordType: number): ForeignGroupType {
  return SHARE_RECORDS.includes(recordType) ? 'share' : 'streams';
}

/**
 * A group of a kind that this coordinator does not run, found in a log that Apache Kafka wrote. Only the keys of its
 * records are kept: enough to list it, to keep other protocols off it, and to delete it.
 */
export class ForeignGroup {
  readonly groupId: string;
  readonly type: ForeignGroupType;
  readonly sessionTimer = new TimerSlot();
  readonly #keys = new Map<string, StoredKey>();

  constructor(groupId: string, type: ForeignGroupType) {
    this.groupId = groupId;
    this.type = type;
  }

  /** Whether it has no members. */
  get isEmpty(): boolean {
    for (const { recordType } of this.#keys.values()) if (MEMBER_METADATA_RECORDS.has(recordType)) return false;
    return true;
  }

  get hasRecords(): boolean {
    return this.#keys.size > 0;
  }

  get state(): string {
    return this.isEmpty ? 'Empty' : 'Stable';
  }

  replay(recordType: number, key: Buffer, isTombstone: boolean): void {
    const id = key.toString('latin1');
    if (isTombstone) this.#keys.delete(id);
    else this.#keys.set(id, { recordType, key });
  }

  /** Tombstones for all of it. */
  tombstones(): CoordinatorRecord[] {
    return [...this.#keys.values()].map(({ key }) => ({ key, value: null }));
  }

  /** Tombstones for its members, who cannot send heartbeats to this coordinator. */
  memberTombstones(): CoordinatorRecord[] {
    return [...this.#keys.values()]
      .filter(({ recordType }) => MEMBER_RECORDS.has(recordType))
      .map(({ key }) => ({ key, value: null }));
  }

  cancelTimers(): void {
    this.sessionTimer.cancel();
  }
}
