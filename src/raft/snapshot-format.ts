import { KafkaError } from '../base/kafka-error.ts';
import { kRaftVersionRecord, snapshotFooterRecord, snapshotHeaderRecord } from '../protocol/control-records.ts';
import { Reader } from '../protocol/reader.ts';
import type { Input, MessageSchema } from '../protocol/schema.ts';
import { Writer } from '../protocol/writer.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import {
  buildControlBatch,
  CONTROL_RECORD_TYPES,
  type ControlRecord,
  controlRecordType,
} from '../records/control-record.ts';
import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import type { OffsetAndEpoch, SnapshotContent } from './raft-types.ts';
import type { VoterSet } from './voter-set.ts';

/** The largest batch in the metadata log and in snapshots, fixed in Kafka. */
export const MAX_BATCH_SIZE_BYTES = 8 * 1024 * 1024;

/** The snapshot that `kafka-storage format` writes; it is never replicated. */
export const BOOTSTRAP_SNAPSHOT_ID: OffsetAndEpoch = { offset: 0, epoch: 0 };

const SNAPSHOT_NAME = /^(\d{20})-(\d{10})\.checkpoint(\.part|\.tmp|\.deleted)?$/;

/** The file name of a snapshot. */
export function snapshotFileName(id: OffsetAndEpoch): string {
  return `${String(id.offset).padStart(20, '0')}-${String(id.epoch).padStart(10, '0')}.checkpoint`;
}

/** What a file name says about a snapshot, undefined when it names none. `isWhole` false: unfinished or deleted. */
export function parseSnapshotFileName(name: string): { id: OffsetAndEpoch; isWhole: boolean } | undefined {
  const match = SNAPSHOT_NAME.exec(name);
  if (match === null) return undefined;
  return { id: { offset: Number(match[1]), epoch: Number(match[2]) }, isWhole: match[3] === undefined };
}

export function isBootstrapSnapshot(id: OffsetAndEpoch): boolean {
  return id.offset === 0 && id.epoch === 0;
}

/** By epoch, then offset: the order of Kafka's OffsetAndEpoch. */
export function compareOffsetAndEpoch(a: OffsetAndEpoch, b: OffsetAndEpoch): number {
  return a.epoch === b.epoch ? a.offset - b.offset : a.epoch - b.epoch;
}

/** The value of a control record. */
export function encodeControl<S extends MessageSchema>(schema: S, version: number, value: Input<S>): Buffer {
  const writer = new Writer();
  schema.encode(writer, version, value);
  return writer.finishWhole();
}

/** The KRaftVersion and KRaftVoters records which say what the quorum is; none of a static quorum. */
export function quorumControlRecords(kraftVersion: number, voters: VoterSet | undefined): ControlRecord[] {
  if (kraftVersion === 0) return [];
  const records: ControlRecord[] = [
    { type: 'kraftVersion', value: encodeControl(kRaftVersionRecord, 0, { version: 0, kRaftVersion: kraftVersion }) },
  ];
  if (voters !== undefined) records.push({ type: 'kraftVoters', value: voters.encode() });
  return records;
}

/** What goes into a snapshot. */
export interface SnapshotToWrite {
  readonly id: OffsetAndEpoch;
  readonly lastContainedLogTimestamp: number;
  readonly kraftVersion: number;
  readonly voters: VoterSet | undefined;
  readonly values: Iterable<Uint8Array>;
  /** Of the batches, ms since 1970. */
  readonly timestampMs: number;
}

/** The bytes of a snapshot file: header batch, data batches of at most 8 MiB, footer batch. */
export function buildSnapshot(snapshot: SnapshotToWrite): Buffer {
  const { id, timestampMs } = snapshot;
  const chunks: Buffer[] = [];
  let baseOffset = 0;
  const partitionLeaderEpoch = id.epoch;
  const push = (chunk: Buffer, recordCount: number): void => {
    chunks.push(chunk);
    baseOffset += recordCount;
  };
  const header = encodeControl(snapshotHeaderRecord, 0, {
    version: 0,
    lastContainedLogTimestamp: snapshot.lastContainedLogTimestamp,
  });
  const headerRecords: ControlRecord[] = [
    { type: 'snapshotHeader', value: header },
    ...quorumControlRecords(snapshot.kraftVersion, snapshot.voters),
  ];
  push(buildControlBatch(timestampMs, headerRecords, { baseOffset, partitionLeaderEpoch }), headerRecords.length);
  const builder = new BatchBuilder();
  const flush = (): void => {
    const { recordCount } = builder;
    if (recordCount > 0) push(builder.finish({ baseOffset, partitionLeaderEpoch }), recordCount);
  };
  for (const value of snapshot.values) {
    if (builder.sizeBytes + BatchBuilder.upperBound(0, value.length) > MAX_BATCH_SIZE_BYTES) flush();
    builder.append(timestampMs, null, value);
  }
  flush();
  const footer = encodeControl(snapshotFooterRecord, 0, { version: 0 });
  push(
    buildControlBatch(timestampMs, [{ type: 'snapshotFooter', value: footer }], { baseOffset, partitionLeaderEpoch }),
    1,
  );
  return Buffer.concat(chunks);
}

/**
 * The content of a snapshot file. Throws CORRUPT_MESSAGE when it is not whole: a batch does not fit or has a wrong CRC,
 * the header is not first or the footer not last.
 */
export function parseSnapshot(id: OffsetAndEpoch, bytes: Buffer): SnapshotContent {
  const values: Buffer[] = [];
  const cursor = new RecordCursor();
  let lastContainedLogTimestamp: number | undefined;
  let isFinished = false;
  for (let at = 0; at < bytes.length; at += batch.batchSizeBytes(bytes, at)) {
    checkBatch(id, bytes, at);
    cursor.open(bytes, at);
    const isControl = batch.isControl(bytes, at);
    while (cursor.next()) {
      if (isFinished) throw corrupt(id, 'records follow its footer');
      const value = cursor.value();
      if (value === null) continue;
      if (lastContainedLogTimestamp === undefined) {
        if (!isControl || controlRecordType(cursor) !== CONTROL_RECORD_TYPES.snapshotHeader) {
          throw corrupt(id, 'it does not start with a header');
        }
        lastContainedLogTimestamp = snapshotHeaderRecord.decode(new Reader(value), 0).lastContainedLogTimestamp;
      } else if (!isControl) {
        values.push(value);
      } else if (controlRecordType(cursor) === CONTROL_RECORD_TYPES.snapshotFooter) {
        isFinished = true;
      }
    }
  }
  if (lastContainedLogTimestamp === undefined || !isFinished) throw corrupt(id, 'it has no header or no footer');
  return { snapshotId: id, lastContainedLogTimestamp, values };
}

function checkBatch(id: OffsetAndEpoch, bytes: Buffer, at: number): void {
  const left = bytes.length - at;
  if (left < batch.BATCH_HEADER_SIZE || batch.batchSizeBytes(bytes, at) < batch.BATCH_HEADER_SIZE) {
    throw corrupt(id, `${left} bytes at ${at} are no record batch`);
  }
  if (batch.batchSizeBytes(bytes, at) > left) throw corrupt(id, `the batch at ${at} is cut off`);
  if (batch.magic(bytes, at) !== batch.CURRENT_MAGIC || !batch.hasValidCrc(bytes, at)) {
    throw corrupt(id, `the batch at ${at} has a wrong checksum`);
  }
}

function corrupt(id: OffsetAndEpoch, why: string): KafkaError {
  return new KafkaError('CORRUPT_MESSAGE', `snapshot ${snapshotFileName(id)} is damaged: ${why}`);
}
