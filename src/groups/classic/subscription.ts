import { consumerProtocolSubscription } from '../../protocol/consumer-protocol.ts';
import { Reader } from '../../protocol/reader.ts';
import type { ClassicGroup } from './classic-group.ts';

/** The protocol type of groups of consumers. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

/**
 * The topics that the members of a group of consumers subscribed to, or null when they cannot be known: another protocol
 * type, no protocol, or data that is no subscription. Version 0 is a prefix of all versions, so it is enough.
 */
export function subscribedTopicsOf(group: ClassicGroup): ReadonlySet<string> | null {
  if (group.protocolType !== CONSUMER_PROTOCOL_TYPE) return null;
  if (group.members.size === 0) return new Set();
  if (group.protocolName === null) return null;
  const topics = new Set<string>();
  for (const member of group.members.values()) {
    const subscribed = readTopics(member.metadata(group.protocolName));
    if (subscribed === null) return null;
    for (const topic of subscribed) topics.add(topic);
  }
  return topics;
}

function readTopics(subscription: Buffer): string[] | null {
  try {
    const reader = new Reader(subscription);
    reader.int16();
    return consumerProtocolSubscription.decode(reader, 0).topics;
  } catch {
    // Members may put anything there; a group whose subscriptions are unknown just never expires offsets early.
    return null;
  }
}
