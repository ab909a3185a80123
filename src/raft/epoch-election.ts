import type { ReplicaKey } from './raft-types.ts';
import type { VoterSet } from './voter-set.ts';

/** The votes of one election (or pre-vote). */
export class EpochElection {
  readonly #voters: readonly ReplicaKey[];
  readonly #votes = new Map<number, boolean>();

  constructor(voters: VoterSet) {
    this.#voters = voters.nodes.map((node) => node.key);
  }

  /** Counts a vote; one from a node that is no voter is left out. */
  record(voterId: number, isGranted: boolean): void {
    if (this.#voters.some((voter) => voter.id === voterId)) this.#votes.set(voterId, isGranted);
  }

  get #majority(): number {
    return (this.#voters.length >> 1) + 1;
  }

  get grantingVoterIds(): number[] {
    return [...this.#votes].filter(([, isGranted]) => isGranted).map(([id]) => id);
  }

  get unrecordedVoters(): ReplicaKey[] {
    return this.#voters.filter((voter) => !this.#votes.has(voter.id));
  }

  get isGranted(): boolean {
    return this.grantingVoterIds.length >= this.#majority;
  }

  /** Whether no majority is possible any more. */
  get isRejected(): boolean {
    return this.grantingVoterIds.length + this.unrecordedVoters.length < this.#majority;
  }
}
