import type { Clock } from '../base/clock.ts';
import type { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { ErrorCode } from '../protocol/error-codes.ts';
import { CONTROL_RECORD_TYPES, controlRecordType } from '../records/control-record.ts';
import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import { prepareRebalance, rescheduleHeartbeat } from './classic/rebalance.ts';
import type { ConsumerGroup } from './consumer/consumer-group.ts';
import { scheduleRebalanceTimeout, scheduleSession } from './consumer/membership.ts';
import type { TopicHashes } from './consumer/metadata-hash.ts';
import type { ForeignGroup } from './foreign-group.ts';
import type { GroupCoordinatorConfig } from './group-config.ts';
import { GroupState } from './group-state.ts';
import { expiredRecords } from './offsets/expiry.ts';
import type { OffsetStore } from './offsets/offset-store.ts';
import { RecordWriter } from './record-writer.ts';
import type { ReplyQueue } from './reply-queue.ts';
import type { Decision, Group, ShardContext } from './shard-context.ts';
import { TimerSlot, TimerStarter } from './timer-slot.ts';
import type { CoordinatorRecord, GroupCoordinatorOptions, GroupMetadataView } from './types.ts';

/** Records that need not be written in one piece are written in batches of about this size. */
const MAX_BATCH_BYTES = 512 * 1024;
/** group.consumer.session.timeout.ms: how long members of groups of other kinds may go on without heartbeats. */
const FOREIGN_SESSION_TIMEOUT_MS = 45_000;

interface ShardOptions extends GroupCoordinatorOptions {
  readonly topicHashes: TopicHashes;
}

type ShardStatus = 'loading' | 'active' | 'closed';

/** The groups of one partition of `__consumer_offsets` while this broker leads it. */
export class GroupCoordinatorShard implements ShardContext {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: GroupCoordinatorConfig;
  readonly metadata: GroupMetadataView;
  readonly timers: TimerStarter;
  readonly topicHashes: TopicHashes;
  readonly #state: GroupState;
  readonly #writer: RecordWriter;
  readonly #replies: ReplyQueue;
  readonly #expiryTimer = new TimerSlot();
  #status: ShardStatus = 'loading';

  constructor(partition: number, leaderEpoch: number, options: ShardOptions, replies: ReplyQueue) {
    const { clock, logger, config, append } = options;
    this.partition = partition;
    this.leaderEpoch = leaderEpoch;
    this.clock = clock;
    this.random = options.random;
    this.logger = logger;
    this.config = config;
    this.metadata = options.metadata;
    this.topicHashes = options.topicHashes;
    this.#replies = replies;
    this.timers = new TimerStarter(clock, logger, (operation) => replies.run(operation));
    this.#state = new GroupState(clock, logger);
    this.#writer = new RecordWriter({
      partition,
      clock,
      logger,
      commitTimeoutMs: config.offsetsCommitTimeoutMs,
      append,
      state: this.#state,
      run: (operation) => replies.run(operation),
    });
  }

  get groups(): Map<string, Group> {
    return this.#state.groups;
  }

  get offsets(): OffsetStore {
    return this.#state.offsets;
  }

  get isLoading(): boolean {
    return this.#status === 'loading';
  }

  get isActive(): boolean {
    return this.#status === 'active';
  }

  perform(decision: Decision, done: (error: KafkaError | undefined) => void = () => {}): void {
    this.#replies.run(() => {
      if (decision === null || decision.records.length === 0) {
        decision?.onApplied?.();
        decision?.onWritten?.(undefined);
        done(undefined);
        return;
      }
      this.#writer.write(decision, done);
    });
  }

  /** Calls `done` when all that is written so far is committed. */
  afterPendingWrites(done: (error: KafkaError | undefined) => void): void {
    this.#writer.afterPending(done);
  }

  /** Writes records that need not be written together, such as tombstones; what fails is done again another time. */
  performInParts(records: readonly CoordinatorRecord[]): void {
    let part: CoordinatorRecord[] = [];
    let sizeBytes = 0;
    for (const record of records) {
      const recordBytes = record.key.length + (record.value?.length ?? 0) + 32;
      if (sizeBytes + recordBytes > MAX_BATCH_BYTES && part.length > 0) {
        this.perform({ records: part });
        part = [];
        sizeBytes = 0;
      }
      part.push(record);
      sizeBytes += recordBytes;
    }
    if (part.length > 0) this.perform({ records: part });
  }

  /** Replays whole batches of the partition's log. */
  replayBatches(batches: Buffer): void {
    const cursor = new RecordCursor();
    for (let at = 0; at + batch.BATCH_HEADER_SIZE <= batches.length; at += batch.batchSizeBytes(batches, at)) {
      cursor.open(batches, at);
      const producerId = batch.isTransactional(batches, at) ? batch.producerId(batches, at) : batch.NO_PRODUCER_ID;
      const isControl = batch.isControl(batches, at);
      while (cursor.next()) {
        if (isControl) this.#replayMarker(producerId, controlRecordType(cursor));
        else this.#replayRecord(cursor, producerId);
      }
    }
  }

  #replayRecord(cursor: RecordCursor, producerId: number): void {
    const key = cursor.key();
    if (key === null) {
      this.logger.warn(`skipped the record at offset ${cursor.offset} of __consumer_offsets: it has no key`);
      return;
    }
    const applied = this.#state.apply({ key, value: cursor.value() }, cursor.offset, producerId);
    if (applied !== null) this.#state.showCommitted(applied);
  }

  #replayMarker(producerId: number, type: number): void {
    if (type === CONTROL_RECORD_TYPES.commit) this.offsets.endTransaction(producerId, true);
    else if (type === CONTROL_RECORD_TYPES.abort) this.offsets.endTransaction(producerId, false);
  }

  /** The state is complete: sessions of the members that were loaded start now. */
  activate(): void {
    this.#status = 'active';
    this.#replies.run(() => {
      for (const group of [...this.groups.values()]) {
        if (group.type === 'classic') this.#activateClassic(group);
        else if (group.type === 'consumer') this.#activateConsumer(group);
        else this.#activateForeign(group);
      }
    });
    this.#scheduleExpiry();
  }

  #activateClassic(group: ClassicGroup): void {
    for (const member of group.members.values()) rescheduleHeartbeat(this, group, member);
    if (group.members.size > this.config.groupMaxSize) {
      const reason = `its ${group.members.size} members are more than group.max.size allows`;
      this.perform(prepareRebalance(this, group, reason));
    }
  }

  #activateConsumer(group: ConsumerGroup): void {
    for (const member of group.members.values()) {
      scheduleSession(this, group, member.memberId);
      scheduleRebalanceTimeout(this, group, member);
    }
  }

  #activateForeign(group: ForeignGroup): void {
    group.sessionTimer.set(this.timers, FOREIGN_SESSION_TIMEOUT_MS, () => {
      this.perform({ records: group.memberTombstones() });
    });
  }

  #scheduleExpiry(): void {
    this.#expiryTimer.set(this.timers, this.config.offsetsRetentionCheckIntervalMs, () => {
      this.performInParts(expiredRecords(this));
      this.#scheduleExpiry();
    });
  }

  /** The partition moved away: everybody who waits is told so, and nothing happens here any more. */
  close(): void {
    if (this.#status === 'closed') return;
    this.#status = 'closed';
    this.#replies.run(() => {
      this.#expiryTimer.cancel();
      const errorCode = ErrorCode.NOT_COORDINATOR;
      for (const group of this.groups.values()) {
        group.cancelTimers();
        if (group.type !== 'classic') continue;
        group.transitionTo('Dead', this.clock.nowMs());
        for (const member of group.members.values()) {
          group.completeJoin(member, { memberId: member.memberId, errorCode });
          group.completeSync(member, { errorCode });
        }
      }
      this.#writer.close();
    });
  }
}
