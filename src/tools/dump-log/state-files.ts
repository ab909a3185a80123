import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeProducerSnapshot } from '../../log/producer-snapshot.ts';
import { readInt64 } from '../../records/record-batch.ts';
import type { ToolIo } from '../shared/tool.ts';
import { startOffsetOf } from './log-file.ts';

const TRANSACTION_ENTRY_BYTES = 34;

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
  const entries = decodeProducerSnapshot(read(file, io.cwd));
  if (entries === undefined) {
    io.stderr.write(`Snapshot ${file} is corrupt (CRC is no longer valid or the version is not known).\n`);
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
