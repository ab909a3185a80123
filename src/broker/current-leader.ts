import type { BrokerNode } from './cluster-view.ts';
import type { RequestContext } from './handler.ts';
import type { BrokerServices } from './services.ts';

/** The leader as a response names it to a client that asked the wrong broker (KIP-951). */
export interface CurrentLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly node: BrokerNode | undefined;
}

/** The newest that this broker knows of a partition's leader; -1 and -1 when the partition is gone. */
export function currentLeaderOf(
  services: Pick<BrokerServices, 'replicaManager' | 'image' | 'cluster'>,
  context: RequestContext,
  topic: string,
  partition: number,
): CurrentLeader {
  // The partition object can be a step ahead of, never behind, what the image says.
  const registration =
    services.replicaManager.get(topic, partition)?.registration ?? services.image.topic(topic)?.partitions[partition];
  if (registration === undefined) return { leaderId: -1, leaderEpoch: -1, node: undefined };
  const { leader, leaderEpoch } = registration;
  return { leaderId: leader, leaderEpoch, node: services.cluster.aliveBroker(leader, context) };
}

/** Collects the addresses of the leaders that a response names. */
export class LeaderHints {
  readonly #nodes = new Map<number, BrokerNode>();

  add(leader: CurrentLeader): void {
    if (leader.node !== undefined) this.#nodes.set(leader.node.nodeId, leader.node);
  }

  get endpoints(): BrokerNode[] {
    return [...this.#nodes.values()];
  }
}
