import { basename, resolve } from 'node:path';
import { codecName } from '../../records/compression.ts';
import * as batch from '../../records/record-batch.ts';
import { RecordCursor } from '../../records/record-cursor.ts';
import { JavaException, numberFormat } from '../shared/java-errors.ts';
import { NO_PROGRESS, startProgress } from '../shared/progress.ts';
import type { ToolIo } from '../shared/tool.ts';
import { batchesOf, openForReading } from './batch-reader.ts';
import { controlText } from './control-text.ts';
import type { DumpOptions } from './dump.ts';
import type { Findings } from './findings.ts';
import type { MessageParser } from './parsers.ts';

const INT_MAX = 0x7fffffff;
const BYTES_PER_KIB = 1024;
const BYTES_PER_TURN = 1024 * BYTES_PER_KIB;

/** The offset that a segment file's name says. Throws as Java's Long.parseLong. */
export function startOffsetOf(file: string): number {
  const text = basename(file).split('.')[0] ?? '';
  if (!/^[+-]?\d+$/.test(text)) throw numberFormat(text);
  return Number(text);
}

function title(file: string): string {
  const name = basename(file);
  if (name.endsWith('.log')) return `Log starting offset: ${startOffsetOf(file)}\n`;
  if (name === 'bootstrap.checkpoint') return 'KRaft bootstrap snapshot\n';
  const match = /^(\d{20})-(\d{10})/.exec(name);
  if (match === null) throw numberFormat(name.slice(0, 20));
  return `Snapshot end offset: ${Number(match[1])}, epoch: ${Number(match[2])}\n`;
}

function codecOf(bytes: Buffer): string {
  return codecName(batch.codecId(bytes, 0));
}

function batchLine(bytes: Buffer, position: number): string {
  const horizon = batch.deleteHorizonMs(bytes, 0);
  return (
    `baseOffset: ${batch.baseOffset(bytes, 0)} lastOffset: ${batch.lastOffset(bytes, 0)} ` +
    `count: ${batch.recordCount(bytes, 0)} baseSequence: ${batch.baseSequence(bytes, 0)} ` +
    `lastSequence: ${batch.lastSequence(bytes, 0)} producerId: ${batch.producerId(bytes, 0)} ` +
    `producerEpoch: ${batch.producerEpoch(bytes, 0)} partitionLeaderEpoch: ${batch.partitionLeaderEpoch(bytes, 0)} ` +
    `isTransactional: ${batch.isTransactional(bytes, 0)} isControl: ${batch.isControl(bytes, 0)} ` +
    `deleteHorizonMs: ${horizon === undefined ? 'OptionalLong.empty' : `OptionalLong[${horizon}]`} ` +
    `position: ${position} ${batch.timestampType(bytes, 0)}: ${batch.maxTimestamp(bytes, 0)} size: ${bytes.length} ` +
    `magic: ${batch.magic(bytes, 0)} compresscodec: ${codecOf(bytes)} crc: ${batch.storedCrc(bytes, 0)} ` +
    `isvalid: ${batch.hasValidCrc(bytes, 0)}\n`
  );
}

function sequenceOf(bytes: Buffer, cursor: RecordCursor): number {
  const first = batch.baseSequence(bytes, 0);
  return first === batch.NO_SEQUENCE ? batch.NO_SEQUENCE : batch.incrementSequence(first, cursor.offsetDelta);
}

function metadataText(bytes: Buffer, cursor: RecordCursor): string {
  const keys = cursor.headers().map(({ key }) => key);
  return (
    `| offset: ${cursor.offset} ${batch.timestampType(bytes, 0)}: ${cursor.timestamp} keySize: ${cursor.keyLength} ` +
    `valueSize: ${cursor.valueLength} sequence: ${sequenceOf(bytes, cursor)} headerKeys: [${keys.join(',')}]`
  );
}

function contentsText(cursor: RecordCursor, parser: MessageParser, firstPrefix: string): string {
  const { key, value } = parser(cursor);
  let text = '';
  let prefix = firstPrefix;
  if (key !== undefined) {
    text += `${prefix}key: ${key}`;
    prefix = ' ';
  }
  return value === undefined ? text : `${text}${prefix}payload: ${value}`;
}

/**
 * Dumps a segment or a snapshot: its batches and, when asked for, their records. Progress is shown when the text goes to
 * a file.
 */
export async function dumpLog(
  file: string,
  options: DumpOptions,
  parser: MessageParser,
  findings: Findings,
  io: ToolIo,
): Promise<void> {
  io.stdout.write(title(file));
  const handle = openForReading(file, io.cwd);
  const end = Math.min(handle.sizeBytes(), options.maxBytes);
  const show = { what: 'Dumping', unit: 'KiB', total: Math.ceil(end / BYTES_PER_KIB) };
  const progress = io.terminal.isStdoutFile === true ? startProgress(io, show) : NO_PROGRESS;
  try {
    let validBytes = 0;
    let shownBytes = 0;
    let lastOffset = -1;
    const cursor = new RecordCursor();
    for (const { bytes, position } of batchesOf(handle, 0, end)) {
      io.stdout.write(batchLine(bytes, position));
      validBytes += bytes.length;
      if (io.stdout.closed) return;
      if (io.stdout.needsDrain) await io.stdout.drained();
      if (progress !== NO_PROGRESS && validBytes - shownBytes >= BYTES_PER_TURN) {
        shownBytes = validBytes;
        progress.advanceTo(Math.floor(validBytes / BYTES_PER_KIB));
        // Writes to a file never wait, and without a turn of the event loop nothing is drawn.
        await new Promise<void>((resolve) => io.clock.schedule(0, resolve));
      }
      if (!options.printsRecords) continue;
      for (cursor.open(bytes, 0); cursor.next(); lastOffset = cursor.offset) {
        if (cursor.offset !== lastOffset + 1) {
          findings.offsetGaps.add(resolve(io.cwd, file), [lastOffset, cursor.offset]);
        }
        io.stdout.write(recordLine(bytes, cursor, options, parser));
      }
    }
    if (end > validBytes && options.maxBytes === INT_MAX) {
      io.stdout.write(`Found ${end - validBytes} invalid bytes at the end of ${basename(file)}\n`);
    }
  } finally {
    progress.stop();
    handle.close();
  }
}

function recordLine(bytes: Buffer, cursor: RecordCursor, options: DumpOptions, parser: MessageParser): string {
  const isControl = batch.isControl(bytes, 0);
  let text = '';
  if (!options.skipsRecordMetadata) {
    text += metadataText(bytes, cursor);
    if (isControl) text += controlText(cursor);
  }
  if (options.printsContents && !isControl) {
    text += contentsText(cursor, parser, options.skipsRecordMetadata ? '| ' : ' ');
  }
  return `${text}\n`;
}

/** An index that does not fit its log ends Kafka's tool with this. */
export function noSuchElement(): JavaException {
  return new JavaException('java.util.NoSuchElementException', 'null');
}
