import {
  kRaftVersionRecord,
  leaderChangeMessage,
  snapshotFooterRecord,
  snapshotHeaderRecord,
  votersRecord,
} from '../../protocol/control-records.ts';
import { CONTROL_RECORD_TYPES, controlRecordType, markerCoordinatorEpoch } from '../../records/control-record.ts';
import type { RecordCursor } from '../../records/record-cursor.ts';
import { type ReadableSchema, schemaJson } from './schema-json.ts';
import { WideReader } from './wide-reader.ts';

const KRAFT_RECORDS: ReadonlyMap<number, readonly [title: string, schema: ReadableSchema]> = new Map<
  number,
  readonly [string, ReadableSchema]
>([
  [CONTROL_RECORD_TYPES.leaderChange, ['LeaderChange:', leaderChangeMessage]],
  [CONTROL_RECORD_TYPES.snapshotHeader, ['SnapshotHeader', snapshotHeaderRecord]],
  [CONTROL_RECORD_TYPES.snapshotFooter, ['SnapshotFooter', snapshotFooterRecord]],
  [CONTROL_RECORD_TYPES.kraftVersion, ['KRaftVersion', kRaftVersionRecord]],
  [CONTROL_RECORD_TYPES.kraftVoters, ['KRaftVoters', votersRecord]],
]);

/** What stands behind the metadata of a control record. */
export function controlText(cursor: RecordCursor): string {
  const type = controlRecordType(cursor);
  if (type === CONTROL_RECORD_TYPES.abort || type === CONTROL_RECORD_TYPES.commit) {
    const what = type === CONTROL_RECORD_TYPES.commit ? 'COMMIT' : 'ABORT';
    return ` endTxnMarker: ${what} coordinatorEpoch: ${markerCoordinatorEpoch(cursor)}`;
  }
  const known = KRAFT_RECORDS.get(type);
  const value = cursor.value();
  if (known === undefined || value === null) return ` controlType: UNKNOWN(${type})`;
  const [title, schema] = known;
  // The first field of each of these is the version in which the rest is written.
  const version = Math.min(value.readInt16BE(0), schema.versions.max);
  return ` ${title} ${schemaJson(schema, version, schema.decode(new WideReader(value), version))}`;
}
