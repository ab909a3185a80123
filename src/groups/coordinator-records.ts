/**
 * Keys and values of `__consumer_offsets`: key = int16 record type then the key's version 0, value = int16 version then
 * the value (null = tombstone).
 */
import { type Uuid, ZERO_UUID } from '../base/uuid.ts';
import { Reader } from '../protocol/reader.ts';
import type { Fields, InputFields, MessageSchema } from '../protocol/schema.ts';
import { Writer } from '../protocol/writer.ts';
import { type ConsumerRecord, ConsumerRecordType, decodeConsumerRecord } from './consumer/consumer-records.ts';
import {
  type GroupMetadataValue,
  type GroupMetadataValueInput,
  groupMetadataKey,
  groupMetadataValue,
  legacyOffsetCommitKey,
  legacyOffsetCommitValue,
  offsetCommitKey,
  offsetCommitValue,
} from './records/offset-and-classic.ts';
import type { CoordinatorRecord } from './types.ts';

/** The numbers of the record types; what is not here belongs to kinds of groups that ottla does not run. */
export const RecordType = {
  LegacyOffsetCommit: 0,
  OffsetCommit: 1,
  GroupMetadata: 2,
  LastKnown: 23,
} as const;

// What 4.4 writes. An expire timestamp exists in version 1 only.
const OFFSET_COMMIT_VALUE_VERSION = 4;
const OFFSET_COMMIT_VALUE_VERSION_WITH_EXPIRY = 1;
const GROUP_METADATA_VALUE_VERSION = 3;

/** A committed offset as its record holds it. */
export interface OffsetCommitFields {
  readonly offset: number;
  /** -1 = unknown. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestampMs: number;
  /** Null unless the client asked for a retention (OffsetCommit up to version 4). */
  readonly expireTimestampMs: number | null;
  /** The zero UUID when the record does not have it. */
  readonly topicId: Uuid;
}

/** A record as the coordinator understands it. */
export type DecodedRecord =
  | {
      readonly kind: 'offsetCommit';
      readonly groupId: string;
      readonly topic: string;
      readonly partition: number;
      readonly value: OffsetCommitFields | null;
    }
  | { readonly kind: 'groupMetadata'; readonly groupId: string; readonly value: GroupMetadataValue | null }
  | {
      readonly kind: 'consumer';
      readonly groupId: string;
      readonly record: ConsumerRecord;
      readonly isTombstone: boolean;
    }
  | {
      /** Of a kind of group that is only kept. */
      readonly kind: 'foreign';
      readonly recordType: number;
      readonly groupId: string;
      readonly key: Buffer;
      readonly isTombstone: boolean;
    }
  /** Of a type or version that only a newer Kafka knows; skipped with a warning, as Kafka does. */
  | { readonly kind: 'unknown'; readonly what: string };

function encode<F extends Fields>(schema: MessageSchema<F>, prefix: number, version: number, body: InputFields<F>) {
  const writer = new Writer();
  writer.int16(prefix);
  schema.encode(writer, version, body);
  return writer.finishWhole();
}

function offsetKey(groupId: string, topic: string, partition: number): Buffer {
  return encode(offsetCommitKey, RecordType.OffsetCommit, 0, { group: groupId, topic, partition });
}

export function newOffsetCommitRecord(
  groupId: string,
  topic: string,
  partition: number,
  fields: OffsetCommitFields,
): CoordinatorRecord {
  const { offset, leaderEpoch, metadata, commitTimestampMs: commitTimestamp, expireTimestampMs, topicId } = fields;
  const key = offsetKey(groupId, topic, partition);
  if (expireTimestampMs === null) {
    const version = OFFSET_COMMIT_VALUE_VERSION;
    const body = { offset, leaderEpoch, metadata, commitTimestamp, topicId };
    return { key, value: encode(offsetCommitValue, version, version, body) };
  }
  const version = OFFSET_COMMIT_VALUE_VERSION_WITH_EXPIRY;
  const body = { offset, metadata, commitTimestamp, expireTimestamp: expireTimestampMs };
  return { key, value: encode(offsetCommitValue, version, version, body) };
}

