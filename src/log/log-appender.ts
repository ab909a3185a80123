import { KafkaError } from '../base/kafka-error.ts';
import { validateAndAssign } from '../records/batch-validator.ts';
import * as batch from '../records/record-batch.ts';
import { type AppendPlan, ProducerPlanner, planSentBatches, wholeBatchesWithin } from './append-plan.ts';
import type { LogCore } from './log-core.ts';
import type { AppendOptions, AppendResult } from './partition-log-types.ts';
import type { ProducerOrigin } from './producer-append.ts';

/** The appending part of a log: everything is checked first, then written, then applied. */
export class LogAppender {
  readonly #core: LogCore;

  constructor(core: LogCore) {
    this.#core = core;
  }

  /** As appendAsLeader for several small batches of this broker's own making, in one gathered write. */
  appendBatchesAsLeader(batches: readonly Buffer[], leaderEpoch: number, options: AppendOptions = {}): AppendResult {
    const origin = options.origin ?? 'client';
    if (origin === 'raftLeader') return this.#appendSent(batches, leaderEpoch, origin);
    const rules = origin === 'client' ? this.#core.clientRules : this.#core.coordinatorRules;
    const nowMs = this.#core.environment.clock.nowMs();
    const planner = this.#planner(origin, options);
    const chunks: Buffer[] = [];
    const plan: AppendPlan = { chunks, sizeBytes: 0, lastOffset: this.#core.logEndOffset - 1, maxTimestamp: -1, nowMs };
    for (const bytes of batches) {
      const validated = validateAndAssign(bytes, rules, plan.lastOffset + 1, leaderEpoch, nowMs);
      const duplicate = planner.add(validated.bytes, 0);
      if (duplicate !== undefined) {
        return {
          baseOffset: duplicate.firstOffset,
          lastOffset: duplicate.lastOffset,
          logAppendTimeMs: duplicate.timestamp,
          logStartOffset: this.#core.logStartOffset,
          isDuplicate: true,
          sizeBytes: 0,
        };
      }
      chunks.push(validated.bytes);
      plan.sizeBytes += validated.bytes.length;
      plan.lastOffset = validated.lastOffset;
      plan.maxTimestamp = Math.max(plan.maxTimestamp, validated.maxTimestamp);
    }
    const result = this.#write(plan, planner);
    return rules.timestampType === 'LogAppendTime' ? { ...result, logAppendTimeMs: nowMs } : result;
  }

  /** Writes batches that a leader sent, with the offsets and epochs they carry. A partial batch at the end is left out. */
  appendAsFollower(records: Buffer, leaderEpoch: number): AppendResult {
    const firstBytes = wholeBatchesWithin(records, this.#core.config.segmentBytes);
    if (firstBytes >= records.length) return this.#appendSent([records], leaderEpoch, 'replication');
    // More than a segment holds: a leader may send from several of its own at once.
    const first = this.#appendSent([records.subarray(0, firstBytes)], leaderEpoch, 'replication');
    if (first.sizeBytes < firstBytes) return first;
    const rest = this.appendAsFollower(records.subarray(firstBytes), leaderEpoch);
    return { ...first, lastOffset: rest.lastOffset, sizeBytes: first.sizeBytes + rest.sizeBytes };
  }

  #planner(origin: ProducerOrigin, options: AppendOptions): ProducerPlanner {
    const context =
      origin === 'replication'
        ? this.#core.replication
        : { topicPartition: this.#core.topicPartition, origin, transactionVersion: options.transactionVersion ?? 0 };
    return new ProducerPlanner(
      this.#core.producers,
      context,
      this.#core.verifiesTransactions,
      options.verificationGuard,
    );
  }

  #appendSent(buffers: readonly Buffer[], leaderEpoch: number, origin: 'replication' | 'raftLeader'): AppendResult {
    const planner = this.#planner(origin, {});
    const chunks: Buffer[] = [];
    const nowMs = this.#core.environment.clock.nowMs();
    const plan: AppendPlan = { chunks, sizeBytes: 0, lastOffset: this.#core.logEndOffset - 1, maxTimestamp: -1, nowMs };
    for (const buffer of buffers) {
      const sizeBytes = planSentBatches(plan, buffer, {
        leaderEpoch,
        origin,
        topicPartition: this.#core.topicPartition,
      });
      if (sizeBytes === 0) continue;
      chunks.push(sizeBytes === buffer.length ? buffer : buffer.subarray(0, sizeBytes));
      for (let at = 0; at < sizeBytes; at += batch.batchSizeBytes(buffer, at)) planner.add(buffer, at);
    }
    return this.#write(plan, planner);
  }

  #write(plan: AppendPlan, planner: ProducerPlanner): AppendResult {
    const [first] = plan.chunks;
    const baseOffset = first === undefined ? this.#core.logEndOffset : batch.baseOffset(first, 0);
    if (first !== undefined) {
      try {
        this.#core.guarded('appending records', () => this.#append(plan, baseOffset));
      } catch (error) {
        planner.notWritten();
        throw error;
      }
      this.#applyProducers(plan, planner);
      if (this.#core.logEndOffset - this.#core.flusher.recoveryPoint >= this.#core.config.flushMessages) {
        this.#core.guarded('flushing', () => this.#core.flusher.flush(this.#core.logEndOffset));
      }
    }
    return {
      baseOffset,
      lastOffset: plan.lastOffset,
      logAppendTimeMs: batch.NO_TIMESTAMP,
      logStartOffset: this.#core.logStartOffset,
      isDuplicate: false,
      sizeBytes: plan.sizeBytes,
    };
  }

  #append(plan: AppendPlan, baseOffset: number): void {
    if (plan.sizeBytes > this.#core.config.segmentBytes) {
      throw new KafkaError(
        'RECORD_LIST_TOO_LARGE',
        `Message batch size is ${plan.sizeBytes} bytes in append to partition ${this.#core.topicPartition}, which exceeds the maximum configured segment size of ${this.#core.config.segmentBytes}.`,
      );
    }
    if (this.#core.segments.active.shouldRoll(this.#core.config, plan)) this.#core.rollAt(baseOffset);
    this.#assignEpochs(plan);
    const segment = this.#core.segments.active;
    let position = segment.sizeBytes;
    segment.preallocateIndexes(this.#core.config.segmentIndexBytes);
    segment.append(plan.chunks, plan.sizeBytes);
    this.#core.logEndOffset = plan.lastOffset + 1;
    this.#core.flusher.appended(plan.nowMs);
    this.#core.isChanged = true;
    const { indexIntervalBytes } = this.#core.config;
    for (const chunk of plan.chunks) {
      for (let at = 0; at < chunk.length; ) {
        const size = batch.batchSizeBytes(chunk, at);
        segment.index(batch.lastOffset(chunk, at), batch.maxTimestamp(chunk, at), position, size, indexIntervalBytes);
        at += size;
        position += size;
      }
    }
  }

  #assignEpochs(plan: AppendPlan): void {
    for (const chunk of plan.chunks) {
      for (let at = 0; at < chunk.length; at += batch.batchSizeBytes(chunk, at)) {
        const epoch = batch.partitionLeaderEpoch(chunk, at);
        if (epoch >= 0 && epoch !== this.#core.epochs.latestEpoch)
          this.#core.epochs.assignInMemory(epoch, batch.baseOffset(chunk, at));
      }
    }
    this.#core.epochs.write();
  }

  #applyProducers(plan: AppendPlan, planner: ProducerPlanner): void {
    this.#core.producers.mapEndOffset = plan.lastOffset + 1;
    if (planner.isEmpty) return;
    planner.apply((completed, lastStableOffset) => {
      if (!completed.isAborted) return;
      this.#core.guarded('writing the transaction index', () => {
        this.#core.segments.active.transactionIndex.append({ ...completed, lastStableOffset });
      });
    });
    this.#core.firstUnstableOffset = this.#core.producers.firstUnstableOffset;
  }
}
