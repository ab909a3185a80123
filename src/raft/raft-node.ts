import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Uuid } from '../base/uuid.ts';
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
import type { RaftConfig } from './raft-config.ts';
import type {
  LeaderAndEpoch,
  OffsetAndEpoch,
  RaftEndpoint,
  RaftListener,
  RaftRequestContext,
  RaftTransport,
} from './raft-types.ts';

/** Everything that a raft node is made of. */
export interface RaftNodeOptions {
  readonly nodeId: number;
  /** directory.id of the metadata dir, from its meta.properties. */
  readonly directoryId: Uuid;
  readonly clusterId: string;
  /** Path of `__cluster_metadata-0`; created when missing. */
  readonly directory: string;
  readonly config: RaftConfig;
  /** Whether the node has the controller role. A node without it is an observer for ever. */
  readonly canBecomeVoter: boolean;
  /** controller.quorum.bootstrap.servers, host and port; asked while nobody is known. */
  readonly bootstrapServers: readonly { readonly host: string; readonly port: number }[];
  /** controller.quorum.voters of a static quorum (kraft.version 0); empty for a dynamic one. */
  readonly staticVoters: readonly { readonly id: number; readonly host: string; readonly port: number }[];
  /** This node's advertised controller listeners; empty on a broker-only node. */
  readonly localListeners: readonly RaftEndpoint[];
  /** The listener on which this node dials others: the first of controller.listener.names. */
  readonly listenerName: string;
  readonly transport: RaftTransport;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called once when the node can no longer go on (disk failure, lost committed data); it has stopped by then. */
  readonly onFatal: (error: unknown) => void;
}

/** What DescribeQuorum tells, as numbers. */
export interface QuorumStatus {
  readonly leader: LeaderAndEpoch;
  /** -1 while unknown. */
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly latestSnapshotId: OffsetAndEpoch | undefined;
  /** Name of the state: Unattached, Prospective, Candidate, Voted, Follower, Leader, Resigned. */
  readonly state: string;
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
export declare class RaftNode {
  /** Opens (or creates) the log in `options.directory`; recovers it after an unclean stop. */
  constructor(options: RaftNodeOptions);

  /** Takes part from now on. A lone voter leads when this returns, or as soon as its first record is synced. */
  start(): void;
  /**
   * Stops. A leader resigns first (EndQuorumEpoch to the other voters) and waits up to `timeoutMs` for an answer.
   * `done` is called once the files are closed.
   */
  close(timeoutMs: number, done: () => void): void;

  /** Listeners hear of everything committed from the start of the log, or from the latest snapshot. */
  addListener(listener: RaftListener): void;
  removeListener(listener: RaftListener): void;

  /** The leader and epoch as this node knows them. */
  readonly leaderAndEpoch: LeaderAndEpoch;
  readonly isLeader: boolean;
  /** Everything below is committed; undefined while unknown. */
  readonly highWatermark: number | undefined;
  readonly logEndOffset: number;
  readonly latestSnapshotId: OffsetAndEpoch | undefined;
  readonly status: QuorumStatus;
  /** Where the leader's controller listener can be reached; undefined while nobody is known to lead. */
  readonly leaderEndpoint: { readonly id: number; readonly host: string; readonly port: number } | undefined;

  /**
   * Appends record values as one atomic batch; returns the offset of the last. It is committed once handleCommit shows
   * it; if the leader changes before, it may or may not come.
   * Throws NOT_LEADER_OR_FOLLOWER when this node does not lead in `epoch`; RECORD_BATCH_TOO_LARGE over 8 MiB.
   */
  append(epoch: number, values: readonly Uint8Array[]): number;
  /** Gives up leadership of `epoch`, e.g. when the controller failed. Does nothing when it is not the leader's epoch. */
  resign(epoch: number): void;

  /**
   * Writes a snapshot that covers everything below `snapshotId.offset`, which must be committed and a batch's end.
   * False when there is such a snapshot or a later one. Throws RangeError for an offset or epoch that cannot be.
   */
  createSnapshot(snapshotId: OffsetAndEpoch, lastContainedLogTimestamp: number, values: Iterable<Uint8Array>): boolean;

  handleVote(request: VoteRequest, context: RaftRequestContext, reply: (response: VoteResponseInput) => void): void;
  handleBeginQuorumEpoch(
    request: BeginQuorumEpochRequest,
    context: RaftRequestContext,
    reply: (response: BeginQuorumEpochResponseInput) => void,
  ): void;
  handleEndQuorumEpoch(
    request: EndQuorumEpochRequest,
    context: RaftRequestContext,
    reply: (response: EndQuorumEpochResponseInput) => void,
  ): void;
  /** Fetch of the metadata topic; parked up to its maxWaitMs when there is nothing new. */
  handleFetch(request: FetchRequest, context: RaftRequestContext, reply: (response: FetchResponseInput) => void): void;
  handleFetchSnapshot(
    request: FetchSnapshotRequest,
    context: RaftRequestContext,
    reply: (response: FetchSnapshotResponseInput) => void,
  ): void;
  handleDescribeQuorum(
    request: DescribeQuorumRequest,
    context: RaftRequestContext,
    reply: (response: DescribeQuorumResponseInput) => void,
  ): void;
  handleAddRaftVoter(
    request: AddRaftVoterRequest,
    context: RaftRequestContext,
    reply: (response: AddRaftVoterResponseInput) => void,
  ): void;
  handleRemoveRaftVoter(
    request: RemoveRaftVoterRequest,
    context: RaftRequestContext,
    reply: (response: RemoveRaftVoterResponseInput) => void,
  ): void;
  handleUpdateRaftVoter(
    request: UpdateRaftVoterRequest,
    context: RaftRequestContext,
    reply: (response: UpdateRaftVoterResponseInput) => void,
  ): void;
}
