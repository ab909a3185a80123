import { join } from 'node:path';
import type { FileSystem } from '../base/file-system.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { isUuid, ZERO_UUID } from '../base/uuid.ts';
import type { ReplicaKey } from './raft-types.ts';
import { replicaKey } from './voter-set.ts';

/** What a node must not forget about elections. */
export interface ElectionState {
  readonly epoch: number;
  readonly leaderId: number | undefined;
  /** Whom this node voted for in `epoch`. */
  readonly votedKey: ReplicaKey | undefined;
}

const FILE_NAME = 'quorum-state';

function damaged(path: string, why: string): KafkaError {
  return new KafkaError('KAFKA_STORAGE_ERROR', `${path} is damaged: ${why}`);
}

function intField(path: string, state: object, name: string): number {
  const value: unknown = (state as Record<string, unknown>)[name];
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw damaged(path, `${name} must be a whole number, received ${JSON.stringify(value)}`);
  }
  return value;
}

/** The file `quorum-state`: one JSON object, data_version 0 (static quorum, or not yet known) or 1 (KIP-853). */
export class QuorumStateFile {
  readonly #fileSystem: FileSystem;
  readonly #path: string;

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#path = join(directory, FILE_NAME);
  }

  /** undefined when there is no file. Throws KAFKA_STORAGE_ERROR when it cannot be understood. */
  read(): ElectionState | undefined {
    if (!this.#fileSystem.exists(this.#path)) return undefined;
    const text = this.#fileSystem.readFile(this.#path).toString('utf8');
    let state: unknown;
    try {
      state = JSON.parse(text);
    } catch (error) {
      throw damaged(this.#path, `it is no JSON (${error instanceof Error ? error.message : error})`);
    }
    if (typeof state !== 'object' || state === null) throw damaged(this.#path, 'it is no JSON object');
    const version = intField(this.#path, state, 'data_version');
    if (version !== 0 && version !== 1) throw damaged(this.#path, `data_version ${version} is not known`);
    const leaderId = intField(this.#path, state, 'leaderId');
    const votedId = intField(this.#path, state, 'votedId');
    const directoryId = version === 1 && 'votedDirectoryId' in state ? state.votedDirectoryId : ZERO_UUID;
    if (typeof directoryId !== 'string' || !isUuid(directoryId)) {
      throw damaged(this.#path, `votedDirectoryId must be a UUID, received ${JSON.stringify(directoryId)}`);
    }
    return {
      epoch: intField(this.#path, state, 'leaderEpoch'),
      leaderId: leaderId < 0 ? undefined : leaderId,
      votedKey: votedId < 0 ? undefined : replicaKey(votedId, directoryId),
    };
  }

  /** Replaces the file, synced, before it returns. */
  write(election: ElectionState, kraftVersion: number, voterIds: readonly number[]): void {
    const leaderId = election.leaderId ?? -1;
    const leaderEpoch = election.epoch;
    const votedId = election.votedKey?.id ?? -1;
    const state =
      kraftVersion === 0
        ? {
            clusterId: '',
            leaderId,
            leaderEpoch,
            votedId,
            appliedOffset: 0,
            currentVoters: voterIds.map((voterId) => ({ voterId })),
            data_version: 0,
          }
        : {
            leaderId,
            leaderEpoch,
            votedId,
            votedDirectoryId: election.votedKey?.directoryId ?? ZERO_UUID,
            data_version: 1,
          };
    this.#fileSystem.writeFileAtomically(this.#path, JSON.stringify(state));
  }
}
