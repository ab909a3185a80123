import { JavaException } from './java-errors.ts';
import { javaRegex } from './java-regex.ts';

/** Topics that Kafka itself uses. */
const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
]);

/** Whether Kafka uses the topic itself. */
export function isInternalTopic(topic: string): boolean {
  return INTERNAL_TOPICS.has(topic);
}

/** Which topics a `--topic` pattern means: a regular expression over the whole name, with commas for "or". */
export class TopicFilter {
  /** The pattern after Kafka's clean-up. */
  readonly regex: string;
  readonly #expression: RegExp;

  /** Throws {@link JavaException} with Kafka's text when the pattern is no regular expression. */
  constructor(pattern: string) {
    this.regex = pattern
      .trim()
      .replaceAll(',', '|')
      .replaceAll(' ', '')
      .replace(/^["']+/, '')
      .replace(/["']+$/, '');
    try {
      this.#expression = javaRegex(this.regex);
    } catch {
      throw new JavaException('java.lang.RuntimeException', `${pattern} is an invalid regex.`);
    }
  }

  /** Whether the whole name matches; internal topics do not when they are excluded. */
  allows(topic: string, excludeInternal: boolean): boolean {
    return this.#expression.test(topic) && !(excludeInternal && isInternalTopic(topic));
  }
}
