import type { CreateTopicsRequest, CreateTopicsResponseInput } from '../../protocol/messages/19-create-topics.ts';
import type { DeleteTopicsRequest, DeleteTopicsResponseInput } from '../../protocol/messages/20-delete-topics.ts';
import type { CreateAclsRequest, CreateAclsResponseInput } from '../../protocol/messages/30-create-acls.ts';
import type { DeleteAclsRequest, DeleteAclsResponseInput } from '../../protocol/messages/31-delete-acls.ts';
import type { AlterConfigsRequest } from '../../protocol/messages/33-alter-configs.ts';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponseInput,
} from '../../protocol/messages/37-create-partitions.ts';
import type { ElectLeadersRequest, ElectLeadersResponseInput } from '../../protocol/messages/43-elect-leaders.ts';
import type { IncrementalAlterConfigsRequest } from '../../protocol/messages/44-incremental-alter-configs.ts';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponseInput,
} from '../../protocol/messages/45-alter-partition-reassignments.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponseInput,
} from '../../protocol/messages/46-list-partition-reassignments.ts';
import type {
  AlterClientQuotasRequest,
  AlterClientQuotasResponseInput,
} from '../../protocol/messages/49-alter-client-quotas.ts';
import type {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponseInput,
} from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import type { AlterPartitionRequest, AlterPartitionResponseInput } from '../../protocol/messages/56-alter-partition.ts';
import type { UpdateFeaturesRequest, UpdateFeaturesResponseInput } from '../../protocol/messages/57-update-features.ts';
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponseInput,
} from '../../protocol/messages/62-broker-registration.ts';
import type {
  BrokerHeartbeatRequest,
  BrokerHeartbeatResponseInput,
} from '../../protocol/messages/63-broker-heartbeat.ts';
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponseInput,
} from '../../protocol/messages/67-allocate-producer-ids.ts';
import type { ControllerRegistrationRequest } from '../../protocol/messages/70-controller-registration.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponseInput,
} from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import { decideCreateAcls, decideDeleteAcls } from './acls.ts';
import { decideAlterPartition, decideAssignReplicasToDirs } from './alter-partition.ts';
import {
  decideBrokerHeartbeat,
  decideBrokerRegistration,
  decideControllerRegistration,
  decideUnregisterBroker,
  decideUnregisterController,
} from './brokers.ts';
import { type AlterResult, decideIncrementalAlterConfigs, decideLegacyAlterConfigs } from './config-changes.ts';
import { Controller, type ControllerReply } from './controller.ts';
import { decideElectLeaders } from './elections.ts';
import { decideUpdateFeatures } from './feature-updates.ts';
import { decideCreatePartitions } from './partitions.ts';
import { decideAllocateProducerIds } from './producer-ids.ts';
import { decideAlterClientQuotas, decideAlterUserScramCredentials } from './quotas-and-credentials.ts';
import { decideAlterPartitionReassignments, listPartitionReassignments } from './reassignments.ts';
import { decideCreateTopics, decideDeleteTopics } from './topics.ts';

/** What a request says of its way here. */
export interface RequestOrigin {
  /** Whether a broker has checked the request before it passed it on. */
  readonly isForwarded: boolean;
}
/** A response that says nothing but success. */
export type EmptyResponse = Record<string, never>;

/**
 * The controller with a method for each request that it serves. All answer through `reply`, once what they wrote is
 * committed; NOT_CONTROLLER on any node but the active controller. Errors of single topics, partitions and resources
 * are in the responses, with Kafka's texts; a KafkaError as result says that the request failed as a whole.
 */
export class ControllerApi extends Controller {
  createTopics(
    request: CreateTopicsRequest,
    origin: RequestOrigin,
    reply: ControllerReply<CreateTopicsResponseInput>,
  ): void {
    const { isForwarded } = origin;
    this.handle('CreateTopics', (state) => decideCreateTopics(state, request, isForwarded), reply, request.timeoutMs);
  }

  deleteTopics(
    request: DeleteTopicsRequest,
    apiVersion: number,
    reply: ControllerReply<DeleteTopicsResponseInput>,
  ): void {
    this.handle('DeleteTopics', (state) => decideDeleteTopics(state, request, apiVersion), reply, request.timeoutMs);
  }

  createPartitions(request: CreatePartitionsRequest, reply: ControllerReply<CreatePartitionsResponseInput>): void {
    this.handle('CreatePartitions', (state) => decideCreatePartitions(state, request), reply, request.timeoutMs);
  }

  incrementalAlterConfigs(
    request: IncrementalAlterConfigsRequest,
    origin: RequestOrigin,
    reply: ControllerReply<readonly AlterResult[]>,
  ): void {
    const { isForwarded } = origin;
    this.handle(
      'IncrementalAlterConfigs',
      (state) => decideIncrementalAlterConfigs(state, request, isForwarded),
      reply,
    );
  }

