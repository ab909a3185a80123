import type { Partition } from '../../src/broker/partition.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import * as batch from '../../src/records/record-batch.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';
import type { SimulatedCluster, SimulatedNode } from './simulated-cluster.ts';

const READ_BYTES = 1024 * 1024;

/** A record of a producer of the simulation, as it says itself in its value: `producer:partition:sequence`. */
interface Written {
  readonly producer: string;
  readonly sequence: number;
}

export function recordValue(producer: string, partition: number, sequence: number): string {
  return `${producer}:${partition}:${sequence}`;
}

function parse(value: string): Written | undefined {
  const [producer, , sequence] = value.split(':');
  return producer === undefined || sequence === undefined ? undefined : { producer, sequence: Number(sequence) };
}

/** What was once committed in a partition, and must stay so. */
class CommittedPartition {
  /** Batches by base offset. */
  readonly batches = new Map<number, Buffer>();
  /** Of records of the simulation's producers. */
  readonly values = new Map<number, string>();
  readonly lastSequences = new Map<string, number>();
  readonly lastAcked = new Map<string, number>();
  readonly leaderOfEpoch = new Map<number, number>();
  readonly unseenAcks = new Map<number, string>();
  endOffset = 0;
  maxLeaderEpoch = -1;
  /** What is before this may be gone, because somebody asked for that. */
  deletableTo = 0;
  /** Somebody asked for its topic to be deleted. */
  isDoomed = false;
  /** Retention deletes what is committed, and with it what is known of producers, at any time. */
  isShortLived = false;
}

/** A replica as it was when it was last looked at; a restarted broker has new ones. */
interface WatchedReplica {
  readonly committed: CommittedPartition;
  /** Up to where its log was compared with what is committed. */
  verified: number;
  /** In the leader epoch in which it leads: a follower takes over what its leader says, which may be less. */
  ledEpoch: number;
  ledHighWatermark: number;
  ledLogStartOffset: number;
  logStartOffset: number;
  logEndOffset: number;
  highWatermark: number;
  leaderEpoch: number;
  isLeader: boolean;
  /** Of a leader: who counts for the high watermark. */
  maximalIsr: readonly number[] | undefined;
  committedEndOffset: number;
  maxLeaderEpoch: number;
}

