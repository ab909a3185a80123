import { coordinatorPartition } from '../base/java-hash.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
import { ErrorCode, errorCodeOf } from '../protocol/error-codes.ts';
import type { OffsetCommitRequest, OffsetCommitResponseInput } from '../protocol/messages/08-offset-commit.ts';
import type { OffsetFetchRequest, OffsetFetchResponseInput } from '../protocol/messages/09-offset-fetch.ts';
import type { JoinGroupRequest, JoinGroupResponseInput } from '../protocol/messages/11-join-group.ts';
import type { HeartbeatRequest, HeartbeatResponseInput } from '../protocol/messages/12-heartbeat.ts';
import type { LeaveGroupRequest, LeaveGroupResponseInput } from '../protocol/messages/13-leave-group.ts';
import type { SyncGroupRequest, SyncGroupResponseInput } from '../protocol/messages/14-sync-group.ts';
import type { DescribeGroupsRequest, DescribeGroupsResponseInput } from '../protocol/messages/15-describe-groups.ts';
import type { ListGroupsRequest, ListGroupsResponseInput } from '../protocol/messages/16-list-groups.ts';
import type { DeleteGroupsRequest, DeleteGroupsResponseInput } from '../protocol/messages/42-delete-groups.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponseInput } from '../protocol/messages/47-offset-delete.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponseInput,
} from '../protocol/messages/68-consumer-group-heartbeat.ts';
import type {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponseInput,
} from '../protocol/messages/69-consumer-group-describe.ts';
import { collector, failure, failureWithMessage, messageOf, withNull } from './answers.ts';
import { heartbeat } from './classic/heartbeat.ts';
import { joinGroup } from './classic/join.ts';
import { leaveGroup } from './classic/leave.ts';
import { syncGroup } from './classic/sync.ts';
import { describeConsumerGroup } from './consumer/describe.ts';
import { consumerGroupHeartbeat, validateHeartbeat } from './consumer/heartbeat.ts';
import { TopicHashes } from './consumer/metadata-hash.ts';
import { validateConsumerFetch } from './consumer/offset-validation.ts';
import { coordinatorError, coordinatorErrorCode } from './group-errors.ts';
import { deleteGroups, describeGroup, failedDeletions, type GroupFilter, listGroups } from './list-and-describe.ts';
import { commitOffsets } from './offsets/commit.ts';
import { existingTopicsToCommit, existingTopicsToDelete } from './offsets/commit-request.ts';
import { deleteOffsets, tombstonesOfDeletedTopics } from './offsets/deletion.ts';
import { fetchAllOffsets, fetchOffsets } from './offsets/fetch.ts';
import {
  type FetchedGroup,
  failedGroup,
  fetchResponse,
  type GroupToFetch,
  groupsToFetch,
  resolveTopics,
  withTopicIds,
} from './offsets/fetch-request.ts';
import { ReplyQueue } from './reply-queue.ts';
import { GroupCoordinatorShard } from './shard.ts';
import { type GroupCoordinatorOptions, type GroupRequestContext, OFFSETS_TOPIC, type Reply } from './types.ts';

/** Fills the state of one partition from its log before requests are answered. */
export interface GroupPartitionLoader {
  /** False once the partition moved away or was elected anew: stop reading. */
  readonly isActive: boolean;
  /** Replays whole record batches as the log holds them, control batches included, in the order of their offsets. */
  replayBatches(batches: Buffer): void;
  /** All that lies below the log end offset was replayed: requests are answered from now on. */
  finish(): void;
  /** The log cannot be read: the partition answers NOT_COORDINATOR until the next election. */
  fail(error: unknown): void;
}

/**
 * The group coordinator of one broker (classic and consumer groups, offsets): knows which partition of `__consumer_offsets` holds
 * a group, and hands each request to the shard of that partition. Requests for a partition that this broker does not lead
 * are answered NOT_COORDINATOR, while it loads COORDINATOR_LOAD_IN_PROGRESS, after shutdown COORDINATOR_NOT_AVAILABLE.
 * Nothing is thrown: what goes wrong is in the response.
 */
export class GroupCoordinator {
  readonly #options: GroupCoordinatorOptions & { readonly topicHashes: TopicHashes };
  readonly #shards = new Map<number, GroupCoordinatorShard>();
  readonly #replies: ReplyQueue;
  #isShutDown = false;

  constructor(options: GroupCoordinatorOptions) {
    this.#options = { ...options, topicHashes: new TopicHashes(options.metadata) };
    this.#replies = new ReplyQueue(options.logger);
  }

