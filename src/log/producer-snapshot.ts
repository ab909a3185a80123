import { crc32c, readInt64, writeInt64 } from '../records/record-batch.ts';
import { ProducerStateEntry } from './producer-state-entry.ts';

/** The format of `.snapshot` files: version, CRC-32C of the rest, count, 46 bytes a producer. */

const VERSION = 1;
const CRC_AT = 2;
const COUNT_AT = 6;
const ENTRIES_AT = 10;
const ENTRY_BYTES = 46;

/** The snapshot's bytes. */
export function encodeProducerSnapshot(entries: ReadonlyMap<number, ProducerStateEntry>): Buffer {
  const bytes = Buffer.alloc(ENTRIES_AT + ENTRY_BYTES * entries.size);
  bytes.writeInt16BE(VERSION, 0);
  bytes.writeInt32BE(entries.size, COUNT_AT);
  let at = ENTRIES_AT;
  for (const entry of entries.values()) {
    const last = entry.batches.at(-1);
    writeInt64(bytes, entry.producerId, at);
    bytes.writeInt16BE(entry.producerEpoch, at + 8);
    bytes.writeInt32BE(last?.lastSequence ?? -1, at + 10);
    writeInt64(bytes, last?.lastOffset ?? -1, at + 14);
    bytes.writeInt32BE(last === undefined ? 0 : last.lastOffset - last.firstOffset, at + 22);
    writeInt64(bytes, entry.lastTimestamp, at + 26);
    bytes.writeInt32BE(entry.coordinatorEpoch, at + 34);
    writeInt64(bytes, entry.transactionFirstOffset ?? -1, at + 38);
    at += ENTRY_BYTES;
  }
  bytes.writeUInt32BE(crc32c(bytes.subarray(COUNT_AT)), CRC_AT);
  return bytes;
}

/** The producers in a snapshot; undefined when the bytes are broken. */
export function decodeProducerSnapshot(bytes: Buffer): ProducerStateEntry[] | undefined {
  if (bytes.length < ENTRIES_AT || bytes.readInt16BE(0) !== VERSION) return undefined;
  if (crc32c(bytes.subarray(COUNT_AT)) !== bytes.readUInt32BE(CRC_AT)) return undefined;
  const count = bytes.readInt32BE(COUNT_AT);
  if (bytes.length < ENTRIES_AT + count * ENTRY_BYTES) return undefined;
  return Array.from({ length: count }, (_, i) => decodeEntry(bytes, ENTRIES_AT + i * ENTRY_BYTES));
}

function decodeEntry(bytes: Buffer, at: number): ProducerStateEntry {
  const entry = new ProducerStateEntry(readInt64(bytes, at));
  const producerEpoch = bytes.readInt16BE(at + 8);
  const lastOffset = readInt64(bytes, at + 14);
  const timestamp = readInt64(bytes, at + 26);
  if (lastOffset >= 0) {
    const lastSequence = bytes.readInt32BE(at + 10);
    const offsetDelta = bytes.readInt32BE(at + 22);
    entry.addBatch(producerEpoch, {
      firstSequence: firstSequenceOf(lastSequence, offsetDelta),
      lastSequence,
      firstOffset: lastOffset - offsetDelta,
      lastOffset,
      timestamp,
    });
  }
  entry.producerEpoch = producerEpoch;
  entry.lastTimestamp = timestamp;
  entry.coordinatorEpoch = bytes.readInt32BE(at + 34);
  const transactionFirstOffset = readInt64(bytes, at + 38);
  if (transactionFirstOffset >= 0) entry.transactionFirstOffset = transactionFirstOffset;
  return entry;
}

/** The sequence `offsetDelta` records before `lastSequence`; sequences start again at 0 after int32's maximum. */
export function firstSequenceOf(lastSequence: number, offsetDelta: number): number {
  return lastSequence < offsetDelta ? 0x7fffffff - (offsetDelta - lastSequence) + 1 : lastSequence - offsetDelta;
}
