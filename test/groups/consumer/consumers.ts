import { expect } from 'vitest';
import type { GroupHarness } from '../group-harness.ts';

export const ORDERS_ID = `${'o'.repeat(21)}A`;
export const PAYMENTS_ID = `${'p'.repeat(21)}A`;

export type Owned = { topicId: string; partitions: number[] }[];

/** A member that does what the coordinator tells it, as a consumer does. */
export class Consumer {
  readonly harness: GroupHarness;
  readonly memberId: string;
  readonly options: { topics?: string[]; regex?: string; instanceId?: string; assignor?: string; groupId?: string };
  epoch = 0;
  owned: Owned = [];

  constructor(harness: GroupHarness, memberId: string, options: Consumer['options'] = {}) {
    this.harness = harness;
    this.memberId = memberId;
    this.options = options;
  }

  /** Sends all that there is to say; takes what it is told. */
  beat(): number {
    return this.#send({ owned: this.owned });
  }

  /** Sends a heartbeat that says nothing. */
  quietBeat(): number {
    return this.#send({});
  }

  leave(epoch = -1): number {
    const { groupId = 'group', instanceId = null } = this.options;
    const { memberId } = this;
    return this.harness.consumerHeartbeat(1, { groupId, memberId, memberEpoch: epoch, instanceId }).now().errorCode;
  }

  get partitions(): string[] {
    const names = new Map([...this.harness.topics].map(([name, { id }]) => [id, name]));
    return this.owned.flatMap(({ topicId, partitions }) => partitions.map((p) => `${names.get(topicId)}-${p}`)).sort();
  }

  #send({ owned }: { owned?: Owned }): number {
    const { groupId = 'group', topics = ['orders'], regex = null, instanceId = null, assignor = null } = this.options;
    const full = owned !== undefined || this.epoch === 0;
    const response = this.harness
      .consumerHeartbeat(1, {
        groupId,
        memberId: this.memberId,
        memberEpoch: this.epoch,
        instanceId,
        rebalanceTimeoutMs: full ? 30_000 : -1,
        subscribedTopicNames: full ? (regex === null ? topics : []) : null,
        subscribedTopicRegex: full ? regex : null,
        serverAssignor: full ? assignor : null,
        topicPartitions: this.epoch === 0 ? [] : (owned ?? null),
      })
      .now();
    if (response.errorCode === 0) {
      this.epoch = response.memberEpoch;
      if (response.assignment !== null) this.owned = response.assignment.topicPartitions;
    }
    return response.errorCode;
  }
}

export function describeGroup(harness: GroupHarness) {
  return harness.describeConsumer(1, { groupIds: ['group'] }).now().groups[0];
}

export function settle(harness: GroupHarness, ...consumers: Consumer[]): void {
  for (let i = 0; i < 4; i++) {
    harness.clock.advance(1_000);
    for (const consumer of consumers) expect(consumer.beat()).toBe(0);
  }
}

/** The types of the records of a batch of the log; negative counts from the end. */
export function recordTypes(harness: GroupHarness, batch: number): number[] {
  return (harness.log.at(batch)?.records ?? []).map(({ key }) => key.readInt16BE(0));
}
