/**
 * FindCoordinator, key 10, versions 0-6: the broker that coordinates a group. The first use creates __consumer_offsets;
 * the answer is COORDINATOR_NOT_AVAILABLE until its partition has a leader.
 *
 * v1: key types (0 group, 1 transaction, 2 share). v4: several keys. v6: share coordinators (KIP-932); before it
 * INVALID_REQUEST. Transaction and share coordinators are COORDINATOR_NOT_AVAILABLE, as this broker has none.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { isUuid } from '../../base/uuid.ts';
import { OFFSETS_TOPIC } from '../../groups/types.ts';
import { ErrorCode, errorInfo, errorNameOf } from '../../protocol/error-codes.ts';
import {
  type FindCoordinatorRequest,
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../protocol/messages/10-find-coordinator.ts';
import { defineHandler, type RequestContext } from '../handler.ts';
import type { BrokerServices } from '../services.ts';

const SEVERAL_KEYS_VERSION = 4;
const SHARE_VERSION = 6;

const CoordinatorType = { group: 0, transaction: 1, share: 2 } as const;

interface Coordinator {
  readonly errorCode: number;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export const findCoordinator = defineHandler({
  request: findCoordinatorRequest,
  response: findCoordinatorResponse,
  listeners: ['broker'],
  handle(services, request, context, reply) {
    if (context.apiVersion < SEVERAL_KEYS_VERSION) {
      const coordinator = coordinatorOf(services, request, request.key, context);
      // Kafka says so even of no error.
      const { message } = errorInfo(errorNameOf(coordinator.errorCode));
      reply({ ...coordinator, errorMessage: message ?? 'NONE' });
      return;
    }
    const coordinators = request.coordinatorKeys.map((key) => ({
      key,
      ...coordinatorOf(services, request, key, context),
    }));
    reply({ coordinators });
  },
  errorResponse(error, request, context) {
    const failed = { ...none(error.code), errorMessage: errorInfo(error.code).message };
    if (context.apiVersion < SEVERAL_KEYS_VERSION) return failed;
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...failed })) };
  },
});

function coordinatorOf(
  services: BrokerServices,
  request: FindCoordinatorRequest,
  key: string,
  context: RequestContext,
): Coordinator {
  switch (request.keyType) {
    case CoordinatorType.group:
      return groupCoordinator(services, key, context);
    case CoordinatorType.transaction:
      return none(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    case CoordinatorType.share:
      return none(shareError(key, context.apiVersion));
    default:
      throw new KafkaError('INVALID_REQUEST', `Unknown coordinator type received: ${request.keyType}`);
  }
}

// A share coordinator's key is `group:topicId:partition`; the group may hold colons of its own.
function shareError(key: string, apiVersion: number): number {
  const [, topicId = '', partition = ''] = /^.+:([^:]+):(-?\d+)$/.exec(key) ?? [];
  const isKey = isUuid(topicId) && Number.isSafeInteger(Number(partition));
  return apiVersion >= SHARE_VERSION && isKey ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.INVALID_REQUEST;
}

function groupCoordinator(services: BrokerServices, groupId: string, context: RequestContext): Coordinator {
  const topic = services.image.topic(OFFSETS_TOPIC);
  if (topic === undefined) {
    services.autoCreateTopics([OFFSETS_TOPIC], context);
    return none(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  }
  const leader = topic.partitions[services.groups.partitionFor(groupId)]?.leader ?? -1;
  const node = leader === -1 ? undefined : services.cluster.aliveBroker(leader, context);
  if (node === undefined) return none(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  return { errorCode: ErrorCode.NONE, nodeId: node.nodeId, host: node.host, port: node.port };
}

function none(errorCode: number): Coordinator {
  return { errorCode, nodeId: -1, host: '', port: -1 };
}
