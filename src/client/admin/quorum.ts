import type { KafkaClient } from '../client.ts';
import type { CallOptions, Uuid } from '../types.ts';

export interface QuorumReplicaState {
  readonly replicaId: number;
  readonly replicaDirectoryId: Uuid;
  readonly logEndOffset: number;
  /** In ms since 1970, -1 when not known. */
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

export interface RaftVoterEndpoint {
  readonly listener: string;
  readonly host: string;
  readonly port: number;
}

export interface QuorumInfo {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly QuorumReplicaState[];
  readonly observers: readonly QuorumReplicaState[];
  /** Node id -> its endpoints. */
  readonly nodes: ReadonlyMap<number, readonly RaftVoterEndpoint[]>;
}

export declare function describeMetadataQuorum(client: KafkaClient, options?: CallOptions): Promise<QuorumInfo>;

export declare function addRaftVoter(
  client: KafkaClient,
  voterId: number,
  voterDirectoryId: Uuid,
  endpoints: readonly RaftVoterEndpoint[],
  options?: CallOptions & { readonly clusterId?: string | undefined },
): Promise<void>;

export declare function removeRaftVoter(
  client: KafkaClient,
  voterId: number,
  voterDirectoryId: Uuid,
  options?: CallOptions & { readonly clusterId?: string | undefined },
): Promise<void>;