  /** The partition of `__consumer_offsets` that holds the group. */
  partitionFor(groupId: string): number {
    const { metadata, config } = this.#options;
    return coordinatorPartition(groupId, metadata.partitionCount(OFFSETS_TOPIC) || config.offsetsTopicNumPartitions);
  }

  /** This broker became leader of a partition. Reads of its log feed the loader; then comes `finish`. */
  onElection(partition: number, leaderEpoch: number): GroupPartitionLoader {
    this.#shards.get(partition)?.close();
    const shard = new GroupCoordinatorShard(partition, leaderEpoch, this.#options, this.#replies);
    this.#shards.set(partition, shard);
    const isActive = (): boolean => shard.isLoading && this.#shards.get(partition) === shard;
    return {
      get isActive() {
        return isActive();
      },
      replayBatches: (batches) => {
        if (isActive()) shard.replayBatches(batches);
      },
      finish: () => {
        if (isActive()) shard.activate();
      },
      fail: (error) => {
        if (!isActive()) return;
        this.#options.logger.error(`${OFFSETS_TOPIC}-${partition} could not be loaded`, error);
        this.onResignation(partition);
      },
    };
  }

  /** This broker leads the partition no more: what waits is answered NOT_COORDINATOR and the state is dropped. */
  onResignation(partition: number): void {
    const shard = this.#shards.get(partition);
    this.#shards.delete(partition);
    shard?.close();
  }

  /** Topics were deleted: what groups committed for them goes too. */
  onTopicsDeleted(topics: readonly { readonly id: Uuid; readonly name: string }[]): void {
    for (const shard of this.#shards.values()) {
      if (shard.isActive) shard.performInParts(tombstonesOfDeletedTopics(shard, topics));
    }
  }

  /** A transaction marker was committed in a partition of `__consumer_offsets`. */
  onTransactionMarker(partition: number, producerId: number, isCommit: boolean): void {
    this.#shards.get(partition)?.offsets.endTransaction(producerId, isCommit);
  }

  /** Answers all that waits; later requests get COORDINATOR_NOT_AVAILABLE. */
  shutdown(): void {
    this.#isShutDown = true;
    for (const partition of [...this.#shards.keys()]) this.onResignation(partition);
  }

  joinGroup(request: JoinGroupRequest, context: GroupRequestContext, reply: Reply<JoinGroupResponseInput>): void {
    // Up to version 6 the protocol name cannot be null.
    const send: Reply<JoinGroupResponseInput> = (response) =>
      reply(context.apiVersion < 7 ? { ...response, protocolName: response.protocolName ?? '' } : withNull(response));
    const refusal = this.#refusal(request.groupId) ?? this.#sessionTimeoutRefusal(request.sessionTimeoutMs);
    if (refusal !== undefined) {
      send({ memberId: request.memberId, errorCode: refusal });
      return;
    }
    this.#onShard(request.groupId, send, failure, (shard, answer) => joinGroup(shard, request, context, answer));
  }

  syncGroup(request: SyncGroupRequest, context: GroupRequestContext, reply: Reply<SyncGroupResponseInput>): void {
    // From version 5 on a member must say what it joined (KIP-559).
    const saysProtocol = request.protocolType !== null && request.protocolName !== null;
    if (context.apiVersion >= 5 && !saysProtocol) {
      reply({ errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL });
      return;
    }
    const refusal = this.#refusal(request.groupId);
    if (refusal !== undefined) reply({ errorCode: refusal });
    else this.#onShard(request.groupId, reply, failure, (shard, answer) => syncGroup(shard, request, answer));
  }

  heartbeat(request: HeartbeatRequest, _context: GroupRequestContext, reply: Reply<HeartbeatResponseInput>): void {
    const refusal = this.#refusal(request.groupId);
    if (refusal !== undefined) {
      reply({ errorCode: refusal });
      return;
    }
    // While groups load nobody's session can end, so every member is welcome.
    const failureUnlessLoading = (errorCode: number) =>
      failure(errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : errorCode);
    this.#onShard(request.groupId, reply, failureUnlessLoading, (shard, answer) =>
      answer({ errorCode: heartbeat(shard, request) }),
    );
  }

  leaveGroup(request: LeaveGroupRequest, context: GroupRequestContext, reply: Reply<LeaveGroupResponseInput>): void {
    const isSingle = context.apiVersion <= 2;
    const members = isSingle ? [{ memberId: request.memberId, groupInstanceId: null }] : request.members;
    // Up to version 2 there is one member, and its error is the response's.
    const send: Reply<LeaveGroupResponseInput> = (response) =>
      reply(isSingle ? { errorCode: response.errorCode || response.members?.[0]?.errorCode || 0 } : response);
    const refusal = this.#refusal(request.groupId);
    if (refusal !== undefined) send({ errorCode: refusal });
    else {
      const { groupId } = request;
      this.#onShard(groupId, send, failure, (shard, answer) => leaveGroup(shard, groupId, members, answer));
    }
  }

  consumerGroupHeartbeat(
    request: ConsumerGroupHeartbeatRequest,
    context: GroupRequestContext,
    reply: Reply<ConsumerGroupHeartbeatResponseInput>,
  ): void {
    this.#onShard(request.groupId, reply, failureWithMessage, (shard, answer) => {
      validateHeartbeat(request, context.apiVersion, shard.config.consumerAssignors);
      consumerGroupHeartbeat(shard, request, context, answer);
    });
  }

