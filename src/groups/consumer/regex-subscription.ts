/** Subscriptions by pattern: when patterns are resolved to topics, and which records that makes. */
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerGroupMember } from './consumer-member.ts';
import {
  newGroupEpochRecord,
  newRegularExpressionRecord,
  newRegularExpressionTombstone,
  type ResolvedRegularExpression,
} from './consumer-records.ts';
import { compileTopicRegex, matchingTopics } from './topic-regex.ts';

/** The shortest time between two looks at all topics for a group; Kafka has it as a constant. */
const MIN_REFRESH_INTERVAL_MS = 10_000;

export interface RegexUpdate {
  /** Whether the member brought another pattern. */
  readonly isUpdated: boolean;
  /** Whether, besides, the topics of the new one are known: then the assignment can follow at once. */
  readonly isResolved: boolean;
  /** The patterns to resolve once this operation is over; undefined when that can wait. */
  readonly toResolve: readonly string[] | undefined;
}

/**
 * Decides what a member's pattern means for its group. Throws INVALID_REGULAR_EXPRESSION for a new pattern that is none.
 * Looking at all topics takes time, so as in Kafka nobody waits for it: {@link scheduleResolution} does it afterwards.
 */
export function updateRegularExpressions(
  ctx: ShardContext,
  group: ConsumerGroup,
  member: ConsumerGroupMember,
  wanted: ConsumerGroupMember,
  records: CoordinatorRecord[],
): RegexUpdate {
  const [before, after] = [member.subscribedTopicRegex, wanted.subscribedTopicRegex];
  const isUpdated = before !== after;
  let isResolved = false;
  let isNew = false;
  if (isUpdated) {
    if (before !== '' && group.countMembersWithRegex(before) === 1) {
      records.push(newRegularExpressionTombstone(group.groupId, before));
    }
    isNew = after !== '' && group.countMembersWithRegex(after) === 0;
    if (isNew) compileTopicRegex(after);
    else isResolved = after === '' || group.regularExpressions.has(after);
  }
  return { isUpdated, isResolved, toResolve: regexesToResolve(ctx, group, before, after, isNew) };
}

function regexesToResolve(
  ctx: ShardContext,
  group: ConsumerGroup,
  before: string,
  after: string,
  isNew: boolean,
): readonly string[] | undefined {
  const counts = new Map<string, number>();
  const count = (regex: string, change: number): void => {
    if (regex !== '') counts.set(regex, (counts.get(regex) ?? 0) + change);
  };
  for (const { subscribedTopicRegex } of group.members.values()) count(subscribedTopicRegex, 1);
  if (!isNew && counts.size === 0) return undefined;
  if (group.regexTimer.isSet) return undefined;
  const nowMs = ctx.clock.nowMs();
  const last: ResolvedRegularExpression | undefined = group.regularExpressions.values().next().value;
  const lastMs = last?.timestampMs ?? Number.NEGATIVE_INFINITY;
  if (nowMs <= lastMs + MIN_REFRESH_INTERVAL_MS) return undefined;
  count(before, -1);
  count(after, 1);
  const used = [...counts].flatMap(([regex, members]) => (members > 0 ? [regex] : []));
  const isDue =
    isNew ||
    used.length !== group.regularExpressions.size ||
    (last?.version ?? 0) < ctx.metadata.newTopicsVersion ||
    nowMs > lastMs + ctx.config.consumerRegexRefreshIntervalMs;
  return isDue && used.length > 0 ? used : undefined;
}

/** Resolves patterns of a group in a turn of its own; the group's epoch moves on when their topics are others now. */
export function scheduleResolution(ctx: ShardContext, group: ConsumerGroup, regexes: readonly string[]): void {
  group.regexTimer.set(ctx.timers, 0, () => {
    if (ctx.groups.get(group.groupId) === group) resolve(ctx, group, regexes);
  });
}

function resolve(ctx: ShardContext, group: ConsumerGroup, regexes: readonly string[]): void {
  const { groupId } = group;
  const { metadata } = ctx;
  const timestampMs = ctx.clock.nowMs();
  const resolved = new Map<string, ResolvedRegularExpression>(group.regularExpressions);
  const records: CoordinatorRecord[] = [];
  let hasChanged = false;
  for (const regex of regexes) {
    if (group.countMembersWithRegex(regex) === 0) continue;
    const topics = matchingTopics(regex, metadata.topicNames());
    if (!isSame(group.regularExpressions.get(regex)?.topics ?? [], topics)) hasChanged = true;
    const expression = { topics, version: metadata.version, timestampMs };
    resolved.set(regex, expression);
    records.push(newRegularExpressionRecord(groupId, regex, expression));
  }
  const topics = [...group.members.values()].flatMap((member) => [
    ...member.subscribedTopicNames,
    ...(resolved.get(member.subscribedTopicRegex)?.topics ?? []),
  ]);
  const hash = ctx.topicHashes.groupHash(topics);
  if (hasChanged || hash !== group.metadataHash) {
    records.push(newGroupEpochRecord(groupId, group.groupEpoch + 1, hash));
  }
  ctx.perform({ records });
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  const names = new Set(a);
  return names.size === b.length && b.every((name) => names.has(name));
}
