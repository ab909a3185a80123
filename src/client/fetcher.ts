import type { ClientEnvironment } from './environment.ts';
import type { TopicPartition } from './types.ts';

/** Record batches of one partition as the broker sent them. */
export interface FetchedRecords extends TopicPartition {
  /** Whole batches; the last one may be cut off. Iterate with `FetchedRecords.forEach` of src/records or `FetchIterator`. */
  readonly records: Buffer;
  /** Where the partition's fetch began: records of the first batch before it must be skipped. */
  readonly fetchOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** Producers whose records from `firstOffset` on were aborted; only with read_committed. */
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[];
}

export interface FetcherOptions {
  readonly environment?: Partial<ClientEnvironment>;
}

/** Where a record lies: {@link Fetcher.poll} moves a cursor of src/records over it; nothing is allocated per record. */
export type { RecordCursor } from '../records/record-cursor.ts';

/**
 * Fetches assigned partitions from their leaders, or from the replica that the leader prefers for `client.rack`
 * (KIP-392), with fetch sessions (KIP-227). Settings as Kafka's consumer: fetch.min.bytes, fetch.max.bytes,
 * fetch.max.wait.ms, max.partition.fetch.bytes, isolation.level, auto.offset.reset, check.crcs, client.rack.
 * One answer a broker is fetched ahead of what was polled; no more.
 */
export declare class Fetcher {
  static create(properties: ReadonlyMap<string, string>, options?: FetcherOptions): Promise<Fetcher>;

  /** The underlying client, e.g. for metadata and admin calls. */
  readonly client: import('./client.ts').KafkaClient;

  /**
   * Replaces the assignment. `offset`: where to start; `earliest`, `latest`; or undefined = by auto.offset.reset.
   * Partitions that stay assigned and have no new offset keep their position.
   */
  assign(
    partitions: readonly (TopicPartition & { readonly offset?: number | 'earliest' | 'latest' | undefined })[],
  ): void;

  /** Next offset to be polled, undefined while not known. */
  position(topic: string, partition: number): number | undefined;

  seek(topic: string, partition: number, offset: number | 'earliest' | 'latest'): void;

  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;

  /**
   * Calls `visit` for each record that is there, waiting up to `timeoutMs` for the first; returns how many there were.
   * Control records and, with read_committed, aborted ones are passed over. `visit` returning false stops: the rest
   * comes with the next poll. Rejects with KafkaError: OFFSET_OUT_OF_RANGE when auto.offset.reset=none,
   * TOPIC_AUTHORIZATION_FAILED, CORRUPT_MESSAGE, …
   */
  poll(
    timeoutMs: number,
    visit: (cursor: import('../records/record-cursor.ts').RecordCursor, topic: string, partition: number) => unknown,
    maxRecords?: number,
  ): Promise<number>;

  close(): void;
}
