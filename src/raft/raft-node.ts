import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import { ErrorCode } from '../protocol/error-codes.ts';
import type { FetchRequest, FetchResponseInput } from '../protocol/messages/01-fetch.ts';
import type { VoteRequest, VoteResponseInput } from '../protocol/messages/52-vote.ts';
import type {
  BeginQuorumEpochRequest,
  BeginQuorumEpochResponseInput,
} from '../protocol/messages/53-begin-quorum-epoch.ts';
import type { EndQuorumEpochRequest, EndQuorumEpochResponseInput } from '../protocol/messages/54-end-quorum-epoch.ts';
import type { DescribeQuorumRequest, DescribeQuorumResponseInput } from '../protocol/messages/55-describe-quorum.ts';
import type { FetchSnapshotRequest, FetchSnapshotResponseInput } from '../protocol/messages/59-fetch-snapshot.ts';
import type { AddRaftVoterRequest, AddRaftVoterResponseInput } from '../protocol/messages/80-add-raft-voter.ts';
import type {
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponseInput,
} from '../protocol/messages/81-remove-raft-voter.ts';
import type {
  UpdateRaftVoterRequest,
  UpdateRaftVoterResponseInput,
} from '../protocol/messages/82-update-raft-voter.ts';
import { handleBeginQuorumEpoch, handleEndQuorumEpoch, handleVote } from './elections.ts';
import type { StateName } from './epoch-state.ts';
import { RaftCore } from './raft-core.ts';
import { RaftDriver } from './raft-driver.ts';
import type { RaftNodeOptions } from './raft-options.ts';
import type {
  LeaderAndEpoch,
  OffsetAndEpoch,
  RaftDestination,
  RaftEndpoint,
  RaftListener,
  RaftRequestContext,
  ReplicaKey,
} from './raft-types.ts';
import { handleFetch, handleFetchSnapshot } from './replication.ts';
import { buildSnapshot } from './snapshot-format.ts';
import { handleDescribeQuorum, VoterChanges } from './voter-changes.ts';

export type { RaftNodeOptions } from './raft-options.ts';

/** A node's view of the quorum. */
export interface QuorumStatus {
  readonly leader: LeaderAndEpoch;
  /** -1 while unknown. */
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly latestSnapshotId: OffsetAndEpoch | undefined;
  readonly state: StateName;
  readonly isVoter: boolean;
  readonly kraftVersion: number;
  readonly voters: readonly {
    readonly id: number;
    readonly directoryId: Uuid | undefined;
    readonly endpoints: readonly RaftEndpoint[];
  }[];
}

/**
 * One node of a KRaft quorum (KIP-595, KIP-630, KIP-853, KIP-996): owns `__cluster_metadata-0`, takes part in elections,
 * replicates, and shows the committed records to its listeners. It knows no record's meaning.
 *
 * Everything is synchronous. Request handlers call `reply` exactly once, at once or later.
 */
export class RaftNode {
  readonly #core: RaftCore;
  readonly #voterChanges: VoterChanges;

