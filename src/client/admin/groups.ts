import type { KafkaClient } from '../client.ts';
import type { CallOptions, Node, Results, TopicPartition } from '../types.ts';

export interface GroupListing {
  readonly groupId: string;
  readonly protocolType: string;
  /** Kafka's name, e.g. `Stable`; '' when the broker did not say. */
  readonly groupState: string;
  /** `classic`, `consumer`, `share`, `streams`; '' when the broker did not say. */
  readonly groupType: string;
}

export interface ListedGroups {
  readonly groups: readonly GroupListing[];
  /** Of brokers that could not be asked. */
  readonly errors: readonly Error[];
}

/** Groups of all brokers. The filters are Kafka's names of states and types. */
export declare function listGroups(
  client: KafkaClient,
  options?: CallOptions & {
    readonly states?: readonly string[];
    readonly types?: readonly string[];
    readonly protocolTypes?: readonly string[];
  },
): Promise<ListedGroups>;

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

/** Consumer groups of both protocols: asks ConsumerGroupDescribe first and DescribeGroups for those that are classic. */
export declare function describeConsumerGroups(
  client: KafkaClient,
  groupIds: readonly string[],
  options?: DescribeOptions,
): Promise<Results<string, GroupDescription>>;

/** Groups of the classic protocol, whatever their protocol type. */
export declare function describeClassicGroups(
  client: KafkaClient,
  groupIds: readonly string[],
  options?: DescribeOptions,
): Promise<Results<string, GroupDescription>>;

export declare function describeShareGroups(
  client: KafkaClient,
  groupIds: readonly string[],
  options?: DescribeOptions,
): Promise<Results<string, GroupDescription>>;

/** Deletes groups of any type. */
export declare function deleteGroups(
  client: KafkaClient,
  groupIds: readonly string[],
  options?: CallOptions & { readonly callName?: 'deleteConsumerGroups' | 'deleteShareGroups' },
): Promise<Results<string, undefined>>;

/** Removes members by instance id, or all members when `instanceIds` is undefined. Throws on a failure of the group. */
export declare function removeMembersFromConsumerGroup(
  client: KafkaClient,
  groupId: string,
  instanceIds?: readonly string[] | undefined,
  options?: CallOptions & { readonly reason?: string },
): Promise<Results<string, undefined>>;
