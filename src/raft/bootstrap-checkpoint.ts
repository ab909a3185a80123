import { join } from 'node:path';
import type { FileSystem } from '../base/file-system.ts';
import type { Uuid } from '../base/uuid.ts';
import type { RaftEndpoint } from './raft-types.ts';
import { BOOTSTRAP_SNAPSHOT_ID, buildSnapshot, snapshotFileName } from './snapshot-format.ts';
import { SUPPORTED_KRAFT_VERSIONS, VoterSet } from './voter-set.ts';

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

const BOOTSTRAP_FILE_MODE = 0o400;

/**
 * Writes `00000000000000000000-0000000000.checkpoint` with mode 0400, byte for byte as Kafka's `kafka-storage format`.
 */
export function writeBootstrapCheckpoint(fileSystem: FileSystem, checkpoint: BootstrapCheckpoint): void {
  const { directory, kraftVersion, voters, values, timestampMs } = checkpoint;
  const voterSet =
    voters === undefined || kraftVersion === 0
      ? undefined
      : new VoterSet(
          voters.map((voter) => ({
            key: { id: voter.id, directoryId: voter.directoryId },
            endpoints: voter.endpoints,
            supportedKRaftVersions: SUPPORTED_KRAFT_VERSIONS,
          })),
        );
  const bytes = buildSnapshot({
    id: BOOTSTRAP_SNAPSHOT_ID,
    lastContainedLogTimestamp: timestampMs,
    kraftVersion,
    voters: voterSet,
    values,
    timestampMs,
  });
  fileSystem.makeDirectory(directory);
  fileSystem.writeFileAtomically(join(directory, snapshotFileName(BOOTSTRAP_SNAPSHOT_ID)), bytes, BOOTSTRAP_FILE_MODE);
}