  consumerGroupDescribe(
    request: ConsumerGroupDescribeRequest,
    _context: GroupRequestContext,
    reply: Reply<ConsumerGroupDescribeResponseInput>,
  ): void {
    const groups = request.groupIds.map((groupId) => {
      if (groupId === '') return { groupId, errorCode: ErrorCode.INVALID_GROUP_ID };
      try {
        return describeConsumerGroup(this.#activeShard(this.partitionFor(groupId)), groupId);
      } catch (error) {
        return { groupId, errorCode: errorCodeOf(error) };
      }
    });
    reply({ groups });
  }

  commitOffsets(
    request: OffsetCommitRequest,
    context: GroupRequestContext,
    reply: Reply<OffsetCommitResponseInput>,
  ): void {
    const { apiVersion } = context;
    const { topics, answers } = existingTopicsToCommit(request, apiVersion, this.#options.metadata);
    if (topics.length === 0) {
      reply({ topics: answers.topics });
      return;
    }
    const fail = (errorCode: number): OffsetCommitResponseInput => {
      for (const { name, topicId, partitions } of topics) answers.addError(name, topicId, partitions, errorCode);
      return { topics: answers.topics };
    };
    this.#onShard(request.groupId, reply, fail, (shard, answer) => {
      const decision = commitOffsets(shard, { ...request, topics }, apiVersion);
      shard.perform(decision, (error) => {
        if (error !== undefined) {
          answer(fail(coordinatorErrorCode(error)));
          return;
        }
        for (const { name, topicId, partitions } of decision.topics) answers.add(name, topicId, partitions);
        answer({ topics: answers.topics });
      });
    });
  }

  fetchOffsets(
    request: OffsetFetchRequest,
    context: GroupRequestContext,
    reply: Reply<OffsetFetchResponseInput>,
  ): void {
    const { apiVersion } = context;
    const groups = groupsToFetch(request, apiVersion);
    const collect = collector<FetchedGroup>(groups.length, (answers) => reply(fetchResponse(answers, apiVersion)));
    groups.forEach((group, i) => {
      this.#fetchGroup(group, request.requireStable, apiVersion, (answer) => collect(i, answer));
    });
  }

