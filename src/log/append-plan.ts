import { KafkaError } from '../base/kafka-error.ts';
import { firstBatchSize } from '../records/batch-validator.ts';
import * as batch from '../records/record-batch.ts';
import type { VerificationGuard } from './partition-log-types.ts';
import type { CompletedTransaction, ProducerAppend, ProducerAppendContext } from './producer-append.ts';
import type { ProducerStates } from './producer-state.ts';
import type { BatchMetadata } from './producer-state-entry.ts';

/** What an append is about to write; nothing has changed yet. */
export interface AppendPlan {
  readonly chunks: readonly Buffer[];
  sizeBytes: number;
  lastOffset: number;
  maxTimestamp: number;
  readonly nowMs: number;
}

/** Bytes of the whole batches at the start of `records` that fit `maxBytes`; all of them when everything fits. */
export function wholeBatchesWithin(records: Buffer, maxBytes: number): number {
  if (records.length <= maxBytes) return records.length;
  let at = 0;
  for (;;) {
    const size = firstBatchSize(records, at);
    if (size === 0) return records.length;
    if (at > 0 && at + size > maxBytes) return at;
    at += size;
  }
}

/** Who sent batches that carry their offsets, and as what. */
export interface SentFrom {
  readonly origin: 'replication' | 'raftLeader';
  readonly leaderEpoch: number;
  readonly topicPartition: string;
}

/**
 * Checks batches that carry their offsets: size, magic, CRC, rising offsets behind the plan's; takes them into the plan
 * and returns their bytes. A follower leaves out what is partial and what has a leader epoch above its own.
 */
export function planSentBatches(plan: AppendPlan, records: Buffer, from: SentFrom): number {
  let at = 0;
  for (let size = firstBatchSize(records); size > 0; size = firstBatchSize(records, at)) {
    const epoch = batch.partitionLeaderEpoch(records, at);
    if (from.origin === 'replication' && epoch > from.leaderEpoch) break;
    checkSentBatch(records, at, size, from);
    const first = batch.baseOffset(records, at);
    const last = batch.lastOffset(records, at);
    if (first <= plan.lastOffset || last < first) {
      throw new KafkaError(
        'UNKNOWN_SERVER_ERROR',
        `Unexpected offset in append to ${from.topicPartition}. Batch [${first}, ${last}] does not follow offset ${plan.lastOffset}.`,
      );
    }
    plan.lastOffset = last;
    plan.maxTimestamp = Math.max(plan.maxTimestamp, batch.maxTimestamp(records, at));
    at += size;
  }
  plan.sizeBytes += at;
  return at;
}

function checkSentBatch(records: Buffer, at: number, size: number, from: SentFrom): void {
  if (size < batch.BATCH_HEADER_SIZE || batch.magic(records, at) !== batch.CURRENT_MAGIC) {
    throw new KafkaError('CORRUPT_MESSAGE', `a batch of ${size} bytes in the append to ${from.topicPartition}`);
  }
  const epoch = batch.partitionLeaderEpoch(records, at);
  if (from.origin === 'raftLeader' && epoch !== from.leaderEpoch) {
    throw new KafkaError(
      'INVALID_RECORD',
      `Append from Raft leader did not set the batch epoch correctly, expected ${from.leaderEpoch} but the batch has ${epoch}`,
    );
  }
  if (!batch.hasValidCrc(records, at)) {
    throw new KafkaError(
      'CORRUPT_MESSAGE',
      `Record is corrupt (stored crc = ${batch.storedCrc(records, at)}) in topic partition ${from.topicPartition}.`,
    );
  }
}

/** Checks the producers of the batches of one append and holds what they will become until the write is done. */
export class ProducerPlanner {
  readonly #producers: ProducerStates;
  readonly #context: ProducerAppendContext;
  readonly #verifiesTransactions: boolean;
  readonly #guard: VerificationGuard | undefined;
  #appends: Map<number, ProducerAppend> | undefined;
  #completed: CompletedTransaction[] | undefined;
  #verified: number[] | undefined;

