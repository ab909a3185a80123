import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { NodeLink } from '../node-network.ts';
import type { Partition } from '../partition.ts';
import { type FetchSettings, ReplicaFetcher } from './replica-fetcher.ts';
import type { ReplicationQuota } from './replication-quota.ts';

export interface ReplicaFetchersOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: FetchSettings;
  readonly quota: ReplicationQuota;
  /** `num.replica.fetchers`: connections per source broker; may change. */
  fetcherCount(): number;
  brokerEpoch(): number;
  /** A connection of its own to a broker's inter-broker listener. */
  link(clientId: string, brokerId: number): Pick<NodeLink, 'send' | 'disconnect' | 'close'>;
}

interface Assignment {
  readonly fetcher: ReplicaFetcher;
  readonly key: string;
  readonly leaderEpoch: number;
}

/** Who fetches which partition: for each source broker as many fetchers as `num.replica.fetchers` says. */
export class ReplicaFetchers {
  readonly #options: ReplicaFetchersOptions;
  readonly #fetchers = new Map<string, ReplicaFetcher>();
  readonly #assignments = new Map<Partition, Assignment>();
  #isClosed = false;

  constructor(options: ReplicaFetchersOptions) {
    this.#options = options;
  }

  /**
   * Fetches the partition from its leader, in its present leader epoch; nothing changes when that is done already.
   * Without a leader it is not fetched. Throws KAFKA_STORAGE_ERROR.
   */
  follow(partition: Partition): void {
    if (this.#isClosed) return;
    const { leader, leaderEpoch } = partition.registration;
    const known = this.#assignments.get(partition);
    if (leader < 0) {
      this.unfollow(partition);
      return;
    }
    const fetcherId = fetcherIdOf(partition, this.#options.fetcherCount());
    const key = `${leader}-${fetcherId}`;
    if (known !== undefined && known.key === key && known.leaderEpoch === leaderEpoch) return;
    this.unfollow(partition);
    const fetcher = this.#fetchers.get(key) ?? this.#make(leader, fetcherId);
    this.#fetchers.set(key, fetcher);
    fetcher.add(partition);
    this.#assignments.set(partition, { fetcher, key, leaderEpoch });
  }

  #make(leaderId: number, fetcherId: number): ReplicaFetcher {
    const { nodeId, clock, logger, settings, quota, brokerEpoch, link } = this.#options;
    return new ReplicaFetcher({
      nodeId,
      clock,
      logger,
      settings,
      quota,
      brokerEpoch,
      leaderId,
      link: link(`broker-${nodeId}-fetcher-${fetcherId}`, leaderId),
    });
  }

  /** The partition is led here, or this broker is no replica of it any more. */
  unfollow(partition: Partition): void {
    const known = this.#assignments.get(partition);
    if (known === undefined) return;
    this.#assignments.delete(partition);
    known.fetcher.remove(partition);
  }

  /** Whether the partition is being fetched, or was given up because its log failed. */
  isFollowed(partition: Partition): boolean {
    return this.#assignments.has(partition);
  }

  /** Takes over another `num.replica.fetchers`. */
  resize(): void {
    for (const partition of [...this.#assignments.keys()]) this.follow(partition);
    this.closeIdle();
  }

  /** Ends the fetchers that have nothing to do; called when a set of changes is done. */
  closeIdle(): void {
    for (const [key, fetcher] of this.#fetchers) {
      if (!fetcher.isEmpty) continue;
      fetcher.close();
      this.#fetchers.delete(key);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const fetcher of this.#fetchers.values()) fetcher.close();
    this.#fetchers.clear();
    this.#assignments.clear();
  }
}

// As Kafka spreads them: 31 * hash of the name + number.
function fetcherIdOf({ topic, partition }: Partition, count: number): number {
  if (count <= 1) return 0;
  let hash = 0;
  for (let i = 0; i < topic.length; i++) hash = (Math.imul(31, hash) + topic.charCodeAt(i)) | 0;
  return ((Math.imul(31, hash) + partition) & 0x7fffffff) % count;
}
