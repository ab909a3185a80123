import type { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import type { FetchRequestInput, FetchResponse } from '../protocol/messages/01-fetch.ts';
import type { ApiVersionsRequestInput, ApiVersionsResponse } from '../protocol/messages/18-api-versions.ts';
import type { VoteRequestInput, VoteResponse } from '../protocol/messages/52-vote.ts';
import type {
  BeginQuorumEpochRequestInput,
  BeginQuorumEpochResponse,
} from '../protocol/messages/53-begin-quorum-epoch.ts';
import type { EndQuorumEpochRequestInput, EndQuorumEpochResponse } from '../protocol/messages/54-end-quorum-epoch.ts';
import type { FetchSnapshotRequestInput, FetchSnapshotResponse } from '../protocol/messages/59-fetch-snapshot.ts';
import type { AddRaftVoterRequestInput, AddRaftVoterResponse } from '../protocol/messages/80-add-raft-voter.ts';
import type {
  RemoveRaftVoterRequestInput,
  RemoveRaftVoterResponse,
} from '../protocol/messages/81-remove-raft-voter.ts';
import type {
  UpdateRaftVoterRequestInput,
  UpdateRaftVoterResponse,
} from '../protocol/messages/82-update-raft-voter.ts';

/** Name of the metadata topic; its only partition is 0. */
export const METADATA_TOPIC = '__cluster_metadata';

/** A position in the metadata log; as a snapshot's name the snapshot covers all offsets below `offset`. */
export interface OffsetAndEpoch {
  readonly offset: number;
  readonly epoch: number;
}

/** Where one listener of a node can be reached. */
export interface RaftEndpoint {
  /** Listener name, e.g. `CONTROLLER`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** A node that a request is sent to. Bootstrap servers have negative ids, from -2 downwards. */
export interface RaftDestination {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** Identity of a replica of the metadata log; `directoryId` is undefined where it is not known (kraft.version 0). */
export interface ReplicaKey {
  readonly id: number;
  readonly directoryId: Uuid | undefined;
}

/** Who leads in an epoch. */
export interface LeaderAndEpoch {
  /** undefined while nobody is known to lead. */
  readonly leaderId: number | undefined;
  readonly epoch: number;
}

/** The requests that raft nodes send, and what each is answered with. */
export interface RaftApis {
  readonly Vote: { request: VoteRequestInput; response: VoteResponse };
  readonly BeginQuorumEpoch: { request: BeginQuorumEpochRequestInput; response: BeginQuorumEpochResponse };
  readonly EndQuorumEpoch: { request: EndQuorumEpochRequestInput; response: EndQuorumEpochResponse };
  readonly Fetch: { request: FetchRequestInput; response: FetchResponse };
  readonly FetchSnapshot: { request: FetchSnapshotRequestInput; response: FetchSnapshotResponse };
  readonly ApiVersions: { request: ApiVersionsRequestInput; response: ApiVersionsResponse };
  readonly AddRaftVoter: { request: AddRaftVoterRequestInput; response: AddRaftVoterResponse };
  readonly RemoveRaftVoter: { request: RemoveRaftVoterRequestInput; response: RemoveRaftVoterResponse };
  readonly UpdateRaftVoter: { request: UpdateRaftVoterRequestInput; response: UpdateRaftVoterResponse };
}
export type RaftApi = keyof RaftApis;

/** What became of a request: the decoded response, or why there is none. */
export type RaftResult<A extends RaftApi> =
  | { readonly response: RaftApis[A]['response']; readonly error?: undefined }
  | {
      /**
       * UNSUPPORTED_VERSION when the peer speaks no version that can carry the request; BROKER_NOT_AVAILABLE when it
       * cannot be reached or the connection broke; REQUEST_TIMED_OUT when it did not answer in time.
       */
      readonly error: KafkaError;
      readonly response?: undefined;
    };

/**
 * Carries requests to other nodes' controller listeners, in the highest version that both sides know. One connection
 * a destination; client id `raft-client-<node id>`.
 */
export interface RaftTransport {
  /**
   * Sends one request. `done` is called exactly once and never before `send` has returned, at the latest after
   * `timeoutMs`.
   */
  send<A extends RaftApi>(
    destination: RaftDestination,
    api: A,
    request: RaftApis[A]['request'],
    timeoutMs: number,
    done: (result: RaftResult<A>) => void,
  ): void;
}

/** Records that are committed, as they were appended: one atomic batch. */
export interface CommittedBatch {
  readonly baseOffset: number;
  /** Offset of the batch's last record. */
  readonly lastOffset: number;
  /** Epoch of the leader that wrote it. */
  readonly epoch: number;
  /** When it was appended, ms since 1970. */
  readonly appendTimestamp: number;
  /** Values of the records in order; the record at index i has offset baseOffset + i. Views that must not be changed. */
  readonly values: readonly Buffer[];
}

/** The content of a snapshot. */
export interface SnapshotContent {
  readonly snapshotId: OffsetAndEpoch;
  /** Append time of the newest record that it covers, ms since 1970. */
  readonly lastContainedLogTimestamp: number;
  /** Values of its data records in order. */
  readonly values: readonly Buffer[];
}

/**
 * A state machine over the committed metadata log. Calls come one after another, in log order, never from within a
 * call into the node. Control records are not shown; offsets may therefore jump.
 */
export interface RaftListener {
  /** Committed batches, in order, each once since the start of the process (or since the last snapshot was loaded). */
  handleCommit(batches: readonly CommittedBatch[]): void;
  /**
   * The record values that `kafka-storage format` wrote (feature levels and the like). Called before anything else, and
   * only while nothing but that is known; an active controller writes them into an empty log, nobody applies them.
   */
  handleLoadBootstrap(values: readonly Buffer[]): void;
  /** The state is to be replaced by a snapshot's; commits go on at `snapshot.snapshotId.offset`. */
  handleLoadSnapshot(snapshot: SnapshotContent): void;
  /**
   * The leader changed. This node is told that it leads only once everything from earlier epochs is committed and was
   * handed to handleCommit; from then on it may append with that epoch.
   */
  handleLeaderChange(leader: LeaderAndEpoch): void;
}

/** How a request arrived. */
export interface RaftRequestContext {
  /** Name of the listener: endpoints in the response are those of the same listener. */
  readonly listenerName: string;
  /** Version of the request, so that the response carries only what it can. */
  readonly apiVersion: number;
}
