import type { Clock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';

/** How a simulated network treats messages; all chances are between 0 and 1. */
export interface NetworkConditions {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly dropChance: number;
  readonly duplicateChance: number;
}

export const CALM_NETWORK: NetworkConditions = { minDelayMs: 0.1, maxDelayMs: 2, dropChance: 0, duplicateChance: 0 };

/**
 * Carries messages between nodes with delays that differ, so that they overtake one another; drops and doubles some; and
 * can be cut between any two nodes. Knows nothing of what is sent: a message is a function to run at the receiver.
 */
export class SimulatedNetwork {
  readonly #clock: Clock;
  readonly #random: Random;
  conditions: NetworkConditions;
  /** `from>to` of every direction that is cut. */
  readonly #cuts = new Set<string>();
  /** Nodes that are down get nothing, not even what was under way. */
  readonly #lives = new Map<number, number>();
  readonly #down = new Set<number>();

  constructor(clock: Clock, random: Random, conditions: NetworkConditions = CALM_NETWORK) {
    this.#clock = clock;
    this.#random = random;
    this.conditions = conditions;
  }

  /** Cuts one direction. */
  cut(from: number, to: number): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** Cuts a node off from all of `others`, both ways. */
  isolate(node: number, others: Iterable<number>): void {
    for (const other of others) {
      if (other === node) continue;
      this.cut(node, other);
      this.cut(other, node);
    }
  }

  /** Splits the nodes in two groups that hear nothing of one another. */
  partition(groupA: readonly number[], groupB: readonly number[]): void {
    for (const a of groupA) this.isolate(a, groupB);
  }

  /** Mends all cuts. */
  heal(): void {
    this.#cuts.clear();
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  setDown(node: number): void {
    this.#down.add(node);
    this.#lives.set(node, this.#lifeOf(node) + 1);
  }

  setUp(node: number): void {
    this.#down.delete(node);
  }

  isDown(node: number): boolean {
    return this.#down.has(node);
  }

  #lifeOf(node: number): number {
    return this.#lives.get(node) ?? 0;
  }

  /** Sends: `deliver` runs at the receiver after a while, once, twice or never. */
  send(from: number, to: number, deliver: () => void): void {
    const { dropChance, duplicateChance } = this.conditions;
    const copies = this.#random.float() < duplicateChance ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (this.#random.float() < dropChance) continue;
      this.#deliverLater(from, to, deliver);
    }
  }

  #deliverLater(from: number, to: number, deliver: () => void): void {
    const { minDelayMs, maxDelayMs } = this.conditions;
    const delayMs = minDelayMs + this.#random.float() * (maxDelayMs - minDelayMs);
    const life = this.#lifeOf(to);
    this.#clock.schedule(delayMs, () => {
      if (this.isCut(from, to) || this.isDown(to) || life !== this.#lifeOf(to)) return;
      deliver();
    });
  }
}
