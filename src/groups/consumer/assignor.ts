import type { Uuid } from '../../base/uuid.ts';
import type { TopicPartitions } from './consumer-member.ts';
import { assignRange } from './range-assignor.ts';
import { assignUniform } from './uniform-assignor.ts';

/** What an assignor knows of a member. */
export interface MemberSpec {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly subscribedTopicIds: ReadonlySet<Uuid>;
  /** What it was to have so far. */
  readonly current: TopicPartitions;
}

/** The partitions that each member is to have; every partition of a topic that somebody wants goes to one of them. */
export type Assignor = (
  members: readonly MemberSpec[],
  partitionCount: (topicId: Uuid) => number,
) => Map<string, Map<Uuid, Set<number>>>;

/** By the names that members ask for; the first is the default. */
export const ASSIGNORS: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', assignUniform],
  ['range', assignRange],
]);

export const DEFAULT_ASSIGNOR = 'uniform';
