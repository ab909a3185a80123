import type { ValidationRules } from '../records/batch-validator.ts';
import type { CodecName } from '../records/compression.ts';
import type { BrokerCompressionType, LogConfig } from './log-config.ts';

function targetCodec(compressionType: BrokerCompressionType): CodecName | undefined {
  if (compressionType === 'producer') return undefined;
  return compressionType === 'uncompressed' ? 'none' : compressionType;
}

function targetLevel(config: LogConfig): number | undefined {
  switch (config.compressionType) {
    case 'gzip':
      return config.compressionGzipLevel;
    case 'lz4':
      return config.compressionLz4Level;
    case 'zstd':
      return config.compressionZstdLevel;
    default:
      return undefined;
  }
}

/** What a topic's configuration means for the batches that are appended. */
export function validationRules(config: LogConfig, topicPartition: string, isFromClient: boolean): ValidationRules {
  return {
    topicPartition,
    isFromClient,
    isCompacted: config.cleanupPolicy.includes('compact'),
    timestampType: config.messageTimestampType,
    timestampBeforeMaxMs: config.messageTimestampBeforeMaxMs,
    timestampAfterMaxMs: config.messageTimestampAfterMaxMs,
    targetCodec: targetCodec(config.compressionType),
    targetLevel: targetLevel(config),
    maxMessageBytes: config.maxMessageBytes,
  };
}
