import { MetadataImage } from '../../src/metadata/metadata-image.ts';
import { decodeMetadataRecord } from '../../src/metadata/metadata-record.ts';
import type { PartitionRegistration } from '../../src/metadata/partition-registration.ts';
import { compareOffsetAndEpoch } from '../../src/raft/snapshot-format.ts';
import type { SimulatedCluster, SimulatedNode } from './simulated-cluster.ts';

/** Raft of a node, as it was when it was last looked at; a restarted node has a new one. */
interface WatchedRaft {
  highWatermark: number;
  votedEpoch: number;
  /** A node may have died in the moment in which it committed and took one: what it began with is not judged. */
  snapshotEnd: number;
}

/**
 * Watches the metadata quorum: one leader an epoch, one vote a node and epoch, votes only for those who miss nothing,
 * equal images at equal offsets, and partitions that change only as they may.
 */
export class MetadataOracle {
  readonly #cluster: SimulatedCluster;
  readonly #leaderOfEpoch = new Map<number, number>();
  readonly #watched = new WeakMap<object, WatchedRaft>();
  /** By `node/epoch`: whom the node voted for. */
  readonly #votes = new Map<string, number>();
  readonly #images = new Map<number, { readonly host: string; readonly text: string }>();
  /** All metadata before it is committed. */
  #committedEnd = 0;
  #imageChecks = 0;

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
  }

  get epochCount(): number {
    return this.#leaderOfEpoch.size;
  }

  /** Checks what may have changed on all nodes, or on those; throws on the first thing that is wrong. */
  check(nodes: Iterable<SimulatedNode> = this.#cluster.nodes): void {
    for (const node of nodes) {
      if (node.server !== undefined) this.#checkNode(node, node.server.internals);
    }
  }

  #checkNode(node: SimulatedNode, internals: NonNullable<SimulatedNode['server']>['internals']): void {
    const { raft } = internals;
    const { host, id } = node;
    const watched = this.#watched.get(raft) ?? this.#watch(node, internals);
    this.#checkVote(node, raft, watched);
    // Between two leaders a node knows none for a while.
    const highWatermark = raft.highWatermark ?? watched.highWatermark;
    if (highWatermark < watched.highWatermark && !raft.isLeader) {
      throw new Error(
        `the metadata's high watermark on ${host} went back from ${watched.highWatermark} to ${highWatermark}`,
      );
    }
    watched.highWatermark = highWatermark;
    this.#committedEnd = Math.max(this.#committedEnd, highWatermark);
    const snapshotEnd = raft.latestSnapshotId?.offset ?? 0;
    if (snapshotEnd > watched.snapshotEnd && snapshotEnd > this.#committedEnd) {
      throw new Error(`${host} has a snapshot of ${snapshotEnd}, but ${this.#committedEnd} were committed`);
    }
    if (!raft.isLeader) return;
    const { epoch } = raft.leaderAndEpoch;
    const known = this.#leaderOfEpoch.get(epoch);
    if (known === undefined) {
      this.#leaderOfEpoch.set(epoch, id);
      if (raft.logEndOffset < this.#committedEnd) {
        throw new Error(
          `${host} leads the quorum with ${raft.logEndOffset} of ${this.#committedEnd} committed records`,
        );
      }
    } else if (known !== id) throw new Error(`the quorum has two leaders in epoch ${epoch}: n${known} and ${host}`);
  }

  #watch(node: SimulatedNode, { raft, loader }: NonNullable<SimulatedNode['server']>['internals']): WatchedRaft {
    const watched = {
      highWatermark: -1,
      votedEpoch: raft.leaderAndEpoch.epoch,
      snapshotEnd: raft.latestSnapshotId?.offset ?? 0,
    };
    this.#watched.set(raft, watched);
    loader.addPublisher((image, changes) => {
      for (const [topicId, partitions] of changes.partitions) {
        for (const [partition, before] of partitions) {
          const after = image.partition(topicId, partition);
          const what = before && after ? problemOf(before, after) : undefined;
          if (what !== undefined) this.#cluster.fail(`${node.host}: ${topicId}-${partition}: ${what}`, undefined);
        }
      }
    });
    return watched;
  }

  #checkVote(node: SimulatedNode, raft: SimulatedRaft, watched: WatchedRaft): void {
    const { votedKey } = raft;
    if (votedKey === undefined) return;
    const { epoch } = raft.leaderAndEpoch;
    const key = `${node.id}/${epoch}`;
    const known = this.#votes.get(key) ?? votedKey.id;
    this.#votes.set(key, votedKey.id);
    if (known !== votedKey.id)
      throw new Error(`${node.host} voted for n${known} and n${votedKey.id} in epoch ${epoch}`);
    if (watched.votedEpoch === epoch) return;
    watched.votedEpoch = epoch;
    const candidate = this.#cluster.nodes.find(({ id }) => id === votedKey.id)?.server?.internals.raft;
    // A candidate of an epoch neither writes nor cuts its log in it.
    if (candidate?.status.state !== 'Candidate' || candidate.leaderAndEpoch.epoch !== epoch) return;
    if (compareOffsetAndEpoch(candidate.logEnd, raft.logEnd) >= 0) return;
    throw new Error(
      `${node.host}, whose log ends at ${JSON.stringify(raft.logEnd)}, voted in epoch ${epoch} for n${votedKey.id}, whose log ends at ${JSON.stringify(candidate.logEnd)}`,
    );
  }

  /** Compares what the nodes know, and one of them with a snapshot of itself; takes longer than {@link check}. */
  checkImages(): void {
    const { nodes } = this.#cluster;
    const snapshotOf = nodes[this.#imageChecks++ % nodes.length];
    for (const node of nodes) {
      if (node.server === undefined) continue;
      const { loader } = node.server.internals;
      if (loader.isInTransaction || loader.lastAppliedOffset < 0) continue;
      const text = describeImage(loader.image);
      this.#compare(loader.lastAppliedOffset, node.host, text);
      if (node !== snapshotOf) continue;
      const loaded = new MetadataImage();
      for (const value of loader.snapshotValues()) loaded.apply(decodeMetadataRecord(value));
      this.#compare(loader.lastAppliedOffset, `a snapshot of ${node.host}`, describeImage(loaded));
    }
  }

  #compare(offset: number, host: string, text: string): void {
    const known = this.#images.get(offset);
    if (known === undefined) this.#images.set(offset, { host, text });
    else if (known.text !== text) {
      throw new Error(`${host} and ${known.host} disagree on the metadata at ${offset}:\n${text}\n${known.text}`);
    }
  }
}

