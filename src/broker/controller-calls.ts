import { KafkaError } from '../base/kafka-error.ts';
import type { ControllerReply } from '../metadata/controller/controller.ts';
import type { ControllerApi } from '../metadata/controller/controller-api.ts';
import { ErrorCode, errorNameOf } from '../protocol/error-codes.ts';
import {
  type CreateTopicsRequest,
  type CreateTopicsResponseInput,
  createTopicsRequest,
  createTopicsResponse,
} from '../protocol/messages/19-create-topics.ts';
import {
  type AlterPartitionRequest,
  type AlterPartitionResponseInput,
  alterPartitionRequest,
  alterPartitionResponse,
} from '../protocol/messages/56-alter-partition.ts';
import {
  type BrokerRegistrationRequest,
  type BrokerRegistrationResponseInput,
  brokerRegistrationRequest,
  brokerRegistrationResponse,
} from '../protocol/messages/62-broker-registration.ts';
import {
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponseInput,
  brokerHeartbeatRequest,
  brokerHeartbeatResponse,
} from '../protocol/messages/63-broker-heartbeat.ts';
import {
  type AllocateProducerIdsRequest,
  type AllocateProducerIdsResponseInput,
  allocateProducerIdsRequest,
  allocateProducerIdsResponse,
} from '../protocol/messages/67-allocate-producer-ids.ts';
import {
  type ControllerRegistrationRequest,
  type ControllerRegistrationResponseInput,
  controllerRegistrationRequest,
  controllerRegistrationResponse,
} from '../protocol/messages/70-controller-registration.ts';
import {
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsResponseInput,
  assignReplicasToDirsRequest,
  assignReplicasToDirsResponse,
} from '../protocol/messages/73-assign-replicas-to-dirs.ts';
import type { PeerResult } from '../raft/peer-connection.ts';
import type { NodeLink } from './node-network.ts';

/** A request that a node has for the active controller: how it is done in this process, and how elsewhere. */
export interface ControllerCall<Q, P> {
  local(controller: ControllerApi, request: Q, reply: ControllerReply<P>): void;
  remote(link: NodeLink, request: Q, timeoutMs: number, reply: ControllerReply<P>): void;
}

const ALTER_PARTITION_VERSION = 3;

/** Turns what came over the network into what the controller in this process would have replied. */
function replying<P>(reply: ControllerReply<P>, errorCodeOf: (response: P) => number) {
  return ({ response, error }: PeerResult<P>): void => {
    if (error !== undefined) {
      reply(error);
      return;
    }
    const code = errorCodeOf(response);
    reply(code === ErrorCode.NONE ? response : new KafkaError(errorNameOf(code)));
  };
}

const ofWhole = ({ errorCode = 0 }: { readonly errorCode?: number | undefined }): number => errorCode;

// There is no field for the whole: a controller that is not active says so of each topic.
function ofTopics({ topics = [] }: CreateTopicsResponseInput): number {
  const isNotController = topics.length > 0 && topics.every(({ errorCode }) => errorCode === ErrorCode.NOT_CONTROLLER);
  return isNotController ? ErrorCode.NOT_CONTROLLER : ErrorCode.NONE;
}

export const registerBroker: ControllerCall<BrokerRegistrationRequest, BrokerRegistrationResponseInput> = {
  local: (controller, request, reply) => controller.registerBroker(request, reply),
  remote: (link, request, timeoutMs, reply) =>
    link.send(brokerRegistrationRequest, brokerRegistrationResponse, request, timeoutMs, replying(reply, ofWhole)),
};

export const heartbeat: ControllerCall<BrokerHeartbeatRequest, BrokerHeartbeatResponseInput> = {
  local: (controller, request, reply) => controller.heartbeat(request, reply),
  remote: (link, request, timeoutMs, reply) =>
    link.send(brokerHeartbeatRequest, brokerHeartbeatResponse, request, timeoutMs, replying(reply, ofWhole)),
};

export const registerController: ControllerCall<ControllerRegistrationRequest, ControllerRegistrationResponseInput> = {
  local: (controller, request, reply) => controller.registerController(request, reply),
  remote: (link, request, timeoutMs, reply) =>
    link.send(
      controllerRegistrationRequest,
      controllerRegistrationResponse,
      request,
      timeoutMs,
      replying(reply, ofWhole),
    ),
};

export const alterPartition: ControllerCall<AlterPartitionRequest, AlterPartitionResponseInput> = {
  local: (controller, request, reply) => controller.alterPartition(request, ALTER_PARTITION_VERSION, reply),
  remote: (link, request, timeoutMs, reply) =>
    link.send(alterPartitionRequest, alterPartitionResponse, request, timeoutMs, replying(reply, ofWhole)),
};

export const allocateProducerIds: ControllerCall<AllocateProducerIdsRequest, AllocateProducerIdsResponseInput> = {
  local: (controller, request, reply) => controller.allocateProducerIds(request, reply),
  remote: (link, request, timeoutMs, reply) =>
    link.send(allocateProducerIdsRequest, allocateProducerIdsResponse, request, timeoutMs, replying(reply, ofWhole)),
};

export const assignReplicasToDirs: ControllerCall<AssignReplicasToDirsRequest, AssignReplicasToDirsResponseInput> = {
  local: (controller, request, reply) => controller.assignReplicasToDirs(request, reply),
  remote: (link, request, timeoutMs, reply) =>
    link.send(assignReplicasToDirsRequest, assignReplicasToDirsResponse, request, timeoutMs, replying(reply, ofWhole)),
};

export const createTopics: ControllerCall<CreateTopicsRequest, CreateTopicsResponseInput> = {
  local: (controller, request, reply) => controller.createTopics(request, { isForwarded: false }, reply),
  remote: (link, request, timeoutMs, reply) =>
    link.send(createTopicsRequest, createTopicsResponse, request, timeoutMs, replying(reply, ofTopics)),
};
