import { KafkaError } from '../../src/base/kafka-error.ts';
import { RESOURCE_TOPIC } from '../../src/metadata/metadata-image.ts';
import { errorNameOf } from '../../src/protocol/error-codes.ts';
import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from '../../src/protocol/messages/20-delete-topics.ts';
import { deleteRecordsRequest, deleteRecordsResponse } from '../../src/protocol/messages/21-delete-records.ts';
import { electLeadersRequest, electLeadersResponse } from '../../src/protocol/messages/43-elect-leaders.ts';
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import {
  alterPartitionReassignmentsRequest,
  alterPartitionReassignmentsResponse,
} from '../../src/protocol/messages/45-alter-partition-reassignments.ts';
import { addRaftVoterRequest, addRaftVoterResponse } from '../../src/protocol/messages/80-add-raft-voter.ts';
import { removeRaftVoterRequest, removeRaftVoterResponse } from '../../src/protocol/messages/81-remove-raft-voter.ts';
import type { ActorContext } from './actors.ts';
import { newestPartitions } from './faults.ts';
import { SimulatedClient } from './simulated-client.ts';
import { CONTROLLER_PORT, type SimulatedCluster } from './simulated-cluster.ts';
import type { Workload } from './workload.ts';

const TIMEOUT_MS = 3000;
const ANSWER_TIMEOUT_MS = 2 * TIMEOUT_MS;
const MAX_TOPICS = 6;
/** Names are used again after a topic was deleted. */
const TOPIC_NAMES = ['topic-0', 'topic-1'];
/** The topic of this name keeps its records as short as it can. */
const SHORT_LIVED = 'topic-1';
const SHORT_LIVED_CONFIGS: Config[] = [
  { name: 'retention.ms', value: '300' },
  { name: 'segment.ms', value: '300' },
];
const MIN_VOTERS = 2;

interface Config {
  readonly name: string;
  readonly value: string;
}

interface Topic {
  readonly name: string;
  readonly topicId: string;
  isDoomed: boolean;
  isGone: boolean;
}

export interface AdministratorOptions extends ActorContext {
  readonly workload: Workload;
  /** The topic that stays. */
  readonly topic: string;
  readonly partitionCount: number;
}

/** What people do to a cluster while it is under faults: topics come, go and move, records are deleted, voters change. */
export class Administrator {
  readonly #options: AdministratorOptions;
  readonly #cluster: SimulatedCluster;
  readonly #client: SimulatedClient;
  readonly #topics: Topic[] = [];
  #topicCount = 0;
  #isRemoving = false;
  createdTopicCount = 0;
  deletedTopicCount = 0;
  reassignmentCount = 0;
  deletedRecordCount = 0;
  voterChangeCount = 0;
  changedConfigCount = 0;

  constructor(options: AdministratorOptions) {
    this.#options = options;
    this.#cluster = options.cluster;
    this.#client = new SimulatedClient(options.cluster, 'admin');
  }

  act(): void {
    const actions = [
      () => this.#deleteTopic() || this.#createTopic(),
      () => this.#createTopic() || this.#deleteTopic(),
      () => this.#reassign(),
      () => this.#reassign(),
      () => this.#deleteRecords(),
      () => this.#deleteUncommitted() || this.#deleteRecords(),
      () => this.#deleteUncommitted() || this.#changeConfig(),
      () => this.#changeConfig(),
      () => this.#addVoter() || this.#removeVoter(),
      () => this.#electLeader(),
    ];
    this.#pick(actions)?.();
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.#cluster.random.int(Math.max(1, from.length))];
  }

  // ---- topics ----

  /** Creates a topic; `created` is called with its id, if the answer comes. */
  create(name: string, numPartitions: number, created: (topicId: string) => void): void {
    const configs = name === SHORT_LIVED ? SHORT_LIVED_CONFIGS : [];
    const topics = [{ name, numPartitions, replicationFactor: -1, assignments: [], configs }];
    const body = { topics, timeoutMs: TIMEOUT_MS };
    const client = this.#client;
    client.send(client.anyNode(), createTopicsRequest, createTopicsResponse, body, ANSWER_TIMEOUT_MS, (response) => {
      const answer = response?.topics[0];
      if (answer?.errorCode === 0) created(answer.topicId);
      else this.#cluster.trace(`topic ${name}: ${answer?.errorMessage ?? 'no answer'}`);
    });
  }

