/**
 * DescribeLogDirs, key 35, versions 1-5: size of each partition in each data dir. v4: size of the disk. A null topic list
 * means all partitions.
 */
import { dirname, resolve } from 'node:path';
import type { PartitionLog } from '../../log/partition-log.ts';
import { errorCodeOf } from '../../protocol/error-codes.ts';
import {
  type DescribeLogDirsRequest,
  describeLogDirsRequest,
  describeLogDirsResponse,
} from '../../protocol/messages/35-describe-log-dirs.ts';
import { defineHandler } from '../handler.ts';
import type { BrokerServices } from '../services.ts';

export const describeLogDirs = defineHandler({
  request: describeLogDirsRequest,
  response: describeLogDirsResponse,
  listeners: ['broker'],
  handle(services, request, _context, reply) {
    const logs = wantedLogs(services, request);
    const directories = new Set(services.logDirs);
    reply({ results: [...directories].map((directory) => describeDirectory(services, directory, logs)) });
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});

function wantedLogs(services: BrokerServices, request: DescribeLogDirsRequest): PartitionLog[] {
  const { logManager } = services;
  if (request.topics === null) return [...logManager.logs()];
  const logs = new Set<PartitionLog>();
  for (const { topic, partitions } of request.topics) {
    for (const partition of partitions) {
      const log = logManager.get(topic, partition);
      if (log !== undefined) logs.add(log);
    }
  }
  return [...logs];
}

function describeDirectory(services: BrokerServices, directory: string, logs: readonly PartitionLog[]) {
  try {
    const { totalBytes, usableBytes } = services.diskSpace(directory);
    const ofTopic = new Map<string, PartitionLog[]>();
    for (const log of logs) {
      if (resolve(dirname(log.directory)) !== directory) continue;
      const known = ofTopic.get(log.topic);
      if (known === undefined) ofTopic.set(log.topic, [log]);
      else known.push(log);
    }
    const topics = [...ofTopic].map(([name, partitions]) => ({
      name,
      partitions: partitions.map((log) => ({
        partitionIndex: log.partition,
        partitionSize: log.sizeBytes,
        offsetLag: Math.max(0, log.highWatermark - log.logEndOffset),
      })),
    }));
    return { logDir: directory, topics, totalBytes, usableBytes };
  } catch (error) {
    services.logger.error(`the data folder ${directory} cannot be described`, error);
    return { logDir: directory, errorCode: errorCodeOf(error) };
  }
}
