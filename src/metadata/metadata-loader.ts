import { KafkaError } from '../base/kafka-error.ts';
import { changesBetween, MetadataChanges } from './metadata-changes.ts';
import { MetadataImage } from './metadata-image.ts';
import { decodeMetadataRecord, encodeMetadataRecord, type MetadataRecord } from './metadata-record.ts';

/** One committed batch of the metadata log, as the raft layer hands it over. */
export interface CommittedMetadataBatch {
  /** Offset of the first record. */
  readonly baseOffset: number;
  readonly epoch: number;
  /** Values of the records; the one at index i has offset baseOffset + i. */
  readonly values: readonly Buffer[];
}

/** Called after records were applied, with what they touched. */
export type MetadataPublisher = (image: MetadataImage, changes: MetadataChanges) => void;

/**
 * Replays the committed metadata log into an image. Records between BeginTransactionRecord and EndTransactionRecord
 * are withheld and applied together (KIP-866); an AbortTransactionRecord drops them. Changes are published once a call,
 * however many batches it brought.
 */
export class MetadataLoader {
  /** The state of the committed log; the same object for good. */
  readonly image = new MetadataImage();
  readonly #publishers: MetadataPublisher[] = [];
  #withheld: MetadataRecord[] | undefined;
  #lastAppliedOffset = -1;
  #lastAppliedEpoch = -1;

  /** Offset of the last record that is in the image or withheld; -1 before the first. */
  get lastAppliedOffset(): number {
    return this.#lastAppliedOffset;
  }

  get lastAppliedEpoch(): number {
    return this.#lastAppliedEpoch;
  }

  /** Whether a transaction is open: no snapshot can be taken now. */
  get isInTransaction(): boolean {
    return this.#withheld !== undefined;
  }

  /** Publishers are called in the order in which they were added. */
  addPublisher(publisher: MetadataPublisher): void {
    this.#publishers.push(publisher);
  }

  /** Applies committed batches. Throws KafkaError for a record that cannot be read or does not fit: the node must stop. */
  handleCommit(batches: readonly CommittedMetadataBatch[]): void {
    const changes = new MetadataChanges();
    for (const batch of batches) {
      for (const value of batch.values) this.#handleRecord(decodeMetadataRecord(value), changes);
      this.#lastAppliedOffset = batch.baseOffset + batch.values.length - 1;
      this.#lastAppliedEpoch = batch.epoch;
    }
    this.#publish(changes);
  }

  /** Notes that the log goes on up to `offset` without records of ours (control batches). */
  advanceTo(offset: number, epoch: number): void {
    if (offset <= this.#lastAppliedOffset) return;
    this.#lastAppliedOffset = offset;
    this.#lastAppliedEpoch = epoch;
  }

  /** Replaces the image by a snapshot that covers all offsets below `endOffset`. */
  handleLoadSnapshot(values: Iterable<Buffer>, endOffset: number, epoch: number): void {
    const next = new MetadataImage();
    for (const value of values) next.apply(decodeMetadataRecord(value));
    const changes = changesBetween(this.image, next);
    this.image.become(next);
    this.#withheld = undefined;
    this.#lastAppliedOffset = endOffset - 1;
    this.#lastAppliedEpoch = epoch;
    this.#publish(changes);
  }

  /** The values of a snapshot of the present image. Must not be called within a transaction. */
  snapshotValues(): Buffer[] {
    if (this.#withheld !== undefined) throw new Error('a snapshot cannot be taken while a transaction is open');
    return this.image.toRecords().map(encodeMetadataRecord);
  }

  #handleRecord(record: MetadataRecord, changes: MetadataChanges): void {
    switch (record.type) {
      case 'BeginTransactionRecord':
        if (this.#withheld !== undefined) throw misplaced(record);
        this.#withheld = [];
        return;
      case 'EndTransactionRecord':
        if (this.#withheld === undefined) throw misplaced(record);
        for (const withheld of this.#withheld) this.image.apply(withheld, changes);
        this.#withheld = undefined;
        return;
      case 'AbortTransactionRecord':
        if (this.#withheld === undefined) throw misplaced(record);
        this.#withheld = undefined;
        return;
      default:
        if (this.#withheld !== undefined) this.#withheld.push(record);
        else this.image.apply(record, changes);
    }
  }

  #publish(changes: MetadataChanges): void {
    for (const publisher of this.#publishers) publisher(this.image, changes);
  }
}

function misplaced(record: MetadataRecord): KafkaError {
  return new KafkaError('UNKNOWN_SERVER_ERROR', `a ${record.type} is where no such record can be`);
}
