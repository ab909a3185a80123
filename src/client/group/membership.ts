import type { Clock } from '../../base/clock.ts';
import type { TopicPartition } from '../types.ts';
import type { Generation } from './offsets.ts';

/** What a membership tells the consumer that it belongs to. */
export interface MembershipListener {
  /**
   * The member owns exactly `partitions` from now on, `added` of them newly. Resolves when reading can start.
   */
  assigned(partitions: readonly TopicPartition[], added: readonly TopicPartition[]): Promise<void>;
  /** The member is about to give partitions up: the last moment to commit for them. */
  revoking(partitions: readonly TopicPartition[]): Promise<void>;
  /** The group took partitions away; others may read them already, nothing can be committed. */
  lost(partitions: readonly TopicPartition[]): void;
  /** The membership ended for good. */
  failed(error: unknown): void;
}

/** Membership in a consumer group, kept up in the background by either protocol. */
export interface Membership {
  readonly generation: Generation;
  readonly owned: readonly TopicPartition[];
  start(): void;
  /** Leaves the group (a static member only stops); resolves when the coordinator knows, or soon if it cannot. */
  leave(): Promise<void>;
}

/** Settings that both protocols share; times in ms. */
export interface MembershipSettings {
  readonly groupInstanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly clientRack: string | null;
  /** Classes of partition.assignment.strategy, for the classic protocol. */
  readonly assignmentStrategies: readonly string[];
  /** group.remote.assignor, for the consumer protocol; null = the broker's choice. */
  readonly remoteAssignor: string | null;
}

/** A wait that can be cut short; its timer does not outlive it. */
export class Pause {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;
  #isWoken = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits `delayMs`, or until {@link wake}; a wake-up from before counts. */
  async wait(delayMs: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.schedule(delayMs, resolve);
        this.#wake = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    this.#isWoken = false;
    this.#wake = undefined;
  }

  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }
}

/** Partitions of `a` that are not in `b`. */
export function without(a: readonly TopicPartition[], b: readonly TopicPartition[]): TopicPartition[] {
  return a.filter((one) => !b.some((other) => other.topic === one.topic && other.partition === one.partition));
}
