import type { Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { FilePool } from '../log/file-pool.ts';
import type { LogEnvironment } from '../log/partition-log-types.ts';
import { leaderChangeMessage } from '../protocol/control-records.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { buildControlBatch, type ControlRecord } from '../records/control-record.ts';
import { ControlState } from './control-state.ts';
import { type EpochState, type FollowerState, invalidTransition, type LeaderState } from './epoch-state.ts';
import { leaderSources } from './leader-discovery.ts';
import type { Instant } from './leader-progress.ts';
import { LogSyncer } from './log-syncer.ts';
import { MetadataLog } from './metadata-log.ts';
import { candidateState, followerState, initialState, leaderState, newElection, resignedState } from './new-states.ts';
import { ParkedFetches } from './parked-fetches.ts';
import { QuorumStateFile } from './quorum-state-file.ts';
import { RaftListeners } from './raft-listeners.ts';
import type { RaftNodeOptions } from './raft-options.ts';
import type { LeaderAndEpoch, RaftDestination, RaftEndpoint, ReplicaKey } from './raft-types.ts';
import { RequestManager } from './request-manager.ts';
import { encodeControl, MAX_BATCH_SIZE_BYTES, quorumControlRecords } from './snapshot-format.ts';
import { SUPPORTED_KRAFT_VERSIONS, type VoterNode, VoterSet } from './voter-set.ts';

/** More rounds without waiting than any chain of transitions has: then it is a mistake, and the loop must end. */
const MAX_ROUNDS = 100;

/**
 * What all parts of a raft node share: its state and the one door through which that changes, its log, its timer. The
 * parts (elections, replication, voter changes) are functions over it.
 */
export class RaftCore {
  readonly options: RaftNodeOptions;
  readonly localKey: ReplicaKey;
  readonly log: MetadataLog;
  readonly control: ControlState;
  readonly requests: RequestManager;
  readonly syncer: LogSyncer;
  readonly listeners: RaftListeners;
  readonly parked: ParkedFetches;
  /** Does what is due in the current state and returns the ms until something is due again. Set by the node. */
  poll: () => number = () => Number.POSITIVE_INFINITY;
  /** Called when the leader's high watermark moved. Set by the node. */
  onHighWatermark: (state: LeaderState) => void = () => {};
  /** Called when this node leads no more. Set by the node. */
  onLeadershipLost: () => void = () => {};
  readonly #quorumStateFile: QuorumStateFile;
  #state: EpochState;
  #timer: Timer | undefined;
  #isAdvancing = false;
  #mustRunAgain = false;
  #isStarted = false;
  #isStopped = false;
  #isShuttingDown = false;

  constructor(options: RaftNodeOptions) {
    this.options = options;
    this.localKey = { id: options.nodeId, directoryId: options.directoryId };
    const environment: LogEnvironment = {
      fileSystem: options.fileSystem,
      clock: options.clock,
      random: options.random,
      logger: options.logger,
      filePool: new FilePool(options.fileSystem),
    };
    this.log = new MetadataLog(options.directory, options.config, environment);
    this.control = new ControlState(VoterSet.fromStatic(options.staticVoters, options.listenerName));
    this.#loadControlState();
    const { transport, config, random, clock } = options;
    const sources = leaderSources(options, this.control);
    this.requests = new RequestManager(transport, sources, config, random, clock, () => this.advance());
    this.syncer = new LogSyncer(
      this.log,
      () => this.#onSynced(),
      (error) => this.fail(error),
    );
    this.listeners = new RaftListeners(this.log);
    this.parked = new ParkedFetches(options.clock);
    this.#quorumStateFile = new QuorumStateFile(options.fileSystem, options.directory);
    const stored = this.#quorumStateFile.read();
    this.#state = initialState(this, stored);
    if (stored !== undefined && stored.epoch < this.#state.epoch) this.#persist(this.#state);
  }

  #loadControlState(): void {
    const snapshot = this.log.loadLatestSnapshot();
    if (snapshot !== undefined) this.control.observe(snapshot.bytes, snapshot.content.snapshotId.offset - 1);
    this.observeFrom(Math.max(snapshot?.content.snapshotId.offset ?? 0, this.log.startOffset));
  }

  /** Takes the voters and kraft.version that the log sets from `fromOffset` on. */
  observeFrom(fromOffset: number): void {
    let offset = fromOffset;
    while (offset < this.log.endOffset) {
      const { chunks, nextOffset } = this.log.read(offset, MAX_BATCH_SIZE_BYTES, this.log.endOffset);
      for (const chunk of chunks) this.control.observe(chunk);
      if (nextOffset <= offset) throw new KafkaError('KAFKA_STORAGE_ERROR', `the metadata log ends at ${offset}`);
      offset = nextOffset;
    }
  }

  /** Voters and kraft.version after the log was replaced by a snapshot. */
  reloadControlState(): void {
    this.control.clear();
    this.#loadControlState();
  }

  get state(): EpochState {
    return this.#state;
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  get leaderAndEpoch(): LeaderAndEpoch {
    return { leaderId: this.#state.leaderId, epoch: this.#state.epoch };
  }

  get isVoter(): boolean {
    return this.control.voters.isVoter(this.localKey);
  }

  get isOnlyVoter(): boolean {
    return this.control.voters.isOnlyVoter(this.localKey);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  get localVoterNode(): VoterNode {
    const { localListeners } = this.options;
    return { key: this.localKey, endpoints: localListeners, supportedKRaftVersions: SUPPORTED_KRAFT_VERSIONS };
  }

  get nowMs(): number {
    return this.options.clock.monotonicMs();
  }

  get now(): Instant {
    return { monotonicMs: this.nowMs, timestampMs: this.options.clock.nowMs() };
  }

  /** A random time at which an election (or the wait for one) is over. */
  electionDeadlineMs(): number {
    const { electionTimeoutMs } = this.options.config;
    return this.nowMs + electionTimeoutMs + this.options.random.int(Math.max(1, electionTimeoutMs));
  }

  /**
   * The same for a node that has just started. It need not give a leader the time to show itself: one that there is will
   * be named by those who refuse this node's pre-vote, which takes nothing from anybody (KIP-996).
   */
  firstElectionDeadlineMs(): number {
    return this.nowMs + this.options.random.int(Math.max(1, this.options.config.electionTimeoutMs));
  }

  canReach(endpoints: readonly RaftEndpoint[]): boolean {
    return endpoints.some((endpoint) => endpoint.name === this.options.listenerName);
  }

  /** Where the followed leader is asked. */
  leaderDestination(state: FollowerState): RaftDestination {
    const endpoint = state.leaderEndpoints.find((one) => one.name === this.options.listenerName);
    if (endpoint === undefined)
      throw new Error(`leader ${state.leaderId} has no listener ${this.options.listenerName}`);
    return { id: state.leaderId, host: endpoint.host, port: endpoint.port };
  }

  /** The one door: checks that the transition exists, puts it on the disk where it must be, and tells whom it concerns. */
  transitionTo(next: EpochState): void {
    const from = this.#state;
    const problem = invalidTransition(from, next, this.isVoter);
    if (problem !== undefined) throw new Error(`invalid transition: ${problem}`);
    // Prospective and Resigned remember nothing new; a vote or a new epoch must not be forgotten.
    const isVolatile =
      next.name === 'Resigned' ||
      (next.name === 'Prospective' && next.votedKey === from.votedKey) ||
      // A lone voter leads in the next breath, and that is remembered.
      (next.name === 'Candidate' && next.election.isGranted);
    if (!isVolatile) this.#persist(next);
    this.#state = next;
    const { logger } = this.options;
    logger.info(`${from.name} -> ${next.name} in epoch ${next.epoch}, leader ${next.leaderId ?? 'unknown'}`);
    if (from.name === 'Leader') this.onLeadershipLost();
    if (next.name === 'Follower' || next.name === 'Resigned' || from.name === 'Leader') {
      this.parked.failAll();
    }
    if (next.name !== 'Prospective' || from.name !== 'Prospective') this.requests.resetAll();
    this.#mustRunAgain = true;
  }

  #persist({ epoch, leaderId, votedKey }: EpochState): void {
    this.#quorumStateFile.write({ epoch, leaderId, votedKey }, this.control.kraftVersion, this.control.voters.ids);
  }

  becomeUnattached(epoch: number, leaderId?: number): void {
    const from = this.#state;
    this.transitionTo({
      name: 'Unattached',
      epoch,
      leaderId,
      leaderEndpoints: [],
      votedKey: epoch === from.epoch ? from.votedKey : undefined,
      highWatermark: from.highWatermark,
      electionDeadlineMs: this.#unattachedDeadlineMs(from),
    });
  }

  // Who hears of ever new epochs must not put off its own election for ever.
  #unattachedDeadlineMs(from: EpochState): number {
    if (!this.isVoter) return Number.POSITIVE_INFINITY;
    const isWaiting =
      from.name === 'Candidate' ||
      from.name === 'Unattached' ||
      from.name === 'Resigned' ||
      (from.name === 'Prospective' && !from.election.isRejected);
    return isWaiting && Number.isFinite(from.electionDeadlineMs) ? from.electionDeadlineMs : this.electionDeadlineMs();
  }

  /** Grants a standard vote: remembers it before the answer leaves. */
  vote(candidate: ReplicaKey): void {
    const from = this.#state;
    if (from.name !== 'Unattached' && from.name !== 'Prospective') throw new Error(`${from.name} cannot vote`);
    this.transitionTo({ ...from, votedKey: candidate, electionDeadlineMs: this.electionDeadlineMs() });
  }

  becomeProspective(): void {
    const { epoch, leaderId, leaderEndpoints, votedKey, highWatermark } = this.#state;
    const kept = { epoch, leaderId, leaderEndpoints, votedKey, highWatermark };
    const election = newElection(this);
    this.transitionTo({ ...kept, name: 'Prospective', election, electionDeadlineMs: this.electionDeadlineMs() });
    if (election.isGranted) this.becomeCandidate();
  }

  becomeCandidate(): void {
    const next = candidateState(this, this.epoch + 1);
    next.highWatermark = this.#state.highWatermark;
    this.transitionTo(next);
    this.maybeBecomeLeader();
  }

  maybeBecomeLeader(): void {
    const state = this.#state;
    if (state.name !== 'Candidate' || !state.election.isGranted) return;
    const { epoch } = state;
    const { voters } = this.control;
    this.transitionTo(leaderState(this, epoch));
    this.log.startEpoch(epoch);
    const voterIds = (ids: readonly number[]): { voterId: number }[] => ids.map((voterId) => ({ voterId }));
    const leaderChange = encodeControl(leaderChangeMessage, 0, {
      version: 0,
      leaderId: this.localKey.id,
      voters: voterIds(voters.ids),
      grantingVoters: voterIds(state.election.grantingVoterIds),
    });
    this.appendControl([{ type: 'leaderChange', value: leaderChange }, ...this.#firstQuorumRecords(voters)]);
  }

  // The first leader copies the voters from the bootstrap checkpoint into the log; a later one corrects its endpoints.
  #firstQuorumRecords(voters: VoterSet): ControlRecord[] {
    const { kraftVersion, votersOffset, isReconfigurable } = this.control;
    if (!isReconfigurable) return [];
    if (votersOffset !== -1 && !voters.needsUpdate(this.localVoterNode)) return [];
    return quorumControlRecords(kraftVersion, voters.withUpdated(this.localVoterNode) ?? voters);
  }

  becomeResigned(preferredSuccessors: readonly ReplicaKey[]): void {
    const next = resignedState(this, this.epoch, preferredSuccessors);
    next.highWatermark = this.#state.highWatermark;
    this.transitionTo(next);
  }

  becomeFollower(epoch: number, leaderId: number, endpoints: readonly RaftEndpoint[]): void {
    const { epoch: oldEpoch, votedKey, highWatermark } = this.#state;
    const keptVote = epoch === oldEpoch ? votedKey : undefined;
    this.transitionTo(followerState(this, epoch, leaderId, endpoints, keptVote, highWatermark));
  }

  /** Appends control records as one batch; the voters that they set count at once. Returns the last offset. */
  appendControl(records: readonly ControlRecord[]): number {
    const batch = buildControlBatch(this.options.clock.nowMs(), records, {
      baseOffset: this.log.endOffset,
      partitionLeaderEpoch: this.epoch,
    });
    return this.#append(batch);
  }

  /** Appends record values as one atomic batch; returns the last offset. */
  appendValues(epoch: number, values: readonly Uint8Array[]): number {
    if (this.#state.name !== 'Leader' || epoch !== this.epoch || this.#isStopped) {
      throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `this node does not lead in epoch ${epoch}`);
    }
    const builder = new BatchBuilder();
    const timestamp = this.options.clock.nowMs();
    for (const value of values) builder.append(timestamp, null, value);
    if (builder.sizeBytes > MAX_BATCH_SIZE_BYTES) {
      throw new KafkaError(
        'RECORD_LIST_TOO_LARGE',
        `${values.length} records take ${builder.sizeBytes} bytes, a batch holds ${MAX_BATCH_SIZE_BYTES}`,
      );
    }
    return this.#append(builder.finish({ baseOffset: this.log.endOffset, partitionLeaderEpoch: epoch }));
  }

  #append(batch: Buffer): number {
    this.log.append(batch, this.epoch);
    this.control.observe(batch);
    this.syncer.sync();
    this.updateLeader();
    this.#mustRunAgain = true;
    return this.log.endOffset - 1;
  }

  /** Counts what the leader itself has on the disk, and serves the fetches that wait for what was appended. */
  updateLeader(): void {
    const state = this.#state;
    if (state.name !== 'Leader') return;
    if (state.progress.updateLocal(this.syncer.syncedOffset, this.control.voters)) this.leaderHighWatermarkMoved(state);
    this.parked.completeBelow(this.log.endOffset);
  }

  leaderHighWatermarkMoved(state: LeaderState): void {
    const { highWatermark } = state.progress;
    if (highWatermark === undefined) return;
    state.highWatermark = highWatermark;
    this.log.updateHighWatermark(highWatermark);
    this.onHighWatermark(state);
    this.parked.completeAll();
    this.#mustRunAgain = true;
  }

  #onSynced(): void {
    this.enter(() => this.updateLeader());
  }

  /** Runs something that may change state, then does what is due. */
  enter(run: () => void): void {
    this.attempt(run);
    this.advance();
  }

  /** Runs something; a failure of the disk, or a mistake of ours, ends the node. */
  attempt(run: () => void): void {
    if (this.#isStopped) return;
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Does what is due now and sets the timer for what is due next. */
  advance(): void {
    this.#mustRunAgain = true;
    if (this.#isAdvancing || this.#isStopped || !this.#isStarted) return;
    this.#isAdvancing = true;
    let waitMs = 0;
    try {
      for (let round = 0; (this.#mustRunAgain || waitMs <= 0) && round < MAX_ROUNDS && !this.#isStopped; round++) {
        this.#mustRunAgain = false;
        waitMs = this.poll();
        if (!this.#isStopped) this.listeners.update(() => this.#state);
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isAdvancing = false;
    }
    if (this.#isStopped) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (Number.isFinite(waitMs)) {
      this.#timer = this.options.clock.schedule(Math.max(1, Math.ceil(waitMs)), () => this.advance());
    }
  }

  /** From now on the node does of its own accord what is due. */
  start(): void {
    this.#isStarted = true;
  }

  beginShutdown(): void {
    this.#isShuttingDown = true;
  }

  /** Stops at once; the log is closed, cleanly unless `isClean` is false. */
  stop(isClean: boolean): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#timer?.cancel();
    this.parked.failAll();
    this.onLeadershipLost();
    this.syncer.close();
    this.log.close(isClean);
  }

  /** The node cannot go on. */
  fail(error: unknown): void {
    if (this.#isStopped) return;
    this.options.logger.error('The metadata quorum of this node stops', error);
    try {
      this.stop(false);
    } finally {
      this.options.onFatal(error);
    }
  }
}
