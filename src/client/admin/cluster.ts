import type { KafkaClient } from '../client.ts';
import type { CallOptions, Node, Results } from '../types.ts';

export interface ClusterDescription {
  readonly clusterId: string;
  /** null when the controller is not known. */
  readonly controller: Node | null;
  readonly nodes: readonly (Node & { readonly isFenced: boolean })[];
  readonly authorizedOperations: number | undefined;
}

export declare function describeCluster(
  client: KafkaClient,
  options?: CallOptions & {
    readonly includeAuthorizedOperations?: boolean;
    readonly includeFencedBrokers?: boolean;
  },
): Promise<ClusterDescription>;

export interface ReplicaInfo {
  readonly sizeBytes: number;
  readonly offsetLag: number;
  readonly isFuture: boolean;
}

export interface LogDirDescription {
  readonly logDir: string;
  readonly error: string | undefined;
  /** By topic, then partition. */
  readonly replicas: ReadonlyMap<string, ReadonlyMap<number, ReplicaInfo>>;
  /** -1 when the broker did not say. */
  readonly totalBytes: number;
  readonly usableBytes: number;
  readonly isCordoned: boolean;
}

/** Log directories of brokers, by broker id. */
export declare function describeLogDirs(
  client: KafkaClient,
  brokerIds: readonly number[],
  options?: CallOptions,
): Promise<Results<number, LogDirDescription[]>>;

export interface ReplicaInDirectory {
  readonly topic: string;
  readonly partition: number;
  readonly brokerId: number;
}

/** Moves replicas to log directories of their brokers; results by `topic-partition-broker`. */
export declare function alterReplicaLogDirs(
  client: KafkaClient,
  moves: readonly (ReplicaInDirectory & { readonly logDir: string })[],
  options?: CallOptions,
): Promise<Results<string, undefined>>;

export declare function unregisterBroker(client: KafkaClient, brokerId: number, options?: CallOptions): Promise<void>;

export declare function unregisterController(
  client: KafkaClient,
  controllerId: number,
  options?: CallOptions,
): Promise<void>;

/** What a node answers to ApiVersions. */
export interface NodeApiVersionsDescription {
  readonly node: Node;
  /** apiKey -> versions, in the order of the answer. */
  readonly apiVersions: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>;
}

/** The API versions of every broker, or why it could not be asked; in the order of node ids. */
export declare function describeApiVersions(
  client: KafkaClient,
  options?: CallOptions,
): Promise<{ readonly node: Node; readonly versions: NodeApiVersionsDescription | Error }[]>;