  #createTopic(): boolean {
    const free = TOPIC_NAMES.filter((name) => !this.#topics.some((topic) => topic.name === name && !topic.isGone));
    const name = this.#pick(free);
    if (name === undefined || this.#topicCount >= MAX_TOPICS) return false;
    const label = `${this.#topicCount++}`;
    this.#cluster.trace(`topic ${name} is to be created`);
    this.create(name, 1, (topicId) => {
      this.#topics.push({ name, topicId, isDoomed: false, isGone: false });
      this.createdTopicCount++;
      if (name === SHORT_LIVED) this.#options.oracle.expire(topicId, 0);
      this.#options.workload.addTopic(name, label, 1, 1);
    });
    return true;
  }

  #deleteTopic(): boolean {
    const topic = this.#pick(this.#topics.filter(({ isDoomed }) => !isDoomed));
    if (topic === undefined) return false;
    const { topicId, name } = topic;
    this.#cluster.trace(`topic ${name} (${topicId}) is to be deleted`);
    topic.isDoomed = true;
    this.#options.workload.abandonTopic(name);
    this.#options.oracle.doom(topicId, 1);
    const body = { topics: [{ topicId, name: null }], timeoutMs: TIMEOUT_MS };
    const client = this.#client;
    client.send(client.anyNode(), deleteTopicsRequest, deleteTopicsResponse, body, ANSWER_TIMEOUT_MS, (response) => {
      if (response?.responses[0]?.errorCode !== 0) return;
      topic.isGone = true;
      this.deletedTopicCount++;
    });
    return true;
  }

  // ---- partitions ----

