import type { Logger } from '../base/logger.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import type { CreateTopicsRequestInput, CreateTopicsResponseInput } from '../protocol/messages/19-create-topics.ts';

type CreatableTopic = NonNullable<CreateTopicsRequestInput['topics']>[number];

const COORDINATOR_SEGMENT_BYTES: Readonly<Record<string, string>> = {
  __consumer_offsets: 'offsets.topic.segment.bytes',
  __transaction_state: 'transaction.state.log.segment.bytes',
};

export interface AutoTopicsOptions {
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly image: MetadataImage;
  /** Sends CreateTopics to the controller; calls one of the two exactly once, now or later. */
  readonly create: (
    topics: readonly CreatableTopic[],
    done: (response: CreateTopicsResponseInput) => void,
    failed: (error: unknown) => void,
  ) => void;
}

/** Creates topics on first use: those that clients name, and the broker's own. */
export class AutoTopics {
  readonly #options: AutoTopicsOptions;
  readonly #inFlight = new Set<string>();

  constructor(options: AutoTopicsOptions) {
    this.#options = options;
  }

  /** Asks for the topics that are neither there nor being created; does not wait. */
  create(names: readonly string[]): void {
    const { image, logger } = this.#options;
    const wanted = names.filter((name) => image.topic(name) === undefined && !this.#inFlight.has(name));
    if (wanted.length === 0) return;
    for (const name of wanted) this.#inFlight.add(name);
    const settle = (): void => {
      for (const name of wanted) this.#inFlight.delete(name);
    };
    this.#options.create(
      wanted.map((name) => this.#definition(name)),
      (response) => {
        settle();
        for (const { name, errorCode, errorMessage } of response.topics ?? []) {
          if (errorCode === undefined || errorCode === 0) continue;
          logger.warn(`topic ${name} was not created automatically: ${errorMessage ?? `error ${errorCode}`}`);
        }
      },
      (error) => {
        settle();
        logger.warn(`topics ${wanted.join(', ')} were not created automatically: ${String(error)}`);
      },
    );
  }

  #definition(name: string): CreatableTopic {
    const { config } = this.#options;
    switch (name) {
      case '__consumer_offsets':
        return {
          name,
          numPartitions: config.number('offsets.topic.num.partitions'),
          replicationFactor: config.number('offsets.topic.replication.factor'),
          configs: compacted(config, name, [['compression.type', 'producer']]),
        };
      case '__transaction_state':
        return {
          name,
          numPartitions: config.number('transaction.state.log.num.partitions'),
          replicationFactor: config.number('transaction.state.log.replication.factor'),
          configs: compacted(config, name, [
            ['compression.type', 'uncompressed'],
            ['unclean.leader.election.enable', 'false'],
            ['min.insync.replicas', String(config.number('transaction.state.log.min.isr'))],
          ]),
        };
      default:
        return {
          name,
          numPartitions: config.number('num.partitions'),
          replicationFactor: config.number('default.replication.factor'),
        };
    }
  }
}

function compacted(config: BrokerConfig, topic: string, others: readonly (readonly [string, string])[]) {
  const segmentBytes = config.number(COORDINATOR_SEGMENT_BYTES[topic] ?? '');
  const all = [...others, ['cleanup.policy', 'compact'] as const, ['segment.bytes', String(segmentBytes)] as const];
  return all.map(([name, value]) => ({ name, value }));
}
