import { KafkaError } from '../base/kafka-error.ts';
import { METADATA_TOPIC_ID, ZERO_UUID } from '../base/uuid.ts';
import { ErrorCode, type ErrorName } from '../protocol/error-codes.ts';
import type {
  FetchRequest,
  FetchRequestInput,
  FetchResponse,
  FetchResponseInput,
} from '../protocol/messages/01-fetch.ts';
import type {
  FetchSnapshotRequest,
  FetchSnapshotRequestInput,
  FetchSnapshotResponse,
  FetchSnapshotResponseInput,
} from '../protocol/messages/59-fetch-snapshot.ts';
import { logUnexpectedError } from './elections.ts';
import type { FollowerState, SnapshotDownload } from './epoch-state.ts';
import { handleCommonResponse, hasValidClusterId, leaderNodeEndpoints } from './leader-discovery.ts';
import type { FetchPosition } from './metadata-log.ts';
import type { RaftCore } from './raft-core.ts';
import { METADATA_TOPIC, type OffsetAndEpoch, type RaftRequestContext } from './raft-types.ts';
import { isBootstrapSnapshot, parseSnapshot } from './snapshot-format.ts';
import { replicaKey } from './voter-set.ts';

/** More than that is never put into one response, whatever the peer asks for: the largest batch fits. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;
/** A fetch response from version 17 on has the directory ids and endpoints of KIP-853. */
const FETCH_VERSION_WITH_ENDPOINTS = 17;
/** A snapshot larger than that cannot be: positions in FetchSnapshot are limited to it in Kafka. */
const MAX_SNAPSHOT_BYTES = 0x7fffffff;

type FetchPartitionRequest = FetchRequest['topics'][number]['partitions'][number];
type FetchPartitionResponse = NonNullable<
  NonNullable<NonNullable<FetchResponseInput['responses']>[number]['partitions']>[number]
>;

/** Why a request that only a leader can serve is refused. */
export function validateLeaderRequest(core: RaftCore, epoch: number): ErrorName | undefined {
  if (epoch < core.epoch) return 'FENCED_LEADER_EPOCH';
  if (epoch > core.epoch) return 'UNKNOWN_LEADER_EPOCH';
  if (core.state.name !== 'Leader') return 'NOT_LEADER_OR_FOLLOWER';
  return core.isShuttingDown ? 'BROKER_NOT_AVAILABLE' : undefined;
}

function fetchResponse(
  core: RaftCore,
  context: RaftRequestContext,
  error: ErrorName,
  partition: FetchPartitionResponse = {},
): FetchResponseInput {
  const { epoch, leaderId } = core.state;
  const isByName = context.apiVersion < 13;
  return {
    responses: [
      {
        ...(isByName ? { topic: METADATA_TOPIC } : { topicId: METADATA_TOPIC_ID }),
        partitions: [
          {
            partitionIndex: 0,
            errorCode: ErrorCode[error],
            highWatermark: -1,
            logStartOffset: core.log.startOffset,
            currentLeader: { leaderId: leaderId ?? -1, leaderEpoch: epoch },
            records: [],
            ...partition,
          },
        ],
      },
    ],
    nodeEndpoints: leaderNodeEndpoints(core, context, FETCH_VERSION_WITH_ENDPOINTS),
  };
}

/** Fetch of the metadata topic: its offset says what the replica has on its disk (KIP-595). */
export function handleFetch(
  core: RaftCore,
  request: FetchRequest,
  context: RaftRequestContext,
  reply: (response: FetchResponseInput) => void,
): void {
  const refusal = refuseFetch(core, request, context);
  const partition = request.topics[0]?.partitions[0];
  if (refusal !== undefined || partition === undefined) {
    reply(refusal ?? { errorCode: ErrorCode.INVALID_REQUEST });
    return;
  }
  const fetch: ReplicaFetch = {
    partition,
    replicaId: request.replicaState.replicaId >= 0 ? request.replicaState.replicaId : request.replicaId,
    maxBytes: Math.min(request.maxBytes, MAX_RESPONSE_BYTES),
  };
  const answer = serveFetch(core, fetch, context);
  if (answer.isNews || request.maxWaitMs === 0) {
    reply(answer.response);
    return;
  }
  core.parked.park(partition.fetchOffset, request.maxWaitMs, {
    complete: () => reply(serveFetch(core, fetch, context).response),
    expire: () => reply(answer.response),
    fail: () => reply(fetchResponse(core, context, 'NOT_LEADER_OR_FOLLOWER')),
  });
}