  legacyAlterConfigs(
    request: AlterConfigsRequest,
    origin: RequestOrigin,
    reply: ControllerReply<readonly AlterResult[]>,
  ): void {
    const { isForwarded } = origin;
    this.handle('AlterConfigs', (state) => decideLegacyAlterConfigs(state, request, isForwarded), reply);
  }

  electLeaders(request: ElectLeadersRequest, reply: ControllerReply<ElectLeadersResponseInput>): void {
    this.handle('ElectLeaders', (state) => decideElectLeaders(state, request), reply, request.timeoutMs);
  }

  alterPartitionReassignments(
    request: AlterPartitionReassignmentsRequest,
    reply: ControllerReply<AlterPartitionReassignmentsResponseInput>,
  ): void {
    const decide = (state: Parameters<typeof decideAlterPartitionReassignments>[0]) =>
      decideAlterPartitionReassignments(state, request);
    this.handle('AlterPartitionReassignments', decide, reply, request.timeoutMs);
  }

  listPartitionReassignments(
    request: ListPartitionReassignmentsRequest,
    reply: ControllerReply<ListPartitionReassignmentsResponseInput>,
  ): void {
    this.handle(
      'ListPartitionReassignments',
      ({ image }) => ({ records: [], response: listPartitionReassignments(image, request) }),
      reply,
      request.timeoutMs,
    );
  }

  updateFeatures(
    request: UpdateFeaturesRequest,
    apiVersion: number,
    reply: ControllerReply<UpdateFeaturesResponseInput>,
  ): void {
    this.handle(
      'UpdateFeatures',
      (state) => decideUpdateFeatures(state, request, apiVersion),
      reply,
      request.timeoutMs,
    );
  }

  registerBroker(request: BrokerRegistrationRequest, reply: ControllerReply<BrokerRegistrationResponseInput>): void {
    this.handle('BrokerRegistration', (state) => decideBrokerRegistration(state, request), reply);
  }

  heartbeat(request: BrokerHeartbeatRequest, reply: ControllerReply<BrokerHeartbeatResponseInput>): void {
    this.handle('BrokerHeartbeat', (state) => decideBrokerHeartbeat(state, request), reply);
  }

  registerController(request: ControllerRegistrationRequest, reply: ControllerReply<EmptyResponse>): void {
    this.handle('ControllerRegistration', (state) => decideControllerRegistration(state, request), reply);
  }

  unregisterBroker(brokerId: number, reply: ControllerReply<EmptyResponse>): void {
    this.handle('UnregisterBroker', (state) => decideUnregisterBroker(state, brokerId), reply);
  }

  unregisterController(controllerId: number, reply: ControllerReply<EmptyResponse>): void {
    this.handle('UnregisterController', (state) => decideUnregisterController(state, controllerId), reply);
  }

  alterPartition(
    request: AlterPartitionRequest,
    apiVersion: number,
    reply: ControllerReply<AlterPartitionResponseInput>,
  ): void {
    this.handle('AlterPartition', (state) => decideAlterPartition(state, request, apiVersion), reply);
  }

  assignReplicasToDirs(
    request: AssignReplicasToDirsRequest,
    reply: ControllerReply<AssignReplicasToDirsResponseInput>,
  ): void {
    this.handle('AssignReplicasToDirs', (state) => decideAssignReplicasToDirs(state, request), reply);
  }

  allocateProducerIds(
    request: AllocateProducerIdsRequest,
    reply: ControllerReply<AllocateProducerIdsResponseInput>,
  ): void {
    this.handle('AllocateProducerIds', (state) => decideAllocateProducerIds(state, request), reply);
  }

  alterClientQuotas(request: AlterClientQuotasRequest, reply: ControllerReply<AlterClientQuotasResponseInput>): void {
    this.handle('AlterClientQuotas', (state) => decideAlterClientQuotas(state, request), reply);
  }

  alterUserScramCredentials(
    request: AlterUserScramCredentialsRequest,
    reply: ControllerReply<AlterUserScramCredentialsResponseInput>,
  ): void {
    this.handle('AlterUserScramCredentials', (state) => decideAlterUserScramCredentials(state, request), reply);
  }

  createAcls(request: CreateAclsRequest, reply: ControllerReply<CreateAclsResponseInput>): void {
    this.handle('CreateAcls', (state) => decideCreateAcls(state, request), reply);
  }

  deleteAcls(request: DeleteAclsRequest, reply: ControllerReply<DeleteAclsResponseInput>): void {
    this.handle('DeleteAcls', (state) => decideDeleteAcls(state, request), reply);
  }
}
