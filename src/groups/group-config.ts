interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Whether groups may change the protocol while they have members. */
export interface MigrationPolicy {
  /** From classic to consumer. */
  readonly canUpgrade: boolean;
  /** From consumer to classic. */
  readonly canDowngrade: boolean;
}

/** By the values of group.consumer.migration.policy. */
export const MIGRATION_POLICIES: ReadonlyMap<string, MigrationPolicy> = new Map([
  ['disabled', { canUpgrade: false, canDowngrade: false }],
  ['upgrade', { canUpgrade: true, canDowngrade: false }],
  ['downgrade', { canUpgrade: false, canDowngrade: true }],
  ['bidirectional', { canUpgrade: true, canDowngrade: true }],
]);

/** The broker configurations that the group coordinator reads, under Kafka's names without dots. */
export interface GroupCoordinatorConfig {
  /** group.min.session.timeout.ms */
  readonly groupMinSessionTimeoutMs: number;
  /** group.max.session.timeout.ms */
  readonly groupMaxSessionTimeoutMs: number;
  /** group.initial.rebalance.delay.ms */
  readonly groupInitialRebalanceDelayMs: number;
  /** group.max.size: members of one classic group. */
  readonly groupMaxSize: number;
  /** offset.metadata.max.bytes; Kafka counts UTF-16 units of the string, not bytes. */
  readonly offsetMetadataMaxBytes: number;
  /** offsets.retention.minutes, in ms. */
  readonly offsetsRetentionMs: number;
  /** offsets.retention.check.interval.ms */
  readonly offsetsRetentionCheckIntervalMs: number;
  /** offsets.commit.timeout.ms: how long a write may wait for its replicas. */
  readonly offsetsCommitTimeoutMs: number;
  /** offsets.topic.num.partitions: counts while `__consumer_offsets` does not exist. */
  readonly offsetsTopicNumPartitions: number;
  /** group.consumer.session.timeout.ms */
  readonly consumerSessionTimeoutMs: number;
  /** group.consumer.heartbeat.interval.ms: what members are told. */
  readonly consumerHeartbeatIntervalMs: number;
  /** group.consumer.max.size */
  readonly consumerMaxSize: number;
  /** group.consumer.assignment.interval.ms: the shortest time between two target assignments of a group. */
  readonly consumerAssignmentIntervalMs: number;
  /** group.consumer.min/max.session.timeout.ms: bounds of what a group sets itself; likewise the next two. */
  readonly consumerSessionTimeoutBoundsMs: Bounds;
  readonly consumerHeartbeatIntervalBoundsMs: Bounds;
  readonly consumerAssignmentIntervalBoundsMs: Bounds;
  /** group.consumer.assignors: names; the first is what members get that ask for none. */
  readonly consumerAssignors: readonly string[];
  /** group.consumer.migration.policy */
  readonly consumerMigrationPolicy: MigrationPolicy;
  /** group.consumer.regex.refresh.interval.ms: after it, patterns are resolved anew though no topic was created. */
  readonly consumerRegexRefreshIntervalMs: number;
}

/** Kafka's defaults. */
export const defaultGroupCoordinatorConfig: GroupCoordinatorConfig = {
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupInitialRebalanceDelayMs: 3_000,
  groupMaxSize: 0x7fffffff,
  offsetMetadataMaxBytes: 4096,
  offsetsRetentionMs: 7 * 24 * 60 * 60 * 1000,
  offsetsRetentionCheckIntervalMs: 600_000,
  offsetsCommitTimeoutMs: 5_000,
  offsetsTopicNumPartitions: 50,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5_000,
  consumerMaxSize: 0x7fffffff,
  consumerAssignmentIntervalMs: 1_000,
  consumerSessionTimeoutBoundsMs: { min: 45_000, max: 60_000 },
  consumerHeartbeatIntervalBoundsMs: { min: 5_000, max: 15_000 },
  consumerAssignmentIntervalBoundsMs: { min: 0, max: 15_000 },
  consumerAssignors: ['uniform', 'range'],
  consumerMigrationPolicy: { canUpgrade: true, canDowngrade: true },
  consumerRegexRefreshIntervalMs: 600_000,
};
