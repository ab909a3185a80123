import { KafkaError } from '../base/kafka-error.ts';
import { listOffsets, OffsetSpec } from './admin/offsets.ts';
import type { KafkaClient } from './client.ts';
import { ClientError } from './errors.ts';
import type { FetchPartition } from './fetch-partition.ts';
import type { FetcherConfig } from './fetcher-config.ts';

/** Finds where to start in partitions whose position is not known, by ListOffsets. */
export class PositionLookup {
  readonly #client: KafkaClient;
  readonly #config: FetcherConfig;
  readonly #done: (error?: unknown) => void;
  #isUnderWay = false;

  /** @param done called after each lookup, with what went wrong if anything did */
  constructor(client: KafkaClient, config: FetcherConfig, done: (error?: unknown) => void) {
    this.#client = client;
    this.#config = config;
    this.#done = done;
  }

  /** Starts a lookup for those that need one; does nothing while one is under way. */
  lookUp(partitions: Iterable<FetchPartition>): void {
    if (this.#isUnderWay) return;
    const lost = [...partitions].filter((one) => one.position === undefined && !one.isPaused);
    if (lost.length === 0) return;
    this.#isUnderWay = true;
    this.#find(lost)
      .then(
        () => undefined,
        (error: unknown) => error,
      )
      .then((error) => {
        this.#isUnderWay = false;
        this.#done(error);
      });
  }

  async #find(lost: readonly FetchPartition[]): Promise<void> {
    const queries = lost.map((one) => ({ one, generation: one.generation, timestamp: this.#timestampOf(one) }));
    const undecided = queries.filter((query) => query.timestamp === undefined);
    if (undecided.length > 0) {
      const names = undecided.map((query) => query.one.name).join(', ');
      const exception = 'org.apache.kafka.clients.consumer.NoOffsetForPartitionException';
      const text = `Undefined offset with no reset policy for partitions: [${names}]`;
      // An error that stays would be found again at once: let other work come in between.
      await this.#client.sleep(this.#client.config.retryBackoffMs);
      throw new ClientError(exception, 'OFFSET_OUT_OF_RANGE', text);
    }
    const asked = queries.map(({ one, timestamp = OffsetSpec.LATEST }) => ({
      topic: one.topic,
      partition: one.partition,
      timestamp,
    }));
    const results = await listOffsets(this.#client, asked, { readCommitted: this.#config.isReadCommitted });
    let failure: KafkaError | undefined;
    for (const { one, generation } of queries) {
      const result = results.get(one.name);
      if (result === undefined || one.generation !== generation) continue;
      if (result instanceof KafkaError) failure ??= result;
      else one.seek(result.offset < 0 ? 'latest' : result.offset);
    }
    if (failure !== undefined) throw failure;
  }

  #timestampOf(partition: FetchPartition): number | undefined {
    const to = partition.resetTo === 'policy' ? this.#config.offsetReset : partition.resetTo;
    if (to === 'earliest') return OffsetSpec.EARLIEST;
    if (to === 'latest') return OffsetSpec.LATEST;
    if (typeof to === 'object') return Math.max(0, this.#client.environment.clock.nowMs() - to.durationMs);
    return undefined;
  }
}
