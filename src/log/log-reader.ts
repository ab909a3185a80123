import { KafkaError } from '../base/kafka-error.ts';
import * as batch from '../records/record-batch.ts';
import type { LogSegment } from './log-segment.ts';
import type { AbortedTransaction, ReadResult } from './partition-log-types.ts';

/** What a read may return. */
export interface ReadLimits {
  readonly fetchOffset: number;
  readonly maxBytes: number;
  /** Batches that reach this offset are left out. */
  readonly endOffset: number;
  readonly minOneMessage: boolean;
  /** Gives the buffer to read into; may be one that was used before. */
  readonly allocate?: ((sizeBytes: number) => Buffer) | undefined;
}

/** Where the next read of a sequential reader will start. */
interface Place {
  readonly offset: number;
  readonly segment: LogSegment;
  readonly position: number;
}

const MAX_PLACES = 32;
const NO_CHUNKS: readonly Buffer[] = [];

export function emptyRead(fetchOffset: number): ReadResult {
  return { chunks: NO_CHUNKS, sizeBytes: 0, baseOffset: fetchOffset, nextOffset: fetchOffset };
}

/** Reads from the files; remembers where sequential readers stopped. */
export class SegmentReader {
  #places: Place[] = [];

  /** Forgets all places: the files changed. */
  reset(): void {
    this.#places = [];
  }

  /** Reads from `segments[first]` or, when that has nothing at the offset, from the next ones. */
  read(segments: readonly LogSegment[], first: number, limits: ReadLimits): ReadResult {
    for (let i = first; i < segments.length; i++) {
      const segment = segments[i];
      if (segment === undefined) break;
      const position = this.#locate(segment, limits.fetchOffset);
      if (position !== undefined) return this.#readAt(segment, position, limits);
    }
    return emptyRead(limits.fetchOffset);
  }

  #locate(segment: LogSegment, offset: number): number | undefined {
    const at = this.#places.findIndex((place) => place.offset === offset && place.segment === segment);
    const place = this.#places[at];
    if (place !== undefined && place.position < segment.sizeBytes) {
      this.#places.splice(at, 1);
      return place.position;
    }
    return segment.findBatch(offset)?.position;
  }

  #readAt(segment: LogSegment, position: number, limits: ReadLimits): ReadResult {
    const available = segment.sizeBytes - position;
    const wanted = Math.min(Math.max(limits.maxBytes, batch.BATCH_HEADER_SIZE), available);
    let buffer = readBytes(segment, position, wanted, limits);
    if (buffer.length < batch.BATCH_HEADER_SIZE) return emptyRead(limits.fetchOffset);
    const firstSize = batch.batchSizeBytes(buffer, 0);
    if (firstSize < batch.BATCH_HEADER_SIZE) throw corruptAt(segment, position);
    if (firstSize > limits.maxBytes && !limits.minOneMessage) return emptyRead(limits.fetchOffset);
    if (firstSize > buffer.length) {
      buffer = readBytes(segment, position, Math.min(firstSize, available), limits);
    }
    let at = 0;
    let nextOffset = limits.fetchOffset;
    while (buffer.length - at >= batch.BATCH_HEADER_SIZE) {
      const size = batch.batchSizeBytes(buffer, at);
      if (size < batch.BATCH_HEADER_SIZE) throw corruptAt(segment, position + at);
      const last = batch.lastOffset(buffer, at);
      if (size > buffer.length - at || last >= limits.endOffset) break;
      at += size;
      nextOffset = last + 1;
    }
    if (at === 0) return emptyRead(limits.fetchOffset);
    this.#remember({ offset: nextOffset, segment, position: position + at });
    const chunks = [at === buffer.length ? buffer : buffer.subarray(0, at)];
    return { chunks, sizeBytes: at, baseOffset: batch.baseOffset(buffer, 0), nextOffset };
  }

  #remember(place: Place): void {
    if (this.#places.length === MAX_PLACES) this.#places.shift();
    this.#places.push(place);
  }
}

function corruptAt(segment: LogSegment, position: number): KafkaError {
  return new KafkaError('CORRUPT_MESSAGE', `no record batch at byte ${position} of ${segment.path}`);
}

function readBytes(segment: LogSegment, position: number, length: number, { allocate }: ReadLimits): Buffer {
  const buffer = allocate?.(length) ?? Buffer.allocUnsafe(length);
  const count = segment.file.handle().read(buffer, 0, length, position);
  return count === length ? buffer : buffer.subarray(0, count);
}

/** The aborted transactions that a read of [fetchOffset, upperBoundOffset) must know; `first` = where it starts. */
export function collectAborted(
  segments: readonly LogSegment[],
  first: number,
  fetchOffset: number,
  upperBoundOffset: number,
): AbortedTransaction[] {
  const found: AbortedTransaction[] = [];
  for (let i = first; i < segments.length; i++) {
    for (const entry of segments[i]?.transactionIndex.entries ?? []) {
      if (entry.lastOffset >= fetchOffset && entry.firstOffset < upperBoundOffset) {
        found.push({ producerId: entry.producerId, firstOffset: entry.firstOffset });
      }
      if (entry.lastStableOffset >= upperBoundOffset) return found;
    }
  }
  return found;
}
