import { type Uuid, ZERO_UUID } from '../base/uuid.ts';
import { type VotersRecord, type VotersRecordInput, votersRecord } from '../protocol/control-records.ts';
import { Writer } from '../protocol/writer.ts';
import type { RaftDestination, RaftEndpoint, ReplicaKey } from './raft-types.ts';

/** The kraft.version levels that a node supports. */
export interface KRaftVersionRange {
  readonly min: number;
  readonly max: number;
}

/** What ottla supports, as Kafka 4.4. */
export const SUPPORTED_KRAFT_VERSIONS: KRaftVersionRange = { min: 0, max: 1 };

/** A voter as the voters record describes it. */
export interface VoterNode {
  readonly key: ReplicaKey;
  readonly endpoints: readonly RaftEndpoint[];
  readonly supportedKRaftVersions: KRaftVersionRange;
}

/** A replica key from the wire, where the zero UUID stands for an unknown directory. */
export function replicaKey(id: number, directoryId: Uuid): ReplicaKey {
  return { id, directoryId: directoryId === ZERO_UUID ? undefined : directoryId };
}

export function sameReplica(a: ReplicaKey, b: ReplicaKey): boolean {
  return a.id === b.id && a.directoryId === b.directoryId;
}

/** Whether `key` is meant by `pattern`: one without a directory id (kraft.version 0) means every directory. */
export function matchesReplica(pattern: ReplicaKey, key: ReplicaKey): boolean {
  return pattern.id === key.id && (pattern.directoryId === undefined || pattern.directoryId === key.directoryId);
}

export function replicaName(key: ReplicaKey): string {
  return key.directoryId === undefined ? `${key.id}` : `${key.id}-${key.directoryId}`;
}

function sameEndpoints(a: readonly RaftEndpoint[], b: readonly RaftEndpoint[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one) => b.some((o) => o.name === one.name && o.host === one.host && o.port === one.port));
}

/** The voters of the quorum at some offset of the log; never changes, changes make a new one. */
export class VoterSet {
  readonly #nodes: ReadonlyMap<number, VoterNode>;

  constructor(nodes: Iterable<VoterNode>) {
    const sorted = [...nodes].sort((a, b) => a.key.id - b.key.id);
    this.#nodes = new Map(sorted.map((node) => [node.key.id, node]));
  }

  /** The voters of controller.quorum.voters, whose directories nobody knows. */
  static fromStatic(voters: readonly RaftDestination[], listenerName: string): VoterSet {
    return new VoterSet(
      voters.map((voter) => ({
        key: { id: voter.id, directoryId: undefined },
        endpoints: [{ name: listenerName, host: voter.host, port: voter.port }],
        supportedKRaftVersions: { min: 0, max: 0 },
      })),
    );
  }

  static fromRecord(record: VotersRecord): VoterSet {
    return new VoterSet(
      record.voters.map((voter) => ({
        key: replicaKey(voter.voterId, voter.voterDirectoryId),
        endpoints: voter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
        supportedKRaftVersions: {
          min: voter.kRaftVersionFeature.minSupportedVersion,
          max: voter.kRaftVersionFeature.maxSupportedVersion,
        },
      })),
    );
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** In the order of their ids. */
  get nodes(): VoterNode[] {
    return [...this.#nodes.values()];
  }

  get ids(): number[] {
    return [...this.#nodes.keys()];
  }

  get(id: number): VoterNode | undefined {
    return this.#nodes.get(id);
  }

  has(id: number): boolean {
    return this.#nodes.has(id);
  }

  isVoter(key: ReplicaKey): boolean {
    const node = this.#nodes.get(key.id);
    return node !== undefined && matchesReplica(node.key, key);
  }

  isOnlyVoter(key: ReplicaKey): boolean {
    return this.size === 1 && this.isVoter(key);
  }

  endpoints(id: number): readonly RaftEndpoint[] {
    return this.#nodes.get(id)?.endpoints ?? [];
  }

  /** Where a voter's listener can be reached. */
  destination(id: number, listenerName: string): RaftDestination | undefined {
    const endpoint = this.endpoints(id).find((one) => one.name === listenerName);
    return endpoint === undefined ? undefined : { id, host: endpoint.host, port: endpoint.port };
  }

  /** Whether the voter is in the set, but with other endpoints or versions. */
  needsUpdate(updated: VoterNode): boolean {
    const node = this.#nodes.get(updated.key.id);
    if (node === undefined || !matchesReplica(node.key, updated.key)) return false;
    const { min, max } = node.supportedKRaftVersions;
    return !(
      sameReplica(node.key, updated.key) &&
      min === updated.supportedKRaftVersions.min &&
      max === updated.supportedKRaftVersions.max &&
      sameEndpoints(node.endpoints, updated.endpoints)
    );
  }

  /** With one more voter; undefined when its id is in use. */
  withAdded(voter: VoterNode): VoterSet | undefined {
    return this.has(voter.key.id) ? undefined : new VoterSet([...this.#nodes.values(), voter]);
  }

  /** Without a voter; undefined when it is no member, or the last one. */
  withRemoved(key: ReplicaKey): VoterSet | undefined {
    const node = this.#nodes.get(key.id);
    if (node === undefined || !sameReplica(node.key, key) || this.size === 1) return undefined;
    return new VoterSet(this.nodes.filter((one) => one.key.id !== key.id));
  }

  /** With a voter's new endpoints and versions; undefined when it is no member. */
  withUpdated(voter: VoterNode): VoterSet | undefined {
    return this.isVoter(voter.key) ? this.#replace(voter) : undefined;
  }

  /** As withUpdated, whatever the directory id (kraft.version 0, where nobody knows it). */
  withUpdatedIgnoringDirectory(voter: VoterNode): VoterSet | undefined {
    return this.has(voter.key.id) ? this.#replace(voter) : undefined;
  }

  #replace(voter: VoterNode): VoterSet {
    return new VoterSet([...this.nodes.filter((one) => one.key.id !== voter.key.id), voter]);
  }

  equals(other: VoterSet): boolean {
    if (this.size !== other.size) return false;
    return this.nodes.every((node) => other.has(node.key.id) && !this.#differs(node, other.get(node.key.id)));
  }

  #differs(node: VoterNode, other: VoterNode | undefined): boolean {
    if (other === undefined || !sameReplica(node.key, other.key)) return true;
    return other.supportedKRaftVersions.min !== node.supportedKRaftVersions.min ||
      other.supportedKRaftVersions.max !== node.supportedKRaftVersions.max
      ? true
      : !sameEndpoints(node.endpoints, other.endpoints);
  }

  toRecord(): VotersRecordInput {
    return {
      version: 0,
      voters: this.nodes.map((node) => ({
        voterId: node.key.id,
        voterDirectoryId: node.key.directoryId ?? ZERO_UUID,
        endpoints: node.endpoints,
        kRaftVersionFeature: {
          minSupportedVersion: node.supportedKRaftVersions.min,
          maxSupportedVersion: node.supportedKRaftVersions.max,
        },
      })),
    };
  }

  /** The value of a KRaftVoters control record. */
  encode(): Buffer {
    const writer = new Writer();
    votersRecord.encode(writer, 0, this.toRecord());
    return writer.finishWhole();
  }

  toString(): string {
    return `[${this.nodes.map((node) => replicaName(node.key)).join(', ')}]`;
  }
}
