import { KafkaError } from '../base/kafka-error.ts';
import type { KafkaClient } from './client.ts';
import type { Connection } from './connection.ts';
import { isRetriable, isStaleMetadata, notServedByControllers, timeoutError } from './errors.ts';
import type { Result, Results } from './types.ts';

/** Where a key is served: the id of a broker, or why that cannot be found out. Keys that are left out are asked again. */
export type Places = Map<string, number | KafkaError>;

/** A call for many keys that live on different brokers, as Kafka's AdminApiDriver runs them. */
export interface KeyedCall<K, V> {
  /** Kafka's name of the call, e.g. `listOffsets`. */
  readonly name: string;
  /** The API that serves the keys and the one that finds their brokers; parts of a timeout's text. */
  readonly api: string;
  readonly lookupApi: string;
  readonly keys: ReadonlyMap<string, K>;
  readonly timeoutMs?: number | undefined;
  /** Finds the brokers of keys. */
  readonly lookup: (keys: ReadonlyMap<string, K>, connection: Connection, timeoutMs: number) => Promise<Places>;
  /** Asks one broker for its keys. Retriable errors among the results bring another attempt, others are final. */
  readonly attempt: (
    connection: Connection,
    keys: ReadonlyMap<string, K>,
    timeoutMs: number,
  ) => Promise<Results<string, V>>;
}

/**
 * Runs a keyed call; every key gets its result, in the order of `keys`. An authentication failure rejects as a whole,
 * everything else ends up in the results.
 */
export async function keyedCall<K, V>(client: KafkaClient, call: KeyedCall<K, V>): Promise<Results<string, V>> {
  if (client.config.usesControllers) {
    const error = notServedByControllers();
    return new Map([...call.keys.keys()].map((id) => [id, error]));
  }
  const run = new KeyedRun(client, call);
  await run.toEnd();
  return new Map([...call.keys.keys()].map((id) => [id, run.resultOf(id)]));
}

const COORDINATOR_MOVED = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE']);

class KeyedRun<K, V> {
  readonly #client: KafkaClient;
  readonly #call: KeyedCall<K, V>;
  readonly #deadlineMs: number;
  readonly #results = new Map<string, { readonly result: Result<V> }>();
  readonly #places = new Map<string, number>();
  /** The last retriable error of a key. */
  readonly #lastErrors = new Map<string, unknown>();
  #tries = 0;

  constructor(client: KafkaClient, call: KeyedCall<K, V>) {
    this.#client = client;
    this.#call = call;
    this.#deadlineMs = client.environment.clock.nowMs() + (call.timeoutMs ?? client.config.defaultApiTimeoutMs);
  }

  resultOf(id: string): Result<V> {
    const settled = this.#results.get(id);
    if (settled === undefined) throw new RangeError(`the call ${this.#call.name} ended without a result for ${id}`);
    return settled.result;
  }

  async toEnd(): Promise<void> {
    for (;;) {
      await this.#findPlaces();
      await this.#askBrokers();
      if (this.#pending().size === 0) return;
      this.#tries++;
      const nowMs = this.#client.environment.clock.nowMs();
      if (nowMs >= this.#deadlineMs || this.#tries > this.#client.config.retries || this.#client.isClosed) {
        this.#giveUp(nowMs);
        return;
      }
      const backoffMs = this.#client.retryBackoffMs(this.#tries - 1);
      await this.#client.sleep(Math.min(backoffMs, this.#deadlineMs - nowMs));
    }
  }

  #pending(): Map<string, K> {
    return new Map([...this.#call.keys].filter(([id]) => !this.#results.has(id)));
  }

  #timeLeftMs(): number {
    const leftMs = this.#deadlineMs - this.#client.environment.clock.nowMs();
    return Math.max(1, Math.min(leftMs, this.#client.config.requestTimeoutMs));
  }

  async #findPlaces(): Promise<void> {
    const { name, lookupApi, lookup } = this.#call;
    const lost = new Map([...this.#pending()].filter(([id]) => !this.#places.has(id)));
    if (lost.size === 0) return;
    const connection = await this.#assignOrFail('any', `${name}(api=${lookupApi})`, lost);
    if (connection === undefined) return;
    try {
      const places = await lookup(lost, connection, this.#timeLeftMs());
      for (const [id, place] of places) {
        if (typeof place === 'number') this.#places.set(id, place);
        else this.#settle(id, place);
      }
    } catch (error) {
      this.#failAll(lost, error);
    }
  }

  async #askBrokers(): Promise<void> {
    const byBroker = new Map<number, Map<string, K>>();
    for (const [id, key] of this.#pending()) {
      const place = this.#places.get(id);
      if (place === undefined) continue;
      const keys = byBroker.get(place) ?? new Map<string, K>();
      byBroker.set(place, keys.set(id, key));
    }
    await Promise.all([...byBroker].map(([brokerId, keys]) => this.#askBroker(brokerId, keys)));
  }

  async #askBroker(brokerId: number, keys: ReadonlyMap<string, K>): Promise<void> {
    const { name, api, attempt } = this.#call;
    const connection = await this.#assignOrFail(brokerId, `${name}(api=${api})`, keys);
    if (connection === undefined) return;
    try {
      for (const [id, result] of await attempt(connection, keys, this.#timeLeftMs())) {
        if (keys.has(id)) this.#settle(id, result);
      }
    } catch (error) {
      this.#failAll(keys, error);
    }
  }

  async #assignOrFail(
    choice: 'any' | number,
    callName: string,
    keys: ReadonlyMap<string, K>,
  ): Promise<Connection | undefined> {
    try {
      return await this.#client.assign(choice, this.#deadlineMs, callName);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      for (const id of keys.keys()) this.#results.set(id, { result: error });
      return undefined;
    }
  }

  #failAll(keys: ReadonlyMap<string, K>, error: unknown): void {
    if (!(error instanceof KafkaError)) throw error;
    for (const id of keys.keys()) this.#settle(id, error);
  }

  #settle(id: string, result: Result<V>): void {
    if (!(result instanceof KafkaError) || !isRetriable(result)) {
      this.#results.set(id, { result });
      return;
    }
    this.#lastErrors.set(id, result);
    if (
      isStaleMetadata(result) ||
      COORDINATOR_MOVED.has(result.errorName) ||
      result.errorName === 'NETWORK_EXCEPTION'
    ) {
      this.#places.delete(id);
    }
  }

  #giveUp(nowMs: number): void {
    const { name, api, lookupApi } = this.#call;
    for (const id of this.#pending().keys()) {
      const callName = `${name}(api=${this.#places.has(id) ? api : lookupApi})`;
      const call = `Call(callName=${callName}, deadlineMs=${this.#deadlineMs}, tries=${this.#tries}, nextAllowedTryMs=${nowMs})`;
      const text = `${call} timed out at ${nowMs} after ${this.#tries} attempt(s)`;
      this.#results.set(id, { result: timeoutError(text, this.#lastErrors.get(id)) });
    }
  }
}
