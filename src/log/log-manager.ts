import type { Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import { DataDirectory } from './data-directory.ts';
import type { ProcessTable } from './directory-lock.ts';
import { LogCleaner } from './log-cleaner.ts';
import type { LogConfig } from './log-config.ts';
import { isDeleteDirectory, isFutureOrStrayDirectory, topicPartitionOfDirectory } from './log-files.ts';
import { PartitionLog } from './partition-log.ts';
import type { LogEnvironment, OpenLogOptions } from './partition-log-types.ts';

export interface LogManagerOptions {
  /** Paths of the data dirs (`log.dirs`); must exist and be formatted. */
  readonly directories: readonly string[];
  /** Configuration of a topic's logs. */
  readonly configOf: (topic: string) => LogConfig;
  readonly environment: LogEnvironment;
  readonly producerIdExpirationMs?: number;
  readonly verifyTransactions?: boolean;
  /** `log.retention.check.interval.ms`, default 5 min. */
  readonly retentionCheckIntervalMs?: number;
  /** `log.initial.task.delay.ms`, default 30 s. */
  readonly initialTaskDelayMs?: number;
  /** `log.flush.scheduler.interval.ms`, default never; only then `flush.ms` has an effect, as in Kafka. */
  readonly flushSchedulerIntervalMs?: number;
  /** `log.flush.offset.checkpoint.interval.ms`, default 60 s. */
  readonly recoveryPointCheckpointIntervalMs?: number;
  /** `replica.high.watermark.checkpoint.interval.ms`, default 5 s. */
  readonly highWatermarkCheckpointIntervalMs?: number;
  /** `log.cleaner.backoff.ms`, default 15 s. */
  readonly cleanerBackoffMs?: number;
  /** `log.cleaner.dedupe.buffer.size`, default 128 MiB. */
  readonly cleanerDedupeBufferBytes?: number;
  /** For tests of the lock. */
  readonly processes?: ProcessTable;
}

const METADATA_TOPIC = '__cluster_metadata';
const DEFAULT_RETENTION_CHECK_INTERVAL_MS = 5 * 60_000;
const DEFAULT_INITIAL_TASK_DELAY_MS = 30_000;
const DEFAULT_RECOVERY_POINT_CHECKPOINT_INTERVAL_MS = 60_000;
const DEFAULT_HIGH_WATERMARK_CHECKPOINT_INTERVAL_MS = 5000;

/**
 * All partition logs of a broker over its data dirs: opens them, creates, deletes, checkpoints, applies retention and
 * stops cleanly. `__cluster_metadata-0` is left to the raft layer.
 */
export class LogManager {
  readonly #options: LogManagerOptions;
  readonly #directories: readonly DataDirectory[];
  readonly #logs = new Map<string, { readonly log: PartitionLog; readonly home: DataDirectory }>();
  readonly #timers = new Set<Timer>();
  /** Compacts in the background once {@link LogManager.start} was called. */
  readonly cleaner: LogCleaner;

  /** Locks the data dirs and opens every partition directory. Throws KAFKA_STORAGE_ERROR when a dir is in use. */
  static open(options: LogManagerOptions): LogManager {
    const directories: DataDirectory[] = [];
    try {
      for (const path of options.directories) {
        directories.push(new DataDirectory(options.environment, path, options.processes));
      }
      const manager = new LogManager(options, directories);
      for (const directory of directories) manager.#openAll(directory);
      return manager;
    } catch (error) {
      for (const directory of directories) directory.closeUncleanly();
      throw error;
    }
  }

  private constructor(options: LogManagerOptions, directories: readonly DataDirectory[]) {
    this.#options = options;
    this.#directories = directories;
    this.cleaner = new LogCleaner(
      {
        environment: options.environment,
        logs: () => this.logs(),
        onCheckpoint: (log) => this.#checkpointCleaner(log),
        ...(options.cleanerBackoffMs === undefined ? {} : { backoffMs: options.cleanerBackoffMs }),
        ...(options.cleanerDedupeBufferBytes === undefined
          ? {}
          : { dedupeBufferBytes: options.cleanerDedupeBufferBytes }),
      },
      directories.flatMap((directory) => [...directory.found.cleanerOffsets]),
    );
  }

  #checkpointCleaner(log: PartitionLog): void {
    const home = this.#logs.get(log.topicPartition)?.home;
    if (home === undefined) return;
    this.#attempt(`checkpoint of ${home.path}`, () => {
      home.checkpointCleaner((each) => this.cleaner.checkpointOf(each));
    });
  }

  #openAll(directory: DataDirectory): void {
    const { fileSystem, logger } = this.#options.environment;
    const configs = new Map<string, LogConfig>();
    for (const name of fileSystem.list(directory.path)) {
      const path = `${directory.path}/${name}`;
      if (isDeleteDirectory(name)) {
        this.#removeTreeLater(path, this.#options.configOf('').fileDeleteDelayMs);
        continue;
      }
      if (isFutureOrStrayDirectory(name)) continue;
      const found = topicPartitionOfDirectory(name);
      if (found === undefined || found.topic === METADATA_TOPIC || !fileSystem.isDirectory(path)) continue;
      const { topic, partition } = found;
      const config = configs.get(topic) ?? this.#options.configOf(topic);
      configs.set(topic, config);
      const log = this.#openLog(directory, topic, partition, undefined, directory.hadCleanShutdown, config);
      const highWatermark = directory.found.highWatermarks.get(log.topicPartition);
      if (highWatermark !== undefined) log.updateHighWatermark(highWatermark);
      const other = this.#logs.get(log.topicPartition);
      if (other !== undefined) {
        throw new KafkaError(
          'KAFKA_STORAGE_ERROR',
          `Duplicate log directories for ${log.topicPartition} are found in both ${other.log.directory} and ${log.directory}`,
        );
      }
      this.#adopt(directory, log);
    }
    logger.info(`Loaded ${directory.logs.size} logs from ${directory.path}`);
  }

  #openLog(
    directory: DataDirectory,
    topic: string,
    partition: number,
    topicId: Uuid | undefined,
    hadCleanShutdown: boolean,
    config = this.#options.configOf(topic),
  ): PartitionLog {
    const name = `${topic}-${partition}`;
    const options: OpenLogOptions = {
      directory: `${directory.path}/${name}`,
      topic,
      partition,
      topicId,
      config,
      hadCleanShutdown,
      recoveryPoint: directory.found.recoveryPoints.get(name) ?? 0,
      logStartOffset: directory.found.logStartOffsets.get(name) ?? 0,
      environment: this.#options.environment,
      ...(this.#options.producerIdExpirationMs === undefined
        ? {}
        : { producerIdExpirationMs: this.#options.producerIdExpirationMs }),
      ...(this.#options.verifyTransactions === undefined
        ? {}
        : { verifyTransactions: this.#options.verifyTransactions }),
    };
    return PartitionLog.open(options);
  }

  #adopt(home: DataDirectory, log: PartitionLog): void {
    home.logs.set(log.topicPartition, log);
    this.#logs.set(log.topicPartition, { log, home });
  }

  #forget(log: PartitionLog): void {
    const { topicPartition } = log;
    const home = this.#logs.get(topicPartition)?.home;
    home?.logs.delete(topicPartition);
    home?.found.recoveryPoints.delete(topicPartition);
    home?.found.logStartOffsets.delete(topicPartition);
    home?.found.highWatermarks.delete(topicPartition);
    this.#logs.delete(topicPartition);
    this.cleaner.forget(topicPartition);
  }

  #removeTreeLater(path: string, delayMs: number): void {
    const { clock, fileSystem, logger } = this.#options.environment;
    clock.schedule(
      delayMs,
      () => {
        try {
          fileSystem.removeTree(path);
        } catch (error) {
          logger.warn(`cannot remove ${path}: ${String(error)}`);
        }
      },
      true,
    );
  }

  /** Broker epoch of the last clean stop, -1 when the dirs disagree or one stopped uncleanly. */
  get previousBrokerEpoch(): number {
    const epochs = new Set(this.#directories.map((directory) => directory.cleanShutdownEpoch));
    const [epoch] = epochs;
    return epochs.size === 1 && epoch !== undefined ? epoch : -1;
  }

  /** Directory ids by path, from meta.properties. */
  get directoryIds(): ReadonlyMap<string, Uuid> {
    return new Map(this.#directories.map((directory) => [directory.path, directory.directoryId]));
  }

  get(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(`${topic}-${partition}`)?.log;
  }

  *logs(): Iterable<PartitionLog> {
    for (const { log } of this.#logs.values()) yield log;
  }

  /** Path of the data dir that holds a log, undefined when there is no such log. */
  directoryOf(topic: string, partition: number): string | undefined {
    return this.#logs.get(`${topic}-${partition}`)?.home.path;
  }

  /**
   * The log; created in the dir `directory` (or the one with the fewest logs) when missing. Throws
   * INCONSISTENT_TOPIC_ID when the log that is there has another topic id.
   */
  getOrCreate(topic: string, partition: number, topicId: Uuid, directory?: string): PartitionLog {
    const known = this.get(topic, partition);
    if (known !== undefined) {
      known.assignTopicId(topicId);
      return known;
    }
    const home = this.#homeFor(directory);
    // A log that is made now has nothing to be recovered.
    const log = this.#openLog(home, topic, partition, topicId, true);
    this.#adopt(home, log);
    return log;
  }

  #homeFor(path: string | undefined): DataDirectory {
    const candidates = this.#directories.filter((directory) => path === undefined || directory.path === path);
    const home = candidates.reduce<DataDirectory | undefined>((least, candidate) => {
      return least === undefined || candidate.logs.size < least.logs.size ? candidate : least;
    }, undefined);
    if (home === undefined) throw new KafkaError('LOG_DIR_NOT_FOUND', `${path} is not one of the data dirs`);
    return home;
  }

  /** Renames a log's directory for deletion and forgets it; false when there is none. */
  delete(topic: string, partition: number): boolean {
    const log = this.get(topic, partition);
    if (log === undefined) return false;
    log.deleteDirectory();
    this.#forget(log);
    return true;
  }

  /** Renames the dirs of logs for which `isStray` says so to `…-stray` and forgets them; returns their names. */
  removeStrays(isStray: (log: PartitionLog) => boolean): string[] {
    const strays = [...this.logs()].filter(isStray);
    for (const log of strays) {
      log.retireDirectory('stray');
      this.#forget(log);
    }
    return strays.map((log) => log.topicPartition);
  }

  /** Applies `configOf` anew to a topic's logs. */
  updateConfig(topic: string): void {
    const config = this.#options.configOf(topic);
    for (const log of this.logs()) if (log.topic === topic) log.updateConfig(config);
  }

  // ---- periodic work ----

  /** Starts the periodic work. */
  start(): void {
    const options = this.#options;
    const initialMs = options.initialTaskDelayMs ?? DEFAULT_INITIAL_TASK_DELAY_MS;
    const retentionMs = options.retentionCheckIntervalMs ?? DEFAULT_RETENTION_CHECK_INTERVAL_MS;
    this.#repeat(initialMs, retentionMs, () => this.#applyRetention());
    const checkpointMs = options.recoveryPointCheckpointIntervalMs ?? DEFAULT_RECOVERY_POINT_CHECKPOINT_INTERVAL_MS;
    this.#repeat(initialMs, checkpointMs, () => this.#forEachDirectory((directory) => directory.checkpointOffsets()));
    const watermarkMs = options.highWatermarkCheckpointIntervalMs ?? DEFAULT_HIGH_WATERMARK_CHECKPOINT_INTERVAL_MS;
    this.#repeat(watermarkMs, watermarkMs, () => {
      this.#forEachDirectory((directory) => directory.checkpointHighWatermarks());
    });
    const flushMs = options.flushSchedulerIntervalMs ?? Number.POSITIVE_INFINITY;
    if (Number.isFinite(flushMs)) this.#repeat(initialMs, flushMs, () => this.#flushOld());
    this.cleaner.start();
  }

  #repeat(delayMs: number, intervalMs: number, run: () => void): void {
    const timer = this.#options.environment.clock.schedule(delayMs, () => {
      this.#timers.delete(timer);
      run();
      this.#repeat(intervalMs, intervalMs, run);
    });
    this.#timers.add(timer);
  }

  #applyRetention(): void {
    for (const log of [...this.logs()]) {
      this.#attempt(`cleaning up ${log.topicPartition}`, () => {
        log.removeExpiredProducers();
        log.applyRetention();
      });
    }
  }

  #flushOld(): void {
    for (const log of this.logs()) if (log.unflushedMs >= log.config.flushMs) log.flushInBackground();
  }

  #forEachDirectory(run: (directory: DataDirectory) => void): void {
    for (const directory of this.#directories) this.#attempt(`checkpoint of ${directory.path}`, () => run(directory));
  }

  // Background work must go on when a disk fails; the next time may succeed.
  #attempt(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.environment.logger.error(`Error during ${what}`, error);
    }
  }

  /** Writes all checkpoints now. */
  checkpoint(): void {
    for (const directory of this.#directories) {
      directory.checkpointOffsets();
      directory.checkpointHighWatermarks();
    }
  }

  // ---- the end ----

  #stopTimers(): void {
    this.cleaner.stop();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Clean stop: closes all logs, writes checkpoints and `.kafka_cleanshutdown`, releases the lock. */
  close(brokerEpoch: number): void {
    this.#stopTimers();
    for (const directory of this.#directories) {
      try {
        for (const log of directory.logs.values()) log.close();
        directory.closeCleanly(brokerEpoch);
      } catch (error) {
        this.#options.environment.logger.error(`Error while closing ${directory.path}; it will be recovered`, error);
        directory.closeUncleanly();
      }
    }
    this.#logs.clear();
  }

  /** Lets go of everything as a killed process would, for simulated crashes: nothing more is written. */
  abandon(): void {
    this.#stopTimers();
    for (const directory of this.#directories) {
      for (const log of directory.logs.values()) log.close(false);
      directory.abandon();
    }
    this.#logs.clear();
  }
}
