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
  readonly leaderOfEpoch = new Map<number, number>();
  readonly unseenAcks = new Map<number, string>();
  endOffset = 0;
  maxLeaderEpoch = -1;
}

/** Watches all partitions of all nodes and knows what must be true of them at every moment. */
export class PartitionOracle {
  readonly #cluster: SimulatedCluster;
  readonly #partitions = new Map<string, CommittedPartition>();
  readonly #committedOf = new WeakMap<Partition, CommittedPartition>();
  /** Up to where a log was compared with what is committed. */
  readonly #verified = new WeakMap<PartitionLog, number>();
  /** While a log is led: its high watermark. */
  readonly #ledHighWatermark = new WeakMap<PartitionLog, number>();
  committedCount = 0;
  ackedCount = 0;

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

  /** Checks what may have changed with the last event; throws on the first thing that is wrong. */
  check(): void {
    for (const node of this.#cluster.nodes) {
      if (node.server === undefined) continue;
      for (const partition of node.server.internals.replicaManager.partitions()) this.#checkPartition(node, partition);
    }
  }

  #checkPartition(node: SimulatedNode, partition: Partition): void {
    const { log } = partition;
    let committed = this.#committedOf.get(partition);
    if (committed === undefined) {
      committed = this.#of(partition.topicId, partition.partition);
      this.#committedOf.set(partition, committed);
    }
    const isNewest = partition.isLeader && this.#checkLeader(node, partition, committed);
    const { highWatermark } = log;
    if (highWatermark > committed.endOffset) this.#learn(node, partition, committed);
    const limit = isNewest ? committed.endOffset : Math.min(highWatermark, committed.endOffset);
    const verified = this.#verified.get(log) ?? log.logStartOffset;
    if (log.logEndOffset < Math.min(verified, limit) || (isNewest && log.logEndOffset < committed.endOffset)) {
      const role = isNewest ? `leader of epoch ${partition.leaderEpoch}` : 'follower';
      throw new Error(
        `${partition} on ${node.host}, ${role}, ends at ${log.logEndOffset}, but ${committed.endOffset} were committed`,
      );
    }
    if (limit > verified) {
      this.#compare(node, partition, committed, verified, limit);
      this.#verified.set(log, limit);
    }
  }

  // True when nobody is known to lead in a later epoch.
  #checkLeader(node: SimulatedNode, partition: Partition, committed: CommittedPartition): boolean {
    const { leaderEpoch, log } = partition;
    const known = committed.leaderOfEpoch.get(leaderEpoch);
    if (known === undefined) committed.leaderOfEpoch.set(leaderEpoch, node.id);
    else if (known !== node.id) {
      throw new Error(`${partition} has two leaders in epoch ${leaderEpoch}: n${known} and ${node.host}`);
    }
    const before = this.#ledHighWatermark.get(log) ?? 0;
    if (log.highWatermark < before) {
      throw new Error(
        `${partition}: the high watermark of the leader ${node.host} went back from ${before} to ${log.highWatermark}`,
      );
    }
    this.#ledHighWatermark.set(log, log.highWatermark);
    committed.maxLeaderEpoch = Math.max(committed.maxLeaderEpoch, leaderEpoch);
    return leaderEpoch === committed.maxLeaderEpoch;
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
      if (written.sequence !== last + 1) {
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
    this.ackedCount++;
    const committed = this.#of(topicId, partition);
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
    const known = committed.values.get(offset);
    if (known === undefined && offset >= committed.endOffset) committed.unseenAcks.set(offset, value);
    else if (known !== value) throw new Error(`a consumer was given ${value} at ${offset}, where ${known} is`);
  }

  endOffset(topicId: string, partition: number): number {
    return this.#of(topicId, partition).endOffset;
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
    for (const [key, { unseenAcks }] of this.#partitions) {
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

/** Watches the metadata quorum: one leader an epoch, and equal images at equal offsets. */
export class MetadataOracle {
  readonly #cluster: SimulatedCluster;
  readonly #leaderOfEpoch = new Map<number, number>();
  readonly #highWatermarks = new WeakMap<object, number>();
  readonly #images = new Map<number, { readonly host: string; readonly text: string }>();

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
  }

  get epochCount(): number {
    return this.#leaderOfEpoch.size;
  }

  check(): void {
    for (const { server, id, host } of this.#cluster.nodes) {
      if (server === undefined) continue;
      const { raft } = server.internals;
      // Between two leaders a node knows none for a while.
      const before = this.#highWatermarks.get(raft) ?? -1;
      const highWatermark = raft.highWatermark ?? before;
      if (highWatermark < before && !raft.isLeader) {
        throw new Error(`the metadata's high watermark on ${host} went back from ${before} to ${highWatermark}`);
      }
      this.#highWatermarks.set(raft, highWatermark);
      if (!raft.isLeader) continue;
      const { epoch } = raft.leaderAndEpoch;
      const known = this.#leaderOfEpoch.get(epoch);
      if (known === undefined) this.#leaderOfEpoch.set(epoch, id);
      else if (known !== id) throw new Error(`the quorum has two leaders in epoch ${epoch}: n${known} and ${host}`);
    }
  }

  /** Compares what the nodes know; takes longer than {@link check}. */
  checkImages(): void {
    for (const { server, host } of this.#cluster.nodes) {
      if (server === undefined) continue;
      const { loader } = server.internals;
      if (loader.isInTransaction || loader.lastAppliedOffset < 0) continue;
      const text = JSON.stringify(loader.image.toRecords());
      const known = this.#images.get(loader.lastAppliedOffset);
      if (known === undefined) this.#images.set(loader.lastAppliedOffset, { host, text });
      else if (known.text !== text) {
        throw new Error(
          `${host} and ${known.host} disagree on the metadata at ${loader.lastAppliedOffset}:\n${text}\n${known.text}`,
        );
      }
    }
  }
}
