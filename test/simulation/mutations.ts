/** A deliberate mistake in ottla: the simulation is to find each of them. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Must be in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** Mistakes that one of the promises of a cluster forbids, and that only faults bring to light. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a leader does not tell followers where their logs diverge',
    file: 'src/broker/partition.ts',
    from: 'const divergingEpoch = this.#divergingEpoch(fetchOffset, lastFetchedEpoch);',
    to: 'const divergingEpoch = false ? this.#divergingEpoch(fetchOffset, lastFetchedEpoch) : undefined;',
  },
  {
    name: 'a smaller ISR counts before the controller has confirmed it',
    file: 'src/broker/replication/leadership.ts',
    from: 'this.#propose(isr, this.#isr);',
    to: 'this.#propose(isr, isr);',
  },
  {
    name: 'the high watermark waits for one follower, not for all of the ISR',
    file: 'src/broker/replication/leadership.ts',
    from: 'if (counts) lowest = follower.logEndOffset;',
    to: 'if (counts && follower.brokerId === Math.min(...maximalIsr.filter((id) => id !== this.#environment.nodeId))) lowest = follower.logEndOffset;',
  },
  {
    name: 'requests that know an old leader epoch are served',
    file: 'src/broker/partition.ts',
    from: 'if (currentLeaderEpoch !== NO_EPOCH && currentLeaderEpoch !== leaderEpoch) {',
    to: 'if (currentLeaderEpoch !== NO_EPOCH && currentLeaderEpoch > leaderEpoch) {',
  },
  {
    name: 'a follower joins the ISR before it has what was there when the leader epoch began',
    file: 'src/broker/replication/leadership.ts',
    from: 'if (follower.logEndOffset < highWatermark || follower.logEndOffset < this.#epochStartOffset) return;',
    to: 'if (follower.logEndOffset < highWatermark - 5) return;',
  },
  {
    name: 'the controller lets a leader of an old epoch change the ISR',
    file: 'src/metadata/controller/alter-partition.ts',
    from: "if (data.leaderEpoch < partition.leaderEpoch) return 'FENCED_LEADER_EPOCH';\n  if (leaderId !== partition.leader) return 'INVALID_REQUEST';\n  if (data.partitionEpoch < partition.partitionEpoch) return 'INVALID_UPDATE_VERSION';",
    to: '',
  },
  {
    name: 'the controller lets a crashed incarnation into the ISR',
    file: 'src/metadata/controller/alter-partition.ts',
    from: 'return brokerEpoch === -1 || brokerEpoch === broker.epoch;',
    to: 'return true;',
  },
  {
    name: 'the controller elects any replica that lives, in sync or not',
    file: 'src/metadata/controller/partition-change.ts',
    from: '(plan.isr.includes(id) || (plan.isr.length === 0 && plan.elr.includes(id))) && isAcceptable(id);',
    to: '(plan.isr.includes(id) || plan.replicas.includes(id)) && isAcceptable(id);',
  },
  {
    name: 'a fenced broker stays the leader',
    file: 'src/metadata/controller/partition-change.ts',
    from: 'isAcceptable = (brokerId: number): boolean => isBrokerActive(state.image, brokerId),',
    to: 'isAcceptable = (brokerId: number): boolean => isBrokerActive(state.image, brokerId) || true,',
  },
  {
    name: 'a reassignment ends before its new replicas are in sync',
    file: 'src/metadata/controller/partition-change.ts',
    from: 'if (!plan.adding.every((id) => isr.includes(id))) return;',
    to: '',
  },
  {
    name: 'a vote is not put on the disk',
    file: 'src/raft/raft-core.ts',
    from: "next.name === 'Resigned' ||\n",
    to: "next.name === 'Resigned' || (next.name === 'Unattached' && next.votedKey !== undefined) ||\n",
  },
  {
    name: 'a vote goes to a candidate that misses records',
    file: 'src/raft/elections.ts',
    from: 'const isUpToDate = compareOffsetAndEpoch({ offset: lastOffset, epoch: lastOffsetEpoch }, core.log.end) >= 0;',
    to: 'const isUpToDate = compareOffsetAndEpoch({ offset: lastOffset, epoch: lastOffsetEpoch }, core.log.end) > -9;',
  },
  {
    name: 'a voter acknowledges metadata that it has not synced',
    file: 'src/raft/raft-driver.ts',
    from: 'if ((isVoter || options.canBecomeVoter) && syncer.isBehind) {',
    to: 'if (isVoter && options.canBecomeVoter && syncer.isBehind && localKey.id < 0) {',
  },
  {
    name: "the quorum's leader counts itself before it has synced",
    file: 'src/raft/raft-core.ts',
    from: 'state.progress.updateLocal(this.syncer.syncedOffset, this.control.voters)',
    to: 'state.progress.updateLocal(this.log.endOffset, this.control.voters)',
  },
  {
    name: 'voters count that were taken away',
    file: 'src/raft/leader-progress.ts',
    from: 'local.endOffset = Math.max(local.endOffset ?? 0, endOffset);\n    this.#updateVoters(voters);',
    to: 'local.endOffset = Math.max(local.endOffset ?? 0, endOffset);\n    if (voters.nodes.length >= this.#voters.size) this.#updateVoters(voters);',
  },
  {
    name: 'committed offsets are acknowledged before they are replicated',
    file: 'src/groups/record-writer.ts',
    from: 'else this.#startTimeout(write);',
    to: 'else this.#answer(write, undefined);',
  },
  {
    name: 'a fetch session forgets partitions that are added to it',
    file: 'src/broker/fetch-session.ts',
    from: '        partitions.add(partition);\n',
    to: '        if (partitions.size < 2) partitions.add(partition);\n',
  },
  {
    name: 'a fetch session does not tell of a high watermark alone',
    file: 'src/broker/fetch-session.ts',
    from: 'answer.highWatermark !== request.sentHighWatermark ||',
    to: '',
  },
  {
    name: 'what a producer sends again is written again',
    file: 'src/log/append-plan.ts',
    from: '    if (!batch.hasProducerId(bytes, at)) return undefined;',
    to: "    if (!batch.hasProducerId(bytes, at) || this.#context.origin === 'client') return undefined;",
  },
  {
    name: 'recovery does not check the CRC',
    file: 'src/log/log-segment.ts',
    from: 'hasBadCrc = !batch.hasValidCrc(scanner.buffer, scanner.at);',
    to: '',
  },
  {
    name: 'records are deleted above the high watermark',
    file: 'src/log/log-trimmer.ts',
    from: 'if (offset > this.#core.highWatermark) {',
    to: 'if (offset > this.#core.logEndOffset) {',
  },
  {
    name: 'a deleted topic leaves its log to the next one of its name',
    file: 'src/broker/replica-manager.ts',
    from: 'for (const partition of partitions) if (partition !== undefined) this.#stop(partition, true);',
    to: 'for (const partition of partitions) if (partition !== undefined) this.#stop(partition, false);',
  },
  {
    name: 'a metadata snapshot has all replicas in sync',
    file: 'src/metadata/partition-registration.ts',
    from: '      isr: partition.isr,\n      removingReplicas: partition.removingReplicas,',
    to: '      isr: partition.replicas,\n      removingReplicas: partition.removingReplicas,',
  },
  {
    name: 'the log end moves although the write failed',
    file: 'src/log/log-appender.ts',
    from: '    segment.append(plan.chunks, plan.sizeBytes);\n    this.#core.logEndOffset = plan.lastOffset + 1;',
    to: '    this.#core.logEndOffset = plan.lastOffset + 1;\n    segment.append(plan.chunks, plan.sizeBytes);',
  },
  {
    name: 'a metadata snapshot forgets configs',
    file: 'src/metadata/metadata-image.ts',
    from: '    for (const [resourceType, resources] of this.#configs) {\n',
    to: '    for (const [resourceType, resources] of [...this.#configs].slice(0, 0)) {\n',
  },
  {
    name: 'a follower keeps what its leader does not have',
    file: 'src/broker/replication/follower-log.ts',
    from: 'return Math.min(own.endOffset, endOffset, logEndOffset);',
    to: 'return Math.min(Math.max(own.endOffset, endOffset), logEndOffset);',
  },
  {
    name: 'producers are not looked up anew after a truncation',
    file: 'src/log/log-trimmer.ts',
    from: '      this.#afterTruncation();\n      this.#rebuildProducers(hadNone);',
    to: '      this.#afterTruncation();',
  },
  {
    name: 'heartbeats of an old incarnation count',
    file: 'src/metadata/controller/brokers.ts',
    from: 'if (broker.epoch !== epoch) {',
    to: 'if (broker.epoch < epoch) {',
  },
  {
    name: 'a new coordinator does not load all of its log',
    file: 'src/groups/shard.ts',
    from: 'else this.#replayRecord(cursor, producerId);',
    to: 'else if (cursor.offset % 3 > 0) this.#replayRecord(cursor, producerId);',
  },
  {
    name: 'a vote goes to a candidate whose last record is older',
    file: 'src/raft/elections.ts',
    from: 'const isUpToDate = compareOffsetAndEpoch({ offset: lastOffset, epoch: lastOffsetEpoch }, core.log.end) >= 0;',
    to: 'const isUpToDate = lastOffset >= core.log.end.offset || lastOffsetEpoch >= core.log.end.epoch;',
  },
  {
    name: 'the leader lets a follower into the ISR below the high watermark',
    file: 'src/broker/replication/leadership.ts',
    from: 'if (follower.logEndOffset < highWatermark || follower.logEndOffset < this.#epochStartOffset) return;',
    to: 'if (follower.logEndOffset < this.#epochStartOffset && highWatermark >= 0) return;',
  },
  {
    name: 'a follower joins the ISR before the start of the leader epoch',
    file: 'src/broker/replication/leadership.ts',
    from: 'if (follower.logEndOffset < highWatermark || follower.logEndOffset < this.#epochStartOffset) return;',
    to: 'if (follower.logEndOffset < highWatermark) return;',
  },
];
