import type { KafkaError } from '../../src/base/kafka-error.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { buildCoordinatorBatch } from '../../src/groups/coordinator-batch.ts';
import { defaultGroupCoordinatorConfig, type GroupCoordinatorConfig } from '../../src/groups/group-config.ts';
import { GroupCoordinator } from '../../src/groups/group-coordinator.ts';
import type { CoordinatorRecord, GroupMetadataView, TransactionProducer } from '../../src/groups/types.ts';
import { offsetCommitRequest, offsetCommitResponse } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from '../../src/protocol/messages/09-offset-fetch.ts';
import { joinGroupRequest, joinGroupResponse } from '../../src/protocol/messages/11-join-group.ts';
import { heartbeatRequest, heartbeatResponse } from '../../src/protocol/messages/12-heartbeat.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../src/protocol/messages/13-leave-group.ts';
import { syncGroupRequest, syncGroupResponse } from '../../src/protocol/messages/14-sync-group.ts';
import { describeGroupsRequest, describeGroupsResponse } from '../../src/protocol/messages/15-describe-groups.ts';
import { listGroupsRequest, listGroupsResponse } from '../../src/protocol/messages/16-list-groups.ts';
import { deleteGroupsRequest, deleteGroupsResponse } from '../../src/protocol/messages/42-delete-groups.ts';
import { offsetDeleteRequest, offsetDeleteResponse } from '../../src/protocol/messages/47-offset-delete.ts';
import {
  consumerGroupHeartbeatRequest,
  consumerGroupHeartbeatResponse,
} from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import {
  consumerGroupDescribeRequest,
  consumerGroupDescribeResponse,
} from '../../src/protocol/messages/69-consumer-group-describe.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../../src/protocol/schema.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { ManualClock } from './manual-clock.ts';

/** An answer that may still be on its way. */
export interface Pending<R> {
  /** Undefined until it is there. */
  readonly response: R | undefined;
  /** The answer; throws while there is none. */
  now(): R;
}

export interface LoggedBatch {
  readonly partition: number;
  readonly baseOffset: number;
  readonly records: readonly CoordinatorRecord[];
  readonly transaction: TransactionProducer | undefined;
}

interface ClientOptions {
  readonly clientId?: string;
}

interface Uncommitted {
  readonly onCommitted: (error?: KafkaError) => void;
}

interface Topic {
  readonly id: string;
  readonly partitions: number;
  /** Of every partition's replicas. */
  readonly racks?: readonly string[];
}

/** Topics that count how often they change, as the broker's metadata does. */
class Topics extends Map<string, Topic> {
  changes = 0;

  override set(name: string, topic: Topic): this {
    this.changes++;
    return super.set(name, topic);
  }

  override delete(name: string): boolean {
    this.changes++;
    return super.delete(name);
  }
}

const TOPIC_IDS: ReadonlyMap<string, Topic> = new Map([
  ['orders', { id: `${'o'.repeat(21)}A`, partitions: 4 }],
  ['payments', { id: `${'p'.repeat(21)}A`, partitions: 2 }],
]);

/** A coordinator on a manual clock with a log in memory, spoken to in the bytes of any version. */
export class GroupHarness {
  readonly clock = new ManualClock();
  readonly log: LoggedBatch[] = [];
  readonly topics = new Topics();
  /** Configs by group id. */
  readonly groupConfigs = new Map<string, ReadonlyMap<string, string>>();
  readonly coordinator: GroupCoordinator;
  /** False: appended records stay uncommitted until {@link commit}. */
  commitsAtOnce = true;
  /** What the log throws instead of appending. */
  appendError: KafkaError | undefined;
  readonly #uncommitted: Uncommitted[] = [];
  readonly #nextOffsets = new Map<number, number>();

  constructor(config: Partial<GroupCoordinatorConfig> = {}, seed = 1) {
    const { clock, topics, groupConfigs } = this;
    for (const [name, topic] of TOPIC_IDS) topics.set(name, topic);
    const metadata: GroupMetadataView = {
      topicId: (name) => topics.get(name)?.id,
      topicName: (id) => [...topics].find(([, topic]) => topic.id === id)?.[0],
      partitionCount: (name) => topics.get(name)?.partitions ?? 0,
      topicNames: () => topics.keys(),
      partitionRacks: (name) => topics.get(name)?.racks ?? [],
      groupConfigs: (groupId) => groupConfigs.get(groupId) ?? new Map(),
      get version() {
        return topics.changes;
      },
      get newTopicsVersion() {
        return topics.changes;
      },
      get topicChanges() {
        return topics.changes;
      },
    };
    this.coordinator = new GroupCoordinator({
      clock,
      random: seededRandom(seed),
      logger: silentLogger,
      config: { ...defaultGroupCoordinatorConfig, offsetsTopicNumPartitions: 3, ...config },
      metadata,
      append: (partition, records, onCommitted, transaction) => {
        if (this.appendError !== undefined) throw this.appendError;
        const baseOffset = this.#nextOffsets.get(partition) ?? 0;
        this.#nextOffsets.set(partition, baseOffset + records.length);
        this.log.push({ partition, baseOffset, records, transaction });
        if (this.commitsAtOnce) onCommitted();
        else this.#uncommitted.push({ onCommitted });
        return baseOffset;
      },
    });
  }

