/**
 * Metadata, key 3, versions 0-13. v0: an empty topic list means all; replicas that are down are left out and reported as
 * REPLICA_NOT_AVAILABLE. v1: null means all. v4: allowAutoTopicCreation. v8-10: cluster operations. v8: topic operations.
 * v10: topic ids in the answer; v12: in the request.
 *
 * In KRaft every broker takes requests for the controller, so controllerId is any broker that is alive.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { ZERO_UUID } from '../../base/uuid.ts';
import type { TopicImage } from '../../metadata/metadata-image.ts';
import type { PartitionRegistration } from '../../metadata/partition-registration.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import {
  type MetadataRequest,
  type MetadataResponseInput,
  metadataRequest,
  metadataResponse,
} from '../../protocol/messages/03-metadata.ts';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED, TOPIC_OPERATIONS } from '../authorized-operations.ts';
import { defineHandler, type RequestContext } from '../handler.ts';
import { INTERNAL_TOPICS } from '../replica-manager.ts';
import type { BrokerServices } from '../services.ts';
import { isValidTopicName } from '../topic-names.ts';

type TopicAnswer = NonNullable<MetadataResponseInput['topics']>[number];
type PartitionAnswer = NonNullable<TopicAnswer['partitions']>[number];

const FIRST_VERSION_WITH_TOPIC_IDS = 12;
const FIRST_VERSION_WITH_LISTENER_NOT_FOUND = 6;

export const metadata = defineHandler({
  request: metadataRequest,
  response: metadataResponse,
  listeners: ['broker'],
  handle(services, request, context, reply) {
    validate(request, context.apiVersion);
    const topics = new MetadataCall(services, request, context).topics();
    const brokers = services.cluster.aliveBrokers(context);
    reply({
      brokers,
      clusterId: services.clusterId,
      controllerId: brokers[services.random.int(Math.max(1, brokers.length))]?.nodeId ?? -1,
      topics,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? CLUSTER_OPERATIONS
        : OPERATIONS_NOT_ASKED,
    });
  },
  errorResponse: (error, request, context) => ({
    errorCode: error.code,
    clusterId: null,
    topics: (request.topics ?? []).map(({ name, topicId }) => ({
      errorCode: error.code,
      name: name ?? (context.apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS ? null : ''),
      topicId,
    })),
  }),
});

function validate(request: MetadataRequest, apiVersion: number): void {
  if (apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS) return;
  for (const { name, topicId } of request.topics ?? []) {
    if (name === null) {
      throw new KafkaError('INVALID_REQUEST', `Topic name can not be null for version ${apiVersion}`);
    }
    if (topicId !== ZERO_UUID) {
      throw new KafkaError('INVALID_REQUEST', `Topic IDs are not supported in requests for version ${apiVersion}`);
    }
  }
}

class MetadataCall {
  readonly #services: BrokerServices;
  readonly #request: MetadataRequest;
  readonly #context: RequestContext;
  readonly #operations: number;

  constructor(services: BrokerServices, request: MetadataRequest, context: RequestContext) {
    this.#services = services;
    this.#request = request;
    this.#context = context;
    this.#operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : OPERATIONS_NOT_ASKED;
  }

  topics(): TopicAnswer[] {
    const { image } = this.#services;
    const asked = this.#request.topics;
    if (asked === null || (asked.length === 0 && this.#context.apiVersion === 0)) {
      return [...image.topics()].map((topic) => this.#known(topic));
    }
    const ids = new Set(asked.map(({ topicId }) => topicId).filter((id) => id !== ZERO_UUID));
    if (ids.size > 0) return this.#byIds(ids);
    return this.#byNames(new Set(asked.map(({ name }) => name ?? '')));
  }

  #byIds(ids: ReadonlySet<string>): TopicAnswer[] {
    const answers: TopicAnswer[] = [];
    for (const id of ids) {
      const topic = this.#services.image.topicById(id);
      if (topic === undefined) {
        answers.push({ errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId: id });
      } else answers.push(this.#known(topic));
    }
    return answers;
  }

  #byNames(names: ReadonlySet<string>): TopicAnswer[] {
    const answers: TopicAnswer[] = [];
    const missing: string[] = [];
    for (const name of names) {
      const topic = this.#services.image.topic(name);
      if (topic === undefined || topic.partitions.length === 0) missing.push(name);
      else answers.push(this.#known(topic));
    }
    if (missing.length > 0) answers.push(...this.#missing(missing));
    return answers;
  }

  #missing(names: readonly string[]): TopicAnswer[] {
    const { config } = this.#services;
    if (this.#request.allowAutoTopicCreation && config.boolean('auto.create.topics.enable')) {
      this.#services.autoCreateTopics(names.filter(isValidTopicName), this.#context);
    }
    return names.map((name) => ({
      errorCode: isValidTopicName(name) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION,
      name,
      isInternal: INTERNAL_TOPICS.has(name),
      topicAuthorizedOperations: this.#operations,
    }));
  }

  #known(topic: TopicImage): TopicAnswer {
    return {
      name: topic.name,
      topicId: topic.id,
      isInternal: INTERNAL_TOPICS.has(topic.name),
      partitions: topic.partitions.map((partition, index) => this.#partition(index, partition)),
      topicAuthorizedOperations: this.#operations,
    };
  }

  #partition(index: number, partition: PartitionRegistration): PartitionAnswer {
    const { cluster } = this.#services;
    const context = this.#context;
    const showsAliveOnly = context.apiVersion === 0;
    const replicaNodes = showsAliveOnly ? cluster.aliveOnly(partition.replicas, context) : partition.replicas;
    const isrNodes = showsAliveOnly ? cluster.aliveOnly(partition.isr, context) : partition.isr;
    const leader = cluster.reachable(partition.leader, context);
    const isIncomplete = replicaNodes.length < partition.replicas.length || isrNodes.length < partition.isr.length;
    const errorCode = leader
      ? isIncomplete
        ? ErrorCode.REPLICA_NOT_AVAILABLE
        : 0
      : this.#services.image.brokers.has(partition.leader) &&
          context.apiVersion >= FIRST_VERSION_WITH_LISTENER_NOT_FOUND
        ? ErrorCode.LISTENER_NOT_FOUND
        : ErrorCode.LEADER_NOT_AVAILABLE;
    return {
      errorCode,
      partitionIndex: index,
      leaderId: leader ? partition.leader : -1,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes,
      isrNodes,
      offlineReplicas: cluster.offlineReplicas(partition, context),
    };
  }
}