function refuseFetch(
  core: RaftCore,
  request: FetchRequest,
  context: RaftRequestContext,
): FetchResponseInput | undefined {
  if (!hasValidClusterId(core, request.clusterId)) return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID };
  const [topic] = request.topics;
  const partition = topic?.partitions[0];
  const isMetadata = topic?.topicId === METADATA_TOPIC_ID || topic?.topic === METADATA_TOPIC;
  if (request.topics.length !== 1 || topic?.partitions.length !== 1 || partition?.partition !== 0 || !isMetadata) {
    return { errorCode: ErrorCode.INVALID_REQUEST };
  }
  const { fetchOffset, lastFetchedEpoch, currentLeaderEpoch } = partition;
  const hasImpossibleEpoch = lastFetchedEpoch < 0 || lastFetchedEpoch > currentLeaderEpoch;
  if (request.maxWaitMs < 0 || fetchOffset < 0 || hasImpossibleEpoch) {
    return fetchResponse(core, context, 'INVALID_REQUEST');
  }
  return undefined;
}

interface ReplicaFetch {
  readonly partition: FetchPartitionRequest;
  readonly replicaId: number;
  readonly maxBytes: number;
}

interface FetchAnswer {
  readonly response: FetchResponseInput;
  /** Whether it must be given at once. */
  readonly isNews: boolean;
}

function serveFetch(core: RaftCore, fetch: ReplicaFetch, context: RaftRequestContext): FetchAnswer {
  const { partition, replicaId } = fetch;
  const error = validateLeaderRequest(core, partition.currentLeaderEpoch);
  if (error !== undefined) return { response: fetchResponse(core, context, error), isNews: true };
  const { state, log } = core;
  if (state.name !== 'Leader' || replicaId === core.localKey.id) {
    return { response: fetchResponse(core, context, 'INVALID_REQUEST'), isNews: true };
  }
  const position = validatePosition(core, partition.fetchOffset, partition.lastFetchedEpoch);
  if (position.kind !== 'valid') {
    const highWatermark = state.highWatermark ?? -1;
    const where =
      position.kind === 'diverging'
        ? { divergingEpoch: { epoch: position.end.epoch, endOffset: position.end.offset } }
        : { snapshotId: { endOffset: position.id.offset, epoch: position.id.epoch } };
    return { response: fetchResponse(core, context, 'NONE', { highWatermark, ...where }), isNews: true };
  }
  const { chunks, sizeBytes } = log.read(partition.fetchOffset, fetch.maxBytes, log.endOffset);
  if (replicaId >= 0) {
    const key = replicaKey(replicaId, partition.replicaDirectoryId);
    const hasMoved = state.progress.updateReplica(key, partition.fetchOffset, log.endOffset, core.now);
    if (hasMoved) core.leaderHighWatermarkMoved(state);
  }
  const highWatermark = state.highWatermark ?? -1;
  const response = fetchResponse(core, context, 'NONE', { highWatermark, records: chunks });
  return { response, isNews: sizeBytes > 0 || partition.highWatermark < highWatermark };
}

// A follower with an empty log is quicker with a snapshot, if there is one that may be replicated.
function validatePosition(core: RaftCore, fetchOffset: number, lastFetchedEpoch: number): FetchPosition {
  const latest = core.log.latestSnapshotId;
  if (fetchOffset === 0 && latest !== undefined && !isBootstrapSnapshot(latest))
    return { kind: 'snapshot', id: latest };
  return core.log.validate(fetchOffset, lastFetchedEpoch);
}