  #reassign(): void {
    const { random } = this.#cluster;
    const { topic, partitionCount } = this.#options;
    const ids = this.#cluster.nodes.map(({ id }) => id);
    for (let i = ids.length - 1; i > 0; i--) {
      const j = random.int(i + 1);
      [ids[i], ids[j]] = [ids[j] ?? 0, ids[i] ?? 0];
    }
    // Never fewer than min.insync.replicas asks for.
    const replicas = ids.slice(0, Math.min(ids.length, 2 + random.int(2)));
    const isOffsets = random.int(4) === 0;
    const name = isOffsets ? '__consumer_offsets' : topic;
    const partitionIndex = isOffsets ? 0 : random.int(partitionCount);
    this.#cluster.trace(`${name}-${partitionIndex} is to have replicas ${replicas}`);
    const body = { timeoutMs: TIMEOUT_MS, topics: [{ name, partitions: [{ partitionIndex, replicas }] }] };
    const client = this.#client;
    client.send(
      client.anyNode(),
      alterPartitionReassignmentsRequest,
      alterPartitionReassignmentsResponse,
      body,
      ANSWER_TIMEOUT_MS,
      (response) => {
        const errorCode = response?.errorCode || response?.responses[0]?.partitions[0]?.errorCode;
        if (errorCode === 0) this.reassignmentCount++;
      },
    );
  }

  #electLeader(): void {
    const { topic, partitionCount } = this.#options;
    const topicPartitions = [{ topic, partitions: [this.#cluster.random.int(partitionCount)] }];
    const body = { electionType: 0, topicPartitions, timeoutMs: TIMEOUT_MS };
    const client = this.#client;
    client.send(client.anyNode(), electLeadersRequest, electLeadersResponse, body, ANSWER_TIMEOUT_MS, () => {});
  }

  #deleteRecords(): void {
    const client = this.#client;
    client.refresh(() => {
      const { topic, partitionCount, oracle, workload } = this.#options;
      const { random } = this.#cluster;
      const partitionIndex = random.int(partitionCount);
      const topicId = client.topicId(topic);
      const leader = client.partition(topic, partitionIndex);
      if (topicId === undefined || leader === undefined) return;
      const limit = oracle.deletableTo(topicId, partitionIndex, workload.producersOf(topic, partitionIndex));
      const offset = random.int(2) === 0 ? limit : random.int(limit + 1);
      if (offset === 0) return;
      this.#cluster.trace(`${topic}-${partitionIndex} is to lose what is before ${offset}`);
      oracle.willDelete(topicId, partitionIndex, offset);
      const body = { topics: [{ name: topic, partitions: [{ partitionIndex, offset }] }], timeoutMs: TIMEOUT_MS };
      client.send(leader.leaderId, deleteRecordsRequest, deleteRecordsResponse, body, ANSWER_TIMEOUT_MS, (response) => {
        const answer = response?.topics[0]?.partitions[0];
        if (answer?.errorCode !== 0) return;
        this.deletedRecordCount++;
        if (answer.lowWatermark < offset) {
          throw new Error(`all before ${offset} were to be deleted, and the answer is ${answer.lowWatermark}`);
        }
      });
    });
  }

  // Only at the leader itself: on the way of a request what is not committed may become so.
  #deleteUncommitted(): boolean {
    const leaders = this.#cluster.nodes.flatMap(({ server }) =>
      [...(server?.internals.replicaManager.partitions() ?? [])].filter(
        ({ isLeader, log, topic }) => isLeader && log.highWatermark < log.logEndOffset && !topic.startsWith('__'),
      ),
    );
    const partition = this.#pick(leaders);
    if (partition === undefined) return false;
    const { highWatermark, logEndOffset } = partition.log;
    const offset = highWatermark + 1 + this.#cluster.random.int(logEndOffset - highWatermark);
    try {
      partition.deleteRecords(offset);
    } catch (error) {
      if (error instanceof KafkaError && error.errorName === 'OFFSET_OUT_OF_RANGE') return true;
      throw error;
    }
    throw new Error(`${partition} let records before ${offset} be deleted, its high watermark is ${highWatermark}`);
  }

  #changeConfig(): void {
    const { random } = this.#cluster;
    const { topic } = this.#options;
    // One that changes nothing for the other actors.
    const isSet = random.int(3) > 0;
    const change = {
      name: 'retention.ms',
      configOperation: isSet ? 0 : 1,
      value: isSet ? `${86_400_000 * (1 + random.int(9))}` : null,
    };
    const resources = [{ resourceType: RESOURCE_TOPIC, resourceName: topic, configs: [change] }];
    const body = { resources, validateOnly: false };
    const client = this.#client;
    client.send(
      client.anyNode(),
      incrementalAlterConfigsRequest,
      incrementalAlterConfigsResponse,
      body,
      ANSWER_TIMEOUT_MS,
      (response) => {
        if (response?.responses[0]?.errorCode === 0) this.changedConfigCount++;
      },
    );
  }

  // ---- voters ----

  get #voterIds(): number[] {
    const leader = this.#cluster.nodes.find(({ server }) => server?.internals.raft.isLeader);
    return leader?.server?.internals.raft.status.voters.map(({ id }) => id) ?? [];
  }

  #addVoter(): boolean {
    const voterIds = this.#voterIds;
    const node = this.#pick(this.#cluster.nodes.filter(({ id, isReady }) => isReady && !voterIds.includes(id)));
    if (voterIds.length === 0 || node === undefined) return false;
    this.#cluster.trace(`${node.host} is to be a voter`);
    const body = {
      clusterId: this.#cluster.clusterId,
      timeoutMs: TIMEOUT_MS,
      voterId: node.id,
      voterDirectoryId: node.directoryId,
      listeners: [{ name: 'CONTROLLER', host: node.host, port: CONTROLLER_PORT }],
    };
    const client = this.#client;
    client.send(client.anyNode(), addRaftVoterRequest, addRaftVoterResponse, body, ANSWER_TIMEOUT_MS, (response) =>
      this.#voterChanged(`${node.host} added`, response?.errorCode),
    );
    return true;
  }

  // With two voters of whom one is taken away, Kafka's quorum may come to a stop: the one who was removed has the longer
  // log, and may not stand for election. A removal without an answer may yet be done, so that none follows it.
  #removeVoter(): boolean {
    if (this.#isRemoving) return false;
    const voterIds = this.#voterIds;
    const voter = this.#pick(this.#cluster.nodes.filter(({ id }) => voterIds.includes(id)));
    if (voterIds.length <= MIN_VOTERS || voter === undefined) return false;
    this.#cluster.trace(`${voter.host} is to be a voter no more`);
    this.#isRemoving = true;
    const { clusterId } = this.#cluster;
    const body = { clusterId, voterId: voter.id, voterDirectoryId: voter.directoryId };
    const client = this.#client;
    client.send(
      client.anyNode(),
      removeRaftVoterRequest,
      removeRaftVoterResponse,
      body,
      ANSWER_TIMEOUT_MS,
      (response) => this.#voterChanged(`${voter.host} removed`, response?.errorCode),
    );
    return true;
  }

  #voterChanged(what: string, errorCode: number | undefined): void {
    this.#cluster.trace(`${what}: ${errorCode === undefined ? 'no answer' : errorNameOf(errorCode)}`);
    if (errorCode === 0) this.voterChangeCount++;
  }

  // ---- the end ----

  /** What is not yet as it must be when everything has settled; undefined = nothing. */
  get unsettled(): string | undefined {
    const voters = new Set<string>();
    const offsets = this.#cluster.nodes.map(({ server }) => server?.internals.loader.lastAppliedOffset ?? -1);
    if (new Set(offsets).size > 1) return `the nodes know the metadata up to ${offsets}`;
    for (const { server, host } of this.#cluster.nodes) {
      if (server === undefined) return `${host} is down`;
      voters.add(server.internals.raft.status.voters.map(({ id }) => id).join());
    }
    if (voters.size > 1) return `the nodes know different voters: ${[...voters].join(' ; ')}`;
    const assigned = newestPartitions(this.#cluster);
    const moving = assigned.find(
      ({ addingReplicas, removingReplicas }) => addingReplicas.length + removingReplicas.length > 0,
    );
    return moving === undefined ? undefined : 'a reassignment goes on';
  }

  /** Checks that what was promised is so on every node. Throws. */
  checkSettled(): void {
    for (const { host, id, server } of this.#cluster.nodes) {
      if (server === undefined) throw new Error(`${host} is down`);
      const { loader, replicaManager } = server.internals;
      for (const { name, topicId, isDoomed, isGone } of this.#topics) {
        const isKnown = loader.image.topicById(topicId) !== undefined;
        if (!isDoomed && !isKnown) throw new Error(`the topic ${name} was created and is not known to ${host}`);
        if (isGone && isKnown) throw new Error(`the topic ${name} was deleted and is known to ${host}`);
      }
      for (const partition of replicaManager.partitions()) {
        const registration = loader.image.topicById(partition.topicId)?.partitions[partition.partition];
        if (registration?.replicas.includes(id) !== true)
          throw new Error(`${host} holds ${partition}, which is not its`);
      }
    }
  }
}
