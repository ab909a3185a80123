/** Subscriptions by pattern: when patterns are resolved to topics, and which records that makes. */
import type { ShardContext } from '../shard-context.ts';
import type { CoordinatorRecord } from '../types.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerGroupMember } from './consumer-member.ts';
import { newRegularExpressionRecord, newRegularExpressionTombstone } from './consumer-records.ts';
import { compileTopicRegex, matchingTopics } from './topic-regex.ts';

/** The shortest time between two looks at all topics for a group; Kafka has it as a constant. */
const REFRESH_INTERVAL_MS = 10_000;

export interface RegexUpdate {
  /** Whether the topics that members get by patterns changed. */
  readonly hasChanged: boolean;
  topicsOf(member: ConsumerGroupMember): ReadonlySet<string>;
}

/**
 * Resolves the patterns of a group: a new one at once, all of them now and then. Throws INVALID_REGULAR_EXPRESSION for a
 * new pattern that is none.
 *
 * @param members the members as they will be
 */
export function updateRegularExpressions(
  ctx: ShardContext,
  group: ConsumerGroup,
  member: ConsumerGroupMember,
  wanted: ConsumerGroupMember,
  members: ReadonlyMap<string, ConsumerGroupMember>,
  records: CoordinatorRecord[],
): RegexUpdate {
  const isChangedByMember = member.subscribedTopicRegex !== wanted.subscribedTopicRegex;
  if (isChangedByMember && wanted.subscribedTopicRegex !== '') compileTopicRegex(wanted.subscribedTopicRegex);
  const nowMs = ctx.clock.nowMs();
  const hasRegex = group.regularExpressions.size > 0 || wanted.subscribedTopicRegex !== '';
  const isDue = nowMs > group.regexCheckedAtMs + REFRESH_INTERVAL_MS;
  if (!hasRegex || !(isChangedByMember || isDue))
    return { hasChanged: false, topicsOf: (each) => group.topicsOf(each) };
  const used = new Set([...members.values()].map((each) => each.subscribedTopicRegex));
  used.delete('');
  const topics = new Map<string, readonly string[]>();
  let hasChanged = isChangedByMember;
  for (const [regex, resolved] of group.regularExpressions) {
    if (used.has(regex)) topics.set(regex, resolved.topics);
    else records.push(newRegularExpressionTombstone(group.groupId, regex));
  }
  if (isDue) group.regexCheckedAtMs = nowMs;
  for (const regex of used) {
    const resolved = topics.get(regex);
    if (resolved !== undefined && !isDue) continue;
    const matching = matchingTopics(regex, ctx.metadata.topicNames());
    if (resolved !== undefined && isSame(resolved, matching)) continue;
    records.push(
      newRegularExpressionRecord(group.groupId, regex, { topics: matching, version: 0, timestampMs: nowMs }),
    );
    topics.set(regex, matching);
    hasChanged = true;
  }
  return {
    hasChanged,
    topicsOf: (each) => new Set([...each.subscribedTopicNames, ...(topics.get(each.subscribedTopicRegex) ?? [])]),
  };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  const names = new Set(a);
  return names.size === b.length && b.every((name) => names.has(name));
}
