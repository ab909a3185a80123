import { inHashMapOrder } from '../../base/java-hash.ts';
import type { ClassicGroupMember } from './classic-group-member.ts';

/**
 * Every member votes for the protocol it wants most of `candidates`, those that all members can do; the most votes win.
 * Null when there are no votes. Of equal counts Kafka takes the first in the order of Java's HashMap, and so does this.
 */
export function selectProtocol(members: Iterable<ClassicGroupMember>, candidates: ReadonlySet<string>): string | null {
  const votes = new Map<string, number>();
  for (const member of members) {
    const choice = member.vote(candidates);
    if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  let winner: string | null = null;
  let most = 0;
  for (const name of inHashMapOrder([...votes.keys()], (name) => name)) {
    const count = votes.get(name) ?? 0;
    if (count > most) {
      most = count;
      winner = name;
    }
  }
  return winner;
}