/** FetchSnapshot: a part of a snapshot's bytes (KIP-630). */
export function handleFetchSnapshot(
  core: RaftCore,
  request: FetchSnapshotRequest,
  context: RaftRequestContext,
): FetchSnapshotResponseInput {
  if (!hasValidClusterId(core, request.clusterId)) return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID };
  const [topic] = request.topics;
  const partition = topic?.partitions[0];
  if (request.topics.length !== 1 || topic?.partitions.length !== 1 || partition === undefined) {
    return { errorCode: ErrorCode.INVALID_REQUEST };
  }
  const answer = (error: ErrorName, fields: object = {}): FetchSnapshotResponseInput => ({
    topics: [
      {
        name: topic.name,
        partitions: [
          {
            index: partition.partition,
            errorCode: ErrorCode[error],
            currentLeader: { leaderId: core.state.leaderId ?? -1, leaderEpoch: core.epoch },
            unalignedRecords: [],
            ...fields,
          },
        ],
      },
    ],
    nodeEndpoints: leaderNodeEndpoints(core, context, 1),
  });
  if (topic.name !== METADATA_TOPIC || partition.partition !== 0) return answer('UNKNOWN_TOPIC_OR_PARTITION');
  const error = validateLeaderRequest(core, partition.currentLeaderEpoch);
  if (error !== undefined) return answer(error);
  const { state, log } = core;
  const id: OffsetAndEpoch = { offset: partition.snapshotId.endOffset, epoch: partition.snapshotId.epoch };
  if (!log.hasSnapshot(id) || isBootstrapSnapshot(id)) return answer('SNAPSHOT_NOT_FOUND');
  const size = log.snapshotSizeBytes(id);
  const { position } = partition;
  if (position < 0 || position >= size) return answer('POSITION_OUT_OF_RANGE');
  const part = log.readSnapshotPart(id, position, Math.min(request.maxBytes, MAX_RESPONSE_BYTES));
  const { replicaId } = request;
  if (state.name === 'Leader' && replicaId >= 0 && replicaId !== core.localKey.id) {
    state.progress.noteFetch(replicaKey(replicaId, partition.replicaDirectoryId), core.now);
  }
  const snapshotId = { endOffset: id.offset, epoch: id.epoch };
  return answer('NONE', { snapshotId, size, position, unalignedRecords: part });
}

export function buildFetchRequest(core: RaftCore): FetchRequestInput {
  const { config, directoryId, clusterId } = core.options;
  const { offset, epoch } = core.log.end;
  const partition = {
    partition: 0,
    currentLeaderEpoch: core.epoch,
    fetchOffset: offset,
    lastFetchedEpoch: epoch,
    replicaDirectoryId: directoryId,
    highWatermark: core.state.highWatermark ?? -1,
  };
  return {
    clusterId,
    replicaState: { replicaId: core.localKey.id },
    maxWaitMs: config.fetchMaxWaitMs,
    maxBytes: config.fetchMaxBytes,
    topics: [{ topic: METADATA_TOPIC, topicId: METADATA_TOPIC_ID, partitions: [partition] }],
  };
}

export function buildFetchSnapshotRequest(core: RaftCore, download: SnapshotDownload): FetchSnapshotRequestInput {
  const partition = {
    partition: 0,
    currentLeaderEpoch: core.epoch,
    snapshotId: { endOffset: download.id.offset, epoch: download.id.epoch },
    position: download.sizeBytes,
    replicaDirectoryId: core.localKey.directoryId ?? ZERO_UUID,
  };
  return {
    clusterId: core.options.clusterId,
    replicaId: core.localKey.id,
    maxBytes: core.options.config.fetchSnapshotMaxBytes,
    topics: [{ name: METADATA_TOPIC, partitions: [partition] }],
  };
}

/** The leader answered: the follower is alive. */
export function noteSuccessfulFetch(core: RaftCore, state: FollowerState): void {
  state.fetchDeadlineMs = core.nowMs + core.options.config.fetchTimeoutMs;
  state.hasFetchedFromLeader = true;
}

export function handleFetchResponse(core: RaftCore, response: FetchResponse): boolean {
  if (response.errorCode !== ErrorCode.NONE) {
    logUnexpectedError(core, 'Fetch', response.errorCode);
    return false;
  }
  const partition = response.responses[0]?.partitions[0];
  if (partition === undefined) return false;
  const { errorCode } = partition;
  const handled = handleCommonResponse(core, {
    errorCode,
    ...partition.currentLeader,
    nodeEndpoints: response.nodeEndpoints,
  });
  if (handled !== undefined) return handled;
  const { state } = core;
  if (state.name !== 'Follower') return true;
  if (errorCode !== ErrorCode.NONE) {
    logUnexpectedError(core, 'Fetch', errorCode);
    return false;
  }
  const { divergingEpoch, snapshotId, highWatermark } = partition;
  if (divergingEpoch.epoch >= 0) {
    if (!truncate(core, state, { offset: divergingEpoch.endOffset, epoch: divergingEpoch.epoch })) return false;
  } else if (snapshotId.epoch >= 0 || snapshotId.endOffset >= 0) {
    if (snapshotId.epoch < 0 || snapshotId.endOffset < 0) return false;
    const id: OffsetAndEpoch = { offset: snapshotId.endOffset, epoch: snapshotId.epoch };
    state.download = core.log.hasSnapshot(id) ? undefined : { id, parts: [], sizeBytes: 0 };
  } else {
    if (!appendFromLeader(core, partition.records)) return false;
    updateFollowerHighWatermark(core, state, highWatermark);
  }
  noteSuccessfulFetch(core, state);
  return true;
}

