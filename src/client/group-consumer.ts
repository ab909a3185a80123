import type { RecordCursor } from '../records/record-cursor.ts';
import type { KafkaClient } from './client.ts';
import { type ConfigDefinitions, ConfigValues } from './config-parser.ts';
import type { ClientEnvironment } from './environment.ts';
import { ClientError, configError } from './errors.ts';
import { Fetcher } from './fetcher.ts';
import { ClassicMember } from './group/classic-member.ts';
import { ConsumerMember } from './group/consumer-member.ts';
import { GroupCoordinator } from './group/coordinator.ts';
import {
  type Membership,
  type MembershipListener,
  type MembershipSettings,
  Pause,
  without,
} from './group/membership.ts';
import { GroupOffsets, type PartitionOffset } from './group/offsets.ts';
import { Subscription, type SubscriptionRequest } from './group/subscription.ts';
import { partitionName, type TopicPartition } from './types.ts';

const DEFAULT_ASSIGNORS =
  'org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor';

/** Settings of group members, with Kafka's defaults. */
export const groupDefinitions = {
  'group.id': { type: 'string' },
  'group.instance.id': { type: 'string' },
  'group.protocol': { type: 'string', default: 'classic', oneOf: ['CONSUMER', 'CLASSIC'], ignoreCase: true },
  'group.remote.assignor': { type: 'string' },
  'session.timeout.ms': { type: 'int', default: '45000', min: 1 },
  'heartbeat.interval.ms': { type: 'int', default: '3000', min: 1 },
  'max.poll.interval.ms': { type: 'int', default: '300000', min: 1 },
  'partition.assignment.strategy': { type: 'list', default: DEFAULT_ASSIGNORS },
  'enable.auto.commit': { type: 'boolean', default: 'true' },
  'auto.commit.interval.ms': { type: 'int', default: '5000', min: 0 },
  'allow.auto.create.topics': { type: 'boolean', default: 'true' },
  'exclude.internal.topics': { type: 'boolean', default: 'true' },
  'client.rack': { type: 'string', default: '' },
} as const satisfies ConfigDefinitions;

function checkHeartbeat(values: ConfigValues): void {
  if (values.string('group.protocol').toLowerCase() !== 'classic') return;
  if (values.number('heartbeat.interval.ms') < values.number('session.timeout.ms')) return;
  throw new ClientError(
    'java.lang.IllegalArgumentException',
    'INVALID_CONFIG',
    'Heartbeat must be set lower than the session timeout',
  );
}

/** Hears of rebalances, as Java's ConsumerRebalanceListener. */
export interface RebalanceListener {
  readonly partitionsAssigned?: (added: readonly TopicPartition[]) => void;
  readonly partitionsRevoked?: (revoked: readonly TopicPartition[]) => void;
}

export interface GroupConsumerOptions {
  readonly environment?: Partial<ClientEnvironment>;
  readonly listener?: RebalanceListener;
}

/** Gets each record; false stops the poll after it. */
export type VisitRecord = (cursor: RecordCursor, topic: string, partition: number) => unknown;

/**
 * A consumer that shares topics with the other members of its group, as Java's KafkaConsumer with `subscribe`: classic
 * and consumer protocol (`group.protocol`), start at the committed offsets or by `auto.offset.reset`, commits in the
 * background, before partitions are given up and when it closes (`enable.auto.commit`). Membership is kept up in the
 * background, also while nobody polls.
 */
export class GroupConsumer {
  readonly #fetcher: Fetcher;
  readonly #client: KafkaClient;
  readonly #offsets: GroupOffsets;
  readonly #membership: Membership;
  readonly #listener: RebalanceListener;
  readonly #autoCommit: boolean;
  readonly #autoCommitIntervalMs: number;
  readonly #news: Pause;
  readonly #commitPause: Pause;
  #owned: readonly TopicPartition[] = [];
  #isReading = false;
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;

  /**
   * @param properties Kafka's consumer settings; `group.id` is needed
   * @throws ClientError with the text of Kafka's ConfigException
   */
  static async create(
    properties: ReadonlyMap<string, string>,
    request: SubscriptionRequest,
    options: GroupConsumerOptions = {},
  ): Promise<GroupConsumer> {
    const values = new ConfigValues(properties, groupDefinitions);
    if (values.string('group.id') === '') {
      throw configError(
        'To use the group management or offset commit APIs, you must provide a valid group.id in the consumer configuration.',
      );
    }
    checkHeartbeat(values);
    const fetcher = await Fetcher.create(properties, options);
    try {
      return new GroupConsumer(fetcher, values, request, options.listener ?? {});
    } catch (error) {
      fetcher.close();
      throw error;
    }
  }

