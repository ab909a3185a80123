import { NO_PRODUCER_EPOCH, NO_SEQUENCE, NO_TIMESTAMP } from '../records/record-batch.ts';

const BATCHES_TO_RETAIN = 5;

/** One of the last batches of a producer: enough to answer when it is sent again. */
export interface BatchMetadata {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly timestamp: number;
}

/** What a log knows of one producer. */
export class ProducerStateEntry {
  readonly producerId: number;
  producerEpoch: number = NO_PRODUCER_EPOCH;
  coordinatorEpoch = -1;
  lastTimestamp: number = NO_TIMESTAMP;
  /** Where its open transaction starts, undefined when none is. */
  transactionFirstOffset: number | undefined = undefined;
  batches: readonly BatchMetadata[] = [];

  constructor(producerId: number) {
    this.producerId = producerId;
  }

  /** A copy without batches, to which an append is applied first. */
  forUpdate(): ProducerStateEntry {
    const copy = new ProducerStateEntry(this.producerId);
    copy.producerEpoch = this.producerEpoch;
    copy.coordinatorEpoch = this.coordinatorEpoch;
    copy.lastTimestamp = this.lastTimestamp;
    copy.transactionFirstOffset = this.transactionFirstOffset;
    return copy;
  }

  get isEmpty(): boolean {
    return this.batches.length === 0;
  }

  get lastSequence(): number {
    return this.batches.at(-1)?.lastSequence ?? NO_SEQUENCE;
  }

  addBatch(producerEpoch: number, batch: BatchMetadata): void {
    this.#changeEpoch(producerEpoch);
    const kept = this.batches.length < BATCHES_TO_RETAIN ? this.batches : this.batches.slice(1);
    this.batches = [...kept, batch];
    this.lastTimestamp = batch.timestamp;
  }

  /** A marker ended its transaction. */
  endTransaction(producerEpoch: number, coordinatorEpoch: number, timestamp: number): void {
    this.#changeEpoch(producerEpoch);
    this.coordinatorEpoch = coordinatorEpoch;
    this.transactionFirstOffset = undefined;
    this.lastTimestamp = timestamp;
  }

  #changeEpoch(producerEpoch: number): void {
    if (this.producerEpoch === producerEpoch) return;
    this.batches = [];
    this.producerEpoch = producerEpoch;
  }

  /** Takes over what `update`, made by {@link forUpdate}, has become. */
  apply(update: ProducerStateEntry): void {
    this.#changeEpoch(update.producerEpoch);
    for (const batch of update.batches) this.addBatch(update.producerEpoch, batch);
    this.coordinatorEpoch = update.coordinatorEpoch;
    this.transactionFirstOffset = update.transactionFirstOffset;
    this.lastTimestamp = update.lastTimestamp;
  }

  /** The retained batch with these sequences. */
  findDuplicate(producerEpoch: number, firstSequence: number, lastSequence: number): BatchMetadata | undefined {
    if (producerEpoch !== this.producerEpoch) return undefined;
    return this.batches.find((b) => b.firstSequence === firstSequence && b.lastSequence === lastSequence);
  }
}