function truncate(core: RaftCore, state: FollowerState, leaderEnd: OffsetAndEpoch): boolean {
  const { logger } = core.options;
  const committed = Math.max(state.highWatermark ?? 0, core.log.highWatermark);
  const offset = core.log.truncationOffset(leaderEnd);
  if (offset < committed) {
    logger.error(
      `Leader ${state.leaderId} wants committed records gone: from ${offset} on, committed up to ${committed}`,
    );
    return false;
  }
  const endOffset = core.log.truncateTo(offset);
  core.control.truncateFrom(endOffset);
  core.syncer.truncated(endOffset);
  logger.info(`Truncated the metadata log to ${endOffset}, where leader ${state.leaderId} has other records`);
  return true;
}

function appendFromLeader(core: RaftCore, records: Buffer | null): boolean {
  if (records === null || records.length === 0) return true;
  const endOffset = core.log.endOffset;
  let isWhole = true;
  try {
    core.log.appendAsFollower(records, core.epoch);
  } catch (error) {
    if (!(error instanceof KafkaError) || error.errorName === 'KAFKA_STORAGE_ERROR') throw error;
    core.options.logger.error('Records from the leader are damaged', error);
    isWhole = false;
  }
  core.observeFrom(endOffset);
  if (core.options.canBecomeVoter || core.isVoter) core.syncer.sync();
  return isWhole;
}

function updateFollowerHighWatermark(core: RaftCore, state: FollowerState, leaderHighWatermark: number): void {
  if (leaderHighWatermark < 0) return;
  const highWatermark = Math.min(core.log.endOffset, leaderHighWatermark);
  if (state.highWatermark !== undefined && highWatermark <= state.highWatermark) return;
  state.highWatermark = highWatermark;
  core.log.updateHighWatermark(highWatermark);
}

export function handleFetchSnapshotResponse(core: RaftCore, response: FetchSnapshotResponse): boolean {
  if (response.errorCode !== ErrorCode.NONE) {
    logUnexpectedError(core, 'FetchSnapshot', response.errorCode);
    return false;
  }
  const partition = response.topics[0]?.partitions[0];
  if (partition === undefined) return false;
  const { errorCode, snapshotId } = partition;
  const handled = handleCommonResponse(core, {
    errorCode,
    ...partition.currentLeader,
    nodeEndpoints: response.nodeEndpoints,
  });
  if (handled !== undefined) return handled;
  const { state } = core;
  if (state.name !== 'Follower' || state.download === undefined) return true;
  const { download } = state;
  if (errorCode === ErrorCode.SNAPSHOT_NOT_FOUND || snapshotId.endOffset < 0 || snapshotId.epoch < 0) {
    core.options.logger.info(`Leader ${state.leaderId} has no snapshot ${download.id.offset} any more: asking anew`);
    state.download = undefined;
    noteSuccessfulFetch(core, state);
    return true;
  }
  if (errorCode !== ErrorCode.NONE) {
    logUnexpectedError(core, 'FetchSnapshot', errorCode);
    state.download = undefined;
    return false;
  }
  const { unalignedRecords, position, size } = partition;
  const isWanted = snapshotId.endOffset === download.id.offset && snapshotId.epoch === download.id.epoch;
  const fits = position === download.sizeBytes && size <= MAX_SNAPSHOT_BYTES;
  if (!isWanted || !fits || unalignedRecords.length === 0 || download.sizeBytes + unalignedRecords.length > size) {
    core.options.logger.error(`Leader ${state.leaderId} sent a part of a snapshot that does not fit: starting anew`);
    state.download = undefined;
    return false;
  }
  download.parts.push(unalignedRecords);
  download.sizeBytes += unalignedRecords.length;
  if (download.sizeBytes === size && !storeDownload(core, state, download)) return false;
  noteSuccessfulFetch(core, state);
  return true;
}

// The log starts anew behind the snapshot, and everything that was known from the log is read from the snapshot.
function storeDownload(core: RaftCore, state: FollowerState, download: SnapshotDownload): boolean {
  state.download = undefined;
  const bytes = Buffer.concat(download.parts);
  try {
    parseSnapshot(download.id, bytes);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    core.options.logger.error(`The snapshot from leader ${state.leaderId} is of no use`, error);
    return false;
  }
  core.log.storeSnapshot(download.id, bytes);
  if (!core.log.truncateToLatestSnapshot()) return true;
  core.syncer.restarted(core.log.endOffset);
  core.reloadControlState();
  updateFollowerHighWatermark(core, state, download.id.offset);
  core.options.logger.info(`Loaded snapshot ${download.id.offset}-${download.id.epoch} from leader ${state.leaderId}`);
  return true;
}
