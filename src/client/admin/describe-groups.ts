import { KafkaError } from '../../base/kafka-error.ts';
import { consumerProtocolAssignment } from '../../protocol/consumer-protocol.ts';
import {
  type DescribeGroupsResponse,
  describeGroupsRequest,
  describeGroupsResponse,
} from '../../protocol/messages/15-describe-groups.ts';
import {
  type ConsumerGroupDescribeResponse,
  consumerGroupDescribeRequest,
  consumerGroupDescribeResponse,
} from '../../protocol/messages/69-consumer-group-describe.ts';
import {
  shareGroupDescribeRequest,
  shareGroupDescribeResponse,
} from '../../protocol/messages/77-share-group-describe.ts';
import { Reader } from '../../protocol/reader.ts';
import type { KafkaClient } from '../client.ts';
import type { Connection } from '../connection.ts';
import { errorOf } from '../errors.ts';
import { keyedCall } from '../keyed-call.ts';
import { CoordinatorType, lookUpCoordinators } from '../lookups.ts';
import type { CallOptions, Node, Results, TopicPartition } from '../types.ts';

export interface GroupMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly host: string;
  readonly assignment: readonly TopicPartition[];
  /** Of consumer groups (KIP-848) while a member moves to another assignment. */
  readonly targetAssignment: readonly TopicPartition[] | undefined;
  /** -1 when the group type has none. */
  readonly memberEpoch: number;
  /** Of a consumer group's member: whether it uses the consumer protocol; undefined when not known. */
  readonly upgraded: boolean | undefined;
}

export interface GroupDescription {
  readonly groupId: string;
  readonly groupType: 'classic' | 'consumer' | 'share';
  /** Kafka's name, e.g. `Stable`. */
  readonly state: string;
  readonly protocolType: string;
  readonly isSimpleConsumerGroup: boolean;
  readonly partitionAssignor: string;
  readonly coordinator: Node;
  readonly members: readonly GroupMember[];
  readonly groupEpoch: number | undefined;
  readonly targetAssignmentEpoch: number | undefined;
  readonly authorizedOperations: number | undefined;
}

type DescribeOptions = CallOptions & { readonly includeAuthorizedOperations?: boolean };
type Descriptions = Results<string, GroupDescription>;
type Attempt = (connection: Connection, groupIds: readonly string[], timeoutMs: number) => Promise<Descriptions>;

const NOT_ASKED_FOR = -0x80000000;

function describeBy(
  client: KafkaClient,
  name: string,
  api: string,
  groupIds: readonly string[],
  options: DescribeOptions,
  attempt: Attempt,
): Promise<Descriptions> {
  return keyedCall<string, GroupDescription>(client, {
    name,
    api,
    lookupApi: 'FIND_COORDINATOR',
    keys: new Map(groupIds.map((groupId) => [groupId, groupId])),
    timeoutMs: options.timeoutMs,
    lookup: lookUpCoordinators(CoordinatorType.GROUP),
    attempt: (connection, mine, timeoutMs) => attempt(connection, [...mine.keys()], timeoutMs),
  });
}

/** Consumer groups of both protocols: asks ConsumerGroupDescribe first and DescribeGroups for those that are classic. */
export function describeConsumerGroups(
  client: KafkaClient,
  groupIds: readonly string[],
  options: DescribeOptions = {},
): Promise<Descriptions> {
  const classic = new Set<string>();
  return describeBy(client, 'describeConsumerGroups', 'CONSUMER_GROUP_DESCRIBE', groupIds, options, async (...args) => {
    const [connection, mine, timeoutMs] = args;
    const canAsk = connection.versions.supports(consumerGroupDescribeRequest.apiKey);
    const modern = canAsk ? mine.filter((groupId) => !classic.has(groupId)) : [];
    const results: Descriptions =
      modern.length > 0 ? await describeModern(connection, modern, timeoutMs, options) : new Map();
    const isClassic = (groupId: string): boolean => {
      const result = results.get(groupId);
      return !results.has(groupId) || (result instanceof KafkaError && CLASSIC_INSTEAD.has(result.errorName));
    };
    const rest = mine.filter(isClassic);
    for (const groupId of rest) classic.add(groupId);
    if (rest.length === 0) return results;
    return new Map([...results, ...(await describeClassic(connection, rest, timeoutMs, options))]);
  });
}

const CLASSIC_INSTEAD = new Set(['GROUP_ID_NOT_FOUND', 'UNSUPPORTED_VERSION']);

/** Groups of the classic protocol, whatever their protocol type. */
export function describeClassicGroups(
  client: KafkaClient,
  groupIds: readonly string[],
  options: DescribeOptions = {},
): Promise<Descriptions> {
  const attempt: Attempt = (connection, mine, timeoutMs) => describeClassic(connection, mine, timeoutMs, options);
  return describeBy(client, 'describeClassicGroups', 'DESCRIBE_GROUPS', groupIds, options, attempt);
}

