import { KafkaError } from '../../base/kafka-error.ts';
import { randomUuid } from '../../base/random.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import {
  consumerGroupHeartbeatRequest,
  consumerGroupHeartbeatResponse,
} from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import type { KafkaClient } from '../client.ts';
import { isRetriable, namedError, serverError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import type { GroupCoordinator } from './coordinator.ts';
import { type Membership, type MembershipListener, type MembershipSettings, Pause, without } from './membership.ts';
import { type Generation, isFenced } from './offsets.ts';
import type { Subscription } from './subscription.ts';

const JOIN_EPOCH = 0;
const LEAVE_EPOCH = -1;
/** A static member that will be back. */
const LEAVE_STATIC_EPOCH = -2;
const MISSING_TOPIC_REFRESH_MS = 500;
const UNSUPPORTED =
  'The cluster does not support the new CONSUMER group protocol. Set group.protocol=classic on the consumer configs to ' +
  'revert to the CLASSIC protocol until the cluster is upgraded.';

type Target = readonly { readonly topicId: string; readonly partitions: readonly number[] }[];

/** A member of a group of the consumer protocol (KIP-848): one heartbeat carries everything, the broker assigns. */
export class ConsumerMember implements Membership {
  readonly #client: KafkaClient;
  readonly #coordinator: GroupCoordinator;
  readonly #subscription: Subscription;
  readonly #settings: MembershipSettings;
  readonly #listener: MembershipListener;
  readonly #pause: Pause;
  readonly #memberId: string;
  #epoch = JOIN_EPOCH;
  #owned: readonly TopicPartition[] = [];
  /** What the broker assigned last and this member does not fully own yet. */
  #target: Target | undefined;
  #sentTopics = '';
  #intervalMs = 0;
  #isLeaving = false;
  #refreshedAtMs = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(
    client: KafkaClient,
    coordinator: GroupCoordinator,
    subscription: Subscription,
    settings: MembershipSettings,
    listener: MembershipListener,
  ) {
    this.#client = client;
    this.#coordinator = coordinator;
    this.#subscription = subscription;
    this.#settings = settings;
    this.#listener = listener;
    this.#memberId = randomUuid(client.environment.random);
    this.#pause = new Pause(client.environment.clock);
  }

  get generation(): Generation {
    const { groupInstanceId } = this.#settings;
    return { memberId: this.#memberId, generationId: this.#epoch, groupInstanceId };
  }

  get owned(): readonly TopicPartition[] {
    return this.#owned;
  }

  start(): void {
    this.#running = this.#run();
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#pause.wake();
    await this.#running;
    if (this.#epoch <= 0) return;
    const epoch = this.#settings.groupInstanceId === null ? LEAVE_EPOCH : LEAVE_STATIC_EPOCH;
    const { groupId } = this.#coordinator;
    const body = {
      groupId,
      memberId: this.#memberId,
      memberEpoch: epoch,
      instanceId: this.#settings.groupInstanceId,
    };
    const timeoutMs = Math.min(5000, this.#client.config.requestTimeoutMs);
    await this.#coordinator
      .send(consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse, body, { timeoutMs })
      .catch(() => {});
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isLeaving; ) {
      try {
        if (this.#epoch === JOIN_EPOCH) await this.#refresh();
        await this.#heartbeat();
        failures = 0;
        await this.#wait();
      } catch (error) {
        if (this.#isLeaving || this.#client.isClosed) return;
        if (!this.#recover(error)) {
          this.#listener.failed(unsupported(error));
          return;
        }
        await this.#pause.wait(this.#client.retryBackoffMs(failures++));
      }
    }
  }

  #recover(error: unknown): boolean {
    if (isFenced(error)) {
      const lost = this.#owned;
      this.#epoch = JOIN_EPOCH;
      this.#owned = [];
      this.#target = undefined;
      if (lost.length > 0) this.#listener.lost(lost);
      return true;
    }
    if (!(error instanceof KafkaError)) return false;
    const isMoved = error.errorName === 'NOT_COORDINATOR' || error.errorName === 'COORDINATOR_NOT_AVAILABLE';
    if (isMoved) this.#coordinator.forget();
    return isMoved || isRetriable(error);
  }

  async #refresh(): Promise<void> {
    this.#refreshedAtMs = this.#client.environment.clock.monotonicMs();
    await this.#subscription.refresh();
  }

  // Until the next heartbeat; a subscription that is not complete yet is looked up in between.
  async #wait(): Promise<void> {
    const { clock } = this.#client.environment;
    const endMs = clock.monotonicMs() + this.#intervalMs;
    const isDue = () => this.#isLeaving || clock.monotonicMs() >= endMs || this.#hasNews();
    while (!isDue()) {
      const refreshMs = this.#subscription.isIncomplete ? MISSING_TOPIC_REFRESH_MS : this.#settings.metadataMaxAgeMs;
      const nextMs = Math.min(endMs, this.#refreshedAtMs + refreshMs);
      await this.#pause.wait(Math.max(1, nextMs - clock.monotonicMs()));
      if (!this.#isLeaving && clock.monotonicMs() >= this.#refreshedAtMs + refreshMs) await this.#refresh();
    }
  }

  #hasNews(): boolean {
    return this.#subscribedTopics().join() !== this.#sentTopics;
  }

  #subscribedTopics(): string[] {
    return this.#subscription.topics.toSorted();
  }

  async #heartbeat(): Promise<void> {
    const topics = this.#subscribedTopics();
    const isJoining = this.#epoch === JOIN_EPOCH;
    const hasNews = isJoining || topics.join() !== this.#sentTopics;
    await this.#send(hasNews ? topics : null, isJoining);
    while (this.#target !== undefined && !this.#isLeaving) {
      const isSettled = await this.#reconcile(this.#target);
      if (!isSettled) return;
      // Tells at once what is owned now, so that others need not wait for what was given up.
      await this.#send(null, true);
    }
  }

  async #send(topics: string[] | null, withOwned: boolean): Promise<void> {
    const { groupInstanceId, clientRack, rebalanceTimeoutMs, remoteAssignor } = this.#settings;
    const isJoining = this.#epoch === JOIN_EPOCH;
    const response = await this.#coordinator.send(consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse, {
      groupId: this.#coordinator.groupId,
      memberId: this.#memberId,
      memberEpoch: this.#epoch,
      instanceId: groupInstanceId,
      rackId: isJoining ? clientRack : null,
      rebalanceTimeoutMs: isJoining ? rebalanceTimeoutMs : -1,
      subscribedTopicNames: topics,
      serverAssignor: isJoining ? remoteAssignor : null,
      topicPartitions: withOwned ? this.#ownedByTopicId() : null,
    });
    if (response.errorCode !== ErrorCode.NONE) throw serverError(response.errorCode, response.errorMessage);
    if (topics !== null) this.#sentTopics = topics.join();
    this.#epoch = response.memberEpoch;
    this.#intervalMs = response.heartbeatIntervalMs;
    this.#target = response.assignment?.topicPartitions;
  }

  #ownedByTopicId(): Target {
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of this.#owned) {
      const topicId = this.#client.metadata.topics.get(topic)?.topicId;
      if (topicId === undefined) continue;
      const numbers = topics.get(topicId);
      if (numbers === undefined) topics.set(topicId, [partition]);
      else numbers.push(partition);
    }
    return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }));
  }

  /** Gives up what is not in the target, then takes what is new. False when a topic's name is not known yet. */
  async #reconcile(target: Target): Promise<boolean> {
    const wanted = await this.#named(target);
    if (wanted === undefined) return false;
    this.#target = undefined;
    const revoked = without(this.#owned, wanted);
    if (revoked.length > 0) await this.#listener.revoking(revoked);
    const added = without(wanted, this.#owned);
    this.#owned = wanted;
    await this.#listener.assigned(wanted, added);
    return true;
  }

  async #named(target: Target): Promise<TopicPartition[] | undefined> {
    const isKnown = () => target.every(({ topicId }) => this.#client.metadata.topicName(topicId) !== undefined);
    if (!isKnown()) await this.#refresh();
    if (!isKnown()) return undefined;
    return target.flatMap(({ topicId, partitions }) => {
      const topic = this.#client.metadata.topicName(topicId) ?? '';
      return partitions.map((partition) => ({ topic, partition }));
    });
  }
}

function unsupported(error: unknown): unknown {
  const isUnsupported = error instanceof KafkaError && error.errorName === 'UNSUPPORTED_VERSION';
  return isUnsupported ? namedError('UNSUPPORTED_VERSION', UNSUPPORTED) : error;
}
