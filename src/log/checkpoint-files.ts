import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../base/logger.ts';
import { parseLines, replaceFile } from './text-file.ts';

export const RECOVERY_POINT_CHECKPOINT = 'recovery-point-offset-checkpoint';
export const LOG_START_OFFSET_CHECKPOINT = 'log-start-offset-checkpoint';
export const REPLICATION_OFFSET_CHECKPOINT = 'replication-offset-checkpoint';
export const CLEANER_OFFSET_CHECKPOINT = 'cleaner-offset-checkpoint';

/** An offset by `topic-partition`. */
export type OffsetsByPartition = Map<string, number>;

/**
 * Reads a text checkpoint of offsets. A missing file has no entries; of a broken one, as in Kafka, the error is logged
 * and the offsets count as 0.
 */
export function readOffsetCheckpoint(fileSystem: FileSystem, path: string, logger: Logger): OffsetsByPartition {
  const offsets: OffsetsByPartition = new Map();
  if (!fileSystem.exists(path)) return offsets;
  const rows = parseLines(fileSystem.readFile(path).toString(), 3);
  if (rows === undefined) {
    logger.error(`Error while reading checkpoint file ${path}: it is malformed`);
    return offsets;
  }
  for (const [topic, partition, offset] of rows) {
    const value = Number(offset);
    if (Number.isSafeInteger(value) && value >= 0) offsets.set(`${topic}-${partition}`, value);
  }
  return offsets;
}

/** What a checkpoint file says of one partition. */
export interface CheckpointRow {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A checkpoint file that is written only when its content has changed. */
export class OffsetCheckpoint {
  readonly #fileSystem: FileSystem;
  readonly #path: string;
  readonly #isSynced: boolean;
  #written: string | undefined;

  /** @param isSynced whether a write waits for the disk; else a power failure may leave an older file */
  constructor(fileSystem: FileSystem, path: string, isSynced: boolean) {
    this.#fileSystem = fileSystem;
    this.#path = path;
    this.#isSynced = isSynced;
  }

  write(rows: readonly CheckpointRow[]): void {
    const lines = rows.map((row) => `${row.topic} ${row.partition} ${row.offset}\n`);
    const text = `0\n${rows.length}\n${lines.join('')}`;
    if (text === this.#written) return;
    if (this.#isSynced) this.#fileSystem.writeFileAtomically(this.#path, text);
    else replaceFile(this.#fileSystem, this.#path, text);
    this.#written = text;
  }
}
