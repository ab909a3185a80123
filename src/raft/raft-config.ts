/** Timing and limits of the quorum and its log; names and defaults are Kafka's. */
export interface RaftConfig {
  /** controller.quorum.election.timeout.ms */
  readonly electionTimeoutMs: number;
  /** controller.quorum.fetch.timeout.ms */
  readonly fetchTimeoutMs: number;
  /** controller.quorum.election.backoff.max.ms */
  readonly electionBackoffMaxMs: number;
  /** controller.quorum.request.timeout.ms */
  readonly requestTimeoutMs: number;
  /** controller.quorum.retry.backoff.ms */
  readonly retryBackoffMs: number;
  /** controller.quorum.fetch.max.bytes */
  readonly fetchMaxBytes: number;
  /** controller.quorum.fetch.snapshot.max.bytes */
  readonly fetchSnapshotMaxBytes: number;
  /** controller.quorum.auto.join.enable */
  readonly autoJoin: boolean;
  /** How long the leader may park this node's fetches; fixed in Kafka. */
  readonly fetchMaxWaitMs: number;
  /** metadata.log.segment.bytes */
  readonly segmentBytes: number;
  /** metadata.log.segment.ms */
  readonly segmentMs: number;
  /** metadata.max.retention.bytes; -1 = no limit */
  readonly retentionMaxBytes: number;
  /** metadata.max.retention.ms; -1 = no limit */
  readonly retentionMs: number;
  /** How often old snapshots and segments are dropped; fixed in Kafka. */
  readonly cleaningIntervalMs: number;
}

/** Apache Kafka's defaults. */
export const DEFAULT_RAFT_CONFIG: RaftConfig = {
  electionTimeoutMs: 1000,
  fetchTimeoutMs: 2000,
  electionBackoffMaxMs: 1000,
  requestTimeoutMs: 2000,
  retryBackoffMs: 20,
  fetchMaxBytes: 1024 * 1024,
  fetchSnapshotMaxBytes: 1024 * 1024,
  autoJoin: false,
  fetchMaxWaitMs: 500,
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3_600_000,
  retentionMaxBytes: 100 * 1024 * 1024,
  retentionMs: 7 * 24 * 3_600_000,
  cleaningIntervalMs: 60_000,
};

const OPTION_OF: Readonly<Partial<Record<keyof RaftConfig, string>>> = {
  electionTimeoutMs: 'controller.quorum.election.timeout.ms',
  fetchTimeoutMs: 'controller.quorum.fetch.timeout.ms',
  electionBackoffMaxMs: 'controller.quorum.election.backoff.max.ms',
  requestTimeoutMs: 'controller.quorum.request.timeout.ms',
  retryBackoffMs: 'controller.quorum.retry.backoff.ms',
  fetchMaxBytes: 'controller.quorum.fetch.max.bytes',
  fetchSnapshotMaxBytes: 'controller.quorum.fetch.snapshot.max.bytes',
  autoJoin: 'controller.quorum.auto.join.enable',
  segmentBytes: 'metadata.log.segment.bytes',
  segmentMs: 'metadata.log.segment.ms',
  retentionMaxBytes: 'metadata.max.retention.bytes',
  retentionMs: 'metadata.max.retention.ms',
};

/** The RaftConfig of broker options by their Kafka names; what is not among them has its default. */
export function raftConfigFrom(options: ReadonlyMap<string, string>): RaftConfig {
  const given: [string, number | boolean][] = [];
  for (const [name, option] of Object.entries(OPTION_OF)) {
    const text = options.get(option)?.trim();
    if (text === undefined) continue;
    given.push([name, name === 'autoJoin' ? text.toLowerCase() === 'true' : parseNumber(option, text)]);
  }
  return { ...DEFAULT_RAFT_CONFIG, ...Object.fromEntries(given) };
}

function parseNumber(option: string, text: string): number {
  const value = text === '9223372036854775807' ? Number.POSITIVE_INFINITY : Number(text);
  if (Number.isNaN(value)) throw new RangeError(`${option} must be a number, received ${JSON.stringify(text)}`);
  return value;
}
