import type { ShardContext } from '../shard-context.ts';

/** What holds for one consumer group. */
export interface ConsumerGroupSettings {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** The shortest time between two target assignments. */
  readonly assignmentIntervalMs: number;
}

/**
 * The configs of the group, else those of the broker. As in Kafka a group's values are kept within the broker's bounds,
 * which may be others than when they were set.
 */
export function settingsOf({ config, metadata }: ShardContext, groupId: string): ConsumerGroupSettings {
  const configs = metadata.groupConfigs(groupId);
  const value = (name: string, fallback: number, { min, max }: { min: number; max: number }): number => {
    const text = configs.get(name);
    return text === undefined ? fallback : Math.min(max, Math.max(min, Number(text)));
  };
  const { consumerSessionTimeoutMs, consumerHeartbeatIntervalMs, consumerAssignmentIntervalMs } = config;
  return {
    sessionTimeoutMs: value(
      'consumer.session.timeout.ms',
      consumerSessionTimeoutMs,
      config.consumerSessionTimeoutBoundsMs,
    ),
    heartbeatIntervalMs: value(
      'consumer.heartbeat.interval.ms',
      consumerHeartbeatIntervalMs,
      config.consumerHeartbeatIntervalBoundsMs,
    ),
    assignmentIntervalMs: value(
      'consumer.assignment.interval.ms',
      consumerAssignmentIntervalMs,
      config.consumerAssignmentIntervalBoundsMs,
    ),
  };
}
