import type { Uuid } from '../../base/uuid.ts';
import type { TopicPartitions } from './consumer-member.ts';
import { assignRange } from './range-assignor.ts';
import { assignUniform } from './uniform-assignor.ts';

/** What an assignor knows of a member. */
export interface MemberSpec {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Of topics that exist. */
  readonly subscribedTopicIds: ReadonlySet<Uuid>;
  /** What it was to have so far. */
  readonly current: TopicPartitions;
}

/** What an assignor knows of a group. */
export interface GroupSpec {
  /** In the order in which Kafka's assignors go through them. */
  readonly members: readonly MemberSpec[];
  /** Whether all members subscribe to the same topics. */
  readonly isHomogeneous: boolean;
  partitionCount(topicId: Uuid): number;
  /** Whether somebody was to have the partition so far. */
  isAssigned(topicId: Uuid, partition: number): boolean;
}

/** By member id; a member that is not in it gets nothing. */
export type GroupAssignment = ReadonlyMap<string, TopicPartitions>;

/** Says which partitions each member is to have. */
export type Assignor = (group: GroupSpec) => GroupAssignment;

/** The assignors of Kafka, by the names that members ask for. */
export const ASSIGNORS: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', assignUniform],
  ['range', assignRange],
]);

const CLASS_NAMES: ReadonlyMap<string, string> = new Map([
  ['org.apache.kafka.coordinator.group.assignor.UniformAssignor', 'uniform'],
  ['org.apache.kafka.coordinator.group.assignor.RangeAssignor', 'range'],
]);

/**
 * The names of the assignors that a broker offers, from group.consumer.assignors: names, or the classes that they stand
 * for; the first is the default. Throws RangeError for a class of somebody's own.
 */
export function assignorNames(configured: readonly string[]): string[] {
  return configured.map((each) => {
    const name = CLASS_NAMES.get(each) ?? each;
    if (ASSIGNORS.has(name)) return name;
    throw new RangeError(`group.consumer.assignors can name uniform and range, received ${JSON.stringify(each)}`);
  });
}
