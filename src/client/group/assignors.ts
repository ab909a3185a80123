import type { TopicPartition } from '../types.ts';

/** A member as an assignor sees it. */
export interface AssignorMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly string[];
  /** What the member owned before, for assignors that stick to it. */
  readonly ownedPartitions: readonly TopicPartition[];
  /** Generation in which it owned them, -1 when not known. */
  readonly generationId: number;
}

/** Spreads partitions over members; the leader of a classic group runs it. */
export interface Assignor {
  /** Kafka's name, by which a group agrees on one. */
  readonly name: string;
  /** Member id -> partitions. @param partitionCounts of every topic that exists */
  assign(
    members: readonly AssignorMember[],
    partitionCounts: ReadonlyMap<string, number>,
  ): Map<string, TopicPartition[]>;
}

/** Static members first, by their instance ids; then the others by member id. */
function compareMembers(a: AssignorMember, b: AssignorMember): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null) return a.groupInstanceId < b.groupInstanceId ? -1 : 1;
  if (a.groupInstanceId !== null) return -1;
  if (b.groupInstanceId !== null) return 1;
  return a.memberId < b.memberId ? -1 : 1;
}

function emptyAssignment(members: readonly AssignorMember[]): Map<string, TopicPartition[]> {
  return new Map(members.map(({ memberId }) => [memberId, []]));
}

function topicsOf(members: readonly AssignorMember[]): string[] {
  return [...new Set(members.flatMap(({ topics }) => topics))].sort();
}

/** Kafka's RangeAssignor: of each topic every member gets one run of partitions, the first members one more. */
export const rangeAssignor: Assignor = {
  name: 'range',
  assign(members, partitionCounts) {
    const assignment = emptyAssignment(members);
    const sorted = members.toSorted(compareMembers);
    for (const topic of topicsOf(members)) {
      const subscribers = sorted.filter(({ topics }) => topics.includes(topic));
      const count = partitionCounts.get(topic) ?? 0;
      const each = Math.floor(count / subscribers.length);
      const extra = count % subscribers.length;
      let partition = 0;
      subscribers.forEach(({ memberId }, i) => {
        const end = partition + each + (i < extra ? 1 : 0);
        for (; partition < end; partition++) assignment.get(memberId)?.push({ topic, partition });
      });
    }
    return assignment;
  },
};

/** Kafka's RoundRobinAssignor: all partitions in turn, past members that did not subscribe to the topic. */
export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  assign(members, partitionCounts) {
    const assignment = emptyAssignment(members);
    const sorted = members.toSorted(compareMembers);
    let next = 0;
    for (const topic of topicsOf(members)) {
      for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
        while (sorted[next % sorted.length]?.topics.includes(topic) === false) next++;
        const member = sorted[next++ % sorted.length];
        if (member !== undefined) assignment.get(member.memberId)?.push({ topic, partition });
      }
    }
    return assignment;
  },
};

/**
 * Balanced, and members keep what they own as far as balance allows. With the cooperative protocol (KIP-429) a
 * partition that moves is left out until its owner has given it up.
 */
function stickyAssignor(name: string, isCooperative: boolean): Assignor {
  return {
    name,
    assign(members, partitionCounts) {
      const sorted = members.toSorted(compareMembers);
      const owners = currentOwners(sorted, partitionCounts);
      const assignment = emptyAssignment(members);
      const load = (member: AssignorMember) => assignment.get(member.memberId)?.length ?? 0;
      const all = topicsOf(members).flatMap((topic) =>
        Array.from({ length: partitionCounts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
      );
      const most = Math.ceil(all.length / Math.max(sorted.length, 1));
      const open: TopicPartition[] = [];
      for (const at of all) {
        const owner = owners.get(`${at.topic}-${at.partition}`);
        if (owner !== undefined && load(owner) < most) assignment.get(owner.memberId)?.push(at);
        else open.push(at);
      }
      for (const at of open) {
        const candidates = sorted.filter(({ topics }) => topics.includes(at.topic));
        const least = candidates.reduce((best, member) => (load(member) < load(best) ? member : best));
        assignment.get(least.memberId)?.push(at);
      }
      balance(sorted, assignment);
      if (isCooperative) leaveOutMoving(assignment, owners);
      return assignment;
    },
  };
}

function currentOwners(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, AssignorMember> {
  const owners = new Map<string, AssignorMember>();
  // Of two members that claim a partition the one of the later generation is right.
  for (const member of members.toSorted((a, b) => a.generationId - b.generationId)) {
    for (const { topic, partition } of member.ownedPartitions) {
      const exists = partition < (partitionCounts.get(topic) ?? 0) && member.topics.includes(topic);
      if (exists) owners.set(`${topic}-${partition}`, member);
    }
  }
  return owners;
}

function balance(members: readonly AssignorMember[], assignment: Map<string, TopicPartition[]>): void {
  const listOf = (member: AssignorMember) => assignment.get(member.memberId) ?? [];
  for (let moved = true; moved; ) {
    moved = false;
    const byLoad = members.toSorted((a, b) => listOf(a).length - listOf(b).length);
    for (const poor of byLoad) {
      const rich = byLoad.findLast(
        (one) =>
          listOf(one).length > listOf(poor).length + 1 && listOf(one).some(({ topic }) => poor.topics.includes(topic)),
      );
      if (rich === undefined) continue;
      const index = listOf(rich).findLastIndex(({ topic }) => poor.topics.includes(topic));
      listOf(poor).push(...listOf(rich).splice(index, 1));
      moved = true;
      break;
    }
  }
}

function leaveOutMoving(assignment: Map<string, TopicPartition[]>, owners: ReadonlyMap<string, AssignorMember>): void {
  for (const [memberId, partitions] of assignment) {
    const settled = partitions.filter(({ topic, partition }) => {
      const owner = owners.get(`${topic}-${partition}`);
      return owner === undefined || owner.memberId === memberId;
    });
    assignment.set(memberId, settled);
  }
}

const ASSIGNORS: Readonly<Record<string, Assignor>> = {
  RangeAssignor: rangeAssignor,
  RoundRobinAssignor: roundRobinAssignor,
  StickyAssignor: stickyAssignor('sticky', false),
  CooperativeStickyAssignor: stickyAssignor('cooperative-sticky', true),
};
const PACKAGE = 'org.apache.kafka.clients.consumer.';

/** The assignor of a Java class name, as in partition.assignment.strategy; undefined when there is none. */
export function findAssignor(className: string): Assignor | undefined {
  const name = className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : className;
  return Object.hasOwn(ASSIGNORS, name) ? ASSIGNORS[name] : undefined;
}
