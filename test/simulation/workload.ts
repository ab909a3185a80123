import { type ActorContext, Consumer, Producer } from './actors.ts';
import { checkCommitted, GroupLedger, GroupMember } from './group-actors.ts';

const MEMBER_COUNT = 2;

/** The clients of a scenario: who writes, who reads, who belongs to a group. */
export class Workload {
  readonly #context: ActorContext;
  readonly #producers: Producer[] = [];
  readonly #consumers: Consumer[] = [];
  readonly #members: GroupMember[] = [];
  readonly #ledger = new GroupLedger('group');
  readonly #topic: string;
  #isStopped = false;

  /** @param topic the topic whose offsets are committed */
  constructor(context: ActorContext, topic: string) {
    this.#context = context;
    this.#topic = topic;
  }

  /** Clients of a new topic. `label` is in their names: two topics of one name, one after the other, share no client. */
  addTopic(topic: string, label: string, partitionCount: number, producersEach: number): void {
    for (let partition = 0; partition < partitionCount; partition++) {
      for (let i = 0; i < producersEach; i++) {
        const name = `producer-${label}-${partition}${'abc'[i] ?? ''}`;
        const producer = new Producer(this.#context, name, topic, partition);
        this.#producers.push(producer);
        if (this.#isStopped) producer.stop();
        else producer.start();
      }
      this.#consumers.push(new Consumer(this.#context, `consumer-${label}-${partition}`, topic, partition));
      this.#consumers.at(-1)?.start();
    }
  }

  startMembers(): void {
    for (let i = 0; i < MEMBER_COUNT; i++) {
      this.#members.push(new GroupMember(this.#context, `member-${i}`, this.#ledger, this.#topic));
    }
    for (const member of this.#members) member.start();
  }

  /** The topic is to be deleted. */
  abandonTopic(topic: string): void {
    for (const client of [...this.#producers, ...this.#consumers]) if (client.topic === topic) client.abandon();
  }

  producersOf(topic: string, partition: number): string[] {
    return this.#producers
      .filter((producer) => producer.topic === topic && producer.partition === partition)
      .map(({ name }) => name);
  }

  get producerNames(): string[] {
    return this.#producers.map(({ name }) => name);
  }

  stopProducers(): void {
    this.#isStopped = true;
    for (const producer of this.#producers) producer.stop();
  }

  /** Those who have not delivered, or read, everything. */
  get unfinished(): string[] {
    const producers = this.#producers.filter(({ isDrained }) => !isDrained);
    const consumers = this.#consumers.filter(({ isAtEnd }) => !isAtEnd);
    return [...producers, ...consumers].map(({ name }) => name);
  }

  get committedOffsets(): number {
    return this.#ledger.commitCount;
  }

  /** The group ends; `done` is called when its committed offset was found to be right. */
  stopMembers(done: () => void): void {
    for (const member of this.#members) member.stop();
    checkCommitted(this.#context, this.#ledger, this.#topic, done);
  }
}