  constructor(
    producers: ProducerStates,
    context: ProducerAppendContext,
    verifiesTransactions: boolean,
    guard: VerificationGuard | undefined,
  ) {
    this.#producers = producers;
    this.#context = context;
    this.#verifiesTransactions = verifiesTransactions;
    this.#guard = guard;
  }

  get isEmpty(): boolean {
    return this.#appends === undefined;
  }

  /** Checks the batch at `at`; returns the batch that it repeats, if it does. */
  add(bytes: Buffer, at: number): BatchMetadata | undefined {
    if (!batch.hasProducerId(bytes, at)) return undefined;
    const producerId = batch.producerId(bytes, at);
    const epoch = batch.producerEpoch(bytes, at);
    if (this.#context.origin === 'client') {
      const first = batch.baseSequence(bytes, at);
      const duplicate = this.#producers.get(producerId)?.findDuplicate(epoch, first, batch.lastSequence(bytes, at));
      if (duplicate !== undefined) return duplicate;
    }
    const isTransactional = batch.isTransactional(bytes, at);
    if (isTransactional && this.#context.origin !== 'replication') this.#checkVerified(bytes, at, producerId, epoch);
    this.#appends ??= new Map();
    let append = this.#appends.get(producerId);
    if (append === undefined) {
      append = this.#producers.prepare(producerId, this.#context);
      this.#appends.set(producerId, append);
    }
    const completed = append.append(bytes, at);
    if (completed !== undefined) {
      this.#completed ??= [];
      this.#completed.push(completed);
    }
    if (isTransactional && !this.#startsNextTransaction(bytes, at, producerId)) {
      this.#verified ??= [];
      this.#verified.push(producerId);
    }
    return undefined;
  }

  // With transaction.version 2 a marker has the epoch of the next transaction, which may have asked for its guard.
  #startsNextTransaction(bytes: Buffer, at: number, producerId: number): boolean {
    if (!batch.isControl(bytes, at)) return false;
    const state = this.#producers.verification(producerId);
    return state?.supportsEpochBump === true && state.producerEpoch === batch.producerEpoch(bytes, at);
  }

  #checkVerified(bytes: Buffer, at: number, producerId: number, epoch: number): void {
    const entry = this.#appends?.get(producerId)?.updated ?? this.#producers.get(producerId);
    if (entry?.transactionFirstOffset !== undefined && entry.producerEpoch === epoch) return;
    if (entry !== undefined && epoch < entry.producerEpoch) {
      throw new KafkaError(
        'INVALID_PRODUCER_EPOCH',
        `Epoch of producer ${producerId} is ${epoch}, which is smaller than the last seen epoch ${entry.producerEpoch}`,
      );
    }
    if (!this.#verifiesTransactions || batch.isControl(bytes, at)) return;
    const guard = this.#producers.verification(producerId)?.guard;
    if (guard === undefined || guard !== this.#guard) {
      throw new KafkaError('INVALID_TXN_STATE', 'Record was not part of an ongoing transaction');
    }
  }

  /** The append failed; nothing of it is in the log. */
  notWritten(): void {
    for (const append of this.#appends?.values() ?? []) this.#producers.notWritten(append);
  }

  /** Makes it so; `onCompleted` hears of each transaction that ended, with the last stable offset after it. */
  apply(onCompleted: (completed: CompletedTransaction, lastStableOffset: number) => void): void {
    for (const append of this.#appends?.values() ?? []) this.#producers.apply(append);
    for (const producerId of this.#verified ?? []) this.#producers.clearVerification(producerId);
    for (const completed of this.#completed ?? []) {
      onCompleted(completed, this.#producers.lastStableOffsetAfter(completed));
      this.#producers.complete(completed);
    }
  }
}
