import { OffsetSpec } from '../../client/admin/offsets.ts';
import { JavaException } from '../shared/java-errors.ts';
import { TopicFilter } from '../shared/topic-filter.ts';

/** A failure that is printed without a trace. */
export class TerseError extends JavaException {
  constructor(message: string) {
    super('org.apache.kafka.tools.TerseException', message);
    this.name = 'TerseError';
  }
}

const NAMED_TIMES: Readonly<Record<string, number>> = {
  latest: OffsetSpec.LATEST,
  earliest: OffsetSpec.EARLIEST,
  'max-timestamp': OffsetSpec.MAX_TIMESTAMP,
  'earliest-local': OffsetSpec.EARLIEST_LOCAL,
  'latest-tiered': OffsetSpec.LATEST_TIERED,
  'earliest-pending-upload': OffsetSpec.EARLIEST_PENDING_UPLOAD,
};

/** The timestamp that `--time` means: a special one or ms since 1970. Throws {@link TerseError}. */
export function parseTime(text: string): number {
  const named = Object.hasOwn(NAMED_TIMES, text) ? NAMED_TIMES[text] : undefined;
  if (named !== undefined) return named;
  if (/^[+-]?\d{1,18}$/.test(text)) return Number(text);
  throw new TerseError(
    `Malformed time argument ${text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / ` +
      '-4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp',
  );
}

/** Which partitions are meant. */
export interface PartitionFilter {
  allowsTopic(topic: string): boolean;
  allowsPartition(topic: string, partition: number): boolean;
}

const RULE = /^([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?$/;

function parseRule(text: string): PartitionFilter {
  const match = RULE.exec(text);
  if (match === null) {
    const terse = `org.apache.kafka.tools.TerseException: Invalid rule specification: ${text}`;
    throw new JavaException('java.lang.RuntimeException', terse);
  }
  const [, topicPattern, single, lower, upper] = match;
  const topics = new TopicFilter(topicPattern === undefined || topicPattern === '' ? '.*' : topicPattern);
  const isSingle = single !== undefined && single !== '';
  const from = isSingle ? Number(single) : Number(lower ?? 0);
  const to = isSingle ? from + 1 : upper === undefined || upper === '' ? Number.POSITIVE_INFINITY : Number(upper);
  return {
    allowsTopic: (topic) => topics.allows(topic, false),
    allowsPartition: (topic, partition) => topics.allows(topic, false) && partition >= from && partition < to,
  };
}

function parsePartitions(text: string | undefined): Set<number> | undefined {
  if (text === undefined || text === '') return undefined;
  const parts = text.split(',');
  if (!parts.every((part) => /^[+-]?\d+$/.test(part))) {
    throw new TerseError(`--partitions expects a comma separated list of numeric partition ids, but received: ${text}`);
  }
  return new Set(parts.map(Number));
}

/** The filter of `--topic-partitions`, or of `--topic` and `--partitions`. Throws JavaException with Kafka's texts. */
export function partitionFilterOf(
  topicPartitions: string | undefined,
  topic: string | undefined,
  partitions: string | undefined,
): PartitionFilter {
  if (topicPartitions !== undefined) {
    const rules = topicPartitions.split(',').map(parseRule);
    return {
      allowsTopic: (name) => rules.some((rule) => rule.allowsTopic(name)),
      allowsPartition: (name, partition) => rules.some((rule) => rule.allowsPartition(name, partition)),
    };
  }
  const ids = parsePartitions(partitions);
  const topics = new TopicFilter(topic ?? '.*');
  return {
    allowsTopic: (name) => topics.allows(name, false),
    allowsPartition: (name, partition) => topics.allows(name, false) && (ids?.has(partition) ?? true),
  };
}
