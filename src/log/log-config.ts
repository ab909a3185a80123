import type { TimestampType } from '../records/record-batch.ts';

/** `compression.type` of a topic. */
export type BrokerCompressionType = 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/**
 * What a log needs to know of its topic's configuration. Names are the topic options in camel case, units last.
 * `Infinity` stands for int64's maximum, -1 for "no limit" where Kafka uses it.
 */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly segmentJitterMs: number;
  readonly segmentIndexBytes: number;
  readonly indexIntervalBytes: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly cleanupPolicy: readonly ('delete' | 'compact')[];
  readonly fileDeleteDelayMs: number;
  readonly flushMessages: number;
  readonly flushMs: number;
  readonly maxMessageBytes: number;
  readonly messageTimestampType: TimestampType;
  readonly messageTimestampBeforeMaxMs: number;
  readonly messageTimestampAfterMaxMs: number;
  readonly compressionType: BrokerCompressionType;
  readonly compressionGzipLevel: number;
  readonly compressionLz4Level: number;
  readonly compressionZstdLevel: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly minCleanableDirtyRatio: number;
  readonly deleteRetentionMs: number;
  /** Accepted and kept; files are always sparse, so nothing is allocated ahead. */
  readonly preallocate: boolean;
}

/** Apache Kafka's topic defaults. */
export const DEFAULT_LOG_CONFIG: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3_600_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  indexIntervalBytes: 4096,
  retentionMs: 7 * 24 * 3_600_000,
  retentionBytes: -1,
  cleanupPolicy: ['delete'],
  fileDeleteDelayMs: 60_000,
  flushMessages: Number.POSITIVE_INFINITY,
  flushMs: Number.POSITIVE_INFINITY,
  maxMessageBytes: 1024 * 1024 + 12,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.POSITIVE_INFINITY,
  messageTimestampAfterMaxMs: 3_600_000,
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.POSITIVE_INFINITY,
  minCleanableDirtyRatio: 0.5,
  deleteRetentionMs: 24 * 3_600_000,
  preallocate: false,
};

const OPTION_OF: Readonly<Record<keyof LogConfig, string>> = {
  segmentBytes: 'segment.bytes',
  segmentMs: 'segment.ms',
  segmentJitterMs: 'segment.jitter.ms',
  segmentIndexBytes: 'segment.index.bytes',
  indexIntervalBytes: 'index.interval.bytes',
  retentionMs: 'retention.ms',
  retentionBytes: 'retention.bytes',
  cleanupPolicy: 'cleanup.policy',
  fileDeleteDelayMs: 'file.delete.delay.ms',
  flushMessages: 'flush.messages',
  flushMs: 'flush.ms',
  maxMessageBytes: 'max.message.bytes',
  messageTimestampType: 'message.timestamp.type',
  messageTimestampBeforeMaxMs: 'message.timestamp.before.max.ms',
  messageTimestampAfterMaxMs: 'message.timestamp.after.max.ms',
  compressionType: 'compression.type',
  compressionGzipLevel: 'compression.gzip.level',
  compressionLz4Level: 'compression.lz4.level',
  compressionZstdLevel: 'compression.zstd.level',
  minCompactionLagMs: 'min.compaction.lag.ms',
  maxCompactionLagMs: 'max.compaction.lag.ms',
  minCleanableDirtyRatio: 'min.cleanable.dirty.ratio',
  deleteRetentionMs: 'delete.retention.ms',
  preallocate: 'preallocate',
};

function parseNumber(text: string): number {
  // int64's maximum stands for "never"; a double cannot hold it.
  return text === '9223372036854775807' ? Number.POSITIVE_INFINITY : Number(text);
}

function parseOption(option: string, defaultValue: unknown, text: string): unknown {
  if (typeof defaultValue === 'boolean') return text.trim().toLowerCase() === 'true';
  if (typeof defaultValue === 'string') return text.trim();
  if (Array.isArray(defaultValue)) {
    const parts = text.split(',').map((part) => part.trim());
    return parts.filter((part) => part === 'delete' || part === 'compact');
  }
  const value = parseNumber(text.trim());
  if (Number.isNaN(value)) throw new RangeError(`${option} must be a number, received ${JSON.stringify(text)}`);
  return value;
}

/**
 * The LogConfig of topic options by their Kafka names (`segment.bytes`, …), on top of `defaults`. Unknown options are
 * left alone: values were validated where they were set.
 */
export function logConfigFrom(
  options: ReadonlyMap<string, string>,
  defaults: LogConfig = DEFAULT_LOG_CONFIG,
): LogConfig {
  const entries = Object.entries(OPTION_OF).flatMap(([name, option]) => {
    const text = options.get(option);
    if (text === undefined) return [];
    return [[name, parseOption(option, defaults[name as keyof LogConfig], text)]];
  });
  return { ...defaults, ...Object.fromEntries(entries) };
}
