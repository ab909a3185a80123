import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeProducerSnapshot } from '../../log/producer-snapshot.ts';
import { crc32c, readInt64 } from '../../records/record-batch.ts';
import type { ToolIo } from '../shared/tool.ts';
import { startOffsetOf } from './log-file.ts';

const TRANSACTION_ENTRY_BYTES = 34;
/** A producer snapshot: version, CRC of all that follows it, number of producers (`../../log/producer-snapshot.ts`). */
const SNAPSHOT_VERSION = 1;
const VERSION_BYTES = 2;
const SNAPSHOT_COUNT_AT = 6;
const SNAPSHOT_HEADER_BYTES = 10;

function read(file: string, cwd: string): Buffer {
  try {
    return readFileSync(resolve(cwd, file));
  } catch (error) {
    if (error instanceof Error) Object.assign(error, { path: file });
    throw error;
  }
}

/** Dumps `.snapshot`: what a log knew of its producers. A broken one is said on stderr. */
export function dumpProducerSnapshot(file: string, io: ToolIo): void {
  const bytes = read(file, io.cwd);
  const entries = decodeProducerSnapshot(bytes);
  if (entries === undefined) {
    io.stderr.write(`${snapshotProblem(bytes)}\n`);
    return;
  }
  for (const entry of entries) {
    const open = entry.transactionFirstOffset;
    let text =
      `producerId: ${entry.producerId} producerEpoch: ${entry.producerEpoch} ` +
      `coordinatorEpoch: ${entry.coordinatorEpoch} ` +
      `currentTxnFirstOffset: ${open === undefined ? 'OptionalLong.empty' : `OptionalLong[${open}]`} ` +
      `lastTimestamp: ${entry.lastTimestamp}`;
    const [batch] = entry.batches;
    if (batch !== undefined) {
      text +=
        ` firstSequence: ${batch.firstSequence} lastSequence: ${batch.lastSequence} lastOffset: ${batch.lastOffset} ` +
        `offsetDelta: ${batch.lastOffset - batch.firstOffset} timestamp: ${batch.timestamp}`;
    }
    io.stdout.write(`${text}\n`);
  }
}

/** What Kafka says of a snapshot that is none: of its schema (Java's exceptions tell nothing of missing bytes), then its CRC. */
function snapshotProblem(bytes: Buffer): string {
  const schema = (why: string) => `Snapshot failed schema validation: ${why}`;
  if (bytes.length < VERSION_BYTES) return schema('null');
  const version = bytes.readInt16BE(0);
  if (version !== SNAPSHOT_VERSION) return schema(`Snapshot contained an unknown file version ${version}`);
  if (bytes.length < SNAPSHOT_HEADER_BYTES) return schema('null');
  const count = bytes.readInt32BE(SNAPSHOT_COUNT_AT);
  const left = bytes.length - SNAPSHOT_HEADER_BYTES;
  if (count > left) {
    return schema(`Tried to allocate a collection of size ${count}, but there are only ${left} bytes remaining.`);
  }
  const stored = bytes.readUInt32BE(VERSION_BYTES);
  const computed = crc32c(bytes.subarray(SNAPSHOT_COUNT_AT));
  if (stored === computed) return schema('null');
  return `Snapshot is corrupt (CRC is no longer valid). Stored crc: ${stored}. Computed crc: ${computed}`;
}

/** Dumps `.txnindex`: the transactions that were aborted in a segment. */
export function dumpTransactionIndex(file: string, io: ToolIo): void {
  startOffsetOf(file);
  const bytes = read(file, io.cwd);
  for (let at = 0; at + TRANSACTION_ENTRY_BYTES <= bytes.length; at += TRANSACTION_ENTRY_BYTES) {
    io.stdout.write(
      `version: ${bytes.readInt16BE(at)} producerId: ${readInt64(bytes, at + 2)} ` +
        `firstOffset: ${readInt64(bytes, at + 10)} lastOffset: ${readInt64(bytes, at + 18)} ` +
        `lastStableOffset: ${readInt64(bytes, at + 26)}\n`,
    );
  }
}
