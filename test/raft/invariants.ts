import { join } from 'node:path';
import * as batch from '../../src/records/record-batch.ts';
import { DIRECTORY, type Quorum, type SimulatedNode } from './quorum-harness.ts';

/** The batches of a node's log as they lie on its disk, by base offset. */
export function batchesOnDisk(node: SimulatedNode): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (const name of node.disk.list(DIRECTORY)) {
    if (!name.endsWith('.log')) continue;
    const bytes = node.disk.readFile(join(DIRECTORY, name));
    for (let at = 0; at + batch.BATCH_HEADER_SIZE <= bytes.length; at += batch.batchSizeBytes(bytes, at)) {
      if (at + batch.batchSizeBytes(bytes, at) > bytes.length) break;
      found.set(batch.baseOffset(bytes, at), bytes.subarray(at, at + batch.batchSizeBytes(bytes, at)));
    }
  }
  return found;
}

/** What must be true at every moment, whatever the network and the disks do. */
export class Invariants {
  readonly #quorum: Quorum;
  readonly #leaderOfEpoch = new Map<number, number>();
  readonly #highWatermarkOfEpoch = new Map<number, number>();
  readonly #highWatermarkOfProcess = new WeakMap<object, number>();
  /** Every record that any state machine was ever shown. */
  readonly #committed = new Map<number, string>();
  readonly #seenOf = new WeakMap<object, number>();

  constructor(quorum: Quorum) {
    this.#quorum = quorum;
  }

  get committedCount(): number {
    return this.#committed.size;
  }

  get epochs(): number {
    return this.#leaderOfEpoch.size;
  }

  /** Checks what can have changed with the last event. */
  check(): void {
    if (this.#quorum.fatal.length > 0) throw this.#quorum.fatal[0];
    for (const node of this.#quorum.liveNodes) {
      this.#checkLeader(node);
      this.#checkHighWatermark(node);
      this.#checkShown(node);
    }
  }

  #checkLeader({ id, raft }: SimulatedNode): void {
    if (raft?.isLeader !== true) return;
    const { epoch } = raft.leaderAndEpoch;
    const known = this.#leaderOfEpoch.get(epoch);
    if (known !== undefined && known !== id) throw new Error(`epoch ${epoch} has two leaders, ${known} and ${id}`);
    this.#leaderOfEpoch.set(epoch, id);
    const highWatermark = raft.highWatermark ?? -1;
    if (highWatermark < 0) return;
    for (const [earlier, reached] of this.#highWatermarkOfEpoch) {
      if (earlier < epoch && reached > highWatermark) {
        throw new Error(
          `leader ${id} of epoch ${epoch} has high watermark ${highWatermark}, epoch ${earlier} had ${reached}`,
        );
      }
    }
    this.#highWatermarkOfEpoch.set(epoch, Math.max(highWatermark, this.#highWatermarkOfEpoch.get(epoch) ?? -1));
  }

  #checkHighWatermark({ id, raft }: SimulatedNode): void {
    if (raft?.highWatermark === undefined || raft.isLeader) return;
    const before = this.#highWatermarkOfProcess.get(raft) ?? -1;
    if (raft.highWatermark < before)
      throw new Error(`node ${id}: high watermark back from ${before} to ${raft.highWatermark}`);
    this.#highWatermarkOfProcess.set(raft, raft.highWatermark);
  }

  #checkShown({ id, listener }: SimulatedNode): void {
    const seen = this.#seenOf.get(listener) ?? -1;
    if (listener.nextOffset === seen) return;
    this.#seenOf.set(listener, listener.nextOffset);
    for (let offset = Math.max(seen, 0); offset < listener.nextOffset; offset++) {
      const value = listener.values.get(offset);
      if (value === undefined) continue;
      const known = this.#committed.get(offset);
      if (known === undefined) this.#committed.set(offset, value);
      else if (known !== value) throw new Error(`node ${id} shows ${value} at ${offset}, where ${known} was committed`);
    }
  }

  /** After everything has settled: nothing that was committed is missing, and the logs are the same bytes. */
  checkSettled(): void {
    const { liveNodes } = this.#quorum;
    for (const { id, listener } of liveNodes) {
      for (const [offset, value] of this.#committed) {
        const shown = listener.values.get(offset);
        if (shown !== value) throw new Error(`node ${id} lost the committed ${value} at ${offset}: ${shown}`);
      }
    }
    const bytesAt = new Map<number, { id: number; bytes: Buffer }>();
    for (const node of liveNodes) {
      for (const [offset, bytes] of batchesOnDisk(node)) {
        if (offset >= (node.raft?.highWatermark ?? 0)) continue;
        const known = bytesAt.get(offset);
        if (known === undefined) bytesAt.set(offset, { id: node.id, bytes });
        else if (!known.bytes.equals(bytes)) {
          throw new Error(`the logs of ${known.id} and ${node.id} differ at ${offset}`);
        }
      }
    }
  }
}
