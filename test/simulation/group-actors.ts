import { errorNameOf } from '../../src/protocol/error-codes.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../src/protocol/messages/09-offset-fetch.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../src/protocol/messages/10-find-coordinator.ts';
import { joinGroupRequest, joinGroupResponse } from '../../src/protocol/messages/11-join-group.ts';
import { heartbeatRequest, heartbeatResponse } from '../../src/protocol/messages/12-heartbeat.ts';
import { syncGroupRequest, syncGroupResponse } from '../../src/protocol/messages/14-sync-group.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../../src/protocol/schema.ts';
import type { ActorContext } from './actors.ts';
import { type Answer, SimulatedClient } from './simulated-client.ts';

const REQUEST_TIMEOUT_MS = 3000;
const REBALANCE_TIMEOUT_MS = 4000;
const SESSION_TIMEOUT_MS = 6000;
const RETRY_MS = 200;
const PROTOCOL = 'range';

/** What all members of a group together know of its committed offset. */
export class GroupLedger {
  readonly groupId: string;
  /** The newest that was acknowledged. */
  acked = -1;
  /** Commits that may or may not have been done, now or later: their answer never came. */
  readonly ambiguous = new Set<number>();
  #next = 0;
  commitCount = 0;
  generations = 0;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  next(): number {
    return this.#next++;
  }
}

/** A member of a classic group: joins, syncs, sends heartbeats and commits ever higher offsets of one partition. */
export class GroupMember {
  readonly #context: ActorContext;
  readonly #client: SimulatedClient;
  readonly #ledger: GroupLedger;
  readonly #topic: string;
  #coordinatorId: number | undefined;
  #memberId = '';
  #generationId = -1;
  #isStopped = false;
  #hasPartition = false;

  constructor(context: ActorContext, name: string, ledger: GroupLedger, topic: string) {
    this.#context = context;
    this.#client = new SimulatedClient(context.cluster, name);
    this.#ledger = ledger;
    this.#topic = topic;
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
    this.#coordinatorId = undefined;
    const body = { keyType: 0, coordinatorKeys: [this.#ledger.groupId] };
    client.send(
      client.anyNode(),
      findCoordinatorRequest,
      findCoordinatorResponse,
      body,
      REQUEST_TIMEOUT_MS,
      (response) => {
        const coordinator = response?.coordinators[0];
        if (coordinator === undefined || coordinator.errorCode !== 0) {
          this.#later(() => this.#findCoordinator());
          return;
        }
        this.#coordinatorId = coordinator.nodeId;
        this.#join();
      },
    );
  }

  #ask<Q extends Fields, P extends Fields>(
    request: MessageSchema<Q>,
    response: MessageSchema<P>,
    body: InputFields<Q>,
    timeoutMs: number,
    answer: Answer<DecodedFields<P>>,
  ): void {
    this.#client.send(this.#coordinatorId ?? 1, request, response, body, timeoutMs, answer, 'group');
  }

  #join(): void {
    if (this.#isStopped) return;
    this.#hasPartition = false;
    const body = {
      groupId: this.#ledger.groupId,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      memberId: this.#memberId,
      protocolType: 'consumer',
      protocols: [{ name: PROTOCOL, metadata: Buffer.from(this.#client.name) }],
    };
    this.#ask(joinGroupRequest, joinGroupResponse, body, REBALANCE_TIMEOUT_MS + REQUEST_TIMEOUT_MS, (response) => {
      if (response === undefined) {
        this.#later(() => this.#findCoordinator());
        return;
      }
      const errorName = errorNameOf(response.errorCode);
      if (errorName === 'MEMBER_ID_REQUIRED') {
        this.#memberId = response.memberId;
        this.#join();
      } else if (errorName === 'NONE') {
        this.#memberId = response.memberId;
        this.#generationId = response.generationId;
        const ids = response.leader === response.memberId ? response.members.map(({ memberId }) => memberId) : [];
        this.#sync(ids);
      } else this.#lost(errorName);
    });
  }

  #lost(errorName: string): void {
    this.#hasPartition = false;
    this.#context.cluster.trace(`${this.#client.name} ${this.#ledger.groupId}: ${errorName}`);
    if (errorName === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
    const isHere = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS'].includes(errorName);
    this.#later(() => (isHere ? this.#join() : this.#findCoordinator()), isHere ? 10 : RETRY_MS);
  }

  // Whoever leads the group gives the one partition to the first member by name.
  #sync(memberIds: string[]): void {
    const [owner] = memberIds.sort();
    const body = {
      groupId: this.#ledger.groupId,
      generationId: this.#generationId,
      memberId: this.#memberId,
      protocolType: 'consumer',
      protocolName: PROTOCOL,
      assignments: memberIds.map((memberId) => ({
        memberId,
        assignment: Buffer.from(memberId === owner ? 'all' : ''),
      })),
    };
    this.#ask(syncGroupRequest, syncGroupResponse, body, REBALANCE_TIMEOUT_MS + REQUEST_TIMEOUT_MS, (response) => {
      if (response?.errorCode !== 0) {
        this.#lost(response === undefined ? 'no answer' : errorNameOf(response.errorCode));
        return;
      }
      this.#hasPartition = response.assignment.toString() === 'all';
      this.#ledger.generations = Math.max(this.#ledger.generations, this.#generationId);
      this.#work();
    });
  }

  #work(): void {
    if (this.#isStopped) return;
    const { random } = this.#context.cluster;
    if (this.#hasPartition && random.int(3) > 0) this.#commit();
    else this.#heartbeat();
  }

  #heartbeat(): void {
    const body = { groupId: this.#ledger.groupId, generationId: this.#generationId, memberId: this.#memberId };
    this.#ask(heartbeatRequest, heartbeatResponse, body, REQUEST_TIMEOUT_MS, (response) => {
      if (response?.errorCode === 0) this.#later(() => this.#work(), 200 + this.#context.cluster.random.int(400));
      else this.#lost(response === undefined ? 'no answer' : errorNameOf(response.errorCode));
    });
  }

  #commit(): void {
    const ledger = this.#ledger;
    const committedOffset = ledger.next();
    const topicId = this.#client.topicId(this.#topic);
    if (topicId === undefined) {
      this.#client.refresh(() => this.#work());
      return;
    }
    const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }];
    const body = {
      groupId: ledger.groupId,
      generationIdOrMemberEpoch: this.#generationId,
      memberId: this.#memberId,
      topics: [{ topicId, name: this.#topic, partitions }],
    };
    this.#ask(offsetCommitRequest, offsetCommitResponse, body, REQUEST_TIMEOUT_MS, (response) => {
      const errorCode = response?.topics[0]?.partitions[0]?.errorCode;
      const errorName = errorCode === undefined ? 'no answer' : errorNameOf(errorCode);
      if (errorName === 'NONE') {
        ledger.acked = Math.max(ledger.acked, committedOffset);
        ledger.commitCount++;
        this.#later(() => this.#work(), 100 + this.#context.cluster.random.int(300));
        return;
      }
      // An error of the coordinator may also mean that the commit was written and not yet replicated.
      ledger.ambiguous.add(committedOffset);
      this.#lost(errorName);
    });
  }
}

