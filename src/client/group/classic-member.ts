import { KafkaError } from '../../base/kafka-error.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import { type JoinGroupResponse, joinGroupRequest, joinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import { heartbeatRequest, heartbeatResponse } from '../../protocol/messages/12-heartbeat.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../protocol/messages/13-leave-group.ts';
import { syncGroupRequest, syncGroupResponse } from '../../protocol/messages/14-sync-group.ts';
import type { KafkaClient } from '../client.ts';
import { isRetriable, namedError, serverError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import { type Assignor, findAssignor } from './assignors.ts';
import { assignPartitions, decodeAssignment, encodeSubscription } from './classic-protocol.ts';
import type { GroupCoordinator } from './coordinator.ts';
import { type Membership, type MembershipListener, type MembershipSettings, Pause } from './membership.ts';
import type { Generation } from './offsets.ts';
import type { Subscription } from './subscription.ts';

const PROTOCOL_TYPE = 'consumer';
/** A join may be answered this long after the rebalance timeout. */
const JOIN_SLACK_MS = 5000;
const NO_GENERATION = -1;
/** How often a topic that does not exist yet is asked for. */
const MISSING_TOPIC_REFRESH_MS = 500;

/**
 * A member of a group of the classic protocol (JoinGroup, SyncGroup, Heartbeat), which gives all partitions up before it
 * joins again (eager rebalancing), as Kafka's consumer does with its default assignors.
 */
export class ClassicMember implements Membership {
  readonly #client: KafkaClient;
  readonly #coordinator: GroupCoordinator;
  readonly #subscription: Subscription;
  readonly #settings: MembershipSettings;
  readonly #listener: MembershipListener;
  readonly #assignors: readonly Assignor[];
  readonly #pause: Pause;
  #memberId = '';
  #generationId = NO_GENERATION;
  #owned: readonly TopicPartition[] = [];
  #isLeaving = false;
  #isJoining = false;
  #mustRejoin = false;
  #refreshedAtMs = 0;
  #running: Promise<void> = Promise.resolve();

  /** Throws KafkaError when an assignor of the settings is not known. */
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
    this.#pause = new Pause(client.environment.clock);
    this.#assignors = settings.assignmentStrategies.map((className) => {
      const assignor = findAssignor(className);
      if (assignor !== undefined) return assignor;
      throw namedError('INCONSISTENT_GROUP_PROTOCOL', `Class ${className} cannot be found`);
    });
  }

  get generation(): Generation {
    const { groupInstanceId } = this.#settings;
    return { memberId: this.#memberId, generationId: this.#generationId, groupInstanceId };
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
    const wasJoining = this.#isJoining;
    // An answer to a join may be far away; the connection's end releases it.
    if (!wasJoining) await this.#running;
    if (this.#memberId === '' || this.#settings.groupInstanceId !== null) return;
    const reason = 'the consumer is being closed';
    const member = { memberId: this.#memberId, groupInstanceId: null, reason };
    const { groupId } = this.#coordinator;
    await this.#coordinator
      .send(
        leaveGroupRequest,
        leaveGroupResponse,
        { groupId, members: [member] },
        { minVersion: 3, apart: wasJoining, timeoutMs: Math.min(5000, this.#client.config.requestTimeoutMs) },
      )
      .catch(() => {});
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isLeaving; ) {
      try {
        await this.#refresh();
        await this.#join();
        failures = 0;
        await this.#stay();
      } catch (error) {
        if (this.#isLeaving || this.#client.isClosed) return;
        if (!this.#recover(error)) {
          this.#listener.failed(error);
          return;
        }
        await this.#pause.wait(this.#client.retryBackoffMs(failures++));
      }
    }
  }

  // Whether joining anew may help.
  #recover(error: unknown): boolean {
    if (!(error instanceof KafkaError)) return false;
    switch (error.errorName) {
      case 'REBALANCE_IN_PROGRESS':
        return true;
      case 'UNKNOWN_MEMBER_ID':
      case 'ILLEGAL_GENERATION':
        if (error.errorName === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
        this.#lose();
        return true;
      case 'NOT_COORDINATOR':
      case 'COORDINATOR_NOT_AVAILABLE':
        this.#coordinator.forget();
        return true;
      default:
        return isRetriable(error);
    }
  }

  #lose(): void {
    this.#generationId = NO_GENERATION;
    if (this.#owned.length === 0) return;
    const lost = this.#owned;
    this.#owned = [];
    this.#listener.lost(lost);
  }

  async #refresh(): Promise<boolean> {
    this.#refreshedAtMs = this.#client.environment.clock.monotonicMs();
    const isChanged = await this.#subscription.refresh();
    // A topic that this very question creates is there a moment later; joining without it would cost a rebalance.
    for (let tries = 0; this.#generationId < 0 && this.#subscription.isIncomplete && tries < 3; tries++) {
      await this.#pause.wait(this.#client.retryBackoffMs(tries));
      if (this.#isLeaving) break;
      await this.#subscription.refresh();
    }
    return isChanged;
  }

  async #join(): Promise<void> {
    if (this.#isLeaving) return;
    if (this.#owned.length > 0) {
      await this.#listener.revoking(this.#owned);
      this.#owned = [];
    }
    this.#mustRejoin = false;
    this.#isJoining = true;
    try {
      const joined = await this.#sendJoin();
      this.#generationId = joined.generationId;
      const assignment = await this.#sync(joined);
      if (this.#isLeaving) return;
      this.#owned = assignment;
    } finally {
      this.#isJoining = false;
    }
    await this.#listener.assigned(this.#owned, this.#owned);
  }

  async #sendJoin(): Promise<JoinGroupResponse> {
    const { sessionTimeoutMs, rebalanceTimeoutMs, groupInstanceId, clientRack } = this.#settings;
    for (;;) {
      const metadata = encodeSubscription(this.#subscription.topics, [], NO_GENERATION, clientRack);
      const response = await this.#coordinator.send(
        joinGroupRequest,
        joinGroupResponse,
        {
          groupId: this.#coordinator.groupId,
          sessionTimeoutMs,
          rebalanceTimeoutMs,
          memberId: this.#memberId,
          groupInstanceId,
          protocolType: PROTOCOL_TYPE,
          protocols: this.#assignors.map(({ name }) => ({ name, metadata })),
        },
        { timeoutMs: Math.max(this.#client.config.requestTimeoutMs, rebalanceTimeoutMs + JOIN_SLACK_MS) },
      );
      if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
        this.#memberId = response.memberId;
        if (this.#isLeaving) throw namedError('UNKNOWN_MEMBER_ID');
        continue;
      }
      if (response.errorCode !== ErrorCode.NONE) throw serverError(response.errorCode);
      this.#memberId = response.memberId;
      return response;
    }
  }

  async #sync(joined: JoinGroupResponse): Promise<TopicPartition[]> {
    const isLeader = joined.leader === joined.memberId && !joined.skipAssignment;
    const assignor = this.#assignors.find(({ name }) => name === joined.protocolName);
    const assignments =
      isLeader && assignor !== undefined ? await assignPartitions(this.#client, assignor, joined.members) : [];
    const response = await this.#coordinator.send(syncGroupRequest, syncGroupResponse, {
      groupId: this.#coordinator.groupId,
      generationId: joined.generationId,
      memberId: this.#memberId,
      groupInstanceId: this.#settings.groupInstanceId,
      protocolType: PROTOCOL_TYPE,
      protocolName: joined.protocolName,
      assignments,
    });
    if (response.errorCode !== ErrorCode.NONE) throw serverError(response.errorCode);
    return decodeAssignment(response.assignment);
  }

  /** Heartbeats until the group must be joined again. */
  async #stay(): Promise<void> {
    const { clock } = this.#client.environment;
    const { heartbeatIntervalMs, metadataMaxAgeMs } = this.#settings;
    let nextHeartbeatMs = clock.monotonicMs() + heartbeatIntervalMs;
    while (!this.#isLeaving && !this.#mustRejoin) {
      const refreshMs = this.#subscription.isIncomplete ? MISSING_TOPIC_REFRESH_MS : metadataMaxAgeMs;
      const nextMs = Math.min(nextHeartbeatMs, this.#refreshedAtMs + refreshMs);
      await this.#pause.wait(Math.max(1, nextMs - clock.monotonicMs()));
      if (this.#isLeaving) return;
      const nowMs = clock.monotonicMs();
      if (nowMs >= this.#refreshedAtMs + refreshMs && (await this.#refresh())) return;
      if (nowMs < nextHeartbeatMs) continue;
      nextHeartbeatMs = nowMs + heartbeatIntervalMs;
      await this.#heartbeat();
    }
  }

  async #heartbeat(): Promise<void> {
    const response = await this.#coordinator.send(heartbeatRequest, heartbeatResponse, {
      groupId: this.#coordinator.groupId,
      generationId: this.#generationId,
      memberId: this.#memberId,
      groupInstanceId: this.#settings.groupInstanceId,
    });
    if (response.errorCode === ErrorCode.REBALANCE_IN_PROGRESS) this.#mustRejoin = true;
    else if (response.errorCode !== ErrorCode.NONE) throw serverError(response.errorCode);
  }
}
