import { errorNameOf } from '../../src/protocol/error-codes.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import {
  consumerGroupHeartbeatRequest,
  consumerGroupHeartbeatResponse,
} from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import type { ActorContext } from './actors.ts';
import type { GroupLedger } from './group-actors.ts';
import { SimulatedClient } from './simulated-client.ts';

const REQUEST_TIMEOUT_MS = 3000;
const REBALANCE_TIMEOUT_MS = 4000;
const RETRY_MS = 200;

interface Assignment {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/**
 * A member of a new consumer group (KIP-848): sends heartbeats, takes what it is assigned, gives up what it is not, and
 * commits ever higher offsets of partition 0 while that is its own.
 */
export class ConsumerGroupMember {
  readonly #context: ActorContext;
  readonly #client: SimulatedClient;
  readonly #ledger: GroupLedger;
  readonly #topic: string;
  readonly #memberId: string;
  #coordinatorId: number | undefined;
  #memberEpoch = 0;
  #owned: readonly Assignment[] = [];
  #isStopped = false;

  constructor(context: ActorContext, name: string, ledger: GroupLedger, topic: string) {
    this.#context = context;
    this.#client = new SimulatedClient(context.cluster, name);
    this.#ledger = ledger;
    this.#topic = topic;
    this.#memberId = `id-of-${name}`;
  }

  start(): void {
    this.#client.refresh(() => this.#findCoordinator());
  }

  stop(): void {
    this.#isStopped = true;
  }

  #later(run: () => void, delayMs = RETRY_MS): void {
    this.#client.clock.schedule(delayMs, run);
  }

  #findCoordinator(): void {
    if (this.#isStopped) return;
    const client = this.#client;
    const body = { keyType: 0, coordinatorKeys: [this.#ledger.groupId] };
    const answered = (coordinator: { readonly errorCode: number; readonly nodeId: number } | undefined): void => {
      if (coordinator?.errorCode !== 0) {
        this.#later(() => this.#findCoordinator());
        return;
      }
      this.#coordinatorId = coordinator.nodeId;
      this.#heartbeat();
    };
    const node = client.anyNode();
    client.send(node, findCoordinatorRequest, findCoordinatorResponse, body, REQUEST_TIMEOUT_MS, (response) =>
      answered(response?.coordinators[0]),
    );
  }

  #heartbeat(): void {
    if (this.#isStopped || this.#coordinatorId === undefined) return;
    const body = {
      groupId: this.#ledger.groupId,
      memberId: this.#memberId,
      memberEpoch: this.#memberEpoch,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      subscribedTopicNames: [this.#topic],
      topicPartitions: this.#owned.map(({ topicId, partitions }) => ({ topicId, partitions: [...partitions] })),
    };
    this.#client.send(
      this.#coordinatorId,
      consumerGroupHeartbeatRequest,
      consumerGroupHeartbeatResponse,
      body,
      REQUEST_TIMEOUT_MS,
      (response) => {
        const errorName = response === undefined ? 'no answer' : errorNameOf(response.errorCode);
        if (response === undefined || errorName !== 'NONE') {
          this.#lost(errorName);
          return;
        }
        if (response.memberEpoch > 0)
          this.#ledger.generations = Math.max(this.#ledger.generations, response.memberEpoch);
        this.#memberEpoch = response.memberEpoch;
        this.#owned = response.assignment?.topicPartitions ?? this.#owned;
        this.#later(() => this.#work(), 100 + this.#context.cluster.random.int(400));
      },
      'group',
    );
  }

  #lost(errorName: string): void {
    this.#context.cluster.trace(`${this.#client.name} ${this.#ledger.groupId}: ${errorName}`);
    if (errorName === 'FENCED_MEMBER_EPOCH' || errorName === 'UNKNOWN_MEMBER_ID') {
      // It belongs to the group no more, and so nothing to it.
      this.#memberEpoch = 0;
      this.#owned = [];
      this.#later(() => this.#heartbeat());
    } else if (errorName === 'STALE_MEMBER_EPOCH') this.#later(() => this.#heartbeat(), 1);
    else this.#later(() => this.#findCoordinator());
  }

  #work(): void {
    if (this.#isStopped) return;
    const topicId = this.#client.topicId(this.#topic);
    const isOwner = this.#owned.some((one) => one.topicId === topicId && one.partitions.includes(0));
    if (topicId !== undefined && isOwner && this.#context.cluster.random.int(3) > 0) this.#commit(topicId);
    else this.#heartbeat();
  }

  #commit(topicId: string): void {
    const ledger = this.#ledger;
    const committedOffset = ledger.next();
    const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }];
    const body = {
      groupId: ledger.groupId,
      generationIdOrMemberEpoch: this.#memberEpoch,
      memberId: this.#memberId,
      topics: [{ topicId, name: this.#topic, partitions }],
    };
    const answered = (errorCode: number | undefined): void => {
      const errorName = errorCode === undefined ? 'no answer' : errorNameOf(errorCode);
      if (errorName !== 'NONE') {
        // An error of the coordinator may also mean that the commit was written and not yet replicated.
        ledger.ambiguous.add(committedOffset);
        this.#lost(errorName);
        return;
      }
      ledger.acked = Math.max(ledger.acked, committedOffset);
      ledger.commitCount++;
      this.#heartbeat();
    };
    const to = this.#coordinatorId ?? 1;
    this.#client.send(
      to,
      offsetCommitRequest,
      offsetCommitResponse,
      body,
      REQUEST_TIMEOUT_MS,
      (response) => answered(response?.topics[0]?.partitions[0]?.errorCode),
      'group',
    );
  }
}