type SimulatedRaft = NonNullable<SimulatedNode['server']>['internals']['raft'];

/** What is wrong with a change of a partition; undefined = nothing. Elections are clean ones in all scenarios. */
function problemOf(before: PartitionRegistration, after: PartitionRegistration): string | undefined {
  const { replicas, isr, leader } = after;
  if (!isr.every((id) => replicas.includes(id))) return `its ISR ${isr} is not among its replicas ${replicas}`;
  if (leader >= 0 && !isr.includes(leader)) return `its leader ${leader} is not in its ISR ${isr}`;
  // Several changes at once say nothing of each.
  if (after.partitionEpoch !== before.partitionEpoch + 1) return undefined;
  // Who becomes a replica is an adding one until it is in sync, be it that the reassignment ends as it begins. Another
  // reassignment may take its place, and remove who was being added.
  const arrived = replicas.filter((id) => {
    const wasThere = before.replicas.includes(id) && !before.addingReplicas.includes(id);
    return !wasThere && !after.addingReplicas.includes(id) && !after.removingReplicas.includes(id);
  });
  if (!arrived.every((id) => isr.includes(id))) {
    const change = JSON.stringify([before, after]);
    return `its reassignment to ${replicas} has ended with ISR ${isr}, without ${arrived}: ${change}`;
  }
  // The same change may let somebody into the ISR and so end a reassignment that takes the leader away.
  const joined = before.removingReplicas.includes(before.leader) && after.removingReplicas.length === 0 ? isr : [];
  const mayLead = [...before.isr, ...before.elr, ...before.lastKnownElr, ...arrived, ...joined];
  if (leader >= 0 && leader !== before.leader && !mayLead.includes(leader)) {
    return `its leader is ${leader}, which was not in sync: ${JSON.stringify([before, after])}`;
  }
  return undefined;
}

function sorted<V>(entries: Iterable<readonly [string | number, V]>): (readonly [string | number, V])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

// By what its users see of it, not by the records that a snapshot is made of.
function describeImage(image: MetadataImage): string {
  const { brokers, controllers, features, nextProducerId, security } = image;
  const configs = [...image.configuredResources()].map(([type, name]) => {
    return [`${type}/${name}`, sorted(image.configs(type, name))] as const;
  });
  return JSON.stringify([
    sorted([...image.topics()].map((topic) => [topic.id, [topic.name, topic.partitions]])),
    sorted(brokers),
    sorted(controllers),
    sorted(configs),
    sorted(features),
    nextProducerId,
    [...security.clientQuotas()].map(({ entity, quotas }) => [entity, sorted(quotas)]),
    [...security.scramCredentials()],
    sorted(security.acls),
    sorted(security.delegationTokens),
  ]);
}
