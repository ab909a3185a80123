import type { BatchBuilder } from '../records/batch-builder.ts';
import { setProducer, writeCrc } from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import type { ProducerConfig } from './producer-config.ts';

/** Who the broker takes the producer for (KIP-98). */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

/** Records of one partition on their way to the broker as one batch. */
export class ProducerBatch {
  readonly queue: PartitionQueue;
  readonly createdAtMs: number;
  readonly builder: BatchBuilder;
  /** Place among the batches of its partition. */
  readonly order: number;
  recordCount = 0;
  /** Bytes of keys and values. */
  payloadBytes = 0;
  /** What it takes of buffer.memory. */
  reservedBytes = 0;
  /** How often it was sent. */
  attempts = 0;
  /** Wall time before which it is not sent again. */
  retryAtMs = 0;
  /** Sequence of the first record; -1 until it is first sent. */
  baseSequence = -1;
  /** Identity that is written in its bytes. */
  identity: ProducerIdentity | undefined;
  #bytes: Buffer | undefined;

  constructor(queue: PartitionQueue, builder: BatchBuilder, createdAtMs: number) {
    this.queue = queue;
    this.builder = builder;
    this.createdAtMs = createdAtMs;
    this.order = queue.takeOrder();
  }

  /** The batch as it goes over the wire; made when first asked for, so that sequences are given in order of sending. */
  bytesFor(config: ProducerConfig, identity: ProducerIdentity | undefined): Buffer {
    if (this.#bytes === undefined) {
      this.identity = identity;
      this.recordCount = this.builder.recordCount;
      if (identity !== undefined) this.baseSequence = this.queue.takeSequence(this.recordCount);
      this.#bytes = this.builder.finish({
        codec: config.codec,
        level: config.compressionLevel,
        ...(identity === undefined
          ? {}
          : { producerId: identity.producerId, producerEpoch: identity.epoch, baseSequence: this.baseSequence }),
      });
    } else if (identity !== undefined && identity !== this.identity) {
      // The epoch was bumped after a failure: sequences start anew.
      this.identity = identity;
      this.baseSequence = this.queue.takeSequence(this.recordCount);
      setProducer(this.#bytes, 0, identity.producerId, identity.epoch, this.baseSequence);
      writeCrc(this.#bytes, 0);
    }
    return this.#bytes;
  }

  /** Moves one cursor over all records in their order; compressed ones are decompressed for it. */
  forEachRecord(visit: (cursor: RecordCursor) => void): void {
    if (this.#bytes === undefined && this.builder.recordCount === 0) return;
    this.#bytes ??= this.builder.finish();
    const cursor = new RecordCursor();
    cursor.open(this.#bytes, 0);
    while (cursor.next()) visit(cursor);
  }

  /** Bytes on the wire, an estimate until it was sent once. */
  get sizeBytes(): number {
    return this.#bytes?.length ?? this.builder.sizeBytes;
  }
}

/** What waits for one partition: an open batch that takes records, and closed ones in the order of their records. */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  open: ProducerBatch | undefined;
  readonly closed: ProducerBatch[] = [];
  readonly inFlight: ProducerBatch[] = [];
  /** Under which its next batches go out; undefined without idempotence. */
  identity: ProducerIdentity | undefined;
  #nextSequence = 0;
  #nextOrder = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** The sequence for a batch of `count` records; after the largest int32 comes 0. */
  takeSequence(count: number): number {
    const sequence = this.#nextSequence;
    this.#nextSequence = (sequence + count) % 0x8000_0000;
    return sequence;
  }

  takeOrder(): number {
    return this.#nextOrder++;
  }

  /** Takes on a new identity, once nothing is under way with the old one; sequences start at 0 (KIP-360). */
  adopt(identity: ProducerIdentity | undefined): void {
    if (this.identity === identity || this.inFlight.length > 0) return;
    this.identity = identity;
    this.#nextSequence = 0;
  }

  /**
   * Whether the first closed batch may go out. With idempotence a batch that is sent again goes alone, so that those
   * after it do not arrive out of sequence.
   */
  mayDrain(nowMs: number, isIdempotent: boolean): boolean {
    const head = this.closed[0];
    if (head === undefined || head.retryAtMs > nowMs) return false;
    if (!isIdempotent || this.inFlight.length === 0) return true;
    return this.identity !== undefined && head.attempts === 0 && this.inFlight.every((batch) => batch.attempts === 1);
  }

  /** Whether no earlier batch waits for its acknowledgement. */
  isFirst(batch: ProducerBatch): boolean {
    const isEarlier = (other: ProducerBatch): boolean => other.order < batch.order;
    return !this.closed.some(isEarlier) && !this.inFlight.some(isEarlier);
  }

  close(): void {
    if (this.open === undefined) return;
    this.closed.push(this.open);
    this.open = undefined;
  }

  /** Puts a batch that failed back to where it was among the others. */
  putBack(batch: ProducerBatch): void {
    const at = this.closed.findIndex((other) => other.order > batch.order);
    this.closed.splice(at < 0 ? this.closed.length : at, 0, batch);
  }

  get isEmpty(): boolean {
    return this.open === undefined && this.closed.length === 0 && this.inFlight.length === 0;
  }
}