export function newOffsetCommitTombstone(groupId: string, topic: string, partition: number): CoordinatorRecord {
  return { key: offsetKey(groupId, topic, partition), value: null };
}

export function newGroupMetadataRecord(groupId: string, value: GroupMetadataValueInput): CoordinatorRecord {
  const version = GROUP_METADATA_VALUE_VERSION;
  return {
    key: encode(groupMetadataKey, RecordType.GroupMetadata, 0, { group: groupId }),
    value: encode(groupMetadataValue, version, version, value),
  };
}

export function newGroupMetadataTombstone(groupId: string): CoordinatorRecord {
  return { key: encode(groupMetadataKey, RecordType.GroupMetadata, 0, { group: groupId }), value: null };
}

const HIGHEST_VALUE_VERSIONS: ReadonlyMap<number, number> = new Map([
  ...[legacyOffsetCommitValue, offsetCommitValue, groupMetadataValue].map(
    ({ apiKey, versions }) => [apiKey, versions.max] as const,
  ),
  ...Object.values(ConsumerRecordType).map((recordType) => [recordType, 0] as const),
]);

/** Reads a record. Throws KafkaError INVALID_REQUEST when the bytes are not what their type says. */
export function decodeRecord(key: Buffer, value: Buffer | null): DecodedRecord {
  const reader = new Reader(key);
  const recordType = reader.int16();
  const version = value === null ? 0 : new Reader(value).int16();
  if (version < 0 || version > (HIGHEST_VALUE_VERSIONS.get(recordType) ?? version)) {
    return { kind: 'unknown', what: `type ${recordType} in version ${version}` };
  }
  switch (recordType) {
    case RecordType.LegacyOffsetCommit: {
      const { group, topic, partition } = legacyOffsetCommitKey.decode(reader, 0);
      return { kind: 'offsetCommit', groupId: group, topic, partition, value: decodeLegacyOffset(value) };
    }
    case RecordType.OffsetCommit: {
      const { group, topic, partition } = offsetCommitKey.decode(reader, 0);
      return { kind: 'offsetCommit', groupId: group, topic, partition, value: decodeOffset(value) };
    }
    case RecordType.GroupMetadata: {
      const { group } = groupMetadataKey.decode(reader, 0);
      return { kind: 'groupMetadata', groupId: group, value: decodeValue(groupMetadataValue, value) };
    }
  }
  if (recordType < 0 || recordType > RecordType.LastKnown) return { kind: 'unknown', what: `type ${recordType}` };
  const record = decodeConsumerRecord(recordType, reader, value);
  if (record !== undefined) return { kind: 'consumer', groupId: record.groupId, record, isTombstone: value === null };
  // The key of every other type begins with the group's id.
  return { kind: 'foreign', recordType, groupId: reader.string(), key: Buffer.from(key), isTombstone: value === null };
}

function decodeValue<F extends Fields>(schema: MessageSchema<F>, value: Buffer | null) {
  if (value === null) return null;
  const reader = new Reader(value);
  const version = reader.int16();
  return schema.decode(reader, version);
}

function decodeOffset(value: Buffer | null): OffsetCommitFields | null {
  const decoded = decodeValue(offsetCommitValue, value);
  if (decoded === null) return null;
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp, topicId } = decoded;
  const expireTimestampMs = expireTimestamp === -1 ? null : expireTimestamp;
  return { offset, leaderEpoch, metadata, commitTimestampMs: commitTimestamp, expireTimestampMs, topicId };
}

function decodeLegacyOffset(value: Buffer | null): OffsetCommitFields | null {
  const decoded = decodeValue(legacyOffsetCommitValue, value);
  if (decoded === null) return null;
  const { offset, metadata, commitTimestamp } = decoded;
  return {
    offset,
    leaderEpoch: -1,
    metadata,
    commitTimestampMs: commitTimestamp,
    expireTimestampMs: null,
    topicId: ZERO_UUID,
  };
}
