import { KafkaError } from '../base/kafka-error.ts';
import { isUuid, type Uuid } from '../base/uuid.ts';
import {
  type CheckpointRow,
  CLEANER_OFFSET_CHECKPOINT,
  LOG_START_OFFSET_CHECKPOINT,
  OffsetCheckpoint,
  type OffsetsByPartition,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_OFFSET_CHECKPOINT,
  readOffsetCheckpoint,
} from './checkpoint-files.ts';
import { DirectoryLock, type ProcessTable } from './directory-lock.ts';
import type { PartitionLog } from './partition-log.ts';
import type { LogEnvironment } from './partition-log-types.ts';

const CLEAN_SHUTDOWN = '.kafka_cleanshutdown';

/** What a data dir's files said when it was opened. */
export interface FoundOffsets {
  readonly recoveryPoints: OffsetsByPartition;
  readonly logStartOffsets: OffsetsByPartition;
  readonly highWatermarks: OffsetsByPartition;
  readonly cleanerOffsets: OffsetsByPartition;
}

/** One data dir (an entry of `log.dirs`): its lock, identity, checkpoints and the mark of a clean stop. */
export class DataDirectory {
  readonly path: string;
  readonly directoryId: Uuid;
  /** Whether the last stop was clean, and the broker epoch of that. */
  readonly hadCleanShutdown: boolean;
  readonly cleanShutdownEpoch: number;
  readonly found: FoundOffsets;
  /** Logs that are in this dir, by `topic-partition`. */
  readonly logs = new Map<string, PartitionLog>();
  readonly #environment: LogEnvironment;
  readonly #lock: DirectoryLock;
  readonly #recoveryPoints: OffsetCheckpoint;
  readonly #logStartOffsets: OffsetCheckpoint;
  readonly #highWatermarks: OffsetCheckpoint;
  readonly #cleanerOffsets: OffsetCheckpoint;

  /** Locks and reads a data dir. Throws KAFKA_STORAGE_ERROR when it is in use, or not formatted. */
  constructor(environment: LogEnvironment, path: string, processes?: ProcessTable) {
    const { fileSystem, logger } = environment;
    this.#environment = environment;
    this.path = path;
    this.#lock = DirectoryLock.acquire(fileSystem, path, processes);
    try {
      this.directoryId = this.#readDirectoryId();
      this.cleanShutdownEpoch = this.#readCleanShutdown();
      this.hadCleanShutdown = fileSystem.exists(`${path}/${CLEAN_SHUTDOWN}`);
      // A crash while the logs are loaded must count as unclean.
      fileSystem.remove(`${path}/${CLEAN_SHUTDOWN}`);
      this.found = {
        recoveryPoints: readOffsetCheckpoint(fileSystem, `${path}/${RECOVERY_POINT_CHECKPOINT}`, logger),
        logStartOffsets: readOffsetCheckpoint(fileSystem, `${path}/${LOG_START_OFFSET_CHECKPOINT}`, logger),
        highWatermarks: readOffsetCheckpoint(fileSystem, `${path}/${REPLICATION_OFFSET_CHECKPOINT}`, logger),
        cleanerOffsets: readOffsetCheckpoint(fileSystem, `${path}/${CLEANER_OFFSET_CHECKPOINT}`, logger),
      };
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    this.#recoveryPoints = new OffsetCheckpoint(fileSystem, `${path}/${RECOVERY_POINT_CHECKPOINT}`, false);
    this.#logStartOffsets = new OffsetCheckpoint(fileSystem, `${path}/${LOG_START_OFFSET_CHECKPOINT}`, true);
    this.#highWatermarks = new OffsetCheckpoint(fileSystem, `${path}/${REPLICATION_OFFSET_CHECKPOINT}`, false);
    this.#cleanerOffsets = new OffsetCheckpoint(fileSystem, `${path}/${CLEANER_OFFSET_CHECKPOINT}`, true);
    if (!fileSystem.exists(`${path}/${CLEANER_OFFSET_CHECKPOINT}`)) {
      fileSystem.open(`${path}/${CLEANER_OFFSET_CHECKPOINT}`, 'write').close();
    }
  }

  #readDirectoryId(): Uuid {
    const { fileSystem } = this.#environment;
    const path = `${this.path}/meta.properties`;
    const text = fileSystem.exists(path) ? fileSystem.readFile(path).toString() : '';
    const directoryId = /^directory\.id=(\S+)$/m.exec(text)?.[1];
    if (directoryId !== undefined && isUuid(directoryId)) return directoryId;
    throw new KafkaError(
      'KAFKA_STORAGE_ERROR',
      `No \`meta.properties\` with a directory.id found in ${this.path} (have you run \`kafka-storage.sh\` to format the directory?)`,
    );
  }

  #readCleanShutdown(): number {
    const { fileSystem } = this.#environment;
    const path = `${this.path}/${CLEAN_SHUTDOWN}`;
    if (!fileSystem.exists(path)) return -1;
    const match = /"brokerEpoch"\s*:\s*(\d+)/.exec(fileSystem.readFile(path).toString());
    return match?.[1] === undefined ? -1 : Number(match[1]);
  }

  /** recovery-point and log-start checkpoints. */
  checkpointOffsets(): void {
    const logs = [...this.logs.values()];
    const row = (log: PartitionLog, offset: number) => ({ topic: log.topic, partition: log.partition, offset });
    this.#recoveryPoints.write(logs.map((log) => row(log, log.recoveryPoint)));
    const moved = logs.filter((log) => log.logStartOffset > (log.segmentBaseOffsets[0] ?? 0));
    this.#logStartOffsets.write(moved.map((log) => row(log, log.logStartOffset)));
  }

  checkpointHighWatermarks(): void {
    const rows = [...this.logs.values()].map(({ topic, partition, highWatermark }) => {
      return { topic, partition, offset: highWatermark };
    });
    this.#highWatermarks.write(rows);
  }

  checkpointCleaner(rowOf: (log: PartitionLog) => CheckpointRow | undefined): void {
    this.#cleanerOffsets.write([...this.logs.values()].flatMap((log) => rowOf(log) ?? []));
  }

  /** After all logs were closed cleanly: checkpoints and the mark of a clean stop; gives the dir free. */
  closeCleanly(brokerEpoch: number): void {
    this.checkpointHighWatermarks();
    this.checkpointOffsets();
    const mark = `{"version":0,"brokerEpoch":${brokerEpoch}}`;
    this.#environment.fileSystem.writeFileAtomically(`${this.path}/${CLEAN_SHUTDOWN}`, mark);
    this.#lock.release();
  }

  /** Gives the dir free without a mark: the next start recovers. */
  closeUncleanly(): void {
    this.#lock.release();
  }

  /** Leaves everything as a killed process does. */
  abandon(): void {
    this.#lock.abandon();
  }
}
