/** The uniform assignor for members that subscribe to different topics. */
import type { Uuid } from '../../base/uuid.ts';
import type { GroupAssignment, GroupSpec } from './assignor.ts';
import { compareTopicIds, partitionOrder } from './hash-order.ts';
import { LoadOrder } from './load-order.ts';

/** Rounds over all topics before what is left of an imbalance is accepted. Kafka has it as a constant. */
const MAX_ROUNDS = 16;
const NOBODY = -1;

/**
 * Every member keeps what it has; free partitions go to the subscriber with least; then partitions move, topic by topic,
 * from who has most to who has least.
 */
export function assignHeterogeneous(group: GroupSpec): GroupAssignment {
  const state = new Shares(group);
  if (state.topicIds.length === 0) return new Map();
  state.assignFree();
  balance(state);
  return state.assignment;
}

interface Topic {
  /** Indices of members. */
  readonly subscribers: number[];
  /** By partition: the index of the member that is to have it. */
  readonly owners: number[];
}

class Shares {
  /** By index of a member: how many partitions it has. */
  readonly sizes: number[];
  readonly topics = new Map<Uuid, Topic>();
  /** Topics with most partitions for each subscriber first. */
  readonly topicIds: readonly Uuid[];
  readonly #group: GroupSpec;
  readonly #partitions: Map<Uuid, Set<number>>[];

  constructor(group: GroupSpec) {
    this.#group = group;
    this.sizes = group.members.map(() => 0);
    group.members.forEach(({ subscribedTopicIds }, i) => {
      for (const topicId of subscribedTopicIds) this.#topic(topicId).subscribers.push(i);
    });
    this.topicIds = [...this.topics.keys()].sort((a, b) => this.#compareTopics(a, b));
    this.#partitions = group.members.map((member, i) => this.#keep(member.current, member.subscribedTopicIds, i));
  }

  get assignment(): GroupAssignment {
    return new Map(this.#group.members.map(({ memberId }, i) => [memberId, this.#partitions[i] ?? new Map()]));
  }

  topic(topicId: Uuid): Topic {
    return this.#topic(topicId);
  }

  #topic(topicId: Uuid): Topic {
    let topic = this.topics.get(topicId);
    if (topic === undefined) {
      const owners = new Array<number>(this.#group.partitionCount(topicId)).fill(NOBODY);
      topic = { subscribers: [], owners };
      this.topics.set(topicId, topic);
    }
    return topic;
  }

  #compareTopics(a: Uuid, b: Uuid): number {
    const [left, right] = [this.#topic(a), this.#topic(b)];
    const byLoad = right.owners.length / right.subscribers.length - left.owners.length / left.subscribers.length;
    return byLoad || left.subscribers.length - right.subscribers.length || compareTopicIds(a, b);
  }

  #keep(
    current: ReadonlyMap<Uuid, ReadonlySet<number>>,
    subscribed: ReadonlySet<Uuid>,
    member: number,
  ): Map<Uuid, Set<number>> {
    const kept = new Map<Uuid, Set<number>>();
    for (const [topicId, partitions] of current) {
      if (!subscribed.has(topicId)) continue;
      kept.set(topicId, new Set(partitionOrder(partitions)));
      this.sizes[member] = (this.sizes[member] ?? 0) + partitions.size;
      const { owners } = this.#topic(topicId);
      for (const partition of partitions) owners[partition] = member;
    }
    return kept;
  }

  assignFree(): void {
    for (const topicId of this.topicIds) {
      const { owners, subscribers } = this.#topic(topicId);
      const free = owners.flatMap((owner, partition) => (owner === NOBODY ? [partition] : []));
      if (free.length === 0) continue;
      const order = new LoadOrder(subscribers, this.sizes);
      for (const partition of free) this.assign(topicId, partition, order.nextLeastLoaded());
    }
  }

  assign(topicId: Uuid, partition: number, member: number): void {
    const { owners } = this.#topic(topicId);
    const owner = owners[partition] ?? NOBODY;
    if (owner !== NOBODY) {
      const among = this.#partitions[owner]?.get(topicId);
      among?.delete(partition);
      if (among?.size === 0) this.#partitions[owner]?.delete(topicId);
      this.sizes[owner] = (this.sizes[owner] ?? 0) - 1;
    }
    const partitions = this.#partitions[member];
    const among = partitions?.get(topicId);
    if (among === undefined) partitions?.set(topicId, new Set([partition]));
    else among.add(partition);
    owners[partition] = member;
    this.sizes[member] = (this.sizes[member] ?? 0) + 1;
  }
}

// Ends when a whole round over the topics has moved nothing.
function balance(state: Shares): void {
  const topicIds = state.topicIds.filter((topicId) => state.topic(topicId).subscribers.length >= 2);
  let lastMoved = -1;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const [i, topicId] of topicIds.entries()) {
      if (i === lastMoved) return;
      if (balanceTopic(state, topicId) || lastMoved === -1) lastMoved = i;
    }
  }
}

function balanceTopic(state: Shares, topicId: Uuid): boolean {
  const { owners, subscribers } = state.topic(topicId);
  const order = new LoadOrder(subscribers, state.sizes);
  if (order.imbalance <= 1) return false;
  // What each member can give, the highest partition first.
  const givable = new Map<number, number[]>();
  owners.forEach((owner, partition) => {
    const partitions = givable.get(owner);
    if (partitions === undefined) givable.set(owner, [partition]);
    else partitions.push(partition);
  });
  let hasMoved = false;
  while (!order.isBalanced) {
    const partition = takeFromMostLoaded(order, givable);
    if (partition === undefined) break;
    const receiver = order.nextLeastLoaded();
    if (order.isBalanced) break;
    state.assign(topicId, partition, receiver);
    hasMoved = true;
  }
  return hasMoved;
}

function takeFromMostLoaded(order: LoadOrder, givable: ReadonlyMap<number, number[]>): number | undefined {
  for (let giver = order.nextMostLoaded(); giver !== undefined; giver = order.nextMostLoaded()) {
    const partition = givable.get(giver)?.pop();
    if (partition !== undefined) return partition;
    order.excludeMostLoaded();
  }
  return undefined;
}
