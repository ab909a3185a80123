import { CALM_NETWORK } from '../simulation/simulated-network.ts';
import { Invariants } from './invariants.ts';
import { Quorum, type SimulatedNode } from './quorum-harness.ts';

/** What a chaotic run consists of. */
export interface ChaosOptions {
  readonly seed: number;
  readonly voters: number;
  readonly durationMs: number;
  readonly kraftVersion?: 0 | 1;
  readonly hasMembershipChanges?: boolean;
  readonly logger?: (nodeId: number, message: string) => void;
}

/** What it came to, for a test to see that it was not idle. */
export interface ChaosResult {
  readonly committedCount: number;
  readonly epochs: number;
  readonly voterIds: readonly number[];
  readonly snapshotLoads: number;
}

const SETTLE_LIMIT_MS = 120_000;

/** Runs a quorum under random faults and checks the invariants after every event; throws on the first that breaks. */
export class Chaos {
  readonly quorum: Quorum;
  readonly #options: ChaosOptions;
  readonly #invariants: Invariants;
  #appended = 0;
  #nextId: number;

  constructor(options: ChaosOptions) {
    this.#options = options;
    this.#nextId = options.voters + 1;
    this.quorum = new Quorum({
      seed: options.seed,
      voters: options.voters,
      kraftVersion: options.kraftVersion ?? 1,
      // Small, so that segments roll, snapshots are cleaned and followers need them.
      config: {
        segmentBytes: 4000,
        retentionMaxBytes: 6000,
        cleaningIntervalMs: 3000,
        fetchMaxBytes: 1000,
        fetchSnapshotMaxBytes: 200,
      },
      // Some disks are slow, so that much is written and not synced when a machine stops.
      maxSyncMs: (id) => [2, 50, 600][(id + options.seed) % 3] ?? 2,
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    });
    this.#invariants = new Invariants(this.quorum);
  }

  run(): ChaosResult {
    const { quorum } = this;
    quorum.startAll();
    const untilMs = quorum.clock.monotonicMs() + this.#options.durationMs;
    let nextFaultMs = 1500;
    let nextAppendMs = 0;
    while (quorum.clock.monotonicMs() < untilMs) {
      const now = quorum.clock.monotonicMs();
      if (now >= nextFaultMs) {
        this.#fault();
        nextFaultMs = now + 50 + quorum.random.int(1500);
      }
      if (now >= nextAppendMs) {
        this.#append();
        nextAppendMs = now + quorum.random.int(200);
      }
      this.#runFor(Math.min(nextFaultMs, nextAppendMs, untilMs) - now + 0.001);
    }
    this.#settle();
    return {
      committedCount: this.#invariants.committedCount,
      epochs: this.#invariants.epochs,
      voterIds: quorum.leader?.raft?.status.voters.map((voter) => voter.id) ?? [],
      snapshotLoads: quorum.liveNodes.reduce((sum, node) => sum + node.listener.snapshots.length, 0),
    };
  }

