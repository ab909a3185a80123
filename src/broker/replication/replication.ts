import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { BrokerConfig } from '../../metadata/configs/broker-config.ts';
import { type MetadataImage, RESOURCE_TOPIC } from '../../metadata/metadata-image.ts';
import type { ControllerChannel } from '../controller-channel.ts';
import type { NodeAddress, NodeNetwork } from '../node-network.ts';
import { AlterPartitionSender } from './alter-partition-sender.ts';
import { DirectoryAssignments } from './directory-assignments.ts';
import { ReplicaFetchers } from './replica-fetchers.ts';
import { type ReplicaSelector, replicaSelector } from './replica-selector.ts';
import { ReplicationQuota, throttledPartitions } from './replication-quota.ts';

export interface ReplicationOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly image: MetadataImage;
  readonly channel: Pick<ControllerChannel, 'alterPartition' | 'assignReplicasToDirs'>;
  readonly network: Pick<NodeNetwork, 'link'>;
  /** The listener by which brokers reach one another. */
  readonly interBrokerListenerName: string;
  /** Epoch of this broker's registration. */
  brokerEpoch(): number;
}

const LEADER_THROTTLED = 'leader.replication.throttled.replicas';
const FOLLOWER_THROTTLED = 'follower.replication.throttled.replicas';

/** What replication takes beside the partitions: who fetches, who tells the controller, and what is throttled. */
export class Replication {
  readonly fetchers: ReplicaFetchers;
  readonly alterPartitions: AlterPartitionSender;
  readonly directories: DirectoryAssignments;
  readonly leaderQuota: ReplicationQuota;
  readonly followerQuota: ReplicationQuota;
  /** Chooses replicas for consumers with a rack; undefined = they read from leaders. */
  readonly selector: ReplicaSelector | undefined;
  readonly #options: ReplicationOptions;
  #shrinkTimer: Timer | undefined;

  constructor(options: ReplicationOptions) {
    const { config, network } = options;
    this.#options = options;
    this.leaderQuota = this.#quota('leader.replication.throttled.rate', LEADER_THROTTLED);
    this.followerQuota = this.#quota('follower.replication.throttled.rate', FOLLOWER_THROTTLED);
    this.selector = replicaSelector(config.stringOrNull('replica.selector.class'));
    this.alterPartitions = new AlterPartitionSender(options);
    this.directories = new DirectoryAssignments(options);
    this.fetchers = new ReplicaFetchers({
      nodeId: options.nodeId,
      clock: options.clock,
      logger: options.logger,
      settings: {
        fetchWaitMaxMs: config.number('replica.fetch.wait.max.ms'),
        fetchMinBytes: config.number('replica.fetch.min.bytes'),
        fetchMaxBytes: config.number('replica.fetch.max.bytes'),
        fetchResponseMaxBytes: config.number('replica.fetch.response.max.bytes'),
        fetchBackoffMs: config.number('replica.fetch.backoff.ms'),
        socketTimeoutMs: config.number('replica.socket.timeout.ms'),
      },
      quota: this.followerQuota,
      fetcherCount: () => config.number('num.replica.fetchers'),
      brokerEpoch: () => options.brokerEpoch(),
      // What is fetched is on its way to the disk when the answer was dealt with.
      link: (clientId, brokerId) => network.link(clientId, () => this.#addressOf(brokerId), true),
    });
  }

  #addressOf(id: number): NodeAddress | undefined {
    const { image, interBrokerListenerName } = this.#options;
    const endpoint = image.brokers.get(id)?.listeners.find(({ name }) => name === interBrokerListenerName);
    return endpoint === undefined ? undefined : { id, host: endpoint.host, port: endpoint.port };
  }

  #quota(rate: string, replicas: string): ReplicationQuota {
    const { clock, config, image, nodeId } = this.#options;
    return new ReplicationQuota({
      clock,
      rateBytesPerSecond: () => config.number(rate),
      throttledPartitions: (topic) =>
        throttledPartitions(image.configs(RESOURCE_TOPIC, topic).get(replicas) ?? '', nodeId),
      windowSizeMs: config.number('replication.quota.window.size.seconds') * 1000,
      windowCount: config.number('replication.quota.window.num'),
    });
  }

  /** Calls `check` as often as Kafka looks for replicas that lag, until {@link close}. */
  startShrinking(intervalMs: number, check: () => void): void {
    this.#shrinkTimer = this.#options.clock.schedule(intervalMs, () => {
      check();
      this.startShrinking(intervalMs, check);
    });
  }

  /** Configs of topics or brokers changed. */
  configsChanged(): void {
    this.leaderQuota.configsChanged();
    this.followerQuota.configsChanged();
    this.fetchers.resize();
  }

  close(): void {
    this.#shrinkTimer?.cancel();
    this.fetchers.close();
    this.alterPartitions.close();
    this.directories.close();
  }
}
