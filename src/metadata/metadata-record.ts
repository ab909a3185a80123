/**
 * The records of `__cluster_metadata`: their types, and how each stands in a record's value (an unsigned varint frame
 * version, record type and record version, then the body; reference of Kafka's MetadataRecordSerde).
 */

import { KafkaError } from '../base/kafka-error.ts';
import { Reader } from '../protocol/reader.ts';
import type { Decoded, Fields, Input, InputFields, MessageSchema } from '../protocol/schema.ts';
import { includesVersion } from '../protocol/versions.ts';
import { Writer } from '../protocol/writer.ts';
import * as schemas from './record-schemas.ts';

const SCHEMAS = {
  RegisterBrokerRecord: schemas.registerBrokerRecord,
  UnregisterBrokerRecord: schemas.unregisterBrokerRecord,
  TopicRecord: schemas.topicRecord,
  PartitionRecord: schemas.partitionRecord,
  ConfigRecord: schemas.configRecord,
  PartitionChangeRecord: schemas.partitionChangeRecord,
  FenceBrokerRecord: schemas.fenceBrokerRecord,
  UnfenceBrokerRecord: schemas.unfenceBrokerRecord,
  RemoveTopicRecord: schemas.removeTopicRecord,
  DelegationTokenRecord: schemas.delegationTokenRecord,
  UserScramCredentialRecord: schemas.userScramCredentialRecord,
  FeatureLevelRecord: schemas.featureLevelRecord,
  ClientQuotaRecord: schemas.clientQuotaRecord,
  ProducerIdsRecord: schemas.producerIdsRecord,
  BrokerRegistrationChangeRecord: schemas.brokerRegistrationChangeRecord,
  AccessControlEntryRecord: schemas.accessControlEntryRecord,
  RemoveAccessControlEntryRecord: schemas.removeAccessControlEntryRecord,
  NoOpRecord: schemas.noOpRecord,
  ZkMigrationRecord: schemas.zkMigrationRecord,
  RemoveUserScramCredentialRecord: schemas.removeUserScramCredentialRecord,
  BeginTransactionRecord: schemas.beginTransactionRecord,
  EndTransactionRecord: schemas.endTransactionRecord,
  AbortTransactionRecord: schemas.abortTransactionRecord,
  RemoveDelegationTokenRecord: schemas.removeDelegationTokenRecord,
  RegisterControllerRecord: schemas.registerControllerRecord,
  ClearElrRecord: schemas.clearElrRecord,
  UnregisterControllerRecord: schemas.unregisterControllerRecord,
} as const;

type Schemas = typeof SCHEMAS;
/** Name of a record type, as its schema's. */
export type MetadataRecordType = keyof Schemas;
/** The decoded body of a record type. */
export type MetadataRecordBody<T extends MetadataRecordType> = Decoded<Schemas[T]>;
/** A record of one type. */
export interface MetadataRecordOf<T extends MetadataRecordType> {
  readonly type: T;
  /** Version of the body that was read or is to be written. */
  readonly version: number;
  readonly body: MetadataRecordBody<T>;
}
/** Any record; `type` tells which. */
export type MetadataRecord = { [T in MetadataRecordType]: MetadataRecordOf<T> }[MetadataRecordType];

const FRAME_VERSION = 1;
const TYPES = Object.keys(SCHEMAS) as MetadataRecordType[];
const TYPE_BY_KEY = new Map<number, MetadataRecordType>(TYPES.map((type) => [SCHEMAS[type].apiKey, type]));

/**
 * Kafka's printed name of a record type: `PARTITION_CHANGE_RECORD`. (One name is not built by the rule:
 * ZkMigrationRecord is `ZK_MIGRATION_STATE_RECORD`.)
 */
export function printedRecordType(type: MetadataRecordType): string {
  if (type === 'ZkMigrationRecord') return 'ZK_MIGRATION_STATE_RECORD';
  return type.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

/** The schema of a record type, for tools that print records. */
export function metadataRecordSchema(type: MetadataRecordType): MessageSchema {
  return SCHEMAS[type];
}

/**
 * Reads one record value. Throws KafkaError UNSUPPORTED_VERSION for a frame version, type or version that is not known
 * (a node that cannot read a record must stop, as Kafka's does, and never skip it) and INVALID_REQUEST for bytes that
 * are no record.
 */
export function decodeMetadataRecord(value: Buffer): MetadataRecord {
  const reader = new Reader(value);
  const frameVersion = reader.uvarint();
  if (frameVersion !== FRAME_VERSION) {
    const why = `due to unknown frame version ${frameVersion}(only frame version ${FRAME_VERSION} is supported)`;
    throw new KafkaError('UNSUPPORTED_VERSION', `Could not deserialize metadata record ${why}`);
  }
  const key = reader.uvarint();
  const version = reader.uvarint();
  const type = TYPE_BY_KEY.get(key);
  if (type === undefined) throw new KafkaError('UNSUPPORTED_VERSION', `unknown metadata record type ${key}`);
  const schema = SCHEMAS[type];
  if (!includesVersion(schema.versions, version)) {
    throw new KafkaError('UNSUPPORTED_VERSION', `unknown version ${version} of metadata record type ${type}`);
  }
  const body = schema.decode(reader, version);
  if (reader.remaining > 0) {
    throw new KafkaError('INVALID_REQUEST', `${reader.remaining} bytes are left over after a ${type}`);
  }
  return { type, version, body } as MetadataRecord;
}

/** The value of a record in the log. */
export function encodeMetadataRecord(record: MetadataRecord): Buffer {
  const schema = metadataRecordSchema(record.type);
  const writer = new Writer(128);
  writer.uvarint(FRAME_VERSION);
  writer.uvarint(schema.apiKey);
  writer.uvarint(record.version);
  schema.encode(writer, record.version, record.body as InputFields<Fields>);
  return writer.finishWhole();
}

/** A record; fields that are left out have their defaults. `version` is the one to write, see record-versions.ts. */
export function metadataRecord<T extends MetadataRecordType>(
  type: T,
  input: Input<Schemas[T]>,
  version = 0,
): MetadataRecordOf<T> {
  const body = { ...defaultsOf(type) };
  const given = input as Record<string, unknown>;
  for (const name in given) {
    const value = given[name];
    if (value !== undefined) body[name] = value;
  }
  return { type, version, body: body as MetadataRecordBody<T> };
}

const defaults = new Map<MetadataRecordType, Record<string, unknown>>();

// Made once a type: a snapshot has as many records as there are partitions.
function defaultsOf(type: MetadataRecordType): Record<string, unknown> {
  let known = defaults.get(type);
  if (known === undefined) {
    const fields = Object.entries(metadataRecordSchema(type).fields);
    known = Object.fromEntries(fields.map(([name, field]) => [name, field.defaultValue]));
    defaults.set(type, known);
  }
  return known;
}
