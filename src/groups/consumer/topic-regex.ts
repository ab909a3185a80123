import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { KafkaError } from '../../base/kafka-error.ts';

type Re2js = typeof import('re2js');

let loaded: Re2js | undefined;

// Loaded when first needed: it costs about 10 ms, and most brokers never see a pattern.
function library(): Re2js {
  loaded ??= createRequire(import.meta.url)('re2js') as Re2js;
  return loaded;
}

/** The longest pattern that a member may subscribe with; matching takes time in proportion to it. */
const MAX_REGEX_LENGTH = 4096;

/**
 * The pattern of a subscription, in RE2's syntax as in Kafka: it is matched in time linear in the name. Throws KafkaError
 * INVALID_REGULAR_EXPRESSION when it is none.
 */
export function compileTopicRegex(regex: string): RE2JS {
  const { RE2JS, RE2JSSyntaxException } = library();
  try {
    if (regex.length > MAX_REGEX_LENGTH) throw new RE2JSSyntaxException('expression is too long');
    return RE2JS.compile(regex);
  } catch (error) {
    // The description without the part of the pattern that it speaks of, as Kafka tells it.
    const description = error instanceof RE2JSSyntaxException ? error.error : String(error);
    throw new KafkaError(
      'INVALID_REGULAR_EXPRESSION',
      `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${description}.`,
    );
  }
}

/** The names that match as a whole, sorted. */
export function matchingTopics(regex: string, topicNames: Iterable<string>): string[] {
  const pattern = compileTopicRegex(regex);
  const matching: string[] = [];
  for (const name of topicNames) if (pattern.matches(name)) matching.push(name);
  return matching.sort();
}