  private constructor(
    fetcher: Fetcher,
    values: ConfigValues,
    request: SubscriptionRequest,
    listener: RebalanceListener,
  ) {
    this.#fetcher = fetcher;
    this.#client = fetcher.client;
    this.#listener = listener;
    this.#autoCommit = values.boolean('enable.auto.commit');
    this.#autoCommitIntervalMs = values.number('auto.commit.interval.ms');
    this.#news = new Pause(this.#client.environment.clock);
    this.#commitPause = new Pause(this.#client.environment.clock);
    const coordinator = new GroupCoordinator(this.#client, values.string('group.id'));
    this.#offsets = new GroupOffsets(this.#client, coordinator);
    const subscription = new Subscription(this.#client, request, values.boolean('allow.auto.create.topics'));
    const settings = membershipSettings(values, this.#client.config.metadataMaxAgeMs);
    const isConsumerProtocol = values.string('group.protocol').toLowerCase() === 'consumer';
    const Member = isConsumerProtocol ? ConsumerMember : ClassicMember;
    this.#membership = new Member(this.#client, coordinator, subscription, settings, this.#membershipListener());
    this.#membership.start();
    if (this.#autoCommit) void this.#commitRegularly();
  }

  /** Partitions that this member may read now. */
  get owned(): readonly TopicPartition[] {
    return this.#owned;
  }

  /**
   * Calls `visit` for each record that is there, waiting up to `timeoutMs` for the first; returns how many there were.
   * Rejects with the failure of the membership or of a fetch (KafkaError).
   */
  async poll(timeoutMs: number, visit: VisitRecord, maxRecords?: number): Promise<number> {
    if (this.#failure === undefined && !this.#isReading) await this.#news.wait(timeoutMs);
    if (this.#failure !== undefined) throw this.#failure.error;
    if (!this.#isReading) return 0;
    return this.#fetcher.poll(timeoutMs, visit, maxRecords);
  }

  /** Next offset to be read, undefined while not known. */
  position(topic: string, partition: number): number | undefined {
    return this.#fetcher.position(topic, partition);
  }

  /** Commits where reading stands, or the given offsets. Rejects with KafkaError. */
  async commit(offsets: readonly PartitionOffset[] = this.#positions(this.#owned)): Promise<void> {
    await this.#offsets.commit(offsets, this.#membership.generation, this.#client.config.defaultApiTimeoutMs);
  }

  /** Commits if that is automatic, leaves the group and ends the connections. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#news.wake();
    this.#commitPause.wake();
    const owned = this.#owned;
    if (this.#autoCommit) await this.#tryCommit(owned);
    this.#own([]);
    if (owned.length > 0) this.#listener.partitionsRevoked?.(owned);
    await this.#membership.leave();
    this.#fetcher.close();
  }

  #membershipListener(): MembershipListener {
    return {
      assigned: (partitions, added) => this.#assigned(partitions, added),
      revoking: async (revoked) => {
        const kept = without(this.#owned, revoked);
        const positions = this.#positions(revoked);
        this.#own(kept);
        if (this.#autoCommit) await this.#tryCommitOffsets(positions);
        this.#listener.partitionsRevoked?.(revoked);
      },
      lost: (partitions) => {
        this.#own(without(this.#owned, partitions));
        this.#listener.partitionsRevoked?.(partitions);
      },
      failed: (error) => {
        this.#failure = { error };
        this.#news.wake();
      },
    };
  }

  async #assigned(partitions: readonly TopicPartition[], added: readonly TopicPartition[]): Promise<void> {
    const committed = await this.#offsets.committed(added, this.#membership.generation);
    if (this.#isClosed) return;
    const isNew = new Set(added.map(({ topic, partition }) => partitionName(topic, partition)));
    this.#owned = partitions;
    this.#fetcher.assign(
      partitions.map(({ topic, partition }) => {
        const name = partitionName(topic, partition);
        return isNew.has(name) ? { topic, partition, offset: committed.get(name) } : { topic, partition };
      }),
    );
    this.#isReading = partitions.length > 0;
    this.#listener.partitionsAssigned?.(added);
    this.#news.wake();
  }

  #own(partitions: readonly TopicPartition[]): void {
    this.#owned = partitions;
    this.#isReading = partitions.length > 0;
    this.#fetcher.assign(partitions);
  }

  #positions(partitions: readonly TopicPartition[]): PartitionOffset[] {
    return partitions.flatMap(({ topic, partition }) => {
      const offset = this.#fetcher.position(topic, partition);
      return offset === undefined ? [] : [{ topic, partition, offset }];
    });
  }

  async #commitRegularly(): Promise<void> {
    while (!this.#isClosed) {
      await this.#commitPause.wait(this.#autoCommitIntervalMs);
      if (!this.#isClosed) await this.#tryCommit(this.#owned);
    }
  }

  async #tryCommit(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#tryCommitOffsets(this.#positions(partitions));
  }

  // A commit that the group refuses is superseded by whoever owns the partitions now.
  async #tryCommitOffsets(offsets: readonly PartitionOffset[]): Promise<void> {
    const timeoutMs = this.#client.config.requestTimeoutMs;
    await this.#offsets.commit(offsets, this.#membership.generation, timeoutMs).catch((error: unknown) => {
      const { logPrefix } = this.#client.config;
      this.#client.environment.logger.warn(`${logPrefix}Offset commit failed: ${String(error)}`);
    });
  }
}

function membershipSettings(values: ConfigValues, metadataMaxAgeMs: number): MembershipSettings {
  const optional = (name: string) => (values.string(name) === '' ? null : values.string(name));
  return {
    groupInstanceId: optional('group.instance.id'),
    sessionTimeoutMs: values.number('session.timeout.ms'),
    heartbeatIntervalMs: values.number('heartbeat.interval.ms'),
    rebalanceTimeoutMs: values.number('max.poll.interval.ms'),
    metadataMaxAgeMs,
    clientRack: optional('client.rack'),
    assignmentStrategies: values.list('partition.assignment.strategy'),
    remoteAssignor: optional('group.remote.assignor'),
  };
}
