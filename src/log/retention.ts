import type { LogConfig } from './log-config.ts';
import type { LogSegment } from './log-segment.ts';

/** What retention goes by. */
export interface RetentionState {
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
  readonly sizeBytes: number;
  readonly nowMs: number;
}

type Condition = (segment: LogSegment, next: LogSegment | undefined) => boolean;

/**
 * How many of the oldest segments may go: below the log start offset, and with cleanup.policy=delete also beyond
 * retention.bytes or past retention.ms. Never above the high watermark, and never an empty active segment.
 */
export function countExpiredSegments(
  segments: readonly LogSegment[],
  config: LogConfig,
  state: RetentionState,
): number {
  let count = countWhile(
    segments,
    0,
    state,
    (_, next) => next !== undefined && next.baseOffset <= state.logStartOffset,
  );
  if (!config.cleanupPolicy.includes('delete')) return count;
  count = countWhile(segments, count, state, bySize(segments, count, config, state));
  return countWhile(segments, count, state, (segment) => {
    return config.retentionMs >= 0 && state.nowMs - segment.largestTimestamp > config.retentionMs;
  });
}

function bySize(segments: readonly LogSegment[], skip: number, config: LogConfig, state: RetentionState): Condition {
  if (config.retentionBytes < 0) return () => false;
  let excessBytes = state.sizeBytes - config.retentionBytes;
  for (const segment of segments.slice(0, skip)) excessBytes -= segment.sizeBytes;
  return (segment) => {
    if (excessBytes - segment.sizeBytes < 0) return false;
    excessBytes -= segment.sizeBytes;
    return true;
  };
}

function countWhile(
  segments: readonly LogSegment[],
  from: number,
  state: RetentionState,
  condition: Condition,
): number {
  let count = from;
  for (;;) {
    const segment = segments[count];
    if (segment === undefined) return count;
    const next = segments[count + 1];
    const endOffset = next?.baseOffset ?? state.logEndOffset;
    if (state.highWatermark < endOffset || (next === undefined && segment.sizeBytes === 0)) return count;
    if (!condition(segment, next)) return count;
    count++;
  }
}
