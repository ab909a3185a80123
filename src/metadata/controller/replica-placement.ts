import { KafkaError } from '../../base/kafka-error.ts';
import type { Random } from '../../base/random.ts';
import type { BrokerRegistration } from '../registrations.ts';

/**
 * Places replicas as Kafka's StripedReplicaPlacer does: leaders go round the racks and the unfenced brokers of each, the
 * further replicas of a partition go to other racks and brokers as far as there are any, fenced brokers last.
 */
export class ReplicaPlacer {
  readonly #random: Random;
  readonly #racks = new Map<string | null, Rack>();
  readonly #rackNames: (string | null)[];
  readonly #brokerCount: number;
  readonly #unfencedCount: number;
  #epoch = 0;
  #offset = 0;

  /** @param brokers those that may get replicas; see {@link usableBrokers} */
  constructor(random: Random, brokers: readonly BrokerRegistration[]) {
    this.#random = random;
    for (const broker of brokers) {
      let rack = this.#racks.get(broker.rack);
      if (rack === undefined) {
        rack = { unfenced: new Ring(), fenced: new Ring() };
        this.#racks.set(broker.rack, rack);
      }
      (broker.fenced ? rack.fenced : rack.unfenced).add(broker.id);
    }
    for (const rack of this.#racks.values()) {
      rack.fenced.start(random);
      rack.unfenced.start(random);
    }
    this.#rackNames = [...this.#racks.keys()].sort(compareRacks);
    this.#brokerCount = brokers.length;
    this.#unfencedCount = brokers.filter((broker) => !broker.fenced).length;
    if (this.#rackNames.length > 0) this.#offset = random.int(this.#rackNames.length);
  }

  /**
   * Replicas of `partitionCount` partitions, the leader first. Throws KafkaError INVALID_REPLICATION_FACTOR when there
   * are not enough brokers, or none that is unfenced.
   */
  place(partitionCount: number, replicationFactor: number): number[][] {
    if (replicationFactor <= 0) {
      throw refused(`Invalid replication factor ${replicationFactor}: the replication factor must be positive.`);
    }
    if (this.#unfencedCount === 0) {
      throw refused('All brokers are currently fenced, or have all their log directories cordoned.');
    }
    if (replicationFactor > this.#brokerCount) {
      throw refused(
        `The target replication factor of ${replicationFactor} cannot be reached because only ${this.#brokerCount} ` +
          'broker(s) are registered or some brokers have all their log directories cordoned.',
      );
    }
    return Array.from({ length: partitionCount }, () => this.#placeOne(replicationFactor));
  }

  #placeOne(replicationFactor: number): number[] {
    // After as many partitions as there are brokers the order is shuffled, lest the same assignments come again.
    if (this.#epoch === this.#unfencedCount && this.#unfencedCount > 1) {
      shuffle(this.#rackNames, this.#random);
      for (const rack of this.#racks.values()) {
        rack.fenced.shuffle(this.#random);
        rack.unfenced.shuffle(this.#random);
      }
      this.#epoch = 0;
    }
    if (this.#offset === this.#rackNames.length) this.#offset = 0;
    const replicas: number[] = [];
    let firstRack = this.#offset;
    for (;;) {
      const leader = this.#rackAt(firstRack).unfenced.next(this.#epoch);
      if (leader >= 0) {
        replicas.push(leader);
        break;
      }
      firstRack = (firstRack + 1) % this.#rackNames.length;
    }
    let rackIndex = this.#offset;
    while (replicas.length < replicationFactor) {
      // The leader's rack is left out once.
      if (rackIndex === firstRack) firstRack = -1;
      else {
        const rack = this.#rackAt(rackIndex);
        const unfenced = rack.unfenced.next(this.#epoch);
        const follower = unfenced >= 0 ? unfenced : rack.fenced.next(this.#epoch);
        if (follower >= 0) replicas.push(follower);
      }
      rackIndex = (rackIndex + 1) % this.#rackNames.length;
    }
    this.#epoch++;
    this.#offset++;
    return replicas;
  }

  #rackAt(index: number): Rack {
    const rack = this.#racks.get(this.#rackNames[index] ?? null);
    if (rack === undefined) throw new RangeError(`there is no rack ${index}`);
    return rack;
  }
}

/** Brokers that may get replicas: not shutting down, and with a log directory that is not cordoned. */
export function usableBrokers(
  brokers: Iterable<BrokerRegistration>,
  isShuttingDown: (id: number) => boolean,
): BrokerRegistration[] {
  return [...brokers].filter((broker) => !isShuttingDown(broker.id) && hasUncordonedDirectory(broker));
}

function hasUncordonedDirectory(broker: BrokerRegistration): boolean {
  const cordoned = broker.cordonedDirectories;
  return (
    cordoned === null || broker.directories.length === 0 || broker.directories.some((id) => !cordoned.includes(id))
  );
}

interface Rack {
  readonly unfenced: Ring;
  readonly fenced: Ring;
}

/** Brokers of a rack; each epoch goes once round them, starting one further than the epoch before. */
class Ring {
  readonly #brokers: number[] = [];
  #index = 0;
  #offset = 0;
  #epoch = 0;

  add(broker: number): void {
    this.#brokers.push(broker);
  }

  start(random: Random): void {
    this.#brokers.sort((a, b) => a - b);
    if (this.#brokers.length > 0) this.#offset = random.int(this.#brokers.length);
  }

  shuffle(random: Random): void {
    shuffle(this.#brokers, random);
  }

  /** -1 when all had their turn in this epoch. */
  next(epoch: number): number {
    if (this.#brokers.length === 0) return -1;
    if (this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#index = 0;
      this.#offset = (this.#offset + 1) % this.#brokers.length;
    }
    if (this.#index >= this.#brokers.length) return -1;
    const broker = this.#brokers[(this.#index + this.#offset) % this.#brokers.length];
    this.#index++;
    return broker ?? -1;
  }
}

function shuffle(list: unknown[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
}

// No rack comes first.
function compareRacks(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}

function refused(message: string): KafkaError {
  return new KafkaError('INVALID_REPLICATION_FACTOR', message);
}
