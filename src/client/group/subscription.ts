import { ErrorCode } from '../../protocol/error-codes.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, isRetriable, namedError } from '../errors.ts';

/** What a consumer wants to read: topics by name, or all whose whole name matches a pattern. */
export type SubscriptionRequest =
  | { readonly topics: readonly string[] }
  | { readonly pattern: RegExp; readonly excludeInternal: boolean };

/** The topics that a subscription stands for now. Topics that are read may be created by asking for them, as in Kafka. */
export class Subscription {
  readonly #client: KafkaClient;
  readonly #request: SubscriptionRequest;
  readonly #allowAutoCreate: boolean;
  #topics: readonly string[];
  #partitionCounts = new Map<string, number>();
  #snapshot = '';

  constructor(client: KafkaClient, request: SubscriptionRequest, allowAutoCreate: boolean) {
    this.#client = client;
    this.#request = request;
    this.#allowAutoCreate = allowAutoCreate;
    this.#topics = 'topics' in request ? request.topics : [];
  }

  /** Names; of a pattern those that matched at the last refresh. */
  get topics(): readonly string[] {
    return this.#topics;
  }

  /** Partitions of each topic that exists. */
  get partitionCounts(): ReadonlyMap<string, number> {
    return this.#partitionCounts;
  }

  /** Whether a topic that was named does not exist yet. */
  get isIncomplete(): boolean {
    return this.#topics.some((topic) => !this.#partitionCounts.has(topic));
  }

  /**
   * Asks the cluster; whether the topics or their partitions changed. Rejects with INVALID_TOPIC_EXCEPTION or
   * TOPIC_AUTHORIZATION_FAILED in the words of Kafka's consumer. A broker that cannot be reached is no failure.
   */
  async refresh(): Promise<boolean> {
    const { clock } = this.#client.environment;
    const deadlineMs = clock.nowMs() + this.#client.config.requestTimeoutMs;
    const names = 'topics' in this.#request ? this.#request.topics : null;
    const metadata = await this.#client
      .fetchMetadata(names, deadlineMs, this.#allowAutoCreate)
      .catch((error: unknown) => {
        if (!isRetriable(error)) throw error;
        return undefined;
      });
    if (metadata === undefined) return false;
    this.#refuse(metadata.topics);
    const found = metadata.topics.filter((topic) => topic.errorCode === ErrorCode.NONE && this.#isWanted(topic));
    const counts = found.map((topic): [string, number] => [topic.name ?? '', topic.partitions.length]);
    this.#partitionCounts = new Map(counts.sort(([a], [b]) => (a < b ? -1 : 1)));
    if (names === null) this.#topics = [...this.#partitionCounts.keys()];
    const snapshot = JSON.stringify([...this.#partitionCounts]);
    const isChanged = snapshot !== this.#snapshot;
    this.#snapshot = snapshot;
    return isChanged;
  }

  #isWanted(topic: { readonly name: string | null; readonly isInternal: boolean }): boolean {
    if ('topics' in this.#request) return true;
    if (topic.isInternal && this.#request.excludeInternal) return false;
    return this.#request.pattern.test(topic.name ?? '');
  }

  #refuse(topics: readonly { readonly name: string | null; readonly errorCode: number }[]): void {
    const { logger } = this.#client.environment;
    const withError = (code: number) => topics.filter((topic) => topic.errorCode === code).map((topic) => topic.name);
    const { logPrefix } = this.#client.config;
    const invalid = withError(ErrorCode.INVALID_TOPIC_EXCEPTION);
    if (invalid.length > 0) {
      const list = `[${invalid.join(', ')}]`;
      logger.error(`${logPrefix}Metadata response reported invalid topics ${list}`);
      throw namedError('INVALID_TOPIC_EXCEPTION', `Invalid topics: ${list}`);
    }
    const forbidden = withError(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
    if (forbidden.length > 0) {
      logger.error(`${logPrefix}Topic authorization failed for topics [${forbidden.join(', ')}]`);
      throw namedError('TOPIC_AUTHORIZATION_FAILED', `Not authorized to access topics: [${forbidden.join(', ')}]`);
    }
    const missing = topics.filter((topic) => topic.errorCode !== ErrorCode.NONE);
    if (missing.length === 0) return;
    const texts = missing.map((topic) => `${topic.name}=${errorOf(topic.errorCode)?.errorName}`);
    logger.warn(
      `${logPrefix}The metadata response from the cluster reported a recoverable issue : {${texts.join(', ')}}`,
    );
  }
}