  /** Loads all partitions from `log`, which may be another harness's. */
  load(log: readonly LoggedBatch[] = this.log): this {
    for (let partition = 0; partition < 3; partition++) {
      const loader = this.coordinator.onElection(partition, 1);
      for (const batch of log.filter((each) => each.partition === partition)) {
        const bytes = buildCoordinatorBatch(batch.records, this.clock.nowMs(), batch.transaction);
        bytes.writeBigInt64BE(BigInt(batch.baseOffset), 0);
        loader.replayBatches(bytes);
        this.#nextOffsets.set(partition, batch.baseOffset + batch.records.length);
      }
      loader.finish();
    }
    return this;
  }

  /** Commits all that is appended, or fails it. */
  commit(error?: KafkaError): void {
    for (const { onCommitted } of this.#uncommitted.splice(0)) onCommitted(error);
  }

  join = this.#call(joinGroupRequest, joinGroupResponse, (c) => c.joinGroup.bind(c));
  sync = this.#call(syncGroupRequest, syncGroupResponse, (c) => c.syncGroup.bind(c));
  heartbeat = this.#call(heartbeatRequest, heartbeatResponse, (c) => c.heartbeat.bind(c));
  leave = this.#call(leaveGroupRequest, leaveGroupResponse, (c) => c.leaveGroup.bind(c));
  commitOffsets = this.#call(offsetCommitRequest, offsetCommitResponse, (c) => c.commitOffsets.bind(c));
  fetchOffsets = this.#call(offsetFetchRequest, offsetFetchResponse, (c) => c.fetchOffsets.bind(c));
  deleteOffsets = this.#call(offsetDeleteRequest, offsetDeleteResponse, (c) => c.deleteOffsets.bind(c));
  describe = this.#call(describeGroupsRequest, describeGroupsResponse, (c) => c.describeGroups.bind(c));
  list = this.#call(listGroupsRequest, listGroupsResponse, (c) => c.listGroups.bind(c));
  deleteGroups = this.#call(deleteGroupsRequest, deleteGroupsResponse, (c) => c.deleteGroups.bind(c));

  consumerHeartbeat = this.#call(consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse, (c) =>
    c.consumerGroupHeartbeat.bind(c),
  );
  describeConsumer = this.#call(consumerGroupDescribeRequest, consumerGroupDescribeResponse, (c) =>
    c.consumerGroupDescribe.bind(c),
  );

  /** A function that sends a request in the bytes of a version and reads the answer from bytes. */
  #call<Q extends Fields, P extends Fields>(
    request: MessageSchema<Q>,
    response: MessageSchema<P>,
    method: (
      coordinator: GroupCoordinator,
    ) => (
      request: DecodedFields<Q>,
      context: { apiVersion: number; clientId: string; clientHost: string },
      reply: (response: InputFields<P>) => void,
    ) => void,
  ) {
    return (apiVersion: number, body: InputFields<Q>, { clientId = 'client' }: ClientOptions = {}) => {
      const decoded = throughBytes(request, apiVersion, body);
      let answer: DecodedFields<P> | undefined;
      const context = { apiVersion, clientId, clientHost: '/127.0.0.1' };
      method(this.coordinator)(decoded, context, (input) => {
        if (answer !== undefined) throw new Error('answered twice');
        answer = throughBytes(response, apiVersion, input);
      });
      const pending: Pending<DecodedFields<P>> = {
        get response() {
          return answer;
        },
        now() {
          if (answer === undefined) throw new Error(`${request.name} is not answered yet`);
          return answer;
        },
      };
      return pending;
    };
  }
}

function throughBytes<F extends Fields>(schema: MessageSchema<F>, version: number, value: InputFields<F>) {
  const writer = new Writer();
  schema.encode(writer, version, value);
  return schema.decode(new Reader(writer.finishWhole()), version);
}
