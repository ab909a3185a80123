import { KafkaError } from '../base/kafka-error.ts';

/** A run of producer ids that the controller gave this broker. */
export interface ProducerIdBlock {
  readonly firstId: number;
  readonly size: number;
}

interface Asker {
  readonly done: (producerId: number) => void;
  readonly failed: (error: unknown) => void;
}

// Kafka's PREFETCH_THRESHOLD.
const PREFETCH_AT = 0.9;
const MAX_WAITING = 10_000;

/** Gives out producer ids from blocks of the controller; asks for the next block when 90 % of one are gone. */
export class ProducerIds {
  readonly #allocate: (done: (block: ProducerIdBlock) => void, failed: (error: unknown) => void) => void;
  #nextId = 0;
  #endId = 0;
  #prefetchAt = 0;
  #nextBlock: ProducerIdBlock | undefined;
  #isAsking = false;
  #waiting: Asker[] = [];

  /** @param allocate asks the controller for a block; calls one of the two exactly once, now or later */
  constructor(allocate: (done: (block: ProducerIdBlock) => void, failed: (error: unknown) => void) => void) {
    this.#allocate = allocate;
  }

  next(done: (producerId: number) => void, failed: (error: unknown) => void): void {
    const id = this.#take();
    if (id !== undefined) {
      done(id);
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      failed(new KafkaError('COORDINATOR_LOAD_IN_PROGRESS'));
      return;
    }
    this.#waiting.push({ done, failed });
    this.#ask();
  }

  #take(): number | undefined {
    if (this.#nextId === this.#endId && this.#nextBlock !== undefined) {
      const { firstId, size } = this.#nextBlock;
      this.#nextBlock = undefined;
      this.#nextId = firstId;
      this.#endId = firstId + size;
      this.#prefetchAt = firstId + Math.floor(size * PREFETCH_AT);
    }
    if (this.#nextId === this.#endId) return undefined;
    const id = this.#nextId++;
    if (id >= this.#prefetchAt && this.#nextBlock === undefined) this.#ask();
    return id;
  }

  #ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#allocate(
      (block) => {
        this.#isAsking = false;
        this.#nextBlock = block;
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const { done, failed } of waiting) this.next(done, failed);
      },
      (error) => {
        this.#isAsking = false;
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const { failed } of waiting) failed(error);
      },
    );
  }
}
