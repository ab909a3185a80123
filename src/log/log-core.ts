import { KafkaError } from '../base/kafka-error.ts';
import type { ValidationRules } from '../records/batch-validator.ts';
import type { LeaderEpochCache } from './leader-epoch-cache.ts';
import type { LogConfig } from './log-config.ts';
import { LogFlusher } from './log-flusher.ts';
import type { LoadedLog } from './log-loader.ts';
import { SegmentReader } from './log-reader.ts';
import type { LogSegment } from './log-segment.ts';
import type { LogEnvironment, OpenLogOptions } from './partition-log-types.ts';
import type { ProducerAppendContext } from './producer-append.ts';
import type { ProducerStates } from './producer-state.ts';
import { SegmentList } from './segment-list.ts';
import { validationRules } from './validation-rules.ts';

/** What the parts of one log (append, trim, read) share: its files, its state, and how errors of the disk come out. */
export class LogCore {
  readonly topic: string;
  readonly partition: number;
  readonly topicPartition: string;
  readonly environment: LogEnvironment;
  readonly verifiesTransactions: boolean;
  readonly segments: SegmentList;
  readonly flusher: LogFlusher;
  readonly epochs: LeaderEpochCache;
  readonly producers: ProducerStates;
  readonly reader = new SegmentReader();
  readonly replication: ProducerAppendContext;
  directory: string;
  config: LogConfig;
  clientRules: ValidationRules;
  coordinatorRules: ValidationRules;
  logStartOffset: number;
  logEndOffset: number;
  highWatermark: number;
  firstUnstableOffset: number | undefined;
  /** Whether the files differ from what a clean stop left. */
  isChanged: boolean;
  isClosed = false;
  /** Counts what takes segments away. */
  generation = 0;

  constructor(options: OpenLogOptions, loaded: LoadedLog, isNew: boolean) {
    const { environment } = options;
    this.topic = options.topic;
    this.partition = options.partition;
    this.topicPartition = `${options.topic}-${options.partition}`;
    this.environment = environment;
    this.verifiesTransactions = options.verifyTransactions ?? true;
    this.directory = options.directory;
    this.config = options.config;
    const active = loaded.segments.at(-1);
    if (active === undefined) throw new RangeError(`${options.directory} has no segment`);
    this.segments = new SegmentList(environment, options.directory, loaded.segments, active);
    this.flusher = new LogFlusher(environment, this.segments, this.topicPartition, loaded.recoveryPoint);
    this.epochs = loaded.epochs;
    this.producers = loaded.producers;
    this.replication = { topicPartition: this.topicPartition, origin: 'replication', transactionVersion: 0 };
    this.clientRules = validationRules(this.config, this.topicPartition, true);
    this.coordinatorRules = validationRules(this.config, this.topicPartition, false);
    this.logStartOffset = loaded.logStartOffset;
    this.logEndOffset = loaded.logEndOffset;
    this.highWatermark = loaded.logStartOffset;
    this.firstUnstableOffset = loaded.producers.firstUnstableOffset;
    this.isChanged = isNew || !options.hadCleanShutdown;
  }

  setConfig(config: LogConfig): void {
    this.config = config;
    this.clientRules = validationRules(config, this.topicPartition, true);
    this.coordinatorRules = validationRules(config, this.topicPartition, false);
  }

  /** The end of what a read_committed consumer may see. */
  get lastStableOffset(): number {
    const first = this.firstUnstableOffset;
    return first !== undefined && first < this.highWatermark ? first : this.highWatermark;
  }

  /** Starts a new segment at `offset` or at the log end, if that is higher; nothing when the active one is empty. */
  rollAt(offset: number): void {
    const baseOffset = Math.max(offset, this.logEndOffset);
    const former = this.segments.roll(baseOffset, this.config);
    if (former === undefined) return;
    this.producers.mapEndOffset = baseOffset;
    this.producers.takeSnapshot();
    this.flusher.filesChanged();
    this.isChanged = true;
    this.flusher.flushInBackground(baseOffset, () => this.logEndOffset, undefined);
  }

  /** Renames the producer snapshots of segments that went; they are removed later. */
  retireSnapshots(segments: readonly LogSegment[]): void {
    const paths = segments.flatMap((segment) => this.producers.retireSnapshot(segment.baseOffset) ?? []);
    this.segments.removeLater(paths, this.config.fileDeleteDelayMs);
  }

  /** Runs what touches the disk: its errors, and use after the end, are KAFKA_STORAGE_ERROR. */
  guarded<T>(what: string, run: () => T): T {
    if (this.isClosed) throw new KafkaError('KAFKA_STORAGE_ERROR', `The log for ${this.topicPartition} is closed`);
    return guarded(`${what} for ${this.topicPartition} in ${this.directory}`, run);
  }
}

/** Turns the disk's errors into KAFKA_STORAGE_ERROR. */
export function guarded<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof KafkaError || error instanceof RangeError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new KafkaError('KAFKA_STORAGE_ERROR', `Error while ${what}: ${why}`, { cause: error });
  }
}
