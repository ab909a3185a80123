import * as batch from '../records/record-batch.ts';
import { RecordCursor } from '../records/record-cursor.ts';
import type { EpochState } from './epoch-state.ts';
import type { MetadataLog } from './metadata-log.ts';
import type { CommittedBatch, LeaderAndEpoch, RaftListener } from './raft-types.ts';
import { isBootstrapSnapshot } from './snapshot-format.ts';

const READ_BYTES = 1024 * 1024;
/** A listener that has seen nothing yet. */
const NOTHING_SEEN = -1;

interface ListenerContext {
  readonly listener: RaftListener;
  nextOffset: number;
  lastFired: LeaderAndEpoch;
}

/** The data batches in `records`; offsets of control batches are left out. */
export function decodeCommittedBatches(records: Buffer): CommittedBatch[] {
  const batches: CommittedBatch[] = [];
  const cursor = new RecordCursor();
  for (let at = 0; at < records.length; at += batch.batchSizeBytes(records, at)) {
    if (batch.isControl(records, at)) continue;
    cursor.open(records, at);
    const values: Buffer[] = [];
    while (cursor.next()) {
      const value = cursor.value();
      if (value !== null) values.push(value);
    }
    batches.push({
      baseOffset: batch.baseOffset(records, at),
      lastOffset: batch.lastOffset(records, at),
      epoch: batch.partitionLeaderEpoch(records, at),
      appendTimestamp: batch.maxTimestamp(records, at),
      values,
    });
  }
  return batches;
}

/** Brings each listener up to the high watermark, then tells it who leads. */
export class RaftListeners {
  readonly #log: MetadataLog;
  readonly #contexts: ListenerContext[] = [];
  /** What was decoded last: listeners usually want the same. */
  #decoded: { from: number; to: number; batches: CommittedBatch[] } | undefined;

  constructor(log: MetadataLog) {
    this.#log = log;
  }

  add(listener: RaftListener): void {
    if (this.#contexts.some((context) => context.listener === listener)) return;
    this.#contexts.push({ listener, nextOffset: NOTHING_SEEN, lastFired: { leaderId: undefined, epoch: 0 } });
  }

  remove(listener: RaftListener): void {
    const at = this.#contexts.findIndex((context) => context.listener === listener);
    if (at >= 0) this.#contexts.splice(at, 1);
  }

  /** `state` is read anew for each step: a listener may append or resign. */
  update(state: () => EpochState): void {
    for (const context of [...this.#contexts]) {
      const { highWatermark } = state();
      if (highWatermark !== undefined) this.#catchUp(context, highWatermark);
      this.#fireLeaderChange(context, state());
    }
    this.#decoded = undefined;
  }

  #catchUp(context: ListenerContext, highWatermark: number): void {
    const log = this.#log;
    const isBehindLog = context.nextOffset === NOTHING_SEEN || context.nextOffset < log.startOffset;
    if (context.nextOffset < highWatermark && isBehindLog) this.#loadSnapshot(context);
    while (context.nextOffset < highWatermark) {
      const from = context.nextOffset;
      if (this.#decoded?.from !== from || this.#decoded.to > highWatermark) {
        const { chunks, nextOffset } = log.read(from, READ_BYTES, highWatermark);
        const batches = chunks.flatMap(decodeCommittedBatches);
        this.#decoded = { from, to: nextOffset, batches };
      }
      const { to, batches } = this.#decoded;
      if (to <= from) return;
      context.nextOffset = to;
      if (batches.length > 0) context.listener.handleCommit(batches);
    }
  }

  #loadSnapshot(context: ListenerContext): void {
    const latest = this.#log.loadLatestSnapshot();
    if (latest === undefined) {
      context.nextOffset = Math.max(context.nextOffset, this.#log.startOffset);
      return;
    }
    const { content } = latest;
    context.nextOffset = content.snapshotId.offset;
    if (isBootstrapSnapshot(content.snapshotId)) context.listener.handleLoadBootstrap(content.values);
    else context.listener.handleLoadSnapshot(content);
  }

  #fireLeaderChange(context: ListenerContext, state: EpochState): void {
    // A node that gives up leadership neither leads any more nor knows who will.
    if (state.name === 'Resigned') return;
    if (state.name === 'Leader' && context.nextOffset <= state.epochStartOffset) return;
    const { lastFired } = context;
    const isNews =
      state.epoch > lastFired.epoch ||
      (state.epoch === lastFired.epoch && state.leaderId !== undefined && lastFired.leaderId === undefined);
    if (!isNews) return;
    context.lastFired = { leaderId: state.leaderId, epoch: state.epoch };
    context.listener.handleLeaderChange(context.lastFired);
  }
}
