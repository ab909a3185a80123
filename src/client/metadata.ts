import type { Uuid } from '../base/uuid.ts';
import { ZERO_UUID } from '../base/uuid.ts';
import type { MetadataResponse } from '../protocol/messages/03-metadata.ts';
import type { Node } from './types.ts';

export interface PartitionMetadata {
  readonly partition: number;
  readonly errorCode: number;
  /** -1 when it has none. */
  readonly leaderId: number;
  /** -1 when not known. */
  readonly leaderEpoch: number;
  readonly replicaNodes: readonly number[];
  readonly isrNodes: readonly number[];
  readonly offlineReplicas: readonly number[];
}

export interface TopicMetadata {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
  readonly errorCode: number;
  /** In the order of their numbers. */
  readonly partitions: readonly PartitionMetadata[];
}

/** What the client knows of the cluster; changed by answers to Metadata only. */
export class ClusterMetadata {
  clusterId: string | null = null;
  /** -1 when not known. */
  controllerId = -1;
  brokers: ReadonlyMap<number, Node> = new Map();
  readonly topics = new Map<string, TopicMetadata>();
  readonly #namesById = new Map<Uuid, string>();
  /** Counts updates. */
  updates = 0;

  get isReady(): boolean {
    return this.brokers.size > 0;
  }

  /** Takes over an answer. Topics that it does not mention stay as they are. */
  update(response: MetadataResponse): void {
    this.updateNodes(
      response.clusterId,
      response.controllerId,
      response.brokers.map((broker) => ({
        id: broker.nodeId,
        host: broker.host,
        port: broker.port,
        rack: broker.rack,
      })),
    );
    for (const topic of response.topics) {
      if (topic.name === null) continue;
      const partitions = topic.partitions
        .map(({ partitionIndex, ...rest }) => ({ partition: partitionIndex, ...rest }))
        .sort((a, b) => a.partition - b.partition);
      const kept = this.topics.get(topic.name);
      const { name, topicId, isInternal, errorCode } = topic;
      const isSameTopic = kept?.topicId === topicId;
      const merged = isSameTopic ? partitions.map((p) => newerOf(p, kept.partitions[p.partition])) : partitions;
      this.topics.set(topic.name, { name, topicId, isInternal, errorCode, partitions: merged });
      if (topicId !== ZERO_UUID) this.#namesById.set(topicId, name);
    }
  }

  updateNodes(clusterId: string | null, controllerId: number, nodes: readonly Node[]): void {
    this.updates++;
    this.clusterId = clusterId;
    this.controllerId = controllerId;
    this.brokers = new Map(nodes.map((node) => [node.id, node]));
  }

  /** Takes over a leader that came with a Produce or Fetch error (KIP-951). */
  updateLeader(
    topic: string,
    partition: number,
    leaderId: number,
    leaderEpoch: number,
    endpoint: Node | undefined,
  ): void {
    const known = this.topics.get(topic);
    const before = known?.partitions[partition];
    if (known === undefined || before === undefined || leaderId < 0 || leaderEpoch <= before.leaderEpoch) return;
    if (endpoint !== undefined && !this.brokers.has(leaderId)) {
      this.brokers = new Map([...this.brokers, [leaderId, endpoint]]);
    }
    const partitions = known.partitions.with(partition, { ...before, leaderId, leaderEpoch, errorCode: 0 });
    this.topics.set(topic, { ...known, partitions });
  }

  topicName(topicId: Uuid): string | undefined {
    return this.#namesById.get(topicId);
  }

  partition(topic: string, partition: number): PartitionMetadata | undefined {
    return this.topics.get(topic)?.partitions[partition];
  }

  /** The broker that leads a partition; undefined when there is none or it is not known. */
  leader(topic: string, partition: number): Node | undefined {
    const leaderId = this.partition(topic, partition)?.leaderId ?? -1;
    return this.brokers.get(leaderId);
  }
}

// An answer of a broker that lags must not bring back an older leader (KIP-320).
function newerOf(received: PartitionMetadata, known: PartitionMetadata | undefined): PartitionMetadata {
  const isOlder = known !== undefined && received.leaderEpoch >= 0 && received.leaderEpoch < known.leaderEpoch;
  return isOlder ? known : received;
}