/** Asks for the group's offset until it is told, and checks it. */
export function checkCommitted(context: ActorContext, ledger: GroupLedger, topic: string, done: () => void): void {
  const client = new SimulatedClient(context.cluster, `check-${ledger.groupId}`);
  const again = (): void => {
    client.clock.schedule(RETRY_MS, () => client.refresh(find));
  };
  const find = (): void => {
    const body = { keyType: 0, coordinatorKeys: [ledger.groupId] };
    client.send(
      client.anyNode(),
      findCoordinatorRequest,
      findCoordinatorResponse,
      body,
      REQUEST_TIMEOUT_MS,
      (response) => {
        const coordinator = response?.coordinators[0];
        if (coordinator === undefined || coordinator.errorCode !== 0) again();
        else fetch(coordinator.nodeId);
      },
    );
  };
  const fetch = (nodeId: number): void => {
    const topicId = client.topicId(topic);
    if (topicId === undefined) {
      again();
      return;
    }
    const groups = [{ groupId: ledger.groupId, topics: [{ topicId, name: topic, partitionIndexes: [0] }] }];
    client.send(nodeId, offsetFetchRequest, offsetFetchResponse, { groups }, REQUEST_TIMEOUT_MS, (response) => {
      const group = response?.groups[0];
      const partition = group?.topics[0]?.partitions[0];
      if (group === undefined || group.errorCode !== 0 || partition === undefined || partition.errorCode !== 0) {
        again();
        return;
      }
      const { committedOffset } = partition;
      if (committedOffset < ledger.acked && !ledger.ambiguous.has(committedOffset)) {
        throw new Error(
          `group ${ledger.groupId}: ${ledger.acked} was committed and acknowledged, but ${committedOffset} is there now`,
        );
      }
      done();
    });
  };
  client.refresh(find);
}