/** Watches all partitions of all nodes and knows what must be true of them at every moment. */
export class PartitionOracle {
  readonly #cluster: SimulatedCluster;
  readonly #partitions = new Map<string, CommittedPartition>();
  readonly #watched = new WeakMap<Partition, WatchedReplica>();
  committedCount = 0;
  ackedCount = 0;
  consumedCount = 0;
  truncationCount = 0;
  expiredCount = 0;

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
  }

  get epochCount(): number {
    let count = 0;
    for (const { leaderOfEpoch } of this.#partitions.values()) count += leaderOfEpoch.size;
    return count;
  }

  #of(topicId: string, partition: number): CommittedPartition {
    const key = `${topicId}/${partition}`;
    const known = this.#partitions.get(key);
    if (known !== undefined) return known;
    const committed = new CommittedPartition();
    this.#partitions.set(key, committed);
    return committed;
  }

  /** Checks what may have changed on all nodes, or on those; throws on the first thing that is wrong. */
  check(nodes: Iterable<SimulatedNode> = this.#cluster.nodes): void {
    for (const node of nodes) {
      if (node.server === undefined) continue;
      for (const partition of node.server.internals.replicaManager.partitions()) this.#checkPartition(node, partition);
    }
  }

  #watch(partition: Partition): WatchedReplica {
    const committed = this.#of(partition.topicId, partition.partition);
    const replica = {
      committed,
      verified: partition.log.logStartOffset,
      ledEpoch: -1,
      ledHighWatermark: 0,
      ledLogStartOffset: 0,
      logStartOffset: -1,
      logEndOffset: -1,
      highWatermark: -1,
      leaderEpoch: -1,
      isLeader: false,
      maximalIsr: undefined,
      committedEndOffset: -1,
      maxLeaderEpoch: -1,
    };
    this.#watched.set(partition, replica);
    return replica;
  }

  #checkPartition(node: SimulatedNode, partition: Partition): void {
    const { log, isLeader, leaderEpoch } = partition;
    const { logStartOffset, logEndOffset, highWatermark } = log;
    const maximalIsr = partition.leadership?.maximalIsr;
    const replica = this.#watched.get(partition) ?? this.#watch(partition);
    const { committed } = replica;
    const isSame =
      replica.logEndOffset === logEndOffset &&
      replica.highWatermark === highWatermark &&
      replica.logStartOffset === logStartOffset &&
      replica.leaderEpoch === leaderEpoch &&
      replica.isLeader === isLeader &&
      replica.maximalIsr === maximalIsr &&
      replica.committedEndOffset === committed.endOffset &&
      replica.maxLeaderEpoch === committed.maxLeaderEpoch;
    if (isSame) return;
    if (logEndOffset < replica.logEndOffset) this.truncationCount++;
    if (replica.committed.isShortLived && replica.logStartOffset >= 0) {
      this.expiredCount += Math.max(0, logStartOffset - replica.logStartOffset);
    }
    this.#checkChanged(node, partition, replica);
    replica.logEndOffset = logEndOffset;
    replica.highWatermark = highWatermark;
    replica.logStartOffset = logStartOffset;
    replica.leaderEpoch = leaderEpoch;
    replica.isLeader = isLeader;
    replica.maximalIsr = maximalIsr;
    replica.committedEndOffset = committed.endOffset;
    replica.maxLeaderEpoch = committed.maxLeaderEpoch;
  }

  #checkChanged(node: SimulatedNode, partition: Partition, replica: WatchedReplica): void {
    const { log } = partition;
    const { committed, verified } = replica;
    const isNewest = partition.isLeader && this.#checkLeader(node, partition, replica);
    const { highWatermark, logStartOffset, logEndOffset } = log;
    if (logStartOffset > highWatermark) {
      throw new Error(
        `${partition} on ${node.host} starts at ${logStartOffset}, above its high watermark ${highWatermark}`,
      );
    }
    if (isNewest) this.#checkInSync(node, partition);
    if (highWatermark > committed.endOffset) this.#learn(node, partition, committed);
    const deletableTo = committed.isShortLived ? committed.endOffset : committed.deletableTo;
    if (logStartOffset > Math.min(deletableTo, committed.endOffset)) {
      throw new Error(
        `${partition} on ${node.host} starts at ${logStartOffset}, but ${committed.endOffset} are committed and only those before ${deletableTo} were to be deleted`,
      );
    }
    const limit = isNewest ? committed.endOffset : Math.min(highWatermark, committed.endOffset);
    if (logEndOffset < Math.min(verified, limit) || (isNewest && logEndOffset < committed.endOffset)) {
      const role = isNewest ? `leader of epoch ${partition.leaderEpoch}` : 'follower';
      throw new Error(
        `${partition} on ${node.host}, ${role}, ends at ${logEndOffset}, but ${committed.endOffset} were committed`,
      );
    }
    const from = Math.max(verified, logStartOffset);
    if (limit > from) {
      this.#compare(node, partition, committed, from, limit);
      replica.verified = limit;
    }
  }

  // True when nobody is known to lead in a later epoch.
  #checkLeader(node: SimulatedNode, partition: Partition, replica: WatchedReplica): boolean {
    const { leaderEpoch, log } = partition;
    const { committed, ledHighWatermark, ledLogStartOffset } = replica;
    const known = committed.leaderOfEpoch.get(leaderEpoch);
    if (known === undefined) committed.leaderOfEpoch.set(leaderEpoch, node.id);
    else if (known !== node.id) {
      throw new Error(`${partition} has two leaders in epoch ${leaderEpoch}: n${known} and ${node.host}`);
    }
    const { highWatermark, logStartOffset } = log;
    const hasLed = replica.ledEpoch === leaderEpoch;
    if (hasLed && (highWatermark < ledHighWatermark || logStartOffset < ledLogStartOffset)) {
      throw new Error(
        `${partition}: the leader ${node.host} went back from log start ${ledLogStartOffset} and high watermark ${ledHighWatermark} to ${logStartOffset} and ${highWatermark}`,
      );
    }
    replica.ledEpoch = leaderEpoch;
    replica.ledHighWatermark = highWatermark;
    replica.ledLogStartOffset = logStartOffset;
    committed.maxLeaderEpoch = Math.max(committed.maxLeaderEpoch, leaderEpoch);
    return leaderEpoch === committed.maxLeaderEpoch;
  }

  // Who counts for the high watermark has all below it, and all with which the leader epoch began before it counts.
  #checkInSync(node: SimulatedNode, leader: Partition): void {
    const { leadership, leaderEpoch, topicId } = leader;
    if (leadership === undefined) return;
    for (const id of leadership.maximalIsr) {
      const { isReady, server } = this.#cluster.nodes.find((one) => one.id === id) ?? {};
      const internals = isReady ? server?.internals : undefined;
      const follower = leadership.followers.get(id);
      const replica = internals?.replicaManager.get(leader.topic, leader.partition);
      // Another incarnation may have lost what this one had; in another leader epoch the log may have been cut.
      if (follower === undefined || replica?.topicId !== topicId || replica.leaderEpoch !== leaderEpoch) continue;
      // The leader hears of it by the metadata, which take the follower out of the ISR.
      const knownEpochs = [internals, node.server?.internals].map((one) => one?.loader.image.brokers.get(id)?.epoch);
      if (knownEpochs.some((epoch) => epoch !== follower.brokerEpoch)) continue;
      const { logEndOffset } = replica.log;
      const needed = Math.max(leader.log.highWatermark, leadership.isr.includes(id) ? 0 : leadership.epochStartOffset);
      if (logEndOffset >= needed) continue;
      throw new Error(
        `${leader} on ${node.host}, high watermark ${leader.log.highWatermark}, epoch from ${leadership.epochStartOffset}, has n${id} in its ISR, which ends at ${logEndOffset}`,
      );
    }
  }

  #learn(node: SimulatedNode, partition: Partition, committed: CommittedPartition): void {
    for (const [offset, bytes] of batchesOf(partition.log, committed.endOffset, partition.log.highWatermark)) {
      if (offset !== committed.endOffset) {
        throw new Error(`${partition} on ${node.host} has a batch at ${offset} after ${committed.endOffset}`);
      }
      committed.batches.set(offset, bytes);
      committed.endOffset = batch.lastOffset(bytes, 0) + 1;
      if (!partition.topic.startsWith('__')) this.#learnRecords(node, partition, committed, bytes);
    }
  }

  #learnRecords(node: SimulatedNode, partition: Partition, committed: CommittedPartition, bytes: Buffer): void {
    forEachRecord(bytes, (cursor) => {
      const value = cursor.value()?.toString() ?? '';
      const { offset } = cursor;
      committed.values.set(offset, value);
      this.committedCount++;
      const written = parse(value);
      if (written === undefined) return;
      const last = committed.lastSequences.get(written.producer) ?? -1;
      if (written.sequence !== last + 1 && !committed.isShortLived) {
        throw new Error(
          `${partition} on ${node.host}: ${value} was committed at ${offset} after number ${last} of its producer`,
        );
      }
      committed.lastSequences.set(written.producer, written.sequence);
      const acked = committed.unseenAcks.get(offset);
      committed.unseenAcks.delete(offset);
      if (acked !== undefined && acked !== value) {
        throw new Error(`${partition}: ${acked} was acknowledged at ${offset}, but ${value} was committed there`);
      }
    });
  }

  #compare(node: SimulatedNode, partition: Partition, committed: CommittedPartition, from: number, to: number): void {
    for (const [offset, bytes] of batchesOf(partition.log, from, to)) {
      const known = committed.batches.get(offset);
      if (known?.equals(bytes)) continue;
      throw new Error(
        `${partition} on ${node.host} has ${describeBatch(bytes)}, where ${describeBatch(known)} was committed`,
      );
    }
  }

  /** A producer was told that `value` is at `offset`. */
  acked(topicId: string, partition: number, offset: number, value: string): void {
    const committed = this.#of(topicId, partition);
    if (committed.isDoomed) return;
    this.ackedCount++;
    const producer = parse(value)?.producer ?? '';
    committed.lastAcked.set(producer, Math.max(offset, committed.lastAcked.get(producer) ?? -1));
    const known = committed.values.get(offset);
    if (known === undefined) {
      // Its leader may have died before anybody looked; the others are to show it.
      if (offset < committed.endOffset) throw new Error(`${value} was acknowledged at ${offset}, where nothing is`);
      committed.unseenAcks.set(offset, value);
    } else if (known !== value) throw new Error(`${value} was acknowledged at ${offset}, where ${known} is`);
  }

  /** A consumer was given `value` at `offset`. */
  consumed(topicId: string, partition: number, offset: number, value: string): void {
    const committed = this.#of(topicId, partition);
    if (committed.isDoomed) return;
    this.consumedCount++;
    const known = committed.values.get(offset);
    if (known === undefined && offset >= committed.endOffset) committed.unseenAcks.set(offset, value);
    else if (known !== value) throw new Error(`a consumer was given ${value} at ${offset}, where ${known} is`);
  }

  endOffset(topicId: string, partition: number): number {
    return this.#of(topicId, partition).endOffset;
  }

  /** The topic is to be deleted: nothing more is promised of it. */
  doom(topicId: string, partitionCount: number): void {
    for (let partition = 0; partition < partitionCount; partition++) this.#of(topicId, partition).isDoomed = true;
  }

  /** Retention deletes the topic's records as soon as it may. */
  expire(topicId: string, partition: number): void {
    this.#of(topicId, partition).isShortLived = true;
  }

  isShortLived(topicId: string, partition: number): boolean {
    return this.#of(topicId, partition).isShortLived;
  }

  /**
   * Up to where records can be deleted so that each of the producers leaves one behind: a producer of which no record is
   * left is unknown to a restarted broker, and what it sends again is then written again, as in Kafka.
   */
  deletableTo(topicId: string, partition: number, producers: readonly string[]): number {
    const { lastAcked } = this.#of(topicId, partition);
    return Math.max(0, Math.min(...producers.map((producer) => lastAcked.get(producer) ?? 0)));
  }

  /** Somebody is about to ask for all before `offset` to be deleted. */
  willDelete(topicId: string, partition: number, offset: number): void {
    const committed = this.#of(topicId, partition);
    committed.deletableTo = Math.max(committed.deletableTo, offset);
  }

  /** A consumer was told that there is nothing any more from `position` to `offset`. */
  skipped(topicId: string, partition: number, position: number, offset: number): void {
    const { deletableTo, isDoomed, isShortLived } = this.#of(topicId, partition);
    if (isDoomed || isShortLived || (position < offset && offset <= deletableTo)) return;
    throw new Error(
      `a consumer at ${position} was sent to ${offset}, but only what is before ${deletableTo} may be gone`,
    );
  }

  /** The last sequence of a producer that is in the log of the newest leader, committed or not; -1 = none. */
  lastWritten(producer: string, topicId: string, index: number): number {
    const committed = this.#of(topicId, index);
    let last = committed.lastSequences.get(producer) ?? -1;
    for (const node of this.#cluster.nodes) {
      for (const partition of node.server?.internals.replicaManager.partitions() ?? []) {
        const isNewest = partition.isLeader && partition.leaderEpoch === committed.maxLeaderEpoch;
        if (!isNewest || partition.topicId !== topicId || partition.partition !== index) continue;
        for (const [, bytes] of batchesOf(partition.log, committed.endOffset, partition.log.logEndOffset)) {
          forEachRecord(bytes, (cursor) => {
            const written = parse(cursor.value()?.toString() ?? '');
            if (written?.producer === producer) last = Math.max(last, written.sequence);
          });
        }
      }
    }
    return last;
  }

  /** After everything has settled: nothing that was acknowledged is missing. */
  checkSettled(): void {
    this.check();
    for (const [key, { unseenAcks, isDoomed }] of this.#partitions) {
      if (isDoomed) continue;
      for (const [offset, value] of unseenAcks) {
        throw new Error(`partition ${key}: ${value} was acknowledged or consumed at ${offset} and is lost`);
      }
    }
  }

  /** Whether all replicas have and know all that is committed. */
  get isEven(): boolean {
    for (const node of this.#cluster.nodes) {
      for (const partition of node.server?.internals.replicaManager.partitions() ?? []) {
        const { endOffset } = this.#of(partition.topicId, partition.partition);
        const { logEndOffset, highWatermark } = partition.log;
        if (highWatermark !== endOffset || logEndOffset !== endOffset) return false;
      }
    }
    return true;
  }
}

function* batchesOf(log: PartitionLog, from: number, to: number): Generator<[number, Buffer]> {
  for (let offset = from; offset < to; ) {
    const read = log.read(offset, READ_BYTES, to, true);
    if (read.sizeBytes === 0) return;
    const bytes = Buffer.concat(read.chunks);
    for (let at = 0; at < bytes.length; at += batch.batchSizeBytes(bytes, at)) {
      const one = bytes.subarray(at, at + batch.batchSizeBytes(bytes, at));
      if (batch.baseOffset(one, 0) >= from) yield [batch.baseOffset(one, 0), one];
    }
    offset = read.nextOffset;
  }
}

function describeBatch(bytes: Buffer | undefined): string {
  if (bytes === undefined) return 'nothing';
  const values: string[] = [];
  forEachRecord(bytes, (cursor) => values.push(cursor.value()?.toString() ?? 'null'));
  const epoch = batch.partitionLeaderEpoch(bytes, 0);
  return `[${values.join(' ')}] of epoch ${epoch} at ${batch.baseOffset(bytes, 0)}-${batch.lastOffset(bytes, 0)}`;
}
