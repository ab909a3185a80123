import type { FileSystem } from '../base/file-system.ts';
import { isUuid, type Uuid } from '../base/uuid.ts';
import { PARTITION_METADATA } from './log-files.ts';
import { replaceFile } from './text-file.ts';

/** The topic id in `partition.metadata`; undefined when the file is missing or broken. */
export function readPartitionMetadata(fileSystem: FileSystem, directory: string): Uuid | undefined {
  const path = `${directory}/${PARTITION_METADATA}`;
  if (!fileSystem.exists(path)) return undefined;
  const lines = fileSystem.readFile(path).toString().trim().split('\n');
  if (lines[0] !== 'version: 0') return undefined;
  const topicId = /^topic_id: (\S+)$/.exec(lines[1] ?? '')?.[1];
  return topicId !== undefined && isUuid(topicId) ? topicId : undefined;
}

function contentOf(topicId: Uuid): string {
  return `version: 0\ntopic_id: ${topicId}`;
}

/** Writes `partition.metadata`, as Kafka does without a newline at the end. */
export function writePartitionMetadata(fileSystem: FileSystem, directory: string, topicId: Uuid): void {
  replaceFile(fileSystem, `${directory}/${PARTITION_METADATA}`, contentOf(topicId));
}

/** As writePartitionMetadata in a directory that is new: there is nothing to be replaced. */
export function createPartitionMetadata(fileSystem: FileSystem, directory: string, topicId: Uuid): void {
  const handle = fileSystem.open(`${directory}/${PARTITION_METADATA}`, 'write');
  try {
    handle.write([Buffer.from(contentOf(topicId))], 0);
  } finally {
    handle.close();
  }
}
