import type { Logger } from '../base/logger.ts';
import type { LogManager } from '../log/log-manager.ts';
import type { MetadataChanges } from '../metadata/metadata-changes.ts';
import { type MetadataImage, RESOURCE_BROKER, RESOURCE_TOPIC } from '../metadata/metadata-image.ts';
import type { GroupHost } from './group-host.ts';
import type { ReplicaManager } from './replica-manager.ts';

export interface MetadataPublisherOptions {
  readonly nodeId: number;
  readonly logger: Logger;
  readonly logManager: LogManager;
  readonly replicaManager: ReplicaManager;
  readonly groupHost: GroupHost;
  /** Takes over changed configs, before anything else is done. */
  readonly onConfigs: (changes: MetadataChanges) => void;
}

/**
 * Brings the broker in line with the committed metadata: configs first, then topics and leadership, then what depends
 * on them. Until {@link start} it only takes over configs: the logs are dealt with once, when all metadata is known.
 */
export class MetadataPublisher {
  readonly #options: MetadataPublisherOptions;
  #isStarted = false;

  constructor(options: MetadataPublisherOptions) {
    this.#options = options;
  }

  readonly publish = (_image: MetadataImage, changes: MetadataChanges): void => {
    this.#options.onConfigs(changes);
    this.#publishConfigs(changes);
    if (this.#isStarted) {
      this.#options.replicaManager.applyChanges(changes);
      this.#options.groupHost.metadataChanged(changes);
    }
  };

  #publishConfigs(changes: MetadataChanges): void {
    const { nodeId, logManager } = this.#options;
    const brokers = changes.configs.get(RESOURCE_BROKER);
    const isForThisBroker = brokers !== undefined && (brokers.has('') || brokers.has(String(nodeId)));
    const topics = isForThisBroker
      ? new Set([...logManager.logs()].map(({ topic }) => topic))
      : (changes.configs.get(RESOURCE_TOPIC) ?? []);
    for (const topic of topics) logManager.updateConfig(topic);
  }

  /** All metadata up to now is known: strays are set aside, all partitions of this broker are taken up. */
  start(image: MetadataImage): void {
    const { nodeId, logger, logManager, replicaManager } = this.#options;
    const strays = logManager.removeStrays(({ topic, partition, topicId }) => {
      const known = image.topic(topic);
      const replicas = known?.partitions[partition]?.replicas ?? [];
      return (topicId !== undefined && known?.id !== topicId) || !replicas.includes(nodeId);
    });
    for (const stray of strays)
      logger.warn(`${stray} is no partition of this broker; its folder was renamed to -stray`);
    const topics = new Set([...logManager.logs()].map(({ topic }) => topic));
    for (const topic of topics) logManager.updateConfig(topic);
    this.#isStarted = true;
    replicaManager.takeUpAll();
  }
}
