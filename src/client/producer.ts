import type { KafkaError } from '../base/kafka-error.ts';
import type { HeaderToWrite } from '../records/batch-builder.ts';
import type { ClientEnvironment } from './environment.ts';

/** What became of one batch; all its records share it. */
export interface BatchResult {
  readonly topic: string;
  readonly partition: number;
  readonly recordCount: number;
  /** undefined when the broker acknowledged the batch. */
  readonly error: KafkaError | undefined;
  /** Offset of the first record, -1 when not known (acks=0, errors). */
  readonly baseOffset: number;
  /** In ms, -1 unless the topic stamps records itself. */
  readonly logAppendTimeMs: number;
  /** Payload bytes of keys and values. */
  readonly sizeBytes: number;
  /** Wall time in ms when the first record of the batch was added. */
  readonly createdAtMs: number;
}

export interface ProducerOptions {
  /** Called once for every batch, in the order of the answers. */
  readonly onBatch?: ((result: BatchResult) => void) | undefined;
  readonly environment?: Partial<ClientEnvironment>;
}

/**
 * A batching producer with Kafka's settings: acks, linger.ms, batch.size, compression.type, enable.idempotence,
 * max.in.flight.requests.per.connection, retries, delivery.timeout.ms, buffer.memory, max.block.ms, max.request.size.
 *
 *     const producer = await Producer.create(properties, { onBatch: (batch) => … });
 *     await producer.connectTopic('orders');          // metadata, or the error after max.block.ms
 *     if (!producer.sendSlice('orders', -1, -1, source, 0, -1, start, length)) await producer.drained();
 *     await producer.flush();
 *     await producer.close();
 *
 * Records are copied when they are added; `source` may be used again at once.
 */
export declare class Producer {
  static create(properties: ReadonlyMap<string, string>, options?: ProducerOptions): Promise<Producer>;

  /**
   * Makes sure that the partitions of a topic are known; must have resolved before records for it are added. Rejects with
   * REQUEST_TIMED_OUT in Kafka's words (`Topic x not present in metadata after 60000 ms.`), INVALID_TOPIC_EXCEPTION,
   * TOPIC_AUTHORIZATION_FAILED.
   */
  connectTopic(topic: string): Promise<number>;

  /**
   * Adds a record; never waits. Returns false when `buffer.memory` is used up: the record was taken, but wait for
   * {@link drained} before the next.
   * @param partition -1 = by key (murmur2), without key sticky
   * @param timestampMs -1 = now
   * @param keyLength -1 = no key
   * @param valueLength -1 = null
   * @throws KafkaError MESSAGE_TOO_LARGE when the record is larger than max.request.size or buffer.memory
   */
  sendSlice(
    topic: string,
    partition: number,
    timestampMs: number,
    source: Buffer,
    keyStart: number,
    keyLength: number,
    valueStart: number,
    valueLength: number,
  ): boolean;

  /** As {@link sendSlice} for a record in whole buffers, with headers. */
  send(
    topic: string,
    record: {
      readonly key: Uint8Array | null;
      readonly value: Uint8Array | null;
      readonly headers?: readonly HeaderToWrite[];
      readonly partition?: number;
      readonly timestampMs?: number;
    },
  ): boolean;

  /** Resolves when records may be added again. */
  drained(): Promise<void>;

  /** Sends what is held back and resolves when every batch has its result. */
  flush(): Promise<void>;

  /** Flushes, then ends the connections; after `timeoutMs` what is left fails. */
  close(timeoutMs?: number): Promise<void>;
}