  #runFor(durationMs: number): void {
    const { clock } = this.quorum;
    const untilMs = clock.monotonicMs() + durationMs;
    while (clock.step(untilMs)) this.#invariants.check();
    clock.runFor(untilMs - clock.monotonicMs());
  }

  #append(): void {
    // Any node that believes that it leads may be asked, an old leader too.
    const leaders = this.quorum.liveNodes.filter((node) => node.raft?.isLeader);
    const node = leaders[this.quorum.random.int(Math.max(1, leaders.length))];
    if (node?.raft === undefined) return;
    const values = Array.from({ length: 1 + this.quorum.random.int(3) }, () => Buffer.from(`v${this.#appended++}`));
    node.raft.append(node.raft.leaderAndEpoch.epoch, values);
    this.#invariants.check();
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.quorum.random.int(Math.max(1, from.length))];
  }

  #fault(): void {
    const { quorum } = this;
    const { network, random } = quorum;
    const ids = [...quorum.nodes.keys()];
    const live = quorum.liveNodes;
    const down = ids.filter((id) => quorum.node(id).raft === undefined);
    const kinds = this.#options.hasMembershipChanges === true ? 16 : 12;
    switch (random.int(kinds)) {
      case 0:
      case 1: {
        const node = this.#pick(live);
        if (node !== undefined) quorum.crash(node.id);
        return;
      }
      case 2: {
        const { leader } = quorum;
        if (leader !== undefined) random.int(2) === 0 ? quorum.crash(leader.id) : quorum.kill(leader.id);
        return;
      }
      case 3:
      case 4: {
        const id = this.#pick(down);
        if (id !== undefined) quorum.start(id);
        return;
      }
      case 5: {
        const node = this.#pick(live);
        if (node !== undefined) network.isolate(node.id, ids);
        return;
      }
      case 6: {
        const from = this.#pick(ids);
        const to = this.#pick(ids);
        if (from !== undefined && to !== undefined) network.cut(from, to);
        return;
      }
      case 7:
        network.heal();
        return;
      case 8:
        network.conditions = {
          minDelayMs: 0,
          maxDelayMs: this.#pick([2, 20, 300, 1500]) ?? 2,
          dropChance: this.#pick([0, 0.02, 0.2]) ?? 0,
          duplicateChance: this.#pick([0, 0.1]) ?? 0,
        };
        return;
      case 9: {
        const { leader } = quorum;
        const closing = leader?.raft;
        closing?.close(random.int(2000), () => {
          if (leader?.raft === closing && leader !== undefined) quorum.kill(leader.id);
        });
        return;
      }
      case 10: {
        const node = this.#pick(live);
        if (node !== undefined) this.#snapshot(node);
        return;
      }
      case 11: {
        // Back before anybody notices: it must remember its votes.
        const node = this.#pick(live);
        if (node === undefined) return;
        quorum.crash(node.id);
        quorum.start(node.id);
        return;
      }
      default:
        this.#changeMembers();
    }
  }

  #snapshot({ raft, listener }: SimulatedNode): void {
    if (raft === undefined || listener.nextOffset === 0) return;
    const id = { offset: listener.nextOffset, epoch: listener.lastEpoch };
    raft.createSnapshot(id, listener.lastTimestamp, listener.snapshotValues());
  }

  #changeMembers(): void {
    const { quorum } = this;
    const { leader } = quorum;
    const voters = leader?.raft?.status.voters ?? [];
    const outsiders = quorum.liveNodes.filter((node) => node.raft?.status.isVoter === false);
    if (leader?.raft === undefined || (voters.length < 3 && outsiders.length === 0)) {
      if (quorum.nodes.size < 7) {
        quorum.addNode(this.#nextId, true);
        quorum.start(this.#nextId++);
      }
      return;
    }
    const context = { listenerName: 'CONTROLLER', apiVersion: 1 };
    const node = this.#pick(outsiders);
    if (node !== undefined && (voters.length < 4 || quorum.random.int(2) === 0)) {
      const request = {
        clusterId: null,
        timeoutMs: 1000,
        voterId: node.id,
        voterDirectoryId: node.directoryId,
        listeners: [quorum.endpointOf(node.id)],
        ackWhenCommitted: true,
      };
      leader.raft.handleAddRaftVoter(request, context, () => {});
      return;
    }
    const voter = this.#pick(voters);
    if (voter?.directoryId === undefined || voters.length < 3) return;
    const request = { clusterId: null, voterId: voter.id, voterDirectoryId: voter.directoryId };
    leader.raft.handleRemoveRaftVoter(request, context, () => {});
  }

  // All faults end: the quorum must find together, take a record and show everything to everybody.
  #settle(): void {
    const { quorum } = this;
    quorum.network.heal();
    quorum.network.conditions = CALM_NETWORK;
    const { clock } = quorum;
    const untilMs = clock.monotonicMs() + SETTLE_LIMIT_MS;
    let mark: { text: string; offset: number } | undefined;
    const isShownToAll = (): boolean =>
      quorum.liveNodes.length === quorum.nodes.size &&
      quorum.liveNodes.every((node) => mark !== undefined && node.listener.values.get(mark.offset) === mark.text);
    while (!isShownToAll()) {
      if (clock.monotonicMs() > untilMs)
        throw new Error(`no progress within ${SETTLE_LIMIT_MS} ms: ${this.#describe()}`);
      // One that was closing may go only now.
      for (const [id, node] of quorum.nodes) if (node.raft === undefined) quorum.start(id);
      // Again and again: a mark may go with the leader that wrote it.
      const text = `mark ${clock.monotonicMs()}`;
      const offset = quorum.append(text);
      if (offset !== undefined) mark = { text, offset };
      for (let i = 0; i < 20 && !isShownToAll(); i++) this.#runFor(100);
    }
    this.#invariants.check();
    this.#invariants.checkSettled();
  }

  #describe(): string {
    return [...this.quorum.nodes.values()]
      .map(({ id, raft, listener }) => {
        const status = raft?.status;
        return status === undefined
          ? `${id} down`
          : `${id} ${status.state} epoch ${status.leader.epoch} leader ${status.leader.leaderId} log ${status.logStartOffset}-${status.logEndOffset} hw ${status.highWatermark} voters ${status.voters.map((voter) => voter.id)} shown ${listener.nextOffset}`;
      })
      .join('; ');
  }
}
