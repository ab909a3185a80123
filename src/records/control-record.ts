import { KafkaError } from '../base/kafka-error.ts';
import { BatchBuilder, type BatchOptions } from './batch-builder.ts';
import type { RecordCursor } from './record-cursor.ts';

/** Kafka's control record types by name. */
export const CONTROL_RECORD_TYPES = {
  abort: 0,
  commit: 1,
  leaderChange: 2,
  snapshotHeader: 3,
  snapshotFooter: 4,
  kraftVersion: 5,
  kraftVoters: 6,
} as const;

export type ControlRecordType = keyof typeof CONTROL_RECORD_TYPES;

/** One control record to be written: its type and the bytes of its value, version field included. */
export interface ControlRecord {
  readonly type: ControlRecordType;
  readonly value: Uint8Array;
}

function controlKey(type: ControlRecordType): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(CONTROL_RECORD_TYPES[type], 2);
  return key;
}

/** A batch of control records, e.g. LeaderChange, KRaftVersion and KRaftVoters of a new KRaft leader. */
export function buildControlBatch(
  timestamp: number,
  records: readonly ControlRecord[],
  options: BatchOptions = {},
): Buffer {
  const builder = new BatchBuilder();
  for (const record of records) builder.append(timestamp, controlKey(record.type), record.value);
  return builder.finish({ ...options, isControl: true });
}

/** What ends a transaction in a partition. */
export interface EndTransactionMarker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly isCommit: boolean;
  readonly coordinatorEpoch: number;
}

/** The batch of one transaction marker, as a coordinator appends it; `timestamp` in ms. */
export function buildEndTransactionMarker(timestamp: number, marker: EndTransactionMarker): Buffer {
  const value = Buffer.alloc(6);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  return buildControlBatch(timestamp, [{ type: marker.isCommit ? 'commit' : 'abort', value }], {
    isTransactional: true,
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
  });
}

/** The type number of the control record under the cursor. Throws INVALID_RECORD when its key is none. */
export function controlRecordType(cursor: RecordCursor): number {
  if (cursor.keyLength < 4) {
    throw new KafkaError('INVALID_RECORD', `a control record key has 4 bytes, received ${cursor.keyLength}`);
  }
  return cursor.buffer.readInt16BE(cursor.keyStart + 2);
}

/** The coordinator epoch in the transaction marker under the cursor. Throws INVALID_RECORD when its value is none. */
export function markerCoordinatorEpoch(cursor: RecordCursor): number {
  if (cursor.valueLength < 6) {
    throw new KafkaError('INVALID_RECORD', `a transaction marker has 6 bytes, received ${cursor.valueLength}`);
  }
  return cursor.buffer.readInt32BE(cursor.valueStart + 2);
}
