import type { Random } from '../../base/random.ts';

/** A broker that may hold replicas. */
export interface PlacementBroker {
  readonly id: number;
  readonly rack: string | null;
}

/** Takes the brokers of one rack in turn, from another one each time. */
class Rack {
  readonly #brokers: readonly number[];
  #next: number;

  constructor(brokers: readonly number[], random: Random) {
    this.#brokers = [...brokers].sort((a, b) => a - b);
    this.#next = random.int(Math.max(1, this.#brokers.length));
  }

  /** A broker that is not among `used`; undefined when all are. */
  take(used: ReadonlySet<number>): number | undefined {
    for (let tried = 0; tried < this.#brokers.length; tried++) {
      const broker = this.#brokers[this.#next % this.#brokers.length];
      this.#next++;
      if (broker !== undefined && !used.has(broker)) return broker;
    }
    return undefined;
  }
}

/**
 * Spreads the replicas of a topic over racks and brokers: each partition starts at the next rack and takes a broker of
 * each rack in turn. Fewer replicas come out than were asked for only when there are fewer brokers.
 */
export function placeReplicas(
  brokers: readonly PlacementBroker[],
  partitionCount: number,
  replicationFactor: number,
  random: Random,
): number[][] {
  const byRack = new Map<string, number[]>();
  for (const { id, rack } of brokers) byRack.set(rack ?? '', [...(byRack.get(rack ?? '') ?? []), id]);
  const racks = [...byRack].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ids]) => new Rack(ids, random));
  const firstRack = random.int(Math.max(1, racks.length));
  return Array.from({ length: partitionCount }, (_, partition) => {
    const used = new Set<number>();
    for (let turn = 0; used.size < Math.min(replicationFactor, brokers.length); turn++) {
      const broker = racks[(firstRack + partition + turn) % racks.length]?.take(used);
      if (broker !== undefined) used.add(broker);
    }
    return [...used];
  });
}
