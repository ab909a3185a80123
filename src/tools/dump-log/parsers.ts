import { decodeMetadataRecord, metadataRecordSchema, printedRecordType } from '../../metadata/metadata-record.ts';
import type { RecordCursor } from '../../records/record-cursor.ts';
import { JavaException } from '../shared/java-errors.ts';
import type { DumpLine } from './command.ts';
import { coordinatorParser } from './coordinator-parser.ts';
import { schemaJson } from './schema-json.ts';

/** What is printed of a record; undefined parts are left out. */
export interface ParsedRecord {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

/** Turns the record under a cursor into text. */
export type MessageParser = (cursor: RecordCursor) => ParsedRecord;

type Decoder = (bytes: Buffer) => string;

const DECODERS: Readonly<Record<string, Decoder>> = {
  'org.apache.kafka.tools.api.StringDecoder': (bytes) => bytes.toString('utf8'),
  'org.apache.kafka.tools.api.IntegerDecoder': (bytes) => String(atLeast(4, bytes).readInt32BE(0)),
  'org.apache.kafka.tools.api.LongDecoder': (bytes) => String(atLeast(8, bytes).readBigInt64BE(0)),
  // Java prints the identity of the array there, which says nothing; the bytes do.
  'org.apache.kafka.tools.api.DefaultDecoder': (bytes) => bytes.toString('hex'),
};

function atLeast(size: number, bytes: Buffer): Buffer {
  if (bytes.length >= size) return bytes;
  throw new JavaException('java.nio.BufferUnderflowException', '');
}

function decoderOf(className: string | undefined): Decoder {
  const decoder = Object.hasOwn(DECODERS, className ?? '') ? DECODERS[className ?? ''] : undefined;
  if (decoder === undefined) throw new JavaException('java.lang.RuntimeException', 'Failed to load decoder class');
  return decoder;
}

function metadataParser(cursor: RecordCursor): ParsedRecord {
  try {
    const record = decodeMetadataRecord(cursor.value() ?? Buffer.alloc(0));
    const data = schemaJson(metadataRecordSchema(record.type), record.version, record.body);
    return { value: `{"type":"${printedRecordType(record.type)}","version":${record.version},"data":${data}}` };
  } catch (error) {
    return { value: `Error at ${cursor.offset}, skipping. ${error instanceof Error ? error.message : error}` };
  }
}

// Remote log metadata is written by a plug-in that ottla does not have, so there is nothing of its own to read.
function remoteMetadataParser(cursor: RecordCursor): ParsedRecord {
  return { value: `Error at offset ${cursor.offset}, skipping. Remote log metadata cannot be read by this tool.` };
}

function plainParser(line: DumpLine): MessageParser {
  const decodeValue = decoderOf(line.valueOf('value-decoder-class'));
  const decodeKey = decoderOf(line.valueOf('key-decoder-class'));
  return (cursor) => {
    const key = cursor.key();
    const value = cursor.value();
    return {
      key: key === null ? undefined : decodeKey(key),
      value: value === null ? undefined : decodeValue(value),
    };
  };
}

/** The parser that the options ask for. Throws JavaException for a decoder class that there is not. */
export function messageParser(line: DumpLine): MessageParser {
  if (line.has('offsets-decoder')) return coordinatorParser('group');
  if (line.has('transaction-log-decoder')) return coordinatorParser('transaction');
  if (line.has('cluster-metadata-decoder')) return metadataParser;
  if (line.has('remote-log-metadata-decoder')) return remoteMetadataParser;
  if (line.has('share-group-state-decoder')) return coordinatorParser('share');
  return plainParser(line);
}
