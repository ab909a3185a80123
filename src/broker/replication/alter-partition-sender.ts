import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Uuid } from '../../base/uuid.ts';
import { ErrorCode, type ErrorName, errorNameOf } from '../../protocol/error-codes.ts';
import type { AlterPartitionResponseInput } from '../../protocol/messages/56-alter-partition.ts';
import type { ControllerChannel } from '../controller-channel.ts';

/** The ISR that a leader wants for a partition (KIP-497, KIP-903). */
export interface IsrUpdate {
  readonly leaderEpoch: number;
  /** The newest that the leader knows: the controller refuses a change to anything else. */
  readonly partitionEpoch: number;
  readonly leaderRecoveryState: number;
  readonly isr: readonly { readonly brokerId: number; readonly brokerEpoch: number }[];
}

/** The partition as the controller has it after the change, or why it was not made. */
export type AlterPartitionOutcome =
  | {
      readonly error?: undefined;
      readonly isr: readonly number[];
      readonly leaderEpoch: number;
      readonly partitionEpoch: number;
    }
  | { readonly error: ErrorName };

export interface AlterPartitionSenderOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channel: Pick<ControllerChannel, 'alterPartition'>;
  /** Epoch of this broker's registration. */
  brokerEpoch(): number;
}

interface Item {
  readonly topicId: Uuid;
  readonly partition: number;
  readonly update: IsrUpdate;
  readonly done: (outcome: AlterPartitionOutcome) => void;
}

type PartitionAnswer = NonNullable<
  NonNullable<NonNullable<AlterPartitionResponseInput['topics']>[number]['partitions']>[number]
>;

const RETRY_MS = 50;

/**
 * Carries ISR changes to the active controller: one per partition and one request at a time, in which all travel that
 * came up meanwhile. Goes on for ever; whoever asked stops caring when the metadata overtakes it.
 */
export class AlterPartitionSender {
  readonly #options: AlterPartitionSenderOptions;
  readonly #items = new Map<string, Item>();
  #isInFlight = false;
  #isClosed = false;

  constructor(options: AlterPartitionSenderOptions) {
    this.#options = options;
  }

  /** Asks; `done` is called once and never before this returns. A partition that is being asked about is refused. */
  submit(topicId: Uuid, partition: number, update: IsrUpdate, done: (outcome: AlterPartitionOutcome) => void): void {
    const key = keyOf(topicId, partition);
    if (this.#items.has(key)) {
      this.#options.clock.schedule(0, () => done({ error: 'OPERATION_NOT_ATTEMPTED' }));
      return;
    }
    this.#items.set(key, { topicId, partition, update, done });
    // On the next turn: what one metadata record or one fetch brings up travels together.
    if (!this.#isInFlight && this.#items.size === 1) this.#options.clock.schedule(0, () => this.#send());
  }

  #send(): void {
    if (this.#isInFlight || this.#isClosed || this.#items.size === 0) return;
    this.#isInFlight = true;
    const { nodeId, brokerEpoch, channel, clock, logger } = this.#options;
    const sent = [...this.#items.values()];
    const byTopic = new Map<Uuid, Item[]>();
    for (const item of sent) {
      const ofTopic = byTopic.get(item.topicId);
      if (ofTopic === undefined) byTopic.set(item.topicId, [item]);
      else ofTopic.push(item);
    }
    const topics = [...byTopic].map(([topicId, items]) => ({ topicId, partitions: items.map(partitionOf) }));
    channel.alterPartition(
      { brokerId: nodeId, brokerEpoch: brokerEpoch(), topics },
      (response) => {
        this.#isInFlight = false;
        if (this.#isClosed) return;
        if (this.#answered(sent, response)) this.#send();
        else clock.schedule(RETRY_MS, () => this.#send());
      },
      (error) => {
        this.#isInFlight = false;
        if (this.#isClosed) return;
        // Such as STALE_BROKER_EPOCH: this broker is registering anew.
        logger.warn(`the controller refused a change of ISRs: ${error.errorName}`);
        clock.schedule(RETRY_MS, () => this.#send());
      },
    );
  }

  // Whether nothing was forgotten.
  #answered(sent: readonly Item[], response: AlterPartitionResponseInput): boolean {
    const answers = new Map<string, PartitionAnswer>();
    for (const { topicId = '', partitions = [] } of response.topics ?? []) {
      for (const answer of partitions) answers.set(keyOf(topicId, answer.partitionIndex ?? -1), answer);
    }
    let isWhole = true;
    for (const item of sent) {
      const key = keyOf(item.topicId, item.partition);
      const answer = answers.get(key);
      if (answer === undefined) {
        isWhole = false;
        continue;
      }
      this.#items.delete(key);
      const { errorCode = 0, isr = [], leaderEpoch = -1, partitionEpoch = -1 } = answer;
      if (errorCode !== ErrorCode.NONE) item.done({ error: errorNameOf(errorCode) });
      else item.done({ isr, leaderEpoch, partitionEpoch });
    }
    return isWhole;
  }

  close(): void {
    this.#isClosed = true;
    this.#items.clear();
  }
}

function partitionOf({ partition, update }: Item) {
  return {
    partitionIndex: partition,
    leaderEpoch: update.leaderEpoch,
    newIsr: [],
    newIsrWithEpochs: [...update.isr],
    leaderRecoveryState: update.leaderRecoveryState,
    partitionEpoch: update.partitionEpoch,
  };
}

function keyOf(topicId: Uuid, partition: number): string {
  return `${topicId}-${partition}`;
}
