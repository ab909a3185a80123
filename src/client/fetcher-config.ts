import type { ConfigDefinitions, ConfigValues } from './config-parser.ts';
import { invalid } from './config-parser.ts';

/** The settings of Kafka's consumer that fetching needs, with its defaults. */
export const fetcherDefinitions = {
  'allow.auto.create.topics': { type: 'boolean', default: 'true' },
  'auto.offset.reset': { type: 'string', default: 'latest' },
  'check.crcs': { type: 'boolean', default: 'true' },
  'client.rack': { type: 'string', default: '' },
  'fetch.max.bytes': { type: 'int', default: '52428800', min: 0 },
  'fetch.max.wait.ms': { type: 'int', default: '500', min: 0 },
  'fetch.min.bytes': { type: 'int', default: '1', min: 0 },
  'isolation.level': { type: 'string', default: 'read_uncommitted', oneOf: ['read_committed', 'read_uncommitted'] },
  'max.poll.records': { type: 'int', default: '500', min: 1 },
  'max.partition.fetch.bytes': { type: 'int', default: '1048576', min: 0 },
} as const satisfies ConfigDefinitions;

/** Where to go on when there is no position, or one that the log does not have. */
export type OffsetReset = 'earliest' | 'latest' | 'none' | { readonly durationMs: number };

/** Settings of a fetcher. Times are ms, sizes bytes. */
export interface FetcherConfig {
  readonly allowAutoCreateTopics: boolean;
  readonly offsetReset: OffsetReset;
  readonly checkCrcs: boolean;
  readonly rackId: string;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly isReadCommitted: boolean;
  readonly maxPartitionBytes: number;
}

/** Reads them. Throws ClientError with Kafka's text of a ConfigException. */
export function fetcherConfig(values: ConfigValues): FetcherConfig {
  return {
    allowAutoCreateTopics: values.boolean('allow.auto.create.topics'),
    offsetReset: parseOffsetReset(values.string('auto.offset.reset')),
    checkCrcs: values.boolean('check.crcs'),
    rackId: values.string('client.rack'),
    maxBytes: values.number('fetch.max.bytes'),
    maxWaitMs: values.number('fetch.max.wait.ms'),
    minBytes: values.number('fetch.min.bytes'),
    isReadCommitted: values.string('isolation.level') === 'read_committed',
    maxPartitionBytes: values.number('max.partition.fetch.bytes'),
  };
}

const BY_DURATION = 'by_duration:';
const DAY_MS = 86_400_000;

function parseOffsetReset(text: string): OffsetReset {
  const policy = text.toLowerCase();
  if (policy === 'earliest' || policy === 'latest' || policy === 'none') return policy;
  const durationMs = policy.startsWith(BY_DURATION) ? parseDuration(text.slice(BY_DURATION.length)) : undefined;
  if (durationMs !== undefined) return { durationMs };
  const why = `Invalid value \`${text}\` for configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.`;
  throw invalid('auto.offset.reset', text, why);
}

/** An ISO 8601 duration such as `P1DT2H30M` in ms; undefined when the text is none or negative. */
export function parseDuration(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i.exec(text);
  if (match === null || text.length < 3) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * DAY_MS + (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000 + (seconds ?? 0) * 1000;
}
