import { FilePool } from '../log/file-pool.ts';
import { LogManager } from '../log/log-manager.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import type { BrokerEnvironment } from './broker-options.ts';
import { topicLogConfig } from './config.ts';

/** Opens the logs of a broker's data dirs with the settings that its configuration has for them. */
export function openLogs(
  directories: readonly string[],
  config: BrokerConfig,
  image: MetadataImage,
  environment: BrokerEnvironment,
): LogManager {
  const { fileSystem, clock, random, logger } = environment;
  return LogManager.open({
    directories,
    configOf: (topic) => topicLogConfig(topic, image, config),
    environment: { fileSystem, clock, random, logger, filePool: new FilePool(fileSystem) },
    producerIdExpirationMs: config.number('producer.id.expiration.ms'),
    verifyTransactions: config.boolean('transaction.partition.verification.enable'),
    retentionCheckIntervalMs: config.number('log.retention.check.interval.ms'),
    initialTaskDelayMs: config.number('log.initial.task.delay.ms'),
    flushSchedulerIntervalMs: config.number('log.flush.scheduler.interval.ms'),
    recoveryPointCheckpointIntervalMs: config.number('log.flush.offset.checkpoint.interval.ms'),
    highWatermarkCheckpointIntervalMs: config.number('replica.high.watermark.checkpoint.interval.ms'),
  });
}
