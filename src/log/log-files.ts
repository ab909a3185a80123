/** Names of the files in a partition's directory. */

export const LOG_SUFFIX = '.log';
export const OFFSET_INDEX_SUFFIX = '.index';
export const TIME_INDEX_SUFFIX = '.timeindex';
export const TRANSACTION_INDEX_SUFFIX = '.txnindex';
export const SNAPSHOT_SUFFIX = '.snapshot';
export const DELETED_SUFFIX = '.deleted';
export const CLEANED_SUFFIX = '.cleaned';
export const SWAP_SUFFIX = '.swap';
export const LEADER_EPOCH_CHECKPOINT = 'leader-epoch-checkpoint';
export const PARTITION_METADATA = 'partition.metadata';

const MAX_FILE_NAME_LENGTH = 255;

/** A file's name: 20 digits and what it is. */
export function offsetFileName(offset: number, suffix: string): string {
  return String(offset).padStart(20, '0') + suffix;
}

/** The offset that a file's name starts with, undefined when it does not. */
export function offsetOfFileName(name: string): number | undefined {
  const match = /^(\d{20})\./.exec(name);
  if (match?.[1] === undefined) return undefined;
  const offset = Number(match[1]);
  return Number.isSafeInteger(offset) ? offset : undefined;
}

/** Topic and partition of a directory's name; the last `-` separates them. undefined when it is no partition's. */
export function topicPartitionOfDirectory(name: string): { topic: string; partition: number } | undefined {
  const match = /^(.+)-(\d+)$/.exec(name);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const partition = Number(match[2]);
  return partition > 0x7fffffff ? undefined : { topic: match[1], partition };
}

/** `<topic>-<partition>.<id>-<kind>`, cut so that a file system accepts it. `id` is 32 hex digits. */
export function retiredDirectoryName(topic: string, partition: number, id: string, kind: 'delete' | 'stray'): string {
  const suffix = `-${partition}.${id}-${kind}`;
  return topic.slice(0, MAX_FILE_NAME_LENGTH - suffix.length) + suffix;
}

/** Whether a directory's name says that it is being deleted. */
export function isDeleteDirectory(name: string): boolean {
  return /\.[0-9a-f]{32}-delete$/.test(name);
}

/** Whether a directory's name says that it was set aside or is being moved. */
export function isFutureOrStrayDirectory(name: string): boolean {
  return /\.[0-9a-f]{32}-(future|stray)$/.test(name);
}
