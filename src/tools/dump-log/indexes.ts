import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { FileHandle } from '../../base/file-system.ts';
import * as batch from '../../records/record-batch.ts';
import { RecordCursor } from '../../records/record-cursor.ts';
import { JavaException } from '../shared/java-errors.ts';
import type { ToolIo } from '../shared/tool.ts';
import { batchesOf, openForReading } from './batch-reader.ts';
import type { DumpOptions } from './dump.ts';
import type { Findings } from './findings.ts';
import { noSuchElement, startOffsetOf } from './log-file.ts';

const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

interface OffsetEntry {
  readonly offset: number;
  readonly position: number;
}

interface TimeEntry {
  readonly timestamp: number;
  readonly offset: number;
}

function readIndex(file: string, cwd: string): Buffer {
  try {
    return readFileSync(resolve(cwd, file));
  } catch (error) {
    if (error instanceof Error) Object.assign(error, { path: file });
    throw error;
  }
}

function beside(file: string, suffix: string): string {
  return join(dirname(file), `${basename(file).split('.')[0]}${suffix}`);
}

function corrupt(message: string): JavaException {
  return new JavaException('org.apache.kafka.storage.internals.log.CorruptIndexException', message);
}

function checkLength(path: string, bytes: Buffer, entryBytes: number, kind: string): void {
  if (bytes.length % entryBytes === 0) return;
  throw corrupt(
    `${kind} file ${path} is corrupt, found ${bytes.length} bytes which is neither positive nor a multiple of ${entryBytes}`,
  );
}

/** Entries up to the first that was never written: the file of an active segment is longer than its content. */
function offsetEntries(bytes: Buffer, baseOffset: number): OffsetEntry[] {
  const entries: OffsetEntry[] = [];
  for (let at = 0; at + OFFSET_ENTRY_BYTES <= bytes.length; at += OFFSET_ENTRY_BYTES) {
    const offset = baseOffset + bytes.readUInt32BE(at);
    if (offset === baseOffset && at > 0) break;
    entries.push({ offset, position: bytes.readInt32BE(at + 4) });
  }
  return entries;
}

function timeEntries(bytes: Buffer, baseOffset: number): TimeEntry[] {
  const entries: TimeEntry[] = [];
  for (let at = 0; at + TIME_ENTRY_BYTES <= bytes.length; at += TIME_ENTRY_BYTES) {
    const offset = baseOffset + bytes.readUInt32BE(at + 8);
    if (offset === baseOffset && at > 0) break;
    entries.push({ timestamp: Number(bytes.readBigInt64BE(at)), offset });
  }
  return entries;
}

/** Dumps `.index`; the `.log` must be beside it. */
export function dumpOffsetIndex(file: string, options: DumpOptions, findings: Findings, io: ToolIo): void {
  const baseOffset = startOffsetOf(file);
  const log = openForReading(beside(file, '.log'), io.cwd);
  try {
    const path = resolve(io.cwd, file);
    const bytes = readIndex(file, io.cwd);
    if (bytes.length < OFFSET_ENTRY_BYTES) {
      io.stdout.write(`${file} is empty.\n`);
      return;
    }
    if (options.sanityOnly) {
      checkLength(path, bytes, OFFSET_ENTRY_BYTES, 'Index');
      io.stdout.write(`${file} passed sanity check.\n`);
      return;
    }
    const logBytes = log.sizeBytes();
    for (const { offset, position } of offsetEntries(bytes, baseOffset)) {
      const end = Math.min(logBytes, position + options.maxMessageSize);
      const first = batchesOf(log, position, end).next().value;
      if (first === undefined) throw noSuchElement();
      const lastOffset = batch.lastOffset(first.bytes, 0);
      if (lastOffset !== offset) findings.indexMismatches.add(path, [offset, lastOffset]);
      if (!options.verifyOnly) io.stdout.write(`offset: ${offset} position: ${position}\n`);
    }
  } finally {
    log.close();
  }
}

function checkTimeIndex(path: string, bytes: Buffer, baseOffset: number): void {
  const count = Math.floor(bytes.length / TIME_ENTRY_BYTES);
  if (count > 0) {
    const lastAt = (count - 1) * TIME_ENTRY_BYTES;
    const lastTimestamp = bytes.readBigInt64BE(lastAt);
    const firstTimestamp = bytes.readBigInt64BE(0);
    if (lastTimestamp < firstTimestamp) {
      throw corrupt(
        `Corrupt time index found, time index file (${path}) has non-zero size but the last timestamp is ` +
          `${lastTimestamp} which is less than the first timestamp ${firstTimestamp}`,
      );
    }
    const lastOffset = baseOffset + bytes.readUInt32BE(lastAt + 8);
    if (lastOffset < baseOffset) {
      throw corrupt(
        `Corrupt time index found, time index file (${path}) has non-zero size but the last offset is ${lastOffset} ` +
          `which is less than the first offset ${baseOffset}`,
      );
    }
  }
  checkLength(path, bytes, TIME_ENTRY_BYTES, 'Time index');
}

/** Where to look for an offset: the position of the last indexed one that is not above it. */
function positionFor(entries: readonly OffsetEntry[], offset: number): number {
  return entries.findLast((entry) => entry.offset <= offset)?.position ?? 0;
}

function maxTimestampOf(bytes: Buffer, cursor: RecordCursor): number {
  let max = batch.NO_TIMESTAMP;
  for (cursor.open(bytes, 0); cursor.next(); ) max = Math.max(max, cursor.timestamp);
  return max;
}

/** Dumps `.timeindex`; the `.log` and the `.index` must be beside it. */
export function dumpTimeIndex(file: string, options: DumpOptions, findings: Findings, io: ToolIo): void {
  const baseOffset = startOffsetOf(file);
  const path = resolve(io.cwd, file);
  const log = openForReading(beside(file, '.log'), io.cwd);
  try {
    const positions = offsetEntries(readIndex(beside(file, '.index'), io.cwd), baseOffset);
    const bytes = readIndex(file, io.cwd);
    if (options.sanityOnly) {
      checkTimeIndex(path, bytes, baseOffset);
      io.stdout.write(`${file} passed sanity check.\n`);
      return;
    }
    let previous = batch.NO_TIMESTAMP;
    for (const entry of timeEntries(bytes, baseOffset)) {
      verifyTimeEntry(path, entry, previous, positionFor(positions, entry.offset), log, findings);
      if (!options.verifyOnly) io.stdout.write(`timestamp: ${entry.timestamp} offset: ${entry.offset}\n`);
      previous = entry.timestamp;
    }
  } finally {
    log.close();
  }
}

function verifyTimeEntry(
  path: string,
  entry: TimeEntry,
  previousTimestamp: number,
  position: number,
  log: FileHandle,
  findings: Findings,
): void {
  for (const { bytes } of batchesOf(log, position, log.sizeBytes())) {
    const lastOffset = batch.lastOffset(bytes, 0);
    if (lastOffset < entry.offset) continue;
    if (lastOffset !== entry.offset) {
      findings.offsetsNotFound.add(path, [entry.offset, lastOffset]);
      return;
    }
    const timestamp = maxTimestampOf(bytes, new RecordCursor());
    if (timestamp !== entry.timestamp) findings.timestampMismatches.add(path, [entry.timestamp, timestamp]);
    if (previousTimestamp >= entry.timestamp) {
      findings.timestampsOutOfOrder.add(path, [entry.timestamp, previousTimestamp]);
    }
    return;
  }
  findings.offsetsNotFound.add(path, [entry.offset, -1]);
}
