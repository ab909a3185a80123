import { KafkaError } from '../base/kafka-error.ts';
import { CONTROL_RECORD_TYPES, controlRecordType, markerCoordinatorEpoch } from '../records/control-record.ts';
import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import type { AppendOrigin } from './partition-log-types.ts';
import type { ProducerStateEntry } from './producer-state-entry.ts';

/** Who appends, as far as producer checks go; a follower trusts its leader. */
export type ProducerOrigin = AppendOrigin | 'replication';

/** A transaction that a marker ended. */
export interface CompletedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the marker. */
  readonly lastOffset: number;
  readonly isAborted: boolean;
}

/** A producer whose transaction the coordinator was asked about; the first batches must then start low enough. */
export interface VerificationState {
  readonly guard: { readonly producerId: number };
  readonly timestamp: number;
  lowestSequence: number;
  producerEpoch: number;
  readonly supportsEpochBump: boolean;
}

/** The first batch of a producer that could not be written: those that were sent after it must not overtake it. */
export interface UnwrittenBatch {
  readonly producerEpoch: number;
  readonly firstSequence: number;
}

export interface ProducerAppendContext {
  readonly topicPartition: string;
  readonly origin: ProducerOrigin;
  readonly transactionVersion: number;
}

const MAX_EPOCH = 0x7fff;
const cursor = new RecordCursor();

function isNextSequence(lastSequence: number, nextSequence: number): boolean {
  return nextSequence === lastSequence + 1 || (nextSequence === 0 && lastSequence === 0x7fffffff);
}

/**
 * The batches of one producer in one append: checked and applied to a copy first, so that nothing has changed when one
 * of them is refused (Kafka's ProducerAppendInfo).
 */
export class ProducerAppend {
  readonly #context: ProducerAppendContext;
  readonly #current: ProducerStateEntry;
  readonly #verification: VerificationState | undefined;
  readonly #unwritten: UnwrittenBatch | undefined;
  readonly updated: ProducerStateEntry;
  /** First offsets of transactions that start in this append. */
  readonly startedTransactions: number[] = [];

  constructor(
    context: ProducerAppendContext,
    current: ProducerStateEntry,
    verification: VerificationState | undefined,
    unwritten: UnwrittenBatch | undefined,
  ) {
    this.#context = context;
    this.#current = current;
    this.#verification = verification;
    this.#unwritten = unwritten;
    this.updated = current.forUpdate();
  }

  /** Applies the batch at `at`, which has its offsets. Throws the error a producer gets when it does not fit. */
  append(bytes: Buffer, at: number): CompletedTransaction | undefined {
    if (batch.isControl(bytes, at)) return this.#appendMarker(bytes, at);
    this.#appendData(bytes, at);
    return undefined;
  }

  #appendData(bytes: Buffer, at: number): void {
    const { updated } = this;
    const firstOffset = batch.baseOffset(bytes, at);
    const epoch = batch.producerEpoch(bytes, at);
    const firstSequence = batch.baseSequence(bytes, at);
    this.#checkEpoch(epoch, firstOffset, 0);
    if (this.#context.origin === 'client') this.#checkSequence(epoch, firstSequence, firstOffset);
    updated.addBatch(epoch, {
      firstSequence,
      lastSequence: batch.lastSequence(bytes, at),
      firstOffset,
      lastOffset: batch.lastOffset(bytes, at),
      timestamp: batch.maxTimestamp(bytes, at),
    });
    const isTransactional = batch.isTransactional(bytes, at);
    if (updated.transactionFirstOffset !== undefined && !isTransactional) {
      throw new KafkaError(
        'INVALID_TXN_STATE',
        `Expected transactional write from producer ${updated.producerId} at offset ${firstOffset} in partition ${this.#context.topicPartition}`,
      );
    }
    if (updated.transactionFirstOffset === undefined && isTransactional) {
      updated.transactionFirstOffset = firstOffset;
      this.startedTransactions.push(firstOffset);
    }
  }

