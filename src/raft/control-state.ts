import { kRaftVersionRecord, votersRecord } from '../protocol/control-records.ts';
import { Reader } from '../protocol/reader.ts';
import { CONTROL_RECORD_TYPES, controlRecordType } from '../records/control-record.ts';
import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import { VoterSet } from './voter-set.ts';

interface Entry<T> {
  readonly offset: number;
  readonly value: T;
}

/** The values that something had along the log; `offset` is that of the record which set it. */
class LogHistory<T> {
  #entries: Entry<T>[] = [];

  get last(): Entry<T> | undefined {
    return this.#entries.at(-1);
  }

  add(offset: number, value: T): void {
    this.#entries = this.#entries.filter((entry) => entry.offset < offset);
    this.#entries.push({ offset, value });
  }

  atOrBefore(offset: number): T | undefined {
    return this.#entries.findLast((entry) => entry.offset <= offset)?.value;
  }

  truncateFrom(endOffset: number): void {
    this.#entries = this.#entries.filter((entry) => entry.offset < endOffset);
  }

  /** Drops what came before the value that counts at `startOffset`. */
  dropBefore(startOffset: number): void {
    const keep = this.#entries.findLastIndex((entry) => entry.offset <= startOffset);
    if (keep > 0) this.#entries = this.#entries.slice(keep);
  }

  clear(): void {
    this.#entries = [];
  }
}

/**
 * Voters and kraft.version as the log says, up to its end: they count from when they are appended, not from when they
 * are committed, and go back when the log is truncated (KIP-853).
 */
export class ControlState {
  readonly #staticVoters: VoterSet;
  readonly #voters = new LogHistory<VoterSet>();
  readonly #kraftVersions = new LogHistory<number>();
  readonly #cursor = new RecordCursor();

  constructor(staticVoters: VoterSet) {
    this.#staticVoters = staticVoters;
  }

  get voters(): VoterSet {
    return this.#voters.last?.value ?? this.#staticVoters;
  }

  /** Offset of the record that set the voters: -1 from the bootstrap checkpoint, undefined when there is none. */
  get votersOffset(): number | undefined {
    return this.#voters.last?.offset;
  }

  get kraftVersion(): number {
    return this.#kraftVersions.last?.value ?? 0;
  }

  /** Voters can be added and removed from kraft.version 1 on. */
  get isReconfigurable(): boolean {
    return this.kraftVersion >= 1;
  }

  votersAt(offset: number): VoterSet | undefined {
    return this.#voters.atOrBefore(offset);
  }

  kraftVersionAt(offset: number): number {
    return this.#kraftVersions.atOrBefore(offset) ?? 0;
  }

  /** Takes what the control batches among `records` set. `atOffset` replaces their offsets (of a snapshot). */
  observe(records: Buffer, atOffset?: number): void {
    for (let at = 0; at + batch.BATCH_HEADER_SIZE <= records.length; at += batch.batchSizeBytes(records, at)) {
      if (at + batch.batchSizeBytes(records, at) > records.length) return;
      if (batch.isControl(records, at)) this.#observeBatch(records, at, atOffset);
    }
  }

  #observeBatch(records: Buffer, at: number, atOffset: number | undefined): void {
    const cursor = this.#cursor;
    cursor.open(records, at);
    while (cursor.next()) {
      const type = controlRecordType(cursor);
      const value = cursor.value();
      if (value === null) continue;
      const offset = atOffset ?? cursor.offset;
      if (type === CONTROL_RECORD_TYPES.kraftVersion) {
        this.#kraftVersions.add(offset, kRaftVersionRecord.decode(new Reader(value), 0).kRaftVersion);
      } else if (type === CONTROL_RECORD_TYPES.kraftVoters) {
        this.#voters.add(offset, VoterSet.fromRecord(votersRecord.decode(new Reader(value), 0)));
      }
    }
  }

  truncateFrom(endOffset: number): void {
    this.#voters.truncateFrom(endOffset);
    this.#kraftVersions.truncateFrom(endOffset);
  }

  dropBefore(startOffset: number): void {
    this.#voters.dropBefore(startOffset);
    this.#kraftVersions.dropBefore(startOffset);
  }

  clear(): void {
    this.#voters.clear();
    this.#kraftVersions.clear();
  }
}
