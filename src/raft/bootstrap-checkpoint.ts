import type { FileSystem } from '../base/file-system.ts';
import type { Uuid } from '../base/uuid.ts';
import type { RaftEndpoint } from './raft-types.ts';

/** A voter as `kafka-storage format` knows it. */
export interface BootstrapVoter {
  readonly id: number;
  readonly directoryId: Uuid;
  /** Its controller listeners; Kafka writes one, named as the first of controller.listener.names. */
  readonly endpoints: readonly RaftEndpoint[];
}

/** What `kafka-storage format` decides about a metadata directory. */
export interface BootstrapCheckpoint {
  /** Path of `__cluster_metadata-0`; created when missing. */
  readonly directory: string;
  /** 1 for a dynamic quorum; 0 (controller.quorum.voters) writes neither KRaftVersion nor voters. */
  readonly kraftVersion: 0 | 1;
  /** The first voters; undefined with `--no-initial-controllers`. Only with kraftVersion 1. */
  readonly voters: readonly BootstrapVoter[] | undefined;
  /** Encoded metadata records, in order (feature levels, SCRAM credentials). */
  readonly values: readonly Uint8Array[];
  /** ms since 1970, stands in the batches and in the snapshot's header. */
  readonly timestampMs: number;
}

/**
 * Writes `00000000000000000000-0000000000.checkpoint` with mode 0400, byte for byte as Kafka's `kafka-storage format`.
 */
export declare function writeBootstrapCheckpoint(fileSystem: FileSystem, checkpoint: BootstrapCheckpoint): void;
