import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import type { LeaderEpochCache } from './leader-epoch-cache.ts';
import type { LogSegment } from './log-segment.ts';
import {
  EARLIEST_LOCAL_TIMESTAMP,
  EARLIEST_PENDING_UPLOAD_TIMESTAMP,
  EARLIEST_TIMESTAMP,
  LATEST_TIERED_TIMESTAMP,
  LATEST_TIMESTAMP,
  MAX_TIMESTAMP,
  type TimestampAndOffset,
} from './partition-log-types.ts';

/** The log that ListOffsets asks about. */
export interface LookupSource {
  /** Ascending, at least one. */
  readonly segments: readonly LogSegment[];
  readonly epochs: LeaderEpochCache;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
}

const NONE: TimestampAndOffset = { timestamp: -1, offset: -1, leaderEpoch: -1 };
const cursor = new RecordCursor();

/** Answers ListOffsets: by time in ms or one of the special timestamps. undefined = nothing found. */
export function lookUpOffset(source: LookupSource, timestamp: number): TimestampAndOffset | undefined {
  const { segments, epochs, logStartOffset, logEndOffset } = source;
  switch (timestamp) {
    case EARLIEST_TIMESTAMP:
    case EARLIEST_LOCAL_TIMESTAMP: {
      const { earliest } = epochs;
      const isKnown = earliest !== undefined && earliest.startOffset <= logStartOffset;
      return { timestamp: -1, offset: logStartOffset, leaderEpoch: isKnown ? earliest.epoch : -1 };
    }
    case LATEST_TIMESTAMP:
      return { timestamp: -1, offset: logEndOffset, leaderEpoch: epochs.latestEpoch ?? -1 };
    // There is no tiered storage.
    case LATEST_TIERED_TIMESTAMP:
    case EARLIEST_PENDING_UPLOAD_TIMESTAMP:
      return NONE;
    case MAX_TIMESTAMP:
      return findMaxTimestamp(segments);
    default: {
      const segment = segments.find((candidate) => candidate.largestTimestamp >= timestamp);
      return segment === undefined ? undefined : findByTimestamp(segment, timestamp, logStartOffset);
    }
  }
}

// The first record with a timestamp and an offset at or above those given.
function findByTimestamp(segment: LogSegment, timestamp: number, startOffset: number): TimestampAndOffset | undefined {
  const indexed = segment.timeIndex.lookup(timestamp);
  const scanner = segment.scan(segment.offsetIndex.lookup(Math.max(indexed, startOffset)), 'whole');
  while (scanner.next()) {
    const { buffer, at } = scanner;
    if (batch.maxTimestamp(buffer, at) < timestamp || batch.lastOffset(buffer, at) < startOffset) continue;
    const found = findRecord(buffer, at, () => cursor.timestamp >= timestamp && cursor.offset >= startOffset);
    if (found !== undefined) return found;
  }
  return undefined;
}

// The first record that has the log's largest timestamp.
function findMaxTimestamp(segments: readonly LogSegment[]): TimestampAndOffset | undefined {
  let latest = segments[0];
  if (latest === undefined) return undefined;
  for (const segment of segments) if (segment.maxTimestamp > latest.maxTimestamp) latest = segment;
  const { maxTimestamp } = latest;
  const scanner = latest.scan(latest.offsetIndex.lookup(latest.offsetOfMaxTimestamp), 'whole');
  while (scanner.next()) {
    if (batch.maxTimestamp(scanner.buffer, scanner.at) !== maxTimestamp) continue;
    const found = findRecord(scanner.buffer, scanner.at, () => cursor.timestamp === maxTimestamp);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findRecord(buffer: Buffer, at: number, isWanted: () => boolean): TimestampAndOffset | undefined {
  cursor.open(buffer, at);
  try {
    while (cursor.next()) {
      if (!isWanted()) continue;
      const leaderEpoch = batch.partitionLeaderEpoch(buffer, at);
      return { timestamp: cursor.timestamp, offset: cursor.offset, leaderEpoch };
    }
    return undefined;
  } finally {
    cursor.release();
  }
}