  #fetchGroup(group: GroupToFetch, requireStable: boolean, apiVersion: number, reply: Reply<FetchedGroup>): void {
    const { metadata } = this.#options;
    const { groupId } = group;
    const fail = (errorCode: number): FetchedGroup => failedGroup(group, errorCode, apiVersion);
    this.#onShard(groupId, reply, fail, (shard, answer) => {
      const present = shard.groups.get(groupId);
      if (present?.type === 'consumer') validateConsumerFetch(present, group.memberId, group.memberEpoch);
      let topics: FetchedGroup['topics'];
      if (group.topics === null) {
        topics = withTopicIds(fetchAllOffsets(shard, groupId, requireStable), apiVersion, metadata);
      } else {
        const { known, unknown } = resolveTopics(group.topics, apiVersion, metadata);
        topics = [...fetchOffsets(shard, groupId, known, requireStable), ...unknown];
      }
      const fetched = { groupId, errorCode: ErrorCode.NONE, topics };
      if (!requireStable) answer(fetched);
      // What was read may not be replicated yet. Old clients know no other error than NOT_COORDINATOR here.
      else shard.afterPendingWrites((error) => answer(error === undefined ? fetched : fail(ErrorCode.NOT_COORDINATOR)));
    });
  }

  deleteOffsets(
    request: OffsetDeleteRequest,
    _context: GroupRequestContext,
    reply: Reply<OffsetDeleteResponseInput>,
  ): void {
    const { groupId } = request;
    const refusal = this.#refusal(groupId);
    if (refusal !== undefined) {
      reply({ errorCode: refusal });
      return;
    }
    const { topics, answers } = existingTopicsToDelete(request, this.#options.metadata);
    this.#onShard(groupId, reply, failure, (shard, answer) => {
      const decision = deleteOffsets(shard, groupId, topics);
      shard.perform(decision, (error) => {
        for (const { name, partitions } of decision.topics) answers.add(name, '', partitions);
        answer(error === undefined ? { topics: answers.topics } : failure(coordinatorErrorCode(error)));
      });
    });
  }

  describeGroups(
    request: DescribeGroupsRequest,
    context: GroupRequestContext,
    reply: Reply<DescribeGroupsResponseInput>,
  ): void {
    const groups = request.groups.map((groupId) => {
      try {
        return describeGroup(this.#activeShard(this.partitionFor(groupId)), groupId, context.apiVersion);
      } catch (error) {
        return { groupId, errorCode: errorCodeOf(error) };
      }
    });
    reply({ groups });
  }

  listGroups(request: ListGroupsRequest, _context: GroupRequestContext, reply: Reply<ListGroupsResponseInput>): void {
    const filter: GroupFilter = {
      states: new Set(request.statesFilter.map((state) => state.toLowerCase().trim())),
      types: new Set(request.typesFilter.map((type) => type.toLowerCase())),
    };
    if (this.#isShutDown) reply(failure(ErrorCode.COORDINATOR_NOT_AVAILABLE));
    else if ([...this.#shards.values()].some((shard) => shard.isLoading)) {
      reply(failure(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS));
    } else {
      reply({ groups: [...this.#shards.values()].flatMap((shard) => listGroups(shard, filter)) });
    }
  }

  deleteGroups(
    request: DeleteGroupsRequest,
    _context: GroupRequestContext,
    reply: Reply<DeleteGroupsResponseInput>,
  ): void {
    const groupIds = [...new Set(request.groupsNames)];
    const byPartition = new Map<number, string[]>();
    for (const groupId of groupIds) {
      const partition = this.partitionFor(groupId);
      byPartition.set(partition, [...(byPartition.get(partition) ?? []), groupId]);
    }
    type Results = { groupId: string; errorCode: number }[];
    const collect = collector<Results>(byPartition.size, (results) => reply({ results: results.flat() }));
    [...byPartition].forEach(([partition, ids], i) => {
      this.#onPartition(
        partition,
        (results: Results) => collect(i, results),
        (errorCode) => ids.map((groupId) => ({ groupId, errorCode })),
        (shard, answer) => {
          const decision = deleteGroups(shard, ids);
          shard.perform(decision, (error) =>
            answer(error === undefined ? decision.results : failedDeletions(ids, coordinatorError(error))),
          );
        },
      );
    });
  }

  #refusal(groupId: string): number | undefined {
    if (this.#isShutDown) return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    return groupId === '' ? ErrorCode.INVALID_GROUP_ID : undefined;
  }

  #sessionTimeoutRefusal(sessionTimeoutMs: number): number | undefined {
    const { groupMinSessionTimeoutMs, groupMaxSessionTimeoutMs } = this.#options.config;
    const isAllowed = sessionTimeoutMs >= groupMinSessionTimeoutMs && sessionTimeoutMs <= groupMaxSessionTimeoutMs;
    return isAllowed ? undefined : ErrorCode.INVALID_SESSION_TIMEOUT;
  }

  #activeShard(partition: number): GroupCoordinatorShard {
    if (this.#isShutDown) throw new KafkaError('COORDINATOR_NOT_AVAILABLE');
    const shard = this.#shards.get(partition);
    if (shard === undefined) throw new KafkaError('NOT_COORDINATOR');
    if (shard.isLoading) throw new KafkaError('COORDINATOR_LOAD_IN_PROGRESS');
    return shard;
  }

  #onShard<R>(
    groupId: string,
    reply: Reply<R>,
    fail: (errorCode: number, message: string | null) => NoInfer<R>,
    operation: (shard: GroupCoordinatorShard, answer: Reply<R>) => void,
  ): void {
    this.#onPartition(this.partitionFor(groupId), reply, fail, operation);
  }

  #onPartition<R>(
    partition: number,
    reply: Reply<R>,
    fail: (errorCode: number, message: string | null) => NoInfer<R>,
    operation: (shard: GroupCoordinatorShard, answer: Reply<R>) => void,
  ): void {
    const answer = this.#replies.wrap(reply);
    this.#replies.run(() => {
      try {
        operation(this.#activeShard(partition), answer);
      } catch (error) {
        if (!(error instanceof KafkaError)) this.#options.logger.error('a request for a group failed', error);
        answer(fail(errorCodeOf(error), messageOf(error)));
      }
    });
  }
}
