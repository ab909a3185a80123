import { coordinatorPartition } from '../base/java-hash.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Uuid } from '../base/uuid.ts';
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
  fail(error: Error): void;
}

/**
 * The group coordinator of one broker (classic groups and offsets): knows which partition of `__consumer_offsets` holds
 * a group, and hands each request to the shard of that partition. Requests for a partition that this broker does not lead
 * are answered NOT_COORDINATOR, while it loads COORDINATOR_LOAD_IN_PROGRESS, after shutdown COORDINATOR_NOT_AVAILABLE.
 */
export class GroupCoordinator {
  readonly #options: GroupCoordinatorOptions;

  constructor(options: GroupCoordinatorOptions) {
    this.#options = options;
  }

  /** The partition of `__consumer_offsets` that holds the group. */
  partitionFor(groupId: string): number {
    const { metadata, config } = this.#options;
    return coordinatorPartition(groupId, metadata.partitionCount(OFFSETS_TOPIC) || config.offsetsTopicNumPartitions);
  }

  /** This broker became leader of a partition. Reads of the log feed the loader; then `finish`. */
  onElection(_partition: number, _leaderEpoch: number): GroupPartitionLoader {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  /** This broker leads the partition no more: what waits is answered NOT_COORDINATOR and the state is dropped. */
  onResignation(_partition: number): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  /** Topics were deleted: their offsets go. */
  onTopicsDeleted(_topics: readonly { readonly id: Uuid; readonly name: string }[]): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  /** A transaction marker was written to a partition of `__consumer_offsets`. */
  onTransactionMarker(_partition: number, _producerId: number, _isCommit: boolean): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  /** Answers all that waits; later requests get COORDINATOR_NOT_AVAILABLE. */
  shutdown(): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  joinGroup(_request: JoinGroupRequest, _context: GroupRequestContext, _reply: Reply<JoinGroupResponseInput>): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  syncGroup(_request: SyncGroupRequest, _context: GroupRequestContext, _reply: Reply<SyncGroupResponseInput>): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  heartbeat(_request: HeartbeatRequest, _context: GroupRequestContext, _reply: Reply<HeartbeatResponseInput>): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  leaveGroup(_request: LeaveGroupRequest, _context: GroupRequestContext, _reply: Reply<LeaveGroupResponseInput>): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  commitOffsets(
    _request: OffsetCommitRequest,
    _context: GroupRequestContext,
    _reply: Reply<OffsetCommitResponseInput>,
  ): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  fetchOffsets(
    _request: OffsetFetchRequest,
    _context: GroupRequestContext,
    _reply: Reply<OffsetFetchResponseInput>,
  ): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  deleteOffsets(
    _request: OffsetDeleteRequest,
    _context: GroupRequestContext,
    _reply: Reply<OffsetDeleteResponseInput>,
  ): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  describeGroups(
    _request: DescribeGroupsRequest,
    _context: GroupRequestContext,
    _reply: Reply<DescribeGroupsResponseInput>,
  ): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  listGroups(_request: ListGroupsRequest, _context: GroupRequestContext, _reply: Reply<ListGroupsResponseInput>): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }

  deleteGroups(
    _request: DeleteGroupsRequest,
    _context: GroupRequestContext,
    _reply: Reply<DeleteGroupsResponseInput>,
  ): void {
    throw new KafkaError('UNKNOWN_SERVER_ERROR', 'not yet');
  }
}
