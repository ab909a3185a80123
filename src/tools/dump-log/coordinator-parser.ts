import * as consumerRecords from '../../groups/records/consumer.ts';
import * as classicRecords from '../../groups/records/offset-and-classic.ts';
import * as shareRecords from '../../groups/records/share.ts';
import * as shareStateRecords from '../../groups/records/share-state.ts';
import * as streamsRecords from '../../groups/records/streams.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from '../../protocol/consumer-protocol.ts';
import { MessageSchema } from '../../protocol/schema.ts';
import { includesVersion } from '../../protocol/versions.ts';
import type { RecordCursor } from '../../records/record-cursor.ts';
import * as transactionRecords from '../../transactions/record-schemas.ts';
import { JavaException } from '../shared/java-errors.ts';
import type { MessageParser, ParsedRecord } from './parsers.ts';
import { type ReadableSchema, schemaJson } from './schema-json.ts';
import { WideReader } from './wide-reader.ts';

interface RecordType {
  readonly key: MessageSchema;
  readonly value: MessageSchema;
}

const MODULES = {
  group: [classicRecords, consumerRecords, shareRecords, streamsRecords],
  transaction: [transactionRecords],
  share: [shareStateRecords],
};

/** Which log the records come from. */
export type CoordinatorLog = keyof typeof MODULES;

/** Key and value schema of each record type of a log, paired by their names. */
function recordTypes(log: CoordinatorLog): Map<number, RecordType> {
  const schemas = new Map<string, MessageSchema>();
  for (const module of MODULES[log]) {
    for (const exported of Object.values<unknown>(module)) {
      if (exported instanceof MessageSchema) schemas.set(exported.name, exported);
    }
  }
  const types = new Map<number, RecordType>();
  for (const [name, key] of schemas) {
    const value = name.endsWith('Key') ? schemas.get(name.replace(/Key$/, 'Value')) : undefined;
    if (value !== undefined) types.set(key.apiKey, { key, value });
  }
  return types;
}

/** Replaces the bytes of a consumer's subscription or assignment by what they say; they stay when they cannot be read. */
function unfolded(schema: ReadableSchema, base64: string): string {
  try {
    const bytes = Buffer.from(base64, 'base64');
    const version = bytes.readInt16BE(0);
    const known = Math.min(version, schema.versions.max);
    return schemaJson(schema, known, schema.decode(new WideReader(bytes.subarray(2)), known));
  } catch {
    return JSON.stringify(base64);
  }
}

/** A classic consumer group's members carry bytes of the consumer protocol; Kafka's tool prints what they mean. */
function withConsumerProtocol(json: string): string {
  return json
    .replace(
      /"subscription":"([A-Za-z0-9+/=]*)"/g,
      (_, bytes: string) => `"subscription":${unfolded(consumerProtocolSubscription, bytes)}`,
    )
    .replace(
      /"assignment":"([A-Za-z0-9+/=]*)"/g,
      (_, bytes: string) => `"assignment":${unfolded(consumerProtocolAssignment, bytes)}`,
    );
}

const TRANSACTION_STATUSES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
];

/** Kafka's tool prints the status of a transaction by its name. */
function withStatusName(json: string): string {
  return json.replace(/"transactionStatus":(\d+)/, (whole, status: string) => {
    const name = TRANSACTION_STATUSES[Number(status)];
    return name === undefined ? whole : `"transactionStatus":"${name}"`;
  });
}

function valueText(type: RecordType, bytes: Buffer): string {
  const version = bytes.readInt16BE(0);
  if (!includesVersion(type.value.versions, version)) {
    throw new RangeError(`Cannot read version ${version} of ${type.value.name}`);
  }
  const value = type.value.decode(new WideReader(bytes.subarray(2)), version);
  let json = schemaJson(type.value, version, value);
  if (type.value.name === 'GroupMetadataValue' && 'protocolType' in value && value['protocolType'] === 'consumer') {
    json = withConsumerProtocol(json);
  }
  if (type.value.name === 'TransactionLogValue') json = withStatusName(json);
  return `{"version":"${version}","data":${json}}`;
}

function parse(types: ReadonlyMap<number, RecordType>, cursor: RecordCursor): ParsedRecord {
  const key = cursor.key();
  if (key === null) {
    throw new JavaException(
      'java.lang.RuntimeException',
      `Failed to decode message at offset ${cursor.offset} using the specified decoder (message had a missing key)`,
    );
  }
  try {
    const typeNumber = key.readInt16BE(0);
    const type = types.get(typeNumber);
    if (type === undefined) {
      return { key: `Unknown record type ${typeNumber} at offset ${cursor.offset}, skipping.` };
    }
    const decodedKey = type.key.decode(new WideReader(key.subarray(2)), 0);
    const value = cursor.value();
    return {
      key: `{"type":"${typeNumber}","data":${schemaJson(type.key, 0, decodedKey)}}`,
      value: value === null ? '<DELETE>' : valueText(type, value),
    };
  } catch (error) {
    return { key: `Error at offset ${cursor.offset}, skipping. ${error instanceof Error ? error.message : error}` };
  }
}

/** Reads the records of a coordinator's log: `__consumer_offsets`, `__transaction_state` or `__share_group_state`. */
export function coordinatorParser(log: CoordinatorLog): MessageParser {
  const types = recordTypes(log);
  return (cursor) => parse(types, cursor);
}