async function describeClassic(
  connection: Connection,
  groups: readonly string[],
  timeoutMs: number,
  options: DescribeOptions,
): Promise<Descriptions> {
  const body = {
    groups,
    ...(options.includeAuthorizedOperations === true ? { includeAuthorizedOperations: true } : {}),
  };
  const response = await connection.send(describeGroupsRequest, describeGroupsResponse, body, { timeoutMs });
  const results: Descriptions = new Map();
  for (const group of response.groups) {
    const error = errorOf(group.errorCode, group.errorMessage);
    results.set(group.groupId, error ?? classicDescription(group, connection.node));
  }
  return results;
}

function classicDescription(group: DescribeGroupsResponse['groups'][number], coordinator: Node): GroupDescription {
  const isConsumer = group.protocolType === 'consumer' || group.protocolType === '';
  return {
    groupId: group.groupId,
    groupType: 'classic',
    state: group.groupState,
    protocolType: group.protocolType,
    isSimpleConsumerGroup: group.protocolType === '',
    partitionAssignor: group.protocolData,
    coordinator,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      rackId: null,
      clientId: member.clientId,
      host: member.clientHost,
      assignment: isConsumer ? decodeAssignment(member.memberAssignment) : [],
      targetAssignment: undefined,
      memberEpoch: -1,
      upgraded: undefined,
    })),
    groupEpoch: undefined,
    targetAssignmentEpoch: undefined,
    authorizedOperations: operationsOf(group.authorizedOperations),
  };
}

/** Partitions in the bytes that the leader of a classic group gave a member; none when the bytes are empty. */
export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  if (assignment.length < 2) return [];
  const reader = new Reader(assignment);
  const version = Math.min(reader.int16(), consumerProtocolAssignment.versions.max);
  const { assignedPartitions } = consumerProtocolAssignment.decode(reader, Math.max(version, 0));
  return assignedPartitions.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}

function operationsOf(bits: number): number | undefined {
  return bits === NOT_ASKED_FOR ? undefined : bits;
}

type Assigned = ConsumerGroupDescribeResponse['groups'][number]['members'][number]['assignment'];

function partitionsOf(assignment: Pick<Assigned, 'topicPartitions'>): TopicPartition[] {
  return assignment.topicPartitions.flatMap(({ topicName, partitions }) =>
    partitions.map((partition) => ({ topic: topicName, partition })),
  );
}

async function describeModern(
  connection: Connection,
  groupIds: readonly string[],
  timeoutMs: number,
  options: DescribeOptions,
): Promise<Descriptions> {
  const response = await connection.send(
    consumerGroupDescribeRequest,
    consumerGroupDescribeResponse,
    { groupIds, includeAuthorizedOperations: options.includeAuthorizedOperations ?? false },
    { timeoutMs },
  );
  const results: Descriptions = new Map();
  for (const group of response.groups) {
    const error = errorOf(group.errorCode, group.errorMessage);
    results.set(group.groupId, error ?? modernDescription(group, connection.node));
  }
  return results;
}

function modernDescription(
  group: ConsumerGroupDescribeResponse['groups'][number],
  coordinator: Node,
): GroupDescription {
  return {
    groupId: group.groupId,
    groupType: 'consumer',
    state: group.groupState,
    protocolType: 'consumer',
    isSimpleConsumerGroup: false,
    partitionAssignor: group.assignorName,
    coordinator,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      host: member.clientHost,
      assignment: partitionsOf(member.assignment),
      targetAssignment: partitionsOf(member.targetAssignment),
      memberEpoch: member.memberEpoch,
      upgraded: member.memberType === -1 ? undefined : member.memberType === 1,
    })),
    groupEpoch: group.groupEpoch,
    targetAssignmentEpoch: group.assignmentEpoch,
    authorizedOperations: operationsOf(group.authorizedOperations),
  };
}

/** Share groups (KIP-932). */
export function describeShareGroups(
  client: KafkaClient,
  groupIds: readonly string[],
  options: DescribeOptions = {},
): Promise<Descriptions> {
  return describeBy(client, 'describeShareGroups', 'SHARE_GROUP_DESCRIBE', groupIds, options, async (...args) => {
    const [connection, mine, timeoutMs] = args;
    const body = { groupIds: mine, includeAuthorizedOperations: options.includeAuthorizedOperations ?? false };
    const response = await connection.send(shareGroupDescribeRequest, shareGroupDescribeResponse, body, { timeoutMs });
    const results: Descriptions = new Map();
    for (const group of response.groups) {
      const error = errorOf(group.errorCode, group.errorMessage);
      const members = group.members.map((member) => ({
        ...member,
        instanceId: null,
        memberType: -1,
        subscribedTopicRegex: null,
        targetAssignment: { topicPartitions: [] },
      }));
      results.set(
        group.groupId,
        error ?? {
          ...modernDescription({ ...group, members }, connection.node),
          groupType: 'share',
          protocolType: 'share',
        },
      );
    }
    return results;
  });
}