  #appendMarker(bytes: Buffer, at: number): CompletedTransaction | undefined {
    const { updated } = this;
    cursor.open(bytes, at);
    if (!cursor.next()) return undefined;
    const type = controlRecordType(cursor);
    if (type !== CONTROL_RECORD_TYPES.abort && type !== CONTROL_RECORD_TYPES.commit) return undefined;
    const offset = cursor.offset;
    const epoch = batch.producerEpoch(bytes, at);
    const coordinatorEpoch = markerCoordinatorEpoch(cursor);
    this.#checkEpoch(epoch, offset, this.#context.transactionVersion);
    if (updated.coordinatorEpoch > coordinatorEpoch && this.#context.origin !== 'replication') {
      throw new KafkaError(
        'TRANSACTION_COORDINATOR_FENCED',
        `Invalid coordinator epoch for producerId ${updated.producerId} at offset ${offset} in partition ${this.#context.topicPartition}: ${coordinatorEpoch} (zombie), ${updated.coordinatorEpoch} (current)`,
      );
    }
    const firstOffset = updated.transactionFirstOffset;
    updated.endTransaction(epoch, coordinatorEpoch, cursor.timestamp);
    if (firstOffset === undefined) return undefined;
    const isAborted = type === CONTROL_RECORD_TYPES.abort;
    return { producerId: updated.producerId, firstOffset, lastOffset: offset, isAborted };
  }

  #checkEpoch(epoch: number, offset: number, transactionVersion: number): void {
    const { updated } = this;
    const current = updated.producerEpoch;
    const isStale = transactionVersion >= 2 ? epoch <= current : epoch < current;
    if (!isStale || this.#context.origin === 'replication') return;
    // A marker that is sent again after its transaction was completed is written again, harmlessly (KIP-890).
    const isRetry = epoch === current && (updated.transactionFirstOffset === undefined || epoch === MAX_EPOCH);
    if (transactionVersion >= 2 && isRetry) return;
    throw new KafkaError(
      'INVALID_PRODUCER_EPOCH',
      `Epoch of producer ${updated.producerId} at offset ${offset} in ${this.#context.topicPartition} is ${epoch}, which is ${transactionVersion >= 2 ? '<=' : '<'} the last seen epoch ${current} (TV${transactionVersion})`,
    );
  }

  #outOfOrder(text: string): KafkaError {
    return new KafkaError('OUT_OF_ORDER_SEQUENCE_NUMBER', text);
  }

  #checkSequence(epoch: number, firstSequence: number, offset: number): void {
    const { updated } = this;
    const current = this.#current;
    const where = `producer ${updated.producerId} at offset ${offset} in partition ${this.#context.topicPartition}`;
    const verification = this.#verification;
    if (verification?.supportsEpochBump === true && firstSequence !== 0 && current.isEmpty) {
      throw this.#outOfOrder(
        `Invalid sequence number for ${where}: ${firstSequence} (incoming seq. number). Expected sequence 0 for transactions v2 idempotent producer with no existing state.`,
      );
    }
    if (verification !== undefined && firstSequence > verification.lowestSequence) {
      throw this.#outOfOrder(
        `Out of order sequence number for ${where}: ${firstSequence} (incoming seq. number), ${verification.lowestSequence} (earliest seen sequence)`,
      );
    }
    const unwritten = this.#unwritten;
    if (unwritten?.producerEpoch === epoch && updated.isEmpty && firstSequence > unwritten.firstSequence) {
      throw this.#outOfOrder(
        `Out of order sequence number for ${where}: ${firstSequence} (incoming seq. number), ${unwritten.firstSequence} could not be written`,
      );
    }
    if (epoch !== updated.producerEpoch) {
      if (firstSequence === 0 || updated.producerEpoch === batch.NO_PRODUCER_EPOCH) return;
      throw this.#outOfOrder(
        `Invalid sequence number for new epoch of ${where}: ${epoch} (request epoch), ${firstSequence} (seq. number), ${updated.producerEpoch} (current producer epoch)`,
      );
    }
    let lastSequence = updated.lastSequence;
    if (updated.isEmpty) lastSequence = epoch === current.producerEpoch ? current.lastSequence : batch.NO_SEQUENCE;
    if (current.producerEpoch === batch.NO_PRODUCER_EPOCH || isNextSequence(lastSequence, firstSequence)) return;
    throw this.#outOfOrder(
      `Out of order sequence number for ${where}: ${firstSequence} (incoming seq. number), ${lastSequence} (current end sequence number)`,
    );
  }
}
