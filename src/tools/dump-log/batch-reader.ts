import { resolve } from 'node:path';
import { type FileHandle, nodeFileSystem } from '../../base/file-system.ts';
import * as batch from '../../records/record-batch.ts';
import { JavaException } from '../shared/java-errors.ts';

/** Bytes of a batch up to its magic, the least that may stand behind the last whole one. */
const HEADER_UP_TO_MAGIC_BYTES = 17;
const SMALLEST_RECORD_BYTES = 14;

/** One batch of a log file. */
export interface FileBatch {
  /** The whole batch, at 0. */
  readonly bytes: Buffer;
  /** Its place in the file. */
  readonly position: number;
}

/** Opens a file for reading; the error of a missing one names it as it was given. */
export function openForReading(path: string, cwd: string): FileHandle {
  try {
    return nodeFileSystem.open(resolve(cwd, path), 'read');
  } catch (error) {
    if (error instanceof Error) Object.assign(error, { path });
    throw error;
  }
}

/**
 * The whole batches of a log file from `position` to `end`. A broken or unfinished batch at the end is left out, as Kafka
 * does; throws JavaException for bytes that can be no batch.
 */
export function* batchesOf(handle: FileHandle, position: number, end: number): Generator<FileBatch> {
  const header = Buffer.alloc(HEADER_UP_TO_MAGIC_BYTES);
  let at = position;
  while (at < end - HEADER_UP_TO_MAGIC_BYTES) {
    if (handle.read(header, 0, header.length, at) < header.length) return;
    const size = batch.batchLength(header, 0);
    if (size < SMALLEST_RECORD_BYTES) {
      throw new JavaException(
        'org.apache.kafka.common.errors.CorruptRecordException',
        `Found record size ${size} smaller than minimum record overhead (${SMALLEST_RECORD_BYTES}) in file ${handle.path}.`,
      );
    }
    if (at > end - batch.LOG_OVERHEAD - size) return;
    const bytes = Buffer.allocUnsafe(batch.LOG_OVERHEAD + size);
    if (handle.read(bytes, 0, bytes.length, at) < bytes.length) return;
    const magic = batch.magic(bytes, 0);
    if (magic !== batch.CURRENT_MAGIC || bytes.length < batch.BATCH_HEADER_SIZE) {
      throw new JavaException(
        'org.apache.kafka.common.errors.CorruptRecordException',
        `Found a batch of magic ${magic} and ${bytes.length} bytes in file ${handle.path}; only magic 2 can be read.`,
      );
    }
    yield { bytes, position: at };
    at += bytes.length;
  }
}