  /**
   * Opens (or creates) the log in `options.directory`; recovers it after an unclean stop. Throws KAFKA_STORAGE_ERROR or
   * CORRUPT_MESSAGE when what is there cannot be used.
   */
  constructor(options: RaftNodeOptions) {
    this.#core = new RaftCore(options);
    this.#voterChanges = new VoterChanges(this.#core);
    const driver = new RaftDriver(this.#core);
    this.#core.poll = () => driver.poll();
    this.#core.onHighWatermark = (state) => this.#voterChanges.highWatermarkMoved(state);
    this.#core.onLeadershipLost = () => this.#voterChanges.leadershipLost();
  }

  /** Takes part from now on. A lone voter leads when this returns; its first record is committed once it is synced. */
  start(): void {
    const core = this.#core;
    core.start();
    core.enter(() => {
      const { state } = core;
      if (!core.isOnlyVoter) return;
      if (state.name === 'Candidate') core.maybeBecomeLeader();
      else if (state.name !== 'Leader') core.becomeProspective();
    });
  }

  /**
   * Stops. A leader resigns first (EndQuorumEpoch to the other voters) and waits up to `timeoutMs` until another leads.
   * `done` is called once the files are closed, maybe before this returns.
   */
  close(timeoutMs: number, done: () => void): void {
    const core = this.#core;
    if (core.isStopped) {
      done();
      return;
    }
    core.beginShutdown();
    const { clock } = core.options;
    const deadlineMs = core.nowMs + timeoutMs;
    const finish = (): void => {
      try {
        core.stop(true);
      } catch (error) {
        core.options.logger.error('the metadata log could not be closed; it will be recovered', error);
      }
      done();
    };
    const canStop = (): boolean => {
      const { leaderId } = core.state;
      const hasRemoteLeader = leaderId !== undefined && leaderId !== core.localKey.id;
      return core.isStopped || !core.isVoter || core.isOnlyVoter || hasRemoteLeader || core.nowMs >= deadlineMs;
    };
    const check = (): void => {
      if (canStop()) finish();
      else clock.schedule(SHUTDOWN_CHECK_MS, check);
    };
    if (!canStop()) core.advance();
    check();
  }

  /** Listeners hear of everything committed from the start of the log, or from the latest snapshot. */
  addListener(listener: RaftListener): void {
    this.#core.listeners.add(listener);
    this.#core.advance();
  }

  removeListener(listener: RaftListener): void {
    this.#core.listeners.remove(listener);
  }

  /** The leader and epoch as this node knows them. */
  get leaderAndEpoch(): LeaderAndEpoch {
    return this.#core.leaderAndEpoch;
  }

  get isLeader(): boolean {
    return this.#core.state.name === 'Leader';
  }

  /** Everything below is committed; undefined while unknown. */
  get highWatermark(): number | undefined {
    return this.#core.state.highWatermark;
  }

  get logEndOffset(): number {
    return this.#core.log.endOffset;
  }

  /** Where the log ends, and the epoch of its last record. */
  get logEnd(): OffsetAndEpoch {
    return this.#core.log.end;
  }

  /** For whom this node voted in its epoch; undefined = for nobody. */
  get votedKey(): ReplicaKey | undefined {
    return this.#core.state.votedKey;
  }

  get latestSnapshotId(): OffsetAndEpoch | undefined {
    return this.#core.log.latestSnapshotId;
  }

  get status(): QuorumStatus {
    const { state, log, control, isVoter } = this.#core;
    return {
      leader: this.leaderAndEpoch,
      highWatermark: state.highWatermark ?? -1,
      logStartOffset: log.startOffset,
      logEndOffset: log.endOffset,
      latestSnapshotId: log.latestSnapshotId,
      state: state.name,
      isVoter,
      kraftVersion: control.kraftVersion,
      voters: control.voters.nodes.map(({ key, endpoints }) => ({ ...key, endpoints })),
    };
  }

  /** Where the leader's controller listener can be reached; undefined while nobody is known to lead. */
  get leaderEndpoint(): RaftDestination | undefined {
    const { leaderId, leaderEndpoints } = this.#core.state;
    const endpoint = leaderEndpoints.find((one) => one.name === this.#core.options.listenerName);
    if (leaderId === undefined || endpoint === undefined) return undefined;
    return { id: leaderId, host: endpoint.host, port: endpoint.port };
  }

  /**
   * Appends record values as one atomic batch; returns the offset of the last. It is committed once handleCommit shows
   * it; if the leader changes before, it may or may not come.
   * Throws NOT_LEADER_OR_FOLLOWER when this node does not lead in `epoch`; RECORD_LIST_TOO_LARGE over 8 MiB.
   */
  append(epoch: number, values: readonly Uint8Array[]): number {
    const core = this.#core;
    let lastOffset: number;
    try {
      lastOffset = core.appendValues(epoch, values);
    } catch (error) {
      const isCallers = error instanceof KafkaError && error.errorName !== 'KAFKA_STORAGE_ERROR';
      if (!isCallers) core.fail(error);
      throw error;
    }
    core.advance();
    return lastOffset;
  }

  /** Gives up leadership of `epoch`, e.g. when the controller failed. Does nothing when it is not the leader's epoch. */
  resign(epoch: number): void {
    const { state } = this.#core;
    if (state.name !== 'Leader' || state.epoch !== epoch) return;
    state.isResignRequested = true;
    this.#core.advance();
  }

  /**
   * Raises the finalised kraft.version of a static quorum from 0 to 1 (KIP-853): from then on the voters stand in the log
   * and can change. False when it has that version already; with `isValidationOnly` nothing is written.
   * Throws NOT_LEADER_OR_FOLLOWER when this node does not lead in `epoch`; INVALID_UPDATE_VERSION for a downgrade, or
   * while a voter has not told this leader that it supports the version.
   */
  upgradeKRaftVersion(epoch: number, version: number, isValidationOnly: boolean): boolean {
    if (!this.isLeader || epoch !== this.leaderAndEpoch.epoch) {
      throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `this node does not lead in epoch ${epoch}`);
    }
    const isChange = this.#voterChanges.upgradeKRaftVersion(version, isValidationOnly);
    this.#core.advance();
    return isChange;
  }

  /**
   * Writes a snapshot that covers everything below `snapshotId.offset`, which must be committed and a batch's end.
   * `lastContainedLogTimestamp` is the append time of the last record that it covers.
   * False when there is such a snapshot or a later log start. Throws RangeError for an offset or epoch that cannot be.
   */
  createSnapshot(snapshotId: OffsetAndEpoch, lastContainedLogTimestamp: number, values: Iterable<Uint8Array>): boolean {
    const { log, control, options } = this.#core;
    const { offset, epoch } = snapshotId;
    if (offset < log.startOffset || log.hasSnapshot(snapshotId)) return false;
    if (offset > log.highWatermark) {
      throw new RangeError(`a snapshot up to ${offset} would hold what is not committed, from ${log.highWatermark} on`);
    }
    if (log.validate(offset, epoch).kind !== 'valid' || !log.isBatchBoundary(offset)) {
      throw new RangeError(`a snapshot must end where a batch of epoch ${epoch} ends, received offset ${offset}`);
    }
    const bytes = buildSnapshot({
      id: snapshotId,
      lastContainedLogTimestamp,
      kraftVersion: control.kraftVersionAt(offset - 1),
      voters: control.votersAt(offset - 1),
      values,
      timestampMs: options.clock.nowMs(),
    });
    log.storeSnapshot(snapshotId, bytes);
    return true;
  }

  /** Of a request that is answered at once; undefined = the node has stopped, or stops because of it. */
  #answer<R extends object>(handle: () => R): R | { errorCode: number } {
    let response: R | undefined;
    this.#core.enter(() => {
      response = handle();
    });
    return response ?? { errorCode: ErrorCode.BROKER_NOT_AVAILABLE };
  }

  /** Of a request that may be answered later. */
  #handle<R extends object>(
    reply: (response: R | { errorCode: number }) => void,
    handle: (reply: (response: R) => void) => void,
  ): void {
    let isAnswered = false;
    const once = (response: R | { errorCode: number }): void => {
      if (isAnswered) return;
      isAnswered = true;
      reply(response);
    };
    this.#core.enter(() => handle(once));
    if (this.#core.isStopped) once({ errorCode: ErrorCode.BROKER_NOT_AVAILABLE });
  }

  handleVote(request: VoteRequest, context: RaftRequestContext, reply: (response: VoteResponseInput) => void): void {
    reply(this.#answer(() => handleVote(this.#core, request, context)));
  }

  handleBeginQuorumEpoch(
    request: BeginQuorumEpochRequest,
    context: RaftRequestContext,
    reply: (response: BeginQuorumEpochResponseInput) => void,
  ): void {
    reply(this.#answer(() => handleBeginQuorumEpoch(this.#core, request, context)));
  }

  handleEndQuorumEpoch(
    request: EndQuorumEpochRequest,
    context: RaftRequestContext,
    reply: (response: EndQuorumEpochResponseInput) => void,
  ): void {
    reply(this.#answer(() => handleEndQuorumEpoch(this.#core, request, context)));
  }

  /** Fetch of the metadata topic; parked up to its maxWaitMs when there is nothing new. */
  handleFetch(request: FetchRequest, context: RaftRequestContext, reply: (response: FetchResponseInput) => void): void {
    this.#handle(reply, (answer: (response: FetchResponseInput) => void) =>
      handleFetch(this.#core, request, context, answer),
    );
  }

  handleFetchSnapshot(
    request: FetchSnapshotRequest,
    context: RaftRequestContext,
    reply: (response: FetchSnapshotResponseInput) => void,
  ): void {
    reply(this.#answer(() => handleFetchSnapshot(this.#core, request, context)));
  }

  handleDescribeQuorum(
    request: DescribeQuorumRequest,
    context: RaftRequestContext,
    reply: (response: DescribeQuorumResponseInput) => void,
  ): void {
    reply(this.#answer(() => handleDescribeQuorum(this.#core, request, context)));
  }

  /** Answered when the new voter set is committed, or refused. */
  handleAddRaftVoter(
    request: AddRaftVoterRequest,
    _context: RaftRequestContext,
    reply: (response: AddRaftVoterResponseInput) => void,
  ): void {
    this.#handle(reply, (answer: (response: AddRaftVoterResponseInput) => void) =>
      this.#voterChanges.handleAdd(request, answer),
    );
  }

  /** Answered when the new voter set is committed, or refused. */
  handleRemoveRaftVoter(
    request: RemoveRaftVoterRequest,
    _context: RaftRequestContext,
    reply: (response: RemoveRaftVoterResponseInput) => void,
  ): void {
    this.#handle(reply, (answer: (response: RemoveRaftVoterResponseInput) => void) =>
      this.#voterChanges.handleRemove(request, answer),
    );
  }

  handleUpdateRaftVoter(
    request: UpdateRaftVoterRequest,
    context: RaftRequestContext,
    reply: (response: UpdateRaftVoterResponseInput) => void,
  ): void {
    reply(this.#answer(() => this.#voterChanges.handleUpdate(request, context)));
  }
}

/** How often a closing node looks whether another leads. */
const SHUTDOWN_CHECK_MS = 5;
