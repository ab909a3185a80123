import type { Clock } from '../base/clock.ts';
import type { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import type { ConsumerGroup } from './consumer/consumer-group.ts';
import type { TopicHashes } from './consumer/metadata-hash.ts';
import type { ForeignGroup } from './foreign-group.ts';
import type { GroupCoordinatorConfig } from './group-config.ts';
import type { OffsetStore } from './offsets/offset-store.ts';
import type { TimerStarter } from './timer-slot.ts';
import type { CoordinatorRecord, GroupMetadataView, TransactionProducer } from './types.ts';

export type Group = ClassicGroup | ConsumerGroup | ForeignGroup;

/** What an operation decided to write. */
export interface GroupWrite {
  readonly records: readonly CoordinatorRecord[];
  /** False when the records only store what a classic group already is: its members live by their own rules. */
  readonly applyRecords?: boolean;
  readonly transaction?: TransactionProducer;
  /** Called once, when the records are appended and applied; not when the log refused them. */
  onApplied?(): void;
  /** Called once, when the records are committed or cannot be. Comes before the answer to the request. */
  onWritten?(error: KafkaError | undefined): void;
}

/** The outcome of an operation; null = nothing to write. */
export type Decision = GroupWrite | null;

/** What the operations on the groups of one partition share. */
export interface ShardContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: GroupCoordinatorConfig;
  readonly metadata: GroupMetadataView;
  readonly timers: TimerStarter;
  readonly groups: Map<string, Group>;
  readonly offsets: OffsetStore;
  readonly topicHashes: TopicHashes;
  /** Writes a decision and applies it; `done` is called when it is committed, or cannot be, at once when there is none. */
  perform(decision: Decision, done?: (error: KafkaError | undefined) => void): void;
}
