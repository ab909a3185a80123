import { KafkaError } from '../../base/kafka-error.ts';
import * as groupSchemas from '../../groups/records/consumer.ts';
import * as classicSchemas from '../../groups/records/offset-and-classic.ts';
import * as shareSchemas from '../../groups/records/share.ts';
import * as shareStateSchemas from '../../groups/records/share-state.ts';
import * as streamsSchemas from '../../groups/records/streams.ts';
import { Reader } from '../../protocol/reader.ts';
import type { MessageSchema } from '../../protocol/schema.ts';
import { includesVersion } from '../../protocol/versions.ts';
import * as transactionSchemas from '../../transactions/record-schemas.ts';
import { schemaJson } from '../dump-log/schema-json.ts';
import type { MessageFormatter, RecordOrigin, RecordView } from './formatter.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** The schemas of a topic's record types by their number: key and value. */
type RecordTypes = ReadonlyMap<number, { readonly key: MessageSchema; readonly value: MessageSchema }>;

function recordTypes(schemas: readonly MessageSchema[]): RecordTypes {
  const types = new Map<number, { key: MessageSchema; value: MessageSchema }>();
  for (const key of schemas.filter((schema) => schema.name.endsWith('Key'))) {
    const value = schemas.find((schema) => schema.name === key.name.replace(/Key$/, 'Value'));
    if (value !== undefined) types.set(key.apiKey, { key, value });
  }
  return types;
}

const GROUP_TYPES = () =>
  recordTypes([
    ...Object.values(classicSchemas),
    ...Object.values(groupSchemas),
    ...Object.values(shareSchemas),
    ...Object.values(streamsSchemas),
  ]);

const TRANSACTION_STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
];
const SHARE_GROUP_TYPES = [10, 11, 12, 13, 14, 15];

/** Formatters of internal topics by their class names without package. */
const FORMATTERS: Readonly<Record<string, () => MessageFormatter>> = {
  OffsetsMessageFormatter: () => new CoordinatorFormatter(GROUP_TYPES(), [0, 1]),
  GroupMetadataMessageFormatter: () => new CoordinatorFormatter(GROUP_TYPES(), [2]),
  ShareGroupMessageFormatter: () => new CoordinatorFormatter(GROUP_TYPES(), SHARE_GROUP_TYPES),
  TransactionLogMessageFormatter: () => new CoordinatorFormatter(recordTypes(Object.values(transactionSchemas))),
  'group.share.ShareGroupStateMessageFormatter': () =>
    new CoordinatorFormatter(recordTypes(Object.values(shareStateSchemas))),
};

/** The formatter of a class name below `org.apache.kafka.tools.consumer.`, undefined when there is none. */
export function coordinatorFormatter(name: string): MessageFormatter | undefined {
  return Object.hasOwn(FORMATTERS, name) ? FORMATTERS[name]?.() : undefined;
}

/** Prints records of a coordinator's topic as JSON, one object after the other without any line end, as Kafka does. */
class CoordinatorFormatter implements MessageFormatter {
  readonly #types: RecordTypes;
  readonly #allowed: readonly number[] | undefined;

  /** @param allowed record types that are printed; all when undefined */
  constructor(types: RecordTypes, allowed?: readonly number[]) {
    this.#types = types;
    this.#allowed = allowed;
  }

  writeTo(record: RecordView, _origin: RecordOrigin, output: OutputBuffer): void {
    const key = record.key();
    if (key === null || key.length < 2) return;
    const type = key.readInt16BE(0);
    const schemas = this.#types.get(type);
    if (schemas === undefined || this.#allowed?.includes(type) === false) return;
    try {
      const keyText = `{"type":${type},"data":${messageJson(schemas.key, 0, key)}}`;
      const value = record.value();
      output.text(`{"key":${keyText},"value":${value === null ? 'null' : valueJson(schemas.value, value)}}`);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      throw new Error(`Could not read record at offset ${record.offset} due to: ${error.message}`, { cause: error });
    }
  }
}

function valueJson(schema: MessageSchema, value: Buffer): string {
  const version = new Reader(value).int16();
  const isKnown = includesVersion(schema.versions, version);
  return `{"version":${version},"data":${isKnown ? messageJson(schema, version, value) : '"unknown"'}}`;
}

// The version stands in front of the message.
function messageJson(schema: MessageSchema, version: number, bytes: Buffer): string {
  const decoded: Readonly<Record<string, unknown>> = schema.decode(new Reader(bytes, 2), version);
  return schemaJson(schema, version, withStatusName(decoded));
}

// Kafka prints the name of a transaction's state where the record has its number.
function withStatusName(decoded: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { transactionStatus } = decoded;
  if (typeof transactionStatus !== 'number') return decoded;
  return { ...decoded, transactionStatus: TRANSACTION_STATES[transactionStatus] ?? transactionStatus };
}
